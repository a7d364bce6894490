"""The list of employers in the order of an added field: numbers as numbers, days as days, choices as the field has them; the unknown last; no one twice."""

import json
from decimal import Decimal

import pytest

from crm.database import Login, execute, fetch, fetch_value, transaction
from crm.employers import searching
from crm.employers.searching import ListFilters, list_employers
from crm.errors import Invalid
from crm.fields import actions, definitions, sorting
from crm.fields.own import own
from crm.views import actions as views
from crm.views.forms import NewViewForm
from tests.views.test_exporting import file

NAMES = ["Ames", "Birch", "Cole", "Dunn", "East"]


@pytest.fixture
async def five(people, employers):
    """Five employers besides Erin's and Frank's, by name."""
    async with transaction():
        return {name: await fetch_value("insert into employer (name, match_key) values ($1, $1) returning id", name) for name in NAMES}


async def keep(who, ids, name, values):
    async with transaction():
        for employer_id, value in zip(ids, values, strict=False):
            if value is not None:
                await (await own(who, "employer", employer_id)).keep(who, employer_id, {name: value})


async def listed(who, sort, page=2, **more):
    """The names, page by page."""
    found, after = [], ""
    async with transaction(read_only=True):
        runs = sorting.runs_of(await definitions.fields(who), sort)
        while True:
            part = await list_employers(who, ListFilters(sort=sort, after=after, **more), runs=runs, page=page)
            found += [row["name"] for row in part.rows]
            if not part.after:
                return found
            after = part.after


UNKNOWN = ["Erin's Bakery", "Frank's Garage"]


@pytest.mark.parametrize(("kind", "values", "up"), [
    ("number", [10, 9, 100, -3, None], ["Dunn", "Birch", "Ames", "Cole", "East"]),
    ("decimal", ["10", "9.5", "0.25", "-1.5", "9.4"], ["Dunn", "Cole", "East", "Birch", "Ames"]),
    ("money", ["18.50", "9.00", "120.00", "18.00", None], ["Birch", "Dunn", "Ames", "Cole", "East"]),
    ("date", ["2026-11-03", "2025-12-31", "2026-02-01", None, "1999-01-01"], ["East", "Birch", "Cole", "Ames", "Dunn"]),
])  # fmt: skip
async def test_numbers_and_days_are_sorted_as_such_both_ways_and_the_unknown_come_last_by_name(people, employers, five, make, kind, values, up):
    await make(kind, "wage")
    await keep(people.alice, five.values(), "x_wage", values)
    known = [name for name in up if values[NAMES.index(name)] is not None]
    unknown = sorted([*UNKNOWN, *(name for name in NAMES if name not in known)])
    assert await listed(people.alice, "x_wage") == [*known, *unknown]
    assert await listed(people.alice, "-x_wage", page=3) == [*reversed(known), *unknown]


async def test_texts_are_sorted_without_regard_to_capitals_and_accents(people, employers, five, make):
    await make("text", "door")
    await keep(people.alice, five.values(), "x_door", ["beta", "Álpha", "Gamma", "10", "9"])
    assert (await listed(people.alice, "x_door"))[:5] == ["East", "Dunn", "Birch", "Ames", "Cole"]


async def test_choices_are_sorted_as_the_field_has_them_and_within_one_by_name(people, employers, five, make):
    field_id = await make("choice", "line")
    await make("yes_no", "parking")
    await keep(people.alice, five.values(), "x_line", ["blue", "red", "blue", None, "red"])
    await keep(people.alice, five.values(), "x_parking", [False, True, False, True, None])
    assert await listed(people.alice, "x_line") == ["Birch", "East", "Ames", "Cole", "Dunn", *UNKNOWN]
    assert await listed(people.alice, "x_parking") == ["Birch", "Dunn", "Ames", "Cole", "East", *UNKNOWN]
    async with transaction():
        await execute("update custom_field set choices = (select jsonb_agg(c order by c ->> 'code') from jsonb_array_elements(choices) c) where id = $1", field_id)
    assert (await listed(people.alice, "x_line"))[:2] == ["Ames", "Cole"]


async def test_equals_stand_in_one_order_so_that_paging_shows_each_once(people, employers, five, make):
    await make("number", "seats")
    await keep(people.alice, five.values(), "x_seats", [1, 1, 1, 1, 1])
    for page in (1, 2, 3):
        assert sorted(await listed(people.alice, "x_seats", page=page)) == sorted([*NAMES, *UNKNOWN])


async def test_it_is_offered_kept_with_views_and_the_file_has_the_same_order(browse, people, employers, make):
    field_id = await make("money", "wage")
    await make("long_text", "story")
    await keep(people.alice, [employers.franks, employers.erins], "x_wage", ["9.00", "18.00"])
    alice = browse(people.alice)
    page = (await alice.get("/employers?sort=x_wage")).text
    assert "Wage: lowest first" in page and "Wage: highest first" in page and "Story:" not in page and page.index("Frank&#39;s") < page.index("Erin&#39;s")
    assert [row[0] for row in await file(alice, "employers", "sort=x_wage")] == ["Employer", "Frank's Garage", "Erin's Bakery"]
    view = await views.keep(people.alice, NewViewForm(list="employers", name="By wage", query="sort=x_wage"))
    await actions.put_away(people.sam, field_id)  # a view of what is gone opens by name
    opened = await alice.get(f"/views/{view}", follow_redirects=True)
    assert opened.status_code == 200 and opened.text.index("Erin&#39;s") < opened.text.index("Frank&#39;s")


async def test_who_does_not_see_a_field_sorts_nothing_by_it(people, employers, make):
    await make("number", "seats", sensitivity="staff")
    await make("number", "account", sensitivity="sealed")
    await keep(people.bob, [employers.franks, employers.erins], "x_seats", [1, 2])
    assert await listed(people.alice, "x_seats") == ["Frank's Garage", "Erin's Bakery"]
    async with transaction(read_only=True):
        assert sorting.offered(await definitions.fields(people.teresa)) == []
        assert [name for name, _words in sorting.offered(await definitions.fields(people.bob))] == ["x_seats", "-x_seats"]
    assert await listed(people.teresa, "x_seats") == ["Erin's Bakery", "Frank's Garage"]


@pytest.mark.parametrize("after", ["x", sorting.after(9, []), sorting.after(0, ["NaN", "", "00000000-0000-0000-0000-000000000000"]), sorting.after(0, ["1"]),
                                   sorting.after(-1, []), sorting.after(1, ["a", "no id"])])  # fmt: skip
async def test_a_damaged_place_is_said_and_never_an_error_of_ours(browse, people, employers, make, after):
    await make("number", "seats")
    assert (await browse(people.alice).get(f"/employers?sort=x_seats&after={after}")).status_code == 422
    async with transaction(read_only=True):
        with pytest.raises(Invalid, match="damaged"):
            sorting.start(sorting.runs_of(await definitions.fields(people.alice), "x_seats"), after)


async def test_an_index_keeps_the_order_whatever_the_number_of_employers(people, employers, make, statements):
    field_id = await make("number", "seats")
    line = await make("choice", "line")
    async with transaction():
        await execute("insert into employer (name, match_key) select 'Works ' || n, n from generate_series(1, 4000) n")
        await execute("insert into custom_value (field_id, employer_id, value) select $1, id, to_jsonb(length(match_key) * 7 + right(match_key, 1)::int) "
                      "from employer where name like 'Works%'", field_id)  # fmt: skip
        await execute("insert into custom_value (field_id, employer_id, value, marks) select $1::uuid, id, '\"red\"', array[$1::uuid || ':' || (case when match_key like '%7' then 'blue' else 'red' end)] "
                      "from employer where name like 'Works%'", line)  # fmt: skip
    async with transaction(Login.OWNER):
        await execute("analyze custom_value, employer")
    for sort in ("x_seats", "-x_seats", "x_line"):
        statements.clear()
        async with transaction(read_only=True):
            runs = sorting.runs_of(await definitions.fields(people.alice), sort)
            first = await list_employers(people.alice, ListFilters(sort=sort), runs=runs, counted=False)
            await list_employers(people.alice, ListFilters(sort=sort, after=first.after), runs=runs, counted=False)
            sent = [(query, values) for query, values in statements if "as run" in query]
            assert len(sent) == 2 and len(first.rows) == searching.PAGE
            for query, values in sent:
                plan = json.dumps(await fetch_value(f"explain (format json) {query}", *values))
                assert "Seq Scan" not in plan, (sort, plan)
                assert ("custom_value_order" in plan) is (sort != "x_line"), (sort, plan)
                assert '"Node Type": "Sort"' not in plan or sort == "x_line", (sort, plan)


async def test_the_few_without_a_value_are_found_behind_however_many_names(people, employers, make, statements):
    """A page of them costs no look at each of the others by itself."""
    field_id = await make("number", "seats")
    async with transaction():
        await execute("insert into employer (name, match_key) select case when n > 1500 then 'Zenith ' else 'Works ' end || n, n from generate_series(1, 1503) n")
        await execute("insert into custom_value (field_id, employer_id, value) select $1, id, to_jsonb(1) from employer where name like 'Works%'", field_id)
    async with transaction(Login.OWNER):
        await execute("analyze custom_value, employer")
    found, after = [], sorting.after(1, ["", "00000000-0000-0000-0000-000000000000"])
    async with transaction(read_only=True):
        runs = sorting.runs_of(await definitions.fields(people.alice), "x_seats")
        while after:
            statements.clear()
            part = await list_employers(people.alice, ListFilters(sort="x_seats", after=after), runs=runs, page=2, counted=False)
            assert len(statements) <= 2
            found, after = [*found, *(row["name"] for row in part.rows)], part.after
    assert found == ["Erin's Bakery", "Frank's Garage", "Zenith 1501", "Zenith 1502", "Zenith 1503"]


async def test_what_the_index_reads_as_a_number(people):
    async with transaction(read_only=True):
        [row] = await fetch("select field_number('\"18.50\"'), field_number('12'), field_number('\"x\"'), field_number('\"2026-01-01\"'), field_number('true')")
    assert list(row.values()) == [Decimal("18.50"), Decimal(12), *[Decimal("Infinity")] * 3]
