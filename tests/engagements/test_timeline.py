"""What was done with an employer is logged once, shown newest first, and stays with its board."""

from datetime import date

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.contacts import actions as contacts
from crm.contacts.forms import ContactForm
from crm.database import execute, fetch_one, fetch_value, transaction
from crm.engagements import actions, activities, tasks
from crm.engagements.forms import ActivityForm, TaskForm
from crm.engagements.timeline import Filters, Subject, timeline
from crm.errors import Denied, Invalid, NotFound

TODAY = date(2026, 11, 23)
ZONE = "America/New_York"


async def log(actor, employer_id, summary="Asked about spring", kind="call", on=None, **more):
    form = ActivityForm(kind=kind, summary=summary, on=on, **more)
    return await activities.log_activity(actor, employer_id, form, zone=ZONE, today=TODAY)


async def story(actor, subject_id, of="employer", **filters):
    async with transaction(read_only=True):
        return await timeline(actor, Subject(of, subject_id), Filters(**filters), ZONE)


async def told(actor, employer_id, **filters):
    lines, _after = await story(actor, employer_id, **filters)
    return [line["summary"] for line in lines if line["activity_id"]]


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
        await activities.remove_activity(people.charlie, made, zone="UTC")
    await activities.remove_activity(people.bob, made, zone="UTC")
    assert await told(people.alice, employers.erins) == []
    await activities.remove_activity(people.alice, made, restore=True, zone="UTC")
    assert await told(people.alice, employers.erins) == ["Asked about spring"]


async def test_a_page_of_the_timeline_goes_on_where_the_last_ended(people, employers):
    for number in range(35):
        await log(people.alice, employers.erins, str(number), on=date(2026, 5, 1))
    first, after = await story(people.alice, employers.erins)
    rest, end = await story(people.alice, employers.erins, after=after)
    assert (len(first), end) == (30, "")
    assert {line["summary"] for line in [*first, *rest] if line["activity_id"]} == {str(number) for number in range(35)}


async def test_a_kind_alone_can_be_shown(people, employers):
    await log(people.alice, employers.erins, "rang")
    await log(people.alice, employers.erins, "wrote", kind="email")
    assert await told(people.alice, employers.erins, kind="email") == ["wrote"]


async def test_the_person_spoken_with_is_one_of_the_employers(people, employers, browse):
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


async def test_the_record_tells_what_became_of_the_facts_and_never_their_values(people, employers, browse):
    alice = browse(people.alice)
    await alice.submit(f"/employers/{employers.erins}/edit", name="Erin's Bakery", phone="508-555-0100", version="1")
    await log(people.alice, employers.erins)
    lines, _after = await story(people.bob, employers.erins)
    assert [(line["kind"], line["verb"]) for line in lines] == [("call", ""), ("record", "employer.changed")]
    page = (await alice.get(f"/employers/{employers.erins}/timeline?kind=record")).text
    assert "Facts changed" in page
    assert "Alice" in page
    assert "Asked about spring" not in page


async def test_what_an_employer_changes_in_the_portal_stands_as_such(people, employers, browse):
    erin = browse(people.erin)
    page = f"/portal/employers/{employers.erins}"
    await erin.submit(page, page=page, name="Erin's Bakery and Café", version="1")
    lines, _after = await story(people.alice, employers.erins, kind="portal")
    assert [(line["kind"], line["by_name"]) for line in lines] == [("portal", "Erin")]


async def test_pages_go_on_across_what_was_logged_and_what_the_record_tells(people, employers, browse):
    for number in range(20):
        await log(people.alice, employers.erins, str(number))
        await actions_of_the_directory(people.alice, employers.erins, number)
    seen, after = [], ""
    while True:
        lines, after = await story(people.alice, employers.erins, after=after)
        seen += [(line["activity_id"], line["entry_id"]) for line in lines]
        if not after:
            break
    assert len(seen) == len(set(seen)) == 40


async def actions_of_the_directory(actor, employer_id, number):
    async with acting(actor, "employer.changed") as act:
        act.record("employer", employer_id, employer_id=employer_id, after={"phone": str(number)})


@pytest.mark.parametrize("after", ["x", "W10=", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsIC01XQ=="])
async def test_a_damaged_page_address_is_told(people, employers, browse, after):
    answer = await browse(people.alice).get(f"/employers/{employers.erins}/timeline?after={after}")
    assert answer.status_code == 422


async def test_filters_by_person_board_days_and_words(people, boards, employers):
    await log(people.alice, employers.erins, "Asked about welding", on=date(2026, 3, 2))
    await log(people.bob, employers.erins, "Talked of pay", body="They mind the café's rent", on=date(2026, 3, 3))
    assert await told(people.alice, employers.erins, who=people.bob.account_id) == ["Talked of pay"]
    assert await told(people.alice, employers.erins, q="CAFE'S RENT") == ["Talked of pay"]
    assert await told(people.alice, employers.erins, until=date(2026, 3, 2)) == ["Asked about welding"]
    assert await told(people.alice, employers.erins, since=date(2026, 3, 3)) == ["Talked of pay"]
    assert len(await told(people.alice, employers.erins, board=boards.north)) == 2
    assert await told(people.alice, employers.erins, board=boards.south) == []
    assert await told(people.alice, employers.erins, q="100%") == []


async def test_a_worksite_has_its_own_story(people, employers, browse):
    async with transaction(read_only=True):
        site = await fetch_value("select id from establishment where employer_id = $1", employers.erins)
    await log(people.alice, employers.erins, "with its only worksite")  # found without being named
    async with acting(SYSTEM, "site.made") as act:
        await execute("insert into establishment (employer_id, city) values ($1, 'Boston')", employers.erins)
        act.record("site", None)
    await log(people.alice, employers.erins, "nowhere in particular")
    lines, _after = await story(people.alice, site, "establishment")
    assert [line["summary"] for line in lines] == ["with its only worksite"]
    page = await browse(people.alice).get(f"/establishments/{site}")
    assert "with its only worksite" in page.text


async def test_a_person_has_their_own_story_across_employers(people, employers, browse):
    person = await contacts.add_contact(people.alice, employers.erins, ContactForm(given_name="Ana", family_name="Peña"))
    async with acting(SYSTEM, "affiliation.made") as act:
        await execute("insert into affiliation (contact_id, employer_id, role) values ($1, $2, 'Owner')", person, employers.franks)
        act.record("affiliation", None)
    await log(people.alice, employers.erins, "at the bakery", contact_id=person)
    await log(people.alice, employers.franks, "at the garage", contact_id=person)
    await log(people.charlie, employers.franks, "a word of the south", contact_id=person)
    lines, _after = await story(people.alice, person, "contact")
    assert [line["summary"] for line in lines if line["activity_id"]] == ["at the garage", "at the bakery"]
    page = (await browse(people.alice).get(f"/contacts/{person}")).text
    assert "Frank&#39;s Garage" in page
    assert "a word of the south" not in page


async def test_the_worksite_is_one_of_the_employers(people, employers):
    async with transaction(read_only=True):
        theirs = await fetch_value("select id from establishment where employer_id = $1", employers.franks)
    with pytest.raises(Invalid, match="not one of this employer's") as refused:
        await log(people.alice, employers.erins, establishment_id=theirs)
    assert set(refused.value.fields) == {"establishment_id"}
