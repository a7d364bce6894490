"""What is done on an employer's page is fetched when it is opened, and works as a page of its own where there is no script."""

import pytest

from tests.browser.soundness import sound


@pytest.fixture
def employer(page, sign_in):
    """The address of one on our pipeline, whose page is open."""
    sign_in("alice@example.org")
    page.goto("/employers?engaged=mine")
    page.locator("table.data tbody td > a").first.click()
    page.wait_for_url("**/employers/*-*")
    return page.url


def opened(page, name):
    """Open what is folded away, unless it is open."""
    part = page.locator("main details", has=page.locator("summary", has_text=name)).first
    if part.get_attribute("open") is None:
        part.locator("summary").click()
    return part


def test_a_next_step_a_task_and_a_move_are_made_on_the_page(page, employer):
    step = opened(page, "Next step")
    step.get_by_label("Next step").fill("Send the summer plan")
    sound(page)
    step.get_by_role("button", name="Save next step").click()
    page.get_by_text("The next step is saved.").wait_for()

    task = opened(page, "Add task")
    task.get_by_label("What is to be done").fill("Bring the poster")
    sound(page)
    task.get_by_role("button", name="Add task").click()
    page.locator("#tasks ~ ul").get_by_text("Bring the poster").first.wait_for()

    move = opened(page, "Move to…")
    stages = move.get_by_label("Stage", exact=True)
    stages.select_option(index=1 if stages.locator("option").first.is_checked() else 0)
    sound(page)
    move.get_by_role("button", name="Move", exact=True).click()
    page.get_by_text("Moved to ").first.wait_for()
    assert page.url == employer
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("The move is undone.").wait_for()


@pytest.mark.parametrize("name", ["Plan the next step", "Add task", "Choose the stage"])
def test_each_is_a_page_of_its_own_too(page, employer, name):
    address = page.locator(f"main a:text-is('{name}')").first.get_attribute("href") if name != "Plan the next step" else None
    if address is None:  # it is open where none is planned, and the link has given way to the form
        address = page.locator("main [hx-get$='/plan']").first.get_attribute("hx-get")
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(address)
    sound(page)
    assert page.locator("main form button").count() > 0
