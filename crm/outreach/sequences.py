"""Set up sequences: the state's for every board, and a board's own. What was used stays readable; it is put away, never removed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, Role, load, may_work_for, require, visible
from crm.actions import Act, acting
from crm.database import Record, execute, fetch, fetch_value
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.outreach.forms import SequenceForm, StepForm
from crm.outreach.sequence_rules import WITH_WORDS, leads_back
from crm.outreach.templates import TEXTS, check_words
from crm.sql import Sql
from crm.translation import _

STEP = ("kind", "title", "wait_days", "assignee_id", *TEXTS)


async def listed(actor: Actor) -> list[Record]:
    """Each with its steps' number, and how many of one's own are on it."""
    return await fetch(
        Sql("select q.*, b.name as board, (select count(*) from sequence_step s where s.sequence_id = q.id and s.archived_at is null) as steps, "
            "(select count(*) from enrolment n where n.sequence_id = q.id and n.state in ('active', 'paused') and {}) as active, "
            "(select count(*) from enrolment n where n.sequence_id = q.id and n.state = 'stopped' and n.reason = 'replied' and {}) as replied "
            "from sequence q left join board b on b.id = q.board_id where q.archived_at is null and {} "
            "order by q.board_id is null, q.name, q.id limit 200",
            visible(actor, "enrolment", "n"), visible(actor, "enrolment", "n"), visible(actor, "sequence", "q"))  # fmt: skip
    )


async def steps_of(sequence_id: UUID) -> list[Record]:
    return await fetch(
        "select s.*, a.name as assignee from sequence_step s left join account a on a.id = s.assignee_id "
        "where s.sequence_id = $1 and s.archived_at is null order by s.position, s.id", sequence_id,
    )  # fmt: skip


def may_design(actor: Actor, board_id: UUID | None) -> bool:
    """The state's are the state office's to change, a board's are its staff's."""
    return may_work_for(actor, board_id) if board_id else Role.STATE_ADMIN in actor.roles


async def add(actor: Actor, form: SequenceForm) -> UUID:
    """The state's, where the state office makes it; otherwise one's board's."""
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "sequence.added") as act:
        await _check_then(actor, None, actor.home_board, form.then_sequence_id)
        sequence_id: UUID = await fetch_value(
            "insert into sequence (board_id, name, then_sequence_id) values ($1, $2, $3) returning id",
            actor.home_board, form.name, form.then_sequence_id,
        )  # fmt: skip
        act.record("sequence", sequence_id, board_id=actor.home_board, after={"name": form.name})
    return sequence_id


async def change(actor: Actor, sequence_id: UUID, form: SequenceForm) -> None:
    """Raises `Conflict` when someone changed it meanwhile, `Invalid` where it would come back to itself."""
    async with acting(actor, "sequence.changed") as act:
        old = await own(actor, sequence_id)
        if old["version"] != form.version:
            raise Conflict(_("Someone changed this sequence meanwhile. Look at it again."))
        await _check_then(actor, sequence_id, old["board_id"], form.then_sequence_id)
        await execute("update sequence set name = $2, then_sequence_id = $3, updated_at = now(), version = version + 1 where id = $1",
                      sequence_id, form.name, form.then_sequence_id)  # fmt: skip
        _changed(act, "sequence", old, {"name": form.name, "then_sequence_id": form.then_sequence_id})


async def _check_then(actor: Actor, sequence_id: UUID | None, board_id: UUID | None, then_id: UUID | None) -> None:
    if then_id is None:
        return
    # one lock for all who tie sequences together: two at once could close a circle of which each saw half
    await fetch_value("select pg_advisory_xact_lock(hashtext('sequence.then'))")
    then = await load(actor, "sequence", then_id)
    message = ""
    if then["archived_at"] is not None:
        message = _("That sequence was put away. Choose another.")
    elif then["board_id"] not in (None, board_id):
        message = _("The state's sequences go on in the state's alone.")
    elif sequence_id is not None:
        follows = {row["id"]: row["then_sequence_id"] for row in await fetch("select id, then_sequence_id from sequence where then_sequence_id is not null")}
        if leads_back(follows, sequence_id, then_id):
            message = _("“%(name)s” leads back to this sequence, so it would never end. Choose another, or none.") % {"name": then["name"]}
    if message:
        raise Invalid(message, fields={"then_sequence_id": message})


async def put_away(actor: Actor, sequence_id: UUID, *, restore: bool = False) -> None:
    """Raises `Conflict` while people are on it, and where another goes on in it."""
    async with acting(actor, "sequence.restored" if restore else "sequence.put_away") as act:
        old = await own(actor, sequence_id)
        if not restore:
            if count := await fetch_value("select count(*) from enrolment where sequence_id = $1 and state in ('active', 'paused')", sequence_id):
                raise Conflict(_("%(count)s people are on this sequence. Stop it for them first.") % {"count": count})
            if before := await fetch_value("select name from sequence where then_sequence_id = $1 and archived_at is null limit 1", sequence_id):
                raise Conflict(_("“%(name)s” goes on in this sequence. Change that first.") % {"name": before})
        await execute("update sequence set archived_at = case when $2 then null else now() end where id = $1", sequence_id, restore)
        act.record("sequence", sequence_id, board_id=old["board_id"])


# ── steps ──


async def add_step(actor: Actor, sequence_id: UUID, form: StepForm) -> UUID:
    """At the end. Raises `Invalid` for words that do not fit."""
    async with acting(actor, "sequence_step.added") as act:
        sequence = await own(actor, sequence_id)
        values = await _checked(sequence, form)
        step_id: UUID = await fetch_value(
            "insert into sequence_step (sequence_id, board_id, position, kind, title, wait_days, assignee_id, subject_en, body_en, subject_es, body_es) "
            "values ($1, $2, (select coalesce(max(position), 0) + 1 from sequence_step where sequence_id = $1), $3, $4, $5, $6, $7, $8, $9, $10) returning id",
            sequence_id, sequence["board_id"], *values.values(),
        )  # fmt: skip
        act.record("sequence_step", step_id, board_id=sequence["board_id"], after={"kind": form.kind, "title": form.title})
    return step_id


async def change_step(actor: Actor, step_id: UUID, form: StepForm) -> UUID:
    """For those who have not had it yet; its sequence's id. What it is, a mail or a call, stays."""
    async with acting(actor, "sequence_step.changed") as act:
        old, sequence = await own_step(actor, step_id)
        if old["version"] != form.version:
            raise Conflict(_("Someone changed this step meanwhile. Look at it again."))
        values = await _checked(sequence, form) | {"kind": old["kind"]}
        await execute(
            "update sequence_step set kind = $2, title = $3, wait_days = $4, assignee_id = $5, subject_en = $6, body_en = $7, subject_es = $8, "
            "body_es = $9, version = version + 1 where id = $1",
            step_id, *values.values(),
        )  # fmt: skip
        _changed(act, "sequence_step", old, values)
    return UUID(str(sequence["id"]))


async def shift_step(actor: Actor, step_id: UUID, by: int) -> UUID:
    """A place up (-1) or down (1); its sequence's id."""
    async with acting(actor, "sequence_step.moved") as act:
        step, sequence = await own_step(actor, step_id)
        order = [row["id"] for row in await steps_of(sequence["id"])]
        at = order.index(step_id)
        to = min(max(at + by, 0), len(order) - 1)
        if to == at:
            act.unchanged()
        else:
            order.insert(to, order.pop(at))
            await execute("update sequence_step s set position = o.place from unnest($1::uuid[]) with ordinality o (id, place) where s.id = o.id", order)
            act.record("sequence_step", step_id, board_id=step["board_id"], before={"place": at + 1}, after={"place": to + 1})
    return UUID(str(sequence["id"]))


async def put_away_step(actor: Actor, step_id: UUID, *, restore: bool = False) -> UUID:
    """It happens for no one any more; its sequence's id."""
    async with acting(actor, "sequence_step.restored" if restore else "sequence_step.put_away") as act:
        step, sequence = await own_step(actor, step_id, put_away=restore)
        await execute("update sequence_step set archived_at = case when $2 then null else now() end where id = $1", step_id, restore)
        act.record("sequence_step", step_id, board_id=step["board_id"])
    return UUID(str(sequence["id"]))


async def _checked(sequence: Mapping[str, Any], form: StepForm) -> dict[str, Any]:
    """The values of a step: words where they are read, someone where they act. Raises `Invalid`."""
    values: dict[str, Any] = {name: getattr(form, name) for name in STEP}
    if form.kind in WITH_WORDS:
        check_words(form)
        if missing := {name: _("Please fill this in.") for name in ("subject_en", "body_en") if not values[name]}:
            raise Invalid(_("A mail and a letter need their words."), fields=missing)
    else:
        values |= dict.fromkeys(TEXTS, "")
    if form.kind == "email":
        values["assignee_id"] = None
    elif form.assignee_id is not None:
        known = sequence["board_id"] is not None and await fetch_value(
            "select exists (select from role_grant where account_id = $1 and board_id = $2 and revoked_at is null)", form.assignee_id, sequence["board_id"])  # fmt: skip
        if not known:
            message = _("Choose someone of your board.")
            raise Invalid(message, fields={"assignee_id": message})
    return values


async def own(actor: Actor, sequence_id: UUID) -> dict[str, Any]:
    require(actor, Permission.WORK_PIPELINE)
    sequence = await load(actor, "sequence", sequence_id, for_update=True)
    if not may_design(actor, sequence["board_id"]):
        raise Denied(_("This sequence is the state's. Make one of your board's own to change it."))
    return sequence


async def own_step(actor: Actor, step_id: UUID, *, put_away: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
    step = await load(actor, "sequence_step", step_id)
    sequence = await own(actor, step["sequence_id"])
    if (step["archived_at"] is not None) is not put_away:
        raise NotFound(_("This step was put away."))
    return step, sequence


def _changed(act: Act, kind: str, old: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    before = {key: old[key] for key in after if old[key] != after[key]}
    if before:
        act.record(kind, old["id"], board_id=old["board_id"], before=before, after={key: after[key] for key in before})
    else:
        act.unchanged()
