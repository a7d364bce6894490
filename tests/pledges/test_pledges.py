"""What employers promise for a season, and what becomes of it: no slot is given away twice, and every count can be taken back."""

import asyncio
import csv
import io
import re
from datetime import date, timedelta

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import Login, execute, fetch, fetch_one, fetch_value, transaction
from crm.employers import merging
from crm.engagements import actions as engagements
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.pledges import actions, drives, listing
from crm.pledges.forms import DriveForm, PledgeForm, ProgressForm
from crm.pledges.rules import Totals, check_totals, pace, weeks

TODAY = date(2026, 11, 23)
SUMMER = DriveForm(name_en="Summer", name_es="Verano", first_day=date(2026, 11, 1), last_day=date(2027, 1, 31), goal=46)


@pytest.fixture
async def drive(program, people):
    return await drives.add(people.bob, SUMMER)


async def pledged(who, employer, drive, *, slots=3, on=None, **fields):
    return await actions.add(who, employer, PledgeForm(drive_id=drive, kind=fields.pop("kind", "internship"), slots=slots, pledged_on=on, **fields), today=TODAY)


async def counted(who, pledge, step, change, **fields):
    return await actions.count(who, pledge, ProgressForm(step=step, change=change, **fields), today=TODAY)


async def row(pledge):
    async with transaction(read_only=True):
        return await fetch_one("select * from pledge where id = $1", pledge)


async def totals(pledge):
    found = await row(pledge)
    return tuple(found[name] for name in ("slots", "matched", "started", "completed"))


# ── how a drive does by day ──


@pytest.mark.parametrize(
    ("today", "day", "expected"),
    [("2026-10-31", 0, 0), ("2026-11-01", 1, 0), ("2026-11-02", 2, 1), ("2026-12-16", 46, 23), ("2027-01-31", 92, 46), ("2027-05-01", 92, 46)],
)
def test_an_even_pace(today, day, expected):
    found = pace(SUMMER.first_day, SUMMER.last_day, 46, 20, date.fromisoformat(today))
    assert (found.day, found.days, found.expected, found.ahead) == (day, 92, expected, 20 - expected)


@given(st.dictionaries(st.dates(date(2026, 6, 1), date(2027, 8, 1)), st.integers(1, 50), max_size=20), st.integers(0, 120), st.integers(-5, 200))
def test_the_weeks_bring_what_the_days_brought(by_day, length, passed):
    first = date(2026, 11, 1)
    last, today = first + timedelta(days=length), first + timedelta(days=passed)
    found = weeks(first, last, 100, by_day, today)
    assert [week.first_day for week in found] == [first + timedelta(days=7 * n) for n in range(len(found))]
    if found and found[-1].last_day == last:
        assert found[-1].until == sum(by_day.values()) and (today < last or found[-1].expected == 100)
    assert all(after.until == before.until + after.brought for before, after in zip(found, found[1:], strict=False))


@given(st.lists(st.integers(-2, 5), min_size=4, max_size=4))
def test_no_step_has_more_than_the_one_before(numbers):
    fits = numbers[0] >= numbers[1] >= numbers[2] >= numbers[3] >= 0
    assert (check_totals(Totals(*numbers)) is None) == fits


# ── recording ──


async def test_a_pledge_is_kept_with_all_that_was_said(drive, people, employers):
    pledge = await pledged(people.alice, employers.erins, drive, slots=4, pay="program_pays", payer="YouthWorks", least_age=16, open_to="11th grade",
                           access_note="Two steps at the door", first_day=date(2027, 7, 1), last_day=date(2027, 8, 20))
    found = await row(pledge)
    assert (found["slots"], found["pay"], found["payer"], found["least_age"], found["pledged_on"]) == (4, "program_pays", "YouthWorks", 16, TODAY)
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from audit_entry where verb = 'pledge.added' and subject_id = $1", pledge) == 1
        assert await fetch_value("select name from event order by id desc limit 1") == "pledge_added"


async def test_what_does_not_fit_is_said_beside_its_field(drive, people, employers):
    async with transaction(read_only=True):
        elsewhere = await fetch_value("select id from establishment where employer_id = $1", employers.franks)
    for field, fields in (
        ("last_day", {"first_day": date(2027, 7, 2), "last_day": date(2027, 7, 1)}), ("pledged_on", {"on": TODAY + timedelta(days=1)}),
        ("establishment_id", {"establishment_id": elsewhere}), ("contact_id", {"contact_id": people.alice.account_id}),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            await pledged(people.alice, employers.erins, drive, **fields)
        assert set(refused.value.fields) == {field}


async def test_another_boards_drive_is_not_theirs(drive, people, employers):
    with pytest.raises(NotFound):
        await pledged(people.charlie, employers.erins, drive)
    pledge = await pledged(people.alice, employers.erins, drive)
    with pytest.raises(NotFound):
        await actions.withdraw(people.charlie, pledge, "timing")
    with pytest.raises(NotFound):
        await counted(people.charlie, pledge, "matched", 1)
    with pytest.raises(Denied):
        await drives.add(people.alice, SUMMER)


async def test_every_board_counts_in_a_drive_of_the_state_and_sees_its_own(program, people, employers):
    state = await drives.add(people.sam, SUMMER)
    await pledged(people.alice, employers.erins, state, slots=3)
    await pledged(people.charlie, employers.franks, state, slots=5)
    with pytest.raises(Invalid, match="you work for none"):
        await pledged(people.sam, employers.erins, state)
    with pytest.raises(Denied):
        await drives.put_away(people.bob, state)
    async with transaction(read_only=True):
        seen = {who: (await listing.sums(getattr(people, who), state))[0].slots for who in ("alice", "charlie", "ana")}
        boards = (await listing.sums(people.ana, state))[2]
    assert seen == {"alice": 3, "charlie": 5, "ana": 8}
    assert [(each.board, each.slots) for each in boards] == [("South", 5), ("North", 3)]


# ── what becomes of the slots ──


async def test_the_counts_are_the_sum_of_their_entries(drive, people, employers):
    pledge = await pledged(people.alice, employers.erins, drive, slots=3)
    await counted(people.alice, pledge, "matched", 2, on_day=date(2026, 11, 20), note="Two from North High")
    await counted(people.alice, pledge, "matched", 1)
    started = await counted(people.alice, pledge, "started", 2)
    await counted(people.bob, pledge, "matched", -1)
    assert await totals(pledge) == (3, 2, 2, 0)
    await actions.take_back(people.alice, started)
    assert await totals(pledge) == (3, 2, 0, 0)
    await actions.take_back(people.alice, started)  # twice is once
    assert await totals(pledge) == (3, 2, 0, 0)
    await actions.take_back(people.alice, started, again=True)
    assert await totals(pledge) == (3, 2, 2, 0)
    async with transaction(read_only=True):
        lines = await listing.history(people.alice, pledge)
    assert [(line["step"], line["change"], line["by"]) for line in lines if line["on_day"] == date(2026, 11, 20)] == [("matched", 2, "Alice")]


@pytest.mark.parametrize(
    ("step", "change", "said"),
    [("matched", 4, "4 matched slots, and 3 are pledged"), ("started", 1, "1 slots started, and 0 are matched"),
     ("completed", 1, "1 slots completed, and 0 have started"), ("matched", -1, "fewer than none"), ("matched", 0, "Say how many")],
)  # fmt: skip
async def test_more_than_there_are_is_refused_with_the_numbers(drive, people, employers, step, change, said):
    pledge = await pledged(people.alice, employers.erins, drive, slots=3)
    with pytest.raises(Invalid, match=said):
        await counted(people.alice, pledge, step, change)
    assert await totals(pledge) == (3, 0, 0, 0)


async def test_a_match_is_not_taken_back_from_under_those_who_started(drive, people, employers):
    pledge = await pledged(people.alice, employers.erins, drive)
    matched = await counted(people.alice, pledge, "matched", 2)
    await counted(people.alice, pledge, "started", 1)
    with pytest.raises(Invalid):
        await actions.take_back(people.alice, matched)
    assert await totals(pledge) == (3, 2, 1, 0)


async def test_many_at_once_never_match_more_than_is_pledged(drive, people, employers):
    pledge = await pledged(people.alice, employers.erins, drive, slots=5)
    done = await asyncio.gather(*(counted(people.alice, pledge, "matched", 1) for _each in range(12)), return_exceptions=True)
    assert sum(not isinstance(each, Exception) for each in done) == 5
    assert all(isinstance(each, Invalid) for each in done if isinstance(each, Exception))
    assert await totals(pledge) == (5, 5, 0, 0)


async def test_the_database_itself_refuses_what_no_action_looked_at(drive, people, employers):
    """As a placement will count one day, or whoever writes past the actions."""
    pledge = await pledged(people.alice, employers.erins, drive, slots=1)
    board = (await row(pledge))["board_id"]
    insert = "insert into pledge_progress (pledge_id, board_id, step, change, on_day) values ($1, $2, $3, $4, '2026-11-20')"
    for step, change in (("matched", 2), ("started", 1)):
        with pytest.raises(asyncpg.CheckViolationError):
            async with transaction():
                await execute(insert, pledge, board, step, change)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction():
            await execute("update pledge_progress set change = 9")


async def test_fewer_slots_than_are_matched_is_no_pledge(drive, people, employers):
    pledge = await pledged(people.alice, employers.erins, drive, slots=3)
    await counted(people.alice, pledge, "matched", 2)
    with pytest.raises(Invalid, match="2 matched slots, and 1 are pledged"):
        await actions.change(people.alice, pledge, PledgeForm(drive_id=drive, kind="internship", slots=1, version=1), today=TODAY)
    await actions.change(people.alice, pledge, PledgeForm(drive_id=drive, kind="internship", slots=2, version=1, pledged_on=TODAY), today=TODAY)
    with pytest.raises(Conflict):
        await actions.change(people.alice, pledge, PledgeForm(drive_id=drive, kind="project", slots=2, version=1), today=TODAY)
    assert await totals(pledge) == (2, 2, 0, 0)


async def test_withdrawing_takes_it_out_of_the_count_and_can_be_undone(drive, people, employers):
    pledge = await pledged(people.alice, employers.erins, drive)
    await actions.withdraw(people.alice, pledge, "timing")
    async with transaction(read_only=True):
        assert (await listing.sums(people.alice, drive))[0].slots == 0
        assert len(await listing.pledges(people.alice, drive, listing.Filters(state="withdrawn"))) == 1
    with pytest.raises(Conflict):
        await counted(people.alice, pledge, "matched", 1)
    await actions.bring_back(people.alice, pledge)
    await counted(people.alice, pledge, "matched", 1)
    with pytest.raises(Invalid, match="1 of its slots are matched"):
        await actions.withdraw(people.alice, pledge, "timing")


# ── the pages ──


async def test_every_number_opens_to_its_rows(drive, people, employers, browse):
    early = await pledged(people.alice, employers.erins, drive, slots=3, on=date(2026, 11, 5))
    await pledged(people.alice, employers.franks, drive, slots=2, kind="job_shadow", pay="unpaid")
    await counted(people.alice, early, "matched", 1)
    async with transaction(read_only=True):
        found = {
            name: [each["employer"] for each in await listing.pledges(people.alice, drive, listing.Filters(**filters))]
            for name, filters in {
                "all": {}, "kind": {"kind": "job_shadow"}, "pay": {"pay": "unpaid"}, "matched": {"step": "matched"}, "free": {"step": "free"},
                "since": {"since": date(2026, 11, 8)}, "until": {"until": date(2026, 11, 7)}, "name": {"q": "bakery"}, "percent": {"q": "%"},
            }.items()
        }  # fmt: skip
    erins, franks = "Erin's Bakery", "Frank's Garage"
    assert found == {"all": [franks, erins], "kind": [franks], "pay": [franks], "matched": [erins], "free": [franks, erins], "since": [franks],
                     "until": [erins], "name": [erins], "percent": []}  # fmt: skip
    page = (await browse(people.alice).get(f"/pledge-drives/{drive}")).text
    assert "5 of 46 slots" in page and "?step=matched" in page and "?kind=job_shadow" in page


async def test_pages_of_fifty(drive, people, employers, superuser, boards, browse):
    await superuser("insert into pledge (drive_id, board_id, employer_id, kind, slots, pay, pledged_on) select $1, $2, $3, 'project', 1, 'unpaid', "
                    "date '2026-11-01' + n % 7 from generate_series(1, 120) n", drive, boards.north, employers.erins)  # fmt: skip
    browser, seen, address = browse(people.alice), [], f"/pledge-drives/{drive}"
    while address:
        page = (await browser.get(address)).text
        seen += re.findall(r'<td><a [^>]*href="/pledges/([^"]+)"', page)
        address = page.rpartition('>Next page')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&") if "Next page" in page else ""
    assert len(seen) == 120 == len(set(seen))


async def test_a_pledge_suggests_the_stage_and_forces_nothing(drive, people, employers, browse):
    engagement = await engagements.start(people.alice, employers.erins)
    browser = browse(people.alice)
    page = f"/employers/{employers.erins}/pledges/new"
    answer = await browser.submit(page, page=page, drive_id=str(drive), kind="internship", slots="2")
    assert answer.status_code == 303, answer.text
    shown = (await browser.get(answer.headers["location"])).text
    assert "Move to “Pledged”" in shown and f"/engagements/{engagement}/move" in shown
    async with transaction(read_only=True):
        assert await fetch_value("select s.code from engagement g join stage s on s.id = g.stage_id where g.id = $1", engagement) == "identified"


async def test_what_is_typed_wrong_stays_in_the_form(drive, people, employers, browse):
    page = f"/employers/{employers.erins}/pledges/new"
    answer = await browse(people.alice).submit(page, page=page, drive_id=str(drive), kind="internship", slots="0", open_to="Grade 12")
    assert answer.status_code == 422 and 'value="Grade 12"' in answer.text


async def test_the_table_runs_no_formula_and_its_export_is_on_record(drive, people, employers, browse):
    await pledged(people.alice, employers.erins, drive, open_to="=1+1")
    answer = await browse(people.alice).get(f"/pledge-drives/{drive}/pledges.csv")
    (line,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (line["Employer"], line["Slots"], line["Kind of experience"], line["Who it is for"]) == ("Erin's Bakery", "3", "Internship", "'=1+1")
    async with transaction(read_only=True):
        assert await fetch_value("select actor_name from audit_entry where verb = 'pledges.exported' and outcome = 'disclosed'") == "Alice"


async def test_employers_read_their_own_in_the_portal_without_our_notes(drive, people, employers, browse):
    await pledged(people.alice, employers.erins, drive, note="They want a quick start")
    await pledged(people.alice, employers.franks, drive, kind="mentoring")
    page = (await browse(people.erin).get("/portal")).text
    assert "What you pledged" in page and "Internship, 3 slots" in page and "Summer" in page
    assert "Mentoring" not in page and "quick start" not in page
    async with transaction(Login.PORTAL, session_secret=people.erin.session_secret):
        assert await fetch_value("select count(*) from pledge") == 1 == await fetch_value("select count(*) from pledge_drive")


async def test_programs_read_drives_and_pledges(drive, people, employers, browse):
    pledge = await pledged(people.alice, employers.erins, drive)
    browser = browse(people.alice)
    assert [each["name_en"] for each in (await browser.get("/api/v1/pledge-drives")).json()["items"]] == ["Summer"]
    (listed,) = (await browser.get(f"/api/v1/pledge-drives/{drive}/pledges")).json()["items"]
    assert (listed["id"], listed["slots"], listed["withdrawn"]) == (str(pledge), 3, False)
    one = await browser.get(f"/api/v1/pledges/{pledge}")
    assert one.json() == listed and one.headers["etag"] == '"1"'


async def test_a_merge_takes_the_pledges_along(drive, people, employers):
    pledge = await pledged(people.alice, employers.erins, drive)
    async with acting(SYSTEM, "twin.made") as act:
        twin = await fetch_value("insert into employer (name, match_key) values ('Erin Bakery', 'erin') returning id")
        act.record("employer", twin)
    merge = await merging.merge(people.alice, twin, employers.erins, {})
    assert (await row(pledge))["employer_id"] == twin
    await merging.undo(people.alice, merge)
    assert (await row(pledge))["employer_id"] == employers.erins


async def test_a_drive_put_away_keeps_its_pledges(drive, people, employers):
    pledge = await pledged(people.alice, employers.erins, drive)
    await drives.put_away(people.bob, drive)
    async with transaction(read_only=True):
        assert await drives.open_to(people.alice) == []
        assert [each["id"] for each in await drives.open_to(people.alice, drive)] == [drive]
        assert [each["pledges"] for each in await drives.listed(people.alice)] == [1]
    await drives.put_away(people.bob, drive, restore=True)
    async with transaction(read_only=True):
        assert len(await drives.open_to(people.alice)) == 1
        assert len(await fetch("select from pledge where id = $1", pledge)) == 1
