"""What people type is text: it is read back as it was typed, and nothing of it runs, in any place where it is shown."""

import re
from contextlib import nullcontext
from uuid import uuid4

import pytest

from crm.testing.figures import soaking
from tests.browser.slowness import at_rest

PAYLOADS = [
    '"><script>window.ran=1</script>',
    "'><img src=x onerror=window.ran=1>",
    "</textarea><svg onload=window.ran=1>",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "javascript:window.ran=1",
    '" hx-on:load="window.ran=1" hx-get="/sign-out" hx-trigger="load" x="',
]
SHOWN = ("/today", "/visits", "/reports", "/pipeline", "/services", "/engagement-levels", "/pledge-drives", "/views", "/jobs", "/imports", "/boards", "/audit", "/people", "/mail", "/sequences")


def typed(page, address, fields, button, hints=None):
    """Fill the form of a page, and send it; `hints` is the address of what comes up meanwhile."""
    page.goto(address)
    with page.expect_response(hints) if hints else nullcontext():
        for name, value in fields.items():
            page.locator(f'main [name="{name}"]').first.fill(value)
    at_rest(page)
    page.locator("main form button", has_text=button).first.click()
    at_rest(page)


def harmless(page):
    assert page.evaluate("window.ran") is None, page.url
    assert "49${" not in page.content() and "}}49" not in page.content()


NAMES = ("Quarry", "Lantern", "Juniper", "Falcon", "Thistle", "Compass")
# all in one text; in a soak also each alone
STORIES = list(zip(NAMES, PAYLOADS, strict=True)) if soaking() else [("Quarry", " ".join(PAYLOADS))]


@pytest.mark.parametrize(("firm", "payload"), STORIES)
def test_what_is_typed_is_text_wherever_it_is_shown(page, sign_in, firm, payload):
    sign_in("manager@example.org")
    name = f"{firm} Hollow {payload}"[:200]
    typed(page, "/employers/new", {"name": name, "line1": payload[:200], "city": "Worcester", "state": "MA", "zip": "01608"}, "Add employer", "**/new/hints*")
    harmless(page)
    assert re.search(r"/employers/[0-9a-f-]{36}$", page.url), page.locator("main").inner_text()
    employer = page.url
    assert page.get_by_role("heading", level=1).inner_text() == name

    typed(page, f"{employer}/people/new", {"given_name": payload[:100], "family_name": payload[:100], "role": payload[:100], "note": payload}, "Save person")
    page.goto(employer)
    harmless(page)
    token = page.locator('meta[name="form-token"]').get_attribute("content")
    typed(page, "/pledge-drives/new", {"name_en": payload[:80], "name_es": payload[:80], "first_day": "2027-01-01", "last_day": "2027-06-30", "goal": "9"}, "Save")
    drive = page.url
    harmless(page)
    typed(page, f"{employer}/pledges/new", {"slots": "2", "payer": payload[:120], "open_to": payload[:300], "access_note": payload[:300], "note": payload}, "Record the pledge")
    harmless(page)
    page.goto(f"{page.url}/edit")
    harmless(page)
    page.goto(drive)
    harmless(page)
    for what, fields in (("activities", {"kind": "note", "summary": payload[:200], "body": payload}), ("tasks", {"title": payload[:200]}), ("engage", {})):
        answer = page.request.post(f"{employer}/{what}", form={"_token": token, **fields}, headers={"origin": employer.partition("/employers")[0]})
        assert answer.status in {200, 303}, answer.text()
    kept = page.request.post("/views", form={"_token": token, "list": "employers", "name": payload[:60], "query": f"q={firm}"},
                             headers={"origin": employer.partition("/employers")[0]})  # fmt: skip
    assert kept.status in {200, 303}, kept.text()
    visit = {"draft_id": str(uuid4()), "employer_id": employer.rpartition("/")[2], "on": "2026-01-15", "at": "10:00", "outcome": "open",
             "notes": payload, "next_step": payload[:200]}  # fmt: skip
    answer = page.request.post("/visits/new", form={"_token": token, **visit}, headers={"origin": employer.partition("/employers")[0]})
    assert answer.status in {200, 303}, answer.text()
    typed(page, f"/visits/new?employer={visit['employer_id']}", {"notes": payload, "next_step": payload[:200]}, "Save visit")
    harmless(page)
    for address in (employer, f"{employer}/edit", f"{employer}/timeline", f"{employer}/level", f"/log?q={firm}", f"/employers?q={firm}", f"/search?q={firm}", *SHOWN):
        page.goto(address)
        harmless(page)
    page.goto("/employers")
    with page.expect_response("**/search?*"):
        page.locator("#site-search").fill(payload)
    at_rest(page)
    harmless(page)


AS_TEXT = """payload => {
  const form = document.querySelector("main form.card");
  for (const each of form.querySelectorAll("[name]:not([name=_token])")) {
    const typed = document.createElement("input");
    typed.name = each.name; typed.value = payload; each.replaceWith(typed);
  }
}"""


@pytest.mark.parametrize(("firm", "payload"), STORIES)
@pytest.mark.parametrize("in_place", [True, False], ids=["in place", "a whole page"])
def test_what_is_answered_to_the_public_estimate_is_text(page, firm, payload, in_place):
    page.goto("/incentives")
    page.evaluate(AS_TEXT, payload)  # as from a hand-made form: days, numbers and choices take any text
    if in_place:
        page.locator("main form.card button", has_text="Continue").click()
        page.get_by_text("Mend what is marked").first.wait_for()
    else:
        with page.expect_navigation():
            page.evaluate("document.querySelector('main form.card').submit()")
    at_rest(page)
    harmless(page)
    assert payload[:20] in page.locator("main .usa-error-message").first.inner_text()
