"""What leaders see: each number is the count of the rows behind it, means what it says, and is no one else's to see."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.database import execute, fetch, fetch_value, transaction
from crm.engagements import actions, tasks
from crm.engagements.forms import StageMoveForm, TaskForm
from crm.reporting import counting, showing
from crm.reporting.measures import MEASURES, SLOTS, Scope
from crm.reporting.rules import first_week, share, year_before

ZONE = "America/New_York"


def here():
    return datetime.now(ZoneInfo(ZONE)).date()


async def log(employer_id, board_id, days_ago, *, kind="call", direction="out", outcome="reached", site=True, hours=0):
    async with transaction():
        found = await fetch_value("select id from establishment where employer_id = $1 limit 1", employer_id) if site else None
        await execute(
            "insert into activity (employer_id, board_id, kind, direction, summary, outcome, establishment_id, at) "
            "values ($1, $2, $3, $4, 'x', $5, $6, now() - make_interval(days => $7) + make_interval(hours => $8))",
            employer_id, board_id, kind, direction, outcome, found, days_ago, hours,
        )  # fmt: skip


async def figures(board_id):
    await counting.count(board_id, here(), ZONE)
    async with transaction(read_only=True):
        rows = await fetch("select measure, part, value from report_figure where board_id is not distinct from $1", board_id)
    return {(row["measure"], row["part"]): row["value"] for row in rows}


# ── what the numbers mean ──


@pytest.mark.parametrize(("ago", "part"), [((30,), "new"), ((30, 500), "kept"), ((30, 900), "back"), ((500,), "lapsed"), ((900,), None), ((30, 500, 900), "kept")])
async def test_an_employer_is_new_kept_back_or_lapsed(boards, employers, ago, part):
    for days in ago:
        await log(employers.erins, boards.north, days)
    found = {name: value for (measure, name), value in (await figures(boards.north)).items() if measure == "employers"}
    assert found == ({part: 1} if part else {})


async def test_who_was_not_reached_was_not_served(boards, employers):
    await log(employers.erins, boards.north, 10, outcome="no_answer")
    await log(employers.erins, boards.north, 10, kind="note")
    assert ("served", "") not in await figures(boards.north)


async def test_repeat_customers_are_establishments_served_in_the_year_and_in_the_three_before(boards, employers):
    await log(employers.erins, boards.north, 20)
    await log(employers.franks, boards.north, 20)
    await log(employers.franks, boards.north, 1000)
    await log(employers.erins, boards.north, 2000)  # earlier than the three years before
    await log(employers.erins, boards.north, 5, site=False)
    found = await figures(boards.north)
    assert (found["served", ""], found["repeat", ""], found["unplaced", ""]) == (2, 1, 1)


async def test_each_worksite_counts_by_itself(boards, employers):
    async with transaction():
        second = await fetch_value("insert into establishment (employer_id, line1, city, state, zip) values ($1, '2 Elm', 'Worcester', 'MA', '01608') returning id", employers.erins)
        await execute("insert into activity (employer_id, board_id, kind, summary, establishment_id) values ($1, $2, 'visit', 'x', $3)",
                      employers.erins, boards.north, second)  # fmt: skip
        first = await fetch_value("select id from establishment where employer_id = $1 and id <> $2", employers.erins, second)
        await execute("insert into activity (employer_id, board_id, kind, summary, establishment_id) values ($1, $2, 'visit', 'x', $3)",
                      employers.erins, boards.north, first)  # fmt: skip
    assert (await figures(boards.north))["served", ""] == 2


async def test_answers_are_measured_from_the_first_message_that_waits(boards, employers):
    await log(employers.erins, boards.north, 20, kind="email", direction="in")
    await log(employers.erins, boards.north, 20, kind="email", direction="in", hours=5)  # they ask again
    await log(employers.erins, boards.north, 20, kind="call", hours=10)
    await log(employers.franks, boards.north, 10, kind="email", direction="in")
    await log(employers.franks, boards.north, 10, kind="email", hours=2)
    await log(employers.franks, boards.north, 3, kind="email", direction="in")
    found = await figures(boards.north)
    assert (found["answered", ""], found["waiting", ""], found["hours", "half"], found["hours", "most"]) == (2, 1, Decimal("6.0"), Decimal("9.2"))


async def test_moves_and_stays_are_counted_by_stage(program, people, boards, employers):
    engagement = await actions.start(people.alice, employers.erins)
    async with transaction(read_only=True):
        first, second = (row["id"] for row in await fetch("select s.id from stage s join pipeline p on p.id = s.pipeline_id where p.code = 'recruit' order by s.position limit 2"))
    await actions.move(people.alice, engagement, StageMoveForm(stage_id=second))
    found = await figures(boards.north)
    assert found["stage", str(second)] == found["moved_in", str(second)] == found["moved_out", str(first)] == 1
    assert ("stage", str(first)) not in found


async def test_tasks_past_their_day_are_late(people, boards, employers):
    await tasks.add_task(people.alice, TaskForm(title="Late", due=here() - timedelta(days=1)), employer_id=employers.erins)
    await tasks.add_task(people.alice, TaskForm(title="Today", due=here()), employer_id=employers.erins)
    assert (await figures(boards.north))["overdue", ""] == 1


@given(day=st.dates(date(2000, 3, 1), date(2100, 1, 1)), years=st.integers(1, 4))
def test_a_year_before_is_the_same_day_or_the_last_of_february(day, years):
    found = year_before(day, years)
    assert found.year == day.year - years and (found.month, found.day) in {(day.month, day.day), (2, 28)}
    assert first_week(day).weekday() == 0 and timedelta(weeks=11) <= day - first_week(day) < timedelta(weeks=12)


@pytest.mark.parametrize(("part", "whole", "percent"), [(1, 3, Decimal("33.3")), (0, 5, Decimal("0.0")), (1, 8, Decimal("12.5")), (5, None, None), (0, 0, None)])
def test_a_share_of_the_unknown_is_unknown(part, whole, percent):
    assert share(part, whole) == percent


# ── counted, and counted again ──


async def test_counted_twice_it_is_the_same(boards, employers):
    await log(employers.erins, boards.north, 20)
    first = await figures(boards.north)
    assert await figures(boards.north) == first
    assert await counting.count_all(here(), ZONE) == 3


@pytest.mark.parametrize("whose", ["north", None])
async def test_every_number_is_the_count_of_its_rows(people, boards, employers, whose):
    for days in (5, 200, 500, 900):
        await log(employers.erins, boards.north, days)
        await log(employers.franks, boards.south, days + 1, kind="visit", direction="in")
    await actions.start(people.alice, employers.erins)
    await tasks.add_task(people.alice, TaskForm(title="Late", due=here() - timedelta(days=3)), employer_id=employers.erins)
    board = whose and boards.north
    found = await figures(board)
    person = people.alice if board else people.sam
    for (measure, part), value in found.items():
        if measure in MEASURES:
            async with transaction(read_only=True):
                rows = await showing.rows(Scope(person, board, here(), ZONE, part), measure)
                assert (sum(row["slots"] for row in rows) if measure in SLOTS else len(rows)) == value, (measure, part)


# ── the pages ──


async def test_every_number_of_the_page_leads_to_its_rows(browse, people, boards, employers):
    await log(employers.erins, boards.north, 5)
    await actions.start(people.alice, employers.erins)
    await counting.count(boards.north, here(), ZONE)
    alice = browse(people.alice)
    page = (await alice.get("/reports")).text
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/reports/rows[^"]*)"', page)}
    assert len(links) >= 4
    for link in links:
        answer = await alice.get(link)
        assert answer.status_code == 200 and "Erin&#39;s Bakery" in answer.text, link


async def test_a_board_sees_its_own_figures_and_the_state_all(browse, people, boards, employers):
    await log(employers.erins, boards.north, 5)
    await counting.count_all(here(), ZONE)
    charlie = browse(people.charlie)
    assert (await charlie.get(f"/reports?board={boards.north}")).status_code == 404
    assert (await charlie.get(f"/reports/rows?measure=served&board={boards.north}")).status_code == 404
    assert "Erin" not in (await charlie.get("/reports/rows?measure=served")).text
    for name in ("sam", "ana", "walter"):
        assert "Erin" in (await browse(getattr(people, name)).get("/reports/rows?measure=served")).text
        assert (await browse(getattr(people, name)).get(f"/reports?board={boards.north}")).status_code == 200


async def test_penetration_is_unknown_until_the_state_says_how_many_there_are(browse, people, boards, employers):
    await log(employers.erins, boards.north, 5)
    await counting.count_all(here(), ZONE)
    sam, alice = browse(people.sam), browse(people.alice)
    assert "the number of establishments in the area is missing" in (await alice.get("/reports")).text
    entered = {"board_id": boards.north, "establishments": "400", "source": "County Business Patterns 2023", "as_of": "2025-06-26"}
    assert (await sam.submit("/reports/establishments", page="/reports/establishments", **entered)).status_code == 303
    page = (await alice.get("/reports")).text
    assert "0.3%" in page and "County Business Patterns 2023" in page and "June 26, 2025" in page
    assert (await alice.submit("/reports/establishments", page="/reports", **entered)).status_code == 403


@pytest.mark.parametrize("wrong", [{"establishments": "0"}, {"source": ""}, {"as_of": "2999-01-01"}])
async def test_a_total_needs_its_source_and_a_day_that_has_come(browse, people, wrong):
    entered = {"establishments": "400", "source": "A source", "as_of": "2025-06-26"} | wrong
    assert (await browse(people.sam).submit("/reports/establishments", page="/reports/establishments", **entered)).status_code == 422


@pytest.mark.parametrize("query", ["measure=nothing", "measure=stage&part=nothing", "measure=served&part=%00x", "board=x&measure=served"])
async def test_an_address_that_is_damaged_is_told(browse, people, query):
    assert (await browse(people.sam).get(f"/reports/rows?{query}")).status_code in {200, 404, 422}


async def test_a_dashboard_asks_little_however_many_rows_there_are(browse, people, boards, employers, statements):
    await log(employers.erins, boards.north, 5)
    await counting.count(boards.north, here(), ZONE)
    alice = browse(people.alice)
    await alice.get("/reports")
    statements.clear()
    await alice.get("/reports")
    assert len(statements) <= 6 and not [query for query, _values in statements if " activity " in query]
