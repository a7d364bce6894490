"""Added fields in the list of employers: chosen as columns, asked for by an index, kept with views, typed in files, set for many and taken back."""

from datetime import date

import pytest

from crm.database import Login, execute, fetch, fetch_value, transaction
from crm.employers import bulk
from crm.employers.searching import ListFilters, list_employers
from crm.errors import Conflict, Invalid
from crm.fields import actions
from crm.fields.own import own
from crm.views import actions as views
from crm.views.forms import NewViewForm
from tests.views.test_exporting import file


async def keep(who, employer_id, **values):
    async with transaction():
        await (await own(who, "employer", employer_id)).keep(who, employer_id, values)


async def now(who, employer_id):
    async with transaction(read_only=True):
        return (await own(who, "employer", employer_id)).now


@pytest.fixture
async def fields(make, people, employers):
    await make("choices", "lines")
    await make("money", "wage")
    await make("yes_no", "parking")
    await make("date", "seen_on")
    await keep(people.alice, employers.erins, x_lines=["red", "blue"], x_wage="18.50", x_parking=True, x_seen_on="2026-11-03")
    await keep(people.alice, employers.franks, x_lines=["blue"], x_parking=False)


async def test_they_are_columns_that_people_choose_and_views_keep(browse, people, fields):
    alice = browse(people.alice)
    assert "Red line" not in (await alice.get("/employers")).text.partition("<table")[2]
    page = (await alice.get("/employers?columns=x_lines&columns=x_wage&columns=x_seen_on")).text
    assert "Red line, Blue line" in page and "$18.50" in page and "Nov 3" in page
    view = await views.keep(people.alice, NewViewForm(list="employers", name="Buses", query="columns=x_lines&added=lines:red"))
    opened = await alice.get(f"/views/{view}", follow_redirects=True)
    assert "Red line, Blue line" in opened.text and "Frank&#39;s" not in opened.text.partition("<table")[2]


@pytest.mark.parametrize(("asked", "found"), [
    (["lines:red"], ["Erin's Bakery"]), (["lines:blue"], ["Erin's Bakery", "Frank's Garage"]), (["lines:blue", "parking:no"], ["Frank's Garage"]),
    (["lines:pink"], []), (["nothing:x"], []), (["", "parking:yes"], ["Erin's Bakery"]), (["lines"], []), (["lines:red' or true"], []),
])  # fmt: skip
async def test_the_list_is_narrowed_by_choices_and_by_yes_and_no(people, fields, asked, found):
    async with transaction(read_only=True):
        rows = await list_employers(people.alice, ListFilters(added=tuple(asked)))
    assert [row["name"] for row in rows.rows] == found and rows.total == len(found)


async def test_what_it_is_narrowed_to_is_said_and_taken_away_one_by_one(browse, people, fields):
    page = (await browse(people.alice).get("/employers?added=&added=lines:blue&added=parking:no")).text
    assert "Lines: Blue line" in page and "Parking: No" in page and 'href="/employers?added=lines%3Ablue"' in page


async def test_an_index_finds_those_who_have_it(people, fields):
    async with transaction():
        await execute("insert into employer (name, match_key) select 'Works ' || n, n from generate_series(1, 2000) n")
        await execute("insert into custom_value (field_id, employer_id, value, marks) select d.id, e.id, '[]', array[d.id || ':' || left(e.match_key, 2)] "
                      "from employer e, custom_field d where d.key = 'lines' and e.name like 'Works%'")  # fmt: skip
    async with transaction(Login.OWNER):
        await execute("analyze custom_value")
    async with transaction(read_only=True):
        plan = await fetch("explain select v.employer_id from custom_value v where v.aside_at is null and cardinality(v.marks) > 0 and v.marks @> "
                           "(select array[d.id || ':' || 'red'] from custom_field d where d.key = 'lines')")  # fmt: skip
    assert "custom_value_marks" in str(plan)


async def test_a_file_has_numbers_and_days_as_such(browse, people, fields):
    rows = await file(browse(people.alice), "employers", "columns=x_lines&columns=x_wage&columns=x_parking&columns=x_seen_on", "xlsx")
    assert rows == [["Employer", "Lines", "Wage", "Parking", "Seen_On"], ["Erin's Bakery", "Red line, Blue line", 18.5, "Yes", date(2026, 11, 3)],
                    ["Frank's Garage", "Blue line", "", "No", ""]]  # fmt: skip


async def test_what_is_hidden_is_no_column_no_filter_no_file(browse, people, employers, make):
    await make("choice", "account", sensitivity="sealed")
    await make("choice", "lines", sensitivity="staff")
    await keep(people.bob, employers.erins, x_account="red", x_lines="red")
    for who in (people.alice, people.bob):
        page = (await browse(who).get("/employers?columns=x_account&added=account:red")).text
        assert "Erin&#39;s" not in page.partition("<main")[2] and 'value="x_account"' not in page
    teresa = browse(people.teresa)
    page = (await teresa.get("/employers?columns=x_lines")).text
    assert "Erin&#39;s" in page and "Lines" not in page and "Red line" not in page
    assert "Erin&#39;s" not in (await teresa.get("/employers?added=lines:red")).text.partition("<main")[2]
    assert "Red line" not in str(await file(teresa, "employers", "columns=x_lines", "csv"))


async def test_one_field_is_set_for_many_seen_before_and_taken_back(browse, people, employers, fields):
    alice = browse(people.alice)
    chosen = [str(employers.erins), str(employers.franks)]
    seen = (await alice.submit("/employers/change", change="x_parking", x_parking="yes", chosen=chosen)).text
    assert "Parking: Yes" in seen and "1 employer changes" in seen and "It is so already." in seen
    done = await alice.submit("/employers/change", change="x_parking", x_parking="yes", chosen=chosen, confirmed="true")
    assert done.status_code == 303 and (await now(people.alice, employers.franks))["x_parking"] is True
    async with transaction(read_only=True):
        change = await fetch_value("select id from bulk_change")
        entry = (await fetch("select before, after from audit_entry where employer_id = $1 and verb = 'employer.changed'", employers.franks))[0]
    assert (entry["before"], entry["after"]) == ({"x_parking": False}, {"x_parking": True})
    assert await bulk.undo(people.alice, change) == (1, 0)
    assert (await now(people.alice, employers.franks))["x_parking"] is False
    with pytest.raises(Conflict):
        await bulk.undo(people.alice, change)


async def test_a_value_that_was_changed_since_or_put_away_stays(people, employers, make):
    field_id = await make("number", "seats")
    async with transaction(read_only=True):
        kind = bulk.form_with(await bulk.offered(people.alice))
    change, count = await bulk.change(people.alice, [employers.erins, employers.franks], kind(change="x_seats", x_seats="4"))
    assert count == 2
    await keep(people.alice, employers.erins, x_seats=9)
    other, _count = await bulk.change(people.alice, [employers.franks], kind(change="x_seats", x_seats="5"))
    await actions.put_away(people.sam, field_id)
    assert await bulk.undo(people.alice, other) == (0, 1)
    await actions.put_away(people.sam, field_id, restore=True)
    assert await bulk.undo(people.alice, change) == (0, 2)
    assert (await now(people.alice, employers.erins), await now(people.alice, employers.franks)) == ({"x_seats": 9}, {"x_seats": 5})


async def test_what_does_not_fit_or_is_hidden_is_set_for_no_one(browse, people, employers, make):
    await make("number", "seats")
    await make("text", "account", sensitivity="sealed")
    await make("text", "shortly", keep_months=3)
    async with transaction(read_only=True):
        kind = bulk.form_with(await bulk.offered(people.bob))
    with pytest.raises(Invalid, match="Seats: “many” is no number"):
        await bulk.change(people.bob, [employers.erins], kind(change="x_seats", x_seats="many"))
    for name in ("x_account", "x_shortly"):
        answer = await browse(people.bob).submit("/employers/change", change=name, **{name: "1"}, chosen=str(employers.erins), confirmed="true")
        assert answer.status_code == 422
    assert await now(people.bob, employers.erins) == {}
