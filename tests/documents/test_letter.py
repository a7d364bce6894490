"""A letter of a sequence on paper: to whom, from whom, when, and what it says."""

from datetime import UTC, datetime

import pypdfium2
import pytest

from crm import documents
from crm.outreach.paper import LETTER


@pytest.mark.parametrize(("language", "day"), [("en", "November 23, 2026"), ("es", "23 de noviembre de 2026")])
async def test_a_letter_says_who_writes_to_whom_and_when(workshop, language, day):
    made = await documents.render(LETTER, LETTER.sample(), language, made_at=datetime(2026, 11, 23, 15, tzinfo=UTC))
    told = "\n".join(sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(made.bytes))
    for line in ("Ana Reyes", "Harborview Bakery", "1 Main Street", "Worcester, MA 01608", "1 Court Square", "We look forward to our visit."):
        assert line in told
    assert day in told and made.pages == 1 and made.warnings == []
