"""What ends a sequence for a person: what they did, what a colleague did, and what became of its mail."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.contacts import moving
from crm.contacts.forms import JobChangeForm
from crm.database import execute, fetch_value, transaction
from crm.engagements import actions, activities, courtesy
from crm.engagements.forms import ActivityForm, ClaimForm, StageMoveForm, StopForm
from crm.errors import NotFound
from crm.outreach import deciding, enrolments
from tests.outreach.steps import MONDAY, begin, fetch_one_value, go, later, row, tasks


async def wrote_in(employer, contact=None, board=None, *, kind="email", direction="in", at=None):
    """What the reading of mail writes: a line of the timeline, and its event."""
    async with acting(SYSTEM, "activity.logged") as act:
        activity = await fetch_value(
            "insert into activity (employer_id, contact_id, board_id, kind, direction, summary, at) values ($1, $2, $3, $4, $5, 'x', "
            "coalesce($6::timestamptz, now())) returning id", employer, contact, board, kind, direction, at,
        )  # fmt: skip
        act.record("activity", activity)
        act.event("activity_logged", activity_id=activity, employer_id=employer)


async def a_reply(people, desk, employers, boards):
    await wrote_in(employers.erins, desk.erins, boards.north)


async def a_reply_of_the_employer(people, desk, employers, boards):
    await wrote_in(employers.erins, None, boards.north)


async def a_reply_at_another_employer(people, desk, employers, boards):
    await wrote_in(employers.franks, desk.erins, boards.north)


async def a_meeting(people, desk, employers, boards):
    await activities.log_activity(people.alice, employers.erins, ActivityForm(kind="meeting", summary="Met"), zone="UTC", today=date.today())


async def a_visit(people, desk, employers, boards):
    await activities.log_activity(people.bob, employers.erins, ActivityForm(kind="visit", summary="Saw"), zone="UTC", today=date.today())


async def a_wish(people, desk, employers, boards):
    await courtesy.stop(people.alice, StopForm(reason="No more"), contact_id=desk.erins)


async def a_wish_of_the_employer(people, desk, employers, boards):
    await courtesy.stop(people.alice, StopForm(reason="No more", channel="email"), employer_id=employers.erins)


async def a_move(people, desk, employers, boards):
    async with transaction(read_only=True):
        engagement = await fetch_value("select id from engagement where employer_id = $1 and board_id = $2", employers.erins, boards.north)
        stage = await fetch_value("select s.id from stage s join engagement g on g.pipeline_id = s.pipeline_id where g.id = $1 and s.kind = 'open' "
                                  "and s.id <> g.stage_id order by s.position limit 1", engagement)  # fmt: skip
    await actions.move(people.alice, engagement, StageMoveForm(stage_id=stage))


async def a_call_of_another_board(people, desk, employers, boards):
    await activities.log_activity(people.charlie, employers.erins, ActivityForm(kind="call", summary="Hello", direction="out"), zone="UTC", today=date.today())


async def a_lease_of_another_board(people, desk, employers, boards):
    await courtesy.claim(people.charlie, employers.erins, ClaimForm(), days=14)


async def a_person_who_left(people, desk, employers, boards):
    async with transaction():
        await execute("update affiliation set valid_to = $2 where contact_id = $1", desk.erins, MONDAY.date() - timedelta(days=1))


async def test_a_change_of_job_ends_it_at_once_and_taking_that_back_lets_it_go_on(spring, erin, people, desk, employers, boards, postbox):
    async with transaction(read_only=True):
        role = await fetch_value("select id from affiliation where contact_id = $1", desk.erins)
    done = await moving.change_job(people.alice, role, JobChangeForm(left_on=date(2026, 11, 13), employer_id=employers.franks), today=MONDAY.date())
    assert ((await row(erin))["state"], (await row(erin))["reason"], done.stopped) == ("stopped", "gone", 1)
    await go(spring, boards.north)
    assert postbox.arrived == []
    await moving.undo(people.alice, done.id)
    assert (await row(erin))["state"] == "active"
    await go(spring, boards.north)
    assert len(postbox.arrived) == 1


ENDS = [(a_reply, "replied"), (a_reply_of_the_employer, "replied"), (a_reply_at_another_employer, "replied"), (a_meeting, "met"), (a_visit, "met"),
        (a_wish, "opt_out"), (a_wish_of_the_employer, "opt_out"), (a_move, "moved"), (a_call_of_another_board, "others"),
        (a_lease_of_another_board, "others")]  # fmt: skip


@pytest.mark.parametrize(("happens", "reason"), [*ENDS, (a_person_who_left, "gone")], ids=lambda each: getattr(each, "__name__", ""))
async def test_what_happened_ends_it_before_its_next_step(spring, erin, people, desk, employers, boards, postbox, happens, reason):
    await happens(people, desk, employers, boards)
    await go(spring, boards.north)
    assert postbox.arrived == []
    assert ((await row(erin))["state"], (await row(erin))["reason"]) == ("stopped", reason)


@pytest.mark.parametrize(("happens", "reason"), ENDS, ids=lambda each: getattr(each, "__name__", ""))
async def test_it_ends_as_soon_as_that_is_heard_of(spring, erin, people, desk, employers, boards, program, superuser, happens, reason):
    await superuser("update job set run_after = now() + interval '1 year' where name = 'outreach.step'")
    await happens(people, desk, employers, boards)
    await program.worker().run_until_idle()
    assert ((await row(erin))["state"], (await row(erin))["reason"]) == ("stopped", reason)


async def test_what_is_no_answer_ends_nothing(spring, erin, people, desk, employers, boards, postbox, program, superuser):
    await superuser("update job set run_after = now() + interval '1 year' where name = 'outreach.step'")
    await wrote_in(employers.erins, desk.erins, boards.north, at=datetime(2020, 1, 1, tzinfo=UTC))  # an old mail, read in late
    await wrote_in(employers.erins, desk.erins, boards.north, direction="out")
    await wrote_in(employers.franks, desk.franks, boards.north)
    await activities.log_activity(people.alice, employers.erins, ActivityForm(kind="note", summary="x"), zone="UTC", today=date.today())
    await program.worker().run_until_idle()
    await go(spring, boards.north)
    assert len(postbox.arrived) == 1 and (await row(erin))["state"] == "active"


async def test_an_answer_before_it_began_ends_nothing(spring, desk, people, employers, boards, postbox):
    await wrote_in(employers.erins, desk.erins, boards.north)
    enrolment = await begin(people.alice, spring, employers.erins, desk.erins)
    await go(spring, boards.north)
    assert len(postbox.arrived) == 1 and (await row(enrolment))["state"] == "active"


async def test_it_goes_on_where_a_person_says_so(spring, erin, people, desk, employers, boards, postbox):
    await go(spring, boards.north)
    await wrote_in(employers.erins, desk.erins, boards.north)  # out of the office
    await go(spring, boards.north, later(2))
    assert (await row(erin))["state"] == "stopped"
    await enrolments.go_on(people.alice, erin, later(3))
    await go(spring, boards.north, later(3))
    assert len(postbox.arrived) == 1 and [title for title, _who, _due in await tasks()] == ["Call them"]


async def test_a_mail_that_no_server_takes_ends_it(spring, erin, boards, postbox):
    postbox.answers = ["550 no such person"]
    await go(spring, boards.north)
    found = await row(erin)
    assert (found["state"], found["reason"]) == ("stopped", "undeliverable") and "no such person" in found["detail"]


async def test_a_mail_that_comes_back_ends_it(spring, erin, boards, superuser):
    await go(spring, boards.north)
    await superuser("update mailing_recipient set state = 'bounced', sent_at = now()")
    await go(spring, boards.north, later(2))
    assert (await row(erin))["reason"] == "undeliverable" and await tasks() == []


async def test_come_back_later_is_tried_again_and_goes_on(spring, erin, boards, postbox):
    postbox.answers = ["451 greylisted"]
    await go(spring, boards.north)
    await go(spring, boards.north, MONDAY + timedelta(minutes=5))
    assert postbox.arrived == []
    await go(spring, boards.north, MONDAY + timedelta(minutes=20))
    await go(spring, boards.north, later(2))
    assert len(postbox.arrived) == 1 and len(await tasks()) == 1


@pytest.mark.parametrize(("decision", "mails"), [("again", 2), ("leave", 1)])
async def test_an_uncertain_mail_waits_for_a_person_and_its_steps_with_it(spring, erin, people, boards, postbox, decision, mails):
    postbox.answers = ["break"]
    for day in range(4):
        await go(spring, boards.north, later(day))
    assert len(postbox.arrived) == 1 and await tasks() == [] and (await row(erin))["state"] == "active"
    recipient = await fetch_one_value("select id from mailing_recipient where state = 'uncertain'")
    with pytest.raises(NotFound):
        await deciding.decide(people.charlie, recipient, decision, later(3))
    assert await deciding.decide(people.alice, recipient, decision, later(3)) == f"/sequences/{spring}"
    for day in range(3, 9):
        await go(spring, boards.north, later(day))
    assert len(postbox.arrived) == mails and len(await tasks()) == 2 and (await row(erin))["state"] == "done"


async def test_a_worker_that_died_in_the_middle_leaves_it_uncertain(spring, erin, boards, postbox, superuser):
    await go(spring, boards.north)
    await superuser("update mailing_recipient set state = 'sending'")
    await go(spring, boards.north)
    assert await fetch_one_value("select state from mailing_recipient") == "uncertain" and len(postbox.arrived) == 1
