"""A manager corrects a town in its row, with the keyboard at a desk and on a phone; axe finds nothing."""

import pytest

from tests.browser.soundness import sound


@pytest.mark.parametrize(("width", "town"), [(360, "Boylston"), (1280, "Auburn")])
def test_a_manager_finds_a_town_and_corrects_it_in_its_row(page, sign_in, width, town):
    sign_in("manager@example.org")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/boards")
    page.get_by_role("link", name="Municipalities").click()
    page.get_by_role("link", name="Show all 351").wait_for()
    sound(page)
    page.get_by_label("Town", exact=True).fill(town)
    page.get_by_role("button", name="Show", exact=True).press("Enter")
    page.get_by_role("link", name="Show all 351").wait_for(state="detached")
    page.get_by_role("link", name=f"Correct {town}").press("Enter")
    page.get_by_label("Reason").wait_for()  # until then the last board on the page is that of the filter
    sound(page)
    page.get_by_label("Board", exact=True).last.select_option(label="North Central")
    page.get_by_label("Reason").fill("The board told us")
    page.get_by_label("Where you know this from").fill("a call on November 20")
    page.get_by_role("button", name="Show what changes").press("Enter")
    page.get_by_text("to the other board.").wait_for()
    sound(page)
    page.get_by_role("button", name="Correct from today on").press("Enter")
    page.get_by_text(f"{town} is corrected from today on.").wait_for()
    page.get_by_role("row", name=town).get_by_role("link", name="North Central").wait_for()
    sound(page)
