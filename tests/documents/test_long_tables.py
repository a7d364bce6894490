"""A table longer than a document's table may be is printed in parts; what is more than paper should hold is sent to CSV."""

import page
import pypdfium2
import pytest

from crm import documents
from crm.documents import DocumentTooLarge

BODY = """{% from "documents/tables.html" import long_table with context %}
{{ long_table("Worksites", [("name", "Name"), ("town", "Town")], rows) }}"""
STYLE = "@page { size: letter; margin: 5mm } * { font-size: 3pt !important; line-height: 1 !important; padding: 0 !important; border: 0 !important }"


def rows(number):
    return [{"name": f"Works {n}", "town": "Ayer"} for n in range(1, number + 1)]


@pytest.mark.parametrize(
    ("number", "captions"), [(0, []), (40, ["Worksites"]), (320, ["1 to 299 of 320", "300 to 320 of 320"])]
)
async def test_comes_in_parts_with_a_head_and_every_row(written, tmp_path, number, captions):
    made = await documents.render(written(BODY, STYLE), {"rows": rows(number)})
    file = tmp_path / "rows.pdf"
    file.write_bytes(made.bytes)
    text = text_of(file)
    assert [text.count(caption) for caption in captions] == [1] * len(captions)
    assert text.count("Works ") == number
    assert page.validate_pdf(str(file), profile="ua1").failures == []


async def test_says_when_paper_is_not_the_place(written):
    with pytest.raises(DocumentTooLarge, match="export CSV"):
        await documents.render(written(BODY), {"rows": rows(300)})


def text_of(file):
    return "\n".join(sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(file))
