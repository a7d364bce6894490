"""An employer without an account works out on a phone what a hire may bring, in Spanish, with a script and without."""

import pytest

from tests.browser.soundness import accessible

PHONE = {"width": 360, "height": 800}
APPRENTICE = "¿Es la persona aprendiz registrado con un acuerdo escrito?"


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_phone_in_spanish(chromium, server, scripts):
    context = chromium.new_context(base_url=server, locale="en-US", viewport=PHONE, java_script_enabled=scripts, bypass_csp=True)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_role("link", name="What may a hire bring?").click()
    page.get_by_role("button", name="Español").click()
    page.get_by_role("heading", name="Lo que puede traer una contratación").wait_for()
    page.get_by_role("group", name=APPRENTICE).get_by_text("No", exact=True).click()
    page.get_by_role("button", name="Continuar").click()
    page.get_by_text("Lo que respondió (1)").wait_for()
    assert page.url == f"{server}/incentives"
    page.get_by_text("Lo que respondió (1)").click()
    assert page.get_by_role("group", name=APPRENTICE).get_by_label("No", exact=True).is_checked()
    page.get_by_label("Estado donde se trabaja").select_option("SC")
    page.get_by_role("button", name="Continuar").click()
    page.locator("#best ~ .cite", has_text="South Carolina").wait_for()
    if scripts:
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        accessible(page)
    page.get_by_role("button", name="English").click()
    page.get_by_text("What you answered (1)").wait_for()
    page.get_by_role("link", name="Sign in as an employer").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    context.close()
