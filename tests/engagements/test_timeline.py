"""What was done with an employer is logged once, shown newest first, and stays with its board."""

from datetime import date

import pytest

from crm.database import fetch_one, fetch_value, transaction
from crm.engagements import actions, activities, tasks
from crm.engagements.forms import ActivityForm, TaskForm
from crm.engagements.timeline import timeline
from crm.errors import Denied, Invalid, NotFound

TODAY = date(2026, 11, 23)


async def log(actor, employer_id, summary="Asked about spring", kind="call", on=None, **more):
    form = ActivityForm(kind=kind, summary=summary, on=on, **more)
    return await activities.log_activity(actor, employer_id, form, zone="America/New_York", today=TODAY)


async def told(actor, employer_id, **more):
    async with transaction(read_only=True):
        return [line["summary"] for line in await timeline(actor, employer_id, **more)]


@pytest.mark.parametrize("kind", ["call", "email", "visit", "meeting", "event", "note", "letter"])
async def test_logs_what_was_done_with_who_and_for_which_board(people, employers, boards, kind):
    made = await log(people.alice, employers.erins, kind=kind, direction="out", body="Two slots in May")
    async with transaction(read_only=True):
        kept = await fetch_one("select * from activity where id = $1", made)
    assert (kept["kind"], kept["board_id"], kept["logged_by"], kept["body"]) == (
        kind, boards.north, people.alice.account_id, "Two slots in May")  # fmt: skip


async def test_hangs_on_the_boards_engagement(people, employers):
    engagement = await actions.start(people.alice, employers.erins)
    made = await log(people.bob, employers.erins)
    async with transaction(read_only=True):
        assert await fetch_value("select engagement_id from activity where id = $1", made) == engagement


async def test_the_newest_stands_first_by_the_day_it_was_done(people, employers):
    await log(people.alice, employers.erins, "in March", on=date(2026, 3, 2))
    await log(people.alice, employers.erins, "today")
    await log(people.alice, employers.erins, "in June", on=date(2026, 6, 2))
    assert await told(people.alice, employers.erins) == ["today", "in June", "in March"]


async def test_refuses_a_day_still_to_come_and_says_what_to_do(people, employers):
    with pytest.raises(Invalid, match="Make a task for it") as refused:
        await log(people.alice, employers.erins, on=date(2026, 11, 24))
    assert set(refused.value.fields) == {"on"}


async def test_what_was_said_stays_with_the_board_and_others_see_that_it_is_in_touch(people, employers, browse):
    await actions.start(people.alice, employers.erins)
    await log(people.alice, employers.erins, "a private word")
    assert "a private word" not in await told(people.charlie, employers.erins)
    page = (await browse(people.charlie).get(f"/employers/{employers.erins}")).text
    assert "a private word" not in page
    assert "North: Identified" in page
    assert "1 contact in 90 days" in page


async def test_an_entry_is_taken_off_and_put_back_by_its_own_board_only(people, employers):
    made = await log(people.alice, employers.erins)
    with pytest.raises(NotFound):
        await activities.remove_activity(people.charlie, made)
    await activities.remove_activity(people.bob, made)
    assert await told(people.alice, employers.erins) == []
    await activities.remove_activity(people.alice, made, restore=True)
    assert await told(people.alice, employers.erins) == ["Asked about spring"]


async def test_a_page_of_the_timeline_goes_on_where_the_last_ended(people, employers):
    for number in range(35):
        await log(people.alice, employers.erins, str(number), on=date(2026, 5, 1))
    async with transaction(read_only=True):
        first = await timeline(people.alice, employers.erins)
        rest = await timeline(people.alice, employers.erins, before=first[-1]["at"], before_id=first[-1]["id"])
    assert len(first) == 30
    assert {line["summary"] for line in [*first, *rest]} == {str(number) for number in range(35)}


async def test_a_kind_alone_can_be_shown(people, employers):
    await log(people.alice, employers.erins, "rang")
    await log(people.alice, employers.erins, "wrote", kind="email")
    assert await told(people.alice, employers.erins, kind="email") == ["wrote"]


async def test_the_person_spoken_with_is_one_of_the_employers(people, employers, browse):
    from crm.contacts import actions as contacts
    from crm.contacts.forms import ContactForm

    ours = await contacts.add_contact(people.alice, employers.erins, ContactForm(given_name="Ana", family_name="Peña"))
    theirs = await contacts.add_contact(people.alice, employers.franks, ContactForm(given_name="Frank"))
    alice, url = browse(people.alice), f"/employers/{employers.erins}/activities"
    good = await alice.submit(url, kind="call", summary="Rang", contact_id=str(ours))
    wrong = await alice.submit(url, kind="call", summary="Rang", contact_id=str(theirs))
    assert (good.status_code, wrong.status_code) == (303, 422)
    assert "with Ana Peña" in (await alice.get(f"/employers/{employers.erins}")).text


async def test_a_task_waits_on_todays_page_of_whom_it_was_given_until_it_is_done(people, employers, browse):
    task = await tasks.add_task(people.alice, TaskForm(title="Send the form", due=date(2026, 11, 30),
                                                            assignee_id=people.bob.account_id), employer_id=employers.erins)  # fmt: skip
    bob = browse(people.bob)
    assert "Send the form" in (await bob.get("/today")).text
    assert "Send the form" not in (await browse(people.alice).get("/today")).text
    await tasks.finish_task(people.bob, task, date(2026, 11, 23))
    assert "Send the form" not in (await bob.get("/today")).text
    await tasks.finish_task(people.bob, task, date(2026, 11, 23), undo=True)
    assert "Send the form" in (await bob.get("/today")).text


async def test_another_boards_task_is_not_ours_to_finish(people, employers):
    task = await tasks.add_task(people.alice, TaskForm(title="Send the form"), employer_id=employers.erins)
    with pytest.raises(NotFound):
        await tasks.finish_task(people.charlie, task, date(2026, 11, 23))


async def test_those_who_only_look_log_nothing(people, employers):
    for actor in (people.ana, people.walter, people.teresa, people.erin):
        with pytest.raises(Denied):
            await log(actor, employers.erins)


async def test_the_refused_form_keeps_what_was_typed(people, employers, browse):
    answer = await browse(people.alice).submit(f"/employers/{employers.erins}/activities", kind="call", summary="", body="a long story")
    assert answer.status_code == 422
    assert "a long story" in answer.text
