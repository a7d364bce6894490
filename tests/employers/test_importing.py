"""A list of employers comes in whole or not at all, says what became of each row, and can be taken back."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import sealing
from crm.access import SYSTEM
from crm.actions import acting
from crm.boards import assigning
from crm.database import execute, fetch, fetch_value, transaction
from crm.employers.importing import actions, applying
from crm.errors import Conflict, Invalid
from crm.spreadsheets.reading import open_spreadsheet

HEAD = "Company,City,State,Zip,Phone,FEIN,Contact first name,Contact email\n"
REAL = Path(__file__).parents[3] / "shared" / "data" / "sba_ppp_montana_150k_plus.csv"


@pytest.fixture(autouse=True)
def key():
    sealing.use_keys("0" * 64)


@pytest.fixture
def sheet(tmp_path):
    def write(*lines, head=HEAD):
        file = tmp_path / "list.csv"
        file.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
        return file

    return write


async def bring_in(file, **options):
    import_id = await actions.start(SYSTEM, file, file.name, **options)
    await actions.check(SYSTEM, import_id, file)
    return import_id, await actions.apply(SYSTEM, import_id)


async def dump():
    """What the directory holds, without ids and times that a new row gets anew."""
    async with transaction(read_only=True):
        return [
            [tuple(row) for row in await fetch(f"select {columns} from {table} order by id")]
            for table, columns in (
                ("employer", "id, name, naics, phone, website, fein_last4, city, board_id, establishment_count"),
                ("establishment", "id, employer_id, city, zip"), ("contact", "id, given_name, email"),
                ("affiliation", "id, contact_id, employer_id"),
            )
        ]  # fmt: skip


async def test_each_row_ends_in_exactly_one_outcome(database, sheet):
    _id, totals = await bring_in(sheet("Acme LLC,Worcester,MA,01608,,,,", "ACME L.L.C.,Worcester,MA,01608,,,,", ",Boston,MA,,,,,"))
    assert totals == {"rows": 3, "created": 1, "updated": 0, "unchanged": 0, "merged": 1, "rejected": 1, "worksites": 1, "people": 0}


async def test_digits_that_are_none_cost_no_row(database, sheet):
    """A superscript, as in a number with a footnote, is a digit to Unicode and none to anyone who counts."""
    _id, totals = await bring_in(sheet("Acme LLC,Worcester,MA,01608,,12-345678³,,,12³", head=HEAD.strip() + ",Employees\n"))
    assert (totals["created"], totals["rejected"]) == (1, 0)
    async with transaction(read_only=True):
        assert await fetch_value("select (employee_count, fein_last4) from employer") == (None, "")


async def test_what_came_in_has_its_town_and_its_board_at_once(boards, sheet):
    """Each row is written once, as it will stay: nothing is left to assign or to add up."""
    async with transaction():
        await execute("insert into territory (board_id, kind, name, place_key, state, valid_from) values "
                      "($1, 'municipality', 'Worcester', 'worcester', 'MA', '2020-01-01'), ($2, 'zip', '01902', '01902', 'MA', '2020-01-01')",
                      boards.north, boards.south)  # fmt: skip
    await bring_in(sheet("Zeta LLC,Lynn,MA,01902,,,,"))
    await bring_in(sheet("Acme LLC,Worcester,MA,01608,,,,", "Acme LLC,Lynn,MA,01902,,,,", "Zeta LLC,Lynn,MA,01902,,12-3456789,Ana,", "Nowhere LLC,,,,,,,",
                         "Zeta LLC,Worcester,MA,01608,,12-3456789,,"))  # fmt: skip
    async with transaction():
        found = await fetch("select name, city, zip, board_id, establishment_count from employer where source like 'import:%' order by name, city")
        assert [tuple(row) for row in found] == [
            ("Acme LLC", "Lynn", "01902", boards.south, 1), ("Acme LLC", "Worcester", "01608", boards.north, 1), ("Nowhere LLC", "", "", None, 0),
            ("Zeta LLC", "Lynn", "01902", boards.south, 2)]  # fmt: skip
        assert await assigning.assign_all_boards() == 0
        before = await fetch("select id, xmin::text from employer order by id")
        await execute("select refresh_employers(array(select id from employer))")
        assert await fetch("select id, xmin::text from employer order by id") == before


async def test_the_planner_counts_anew_where_half_of_the_directory_is_new(database, superuser):
    add = "insert into employer (name, match_key) select n::text, n::text from generate_series({}, {}) n"
    await superuser(add.format(1, 1000))
    await superuser("analyze employer")

    async def known(first, last):
        await execute(add.format(first, last))
        await execute("select count_again(array['employer'])")
        return await fetch_value("select reltuples from pg_class where relname = 'employer'")

    async with transaction():
        assert await known(1001, 1450) == 1000
        assert await known(1451, 1510) == 1510


async def test_a_fein_that_another_row_contradicts_is_another_employers(database, sheet):
    """Of an employer without a FEIN, one name and town with two: the first is theirs, the other is of someone else."""
    await bring_in(sheet("Acme LLC,Worcester,MA,01608,,,,"))
    file = sheet("Acme LLC,Worcester,MA,01608,,12-3456789,,", "Acme LLC,Worcester,MA,01608,,98-7654321,,", "Acme LLC,Worcester,MA,01608,508-555-0101,,,")
    import_id, totals = await bring_in(file)
    assert (totals["updated"], totals["created"], totals["merged"]) == (1, 1, 1)
    async with transaction(read_only=True):
        found = await fetch("select fein_last4, phone from employer order by created_at, fein_last4")
    assert [tuple(row) for row in found] == [("6789", "+15085550101"), ("4321", "")]
    assert (await bring_in(file))[1]["unchanged"] == 3
    await actions.revert(SYSTEM, import_id)
    async with transaction(read_only=True):
        assert await fetch_value("select array_agg(fein_last4) from employer") == [""]


async def test_rows_that_meet_in_one_employer_by_different_ways_follow_one(database, sheet):
    await bring_in(sheet("Acme LLC,Worcester,MA,01608,,12-3456789,,"))
    _id, totals = await bring_in(sheet("Acme LLC,Worcester,MA,01608,508-555-0101,,,", "Acme Works LLC,Lynn,MA,01902,,12-3456789,Ana,ana@example.com"))
    assert (totals["created"], totals["updated"], totals["merged"]) == (0, 1, 1)
    async with transaction(read_only=True):
        assert await fetch_value("select (phone, (select count(*) from contact)) from employer") == ("+15085550101", 1)


async def test_nothing_is_saved_by_the_check(database, sheet):
    file = sheet("Acme LLC,Worcester,MA,01608,,,,")
    import_id = await actions.start(SYSTEM, file, "x.csv")
    totals = await actions.check(SYSTEM, import_id, file)
    assert totals["created"] == 1
    assert (await dump())[0] == []


async def test_the_same_file_again_changes_nothing(database, sheet):
    file = sheet("Acme LLC,Worcester,MA,01608,508-555-0101,12-3456789,Ana,ana@example.com", "Bee Inc,Lynn,MA,01902,,,,")
    await bring_in(file)
    _id, totals = await bring_in(file)
    assert totals == {"rows": 2, "created": 0, "updated": 0, "unchanged": 2, "merged": 0, "rejected": 0, "worksites": 0, "people": 0}


@pytest.mark.parametrize(("head", "lines"), [
    ("Company\n", ["Acme LLC", "Bee Inc", "ACME L.L.C."]),
    ("Company,State,Zip\n", ["Acme LLC,MA,01608", "Bee Inc,MA,", "Acme LLC,MA,01608"]),
])  # fmt: skip
async def test_a_list_of_names_alone_comes_in_once(database, sheet, head, lines):
    file = sheet(*lines, head=head)
    _id, first = await bring_in(file)
    _id, second = await bring_in(file)
    assert (first["created"], first["merged"]) == (2, 1)
    assert second["unchanged"] == 3


async def test_fills_in_what_is_empty_and_leaves_what_is_there(database, sheet):
    await bring_in(sheet("Acme LLC,Worcester,MA,01608,508-555-0101,,,"))
    _id, totals = await bring_in(sheet("Acme LLC,Worcester,MA,01608,508-555-0199,12-3456789,Ana,ana@example.com"))
    async with transaction(read_only=True):
        row = (await fetch("select phone, fein_last4, fein_sealed is not null as sealed from employer"))[0]
        people = await fetch_value("select count(*) from contact")
    assert totals["updated"] == 1
    assert (row["phone"], row["fein_last4"], row["sealed"], people) == ("+15085550101", "6789", True, 1)


async def test_takes_over_what_the_file_says_when_asked_to(database, sheet):
    await bring_in(sheet("Acme LLC,Worcester,MA,01608,508-555-0101,,,"))
    await bring_in(sheet("Acme LLC,Worcester,MA,01608,508-555-0199,,,"), update="overwrite")
    async with transaction(read_only=True):
        assert await fetch_value("select phone from employer") == "+15085550199"


async def test_one_name_in_two_towns_is_two_employers_unless_the_fein_is_one(database, sheet):
    _id, apart = await bring_in(sheet("Acme LLC,Worcester,MA,01608,,,,", "Acme LLC,Lynn,MA,01902,,,,"))
    _id, together = await bring_in(sheet("Bee Inc,Worcester,MA,01608,,98-7654321,,", "Bee Inc,Lynn,MA,01902,,98-7654321,,"))
    assert apart["created"] == 2
    assert (together["created"], together["merged"]) == (1, 1)


async def test_a_fein_is_nowhere_in_clear(database, sheet):
    await bring_in(sheet("Acme LLC,Worcester,MA,01608,,12-3456789,,", ",Lynn,MA,01902,,12-3456789,,"))
    async with transaction(read_only=True):
        for table in ("employer", "import_row", "import_batch", "audit_entry"):
            assert not await fetch_value(f"select exists (select from {table} t where t::text ~ '12-?3456789')"), table


async def test_rejected_rows_come_back_as_they_were_with_what_to_mend(database, sheet):
    await bring_in(sheet(",Boston,MA,,,,,", ",Lynn,MA,,,,,"))  # another list with rows to mend
    file = sheet("Acme LLC,Worcester,MA,01608,,,,", ",Lynn,MA,01902,,12-3456789,,ana@example.com")
    import_id, _totals = await bring_in(file)

    lines = (await actions.rejects(SYSTEM, import_id, file)).decode("utf-8-sig").splitlines()

    assert lines[0] == f"{HEAD.strip()},What to mend"
    assert lines[1].startswith(",Lynn,MA,01902,,12-3456789,,ana@example.com,There is no name.")
    assert len(lines) == 2


async def test_a_column_that_is_only_close_waits_for_a_person(database, sheet):
    file = sheet("Acme LLC,12", head="BusinessName,JobsRetained\n")
    looked_at, alone = [await actions.start(SYSTEM, file, "x.csv", only_sure=sure) for sure in (False, True)]

    async with transaction(read_only=True):
        found = dict(await fetch("select id, mapping->>'JobsRetained' from import_batch"))
        unsure = await fetch_value("select options->'unsure' from import_batch where id = $1", alone)
    assert (found[looked_at], found[alone], unsure) == ("employee_count", "", ["JobsRetained"])


async def test_taking_back_leaves_the_directory_as_it_was(database, sheet):
    await bring_in(sheet("Acme LLC,Worcester,MA,01608,,,,"))
    before = await dump()
    import_id, _totals = await bring_in(sheet("Acme LLC,Worcester,MA,01608,508-555-0101,12-3456789,Ana,ana@example.com",
                                              "Bee Inc,Lynn,MA,01902,,,,"))  # fmt: skip
    undone = await actions.revert(SYSTEM, import_id)
    assert undone == {"removed": 1, "restored": 1, "kept": 0}
    assert await dump() == before


async def test_someone_who_is_known_elsewhere_is_one_person_and_taking_back_leaves_them_there(database, sheet):
    await bring_in(sheet("Acme LLC,Worcester,MA,01608,,,Ana,ana@acme.example.org"))
    before = await dump()
    import_id, _totals = await bring_in(sheet("Zenith LLC,Boston,MA,02108,,,ANA,Ana@acme.example.org", "Mill LLC,Lynn,MA,01901,,,Luis,ana@acme.example.org"))
    async with transaction(read_only=True):
        assert await fetch_value("select count(distinct contact_id) from affiliation") == 2  # Luis only shares the address
        assert await fetch_value("select count(*) from affiliation") == 3
    await actions.revert(SYSTEM, import_id)
    assert await dump() == before


async def test_what_someone_touched_since_is_kept(database, sheet):
    import_id, _totals = await bring_in(sheet("Acme LLC,Worcester,MA,01608,,,,", "Bee Inc,Lynn,MA,01902,,,,"))
    async with acting(SYSTEM, "employer.changed") as act:
        touched = await fetch_value("select id from employer where name = 'Acme LLC'")
        await execute("update employer set phone = '+15085550100' where id = $1", touched)
        act.record("employer", touched, employer_id=touched)
    undone = await actions.revert(SYSTEM, import_id)
    assert (undone["removed"], undone["kept"]) == (1, 1)


async def test_a_worker_that_dies_while_writing_leaves_nothing_and_a_second_try_writes_once(database, sheet, monkeypatch):
    file = sheet("Acme LLC,Worcester,MA,01608,,,,", "Bee Inc,Lynn,MA,01902,,,,")
    import_id = await actions.start(SYSTEM, file, "x.csv")
    await actions.check(SYSTEM, import_id, file)
    monkeypatch.setattr(applying, "_RECORD", "select $1::uuid, $2::text, $3::uuid, $4::text, $5::uuid, 1 / 0")
    with pytest.raises(Exception):  # noqa: B017, PT011
        await actions.apply(SYSTEM, import_id)
    assert (await dump())[0] == []
    monkeypatch.undo()
    await actions.apply(SYSTEM, import_id)
    await actions.apply(SYSTEM, import_id)
    assert len((await dump())[0]) == 2


async def test_refuses_to_write_what_is_no_longer_what_was_shown(database, sheet):
    file = sheet("Acme LLC,Worcester,MA,01608,,,,")
    import_id = await actions.start(SYSTEM, file, "x.csv")
    await actions.check(SYSTEM, import_id, file)
    await bring_in(file)
    with pytest.raises(Conflict, match="changed since the check"):
        await actions.apply(SYSTEM, import_id)


@pytest.mark.parametrize("body", [b"", b"\x00\x01\x02" * 50, b"just one line without columns that fit\n"])
async def test_a_file_that_is_no_list_is_refused_in_words(database, tmp_path, body):
    file = tmp_path / "bad.csv"
    file.write_bytes(body)
    with pytest.raises(Invalid):
        import_id = await actions.start(SYSTEM, file, "bad.csv")
        await actions.check(SYSTEM, import_id, file)


names = st.sampled_from(["Acme LLC", "ACME, L.L.C.", "Bee Inc", "Peña & Sons", "=cmd()", "", "Café 24"])
rows = st.lists(st.tuples(names, st.sampled_from(["Worcester", "Lynn", ""]), st.sampled_from(["01608", "", "x"]),
                          st.sampled_from(["", "508-555-0101", "nonsense"])), max_size=8)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=rows, second=rows)
async def test_whatever_comes_in_reconciles_and_goes_out_again(database, tmp_path, first, second):
    def file(name, drawn):
        path = tmp_path / name
        path.write_text(HEAD + "".join(f'"{n}",{c},MA,{z},{p},,,\n' for n, c, z, p in drawn) + "Zed Co,Lynn,MA,01902,,,,\n")
        return path

    one, _totals = await bring_in(file("one.csv", first))
    before = await dump()
    two_file = file("two.csv", second)
    two, totals = await bring_in(two_file)
    assert totals["rows"] == sum(totals[k] for k in ("created", "updated", "unchanged", "merged", "rejected"))
    assert totals["rows"] == sum(1 for _row in open_spreadsheet(two_file).rows())
    await actions.revert(SYSTEM, two)
    assert await dump() == before
    await actions.revert(SYSTEM, one)
    assert (await dump())[0] == []


@pytest.mark.skipif(not REAL.exists(), reason="the real list is not here")
async def test_the_real_list_of_2196_rows(database):
    import_id, totals = await bring_in(REAL)
    assert totals == {"rows": 2196, "created": 2195, "updated": 0, "unchanged": 0, "merged": 1, "rejected": 0, "worksites": 2195, "people": 0}
    _id, again = await bring_in(REAL)
    assert again["unchanged"] == 2196
    assert await actions.revert(SYSTEM, import_id) == {"removed": 2195, "restored": 0, "kept": 0}
