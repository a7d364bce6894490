"""What was logged can be changed by who logged it: what it said before is kept, and comes back."""

from datetime import date, timedelta

import msgspec
import pytest

from crm.database import fetch_one, fetch_value, transaction
from crm.engagements import activities
from crm.engagements.forms import ActivityForm
from crm.errors import Conflict, Denied, Invalid, NotFound

TODAY = date(2026, 11, 23)
CALL = ActivityForm(kind="call", summary="Asked about spring", body="Two slots")


async def log(actor, employer_id, form=CALL):
    return await activities.log_activity(actor, employer_id, form, zone="America/New_York", today=TODAY)


async def row(activity_id):
    async with transaction(read_only=True):
        return await fetch_one("select * from activity where id = $1", activity_id)


async def change(actor, activity_id, version=1, **fields):
    form = msgspec.structs.replace(CALL, establishment_id=(await row(activity_id))["establishment_id"], **fields)
    return await activities.change_activity(actor, activity_id, form, version, zone="America/New_York", today=TODAY)


async def test_a_change_keeps_what_it_said_and_is_taken_back(people, employers, browse):
    made = await log(people.alice, employers.erins)
    before = await row(made)
    changed = await change(people.alice, made, kind="visit", summary="Saw the kitchen", outcome="interested", on=TODAY - timedelta(days=3))
    after = await row(made)
    assert (after["kind"], after["summary"], after["outcome"], after["body"]) == ("visit", "Saw the kitchen", "interested", "Two slots")
    page = (await browse(people.bob).get(f"/activities/{made}")).text
    assert "Asked about spring" in page
    await activities.undo_change(people.alice, changed, zone="UTC")
    now = await row(made)
    assert {k: v for k, v in now.items() if k not in ("version", "updated_at")} == {
        k: v for k, v in before.items() if k not in ("version", "updated_at")}  # fmt: skip


async def test_saying_the_same_again_changes_nothing(people, employers):
    made = await log(people.alice, employers.erins)
    assert await change(people.alice, made) is None
    assert (await row(made))["version"] == 1


async def test_only_who_logged_it_and_their_manager_change_it(people, employers):
    made = await log(people.bob, employers.erins)
    with pytest.raises(Denied):
        await change(people.alice, made, summary="Mine now")
    with pytest.raises(NotFound):
        await change(people.charlie, made, summary="Mine now")
    mine = await log(people.alice, employers.erins)
    assert await change(people.bob, mine, summary="Put right by the manager")


async def test_two_who_change_it_are_told(people, employers):
    made = await log(people.alice, employers.erins)
    first = await change(people.alice, made, summary="One")
    with pytest.raises(Conflict):
        await change(people.alice, made, summary="Two")
    await change(people.alice, made, version=2, summary="Three")
    with pytest.raises(Conflict):
        await activities.undo_change(people.alice, first, zone="UTC")


async def test_a_stage_move_is_no_ones_to_rewrite(people, employers):
    from crm.engagements import actions

    await actions.start(people.alice, employers.erins)
    async with transaction(read_only=True):
        move = await fetch_value("select id from activity where kind = 'stage_move'")
    with pytest.raises(Denied):
        await change(people.alice, move, summary="Never happened")


async def test_a_day_to_come_is_refused_in_a_change_too(people, employers):
    made = await log(people.alice, employers.erins)
    with pytest.raises(Invalid, match="still to come"):
        await change(people.alice, made, on=TODAY + timedelta(days=1))


async def test_the_record_names_the_fields_and_not_the_words(people, employers):
    made = await log(people.alice, employers.erins)
    await change(people.alice, made, body="They are short of money")
    async with transaction(read_only=True):
        kept = await fetch_value("select after::text from audit_entry where verb = 'activity.changed'")
    assert "body" in kept
    assert "money" not in kept


async def test_the_form_shows_what_stands_and_saves_it(people, employers, browse):
    made = await log(people.alice, employers.erins)
    alice = browse(people.alice)
    assert "Two slots" in (await alice.get(f"/activities/{made}")).text
    saved = await alice.submit(f"/activities/{made}", kind="call", summary="Asked about fall", body="Two slots", version="1")
    assert saved.status_code == 303
    stale = await alice.submit(f"/activities/{made}", kind="call", summary="Asked about winter", version="1")
    assert stale.status_code == 422
    assert "Someone changed this meanwhile" in stale.text
