"""A person's page, a change of job and a second role: sound to axe, by keyboard alone, in both widths and languages."""

import os
import re

import pytest

from tests.browser.languages import reading
from tests.browser.soundness import sound


def picture(page, name):
    """Kept for whoever looks at it, where a folder is named."""
    if folder := os.environ.get("CRM_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def open_employer(page, nth=0):
    page.goto("/employers?engaged=mine")
    page.locator("table.data tbody tr").nth(nth).locator("td > a").first.click()
    page.wait_for_url(re.compile("/employers/[0-9a-f-]{36}$"))


@pytest.mark.parametrize(("width", "language"), [(360, "es"), (1280, "en"), (1280, "es"), (360, "en")])
def test_every_page_of_people_is_sound(page, sign_in, width, language):
    sign_in("alice@example.org")
    page.set_viewport_size({"width": width, "height": 800})
    with reading(page, language):
        open_employer(page, 3)
        page.locator('#people ~ ul a[href^="/contacts/"]').first.click()
        page.wait_for_url(re.compile("/contacts/[0-9a-f-]{36}$"))
        person = page.url
        left = page.locator('a[href$="/left"]').first.get_attribute("href")
        for name, path in (("person", person), ("story", f"{person}/timeline"), ("role", f"{person}/roles/new"), ("left", left), ("found", f"{left}?q=bak"),
                           ("new", f"{left}?new=yes"), ("twice", "/duplicates/people")):  # fmt: skip
            page.goto(path)
            sound(page)
            picture(page, f"{name}-{width}-{language}")
        page.goto(f"{left}?q=bak")
        page.locator("#whom-found a").first.click()
        page.wait_for_url("**/left?employer=*")
        sound(page)
        picture(page, f"elsewhere-{width}-{language}")
        page.goto(f"{person}/roles/new?q=bak")
        page.locator("#whom-found a").first.click()
        page.wait_for_url("**/roles/new?employer=*")
        sound(page)
        picture(page, f"role-there-{width}-{language}")


def test_a_change_of_job_with_the_keyboard_alone_and_back(page, sign_in):
    """Changed jobs, a few letters, Enter, the role, Enter; both employers show it; Undo."""
    sign_in("alice@example.org")
    open_employer(page, 4)
    old = page.url
    row = page.locator("#people ~ ul > li").first
    person = row.locator("strong a").inner_text()
    row.get_by_role("link", name="Changed jobs").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/left")
    page.get_by_label("Find the employer by name or town").focus()
    page.keyboard.type("baker")
    first = page.locator("#whom-found a").first
    first.wait_for()
    employer = first.locator("strong").inner_text()
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/left?employer=*")
    page.get_by_label("Last day there").fill("2026-01-30")
    page.get_by_label("Role there").focus()
    page.keyboard.type("Shift lead")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/contacts/[0-9a-f-]{36}$"))
    moved = page.url
    assert page.get_by_role("heading", level=1).inner_text() == person
    shown = page.locator("section[aria-labelledby=work]").inner_text()
    assert shown.index(employer) < shown.index("Before")
    sound(page)
    picture(page, "moved")
    page.goto(old)
    assert "Jan 30" in page.locator("#people ~ ul").inner_text() and "Person left" in page.locator("#timeline").inner_text()
    sound(page)
    picture(page, "old-employer")
    page.goto(moved)
    page.get_by_role("button", name="Take it back").press("Enter")
    page.get_by_text("All is as it was before.").wait_for()
    assert "Before" not in page.locator("section[aria-labelledby=work]").inner_text()


def test_two_rows_of_one_person_become_one_and_two_again(page, sign_in):
    sign_in("alice@example.org")
    for nth in (5, 6):
        open_employer(page, nth)
        page.get_by_role("link", name="Add person").click()
        page.get_by_label("First name").fill("Zoraida")
        page.get_by_label("Last name").fill("Quintana")
        page.get_by_label("Phone").fill("508-555-0144")
        page.get_by_role("button", name="Save person").press("Enter")
        page.get_by_text("The person is saved.").wait_for()
    page.goto("/duplicates/people")
    sound(page)
    picture(page, "twice")
    page.get_by_role("link", name="Compare Zoraida Quintana").press("Enter")
    page.wait_for_url("**/join/*")
    sound(page)
    picture(page, "pair")
    page.set_viewport_size({"width": 360, "height": 800})
    picture(page, "pair-360")
    sound(page)
    page.get_by_role("button", name="Make one person of them").press("Enter")
    page.get_by_text("They are one now.").wait_for()
    assert page.locator("section[aria-labelledby=work] > ul > li").count() == 2
    page.get_by_role("button", name="Undo").press("Enter")
    page.get_by_text("They are two again.").wait_for()
