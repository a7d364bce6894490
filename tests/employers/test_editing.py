"""Employers are added without doubles, changed by several people at once, and their FEINs kept from view."""

import pytest

from crm.database import fetch_one, fetch_value, transaction
from crm.employers import actions
from crm.employers.actions import facts_of
from crm.employers.forms import NewEmployerForm
from crm.employers.matching.candidates import candidates
from crm.errors import Denied, Invalid
from tests.editing import EditForm

FEIN = "12-3456789"


async def kept(employer_id):
    async with transaction(read_only=True):
        return await fetch_one("select * from employer where id = $1", employer_id)


async def hints(actor, **typed):
    async with transaction(read_only=True):
        return (await candidates(actor, facts_of(NewEmployerForm(**typed)))).candidates


@pytest.fixture
def editing(browse, employers):
    async def start(actor):
        return await EditForm(browse(actor), f"/employers/{employers.erins}/edit").open()

    return start


async def test_hints_name_who_it_may_be_and_why(people, employers):
    await actions.create_employer(people.alice, NewEmployerForm(name="O'Neil's Diner", city="Worcester", state="MA"))
    found = await hints(people.alice, name="Oneils diner, LLC", city="Worcester")
    assert [(hint.employer["name"], hint.score > 90) for hint in found] == [("O'Neil's Diner", True)]
    assert found[0].why


async def test_hints_come_while_typing_and_stay_away_for_a_new_name(people, employers, browse):
    alice = browse(people.alice)
    close = (await alice.get("/employers/new/hints", params={"name": "Erin Bakery"})).text
    far = (await alice.get("/employers/new/hints", params={"name": "Quabbin Precision Tools"})).text
    assert f'href="/employers/{employers.erins}"' in close
    assert "%:" in close
    assert far.strip() == ""


async def test_the_same_website_is_a_hint_whatever_the_name(people, employers):
    await actions.create_employer(people.alice, NewEmployerForm(name="Holding Nineteen LLC", website="https://www.acme.example"))
    found = await hints(people.alice, name="Acme Tools", website="acme.example/jobs")
    assert "same website" in found[0].why


async def test_a_likely_double_is_added_only_when_a_person_says_so(people, employers, browse):
    alice, typed = browse(people.alice), {"name": "Erin's Bakery", "city": "Worcester", "state": "MA"}
    refused = await alice.submit("/employers/new", **typed)
    assert refused.status_code == 422
    assert "Someone like this is here already" in refused.text
    silent = await alice.submit("/employers/new", **typed, anyway="true")
    assert (silent.status_code, "Say how you know" in silent.text) == (422, True)
    assert (await alice.submit("/employers/new", **typed, anyway="true", reason="A cousin with the same name")).status_code == 303


async def test_typing_sends_no_fein_in_an_address(people, browse):
    page = (await browse(people.alice).get("/employers/new")).text
    assert 'hx-params="name,city,phone,website"' in page


async def test_two_people_who_change_different_fields_both_keep_theirs(people, employers, editing):
    mine, theirs = await editing(people.alice), await editing(people.charlie)
    await theirs.save(phone="508-555-0101")
    answer = await mine.save(website="erins.example", note="Opens at five")
    assert answer.status_code == 303
    found = await kept(employers.erins)
    assert (found["phone"], found["website"], found["note"]) == ("+15085550101", "https://erins.example", "Opens at five")


async def test_two_people_who_change_one_field_see_both_values_and_lose_neither(people, employers, editing):
    mine, theirs = await editing(people.alice), await editing(people.charlie)
    await theirs.save(note="Closed on Mondays", phone="508-555-0101")
    answer = await mine.save(note="Opens at five", website="erins.example")
    assert answer.status_code == 409
    assert "Closed on Mondays" in answer.text
    assert (mine.shown()["note"], mine.shown()["website"]) == ("Opens at five", "erins.example")
    assert (await kept(employers.erins))["note"] == "Closed on Mondays"

    assert (await mine.save()).status_code == 303
    found = await kept(employers.erins)
    assert (found["note"], found["website"], found["phone"]) == ("Opens at five", "https://erins.example", "+15085550101")


async def test_two_people_who_make_the_same_change_agree(people, employers, editing):
    mine, theirs = await editing(people.alice), await editing(people.charlie)
    await theirs.save(note="Opens at five")
    assert (await mine.save(note="Opens at five")).status_code == 303


async def test_two_people_who_enter_different_feins_are_told(people, employers, editing):
    mine, theirs = await editing(people.alice), await editing(people.charlie)
    await theirs.save(fein="98-7654321")
    answer = await mine.save(fein=FEIN)
    assert answer.status_code == 409
    assert "ends in 4321" in answer.text
    assert (await kept(employers.erins))["fein_last4"] == "4321"


async def test_saving_without_a_change_leaves_no_trace(people, employers, editing):
    await (await editing(people.alice)).save(note="Opens at five")
    before = await kept(employers.erins)
    await (await editing(people.alice)).save()
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from audit_entry where verb = 'employer.changed'") == 1
    assert dict(await kept(employers.erins)) == dict(before)


async def test_an_employer_is_made_with_its_fein_encrypted(people, employers, browse):
    answer = await browse(people.alice).submit("/employers/new", name="Quabbin Tools LLC", city="Barre", state="MA", fein=FEIN)
    assert answer.status_code == 303
    async with transaction(read_only=True):
        row = await fetch_one("select * from employer where name = 'Quabbin Tools LLC'")
        for table in ("employer", "audit_entry", "event"):
            assert not await fetch_value(f"select exists (select from {table} t where t::text ~ '12-?3456789')"), table
    assert row["fein_last4"] == "6789"
    assert row["fein_sealed"] is not None
    assert b"123456789" not in row["fein_sealed"]


@pytest.mark.parametrize("base", ["{", "[]", "7"])
async def test_refuses_a_damaged_form_in_words(employers, people, editing, base):
    answer = await (await editing(people.alice)).save(base=base)
    assert answer.status_code == 422
    assert "This form is damaged" in answer.text


@pytest.mark.parametrize("wrong", ["12-345678", "1234567890", "000000000"])
async def test_refuses_a_fein_that_is_none_beside_its_field(people, employers, wrong):
    with pytest.raises(Invalid, match="nine digits") as refused:
        await actions.create_employer(people.alice, NewEmployerForm(name="Quabbin Tools", fein=wrong))
    assert set(refused.value.fields) == {"fein"}


async def test_is_found_by_its_fein_by_those_who_may_see_it_and_by_no_one_else(people, employers, browse):
    made = await actions.create_employer(people.alice, NewEmployerForm(name="Quabbin Tools", fein=FEIN))
    for who, sees in (("bob", True), ("sam", True), ("alice", False), ("ana", False), ("walter", False), ("teresa", False)):
        for typed in (FEIN, "123456789"):
            text = (await browse(getattr(people, who)).get("/employers", params={"q": typed})).text
            assert (f'href="/employers/{made}"' in text) == sees, who


async def test_shows_the_whole_fein_only_on_demand_and_keeps_who_looked(people, employers, browse):
    made = await actions.create_employer(people.alice, NewEmployerForm(name="Quabbin Tools", fein=FEIN))
    bob = browse(people.bob)
    assert FEIN not in (await bob.get(f"/employers/{made}")).text
    assert FEIN in (await bob.submit(f"/employers/{made}/fein")).text
    async with transaction(read_only=True):
        assert await fetch_value("select actor_name from audit_entry where verb = 'employer.fein_shown'") == "Bob"
    for actor in (people.alice, people.ana, people.walter, people.teresa):
        with pytest.raises(Denied):
            await actions.shown_fein(actor, made)


async def test_a_partner_sees_not_even_the_last_four_digits(people, employers, browse):
    made = await actions.create_employer(people.alice, NewEmployerForm(name="Quabbin Tools", fein=FEIN))
    assert "6789" in (await browse(people.alice).get(f"/employers/{made}")).text
    assert "6789" not in (await browse(people.teresa).get(f"/employers/{made}")).text


async def test_a_name_that_the_owner_changes_is_what_the_employer_is_matched_by(people, employers, browse):
    page = f"/portal/employers/{employers.erins}"
    answer = await browse(people.erin).submit(page, page=page, name="Sunrise Bakery LLC", version="1")
    assert answer.status_code == 303, answer.text
    assert [hint.employer["name"] for hint in await hints(people.alice, name="Sunrise Bakery")] == ["Sunrise Bakery LLC"]
