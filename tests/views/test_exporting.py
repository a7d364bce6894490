"""A list as a file is exactly what the list shows to the one who asks, safe to open, and on record before it leaves."""

import csv
import io
from urllib.parse import quote

import pytest
from python_calamine import CalamineWorkbook

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute, fetch_one, transaction
from crm.employers import actions as employing
from crm.employers.forms import EmployerForm
from crm.engagements import actions as engagements
from crm.engagements import tasks
from crm.engagements.forms import TaskForm
from crm.views import exporting


async def file(browser, name, query="", kind="csv"):
    answer = await browser.get(f"/exports/{name}?format={kind}&query={quote(query)}")
    assert answer.status_code == 200, answer.text
    if kind == "xlsx":
        return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def many(count):
    async with acting(SYSTEM, "employers.made") as act:
        await execute("insert into employer (name, match_key, naics, city) select 'Works ' || lpad(n::text, 5, '0'), 'w', '236115', 'Town ' || n % 7 "
                      "from generate_series(1, $1::int) n", count)  # fmt: skip
        act.record("employers", None)


async def test_it_has_the_filters_columns_and_order_of_the_view(browse, people, employers, monkeypatch):
    await many(30)
    monkeypatch.setattr("crm.employers.listing.SHEET_PAGE", 7)  # over many pages of the reading
    rows = await file(browse(people.alice), "employers", "sector=23&sort=city&columns=city&columns=naics")
    assert rows[0] == ["Employer", "Town", "NAICS"]
    assert len(rows) == 31 and rows[1:] == sorted(rows[1:], key=lambda row: (row[1], row[0]))
    assert {row[2] for row in rows[1:]} == {"236115"}


async def test_words_find_the_same_in_the_file_as_on_the_page(browse, people, employers):
    assert [row[0] for row in await file(browse(people.alice), "employers", "q=bakery")] == ["Employer", "Erin's Bakery"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_no_cell_runs_as_a_formula(browse, people, employers, kind):
    await employing.change_employer(people.alice, employers.erins, EmployerForm(name="=HYPERLINK(1)", note="@SUM(A1)", version=1))
    rows = await file(browse(people.alice), "employers", "columns=note", kind)
    assert ["'=HYPERLINK(1)", "'@SUM(A1)"] in rows if kind == "csv" else ["=HYPERLINK(1)", "@SUM(A1)"] in rows  # text, not a formula, in a workbook


async def test_each_gets_the_fields_and_rows_that_are_theirs(browse, people, employers):
    await employing.change_employer(people.alice, employers.erins, EmployerForm(name="Erin's Bakery", phone="508-555-0100", version=1))
    await engagements.start(people.alice, employers.erins)
    await engagements.start(people.charlie, employers.franks)
    await tasks.add_task(people.alice, TaskForm(title="Call Erin"))
    wanted = "columns=phone&columns=stage&columns=zip"
    assert (await file(browse(people.teresa), "employers", wanted))[0] == ["Employer", "ZIP code"]
    assert [row[0] for row in await file(browse(people.charlie), "pipeline", "view=funnel")] == ["Employer", "Frank's Garage"]
    assert [row[0] for row in await file(browse(people.alice), "tasks", "whose=board")] == ["Task", "Call Erin"]
    assert [row[0] for row in await file(browse(people.charlie), "tasks", "whose=board")] == ["Task"]
    assert (await browse(people.teresa).get("/exports/pipeline")).status_code == 403


async def test_it_is_on_record_with_what_was_asked_and_how_much_left(browse, people, employers):
    await file(browse(people.alice), "employers", "sort=city&columns=zip", "xlsx")
    async with transaction(read_only=True):
        kept = await fetch_one("select actor_name, after from audit_entry where outcome = 'disclosed' and verb = 'list.exported'")
    assert kept["actor_name"] == "Alice"
    assert kept["after"] == {"list": "employers", "format": "xlsx", "rows": 2, "filters": {"sort": "city", "columns": ["zip"]}, "columns": ["name", "zip"]}


async def test_what_cannot_be_recorded_does_not_leave(browse, people, employers, superuser):
    await superuser("revoke insert on audit_entry from crm_record")
    answer = await browse(people.alice).get("/exports/employers")
    assert answer.status_code >= 500 and b"Erin" not in answer.content


async def test_a_list_too_long_for_one_file_says_what_to_do(browse, people, employers, monkeypatch):
    await many(5)
    monkeypatch.setitem(exporting.MOST, "xlsx", 5)
    answer = await browse(people.alice).get("/exports/employers?format=xlsx")
    assert answer.status_code == 422 and "more than 5 rows" in answer.text
    assert len(await file(browse(people.alice), "employers")) == 8


@pytest.mark.parametrize("address", ["/exports/secrets", "/exports/employers?format=pdf", "/exports/employers?query=nonsense%3D1"])
async def test_what_no_list_understands_is_refused(browse, people, address):
    assert (await browse(people.alice).get(address)).status_code in {400, 422}
