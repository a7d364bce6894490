"""Added fields of worksites and people in the list of employers: columns that say what theirs have, filters, and sheets of their own in a workbook."""

import io
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from crm.access import SYSTEM
from crm.database import execute, fetch, fetch_value, transaction
from crm.employers.importing import actions as importing
from crm.employers.searching import ListFilters, list_employers
from crm.fields.own import own
from crm.names import match_key
from tests.views.test_exporting import file


@pytest.fixture
async def fields(make, people, employers):
    """Erin's has a second worksite and two people, Rosa on red shifts and Tom, who left, on blue ones."""
    await make("choices", "lines", subject="establishment")
    await make("date", "seen_on", subject="establishment")
    await make("choice", "shift", subject="contact")
    await make("choice", "account", subject="contact", sensitivity="sealed")
    async with transaction():
        first = await fetch_value("select id from establishment where employer_id = $1", employers.erins)
        other = await fetch_value("insert into establishment (employer_id, name, city, state, created_at) values ($1, 'Mill', 'Auburn', 'MA', now() + interval '1 day') returning id", employers.erins)
        gone = await fetch_value("insert into establishment (employer_id, name, city, state, archived_at) values ($1, 'Old', 'Auburn', 'MA', now()) returning id", employers.franks)
        rosa = await fetch_value("insert into contact (given_name, family_name, email, phone) values ('Rosa', 'Diaz', 'rosa@example.com', '+15085550101') returning id")
        tom = await fetch_value("insert into contact (given_name, family_name) values ('Tom', 'Lee') returning id")
        await execute("insert into affiliation (contact_id, employer_id, role, is_primary) values ($1, $2, 'Owner', true), ($1, $2, 'Baker', false)", rosa, employers.erins)
        await execute("insert into affiliation (contact_id, employer_id, valid_to) values ($1, $2, current_date - 9)", tom, employers.erins)
        for subject, subject_id, values in (
            ("establishment", first, {"x_lines": ["red"], "x_seen_on": "2026-11-03"}), ("establishment", other, {"x_lines": ["red", "blue"]}),
            ("establishment", gone, {"x_lines": ["blue"]}), ("contact", rosa, {"x_shift": "red", "x_account": "red"}), ("contact", tom, {"x_shift": "blue"}),
        ):  # fmt: skip
            await (await own(people.bob, subject, subject_id)).keep(people.bob, subject_id, values)


async def book(browser, query=""):
    answer = await browser.get(f"/exports/employers?format=xlsx&beside=true&query={query}")
    assert answer.status_code == 200, answer.text
    read = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return {name: read.get_sheet_by_name(name).to_python() for name in read.sheet_names}, answer.content


async def test_columns_say_what_their_worksites_and_people_have_each_once(browse, people, fields):
    alice = browse(people.alice)
    page = (await alice.get("/employers?columns=establishment.x_lines&columns=contact.x_shift")).text.partition("<table")[2]
    assert "Worksite: Lines" in page and "Red line; Red line, Blue line" in page and page.count("Red line") == 3 and "Contact: Shift" in page
    rows = await file(alice, "employers", "columns=establishment.x_lines&columns=establishment.x_seen_on&columns=contact.x_shift", "xlsx")
    assert rows == [["Employer", "Worksite: Lines", "Worksite: Seen_On", "Contact: Shift"],
                    ["Erin's Bakery", "Red line; Red line, Blue line", date(2026, 11, 3), "Red line"], ["Frank's Garage", "", "", ""]]  # fmt: skip


@pytest.mark.parametrize(("asked", "found"), [
    (["establishment.lines:blue"], ["Erin's Bakery"]), (["establishment.lines:green"], []), (["contact.shift:red", "establishment.lines:red"], ["Erin's Bakery"]),
    (["contact.shift:blue"], []), (["contact.account:red"], []), (["lines:red"], []), (["learner.lines:red"], []), (["establishment.lines:red' or true"], []),
])  # fmt: skip
async def test_the_list_is_narrowed_to_those_whose_worksite_or_someone_of_today_has_it(people, fields, asked, found):
    async with transaction(read_only=True):
        rows = await list_employers(people.bob if asked == ["contact.account:red"] else people.alice, ListFilters(added=tuple(asked)))
    assert [row["name"] for row in rows.rows] == found and rows.total == len(found)


async def test_what_it_is_narrowed_to_is_asked_and_said_with_whose_it_is(browse, people, fields):
    page = (await browse(people.alice).get("/employers?added=establishment.lines:blue")).text
    assert "Worksite: Lines: Blue line" in page and 'value="contact.shift:red"' in page and "Erin&#39;s" in page and "Frank&#39;s" not in page.partition("<table")[2]


async def test_a_workbook_has_them_in_sheets_of_their_own_exactly_for_the_rows_of_the_list(browse, people, fields):
    sheets, _content = await book(browse(people.alice))
    assert list(sheets) == ["Employers", "Worksites", "People"]
    sites = [dict(zip(sheets["Worksites"][0], row, strict=True)) for row in sheets["Worksites"][1:]]
    assert [(row["Employer"], row["Name of the worksite"], row["Worksite: Lines"], row["Worksite: Seen_On"]) for row in sites] == [
        ("Erin's Bakery", "", "Red line", date(2026, 11, 3)), ("Erin's Bakery", "Mill", "Red line, Blue line", ""), ("Frank's Garage", "", "", "")]  # fmt: skip
    [rosa] = [dict(zip(sheets["People"][0], row, strict=True)) for row in sheets["People"][1:]]
    assert (rosa["Employer"], rosa["Contact: first name"], rosa["Contact: job title"], rosa["Contact: phone"], rosa["Contact: Shift"]) == (
        "Erin's Bakery", "Rosa", "Owner", "(508) 555-0101", "Red line")  # fmt: skip
    assert "Contact: Account" not in rosa and "Does not want to be contacted" in rosa
    narrowed, _content = await book(browse(people.alice), "q%3Dgarage")
    assert [row[0] for row in narrowed["Worksites"][1:]] == ["Frank's Garage"] and narrowed["People"][1:] == []


async def test_partners_get_worksites_and_no_people(browse, people, fields):
    sheets, content = await book(browse(people.teresa), "columns%3Dcontact.x_shift")
    assert list(sheets) == ["Employers", "Worksites"] and b"Rosa" not in content
    page = (await browse(people.teresa).get("/employers?columns=contact.x_shift&added=contact.shift:red")).text.partition("<main")[2]
    assert "Shift" not in page and "Erin&#39;s" not in page


async def test_the_record_says_how_many_of_each_left(browse, people, fields):
    await book(browse(people.alice))
    async with transaction(read_only=True):
        told = await fetch_value("select after from audit_entry where verb = 'list.exported'")
    assert [(each["sheet"], each["rows"]) for each in told["beside"]] == [("Worksites", 3), ("People", 1)] and "email" in told["beside"][1]["columns"]


@pytest.mark.parametrize(("sheet", "subject", "name"), [("Worksites", "establishment", "x_lines"), ("People", "contact", "x_shift")])
async def test_a_sheet_comes_back_in_by_an_import(browse, tmp_path, people, fields, sheet, subject, name):
    """What was taken along, filled in and brought again finds the same worksites and people."""
    async with transaction():
        for employer in await fetch("select id, name from employer"):
            await execute("update employer set match_key = $2 where id = $1", employer["id"], match_key(employer["name"]))
    sheets, _content = await book(browse(people.alice))
    head, *rows = sheets[sheet]
    column = head.index({"Worksites": "Worksite: Lines", "People": "Contact: Shift"}[sheet])
    path = tmp_path / "sheet.csv"
    lines = [[str(cell) for cell in row[:column]] + ["blue"] + [str(cell) for cell in row[column + 1:]] for row in rows]
    path.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in [head, *lines]), encoding="utf-8")
    import_id = await importing.start(SYSTEM, path, "sheet.csv", update="overwrite", only_sure=True)
    totals = await importing.check(SYSTEM, import_id, path)
    assert totals["created"] == 0 and totals["rejected"] == 0 and totals["updated"] == len(rows)
    await importing.apply(SYSTEM, import_id)
    async with transaction(read_only=True):
        assert await fetch_value(
            f"select count(*) from custom_value v join custom_field d on d.id = v.field_id where v.{subject}_id is not null and 'x_' || d.key = $1 "
            "and v.marks = array[d.id || ':blue']", name) == len(rows) + 1  # fmt: skip
