"""The manual is what the program is."""

import re
from pathlib import Path

import pytest

from crm.generated_docs import PAGES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", list(PAGES))
def test_generated_pages_are_up_to_date(name):
    """Run `crm docs` when this fails."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == PAGES[name]()


def test_every_file_that_the_architecture_names_exists():
    text = (ROOT / "docs/develop/architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`(crm/[\w/.]+)`", text)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_link_within_the_manual_leads_somewhere():
    broken = []
    for page in (ROOT / "docs").rglob("*.md"):
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append((str(page.relative_to(ROOT)), target))
    assert broken == []


def test_every_proof_that_the_promises_name_exists():
    named = re.findall(r"`(\w+/test_\w+\.py)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))
    assert named
    assert [name for name in named if not (ROOT / "tests" / name).exists()] == []
