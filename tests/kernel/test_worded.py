"""What the program writes is read by each in their own language: the titles of work, and the papers on a timeline."""

from datetime import date

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute, fetch_one, transaction
from crm.translation import lazy_, speaking
from crm.worded import columns, opened, said, worded

SENTENCE = worded(lazy_("PDF: %(program)s for %(employer)s"), program=worded(lazy_("Incentive estimate")), employer="Erin's 100 %")


@pytest.mark.parametrize(("sentence", "english", "spanish"), [
    (SENTENCE, "PDF: Incentive estimate for Erin's 100 %", "PDF: Estimado de incentivos para Erin's 100 %"),
    (worded(lazy_("Areas of boards as of %(day)s"), day=date(2026, 11, 30)), "Areas of boards as of November 30, 2026", "Áreas de las juntas a partir del 30 de noviembre de 2026"),
    (worded(lazy_("Try %(program)s"), program={"en": "Credit", "es": "Crédito"}), "Try Credit", "Probar Crédito"),
    (worded(lazy_("%(title)s %(year)s (PDF)"), title=worded(lazy_("Letter")), year=2025), "Letter 2025 (PDF)", "Carta 2025 (PDF)"),
    (worded(lazy_("Count the reports")), "Count the reports", "Contar los informes"),
])  # fmt: skip
def test_it_is_said_in_the_language_that_is_spoken_when_it_is_read(sentence, english, spanish):
    with speaking("es"):
        text, kept = columns(sentence)
    for language, expected in (("en", english), ("es", spanish)):
        with speaking(language):
            assert said(kept, text) == expected
    assert opened(kept) == sentence


def test_what_a_person_wrote_stays_as_it_is():
    assert columns("Call them") == ("Call them", None)
    with speaking("es"):
        assert said(None, "Call them") == "Call them"


async def test_everyone_reads_the_title_of_work_in_their_own_language(program, people, browse):
    async with acting(people.alice, "test.asked") as act:
        with speaking("es"):
            job = await act.enqueue("reporting.count", {}, title=SENTENCE)
        act.record("job", job)
    async with transaction(read_only=True):
        row = await fetch_one("select title from job where id = $1", job)
    assert row["title"] == "PDF: Estimado de incentivos para Erin's 100 %"  # as it was asked for, for what knows nothing of the words
    alice = browse(people.alice)
    for address in ("/jobs", f"/jobs/{job}"):
        assert "PDF: Incentive estimate for Erin&#39;s 100 %" in (await alice.get(address)).text


async def test_a_paper_on_a_timeline_is_named_in_the_language_of_who_reads_it(program, people, employers, boards, browse):
    text, words = columns(worded(lazy_("Incentive estimate for %(label)s (PDF)"), label="R.L."))
    async with acting(SYSTEM, "test.made") as act:
        await execute("insert into activity (employer_id, board_id, kind, summary, summary_words) values ($1, $2, 'note', $3, $4)", employers.erins, boards.north, text, words)
        await execute("insert into stored_file (id, storage_key, name, media_type, size, sha256, kind, board_id) values "
                      "('00000000-0000-0000-0000-000000000009', 'pdf/x.pdf', 'x.pdf', 'application/pdf', 1, '', 'estimate', $1)", boards.north)  # fmt: skip
        await execute("update activity set kind = 'document', file_id = '00000000-0000-0000-0000-000000000009'")
        act.record("activity", None)
    alice, page = browse(people.alice), f"/employers/{employers.erins}"
    assert "Incentive estimate for R.L. (PDF)" in (await alice.get(page)).text
    await alice.submit("/account/preferences", page="/account", name="Alice", language="es", density="comfortable")
    text = (await alice.get(page)).text
    assert "Estimado de incentivos para R.L. (PDF)" in text and "Incentive estimate" not in text  # what only a screen reader says is in it too
