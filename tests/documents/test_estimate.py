"""The estimate on paper: tagged, titled, in our own font, and the same paper for the same content."""

import json
from datetime import UTC, datetime
from io import BytesIO

import page
import pikepdf
import pypdfium2
import pytest

from crm import documents
from crm.incentives.documents import ESTIMATE

MADE = datetime(2026, 11, 23, 19, 5, tzinfo=UTC)


@pytest.fixture
def printed(workshop):
    async def make(language="en", **changes):
        return await documents.render(ESTIMATE, ESTIMATE.sample() | changes, language, made_at=MADE)

    return make


def text_of(made):
    return "\n".join(sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(made.bytes))


@pytest.mark.parametrize("language", ["en", "es"])
async def test_passes_pdf_ua(printed, tmp_path, language):
    made = await printed(language)

    file = tmp_path / "estimate.pdf"
    file.write_bytes(made.bytes)
    assert page.validate_pdf(str(file), profile="ua1").failures == []
    assert made.warnings == []


async def test_says_its_language_and_title(printed):
    with pikepdf.open(BytesIO((await printed("es")).bytes)) as pdf:
        assert str(pdf.Root.Lang) == "es"
        assert "Peña & Sons Machine Works" in str(pdf.docinfo.Title)
        assert pdf.Root.MarkInfo.Marked


async def test_carries_its_own_font_and_no_other(printed):
    with pikepdf.open(BytesIO((await printed()).bytes)) as pdf:
        fonts = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"]

    assert fonts
    assert all("Public-Sans" in str(font.FontName) and "/FontFile2" in font for font in fonts)


async def test_every_table_cell_names_its_row_and_its_column(printed):
    with pikepdf.open(BytesIO((await printed()).bytes)) as pdf:
        parts = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary)]
        heads = {str(part.ID) for part in parts if part.get("/S") == "/TH"}
        named = [[str(head) for head in part.A.Headers] for part in parts if part.get("/S") == "/TD"]

    assert named
    assert all(len(cell) == 2 and heads.issuperset(cell) for cell in named)


async def test_the_foot_tells_when_it_was_made_and_its_fingerprint(printed):
    made = await printed()

    told = text_of(made).replace("\xa0", " ")

    code = made.sha256
    assert "Made Nov 23, 2026, 2:05:00 PM EST" in told
    assert f"Fingerprint {code[:4]} {code[4:8]} {code[8:12]} {code[12:16]}" in told
    assert f"Page {made.pages} of {made.pages}" in told


async def test_shows_every_step_condition_date_question_and_source(printed):
    told = " ".join(text_of(await printed()).split())

    for estimate in ESTIMATE.sample()["estimates"]:
        lines = [estimate["title"], *estimate["questions"], *estimate["warnings"], *estimate["citations"]]
        lines += [step[key] for step in estimate["trace"] for key in ("what", "result", "citation")]
        lines += [condition["text"] for condition in estimate["conditions"]]
        lines += [deadline["what"] for deadline in estimate["deadlines"]]
        assert [line for line in lines if line not in told] == []


async def test_says_what_a_lapsed_program_may_promise(printed):
    told = " ".join(text_of(await printed()).split())

    assert "Lapsed, waiting for renewal" in told
    assert "Possible, if the law is renewed $2,400" in told
    assert "an estimate, not tax advice" in told


async def test_speaks_spanish_with_its_accents(printed):
    made = await printed("es")

    told = text_of(made)

    assert "Estimado de incentivos" in told
    assert f"Página 1 de {made.pages}" in told.replace("\xa0", " ")


async def test_an_amount_not_known_yet_is_said_in_words(printed):
    estimate = ESTIMATE.sample()["estimates"][0] | {"amount": None, "potential_amount": None}

    told = text_of(await printed(estimates=[estimate]))

    assert "Not known yet" in told


async def test_the_same_content_gives_the_same_bytes(printed):
    first, second = await printed(), await printed()

    assert first.bytes == second.bytes
    assert first.sha256 == second.sha256
    assert (await printed(as_of="2026-11-24")).sha256 != first.sha256


async def test_the_sample_is_json(workshop):
    assert json.loads(json.dumps(ESTIMATE.sample())) == ESTIMATE.sample()


async def test_a_plugin_s_template_goes_by_its_name(workshop, folder):
    (folder / "letter.html").write_text('{% extends "documents/base.html" %}{% block content %}<h1>Hi</h1>{% endblock %}')
    letter = documents.Document(name="ohio.letter", title="Letter", template="ohio/letter.html", css="ohio/plain.css",
                                sample=dict)  # fmt: skip

    assert (await documents.render(letter, {})).pages == 1
