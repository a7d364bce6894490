"""Steps days apart: each once and in time, by mail, task and letter; held, paused and taken back, for one and for many."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crm import days
from crm.contacts import actions as contacts
from crm.contacts.forms import ContactForm
from crm.database import fetch, fetch_value, transaction
from crm.engagements import courtesy
from crm.engagements.forms import StopForm
from crm.engagements.pipeline import Filters
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.outreach import enrolling, enrolments, paper, sequences
from crm.outreach.forms import SequenceForm, StepForm
from crm.outreach.rules import due_at
from crm.outreach.sequence_rules import Since, leads_back, why_stop
from crm.worker import Worker
from tests.outreach.running import job
from tests.outreach.steps import MAIL, MONDAY, ZONE, begin, fetch_one_value, go, later, made, row, tasks


async def test_each_step_happens_once_and_in_its_time(spring, erin, desk, people, boards, postbox, program):
    for day in range(9):
        for _twice in range(2):
            await go(spring, boards.north, later(day))
    assert [(message["To"], message["Subject"]) for message in postbox.arrived] == [("erins@work.example.com", "Hello Erin's Bakery")]
    assert await tasks() == [("Call them", "Alice", date(2026, 11, 18)), ("Print and post: Welcome", "Alice", date(2026, 11, 19))]
    assert (await row(erin))["state"] == "done"


async def test_its_mail_is_like_every_other_of_ours(spring, erin, boards, postbox, client):
    await go(spring, boards.north)
    [message] = postbox.arrived
    assert message["From"] == "North <desk@agency.example>" and message["Reply-To"] == "alice@example.org"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and message["Message-ID"].endswith("@agency.example>")
    assert "1 Court Square" in message.get_body(("plain",)).get_content()
    out = "/unsubscribe/" + message["List-Unsubscribe"].strip().rpartition("/")[2][:-1]
    assert (await client.post(out, data={"List-Unsubscribe": "One-Click"})).status_code == 200
    await Worker([], listeners={}).run_until_idle()
    await go(spring, boards.north, later(2))
    assert ((await row(erin))["state"], (await row(erin))["reason"]) == ("stopped", "opt_out")
    assert await tasks() == []


async def test_a_letter_hangs_on_the_timeline_as_a_pdf_once(spring, erin, boards, program, people, browse, employers):
    for day in range(4):
        await go(spring, boards.north, later(day))
    done = await fetch_one_value("select id from enrolment_step where letter is not null")
    for _twice in range(2):
        await paper.write(await job(done, "outreach.letter"), done_id=str(done))
    async with transaction(read_only=True):
        [line] = await fetch("select summary, file_id from activity where kind = 'document'")
    assert line["summary"] == "Welcome (PDF)"
    answer = await browse(people.alice).get(f"/files/{line['file_id']}")
    assert answer.content.startswith(b"%PDF")


async def test_a_task_goes_to_whom_the_step_names_or_who_looks_after_the_employer(desk, people, boards, employers, superuser):
    await superuser(f"update engagement set owner_id = '{people.bob.account_id}'")
    sequence = await made(people.alice, "Calls", {"kind": "call", "title": "First"},
                          {"kind": "visit", "title": "Second", "assignee_id": people.alice.account_id})  # fmt: skip
    await begin(people.alice, sequence, employers.erins, desk.erins)
    await go(sequence, boards.north)
    assert await tasks() == [("First", "Bob", date(2026, 11, 16)), ("Second", "Alice", date(2026, 11, 16))]
    with pytest.raises(Invalid, match="your board"):
        await sequences.add_step(people.alice, sequence, StepForm(kind="call", title="x", assignee_id=people.charlie.account_id))


# ── held, paused, stopped, taken back ──


async def test_the_whole_is_held_for_one_board_and_goes_on(spring, erin, people, boards, postbox):
    await enrolments.hold(people.alice, spring)
    await go(spring, boards.north)
    assert postbox.arrived == []
    await enrolments.hold(people.alice, spring, release=True)
    await go(spring, boards.north)
    assert len(postbox.arrived) == 1


async def test_one_is_paused_and_goes_on_or_is_stopped(spring, erin, people, boards, postbox):
    await enrolments.pause(people.alice, erin)
    await go(spring, boards.north)
    assert postbox.arrived == []
    with pytest.raises(Conflict):
        await enrolments.pause(people.alice, erin)
    await enrolments.go_on(people.alice, erin, MONDAY)
    await enrolments.stop(people.alice, erin)
    await go(spring, boards.north)
    assert postbox.arrived == [] and (await row(erin))["reason"] == "by_hand"


async def test_no_other_board_touches_or_sees_it(spring, erin, people, browse):
    for tried in (enrolments.pause(people.charlie, erin), enrolments.stop(people.charlie, erin), enrolments.hold(people.charlie, spring),
                  sequences.put_away(people.charlie, spring)):  # fmt: skip
        with pytest.raises((NotFound, Denied)):
            await tried
    assert (await browse(people.charlie).get(f"/sequences/{spring}")).status_code == 404


# ── many at once ──


async def listed(who, sequence, **filters):
    batch = await enrolling.make(who, sequence, Filters(**filters), "all")
    await enrolling.enlist(await job(batch, "outreach.list"), batch_id=str(batch))
    return batch


async def in_batch(batch):
    async with transaction(read_only=True):
        rows = await fetch("select c.given_name, n.state, n.detail from enrolment n join contact c on c.id = n.contact_id where n.batch_id = $1", batch)
    return {name: (state, detail) for name, state, detail in rows}


async def test_who_is_taken_and_who_is_left_out_is_seen_first(spring, erin, people, desk, employers):
    await contacts.add_contact(people.alice, employers.franks, ContactForm(email="nameless@work.example.com", given_name="", family_name="Doe"))
    await contacts.add_contact(people.alice, employers.franks, ContactForm(given_name="Gina", email="gina@work.example.com"))
    await courtesy.stop(people.alice, StopForm(reason="Moved"), contact_id=desk.franks)
    batch = await listed(people.alice, spring)
    found = await in_batch(batch)
    assert {name: state for name, (state, _why) in found.items()} == {"Erin": "left_out", "Francisco": "left_out", "": "left_out", "Gina": "listed"}
    assert "“Spring” already" in found["Erin"][1] and "Moved" in found["Francisco"][1] and "{first_name} is empty" in found[""][1]
    with pytest.raises(Invalid, match="“Spring” already"):
        await enrolling.enrol(people.alice, spring, employers.erins, desk.erins, MONDAY)


async def test_many_begin_only_when_their_number_is_typed_and_are_taken_back_as_one(spring, people, desk, boards, postbox, monkeypatch):
    monkeypatch.setattr(enrolling, "TYPED_ABOVE", 1)
    batch = await listed(people.alice, spring)
    with pytest.raises(Invalid, match="begin with 2 people"):
        await enrolling.start(people.alice, batch, 0, MONDAY)
    assert await enrolling.start(people.alice, batch, 2, MONDAY) == spring
    with pytest.raises(Conflict):
        await enrolling.start(people.alice, batch, 2, MONDAY)
    for day in (0, 2):
        await go(spring, boards.north, later(day))
    assert len(postbox.arrived) == 2 and len(await tasks()) == 2
    assert await enrolling.undo(people.alice, batch) == 2
    for day in (3, 4):
        await go(spring, boards.north, later(day))
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from task where dropped_at is null") == 0
    assert {state for state, _why in (await in_batch(batch)).values()} == {"stopped"}
    with pytest.raises(Conflict):
        await enrolling.undo(people.alice, batch)


async def test_without_a_mail_server_or_the_boards_address_none_with_mails_begins(spring, desk, people, employers, superuser):
    await superuser("update board set address = ''")
    with pytest.raises(Invalid, match="postal address"):
        await enrolling.enrol(people.alice, spring, employers.erins, desk.erins, MONDAY)


# ── set up ──


async def test_a_circle_is_refused(desk, people):
    first = await made(people.alice, "First", MAIL)
    second = await made(people.alice, "Second", MAIL, then=first)
    third = await made(people.alice, "Third", MAIL, then=second)
    for then in (first, second, third):
        with pytest.raises(Invalid, match="would never end"):
            await sequences.change(people.alice, first, SequenceForm(name="First", then_sequence_id=then, version=1))
    with pytest.raises(Conflict, match="“Second” goes on in this sequence"):
        await sequences.put_away(people.alice, first)


async def test_it_goes_on_in_the_sequence_that_follows(desk, people, boards, employers, postbox):
    after = await made(people.alice, "After", {"kind": "call", "title": "Ask how it went", "wait_days": 5})
    before = await made(people.alice, "Before", MAIL, then=after)
    await begin(people.alice, before, employers.erins, desk.erins)
    await go(before, boards.north)
    for day in (1, 4, 7):
        await go(after, boards.north, later(day))
    assert await tasks() == [("Ask how it went", "Alice", date(2026, 11, 23))]


async def test_the_states_sequence_serves_every_board_and_is_the_states_to_change(desk, people, boards, employers, postbox):
    sequence = await made(people.sam, "State", MAIL)
    with pytest.raises(Denied):
        await sequences.change(people.alice, sequence, SequenceForm(name="Mine", version=1))
    await begin(people.alice, sequence, employers.erins, desk.erins)
    await go(sequence, boards.south)
    assert postbox.arrived == []
    await go(sequence, boards.north)
    assert [message["From"] for message in postbox.arrived] == ["North <desk@agency.example>"]


async def test_steps_change_places_and_each_still_happens_once(spring, erin, people, boards, postbox):
    mail, call, letter = [step["id"] for step in await steps(spring)]
    await go(spring, boards.north)
    assert await sequences.shift_step(people.alice, letter, -1) == spring
    await sequences.shift_step(people.alice, mail, 1)
    await sequences.put_away_step(people.alice, call)
    assert [step["id"] for step in await steps(spring)] == [letter, mail]
    for day in range(1, 6):
        await go(spring, boards.north, later(day))
    assert len(postbox.arrived) == 1 and [title for title, _who, _due in await tasks()] == ["Print and post: Welcome"]


async def steps(sequence):
    async with transaction(read_only=True):
        return await sequences.steps_of(sequence)


@pytest.mark.parametrize(("form", "message"), [
    ({"kind": "email", "title": "x"}, "need their words"),
    ({"kind": "letter", "title": "x", "subject_en": "x", "body_en": "{nobody}"}, "is no field"),
    ({"kind": "email", "title": "x", "subject_en": "x", "body_en": "x", "subject_es": "x"}, "go together"),
])  # fmt: skip
async def test_a_step_with_words_that_do_not_fit_is_refused(spring, people, form, message):
    with pytest.raises(Invalid, match=message):
        await sequences.add_step(people.alice, spring, StepForm(**form))


async def test_an_empty_sequence_begins_with_no_one(desk, people, employers):
    with pytest.raises(Invalid, match="no step yet"):
        await enrolling.enrol(people.alice, await made(people.alice, "Empty"), employers.erins, desk.erins, MONDAY)


# ── days and hours ──


@pytest.mark.parametrize(("now", "days", "then"), [
    ("2026-11-23T15:00:00+00:00", 0, "2026-11-23T15:00:00+00:00"),  # Monday, ten in the morning: at once
    ("2026-11-23T23:30:00+00:00", 0, "2026-11-24T13:00:00+00:00"),  # after six: in the morning
    ("2026-11-27T15:00:00+00:00", 1, "2026-11-30T13:00:00+00:00"),  # over the weekend
    ("2026-11-28T15:00:00+00:00", 0, "2026-11-30T13:00:00+00:00"),  # Saturday
    ("2026-11-23T15:00:00+00:00", 10, "2026-12-08T13:00:00+00:00"),  # Thanksgiving between
    ("2026-11-25T23:30:00+00:00", 0, "2026-11-27T13:00:00+00:00"),  # in its night before
    ("2027-12-23T15:00:00+00:00", 1, "2027-12-27T13:00:00+00:00"),  # Christmas is a Saturday, and observed on the Friday before
    ("2026-03-06T15:00:00+00:00", 1, "2026-03-09T12:00:00+00:00"),  # clocks went forward on Sunday: eight is an hour earlier
    ("2026-10-30T15:00:00+00:00", 1, "2026-11-02T13:00:00+00:00"),  # and back
    ("2026-03-08T06:30:00+00:00", 0, "2026-03-09T12:00:00+00:00"),  # in the hour before the change itself
    ("2026-11-01T05:30:00+00:00", 0, "2026-11-02T13:00:00+00:00"),  # and in the hour that comes twice
])  # fmt: skip
def test_waits_are_working_days_of_the_agencys_zone(now, days, then):
    assert due_at(datetime.fromisoformat(now), days, ZONE) == datetime.fromisoformat(then)


async def test_the_work_comes_back_by_itself_on_the_day_of_the_next_step(spring, erin, boards):
    await go(spring, boards.north)
    assert await fetch_one_value("select run_after from job where name = 'outreach.step' and key is not null") == later(2, hour=13)


def test_what_they_did_themselves_is_told_first():
    assert why_stop(Since()) == ""
    assert why_stop(Since(moved=True, replied=True, others=True)) == "replied"
    assert why_stop(Since(moved=True, met=True)) == "met"


def test_leads_back_sees_every_circle_and_no_chain():
    assert leads_back({2: 3, 3: 1}, 1, 2) and leads_back({}, 1, 1) and leads_back({2: 3, 3: 2}, 1, 2)
    assert not leads_back({2: 3, 3: 4}, 1, 2) and not leads_back({2: 3}, 1, None)


async def test_the_page_names_the_closed_days_for_which_a_step_waits(spring, erin, browse, people, superuser):
    """Whatever day it is: two working days from now on which the agency says that it is closed."""
    today = days.agency_today()
    closed = days.next_working(today + timedelta(days=1))
    days.start(ZONE, [closed])
    try:
        await superuser(f"update enrolment set due_at = '{closed + timedelta(days=1)}T13:00Z'")
        assert "(closed: a day on which we are closed)" in (await browse(people.alice).get(f"/sequences/{spring}")).text
        days.start(ZONE)
        assert "a day on which we are closed" not in (await browse(people.alice).get(f"/sequences/{spring}")).text
    finally:
        days.start(ZONE)


async def test_no_mail_of_a_step_leaves_on_a_holiday(spring, erin, boards, postbox, superuser):
    thanksgiving = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
    await superuser(f"update enrolment set due_at = '{thanksgiving - timedelta(hours=1)}'")
    await go(spring, boards.north, thanksgiving)
    assert postbox.arrived == []
    await go(spring, boards.north, thanksgiving + timedelta(days=1))
    assert len(postbox.arrived) == 1
