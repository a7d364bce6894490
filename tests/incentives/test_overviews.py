"""The calendar of days to keep and the employer's year on paper: what is to be done and what came in, and nothing of why."""

import json
from datetime import date
from decimal import Decimal

import page
import pytest

from crm import documents
from crm.database import fetch, fetch_value, transaction
from crm.errors import Denied
from crm.incentives import hires, overviews
from crm.incentives.claims import cases
from crm.incentives.documents import CALENDAR, YEAR
from crm.incentives.forms import HireForm
from crm.translation import speaking
from tests.incentives.test_cases import TODAY, evidence, moved


async def calendar(who, employer, hire=None, today=TODAY, language="en"):
    async with transaction(read_only=True):
        with speaking(language):
            return await overviews.calendar_on_paper(who, employer, today, hire)


async def year(who, employer, number=2025, today=TODAY, language="en"):
    async with transaction(read_only=True):
        with speaking(language):
            return await overviews.year_on_paper(who, employer, number, today)


def days(found):
    return [(month["month"], each["date"], each["who"], each["past"]) for month in found["months"] for each in month["days"] if "WOTC" in each["what"] or "8850" in each["what"]]


# ── the calendar ──


async def test_a_day_stands_under_its_month_with_how_it_was_counted(case, hire, people, employers):
    found = await calendar(people.alice, employers.erins, hire)
    assert found["hire"] == "R.L." and days(found)[0] == ("October 2025", "2025-10-29", "R.L.", False)
    assert found["months"][0]["days"][0]["counted"] == "28 calendar days after October 1, 2025"


async def test_what_was_sent_is_no_day_to_keep_and_what_is_past_is_one_only_while_it_is_prepared(case, hire, people, employers):
    late = date(2025, 11, 20)
    assert days(await calendar(people.alice, employers.erins, hire, late)) == [("October 2025", "2025-10-29", "R.L.", True)]
    await evidence(people.alice, case)
    await moved(people.alice, case, "submitted")
    assert days(await calendar(people.alice, employers.erins, hire)) == []


async def test_an_employers_calendar_has_the_days_of_all_its_hires(case, people, employers):
    await hires.add(people.alice, employers.erins, HireForm(label="S.M.", starts_on=date(2025, 11, 3)))
    assert {each[2] for each in days(await calendar(people.alice, employers.erins))} == {"R.L.", "S.M."}
    assert days(await calendar(people.charlie, employers.erins)) == []


# ── the year ──


async def test_a_year_has_its_cases_with_their_amounts_and_what_is_open(case, people, employers):
    second = await hires.add(people.alice, employers.erins, HireForm(label="S.M.", starts_on=date(2025, 11, 3)))
    await cases.open_case(people.alice, second, "us-wotc", TODAY)
    await evidence(people.alice, case)
    await moved(people.alice, case, "submitted")
    await moved(people.alice, case, "certified", amount=Decimal("2400"))
    await moved(people.alice, case, "paid", amount=Decimal("2350.50"))
    found = await year(people.alice, employers.erins)
    assert {each["who"]: each["state"] for each in found["cases"]} == {"R.L.": "Paid", "S.M.": "Being prepared"}
    assert [(each["who"], each["due"]) for each in found["open"]] == [("S.M.", "2025-12-01")]
    assert (found["totals"]["certified"], found["totals"]["paid"]) == ("2400.00", "2350.50")
    assert (await year(people.alice, employers.erins, 2024))["cases"] == [] and (await year(people.charlie, employers.erins))["cases"] == []


async def test_what_was_withdrawn_is_listed_and_not_added_up(case, people, employers):
    await moved(people.alice, case, "withdrawn", reason="They left")
    found = await year(people.alice, employers.erins)
    assert [each["state"] for each in found["cases"]] == ["Withdrawn"] and found["open"] == [] and found["totals"]["estimated"] == "0"


async def test_neither_tells_why(case, hire, people, employers):
    await evidence(people.alice, case)
    await moved(people.alice, case, "submitted")
    await moved(people.alice, case, "denied", reason="Group not proven")
    said = json.dumps([await calendar(people.alice, employers.erins), await year(people.alice, employers.erins)])
    for word in ("Group not proven", "TANF", "family on", "target group"):
        assert word not in said


# ── on paper ──


async def test_each_is_made_once_a_job_and_hangs_on_the_timeline(case, hire, people, employers, program, browse):
    alice = browse(people.alice)
    assert (await alice.submit(f"/hires/{hire}/calendar", page=f"/hires/{hire}")).status_code < 400
    for what in ("calendar", "year"):
        await alice.submit(f"/employers/{employers.erins}/incentives/paper", page=f"/hires/{hire}", what=what, year="2025")
    await program.worker().run_until_idle()
    async with transaction(read_only=True):
        kept = await fetch("select id, name, board_id, employer_id from stored_file where kind like 'incentive_overview:%' order by name")
        assert await fetch_value("select count(*) from activity where kind = 'document' and file_id is not null") == 3
    assert [each["name"].split("-")[0] for each in kept] == ["calendar", "calendar", "year"] and all(each["employer_id"] is None for each in kept)
    assert (await browse(people.bob).get(f"/files/{kept[2]['id']}")).content.startswith(b"%PDF")
    assert (await browse(people.charlie).get(f"/files/{kept[2]['id']}")).status_code == 404


async def test_they_are_for_those_who_work_on_cases(hire, people, employers):
    with pytest.raises(Denied):
        await overviews.ask_for(people.walter, employers.erins, TODAY, year=2025)


@pytest.mark.parametrize("language", ["en", "es"])
async def test_both_pass_pdf_ua(case, people, employers, tmp_path, language):
    for document, content in ((CALENDAR, await calendar(people.alice, employers.erins, language=language)), (YEAR, await year(people.alice, employers.erins, language=language))):
        rendered = await documents.render(document, content, language)
        file = tmp_path / f"{document.name}.pdf"
        file.write_bytes(rendered.bytes)
        assert page.validate_pdf(str(file), profile="ua1").failures == [] and rendered.warnings == []
