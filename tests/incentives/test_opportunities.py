"""What a pledged slot may bring, before anyone is found for it: asked of what is known, kept by no one, and taken along into the hire."""

from datetime import date

import pytest

from crm.database import fetch, fetch_value, transaction
from crm.errors import Denied, NotFound
from crm.incentives import hires, installed, opportunities, told
from crm.incentives.forms import SlotHireForm
from crm.incentives.secrecy import employer_may_know, is_secret
from crm.pledges import actions, drives
from crm.pledges.forms import DriveForm, PledgeForm
from tests.incentives.test_claimed_before import WELDER, claimed

TODAY = date(2025, 9, 1)
SEASON = DriveForm(name_en="Fall", name_es="Otoño", first_day=date(2025, 9, 1), last_day=date(2025, 12, 31), goal=10)


@pytest.fixture
async def pledge(program, people, employers):
    drive = await drives.add(people.bob, SEASON)
    return await actions.add(people.alice, employers.erins, PledgeForm(drive_id=drive, kind="internship", slots=3, first_day=date(2025, 10, 1)), today=TODAY)


async def slot_of(who, pledge):
    async with transaction(read_only=True):
        return await opportunities.one(who, pledge)


async def test_what_records_know_is_not_asked_and_nothing_about_a_person_either(pledge, people):
    slot = await slot_of(people.alice, pledge)
    assert slot.recorded["work_start"] == date(2025, 10, 1)
    worked = opportunities.work_out(slot, {}, [], TODAY)
    assert worked.asked
    for fact in worked.found.questions:
        assert fact.key not in slot.recorded and employer_may_know(fact)


async def test_what_depends_on_the_person_stands_between_its_bounds(pledge, people):
    worked = opportunities.work_out(await slot_of(people.alice, pledge), {"first_year_hours": "400", "first_year_wages": "8000"}, [], TODAY)
    wotc = next(each for each in worked.found.programs if each["program"] == "us-wotc")
    assert wotc["amount"] is None and wotc["headline"].startswith("Up to $")
    assert wotc["open_person"] and all(not is_secret(installed.library().facts[key]) for key in wotc["missing"])


async def test_what_the_employer_claimed_before_leaves_less(pledge, people, employers):
    async def ratc():
        found = opportunities.work_out(await slot_of(people.alice, pledge), WELDER, [], TODAY).found
        return next((each["headline"], each["limits_open"]) for each in found.programs if each["program"] == "ma-ratc")

    assert await ratc() == ("$4,800", True)
    await claimed(people.alice, employers.erins, 97_000)
    assert await ratc() == ("$3,000", False)


async def test_what_records_know_and_secrets_count_for_nothing_when_they_are_sent(pledge, people):
    slot = await slot_of(people.alice, pledge)
    sent = {"work_start": "2031-01-01", "birth_date": "2004-05-05", "wotc_group": "A", "nonsense": "1"}
    assert opportunities.work_out(slot, sent, [], TODAY) == opportunities.work_out(slot, {}, [], TODAY)


async def test_looking_at_a_slot_keeps_nothing(pledge, browse, people):
    client = browse(people.alice)
    before = await _counts()
    page = await client.submit(f"/pledges/{pledge}/incentives", **{"asked": "first_year_hours", "later": "", "f-first_year_hours": "400"})
    assert page.status_code == 200 and "What a slot may bring" in page.text and 'value="400"' in page.text
    assert await _counts() == before


async def _counts():
    async with transaction(read_only=True):
        return [await fetch_value(f"select count(*) from {table}") for table in ("hire", "hire_fact", "audit_entry")]


async def test_a_hire_for_the_slot_takes_worksite_first_day_and_answers_along(pledge, people, employers):
    slot = await slot_of(people.alice, pledge)
    form = opportunities.hire_of(slot, SlotHireForm(label="R.L.", job_title="Baker"))
    hire_id = await hires.add(people.alice, employers.erins, form, {"first_year_hours": "400"})
    async with transaction(read_only=True):
        hire = await hires.one(people.alice, hire_id)
        known = await told.of(hire)
    assert (hire["label"], hire["starts_on"], hire["establishment_id"]) == ("R.L.", date(2025, 10, 1), slot.pledge["establishment_id"])
    assert known["first_year_hours"].value == 400 and known["work_start"].source == "record"


async def test_a_wrong_answer_records_no_hire_and_says_what_is_wrong(pledge, browse, people):
    client = browse(people.alice)
    page = await client.submit(f"/pledges/{pledge}/hires", **{"label": "R.L.", "f-first_year_hours": "many"})
    assert page.status_code == 422 and "many" in page.text
    number = await client.submit(f"/pledges/{pledge}/hires", **{"label": "123-45-6789"})
    assert number.status_code == 422 and "This looks like a Social Security number" in number.text
    async with transaction(read_only=True):
        assert await fetch("select id from hire") == []


async def test_another_board_and_a_withdrawn_pledge_have_no_such_page(pledge, people):
    with pytest.raises((NotFound, Denied)):
        await slot_of(people.charlie, pledge)
    await actions.withdraw(people.alice, pledge, "timing")
    with pytest.raises(NotFound):
        await slot_of(people.alice, pledge)
