"""Sequences as tests make them, begin them and look them up. All begin on one Monday."""

from datetime import UTC, datetime, timedelta

from crm.database import fetch, fetch_one, fetch_value, transaction
from crm.outreach import enrolling, sequences, stepping
from crm.outreach.forms import SequenceForm, StepForm
from tests.outreach.running import job

MONDAY = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)  # no holiday is in its week or in the next three days
ZONE = "America/New_York"
MAIL = {"kind": "email", "title": "Write", "subject_en": "Hello {employer}", "body_en": "Dear {first_name}", "subject_es": "Hola {employer}", "body_es": "Hola {first_name}"}


def later(days, hour=15):
    return MONDAY.replace(hour=hour) + timedelta(days=days)


async def made(who, name, *steps, then=None):
    sequence = await sequences.add(who, SequenceForm(name=name, then_sequence_id=then))
    for step in steps:
        await sequences.add_step(who, sequence, StepForm(**step))
    return sequence


async def begin(who, sequence, employer, contact, at=MONDAY):
    await enrolling.enrol(who, sequence, employer, contact, at)
    return await fetch_one_value("select id from enrolment where contact_id = $1 order by since desc limit 1", contact)


async def fetch_one_value(sql, *arguments):
    async with transaction(read_only=True):
        return await fetch_value(sql, *arguments)


async def go(sequence, board, at=MONDAY):
    return await stepping.step(await job(sequence, "outreach.step"), sequence_id=str(sequence), board_id=str(board), now=lambda: at)


async def row(enrolment):
    async with transaction(read_only=True):
        return await fetch_one("select * from enrolment where id = $1", enrolment)


async def tasks():
    async with transaction(read_only=True):
        return [tuple(each) for each in await fetch("select t.title, a.name, t.due from task t left join account a on a.id = t.assignee_id order by t.created_at")]
