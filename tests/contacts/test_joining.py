"""Two rows that are one person: found, looked at side by side, joined field by field, and two again."""

import asyncio

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.contacts import actions, alike, consent, merging
from crm.contacts.forms import ConsentForm, ContactForm
from crm.database import execute, fetch, fetch_one, fetch_value, transaction
from crm.engagements import activities
from crm.engagements.forms import ActivityForm
from crm.errors import Conflict, Invalid
from crm.joining import Undone
from tests.contacts.conftest import roles_of
from tests.contacts.test_moving import TODAY

TABLES = ("affiliation", "activity", "consent", "contact_stop", "mailing_recipient", "enrolment", "pledge", "event_guest", "job_change")


@pytest.fixture
async def twin(rosa, people, employers):
    """Rosa again, at Frank's: known by her phone, who said no to calls."""
    person = await actions.add_contact(people.charlie, employers.franks, ContactForm(
        given_name="Rosa", family_name="Lima", phone="508-555-0101", role="Bookkeeper", language="es", note="Call before ten"))  # fmt: skip
    await consent.record(people.charlie, person, ConsentForm(given="no", channel="phone", how="said", words="Do not call me"))
    await activities.log_activity(people.charlie, employers.franks, ActivityForm(kind="visit", summary="Met", contact_id=person), zone="UTC", today=TODAY)
    return person


async def pairs(actor):
    async with transaction(read_only=True):
        return [(pair["left_id"], pair["right_id"], alike.why(pair)) for pair in await alike.waiting(actor)]


async def person(id):
    async with transaction(read_only=True):
        return await fetch_one("select * from contact where id = $1", id)


async def dump():
    async with transaction(read_only=True):
        found = {table: [row["row"] for row in await fetch(f"select to_jsonb(t) as row from {table} t order by id")] for table in TABLES}
        found["contact"] = [row["row"] for row in await fetch("select to_jsonb(t) - 'version' - 'updated_at' as row from contact t order by id")]
        return found


async def test_finds_them_by_the_same_phone_and_name_or_the_same_email(twin, rosa, people, employers):
    assert await pairs(people.alice) == [(*sorted((rosa.id, twin)), "same phone and name")]
    async with acting(SYSTEM, "test.made") as act:
        third = await fetch_value("insert into contact (given_name, email) values ('R.', 'ROSA@erins.example.org') returning id")
        await execute("insert into contact (given_name, phone) values ('Marcus', '+15085550101')")
        act.record("contact", third)
    assert {why for _left, _right, why in await pairs(people.alice)} == {"same phone and name", "same email"}
    async with transaction(read_only=True):
        assert {row["right_id"] for row in await alike.of(people.alice, rosa.id)} == {twin, third}


async def test_all_that_hangs_on_both_is_the_one_persons_then(twin, rosa, people):
    await merging.merge(people.alice, rosa.id, twin, {"language": "gone"})
    assert [role["role"] for role in await roles_of(rosa.id)] == ["Baker", "Bookkeeper"]
    kept = await person(rosa.id)
    assert (kept["email"], kept["language"], kept["note"]) == ("rosa@erins.example.org", "es", "Call before ten")
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from consent where contact_id = $1 and not given", rosa.id) == 1
        assert await fetch_value("select count(*) from activity where contact_id = $1", rosa.id) == 1
    assert await pairs(people.alice) == []


async def test_who_wants_no_contact_under_one_name_wants_none_under_the_other(twin, rosa, people):
    async with transaction():
        await execute("update contact set do_not_contact = true where id = $1", twin)
    await merging.merge(people.alice, rosa.id, twin, {})
    assert (await person(rosa.id))["do_not_contact"]


async def test_the_same_role_over_the_same_days_is_kept_once(twin, rosa, people, employers):
    async with transaction():
        await execute("insert into affiliation (contact_id, employer_id, role) values ($1, $2, 'baker')", twin, employers.erins)
    await merging.merge(people.alice, rosa.id, twin, {})
    assert [role["role"] for role in await roles_of(rosa.id)] == ["Baker", "Bookkeeper"]


@pytest.mark.parametrize("take", [{}, {"given_name": "gone", "phone": "gone", "note": "gone", "language": "gone"}])
async def test_undone_the_data_is_as_it_was(twin, rosa, people, take):
    before = await dump()
    merge = await merging.merge(people.alice, rosa.id, twin, take)
    assert await dump() != before
    assert await merging.undo(people.bob, merge) == Undone([], 0)
    assert await dump() == before
    assert await pairs(people.alice) == []  # a person said that they are two
    with pytest.raises(Conflict, match="undone already"):
        await merging.undo(people.alice, merge)


async def test_what_was_changed_since_stays_and_is_told(twin, rosa, people):
    merge = await merging.merge(people.alice, rosa.id, twin, {})
    async with transaction():
        await execute("update contact set note = 'Likes mail' where id = $1", rosa.id)
    assert await merging.undo(people.alice, merge) == Undone(["note"], 0)
    assert (await person(rosa.id))["note"] == "Likes mail"


async def test_joined_twice_at_once_it_happens_once(twin, rosa, people):
    tried = await asyncio.gather(merging.merge(people.alice, rosa.id, twin, {}), merging.merge(people.bob, twin, rosa.id, {}), return_exceptions=True)
    assert sorted(type(each).__name__ for each in tried) == ["Conflict", "UUID"]
    with pytest.raises(Invalid):
        await merging.merge(people.alice, rosa.id, rosa.id, {})


async def test_every_table_with_a_persons_rows_is_moved(database):
    async with transaction(read_only=True):
        found = await fetch("select distinct conrelid::regclass::text as name from pg_constraint where contype = 'f' and confrelid = 'contact'::regclass")
    assert {each["name"] for each in found} - {"contact", "contact_merge", "contact_apart"} == set(merging.MOVES)


async def test_a_specialist_compares_joins_and_undoes_on_the_pages(twin, rosa, people, browse):
    page = browse(people.alice)
    compare = f"/contacts/{rosa.id}/join/{twin}"
    assert "may be the same person" in (await page.get(f"/contacts/{rosa.id}")).text
    assert "Rosa Lima" in (await page.get("/duplicates/people")).text
    shown = (await page.get(compare)).text
    assert "Are these one person?" in shown
    assert "Call before ten" in shown
    assert (await page.submit(compare)).status_code == 422
    done = await page.submit(compare, keep="right", language="right")
    assert done.headers["location"] == f"/contacts/{twin}"
    old = await page.get(f"/contacts/{rosa.id}")
    assert (old.status_code, old.headers["location"]) == (303, f"/contacts/{twin}")  # an old link leads there
    async with transaction(read_only=True):
        merge = await fetch_value("select id from contact_merge")
    assert "Joined lately" in (await page.get("/duplicates/people")).text
    await page.submit(f"/people-merges/{merge}/undo")
    assert (await page.get(f"/contacts/{rosa.id}")).status_code == 200


async def test_two_people_stay_two_and_no_one_is_asked_again(twin, rosa, people, browse):
    page = browse(people.alice)
    await page.submit(f"/contacts/{rosa.id}/apart/{twin}")
    assert await pairs(people.alice) == []
    assert "may be the same person" not in (await page.get(f"/contacts/{twin}")).text
