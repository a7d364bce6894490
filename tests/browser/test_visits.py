"""A visit on a phone, with one thumb: without a connection, on two devices, by keyboard, large, in Spanish; and what stays on the device."""

import re

import pytest

from crm.demonstration.people import PASSWORD
from tests.browser.conftest import ZONE
from tests.browser.languages import reading
from tests.browser.slowness import at_rest
from tests.browser.soundness import sound

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def device(chromium, server):
    """`device(email)`: a phone of its own with that person signed in. What its browser complains of fails the test."""
    opened, complaints = [], []

    def new(email="alice@example.org", **options):
        context = chromium.new_context(base_url=server, viewport=PHONE, timezone_id=ZONE, **options)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda message: complaints.append(f"{message.text} {message.location.get('url', '')}") if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        opened.append(context)
        enter(page, email)
        return page

    yield new
    for context in opened:
        context.close()
    assert [c for c in complaints if not re.search(r"status of 4\d\d|htmx:(sendAbort|afterRequest|sendError)|ERR_INTERNET_DISCONNECTED", c)] == []


def enter(page, email):
    if "/sign-in" not in page.url:
        page.goto("/sign-in")
    page.locator("#email").fill(email)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile("/(employers|visits)$"))


def until(page, script):
    """Wait for what a page cannot show. The page's own policy lets no one poll from inside."""
    for _try in range(300):
        if page.evaluate(script):
            return
        page.wait_for_timeout(100)
    raise AssertionError(script)


KEPT = """async () => {
    if (!navigator.serviceWorker.controller || !(await caches.match("/visits/shell"))) return false;
    return new Promise((resolve) => {
        const request = indexedDB.open("crm-visits");
        request.onsuccess = () => {
            const all = request.result.transaction("kept").objectStore("kept").getAll();
            all.onsuccess = () => { request.result.close(); resolve(all.result.length > 0); };
        };
    });
}"""


def ready(page):
    """The start page, with all that it keeps on the device."""
    page.goto("/visits")
    until(page, KEPT)


def first_link(page):
    return page.locator(".visit-link").first.get_attribute("href")


def fill(page, notes, outcome="They will think about it"):
    page.get_by_role("radio", name=outcome).check()
    page.get_by_label("Notes").fill(notes)


def device_says(page, text):
    page.locator("#visits-device").get_by_text(re.compile(text)).first.wait_for()


def on_timeline(page, employer, notes):
    page.goto(f"/employers/{employer}")
    return page.locator("#timeline").get_by_text(notes, exact=True).count()


def test_a_visit_without_a_connection_is_there_once_when_it_is_back(device):
    page = device()
    ready(page)
    link = first_link(page)
    employer = re.search(r"employer=([0-9a-f-]{36})", link)[1]
    page.context.set_offline(True)
    page.goto("/visits")
    device_says(page, "No connection")
    page.goto(link)
    fill(page, "The owner wants two for the summer.")
    page.wait_for_url("**draft=**")
    page.reload()
    until(page, "() => document.querySelector('textarea')?.value.startsWith('The owner')")
    assert page.get_by_role("radio", name="They will think about it").is_checked()
    page.get_by_label("Next step").fill("Send the plan for the summer")
    page.get_by_role("button", name="Save visit").click()
    page.wait_for_url("**/visits")
    device_says(page, "1 visit waits for a connection")
    page.reload()
    device_says(page, "Waits for a connection")
    sound(page)

    page.context.set_offline(False)
    device_says(page, "Saved ")
    device_says(page, "All is sent")
    page.goto("/visits")
    device_says(page, "Saved ")
    assert on_timeline(page, employer, "The owner wants two for the summer.") == 1
    assert page.locator("#tasks ~ ul").get_by_text("Send the plan for the summer").count() == 1


def test_the_same_field_changed_on_two_devices_is_settled_side_by_side(device):
    phone, desk = device(), device()
    ready(phone)
    link = first_link(phone)
    phone.goto(link)
    fill(phone, "Three may come.")
    phone.get_by_role("button", name="Save visit").click()
    phone.wait_for_url("**/visits")
    device_says(phone, "Saved ")

    phone.context.set_offline(True)
    phone.locator("#visits-device").get_by_role("link", name="Change").first.click()
    phone.wait_for_url("**draft=**")
    until(phone, "() => document.querySelector('textarea')?.value === 'Three may come.'")
    phone.get_by_label("Notes").fill("Four may come.")
    phone.get_by_role("button", name="Save visit").click()
    phone.wait_for_url("**/visits")
    device_says(phone, "1 visit waits")

    desk.goto("/visits")
    desk.locator("#made-head ~ ul").get_by_role("link", name="Change").first.click()
    desk.get_by_label("Notes").fill("Five may come.")
    desk.get_by_role("button", name="Save", exact=True).click()
    desk.get_by_text("Saved.").wait_for()

    phone.context.set_offline(False)
    device_says(phone, "Differs from what someone else saved")
    phone.locator("#visits-device").get_by_role("link", name="Decide").click()
    phone.wait_for_url("**/proposals/**")
    sound(phone)
    assert phone.get_by_text("Five may come.").count() == 1
    phone.get_by_role("radio", name=re.compile("Four may come")).check()
    phone.get_by_role("button", name="Keep these").click()
    phone.get_by_text("Settled.").wait_for()
    assert phone.locator("#timeline").get_by_text("Four may come.", exact=True).count() == 1
    assert phone.locator("#timeline").get_by_text("Five may come.", exact=True).count() == 0
    phone.goto("/visits")
    until(phone, "() => !document.querySelector('#visits-device').innerText.includes('Differs')")


def test_a_session_that_ended_keeps_the_visit_and_asks_to_sign_in(device):
    page = device()
    ready(page)
    link = first_link(page)
    page.context.set_offline(True)
    page.goto(link)
    fill(page, "Written while the session ended.")
    page.get_by_role("button", name="Save visit").click()
    page.wait_for_url("**/visits")
    page.context.clear_cookies()
    page.context.set_offline(False)
    device_says(page, "Sign in again")
    page.locator("#visits-device").get_by_role("link", name="Sign in").click()
    page.wait_for_url("**/sign-in**")
    enter(page, "alice@example.org")
    page.goto("/visits")
    device_says(page, "Saved ")


def test_who_signs_out_is_warned_and_leaves_nothing_and_another_sees_nothing(device):
    page = device()
    ready(page)
    link = first_link(page)
    page.goto(link)
    page.get_by_label("Notes").fill("Between us two")
    page.wait_for_url("**draft=**")
    # another person on the same phone, while Alice's session has merely ended
    page.context.clear_cookies()
    enter(page, "bob@example.org")
    ready(page)
    assert "Not finished" not in page.locator("main").inner_text()
    sign_out(page)
    page.wait_for_url("**/sign-in")
    assert stored(page) == ["Between us two"], "what waits of others is theirs"

    enter(page, "alice@example.org")
    page.goto("/visits")
    device_says(page, "Not finished")
    sign_out(page)
    page.get_by_text("This device has visits of yours that were not sent.").wait_for()
    assert "/visits" in page.url
    page.get_by_role("button", name="Sign out and remove them").click()
    page.wait_for_url("**/sign-in")
    assert stored(page) == []
    assert page.evaluate("caches.keys().then((names) => names.length)") == 0


def sign_out(page):
    page.locator("header .menu > summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()


def stored(page):
    """The notes of all drafts on the device."""
    return page.evaluate("""async () => {
        if (!(await indexedDB.databases()).some((each) => each.name === "crm-visits")) return [];
        return new Promise((resolve) => {
            const request = indexedDB.open("crm-visits");
            request.onsuccess = () => {
                const all = request.result.transaction("drafts").objectStore("drafts").getAll();
                all.onsuccess = () => { request.result.close(); resolve(all.result.map((each) => each.values.notes)); };
            };
        });
    }""")


def test_a_new_release_takes_the_place_of_what_is_kept(device):
    page = device()
    page.evaluate("caches.open('visits-of-an-older-release').then((cache) => cache.put('/visits/shell', new Response('old')))")
    ready(page)
    until(page, "() => caches.keys().then((names) => names.length === 1)")
    assert "data-visit" in page.evaluate("caches.match('/visits/shell').then((found) => found.text())")
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.map((each) => new URL(each.scope).pathname))") == ["/visits"]


def test_without_a_script_it_is_an_ordinary_form(chromium, server, device):
    page = device(java_script_enabled=False)
    page.goto("/visits")
    link = first_link(page)
    page.goto(link)
    fill(page, "Typed without a script.")
    page.get_by_role("button", name="Save visit").click()
    page.get_by_text("The visit is logged.").wait_for()
    assert page.locator("#timeline").get_by_text("Typed without a script.", exact=True).count() == 1


@pytest.mark.parametrize(("width", "height", "language"), [(360, 740, "es"), (1280, 900, "en"), (320, 256, "en")])
def test_every_page_of_visits_is_sound(device, width, height, language):
    """The last is a window of 1280 by 1024 at 400 %."""
    page = device()
    page.set_viewport_size({"width": width, "height": height})
    with reading(page, language):
        ready(page)
        sound(page)
        link = first_link(page)
        for address in (link, "/visits/new", "/visits?q=o"):
            page.goto(address)
            if page.locator("[data-checklist]").count():
                page.locator("[data-checklist] > summary").click()
                targets = page.locator(".choice-set__one, .visit-page .usa-button, .visit-page .usa-select").all()
                assert all(box["height"] >= 44 for box in (each.bounding_box() for each in targets) if box)
            sound(page)
        page.context.set_offline(True)
        for address in ("/visits", link):
            page.goto(address)
            until(page, "() => document.querySelector('#visits-device:not([hidden])')")
            sound(page)
        page.context.set_offline(False)


def test_with_the_keyboard_alone(device):
    page = device()
    ready(page)
    page.goto(first_link(page))
    at_rest(page)
    page.get_by_label("Whom did you meet?").or_(page.get_by_role("radio").first).first.focus()
    for _press in range(6):
        if page.evaluate("document.activeElement.name") == "outcome":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio", name="They will think about it").is_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("By keyboard alone")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.get_by_role("radio", name="Not checked").first.is_visible()
    page.get_by_role("button", name="Save visit").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/visits")
    device_says(page, "Saved ")
