"""An employer without an account works out on a phone what a hire may bring, in Spanish, with a script and without."""

import pytest

from tests.browser.soundness import accessible

PHONE = {"width": 360, "height": 800}


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_phone_in_spanish(chromium, server, scripts):
    context = chromium.new_context(base_url=server, locale="en-US", viewport=PHONE, java_script_enabled=scripts, bypass_csp=True)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_role("link", name="What may a hire bring?").click()
    page.get_by_role("button", name="Español").click()
    page.get_by_role("heading", name="Lo que puede traer una contratación").wait_for()
    page.get_by_label("¿Qué día empieza a trabajar la persona?").fill("2025-10-01")
    page.get_by_role("button", name="Continuar").click()
    page.get_by_text("Lo que respondió (1)").wait_for()
    assert page.url == f"{server}/incentives"
    page.get_by_text("Lo que respondió (1)").click()
    assert page.get_by_label("¿Qué día empieza a trabajar la persona?").input_value() == "2025-10-01"
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
