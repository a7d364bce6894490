"""Fields of the state's own in a real browser: set up, filled in and read, sound in both widths and languages."""

import pytest

from tests.browser.languages import reading
from tests.browser.soundness import sound

WHY = {"purpose_en": "So that students know how to get there", "purpose_es": "Para que los estudiantes sepan cómo llegar"}


def add(page, subject, kind, **fields):
    page.goto("/fields/new")
    sound(page)
    page.locator("#subject").select_option(subject)
    page.locator("#kind").select_option(kind)
    page.locator("main form button[type=submit]").click()
    for name, value in (WHY | fields).items():
        page.locator(f"#{name}").fill(value)
    sound(page)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/fields/*-*")
    sound(page)


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (360, "es")])
def test_a_field_is_set_up_filled_in_and_read(page, sign_in, width, language):
    sign_in("admin@example.org")
    page.set_viewport_size({"width": width, "height": 800})
    with reading(page, language):
        add(page, "employer", "choices", key=f"shops_{language}", label_en="Shops that they run", label_es="Talleres que tienen",
            choices="wood | Woodworking | Carpintería\nmetal | Metalworking | Metalurgia", help_en="All that students would see", help_es="Todos los que verían")  # fmt: skip
        add(page, "employer", "money", key=f"wage_{language}", label_en="Lowest starting wage an hour", label_es="Salario inicial por hora", lowest="0", highest="500")
        add(page, "establishment", "yes_no", key=f"step_free_{language}", label_en="Step-free way in", label_es="Entrada sin escalones")
        page.goto("/fields")
        sound(page)
        page.goto("/employers")
        page.locator("table.data tbody a").first.click()
        page.wait_for_url("**/employers/*-*")
        employer = page.url
        page.goto(f"{employer}/edit")
        sound(page)
        page.locator(f"label[for=x_shops_{language}-wood]").click()
        page.locator(f"#x_wage_{language}").fill("many")
        page.locator("main form button[type=submit]").first.click()
        page.locator(".error-summary").wait_for()
        sound(page)
        page.locator(f"#x_wage_{language}").fill("18.50")
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(employer)
        page.get_by_text("Carpintería" if language == "es" else "Woodworking").first.wait_for()  # the other width left one too
        page.get_by_text("$18.50").first.wait_for()
        sound(page)
        page.goto(f"/employers?columns=x_wage_{language}&columns=establishment.x_step_free_{language}&sort=-x_wage_{language}")
        assert "$18.50" in page.locator("table.data tbody tr").first.inner_text()  # the unknown come last
        sound(page)
