"""No message of the pages is untranslated, and no translation loses a value."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from crm import industries
from crm.labels import LABELS

ROOT = Path(__file__).parents[2]
# what people see on pages, in mails and on paper
SHOWN = [ROOT / "crm", ROOT / "templates"]  # plugins bring their own: crm.testing.conformance
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
OPTIONS = {"**.html": {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "trim_blocks": "true"}, "**.txt": {"extensions": "jinja2.ext.i18n"}}
KEYWORDS = {"_": None, "lazy_": None, "gettext": None, "ngettext": (1, 2)}


def catalogue(language):
    with (ROOT / f"crm/locale/{language}/LC_MESSAGES/crm.po").open("rb") as file:
        return read_po(file)


def messages():
    for folder in SHOWN:
        for file, line, message, *_rest in extract_from_dir(folder, METHODS, OPTIONS, KEYWORDS):
            if message and message != ("", ""):
                yield f"{folder.name}/{file}:{line}", message[0] if isinstance(message, tuple) else message


def test_every_message_of_the_pages_is_in_spanish():
    known = catalogue("es")
    missing = sorted({(message, where) for where, message in messages() if known.get(message) is None or not known.get(message).string})
    assert missing == []


def test_every_sector_and_every_choice_is_in_spanish():
    known = catalogue("es")
    shown = [sector.title for sector in industries.children("")] + list(LABELS.values())
    assert [text for text in shown if known.get(text) is None] == []


@pytest.mark.parametrize("message", [m for m in catalogue("es") if m.id], ids=lambda m: str(m.id)[:60])
def test_a_translation_keeps_every_value(message):
    pairs = [(message.id, message.string)] if isinstance(message.id, str) else list(zip(message.id, message.string, strict=True))
    for english, spanish in pairs:
        assert sorted(re.findall(r"%\(\w+\)s", english)) == sorted(re.findall(r"%\(\w+\)s", spanish))
