"""What keeps pages fast and does not jitter: statements and bytes of each page, and plans that do not grow with the table."""

import json
from datetime import date
from types import SimpleNamespace

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import Login, fetch, fetch_value, transaction
from crm.employers import searching
from crm.employers.searching import Filters
from crm.engagements import pipeline, pipelines
from crm.reporting import counting
from crm.search.finding import find

LARGE = {"employer", "establishment", "contact", "affiliation", "engagement", "activity", "task"}
EMPLOYERS = """
insert into employer (name, match_key, naics, employee_count, status, city, board_id, updated_at)
select (array['Harbor','Granite','Cedar'])[1 + n % 3] || ' Works ' || lpad(n::text, 5, '0'), 'works',
       (array['332710','621210','722511','541511'])[1 + n % 4], n % 400, (array['active','prospect'])[1 + n % 2],
       'Town ' || n % 90, (array[$2, $3]::uuid[])[1 + n % 2], now() - n * interval '1 minute'
  from generate_series(1, $1::int) n
"""
ENGAGEMENTS = """
insert into engagement (employer_id, board_id, pipeline_id, stage_id, stage_since)
select e.id, e.board_id, s.pipeline_id, s.id, e.updated_at
  from employer e
  join lateral (select s.* from stage s join pipeline p on p.id = s.pipeline_id where p.code = 'recruit'
                 order by s.position offset e.employee_count % 12 limit 1) s on true
 where e.board_id = $1
"""


@pytest.fixture
async def directory(people, boards, employers):
    """Three thousand employers, half of them on the north's pipeline, with contacts and activities."""
    async with acting(SYSTEM, "directory.made") as act:
        await fetch(EMPLOYERS, 3000, boards.north, boards.south)
        await fetch("insert into establishment (employer_id, city, state, zip, is_primary, board_id) "
                    "select id, city, 'MA', '01608', true, board_id from employer where city like 'Town%'")  # fmt: skip
        await fetch(ENGAGEMENTS, boards.north)
        await fetch("insert into contact (given_name, family_name, email) select 'Ana', 'Family ' || n, n || '@example.com' "
                    "from generate_series(1, 3000) n")  # fmt: skip
        await fetch("insert into affiliation (contact_id, employer_id) select c.id, e.id from "
                    "(select id, row_number() over (order by id) as n from contact) c join "
                    "(select id, row_number() over (order by id) as n from employer) e using (n)")  # fmt: skip
        await fetch("insert into activity (employer_id, board_id, kind, summary) select e.id, $1, 'call', 'Talked' "
                    "from employer e, generate_series(1, 5)", boards.north)  # fmt: skip
        # one is busier than all others, and a person has a day's work
        busiest = await fetch_value("select employer_id from engagement order by id limit 1")
        await fetch("insert into activity (employer_id, board_id, kind, summary, at) select $1, $2, 'visit', 'Met', "
                    "now() - n * interval '1 hour' from generate_series(1, 3000) n", busiest, boards.north)  # fmt: skip
        await fetch("update engagement set owner_id = $1, next_step = 'Call', next_step_due = current_date where id in "
                    "(select id from engagement order by id limit 10)", people.alice.account_id)  # fmt: skip
        await fetch("insert into task (board_id, employer_id, title, due, assignee_id, done_at) select $1, employer_id, 'Ask', "
                    "current_date, case when n % 150 = 0 then $2::uuid end, case when n % 2 = 1 then now() end "
                    "from (select employer_id, row_number() over (order by id) as n from engagement) g",
                    boards.north, people.alice.account_id)  # fmt: skip
        act.record("directory", None)
    await counting.count_all(date.today(), "America/New_York")
    async with transaction(Login.OWNER):
        await fetch("analyze")
    async with transaction(read_only=True):
        stage = await fetch_value("select stage_id from engagement where employer_id = $1", busiest)
    return SimpleNamespace(employer=busiest, stage=stage)


PAGES = [
    ("/employers", 8, 60_000), ("/employers?sector=31-33&status=active", 8, 60_000), ("/employers?stage={stage}", 8, 60_000),
    ("/employers?q=harbor", 9, 60_000), ("/employers/{employer}", 10, 120_000), ("/pipeline", 8, 300_000),
    ("/today", 6, 120_000), ("/search?q=har", 7, 20_000), ("/search?q=works+001", 7, 20_000), ("/search?q=grannite", 7, 20_000),
    ("/reports", 7, 60_000), ("/reports/rows?measure=stage&part={stage}", 2, 40_000), ("/reports/rows?measure=unplaced", 2, 40_000),
    ("/reports/rows?measure=employers&part=new", 2, 40_000),
]  # fmt: skip


async def test_each_page_stays_within_its_statements_and_bytes(directory, people, browse, statements):
    browser = browse(people.alice)
    for page, most, heaviest in PAGES:
        address = page.format(**vars(directory))
        await browser.get(address)
        statements.clear()
        answer = await browser.get(address)
        assert answer.status_code == 200, page
        assert len(statements) <= most, (page, [query for query, _values in statements])
        assert len(answer.content) <= heaviest, page


async def test_more_rows_bring_no_more_statements(people, boards, employers, browse, statements):
    browser = browse(people.alice)
    counts = {}
    for made in (0, 60):
        async with acting(SYSTEM, "directory.made") as act:
            await fetch(EMPLOYERS, made, boards.north, boards.north)
            await fetch(f"{ENGAGEMENTS} on conflict do nothing", boards.north)
            act.record("directory", None)
        for page in ("/employers", "/pipeline", "/search?q=harbor"):
            statements.clear()
            await browser.get(page)
            counts.setdefault(page, []).append(len(statements))
    assert all(few >= many for few, many in counts.values()), counts


async def plans(statements, *, dearer=1):
    """Each step of each plan, with its statement; planned for the values that were sent, as if pages of tables cost so much more to read."""
    found = []
    async with transaction():
        await fetch("select set_config('seq_page_cost', $1, true)", str(dearer))
        for query, values in list(statements):
            if query.startswith("select") and "set_config" not in query:
                answer = await fetch_value(f"explain (format json) {query}", *values)
                found += [(query, step) for step in steps(json.loads(answer)[0]["Plan"])]
    return found


def steps(plan):
    yield plan
    for under in plan.get("Plans", []):
        yield from steps(under)


NARROWED = [
    {}, {"sort": "city"}, {"sort": "recent"}, {"sector": "31-33"}, {"status": "active", "sort": "recent"}, {"size": "50-249"},
    {"board": True}, {"board": True, "sort": "name", "size": "50-249"}, {"stage": True}, {"after": True},
]  # fmt: skip


async def test_the_list_is_read_in_the_order_of_an_index(directory, people, boards, statements):
    chosen = {"board": boards.north, "stage": directory.stage}
    async with transaction(read_only=True):
        chosen["after"] = (await searching.list_employers(people.alice, Filters())).after
        statements.clear()
        for given in NARROWED:
            filters = {name: chosen[name] if value is True else value for name, value in given.items()}
            await searching.list_employers(people.alice, Filters(**filters))
    for query, step in await plans(statements):
        # a count stops at its cap, and may begin anywhere
        assert f"limit {searching.MOST_COUNTED + 1}" in query if "count(*)" in query else not reads_whole(step), query
        assert not (step["Node Type"] == "Sort" and step["Plan Rows"] > 100), (query, step["Sort Key"])


async def test_the_board_reads_no_more_than_the_cards_it_shows(directory, people, boards, statements):
    async with transaction(read_only=True):
        listed = await pipelines.stages(boards.north)
        statements.clear()
        await pipeline.columns(people.alice, boards.north, listed, pipeline.Filters(), date(2026, 11, 23))
    for query, step in await plans(statements):
        if "lateral" in query:
            assert "Sort" not in step["Node Type"], (query, step["Sort Key"])
            assert not reads_whole(step), query


async def test_search_reads_its_indexes(directory, people, statements):
    async with transaction(read_only=True):
        for typed in ("fa", "har", "works 001", "grannite", "town 7"):
            statements.clear()
            await find(people.alice, typed)
            # inside the transaction, where the search's own settings hold
            for query, step in await plans(statements):
                assert not reads_whole(step), (typed, query)


OF_ONE = ["/employers/{employer}", "/employers/{employer}/timeline", "/employers/{employer}/timeline?kind=visit", "/today", "/tasks"]


async def test_what_is_one_employers_or_ones_own_is_read_by_an_index(directory, people, browse, statements):
    browser = browse(people.alice)
    for page in OF_ONE:
        statements.clear()
        assert (await browser.get(page.format(**vars(directory)))).status_code == 200, page
        # a few hundred pages of three thousand rows are soon read; those of millions are not
        for query, step in await plans(statements, dearer=20):
            assert not reads_whole(step), (page, step["Relation Name"], query)
            # the busiest employer has thousands of lines, of which a page shows the newest
            assert not (step["Node Type"] == "Sort" and step["Plan Rows"] > 200), (page, query, step["Sort Key"])


def reads_whole(step):
    return step["Node Type"] == "Seq Scan" and step["Relation Name"] in LARGE
