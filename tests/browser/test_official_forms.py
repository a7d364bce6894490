"""The state office takes in an agency's form and says what goes into which field, in English and on a phone in Spanish."""

import re

from tests.browser.languages import reading
from tests.browser.soundness import accessible, fits
from tests.incentives.official_form import made


def test_a_form_is_taken_in_mapped_and_seen(page, sign_in):
    sign_in("admin@example.org")
    page.goto("/official-forms")
    accessible(page)
    page.get_by_label("Which form").select_option(label="Work Opportunity Tax Credit: IRS Form 8850")
    page.get_by_label("Edition").fill("Rev. 3-2016")
    page.set_input_files("#pdf", {"name": "f8850.pdf", "mimeType": "application/pdf", "buffer": made()})
    page.get_by_role("button", name="Take in the form").click()
    page.wait_for_url(re.compile("/official-forms/[0-9a-f-]+$"))
    form = page.url
    page.get_by_label("What goes into Employer name").select_option(label="Employer: name")
    page.get_by_label("What goes into Employer identification number").select_option(label="Employer: FEIN")
    page.get_by_label("How Employer identification number is written").select_option(label="10/31/2026")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("cannot be written in this way").first.wait_for()
    accessible(page)
    page.get_by_label("How Employer identification number is written").select_option(label="letters and digits alone")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("2 of 12 fields are filled in").wait_for()
    with page.expect_download() as told:
        page.get_by_role("link", name="Preview with invented data").click()
    assert told.value.suggested_filename == "preview.pdf"
    accessible(page)
    in_spanish_on_a_phone(page, form)


def in_spanish_on_a_phone(page, form):
    with reading(page, "es"):
        page.set_viewport_size({"width": 360, "height": 800})
        for address in (form, "/official-forms"):
            page.goto(address)
            accessible(page)
            fits(page)
