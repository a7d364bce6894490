"""Added fields are in the forms of employers, worksites and people like all others: checked, merged between two people, on record."""

import pytest

from crm.database import execute, fetch, fetch_value, transaction
from crm.fields.own import own
from tests.editing import EditForm


async def kept(who, subject, subject_id):
    async with transaction(read_only=True):
        return (await own(who, subject, subject_id)).now


async def recorded(verb):
    async with transaction(read_only=True):
        return [(row["before"], row["after"]) for row in await fetch("select before, after from audit_entry where verb = $1 order by id desc", verb)]


async def test_an_employers_form_asks_for_them_and_the_page_shows_what_there_is(browse, people, employers, make):
    await make("choices", "lines")
    await make("decimal", "distance", unit="miles", help_en="By foot")
    await make("yes_no", "parking")
    alice = browse(people.alice)
    form = await EditForm(alice, f"/employers/{employers.erins}/edit").open()
    assert "Why we ask: So that students get there" in form.text and "By foot" in form.text and "Green line" not in form.text
    answer = await form.save(x_lines=["red", "blue"], x_distance="0.4")
    assert answer.status_code == 303
    assert await kept(people.alice, "employer", employers.erins) == {"x_lines": ["red", "blue"], "x_distance": "0.4"}
    page = (await alice.get(f"/employers/{employers.erins}")).text
    assert "Red line, Blue line" in page and "0.4 miles" in page and "Parking" not in page
    assert [{name: value for name, value in side.items() if name.startswith("x_")} for side in (await recorded("employer.changed"))[0]] == [
        {"x_lines": None, "x_distance": None}, {"x_lines": ["red", "blue"], "x_distance": "0.4"}]  # fmt: skip
    await (await EditForm(alice, f"/employers/{employers.erins}/edit").open()).save(x_lines=[], x_distance="")
    assert await kept(people.alice, "employer", employers.erins) == {}


async def test_a_new_employer_brings_them(browse, people, make):
    await make("number", "seats", required=True)
    alice = browse(people.alice)
    fields = {"name": "Gamma Tools LLC", "city": "Worcester", "state": "MA"}
    missing = await alice.submit("/employers/new", **fields)
    assert missing.status_code == 422 and "Seats: Please fill this in." in missing.text
    wrong = await alice.submit("/employers/new", **fields, x_seats="many")
    assert wrong.status_code == 422 and "“many” is no number. Allowed: whole numbers." in wrong.text and 'value="many"' in wrong.text
    assert (await alice.submit("/employers/new", **fields, x_seats="12")).status_code == 303
    async with transaction(read_only=True):
        made = await fetch_value("select id from employer where name = 'Gamma Tools LLC'")
    assert await kept(people.alice, "employer", made) == {"x_seats": 12}
    assert (await recorded("employer.created"))[0][1]["x_seats"] == 12


async def test_worksites_and_people_have_their_own(browse, people, employers, make):
    await make("date", "checked_on", subject="establishment")
    await make("choice", "shift", subject="contact")
    alice = browse(people.alice)
    async with transaction(read_only=True):
        site = await fetch_value("select id from establishment where employer_id = $1", employers.erins)
    assert (await (await EditForm(alice, f"/establishments/{site}/edit").open()).save(x_checked_on="2026-11-03")).status_code == 303
    await alice.submit(f"/employers/{employers.erins}/sites/new", city="Auburn", state="MA", x_checked_on="2026-01-02")
    await alice.submit(f"/employers/{employers.erins}/people/new", given_name="Rosa", x_shift="red")
    async with transaction(read_only=True):
        role = (await fetch("select id, contact_id from affiliation where employer_id = $1", employers.erins))[0]
    assert await kept(people.alice, "contact", role["contact_id"]) == {"x_shift": "red"}
    await (await EditForm(alice, f"/affiliations/{role['id']}/edit").open()).save(x_shift="blue")
    page = (await alice.get(f"/employers/{employers.erins}")).text
    assert "Blue line" in page and "Nov 3" in page and "Jan 2" in page and "Red line" not in page
    assert (await recorded("contact.changed"))[0] == ({"x_shift": "red"}, {"x_shift": "blue"})


async def test_an_old_record_stays_editable_and_is_told_what_it_lacks_only_when_saved(browse, people, employers, make):
    await make("choice", "lines", required=True)
    form = await EditForm(browse(people.alice), f"/employers/{employers.erins}/edit").open()
    assert "Please check what you entered" not in form.text
    refused = await form.save(phone="508-555-0101")
    assert refused.status_code == 422 and "Lines: Please fill this in." in refused.text and "508-555-0101" in refused.text
    assert (await form.save(x_lines="red")).status_code == 303


@pytest.mark.parametrize(("typed", "told"), [("NaN", "“NaN” is no number"), ("9999999999999", "out of bounds"), ("1.00001", "more than 4 digits")])
async def test_what_does_not_fit_is_said_beside_its_field_and_nothing_is_kept(browse, people, employers, make, typed, told):
    await make("decimal", "distance")
    answer = await (await EditForm(browse(people.alice), f"/employers/{employers.erins}/edit").open()).save(x_distance=typed, phone="508-555-0199")
    assert answer.status_code == 422 and told in answer.text and typed in answer.text and 'id="x_distance-error"' in answer.text
    async with transaction(read_only=True):
        assert await fetch_value("select phone from employer where id = $1", employers.erins) == ""


async def test_a_choice_or_field_that_is_not_there_is_refused(browse, people, employers, make):
    await make("choice", "lines")
    form = await EditForm(browse(people.alice), f"/employers/{employers.erins}/edit").open()
    assert (await form.save(x_lines="green")).status_code == 422
    assert "Unknown field: x_pink" in (await form.save(x_pink="1", x_lines="")).text


async def test_two_people_edit_different_fields_and_both_are_kept(browse, people, employers, make):
    await make("text", "entrance")
    await make("text", "badge")
    page = f"/employers/{employers.erins}/edit"
    alice, bob = await EditForm(browse(people.alice), page).open(), await EditForm(browse(people.bob), page).open()
    await alice.save(x_entrance="Back")
    await bob.save(x_badge="At the desk")
    assert await kept(people.alice, "employer", employers.erins) == {"x_entrance": "Back", "x_badge": "At the desk"}


async def test_two_people_edit_one_field_and_the_later_sees_both_values(browse, people, employers, make):
    await make("choice", "lines")
    page = f"/employers/{employers.erins}/edit"
    alice, bob = await EditForm(browse(people.alice), page).open(), await EditForm(browse(people.bob), page).open()
    await alice.save(x_lines="red")
    conflict = await bob.save(x_lines="blue")
    assert conflict.status_code == 409 and "Lines: theirs “Red line”" in conflict.text
    assert (await bob.save()).status_code == 303
    assert await kept(people.alice, "employer", employers.erins) == {"x_lines": "blue"}


async def test_long_texts_of_several_fields_fit_the_form(browse, people, employers, make):
    for key in ("one", "two", "three"):
        await make("long_text", key)
    page = f"/employers/{employers.erins}/edit"
    for text in ("ñ" * 5000, "né" * 2000):
        answer = await (await EditForm(browse(people.alice), page).open()).save(x_one=text, x_two=text, x_three=text, note=text)
        assert answer.status_code == 303
    assert (await (await EditForm(browse(people.alice), page).open()).save(x_one="a" * 10_000)).status_code == 422


# ── who sees what ──


async def test_what_staff_alone_see_partners_do_not(browse, people, employers, make):
    await make("text", "entrance", sensitivity="staff")
    await make("text", "badge")
    await (await EditForm(browse(people.alice), f"/employers/{employers.erins}/edit").open()).save(x_entrance="Backdoor", x_badge="Frontdesk")
    page = (await browse(people.teresa).get(f"/employers/{employers.erins}")).text
    assert "Frontdesk" in page and "Backdoor" not in page and "Entrance" not in page


async def test_what_managers_alone_see_is_kept_encrypted_and_shown_on_record(browse, people, employers, make):
    await make("text", "account", sensitivity="sealed")
    bob, page = browse(people.bob), f"/employers/{employers.erins}"
    await (await EditForm(bob, f"{page}/edit").open()).save(x_account="Tulip 77")
    async with transaction(read_only=True):
        found = (await fetch("select id, value, sealed from custom_value"))[0]
        assert found["value"] is None and b"Tulip" not in found["sealed"]
        assert "Tulip" not in str(await fetch("select before, after from audit_entry"))
    form = await EditForm(bob, f"{page}/edit").open()
    assert "Tulip" not in form.text and "On file. What you write replaces it." in form.text
    await form.save(phone="508-555-0101")  # what is not typed stays
    assert "on file, encrypted" in (await bob.get(page)).text and "Tulip" not in (await bob.get(page)).text
    async with transaction(read_only=True):
        value = await fetch_value("select id from custom_value")
    assert "Tulip 77" in (await bob.submit(f"/field-values/{value}/show")).text
    async with transaction(read_only=True):
        assert await fetch_value("select actor_name from audit_entry where verb = 'field.shown'") == "Bob"


async def test_staff_know_nothing_of_what_managers_alone_see(browse, people, employers, make):
    await make("text", "account", sensitivity="sealed")
    await (await EditForm(browse(people.bob), f"/employers/{employers.erins}/edit").open()).save(x_account="Tulip 77")
    alice = browse(people.alice)
    assert "Account" not in (await alice.get(f"/employers/{employers.erins}")).text
    form = await EditForm(alice, f"/employers/{employers.erins}/edit").open()
    assert "account" not in form.text.lower().partition("<main")[2]
    assert "Unknown field: x_account" in (await form.save(x_account="mine")).text
    await form.save(phone="508-555-0101")
    assert len(await kept(people.bob, "employer", employers.erins)) == 1


async def test_two_who_write_what_is_sealed_see_that_and_not_what(browse, people, employers, make):
    await make("text", "account", sensitivity="sealed")
    page = f"/employers/{employers.erins}/edit"
    bob, sam = await EditForm(browse(people.bob), page).open(), await EditForm(browse(people.sam), page).open()
    await bob.save(x_account="Tulip 77")
    conflict = await sam.save(x_account="Rose 5")
    assert conflict.status_code == 409 and "another value, kept encrypted" in conflict.text and "Tulip" not in conflict.text


async def test_what_is_sealed_can_be_taken_away(browse, people, employers, make):
    await make("text", "account", sensitivity="sealed")
    page = f"/employers/{employers.erins}/edit"
    await (await EditForm(browse(people.bob), page).open()).save(x_account="Tulip 77")
    form = await EditForm(browse(people.bob), page).open()
    assert "Remove “Account”, which is on file" in form.text
    await form.save(remove_x_account="true")
    assert await kept(people.bob, "employer", employers.erins) == {}


# ── what it costs ──


async def test_values_cost_a_page_no_statement_however_many_there_are(browse, people, employers, make, statements):
    browser, counts = browse(people.alice), []
    await browser.get(f"/employers/{employers.erins}")
    statements.clear()
    await browser.get(f"/employers/{employers.erins}")
    plain = len(statements)
    for number in range(3):
        await make("text", f"field_{number}")
        async with transaction():
            theirs = await own(people.sam, "employer", employers.erins)
            await theirs.keep(people.sam, employers.erins, {field.name: "here" for field in theirs.fields})
        statements.clear()
        await browser.get(f"/employers/{employers.erins}")
        counts.append(len(statements))
    assert set(counts) == {plain}


async def test_a_value_of_one_employer_is_read_by_an_index(people, employers, make):
    field_id = await make("text", "entrance")
    async with transaction():
        await execute("insert into custom_value (field_id, employer_id, value) select $1, e.id, '1' from employer e", field_id)
        await execute("set local enable_seqscan = off")
        plan = await fetch("explain select from custom_value v where v.employer_id = $1 and v.aside_at is null", employers.erins)
    assert "custom_value_employer" in str(plan)
