"""An import brings added fields: columns are guessed by label or key, values are read as everywhere, what does not fit is a note, and all can be taken back."""

import pytest

from crm.access import SYSTEM
from crm.database import fetch, fetch_value, transaction
from crm.employers.importing import actions as importing
from crm.errors import Invalid
from crm.fields.own import own
from tests.fields.nights import night


@pytest.fixture
async def fields(make):
    await make("choices", "lines")
    await make("number", "open_places", label_en="Places", label_es="Plazas")


async def brought(tmp_path, text, **choices):
    sheet = tmp_path / "list.csv"
    sheet.write_text(text, encoding="utf-8")
    import_id = await importing.start(SYSTEM, sheet, "list.csv", **choices)
    await importing.check(SYSTEM, import_id, sheet)
    return import_id


async def now(who, name):
    async with transaction(read_only=True):
        found = await fetch_value("select id from employer where name = $1", name)
        return (await own(who, "employer", found)).now if found else None


async def test_columns_are_guessed_by_label_in_both_languages_and_by_key(tmp_path, people, fields):
    for header, name in (("Places", "x_open_places"), ("plazas", "x_open_places"), ("Open_places", "x_open_places"), ("LINES", "x_lines"), ("lines (es)", "x_lines")):
        import_id = await brought(tmp_path, f"Company,{header}\nAcme LLC,3\n")
        async with transaction(read_only=True):
            assert (await fetch_value("select mapping from import_batch where id = $1", import_id))[header] == name, header


async def test_they_come_with_new_employers_and_go_with_the_import(tmp_path, people, fields):
    import_id = await brought(tmp_path, "Company,City,State,Lines,Places\nAcme LLC,Worcester,MA,Red line; blue,12\nZenith Inc,Boston,MA,,\n")
    await importing.apply(SYSTEM, import_id)
    assert await now(people.alice, "Acme LLC") == {"x_lines": ["red", "blue"], "x_open_places": 12} and await now(people.alice, "Zenith Inc") == {}
    async with transaction(read_only=True):
        field, marks = (await fetch("select field_id, marks from custom_value where cardinality(marks) > 0"))[0]
        assert marks == [f"{field}:red", f"{field}:blue"]
        assert await fetch_value("select after ->> 'x_open_places' from audit_entry where verb = 'employer.imported' order by after ? 'x_lines' desc limit 1") == "12"
    assert (await importing.revert(SYSTEM, import_id))["removed"] == 2
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from custom_value") == 0


@pytest.mark.parametrize(("update", "after"), [("fill", {"x_lines": ["red"], "x_open_places": 12}), ("overwrite", {"x_lines": ["blue"], "x_open_places": 12}), ("keep", {"x_lines": ["red"]})])
async def test_known_employers_are_filled_or_changed_as_asked_and_taking_back_restores_them(tmp_path, people, fields, update, after):
    await importing.apply(SYSTEM, await brought(tmp_path, "Company,City,State,Lines\nAcme LLC,Worcester,MA,red\n"))
    import_id = await brought(tmp_path, "Company,City,State,Lines,Places\nAcme LLC,Worcester,MA,blue,12\n", update=update)
    await importing.apply(SYSTEM, import_id)
    assert await now(people.alice, "Acme LLC") == after
    await importing.revert(SYSTEM, import_id)
    assert await now(people.alice, "Acme LLC") == {"x_lines": ["red"]}


async def test_what_does_not_fit_is_a_note_that_names_it_and_the_rest_of_the_row_is_taken(browse, tmp_path, people, fields):
    import_id = await brought(tmp_path, "Company,Lines,Places\nAcme LLC,pink,many\nZenith Inc,blue,NaN\n")
    async with transaction(read_only=True):
        rows = await fetch("select outcome, notes, facts from import_row where import_id = $1 order by row_number", import_id)
    assert rows[0]["notes"] == ["Lines was left out: “pink” is none of the choices. Allowed: Red line, Blue line.",
                                "Places was left out: “many” is no number. Allowed: whole numbers."]  # fmt: skip
    assert rows[1]["facts"] == {"x_lines": ["blue"]} and "“NaN” is no number" in rows[1]["notes"][0]
    assert [row["outcome"] for row in rows] == ["created", "created"]
    assert "“pink” is none of the choices" in (await browse(people.sam).get(f"/imports/{import_id}")).text


async def test_what_is_sealed_comes_by_no_list(browse, tmp_path, people, make):
    await make("text", "account", sensitivity="sealed")
    import_id = await brought(tmp_path, "Company,Account\nAcme LLC,Tulip 77\n", mapping={"Account": "x_account"})
    await importing.apply(SYSTEM, import_id)
    async with transaction(read_only=True):
        assert "Tulip" not in str(await fetch("select * from import_row")) and await fetch_value("select count(*) from custom_value") == 0
    assert 'value="x_account"' not in (await browse(people.sam).get(f"/imports/{import_id}")).text


async def test_of_what_is_to_go_one_day_the_record_keeps_nothing(tmp_path, people, make):
    await make("text", "shortly", keep_months=2)
    await importing.apply(SYSTEM, await brought(tmp_path, "Company,Shortly\nAcme LLC,Tulips\n"))
    assert await now(people.alice, "Acme LLC") == {"x_shortly": "Tulips"}
    async with transaction(read_only=True):
        assert "Tulips" not in str(await fetch("select before, after from audit_entry"))


async def test_the_page_and_the_command_know_the_same_fields(people, fields):
    from crm.employers.commands import _mapping

    assert await _mapping(("Bus=x_lines",)) == {"Bus": "x_lines"}
    with pytest.raises(Invalid, match="x_open_places"):
        await _mapping(("Bus=x_pink",))


async def test_what_has_had_its_time_goes_out_of_the_rows_of_the_import_too(tmp_path, people, make, superuser):
    await make("text", "entrance", keep_months=6)
    await make("text", "badge")
    import_id = await brought(tmp_path, "Company,Entrance,Badge\nAcme LLC,Tulip door,Desk\n")
    await importing.apply(SYSTEM, import_id)
    await superuser("update import_batch set created_at = now() - interval '7 months'")
    await superuser("update custom_value set changed_at = now() - interval '7 months'")
    await night()
    async with transaction(read_only=True):
        [row] = await fetch("select facts, before, after from import_row where import_id = $1", import_id)
    assert "Tulip" not in str(dict(row))
    assert row["facts"]["x_badge"] == "Desk"
    assert await now(people.alice, "Acme LLC") == {"x_badge": "Desk"}
