"""One note on many timelines: seen before it is written, written once for each, taken back as one."""

from datetime import date

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute, fetch, fetch_value, transaction
from crm.engagements import actions, activities, bulk, noting
from crm.engagements.forms import ActivityForm, NoteForm
from crm.errors import Conflict, Denied, Invalid, NotFound

TODAY = date(2026, 11, 23)
ZONE = "America/New_York"
NOTE = NoteForm(kind="note", summary="Invited to the breakfast", body="On 3 December")


async def write(actor, chosen, form=NOTE):
    return await noting.write(actor, chosen, form, zone=ZONE, today=TODAY)


async def on_timelines():
    async with transaction(read_only=True):
        return {row["employer_id"] for row in await fetch("select employer_id from activity where summary = $1 and removed_at is null", NOTE.summary)}


async def test_each_gets_it_on_its_engagement_and_worksite_and_one_undo_takes_all_back(people, boards, employers):
    engagement = await actions.start(people.alice, employers.erins)
    change, count = await write(people.alice, [employers.erins, employers.franks, employers.erins])
    assert count == 2
    assert await on_timelines() == {employers.erins, employers.franks}
    async with transaction(read_only=True):
        kept = (await fetch("select * from activity where employer_id = $1 and kind = 'note'", employers.erins))[0]
    assert (kept["engagement_id"], kept["board_id"], kept["body"]) == (engagement, boards.north, "On 3 December")
    assert kept["establishment_id"] is not None
    assert await noting.undo(people.bob, change, zone=ZONE) == (2, 0)
    assert await on_timelines() == set()
    with pytest.raises(Conflict):
        await noting.undo(people.alice, change, zone=ZONE)


async def test_what_someone_changed_since_stays(people, employers):
    change, _count = await write(people.alice, [employers.erins, employers.franks])
    async with transaction(read_only=True):
        mine = await fetch_value("select id from activity where employer_id = $1 and kind = 'note'", employers.erins)
    await activities.change_activity(people.alice, mine, ActivityForm(kind="note", summary=NOTE.summary, body="They come"), 1, zone=ZONE, today=TODAY)
    assert await noting.undo(people.alice, change, zone=ZONE) == (1, 1)
    assert await on_timelines() == {employers.erins}


async def test_an_archived_employer_gets_none_and_the_page_says_why(people, employers, browse):
    async with acting(SYSTEM, "employer.archived") as act:
        await execute("update employer set archived_at = now() where id = $1", employers.franks)
        act.record("employer", employers.franks)
    alice = browse(people.alice)
    page = await alice.submit("/notes", chosen=[str(employers.erins), str(employers.franks)])
    assert page.status_code == 200
    assert "It is archived." in page.text
    assert await on_timelines() == set()
    chosen = [str(employers.erins), str(employers.franks)]
    done = await alice.submit("/notes/write", kind="note", summary=NOTE.summary, chosen=chosen)
    assert done.status_code == 303
    assert await on_timelines() == {employers.erins}


async def test_without_a_tick_it_is_for_all_that_the_list_shows(people, employers, browse):
    alice = browse(people.alice)
    page = (await alice.submit("/notes", filters="q=bakery")).text
    assert "One note for 1 employer" in page
    assert "Erin" in page
    assert "Frank" not in page
    assert (await alice.submit("/notes", filters="bogus=1")).status_code == 422


async def test_from_a_pipeline_only_cards_of_ones_own_are_taken(people, employers, browse):
    ours = await actions.start(people.alice, employers.erins)
    theirs = await actions.start(people.charlie, employers.franks)
    page = (await browse(people.alice).submit("/notes?of=engagements", chosen=[str(ours), str(theirs)])).text
    assert "One note for 1 employer" in page
    assert "Frank" not in page


async def test_none_and_too_many_are_told(people, employers):
    for chosen in ([], [employers.erins] * 501):
        with pytest.raises(Invalid, match="between 1 and 500"):
            await write(people.alice, chosen)
    with pytest.raises(Invalid, match="still to come"):
        await write(people.alice, [employers.erins], NoteForm(kind="note", summary="x", on=date(2026, 12, 1)))


async def test_another_board_takes_nothing_back_and_a_note_is_no_move(people, employers):
    change, _count = await write(people.alice, [employers.erins])
    with pytest.raises(NotFound):
        await noting.undo(people.charlie, change, zone=ZONE)
    with pytest.raises(Denied):
        await noting.undo(people.sam, change, zone=ZONE)
    with pytest.raises(NotFound):
        await bulk.undo(people.alice, change)


async def test_those_who_only_look_write_nothing(people, employers):
    for actor in (people.ana, people.walter, people.teresa, people.erin):
        with pytest.raises(Denied):
            await write(actor, [employers.erins])
