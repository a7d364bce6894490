"""What every page must be: sound to axe, and no wider than the screen."""

from axe_playwright_python.sync_playwright import Axe

from tests.browser.slowness import at_rest

# what passed is not gathered: on a board of hundreds of cards that took three times as long as looking
OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}


def accessible(page):
    """axe finds nothing on the page as it stands."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    assert [(rule["id"], [node["html"][:160] for node in rule["nodes"]][:3]) for rule in found] == [], page.url


def fits(page):
    """Nothing scrolls sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def sound(page):
    """Both, once what was pressed has arrived."""
    at_rest(page)
    accessible(page)
    fits(page)
