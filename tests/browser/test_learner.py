"""The person who was hired answers by their own link, on a phone in Spanish; the employer sees in the portal what it may, and answers what is its own."""


from crm.demonstration.people import PASSWORD
from tests.browser.slowness import at_rest
from tests.browser.soundness import accessible, sound

PHONE = {"width": 360, "height": 800}


def test_each_answers_what_is_theirs_and_sees_no_more(page, sign_in, chromium, server):
    employer = chromium.new_context(base_url=server, viewport=PHONE, bypass_csp=True)
    erin, person = employer.new_page(), chromium.new_context(base_url=server, viewport=PHONE, bypass_csp=True).new_page()
    erin.goto("/sign-in")
    erin.locator("#email").fill("erin@example.org")
    erin.locator("#password").fill(PASSWORD)
    erin.get_by_role("button", name="Sign in", exact=True).click()
    own = erin.locator("a[href^='/portal/employers/']").first.get_attribute("href").rpartition("/")[2]
    sign_in("alice@example.org")
    answered(person, asked(page, own))
    page.reload()
    page.get_by_text("What is known").click()
    page.get_by_text("told by the person, by a link of their own").wait_for()
    in_the_portal(erin)
    for each in (employer, person.context):
        each.close()


def asked(page, employer):
    """Staff record a hire of this employer, share it, and make a link; its address."""
    page.goto(f"/employers/{employer}/hires/new")
    page.get_by_label("Who is meant").fill("M.T.")
    page.get_by_label("First day of work").fill("2025-10-01")
    page.get_by_role("button", name="Start screening").click()
    page.get_by_role("button", name="Share with the employer").click()
    page.get_by_text("The employer's people see it in their portal now.").wait_for()
    page.get_by_label("Language of the person").select_option("es")
    page.get_by_role("button", name="Make a link to answer").click()
    page.get_by_text("Copy this link now. It is shown once.").wait_for()
    accessible(page)
    return page.locator(".notice-box a").get_attribute("href")


def answered(phone, link):
    phone.goto(link)
    phone.get_by_role("heading", name="Unas preguntas sobre usted").wait_for()
    assert phone.get_by_text("M.T.").count() == 0
    sound(phone)
    phone.get_by_label("¿Cuál de estos grupos nombra su preselección").select_option("A")
    phone.get_by_role("button", name="Guardar y continuar").click()
    phone.get_by_text("Guardado. Gracias.").wait_for()
    while phone.get_by_role("button", name="Guardar y continuar").count():  # all else is left open, and is not asked again
        phone.get_by_role("button", name="Guardar y continuar").click()
        at_rest(phone)
    phone.get_by_role("heading", name="Eso es todo. Gracias.").wait_for()
    phone.get_by_role("heading", name="Lo que respondió").wait_for()
    sound(phone)


def in_the_portal(erin):
    erin.goto("/portal")
    erin.get_by_role("link", name="M.T.").click()
    erin.get_by_role("heading", name="What M.T. may bring").wait_for()
    assert erin.get_by_text("A: family on TANF").count() == 0
    sound(erin)
    first = erin.locator("form[hx-post] input.usa-radio__input[value='no']").first
    erin.locator(f"label[for='{first.get_attribute('id')}']").click()
    erin.get_by_role("button", name="Save and continue").click()
    erin.get_by_text("What you answered (1)").wait_for()
