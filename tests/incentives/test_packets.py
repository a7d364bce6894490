"""The packet of a case: what its forms ask, laid out for whoever fills them in, for the board alone, and on record."""

import json
import re
from datetime import date
from io import BytesIO

import page
import pypdfium2
import pytest

from crm import days, documents, files
from crm.database import fetch, fetch_one, fetch_value, transaction
from crm.errors import Denied, NotFound
from crm.incentives import hires, installed
from crm.incentives.claims import cases, packets, rules
from crm.incentives.documents import PACKET
from crm.incentives.wording import counted
from crm.rulebook.deadlines import Deadline
from crm.translation import long_day, speaking
from tests.incentives.test_cases import TODAY, codes, evidence, moved


async def content(who, case, language="en"):
    async with transaction(read_only=True):
        with speaking(language):
            return await packets.on_paper(who, case, TODAY)


async def made(who, case, program):
    await packets.ask_for(who, case, TODAY)
    await program.worker().run_until_idle()
    async with transaction(read_only=True):
        return await fetch("select s.*, f.id as case_file from stored_file s join case_file f on f.file_id = s.id where s.kind like 'case_packet:%' order by s.created_at")


def form(found, title):
    return next(each for each in found["forms"] if each["title"] == title)


async def test_what_each_form_asks_stands_with_its_answer_and_where_it_comes_from(case, people):
    found = await content(people.alice, case)
    person, work = form(found, "IRS Form 8850"), form(found, "IRS Form 5884")
    assert person["person"] and {"12", "A: family on TANF"} <= {each["answer"] for each in person["facts"]}
    assert any(each["source"].startswith("told by the person") for each in person["facts"])
    assert {"420", "$9,000"} <= {each["answer"] for each in work["facts"]} and "family on TANF" not in json.dumps(work["facts"])
    assert form(found, "ETA Form 9061")["same_as"] == "IRS Form 8850" and not form(found, "ETA Form 9061")["facts"]
    assert form(found, "ETA Form 9175")["review"] == "Needs review"


async def test_days_are_the_agencys_and_a_day_that_was_kept_is_not_called_past(case, people):
    await evidence(people.alice, case)
    await moved(people.alice, case, "submitted", today=date(2025, 10, 6))
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # it is never the same day in both
        days.start(zone)
        try:
            found, today = await content(people.alice, case), long_day(days.agency_today())
        finally:
            days.start("UTC")
        assert {each["source"].partition(", ")[2] for each in form(found, "IRS Form 8850")["facts"]} == {today}
        assert today in found["evidence"][0]["added"]
        assert [each["in_time"] for each in found["deadlines"]] == [True]


async def test_what_is_still_open_is_there_to_be_written_by_hand(case, hire, people):
    await hires.forget(people.alice, hire, "first_year_hours")
    work = form(await content(people.alice, case), "IRS Form 5884")
    assert [each["question"] for each in work["facts"] if not each["answer"]] == ["How many hours does the person work in the first year?"]


async def test_deadlines_say_how_they_were_counted_and_steps_what_is_done(case, people):
    first = next(iter(rules.checklist(installed.library().programs["us-wotc"])))
    await cases.tick(people.alice, case, first, done=True)
    await evidence(people.alice, case)
    found = await content(people.alice, case)
    [due] = found["deadlines"]
    assert (due["date"], due["counted"], due["citation"]) == ("2025-10-29", "28 calendar days after October 1, 2025", "IRC §51(d)(13)")
    assert [each["done"] for each in found["checklist"]][:2] == [True, False] and "Alice" in found["checklist"][0]["by"]
    assert [(each["name"], each["signed"]) for each in found["evidence"]] == [("8850.pdf", True)]
    assert found["trace"] and all(each["citation"] for each in found["trace"])


@pytest.mark.parametrize(("fields", "said"), [
    ({"days": 1}, "1 calendar day after October 1, 2025"), ({"days": -30}, "30 calendar days before October 1, 2025"), ({}, "October 1, 2025 itself"),
    ({"on": (3, 31), "years": 1}, "1 year after the year of October 1, 2025"), ({"on": (12, 31)}, "In the year of October 1, 2025"),
])  # fmt: skip
def test_each_way_of_counting_has_its_words(fields, said):
    with speaking("en"):
        assert counted(Deadline("x", "work_start", {}, "", **fields), {"work_start": date(2025, 10, 1)}) == said


async def test_it_is_made_once_a_job_hangs_on_the_case_and_proves_nothing(case, people, program):
    [kept] = await made(people.alice, case, program)
    assert kept["employer_id"] is None and (await files.read(kept["storage_key"])).startswith(b"%PDF")
    assert await codes(case) == ["missing_evidence", "missing_signature"]
    assert len(await made(people.alice, case, program)) == 2
    async with transaction(read_only=True):
        said = await fetch("select after from audit_entry where verb like 'case.packet%'")
        assert await fetch_value("select count(*) from activity where kind = 'document'") == 0
    assert not any(re.search("[0-9a-f]{64}", str(each["after"])) for each in said)


async def test_that_sealed_answers_are_read_is_on_record_before_they_leave(case, hire, people):
    await packets.ask_for(people.alice, case, TODAY)
    async with transaction(read_only=True):
        entry = await fetch_one("select actor_name, subject_id from audit_entry where verb = 'hire.secrets_read' and outcome = 'disclosed'")
    assert tuple(entry) == ("Alice", hire)


async def test_it_is_for_the_board_alone(case, people, program, browse):
    for who, refusal in ((people.charlie, NotFound), (people.walter, Denied), (people.ana, Denied)):
        with pytest.raises(refusal):
            await packets.ask_for(who, case, TODAY)
    [kept] = await made(people.alice, case, program)
    paths = (f"/files/{kept['id']}", f"/case-files/{kept['case_file']}")
    for who in (people.charlie, people.walter, people.ana):
        for path in paths:
            assert (await browse(who).get(path)).status_code in {403, 404}
    assert (await browse(people.bob).get(paths[1])).content.startswith(b"%PDF")


@pytest.mark.parametrize("language", ["en", "es"])
async def test_passes_pdf_ua_and_leaves_a_line_for_the_number(case, people, program, tmp_path, language):
    await evidence(people.alice, case)
    rendered = await documents.render(PACKET, await content(people.alice, case, language), language)
    file = tmp_path / "packet.pdf"
    file.write_bytes(rendered.bytes)
    assert page.validate_pdf(str(file), profile="ua1").failures == [] and rendered.warnings == []
    words = "\n".join(sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(BytesIO(rendered.bytes)))
    assert {"en": "Social Security number", "es": "Número de Seguro Social"}[language] in words
