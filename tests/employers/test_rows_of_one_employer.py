"""Each row of a list may bring a worksite and a person to its employer, also where another row said that employer first."""

import pytest

from crm.access import SYSTEM
from crm.database import execute, fetch, fetch_value, transaction
from crm.employers.importing import actions, bringing
from tests.employers.test_importing import bring_in, dump, key, sheet  # noqa: F401 (fixtures)

HEAD = "Company,Street,City,State,Zip,FEIN,First name,Last name,Email\n"
ACME = "Acme LLC,1 Main St,Worcester,MA,01608,12-3456789,Ana,Ruiz,ana@acme.example"
OAK = "Acme LLC,9 Oak St,Worcester,MA,01608,12-3456789"
LYNN = "Acme LLC,5 Elm St,Lynn,MA,01902,12-3456789"


@pytest.fixture
def people_of(sheet):  # noqa: F811
    return lambda *lines: sheet(*lines, head=HEAD)


async def sites():
    async with transaction(read_only=True):
        return [row["at"] for row in await fetch("select concat_ws(', ', nullif(line1, ''), city) as at from establishment order by is_primary desc, 1")]


async def people():
    """Who works where; the first one at an employer is its first contact."""
    async with transaction(read_only=True):
        return [tuple(row) for row in await fetch(
            "select concat_ws(' ', nullif(c.given_name, ''), nullif(c.family_name, '')), c.email::text, coalesce(s.line1, '') "
            "from affiliation f join contact c on c.id = f.contact_id left join establishment s on s.id = f.establishment_id order by f.is_primary desc, 1, 2")]  # fmt: skip


async def outcomes(import_id):
    async with transaction(read_only=True):
        rows = await fetch("select outcome, after, notes from import_row where import_id = $1 order by row_number", import_id)
    return [(row["outcome"], *bringing.told(row["after"] or {}), *row["notes"]) for row in rows]


async def test_a_new_employer_comes_with_all_the_people_and_worksites_of_its_rows(database, people_of):
    file = people_of(ACME, f"{OAK},Luis,Vega,luis@acme.example", f"{LYNN},Mei,Chen,", f"{OAK},Tom,Lee,tom@acme.example")

    import_id, totals = await bring_in(file)

    assert totals == {"rows": 4, "created": 1, "updated": 0, "unchanged": 0, "merged": 3, "rejected": 0, "worksites": 3, "people": 4}
    assert await sites() == ["1 Main St, Worcester", "5 Elm St, Lynn", "9 Oak St, Worcester"]
    assert await people() == [("Ana Ruiz", "ana@acme.example", "1 Main St"), ("Luis Vega", "luis@acme.example", "9 Oak St"),
                              ("Mei Chen", "", "5 Elm St"), ("Tom Lee", "tom@acme.example", "9 Oak St")]  # fmt: skip
    assert (await outcomes(import_id))[1:] == [
        ("merged", "Adds Luis Vega.", "Adds a worksite: 9 Oak St, Worcester."), ("merged", "Adds Mei Chen.", "Adds a worksite: 5 Elm St, Lynn."),
        ("merged", "Adds Tom Lee."),
    ]  # fmt: skip
    _id, again = await bring_in(file)
    assert (again["unchanged"], again["worksites"], again["people"]) == (4, 0, 0)


async def test_an_employer_that_we_know_gets_them_too_and_taking_back_leaves_it_as_it_was(database, people_of):
    await bring_in(people_of(ACME))
    before = await dump()
    file = people_of(ACME, f"{OAK},Luis,Vega,luis@acme.example", f"{LYNN},Mei,Chen,")

    import_id, totals = await bring_in(file)

    assert totals == {"rows": 3, "created": 0, "updated": 2, "unchanged": 1, "merged": 0, "rejected": 0, "worksites": 2, "people": 2}
    assert len(await sites()) == 3 and [name for name, *_rest in await people()] == ["Ana Ruiz", "Luis Vega", "Mei Chen"]
    async with transaction(read_only=True):
        told = [row["after"] for row in await fetch("select after from audit_entry where verb = 'employer.import_updated' order by id")]
    assert sorted((after["given_name"], after["line1"]) for after in told) == [("Luis", "9 Oak St"), ("Mei", "5 Elm St")]
    _id, again = await bring_in(file)
    assert again["unchanged"] == 3
    await actions.revert(SYSTEM, _id)
    assert (await actions.revert(SYSTEM, import_id))["kept"] == 0
    assert await dump() == before


async def test_what_comes_with_a_new_employer_goes_with_it_and_is_on_record(database, people_of):
    import_id, _totals = await bring_in(people_of(ACME, f"{OAK},Luis,Vega,luis@acme.example"))
    async with transaction(read_only=True):
        told = await fetch("select verb, after ->> 'given_name' as name from audit_entry where subject_kind = 'employer' order by after ->> 'given_name'")
    assert [tuple(row) for row in told] == [("employer.imported", "Ana"), ("employer.import_updated", "Luis")]
    assert await actions.revert(SYSTEM, import_id) == {"removed": 1, "restored": 0, "kept": 0}
    assert not any(await dump())


async def test_who_and_what_is_said_twice_comes_once(database, people_of):
    _id, totals = await bring_in(people_of(
        ACME,
        "Acme LLC,1 Main Street Suite 4,Worcester,MA,,12-3456789,ANA,RUIZ,",  # without a ZIP code and an email
        "Acme LLC,,Worcester,MA,,12-3456789,A.,Ruiz,Ana@Acme.example",  # no street; the email is hers
        "Acme LLC,1 Main St,Worcester,MA,01608,12-3456789,,,",
    ))  # fmt: skip
    assert (totals["worksites"], totals["people"]) == (1, 1)
    assert await sites() == ["1 Main St, Worcester"] and await people() == [("Ana Ruiz", "ana@acme.example", "1 Main St")]


async def test_an_email_that_two_names_share_is_one_person_and_the_other_row_says_so(database, people_of):
    file = people_of(ACME, f"{OAK},Luis,Vega,ana@acme.example")
    import_id, totals = await bring_in(file)
    assert totals["people"] == 1
    assert (await outcomes(import_id))[1][2].startswith("Its person was left out: another row has this email under another name.")


async def test_the_row_that_says_more_brings_it(database, people_of):
    file = people_of("Acme LLC,,Worcester,MA,,,Ana,Ruiz,", "Acme LLC,1 Main St,Worcester,MA,,,Ana,Ruiz,ana@acme.example")
    _id, totals = await bring_in(file)
    assert (totals["created"], totals["merged"], totals["worksites"], totals["people"]) == (1, 1, 1, 1)
    assert await sites() == ["1 Main St, Worcester"] and await people() == [("Ana Ruiz", "ana@acme.example", "1 Main St")]
    assert (await bring_in(file))[1]["unchanged"] == 2


async def test_one_strange_address_in_a_town_where_the_employer_is_brings_no_worksite_and_says_so(database, people_of):
    await bring_in(people_of(ACME))
    import_id, totals = await bring_in(people_of(f"{OAK},Ana,Ruiz,"))
    assert (totals["unchanged"], totals["worksites"]) == (1, 0)
    assert (await outcomes(import_id))[0][1].startswith("Its address was left out: the employer has another worksite in this town.")


async def test_facts_of_the_employer_in_later_rows_go_on_as_before(database, sheet):  # noqa: F811
    head = "Company,City,State,Phone,Website,First name,Last name\n"
    await bring_in(sheet("Acme LLC,Worcester,MA,,,,", head=head))
    lines = "Acme LLC,Worcester,MA,,,Ana,Ruiz", "Acme LLC,Worcester,MA,508-555-0101,,Luis,Vega", "Acme LLC,Worcester,MA,,https://acme.example,,"
    _id, totals = await bring_in(sheet(*lines, head=head))
    assert (totals["updated"], totals["merged"], totals["people"]) == (1, 2, 2)
    async with transaction(read_only=True):
        assert tuple((await fetch("select phone, website, version from employer"))[0]) == ("+15085550101", "https://acme.example", 2)


async def test_someone_known_elsewhere_stays_one_person(database, people_of):
    await bring_in(people_of("Zenith Inc,1 Sea St,Boston,MA,,,Luis,Vega,luis@acme.example"))
    before = await dump()
    import_id, totals = await bring_in(people_of(ACME, f"{OAK},Luis,Vega,luis@acme.example"))
    assert totals["people"] == 2
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from contact where given_name = 'Luis'") == 1
    await actions.revert(SYSTEM, import_id)
    assert await dump() == before


async def test_what_someone_did_with_the_employer_since_keeps_all_of_it(database, people_of):
    import_id, _totals = await bring_in(people_of(ACME, f"{OAK},Luis,Vega,luis@acme.example"))
    async with transaction():
        await execute("insert into audit_entry (actor_kind, actor_name, verb, subject_kind, employer_id) select 'system', '', 'employer.changed', 'employer', id from employer")
    assert await actions.revert(SYSTEM, import_id) == {"removed": 0, "restored": 0, "kept": 1}
    assert len(await sites()) == 2 and len(await people()) == 2
