"""Templates hold to the content security policy and ask no one else for anything."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [p for folder in ("pages", "portal", "macros") for p in sorted((ROOT / "templates" / folder).rglob("*.html"))]
PAGES += [ROOT / "templates/base.html", *sorted((ROOT / "plugins").rglob("templates/**/*.html"))]
BANNED = {
    "an inline handler": r"\son\w+\s*=", "an inline style": r"\sstyle\s*=", "an inline script": r"<script(?![^>]*\ssrc=)",
    "an htmx handler": r"hx-on", "an unescaped value": r"\|\s*safe\b", "another host's file": r'(?:src|href)="https?://',
    "a form in a paragraph, which ends where the form begins": r"<p[^>]*>(?:\{%[^%]*%\})*\{\{ ui\.post\(",
}  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_holds_nothing_inline_and_loads_nothing_from_elsewhere(page):
    text = page.read_text(encoding="utf-8")
    assert [what for what, pattern in BANNED.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize("page", [p for p in PAGES if "macros" not in p.parts], ids=lambda p: str(p.relative_to(ROOT)))
def test_every_form_that_writes_carries_the_token(page):
    text = page.read_text(encoding="utf-8")
    forms = re.findall(r'<form(?=[^>]*method="post")[^>]*>(.*?)</form>', text, re.S)
    assert [form[:80] for form in forms if "token(" not in form] == []
