"""People at employers: who is where, in which role, from when to when; a job change keeps both."""

from datetime import date

import pytest

from crm.contacts import actions
from crm.contacts.forms import ContactForm
from crm.database import fetch, fetch_one, fetch_value, transaction
from crm.errors import Conflict, Denied, Invalid
from tests.editing import EditForm


def person(**values):
    return ContactForm(**{"given_name": "Ana", "family_name": "Peña", "email": "ana@acme.example.org"} | values)


async def affiliations():
    async with transaction(read_only=True):
        return await fetch("select * from affiliation order by created_at, id")


async def test_a_person_has_a_role_with_dates_and_rights(people, employers):
    await actions.add_contact(people.alice, employers.erins, person(
        role="Owner", may_sign=True, supervises_minors=True, valid_from=date(2020, 3, 1), language="es", channel="text",
        phone="(508) 555-0101 ext. 12"))  # fmt: skip
    kept = (await affiliations())[0]
    async with transaction(read_only=True):
        contact = await fetch_one("select * from contact")
    assert (kept["role"], kept["may_sign"], kept["supervises_minors"], kept["valid_from"]) == ("Owner", True, True, date(2020, 3, 1))
    assert (contact["language"], contact["channel"], contact["phone"], contact["phone_extension"]) == ("es", "text", "+15085550101", "12")


async def test_a_job_change_keeps_the_person_and_both_affiliations(people, employers):
    first = await actions.add_contact(people.alice, employers.erins, person(role="Baker", valid_to=date(2026, 6, 30)))
    second = await actions.add_contact(people.alice, employers.franks, person(role="Mechanic", valid_from=date(2026, 7, 1)))
    assert first == second
    assert [row["role"] for row in await affiliations()] == ["Baker", "Mechanic"]


async def test_one_is_the_main_contact_at_a_time(people, employers):
    await actions.add_contact(people.alice, employers.erins, person(is_primary=True))
    await actions.add_contact(people.alice, employers.erins, person(given_name="Luis", email="luis@acme.example.org", is_primary=True))
    assert [row["is_primary"] for row in await affiliations()] == [False, True]


async def test_refuses_who_left_before_they_came_beside_the_field(people, employers):
    with pytest.raises(Invalid, match="left before they came") as refused:
        await actions.add_contact(people.alice, employers.erins, person(valid_from=date(2026, 1, 2), valid_to=date(2026, 1, 1)))
    assert set(refused.value.fields) == {"valid_to"}


async def test_refuses_a_mail_address_that_is_none(people, employers):
    with pytest.raises(Invalid) as refused:
        await actions.add_contact(people.alice, employers.erins, person(email="ana at acme"))
    assert set(refused.value.fields) == {"email"}


async def test_an_ended_affiliation_is_shown_as_past(people, employers, browse):
    await actions.add_contact(people.alice, employers.erins, person(role="Baker", valid_to=date(2024, 6, 30)))
    text = (await browse(people.alice).get(f"/employers/{employers.erins}")).text
    assert "until Jun 30, 2024" in text


async def test_a_later_change_by_another_is_not_written_over(people, employers):
    await actions.add_contact(people.alice, employers.erins, person())
    kept = (await affiliations())[0]["id"]
    await actions.change_contact(people.alice, kept, person(role="Owner", version=1))
    with pytest.raises(Conflict):
        await actions.change_contact(people.charlie, kept, person(role="Baker", version=1))
    assert (await affiliations())[0]["role"] == "Owner"


@pytest.fixture
async def editing(browse, people, employers):
    """`editing(actor)`: the form of Erin's one contact, as the actor has it open."""
    await actions.add_contact(people.alice, employers.erins, person(role="Baker"))
    url = f"/affiliations/{(await affiliations())[0]['id']}/edit"
    return lambda actor: EditForm(browse(actor), url).open()


async def test_two_people_who_change_different_fields_both_keep_theirs(people, editing):
    mine, theirs = await editing(people.alice), await editing(people.charlie)
    await theirs.save(role="Owner", phone="508-555-0101")
    answer = await mine.save(note="Call before ten", may_sign="true")
    assert answer.status_code == 303
    kept = (await affiliations())[0]
    assert (kept["role"], kept["may_sign"]) == ("Owner", True)
    async with transaction(read_only=True):
        found = await fetch_one("select * from contact")
    assert (found["phone"], found["note"]) == ("+15085550101", "Call before ten")


async def test_who_changes_the_same_field_sees_both_values_and_saves_the_second_time(people, editing):
    mine, theirs = await editing(people.alice), await editing(people.charlie)
    await theirs.save(role="Owner", note="Likes mail")
    answer = await mine.save(role="Head baker")
    assert answer.status_code == 409
    assert "“Owner”" in answer.text
    assert mine.shown()["role"] == "Head baker"

    assert (await mine.save()).status_code == 303
    assert (await affiliations())[0]["role"] == "Head baker"
    async with transaction(read_only=True):
        assert await fetch_value("select note from contact") == "Likes mail"


async def test_a_site_of_another_employer_is_refused(people, employers):
    async with transaction(read_only=True):
        site = await fetch_value("select id from establishment where employer_id = $1", employers.franks)
    with pytest.raises(Invalid):
        await actions.add_contact(people.alice, employers.erins, person(establishment_id=site))


async def test_a_partner_an_analyst_and_an_employer_change_no_one_here(people, employers):
    for actor in (people.teresa, people.ana, people.walter, people.erin):
        with pytest.raises(Denied):
            await actions.add_contact(actor, employers.erins, person())


async def test_what_changed_is_on_record_with_before_and_after(people, employers):
    await actions.add_contact(people.alice, employers.erins, person())
    await actions.change_contact(people.alice, (await affiliations())[0]["id"], person(role="Owner", note="Call before ten", version=1))
    async with transaction(read_only=True):
        entry = await fetch_one("select * from audit_entry where verb = 'contact.changed'")
    assert (entry["actor_name"], entry["after"]["note"], entry["after"]["role"]) == ("Alice", "Call before ten", "Owner")
