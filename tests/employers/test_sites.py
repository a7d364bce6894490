"""Worksites are added and changed by several people at once; an address is one thing."""

import pytest

from crm.database import fetch_one, fetch_value, transaction
from crm.employers import actions
from crm.employers.forms import EstablishmentForm
from tests.editing import EditForm


@pytest.fixture
async def site(employers):
    async with transaction(read_only=True):
        return await fetch_value("select id from establishment where employer_id = $1", employers.erins)


@pytest.fixture
def editing(browse, site):
    """`editing(actor)`: the form of Erin's worksite, as the actor has it open."""
    return lambda actor: EditForm(browse(actor), f"/establishments/{site}/edit").open()


async def kept(site):
    async with transaction(read_only=True):
        return await fetch_one("select * from establishment where id = $1", site)


async def test_two_people_who_change_different_fields_both_keep_theirs(people, editing, site):
    mine, theirs = await editing(people.alice), await editing(people.charlie)
    await theirs.save(phone="508-555-0101", capacity="4")
    answer = await mine.save(access_note="Bus 9 stops in front", line1="12 Front Street")
    assert answer.status_code == 303
    found = await kept(site)
    assert (found["phone"], found["capacity"], found["access_note"], found["line1"]) == (
        "+15085550101", 4, "Bus 9 stops in front", "12 Front Street")  # fmt: skip


async def test_two_addresses_are_never_mixed_into_a_third(people, editing, site):
    mine, theirs = await editing(people.alice), await editing(people.charlie)
    await theirs.save(line1="5 Elm Street", zip="01609")
    answer = await mine.save(city="Boston", zip="02110", phone="508-555-0101")
    assert answer.status_code == 409
    assert "5 Elm Street" in answer.text
    assert (await kept(site))["city"] == "Worcester"

    assert (await mine.save()).status_code == 303
    found = await kept(site)
    assert (found["line1"], found["city"], found["zip"]) == ("1 Main Street", "Boston", "02110")


async def test_what_was_saved_last_follows_into_the_list_and_the_record(people, employers, editing, site):
    await (await editing(people.alice)).save(city="Boston", zip="02110")
    async with transaction(read_only=True):
        assert await fetch_value("select city from employer where id = $1", employers.erins) == "Boston"
        entry = await fetch_one("select before, after from audit_entry where verb = 'establishment.saved' order by id desc limit 1")
    assert (entry["before"]["city"], entry["after"]["city"]) == ("Worcester", "Boston")


async def test_saving_without_a_change_leaves_no_trace(people, editing, site):
    before = await kept(site)
    assert (await (await editing(people.alice)).save()).status_code == 303
    assert await kept(site) == before


async def test_one_site_is_the_main_one(people, employers, site):
    added = await actions.add_establishment(people.alice, employers.erins, EstablishmentForm(city="Lynn", state="MA", is_primary=True))
    assert [(await kept(each))["is_primary"] for each in (site, added)] == [False, True]
