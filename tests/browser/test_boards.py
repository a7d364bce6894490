"""A board's manager changes its area and its partners, on a phone and at a desk."""

import pytest

from tests.browser.soundness import sound


@pytest.mark.parametrize(("width", "place"), [(360, "01524"), (1280, "01606")])
def test_a_manager_enters_and_ends_a_place_and_keeps_partners(page, sign_in, width, place):
    sign_in("manager@example.org")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/boards")
    page.get_by_role("link", name="MassHire Central Region Workforce Board").click()
    sound(page)
    page.get_by_role("link", name="Change regions and places").click()
    sound(page)
    page.get_by_role("link", name="Add place").click()
    page.get_by_label("Kind of place").select_option(label="ZIP code")
    page.get_by_label("Name or ZIP code").fill("99501")
    page.get_by_label("Where you know this from").fill("a letter of the board")
    page.get_by_role("button", name="Save place").click()
    page.get_by_text("The ZIP code 99501 is not in MA.").first.wait_for()
    sound(page)
    page.get_by_label("Name or ZIP code").fill(place)
    page.get_by_role("button", name="Save place").click()
    page.get_by_role("link", name=f"End {place}").click()
    sound(page)
    page.get_by_role("button", name="Save last day").click()
    page.get_by_text("The last day is saved.").wait_for()
    page.goto(page.url.replace("/area", "/partners"))
    page.get_by_role("link", name="Add partner").click()
    page.get_by_label("Name", exact=True).fill(f"Quabbin {width}")
    sound(page)
    page.get_by_role("button", name="Save partner").click()
    page.get_by_role("cell", name=f"Quabbin {width}", exact=True).wait_for()
    sound(page)
