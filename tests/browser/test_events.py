"""Events in a real browser: sound in both widths and languages; on the day one thumb, or the keyboard alone."""

from tests.browser.languages import on_a_phone_and_at_a_desk, reading
from tests.browser.soundness import sound


@on_a_phone_and_at_a_desk
def test_every_page_of_an_event_is_sound(page, sign_in, width, language):
    sign_in("manager@example.org")
    page.set_viewport_size({"width": width, "height": 800})
    with reading(page, language):
        for path in ("/events", "/events?past=true", "/events/new", "/events/invite"):
            page.goto(path)
            sound(page)
        page.goto("/events")
        page.locator("table.data tbody tr", has=page.locator("a[href$='state=yes']")).locator("a").first.click()
        page.wait_for_url("**/events/*-*")
        event = page.url
        page.locator("#guests details > summary").first.click()
        sound(page)
        sign_up = "/come/" + page.locator("#sign-up-link").input_value().rpartition("/")[2]
        for path in (f"{event}/edit", f"{event}/write", f"{event}/check-in", sign_up):
            page.goto(path)
            sound(page)
        page.goto(f"{event}?state=unknown")
        page.locator("a[href$='/match']").first.click()
        page.wait_for_url("**/match")
        page.locator("#m-q").fill("Auto")
        page.get_by_role("heading", level=2).first.wait_for()
        sound(page)
        page.goto("/pipeline?view=table")
        page.locator("table.data tbody a").first.click()
        page.wait_for_url("**/employers/*")
        page.goto(f"{page.url}/invite")
        sound(page)


def test_a_guest_answers_on_a_phone_without_an_account(page, sign_in):
    """Signed up on the page for all, confirmed by the link in the mail, which the mail page of this machine shows."""
    page.set_viewport_size({"width": 360, "height": 800})
    sign_in("alice@example.org")
    page.goto("/events")
    page.locator("table.data tbody a", has_text="fair").first.click()
    page.wait_for_url("**/events/*-*")
    sign_up = "/come/" + page.locator("#sign-up-link").input_value().rpartition("/")[2]
    page.goto("/help/keys")
    page.context.clear_cookies()
    page.goto(sign_up)
    for label, value in (("First name", "Nia"), ("Last name", "Cole"), ("Company or organization", "Boats"), ("Email", "nia@boats.example.com")):
        page.get_by_label(label, exact=True).fill(value)
    page.keyboard.press("Enter")
    page.get_by_text("One more step").wait_for()
    sound(page)
    sign_in("admin@example.org")
    page.goto("/mail")
    link = page.content().partition("/rsvp/")[2].partition("<")[0].partition('"')[0].split()[0]
    page.goto("/help/keys")
    page.context.clear_cookies()
    page.goto(f"/rsvp/{link}")
    sound(page)
    page.get_by_text("Yes, I come").click()
    page.get_by_label("What do you need to take part? (optional)").fill("A ramp")
    page.get_by_role("button", name="Send my answer").click()
    page.get_by_text("We look forward to seeing you.").wait_for()
    sound(page)


def test_guests_are_checked_in_with_the_keyboard_alone(page, sign_in):
    sign_in("alice@example.org")
    page.goto("/events")
    page.locator("table.data tbody a", has_text="fair").first.click()
    page.wait_for_url("**/events/*-*")
    page.get_by_role("link", name="Check in").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/check-in")
    before = page.locator("#here-count").inner_text()
    page.locator("#people button").first.focus()
    page.keyboard.press("Enter")
    page.locator("#people .here--yes").first.wait_for()
    assert page.locator("#here-count").inner_text() != before
    sound(page)
    page.locator("#people .here--yes button").first.focus()
    page.keyboard.press("Enter")
    page.locator("#people .here--yes").first.wait_for(state="detached")
    assert page.locator("#here-count").inner_text() == before
