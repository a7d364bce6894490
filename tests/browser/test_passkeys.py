"""Sign-in with a passkey, as a person does it: Chromium with an authenticator of its own."""

import re

import pytest

SIGNED_IN = re.compile("/(employers|portal)$")


@pytest.fixture
def authenticator(page):
    """A built-in authenticator that knows its person; its id and a way to ask it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }})["authenticatorId"]  # fmt: skip

    def ask(what, **given):
        return session.send(f"WebAuthn.{what}", {"authenticatorId": made, **given})

    return ask


def keys(page):
    return page.get_by_role("region", name="Passkeys").get_by_role("listitem")


def add_passkey(page):
    page.goto("/account")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("The passkey is added.").wait_for()


def sign_out(page):
    page.goto("/account")
    page.locator("form[action='/sign-out']").first.evaluate("(form) => form.requestSubmit()")
    page.wait_for_url(re.compile("/sign-in$"))


def test_a_passkey_is_added_signs_in_and_is_removed(page, sign_in, authenticator):
    sign_in("bob@example.org")
    add_passkey(page)
    assert keys(page).count() == 1
    [kept] = authenticator("getCredentials")["credentials"]
    assert kept["rpId"] == "localhost" and kept["isResidentCredential"]

    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(SIGNED_IN)
    page.goto("/account")
    assert page.get_by_role("heading", name="Bob Lindqvist").is_visible()

    # it was used just now, so the page does not ask again before it is removed
    keys(page).get_by_role("button", name="Remove").click()
    page.get_by_text("The passkey is removed.").wait_for()
    assert keys(page).count() == 0

    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("This passkey is not known here").wait_for()
    assert page.url.endswith("/sign-in")


def test_the_address_by_number_leads_to_the_name_where_passkeys_work(page, server):
    by_number = server.replace("localhost", "127.0.0.1")
    page.goto(f"{by_number}/sign-in?next=/account")
    assert page.url == f"{server}/sign-in?next=/account"
    page.complaints.clear()  # the number itself
