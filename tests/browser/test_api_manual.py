"""A person makes a token, reads the manual, and takes the token back."""

import json
import re
import urllib.request
from pathlib import Path

from tests.browser.soundness import accessible, fits

MANUAL = Path(__file__).parents[2] / "docs/extend/api.md"




def make_token(page, rights):
    page.goto("/account/tokens")
    page.get_by_label("What it is for").fill("Nightly report")
    page.get_by_label("What it may do").select_option(label=rights)
    page.get_by_role("button", name="Make the token").click()
    return page.locator(".secret code").inner_text()


def test_makes_a_token_uses_it_and_takes_it_back(page, sign_in, server):
    sign_in("alice@example.org")
    page.goto("/account/tokens")
    accessible(page)
    token = make_token(page, "Read only")
    accessible(page)
    assert re.fullmatch(r"crm_[\w-]{43}", token)

    ask = urllib.request.Request(f"{server}/api/v1/boards", headers={"authorization": f"Bearer {token}"})
    with urllib.request.urlopen(ask, timeout=10) as answer:
        assert len(json.load(answer)["items"]) == 16

    page.get_by_role("link", name="I have kept it").click()
    assert token not in page.content()
    page.locator("li", has_text="Nightly report").get_by_role("button", name="Take back").click()
    page.get_by_text("The token is taken back.").wait_for()


def test_the_examples_of_the_manual_run(page, sign_in, server, monkeypatch):
    sign_in("alice@example.org")
    monkeypatch.setenv("CRM", server)
    monkeypatch.setenv("CRM_TOKEN", make_token(page, "Read and write"))
    names = {"print": lambda *_words: None}
    for code in re.findall(r"^```py\n(.*?)^```", MANUAL.read_text(encoding="utf-8"), re.M | re.S):
        exec(compile(code, str(MANUAL), "exec"), names)
    assert names["made"].status_code == 201
    assert names["changed"].json()["website"] == "https://sourdough.example.org"


def test_the_manual_reads_well_wide_and_narrow(page, sign_in):
    sign_in("alice@example.org")
    page.goto("/api/v1/docs")
    page.get_by_role("heading", name="The API", level=1).wait_for()
    fits(page)
    for summary in page.locator(".manual-operation summary").all():
        summary.click()
    accessible(page)
    page.set_viewport_size({"width": 360, "height": 740})
    fits(page)
    accessible(page)


def test_the_manual_reads_well_in_the_dark(page, sign_in):
    page.emulate_media(color_scheme="dark")
    sign_in("alice@example.org")
    for path in ("/api/v1/docs", "/account/tokens"):
        page.goto(path)
        accessible(page)
