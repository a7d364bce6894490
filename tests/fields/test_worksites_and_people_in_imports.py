"""An import brings the added fields of worksites and people too: to those that it makes, and to those that its rows speak of."""

import pytest

from crm.access import SYSTEM
from crm.database import execute, fetch, fetch_value, transaction
from crm.employers.importing import actions as importing
from crm.fields.own import own
from tests.fields.nights import night
from tests.fields.test_in_imports import brought

HEAD = "Company,Street,City,State,Site name,First name,Last name,Email"
ACME = "Acme LLC,1 Main St,Worcester,MA,Plant,Rosa,Diaz,rosa@acme.example"


@pytest.fixture
async def fields(make):
    await make("text", "entrance", subject="establishment")
    await make("choices", "lines", subject="establishment", label_en="Bus lines")
    await make("choice", "shift", subject="contact")


async def imported(tmp_path, text, **choices):
    import_id = await brought(tmp_path, text, **choices)
    await importing.apply(SYSTEM, import_id)
    return import_id


async def now(who, subject, name):
    """What is kept of the worksite or person of that name; nothing where there is none."""
    async with transaction(read_only=True):
        found = await fetch_value(f"select id from {subject} where {'name' if subject == 'establishment' else 'given_name'} = $1", name)
        return (await own(who, subject, found)).now if found else None


async def test_columns_are_guessed_with_and_without_whose_they_are(tmp_path, people, make, fields):
    await make("text", "entrance")  # the employer has one of the same name, which comes first
    for header, name in (("Bus lines", "establishment.x_lines"), ("Worksite: Bus lines", "establishment.x_lines"), ("Shift", "contact.x_shift"),
                         ("Contact: Shift", "contact.x_shift"), ("Entrance", "x_entrance"), ("Worksite entrance", "establishment.x_entrance")):  # fmt: skip
        import_id = await brought(tmp_path, f"Company,{header}\nAcme LLC,3\n")
        async with transaction(read_only=True):
            assert (await fetch_value("select mapping from import_batch where id = $1", import_id))[header] == name, header


async def test_they_come_with_what_the_import_makes_and_go_with_it(tmp_path, people, fields):
    import_id = await imported(tmp_path, f"{HEAD},Entrance,Bus lines,Shift\n{ACME},Back,red; blue,red\n")
    assert await now(people.alice, "establishment", "Plant") == {"x_entrance": "Back", "x_lines": ["red", "blue"]}
    assert await now(people.alice, "contact", "Rosa") == {"x_shift": "red"}
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from custom_value where cardinality(marks) > 0") == 2
        assert await fetch_value("select after ->> 'contact.x_shift' from audit_entry where verb = 'employer.imported'") == "red"
    await importing.revert(SYSTEM, import_id)
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from custom_value") == 0


@pytest.mark.parametrize(("update", "entrance", "shift"), [("fill", "Back", "red"), ("overwrite", "Side", "red"), ("keep", "Back", None)])
async def test_those_that_are_here_are_filled_or_changed_as_asked_and_taking_back_restores_them(tmp_path, people, fields, update, entrance, shift):
    await imported(tmp_path, f"{HEAD},Entrance\n{ACME},Back\n")
    import_id = await imported(tmp_path, f"{HEAD},Entrance,Shift\n{ACME},Side,red\n", update=update)
    assert (await now(people.alice, "establishment", "Plant"))["x_entrance"] == entrance
    assert (await now(people.alice, "contact", "Rosa")).get("x_shift") == shift
    async with transaction(read_only=True):
        told = [row["after"] for row in await fetch("select after from audit_entry where verb = 'establishment.import_updated'")]
        assert [each["establishment.x_entrance"] for each in told] == (["Side"] if update == "overwrite" else [])
        assert await fetch_value("select count(*) from establishment where name = 'Plant'") == 1
        assert await fetch_value("select count(*) from contact where given_name = 'Rosa'") == 1
        assert await fetch_value("select version from contact where given_name = 'Rosa'") == (1 if update == "keep" else 2)
    await importing.revert(SYSTEM, import_id)
    assert await now(people.alice, "establishment", "Plant") == {"x_entrance": "Back"} and await now(people.alice, "contact", "Rosa") == {}


async def test_a_list_of_people_at_one_employer_fills_each_of_them(tmp_path, people, fields):
    await imported(tmp_path, f"{HEAD}\n{ACME}\n")
    async with transaction():
        tom = await fetch_value("insert into contact (given_name, family_name) values ('Tom', 'Lee') returning id")
        await execute("insert into affiliation (contact_id, employer_id) select $1, id from employer where name = 'Acme LLC'", tom)
    text = f"{HEAD},Shift\n{ACME},red\nAcme LLC,,Worcester,MA,,Tom,Lee,,blue\n"
    import_id = await imported(tmp_path, text)
    assert await now(people.alice, "contact", "Rosa") == {"x_shift": "red"} and await now(people.alice, "contact", "Tom") == {"x_shift": "blue"}
    await importing.revert(SYSTEM, import_id)
    assert await now(people.alice, "contact", "Rosa") == {} and await now(people.alice, "contact", "Tom") == {}


async def test_what_is_of_no_one_worksite_or_person_is_a_note_and_never_a_guess(tmp_path, people, fields):
    await imported(tmp_path, f"{HEAD}\n{ACME}\n")
    async with transaction():
        await execute("insert into establishment (employer_id, name, line1, city, state, zip) select id, 'Depot', '9 Oak St', 'Worcester', 'MA', '' "
                      "from employer where name = 'Acme LLC'")  # fmt: skip
    import_id = await brought(tmp_path, "Company,City,State,Entrance,Shift\nAcme LLC,Worcester,MA,Side,red\nNew Inc,,,Front,blue\n")
    async with transaction(read_only=True):
        rows = await fetch("select notes from import_row where import_id = $1 order by row_number", import_id)
    unclear = ["Worksite: Entrance was left out: it is not clear of which worksite.", "Contact: Shift was left out: it is not clear of whom."]
    assert [sorted(row["notes"], reverse=True) for row in rows] == [unclear, unclear]
    await importing.apply(SYSTEM, import_id)
    await imported(tmp_path, "Company,Site name,City,State,Entrance\nAcme LLC,Depot,Worcester,MA,Ramp\n")  # its name says which
    assert await now(people.alice, "establishment", "Depot") == {"x_entrance": "Ramp"} and await now(people.alice, "establishment", "Plant") == {}


async def test_someone_known_elsewhere_keeps_what_is_theirs_when_the_import_is_taken_back(tmp_path, people, fields):
    await imported(tmp_path, f"{HEAD},Shift\n{ACME},red\n")
    import_id = await imported(tmp_path, "Company,City,State,First name,Last name,Email,Shift\nZenith Inc,Boston,MA,Rosa,Diaz,rosa@acme.example,blue\n", update="overwrite")
    assert await now(people.alice, "contact", "Rosa") == {"x_shift": "blue"}
    await importing.revert(SYSTEM, import_id)
    assert await now(people.alice, "contact", "Rosa") == {"x_shift": "red"}


async def test_what_someone_changed_since_stays(tmp_path, people, fields):
    await imported(tmp_path, f"{HEAD}\n{ACME}\n")
    import_id = await imported(tmp_path, f"{HEAD},Shift\n{ACME},red\n")
    async with transaction():  # through another employer, so that this one counts as untouched
        rosa = await fetch_value("select id from contact where given_name = 'Rosa'")
        await (await own(people.alice, "contact", rosa)).keep(people.alice, rosa, {"x_shift": "blue"})
    await importing.revert(SYSTEM, import_id)
    assert await now(people.alice, "contact", "Rosa") == {"x_shift": "blue"}


async def test_two_rows_that_speak_of_one_employer_bring_one_value_and_the_first_counts(tmp_path, people, make):
    await make("choice", "size")
    await imported(tmp_path, "Company,City,State,Website\nAcme LLC,Worcester,MA,https://acme.example\n")
    await imported(tmp_path, "Company,City,State,Website,Size\nAcme LLC,Worcester,MA,https://acme.example,red\nAcme LLC,Boston,MA,https://acme.example,blue\n")
    async with transaction(read_only=True):
        acme = await fetch_value("select id from employer where name = 'Acme LLC'")
        assert (await own(people.alice, "employer", acme)).now == {"x_size": "red"}


async def test_what_is_to_go_one_day_is_no_part_of_the_record_and_goes_out_of_the_rows(tmp_path, people, make, superuser):
    await make("text", "badge", subject="contact", keep_months=6)
    await imported(tmp_path, f"{HEAD}\n{ACME}\n")
    await imported(tmp_path, f"{HEAD},Badge\n{ACME},Tulip\n")
    assert await now(people.alice, "contact", "Rosa") == {"x_badge": "Tulip"}
    async with transaction(read_only=True):
        assert "Tulip" not in str(await fetch("select before, after from audit_entry"))
    await superuser("update import_batch set created_at = now() - interval '7 months'")
    await night()
    async with transaction(read_only=True):
        assert "Tulip" not in str(await fetch("select facts, before, after from import_row"))


async def test_what_is_sealed_comes_by_no_list(tmp_path, people, make):
    await make("text", "account", subject="contact", sensitivity="sealed")
    await imported(tmp_path, f"{HEAD},Account\n{ACME},Tulip\n", mapping={"Account": "contact.x_account"})
    async with transaction(read_only=True):
        assert "Tulip" not in str(await fetch("select * from import_row")) and await fetch_value("select count(*) from custom_value") == 0
