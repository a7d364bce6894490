"""Put people on a sequence: many from the pipeline, looked at first and taken back as one, or one at once."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, may_work_for, require, visible
from crm.actions import acting
from crm.contacts.present import works
from crm.database import Record, copy_into, execute, fetch, fetch_one, fetch_value
from crm.engagements import pipeline
from crm.errors import Conflict, Denied, Invalid
from crm.mail import current_settings
from crm.outreach import following
from crm.outreach.enrolments import IN_ONE, PAGE, usable
from crm.outreach.letters import words
from crm.outreach.mailings import TYPED_ABOVE, chosen
from crm.outreach.preparing import against, chunks, shown_people
from crm.outreach.rules import due_at
from crm.outreach.sequence_rules import CHANNELS, WITH_WORDS
from crm.outreach.sequences import steps_of
from crm.sql import Sql
from crm.translation import _, lazy_
from crm.worded import worded
from crm.work import Job, RunningJob

LISTED = ("batch_id", "sequence_id", "board_id", "employer_id", "contact_id", "engagement_id", "state", "detail", "made_by")


async def make(actor: Actor, sequence_id: UUID, filters: pipeline.Filters, who: str) -> UUID:
    """A list of those whom the pipeline shows; who is taken is worked out in the background. The batch's id."""
    require(actor, Permission.WORK_PIPELINE)
    board_id = filters.board or actor.home_board
    if board_id is None or not may_work_for(actor, board_id):
        raise Denied(_("You write for your own board."))
    async with acting(actor, "enrolment.listed") as act:
        sequence, _steps = await usable(actor, sequence_id, board_id)
        batch_id: UUID = await fetch_value(
            "insert into enrolment_batch (sequence_id, board_id, chosen, made_by) values ($1, $2, $3, $4) returning id",
            sequence_id, board_id, chosen(filters, who), actor.account_id,
        )  # fmt: skip
        act.record("enrolment_batch", batch_id, board_id=board_id, after={"sequence_id": sequence_id})
        await act.enqueue("outreach.list", {"batch_id": str(batch_id)}, title=worded(lazy_("Sequence: %(name)s"), name=sequence["name"]),
                          key=f"enrolment:{batch_id}", board_id=board_id)  # fmt: skip
    return batch_id


async def enlist(job: RunningJob, *, batch_id: str) -> dict[str, Any]:
    """Done twice it works it out anew: nothing happens before someone starts it."""
    batch, today = UUID(batch_id), following.today(datetime.now(UTC))
    async with job.acting("enrolment.listed") as act:
        row = await fetch_one("select * from enrolment_batch where id = $1 and state = 'preparing' for update", batch)
        if row is None:
            act.unchanged()
            return {"url": f"/enrolment-batches/{batch}"}
        await execute("delete from enrolment where batch_id = $1", batch)
        await execute("set local statement_timeout = '60s'")
        steps = await steps_of(row["sequence_id"])
        found = await shown_people(job.actor, row["board_id"], row["chosen"], today, mailed=any(step["kind"] == "email" for step in steps))
        for chunk in chunks(found):
            reasons = await _reasons(row, steps, chunk, today)
            await copy_into("enrolment", LISTED, [
                (batch, row["sequence_id"], row["board_id"], each["employer_id"], each["contact_id"], each["engagement_id"],
                 "left_out" if reason else "listed", reason, row["made_by"]) for each, reason in zip(chunk, reasons, strict=True)
            ])  # fmt: skip
        await execute("update enrolment_batch set state = 'draft' where id = $1", batch)
        act.record("enrolment_batch", batch, board_id=row["board_id"], after={"people": len(found)})
    return {"url": f"/enrolment-batches/{batch}"}


async def _reasons(batch: Record, steps: list[Record], chunk: Any, today: date) -> list[str]:
    """Why each is left out; empty for those who are taken."""
    busy = {row["contact_id"]: row["name"] for row in await fetch(
        "select n.contact_id, q.name from enrolment n join sequence q on q.id = n.sequence_id where n.board_id = $1 "
        "and n.contact_id = any($2) and n.state in ('active', 'paused')", batch["board_id"], [each["contact_id"] for each in chunk])}  # fmt: skip
    written = [step for step in steps if step["kind"] in WITH_WORDS]
    told = await against(batch["board_id"], batch["made_by"], chunk, lambda language: [text for step in written for text in words(step, language)],
                         CHANNELS[steps[0]["kind"]], today)  # type: ignore[arg-type]  # fmt: skip
    return [_busy(busy[each["contact_id"]]) if each["contact_id"] in busy else reason for each, reason in zip(chunk, told, strict=True)]


def _busy(name: str) -> str:
    return _("They are on the sequence “%(name)s” already.") % {"name": name}


async def start(actor: Actor, batch_id: UUID, typed: int, now: datetime) -> UUID:
    """Begin with all who are taken; the sequence's id. Above a number, how many they are must be typed."""
    async with acting(actor, "enrolment.started") as act:
        batch = await _batch(actor, batch_id)
        if batch["state"] != "draft":
            raise Conflict(_("This was begun already, or taken back. Look at it again."))
        sequence, steps = await usable(actor, batch["sequence_id"], batch["board_id"])
        await execute(f"update enrolment n set state = 'left_out', detail = $2 where n.batch_id = $1 and n.state = 'listed' and {IN_ONE}",
                      batch_id, _("They are on a sequence by now."))  # fmt: skip
        waiting = await fetch_value("select count(*) from enrolment where batch_id = $1 and state = 'listed'", batch_id)
        if not waiting:
            raise Invalid(_("No one is left to begin with."))
        if waiting > TYPED_ABOVE and typed != waiting:
            message = _("This will begin with %(count)s people. Type that number to let it begin.") % {"count": waiting}
            raise Invalid(message, fields={"count": message})
        await execute("update enrolment set state = 'active', since = now(), due_at = $2 where batch_id = $1 and state = 'listed'",
                      batch_id, due_at(now, steps[0]["wait_days"], current_settings().time_zone))  # fmt: skip
        await execute("update enrolment_batch set state = 'started' where id = $1", batch_id)
        act.record("enrolment_batch", batch_id, board_id=batch["board_id"], after={"state": "started", "people": waiting})
        await following.let_go_on(act, sequence, batch["board_id"])
    return UUID(str(sequence["id"]))


async def enrol(actor: Actor, sequence_id: UUID, employer_id: UUID, contact_id: UUID, now: datetime) -> UUID:
    """Begin with one person at once; the batch's id. Raises `Invalid` with what stands against it."""
    require(actor, Permission.WORK_PIPELINE)
    board_id = actor.home_board
    if board_id is None:
        raise Invalid(_("A sequence is begun for a board, and you work for none."))
    async with acting(actor, "enrolment.started") as act:
        sequence, steps = await usable(actor, sequence_id, board_id)
        await load(actor, "employer", employer_id)
        await load(actor, "contact", contact_id)
        found = await fetch(Sql(
            "select c.id as contact_id, c.email, c.language, c.given_name as first_name, c.family_name as last_name, e.id as employer_id, "
            "e.name as employer, e.city, (select g.id from engagement g where g.employer_id = e.id and g.board_id = {} and g.archived_at is null "
            "order by g.updated_at desc limit 1) as engagement_id from affiliation f join contact c on c.id = f.contact_id "
            "join employer e on e.id = f.employer_id where f.employer_id = {} and f.contact_id = {} and c.archived_at is null and {} limit 1",
            board_id, employer_id, contact_id, works("f", following.today(now)),
        ))  # fmt: skip
        if not found:
            raise Invalid(_("This person is not known at this employer. Add them there first."))
        batch = await fetch_one("insert into enrolment_batch (sequence_id, board_id, state, made_by) values ($1, $2, 'started', $3) returning *",
                                sequence_id, board_id, actor.account_id)  # fmt: skip
        assert batch is not None
        if reason := (await _reasons(batch, steps, found, following.today(now)))[0]:
            raise Invalid(reason)
        if not found[0]["email"] and any(step["kind"] == "email" for step in steps):
            raise Invalid(_("There is no mail address."))
        enrolment_id = await fetch_value(
            "insert into enrolment (batch_id, sequence_id, board_id, employer_id, contact_id, engagement_id, state, due_at, made_by) "
            "values ($1, $2, $3, $4, $5, $6, 'active', $7, $8) returning id",
            batch["id"], sequence_id, board_id, employer_id, contact_id, found[0]["engagement_id"],
            due_at(now, steps[0]["wait_days"], current_settings().time_zone), actor.account_id,
        )  # fmt: skip
        act.record("enrolment", enrolment_id, board_id=board_id, employer_id=employer_id, after={"sequence_id": sequence_id})
        await following.let_go_on(act, sequence, board_id)
    return UUID(str(batch["id"]))


async def undo(actor: Actor, batch_id: UUID) -> int:
    """End it for all who were put on it together; how many. Tasks of it that no one did go; what was sent is sent."""
    async with acting(actor, "enrolment.undone") as act:
        batch = await _batch(actor, batch_id)
        if batch["state"] == "undone":
            raise Conflict(_("This was taken back already."))
        await execute(
            "update task t set dropped_at = now(), version = version + 1 from enrolment_step d join enrolment n on n.id = d.enrolment_id "
            "where d.task_id = t.id and n.batch_id = $1 and t.done_at is null and t.dropped_at is null", batch_id,
        )  # fmt: skip
        await execute("update mailing_recipient r set state = 'stopped' from enrolment n where n.id = r.enrolment_id and n.batch_id = $1 "
                      "and r.state = 'queued'", batch_id)  # fmt: skip
        ended = await execute(
            "update enrolment set state = 'stopped', reason = 'undone', due_at = null, ended_at = now() "
            "where batch_id = $1 and state in ('listed', 'active', 'paused')", batch_id,
        )  # fmt: skip
        await execute("update enrolment_batch set state = 'undone' where id = $1", batch_id)
        act.record("enrolment_batch", batch_id, board_id=batch["board_id"], before={"state": batch["state"]}, after={"state": "undone", "people": ended})
    return ended


async def in_batch(actor: Actor, batch_id: UUID, state: str, after: UUID | None) -> list[Record]:
    return await fetch(
        Sql("select n.*, e.name as employer_name, c.given_name, c.family_name, c.email from enrolment n "
            "join employer e on e.id = n.employer_id and {} join contact c on c.id = n.contact_id and {} where n.batch_id = {} "
            f"and ({{}} = '' or n.state = {{}}) and ({{}}::uuid is null or n.id > {{}}) and {{}} order by n.id limit {PAGE}",
            visible(actor, "employer", "e"), visible(actor, "contact", "c"), batch_id, state, state, after, after,
            visible(actor, "enrolment", "n"))  # fmt: skip
    )


async def _batch(actor: Actor, batch_id: UUID) -> dict[str, Any]:
    require(actor, Permission.WORK_PIPELINE)
    batch = await load(actor, "enrolment_batch", batch_id, for_update=True)
    if not may_work_for(actor, batch["board_id"]):
        raise Denied(_("You write for your own board."))
    return batch


JOBS = [Job("outreach.list", enlist, attempts=3, timeout=300)]
