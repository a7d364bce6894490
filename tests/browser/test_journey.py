"""One way through, as a career specialist goes it: sign in, import, open, move, answer, PDF."""

import page as pdf_checker
import pytest

from tests.browser.slowness import at_rest
from tests.browser.soundness import accessible

CSV = """Company,Address,City,State,Zip,NAICS,Contact first name,Contact email
Peña Precision LLC,12 Mill Road,Worcester,MA,01608,332710,Ana,ana@example.com
Quabbin Bakery Inc,4 Elm Street,Southbridge,MA,01550,311811,Luis,luis@example.com
,9 Nowhere Street,Worcester,MA,01608,,,
"""



def test_from_a_spreadsheet_to_an_explained_credit_on_paper(page, sign_in, tmp_path):
    accessible_on_sign_in(page)
    sign_in("alice@example.org")
    accessible(page)

    imported(page, tmp_path)
    opened(page)
    moved_by_keyboard(page)
    moved_by_mouse(page)
    answered(page)
    printed(page, tmp_path)


def accessible_on_sign_in(page):
    page.goto("/sign-in")
    accessible(page)


def imported(page, tmp_path):
    (tmp_path / "list.csv").write_text(CSV, encoding="utf-8")
    page.goto("/imports")
    accessible(page)
    page.set_input_files("#file", tmp_path / "list.csv")
    page.get_by_role("button", name="Check file").click()
    page.get_by_text("Nothing is saved until you press Import.").wait_for()
    accessible(page)
    page.get_by_role("button", name="Import 2 rows").click()
    page.get_by_role("button", name="Take the import back").wait_for()


def opened(page):
    page.goto("/employers")
    page.keyboard.press("/")
    page.keyboard.type("pena prec")
    page.locator("#site-suggestions").get_by_role("option", name="Peña Precision LLC").first.click()
    page.get_by_role("heading", name="Peña Precision LLC", level=1).wait_for()
    assert page.get_by_text("because it is in Worcester").is_visible()
    assert page.get_by_role("link", name="MassHire Central Region Workforce Board").is_visible()
    accessible(page)
    page.get_by_role("button", name="Put on our pipeline").click()
    page.get_by_text("On your pipeline now.").wait_for()


def moved_by_keyboard(page):
    page.goto("/pipeline")
    accessible(page)
    card = page.locator(".board-card", has_text="Peña Precision LLC")
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    card.get_by_label("Stage").select_option(label="Contacted")
    button = card.get_by_role("button", name="Move", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_text("Moved to Contacted.").wait_for()
    column = page.locator(".board__column", has=page.get_by_role("heading", name="Contacted"))
    column.locator(".board-card", has_text="Peña Precision LLC").wait_for()


def moved_by_mouse(page):
    page.reload()
    card = page.locator(".board-card", has_text="Peña Precision LLC")
    target = page.locator(".board__column", has=page.get_by_role("heading", name="Met")).locator(".board__cards")
    card.locator("p").first.hover()
    page.mouse.down()
    box = target.bounding_box()
    page.mouse.move(box["x"] + 80, box["y"] + 30, steps=12)
    page.mouse.move(box["x"] + 84, box["y"] + 34, steps=4)
    page.mouse.up()
    page.get_by_text("Moved to Met.").wait_for()
    page.locator("#notices").get_by_role("button", name="Undo").click()
    page.get_by_text("The move is undone.").wait_for()


# what a specialist knows of the hire; the page asks for what it needs, a few at once
KNOWN = {
    "Which target group": "A", "Has the state agency certified": "Yes",
    "Is the person a relative": "No", "Does the person own": "No", "Has the person worked": "No", "Does the person replace": "No",
    "Is at least half": "Yes", "Does a staffing organization": "No", "On which day is Form 8850": "2025-10-10",
    "How many hours": "420", "How much does the person earn in the first year?": "9000", "How much of the wages was earned": "0",
    "How much did TANF pay": "0",
}  # fmt: skip


def tell(page, question, answer):
    """Answers a question where the page asks it."""
    choices = page.get_by_role("group", name=question)
    if choices.count():
        choices.get_by_text(answer, exact=True).click()
        return
    field = page.get_by_label(question)
    if field.count() and field.first.evaluate("field => field.tagName") == "SELECT":
        field.select_option(answer)
    elif field.count() and field.first.get_attribute("type") != "hidden":
        field.fill(answer)


def answered(page):
    page.goto("/employers?q=pe%C3%B1a+precision")
    page.get_by_role("link", name="Peña Precision LLC").click()
    page.get_by_role("link", name="Screen a hire").click()
    page.get_by_label("Who is meant").fill("R.L.")
    page.get_by_label("First day of work").fill("2025-10-01")
    page.get_by_role("button", name="Start screening").click()
    page.get_by_role("link", name="Work Opportunity Tax Credit", exact=True).click()
    page.wait_for_url("**/programs/us-wotc")
    for _page in range(8):
        if not page.get_by_role("heading", name="What this program asks").count():
            break
        for question, answer in KNOWN.items():
            tell(page, question, answer)
        page.get_by_role("button", name="Continue").click()
        at_rest(page)
    assert page.get_by_role("heading", name="The answer", exact=True).count(), page.locator("main").inner_text()
    accessible(page)
    assert page.locator(".amount").inner_text() == "$2,400"
    assert page.get_by_text("IRC §51(d)(13)").first.is_visible()
    accessible(page)


def printed(page, tmp_path):
    page.get_by_role("link", name="R.L.", exact=True).click()
    accessible(page)
    page.get_by_role("button", name="Make PDF").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Open the result").click()
    file = tmp_path / "estimate.pdf"
    waiting.value.save_as(file)
    assert pdf_checker.validate_pdf(str(file), profile="ua1").failures == []
    page.goto("/employers?q=pe%C3%B1a+precision")
    page.get_by_role("link", name="Peña Precision LLC").click()
    page.get_by_role("link", name="Incentive estimate for R.L. (PDF)", exact=True).wait_for()


@pytest.mark.parametrize(
    ("email", "paths"),
    [
        ("admin@example.org", ["/settings", "/plugins", "/plugins/federal", "/jobs", "/mail", "/audit", "/people", "/people/invite",
                               "/boards", "/account", "/help/keys"]),
        ("alice@example.org", ["/today", "/employers/new", "/imports", "/employers?sort=city", "/employers?q=zzzzzz"]),
        ("erin@example.org", ["/portal"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(page, sign_in, email, paths, width):
    sign_in(email)
    page.set_viewport_size({"width": width, "height": 800})
    for path in paths:
        page.goto(path)
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, width)
