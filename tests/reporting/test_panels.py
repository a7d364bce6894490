"""What the panels say: the same numbers in words, in a chart and in a table, each with its rows; and the rows as a file."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.database import execute, fetch, fetch_value, transaction
from crm.engagements import actions as engagements
from crm.engagements import activities, levels
from crm.engagements.forms import ActivityForm, RuleForm
from crm.pledges import actions as pledges
from crm.pledges import drives
from crm.pledges.forms import DriveForm, PledgeForm, ProgressForm
from crm.reporting import counting, panels, showing
from crm.reporting.charts import LONGEST, bars
from crm.reporting.measures import Scope
from crm.reporting.rules import quarter_of
from crm.sql import TRUE
from crm.translation import speaking

ZONE = "America/New_York"


def here():
    return datetime.now(ZoneInfo(ZONE)).date()


async def drive_of(who, goal=20):
    form = DriveForm(name_en="Summer", name_es="Verano", first_day=here() - timedelta(days=9), last_day=here() + timedelta(days=10), goal=goal)
    return await drives.add(who, form)


async def promised(who, employer, drive, slots, kind="internship", **steps):
    pledge = await pledges.add(who, employer, PledgeForm(drive_id=drive, kind=kind, slots=slots, pledged_on=here()), today=here())
    for step, change in steps.items():
        await pledges.count(who, pledge, ProgressForm(step=step, change=change), today=here())
    return pledge


async def shown(actor, board_id, language="en"):
    """The panels by their key."""
    await counting.count(board_id, here(), ZONE)
    with speaking(language):
        async with transaction(read_only=True):
            found = await showing.dashboard(actor, board_id, here())
        return {panel.key.partition("-")[0]: panel for panel in panels.panels(found, here(), lambda measure, part="": f"{measure} {part}")}


def table(panel, place=0):
    return {line.name: [cell.text for cell in line.cells] for line in panel.tables[place].lines}


# ── pledges ──


async def test_a_drive_shows_its_slots_step_by_step_against_its_goal(program, people, boards, employers):
    drive = await drive_of(people.bob)
    await promised(people.alice, employers.erins, drive, 5, matched=3, started=2, completed=1)
    await promised(people.alice, employers.erins, drive, 2, kind="job_shadow")
    panel = (await shown(people.alice, boards.north))["drive"]
    assert panel.title == "Pledges: Summer" and [bar.value for bar in panel.chart.bars] == ["20", "7", "3", "2", "1"]
    assert [bar.hollow for bar in panel.chart.bars] == [True, False, False, False, False]
    assert table(panel) == {"All": ["7", "3", "2", "1"], "Internship": ["5", "3", "2", "1"], "Job shadow": ["2", "0", "0", "0"]}
    assert "an even pace would have brought 10 by now" in panel.words


async def test_withdrawn_pledges_old_drives_and_other_boards_count_nothing(program, people, boards, employers):
    drive, old = await drive_of(people.sam), await drive_of(people.sam)
    await promised(people.charlie, employers.franks, drive, 9)
    await promised(people.alice, employers.erins, old, 9)
    async with transaction():
        await execute("update pledge_drive set first_day = first_day - 800, last_day = last_day - 800 where id = $1", old)
        await execute("update pledge set withdrawn_at = now() where drive_id = $1 and board_id = $2", drive, boards.north)
    panel = (await shown(people.alice, boards.north))["drive"]
    assert table(panel) == {"All": ["0", "0", "0", "0"]} and panel.chart is None and "goal" not in panel.words  # the goal is the whole state's
    assert table((await shown(people.sam, None))["drive"]) == {"All": ["9", "0", "0", "0"], "Internship": ["9", "0", "0", "0"]}


# ── levels ──


async def logged(who, employer, days_ago, **fields):
    activity = await activities.log_activity(who, employer, ActivityForm(summary="x", **fields), zone=ZONE, today=here())
    async with transaction():
        await execute("update activity set at = at - make_interval(days => $2) where id = $1", activity, days_ago)
    return activity


async def test_the_database_works_out_the_same_levels_as_the_rules(program, people, employers):
    day = date(2026, 7, 1)
    await levels.add_rule(people.sam, RuleForm(kind="call", level="0", first_day=day, source="x"))
    await levels.add_rule(people.sam, RuleForm(kind="email", level="5", first_day=day, source="x"))
    for employer, kinds in ((employers.erins, ("call", "email", "visit", "email")), (employers.franks, ("call", "meeting", "event", "note"))):
        for place, kind in enumerate(kinds):
            for outcome in ("", "reached", "hired"):
                await logged(people.sam, employer, place * 90, kind=kind, outcome=outcome)
    async with transaction(read_only=True):
        rows = await fetch(levels.before(datetime.now(ZoneInfo(ZONE)) + timedelta(days=1), ZONE, TRUE))
        expected = await levels.scores([employers.erins, employers.franks], ZONE)
    assert {row["employer_id"]: row["level"] for row in rows} == {employer: score.level for employer, score in expected.items()} and len(rows) == 2


async def test_levels_count_the_employers_of_the_board_s_pipelines_and_how_they_moved(program, people, boards, employers):
    first = quarter_of(here())
    before = (here() - first).days + 5
    await engagements.start(people.alice, employers.erins)
    await logged(people.alice, employers.erins, before, kind="call", outcome="reached")
    await logged(people.alice, employers.erins, 0, kind="event", outcome="supported")
    await levels_worked_out(employers)
    panel = (await shown(people.alice, boards.north))["levels"]
    now = await level_of(employers.erins)
    assert now and sum(int(cells[0]) for cells in table(panel).values()) == 1 and table(panel)[f"Level {now}"] == ["1"]
    assert table(panel, 1) == {"Rose": ["1"], "Fell": ["0"], "Came in": ["0"]}
    async with transaction(read_only=True):
        [row] = await showing.rows(Scope(people.alice, boards.north, here(), ZONE, "up"), "level_moved")
    assert row["detail"].endswith(f"→ {now}") and row["name"] == "Erin's Bakery"


async def levels_worked_out(employers):
    async with transaction():
        await levels.refresh([employers.erins, employers.franks], ZONE)


async def level_of(employer):
    async with transaction(read_only=True):
        return await fetch_value("select engagement_level from employer where id = $1", employer)


# ── charts ──


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20), st.booleans())
def test_each_bar_is_as_long_as_its_share_of_the_longest(values, beside):
    chart = bars([(str(value), value) for value in values], beside=beside)
    if not any(values):
        assert chart is None
        return
    room = max(bar.width for bar in chart.bars)
    assert room == pytest.approx(LONGEST - chart.bars[0].x, abs=0.1)
    assert all(bar.width == pytest.approx(room * value / max(values), abs=0.1) for bar, value in zip(chart.bars, values, strict=True))
    assert all(one.y + 12 < other.y for one, other in zip(chart.bars, chart.bars[1:], strict=False)) and chart.bars[-1].y + 12 <= chart.height


def test_a_bar_of_hours_keeps_its_decimals():
    assert [bar.value for bar in bars([("half", Decimal("1.5")), ("most", Decimal("3.0"))]).bars] == ["1.5", "3"]


@pytest.mark.parametrize("language", ["en", "es"])
async def test_every_chart_of_the_page_has_a_title_its_numbers_in_words_and_a_table(browse, people, boards, employers, language):
    drive = await drive_of(people.bob)
    await promised(people.alice, employers.erins, drive, 5)
    await engagements.start(people.alice, employers.erins)
    await logged(people.alice, employers.erins, 1, kind="call", outcome="reached")
    await counting.count(boards.north, here(), ZONE)
    async with transaction():
        await execute("update account set language = $2 where id = $1", people.alice.account_id, language)
    page = (await browse(people.alice).get("/reports")).text
    panels_of = re.findall(r'<section class="card report".*?</section>', page, re.DOTALL)
    charts = [panel for panel in panels_of if "<svg" in panel]
    assert len(charts) >= 5 and all("<table" in panel and "<p>" in panel for panel in panels_of)
    for panel in charts:
        [title, words] = re.search(r'aria-labelledby="(\S+) (\S+)" focusable', panel).groups()
        assert re.search(rf'<title id="{title}">[^<]+</title><desc id="{words}">[^<]+</desc>', panel)


# ── the rows as a page and a file ──


async def calls(employers, boards, count):
    async with transaction():
        await execute("insert into activity (employer_id, board_id, kind, summary, at) select $1, $2, 'call', 'Call ' || n, now() - n * interval '1 minute' "
                      "from generate_series(1, $3::int) n", employers.erins, boards.north, count)  # fmt: skip


async def test_pages_of_rows_bring_each_row_once(browse, people, boards, employers):
    await calls(employers, boards, 120)
    await counting.count(boards.north, here(), ZONE)
    alice, found = browse(people.alice), []
    address = "/reports/rows?measure=unplaced"
    while address:
        page = (await alice.get(address)).text
        found += re.findall(r"Call \d+", page)
        following = re.search(r'href="(/reports/rows[^"]*after=[^"]*)"', page)
        address = following and following.group(1).replace("&amp;", "&")
    assert sorted(found) == sorted(f"Call {n}" for n in range(1, 121)) and len(found) == 120


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_the_rows_of_a_number_are_saved_as_they_are_shown(browse, people, boards, employers, kind):
    await calls(employers, boards, 60)
    alice = browse(people.alice)
    page = (await alice.get("/reports/rows?measure=unplaced")).text
    link = re.search(rf'href="(/exports/report-rows\?format={kind}[^"]*)"', page).group(1).replace("&amp;", "&")
    answer = await alice.get(link)
    assert answer.status_code == 200
    if kind == "csv":
        lines = answer.text.splitlines()
        assert len(lines) == 61 and lines[0].lstrip("\ufeff") == "Employer,City,What,When" and lines[1].startswith("Erin's Bakery,Worcester,Call 1,")
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from audit_entry where verb = 'list.exported' and actor_id = $1", people.alice.account_id) == 1
    charlie = browse(people.charlie)
    assert "Erin" not in (await charlie.get("/exports/report-rows?format=csv&query=measure%3Dunplaced")).text
    assert (await charlie.get(f"/exports/report-rows?format=csv&query=measure%3Dunplaced%26board%3D{boards.north}")).status_code == 404


@pytest.mark.parametrize("query", ["measure=activity&part=nothing", "measure=pledged&part=x", "measure=level&part=9", "measure=stage&part=", "measure=served&after=x"])
async def test_a_damaged_address_of_rows_is_told(browse, people, query):
    assert (await browse(people.sam).get(f"/reports/rows?{query}")).status_code in {200, 404, 422}





@pytest.mark.parametrize("query", ["measure=unplaced", "measure=served", "measure=employers&part=new", "measure=activity&part={week} call"])
async def test_a_page_of_rows_reads_what_it_shows_however_many_there_are(browse, people, boards, employers, statements, superuser, query):
    await calls(employers, boards, 3000)
    await counting.count_all(here(), ZONE)
    await superuser("analyze")
    sam = browse(people.sam)
    address = f"/reports/rows?{query.format(week=here() - timedelta(days=here().weekday()))}"
    await sam.get(address)
    statements.clear()
    assert (await sam.get(address)).status_code == 200
    assert len(statements) <= 3
    async with transaction(read_only=True):
        await execute("set local enable_seqscan = off")
        for sent, values in list(statements):
            if " activity " in sent or "report_row" in sent:
                plan = "\n".join(row[0] for row in await fetch(f"explain {sent}", *values))
                assert "Seq Scan on activity" not in plan and "Seq Scan on report_row" not in plan, plan



