"""Those who are on a sequence: seen, paused, let go on, stopped by hand; and the whole sequence held."""

from datetime import datetime
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, may_work_for, require, visible
from crm.actions import acting
from crm.database import Record, execute, fetch, fetch_value
from crm.errors import Conflict, Denied, Invalid
from crm.mail import current_settings
from crm.outreach import following
from crm.outreach.leaving import mail_is_not_set_up, no_address
from crm.outreach.rules import due_at
from crm.outreach.sequence_rules import WITH_WORDS
from crm.outreach.sequences import steps_of
from crm.sql import Sql
from crm.translation import _

IN_ONE = "exists (select from enrolment o where o.contact_id = n.contact_id and o.board_id = n.board_id and o.state in ('active', 'paused'))"


async def pause(actor: Actor, enrolment_id: UUID) -> dict[str, Any]:
    """No step happens for this person until someone lets it go on."""
    async with acting(actor, "enrolment.paused") as act:
        enrolment = await own_in(actor, enrolment_id, "active")
        await execute("update enrolment set state = 'paused' where id = $1", enrolment_id)
        act.record("enrolment", enrolment_id, board_id=enrolment["board_id"], employer_id=enrolment["employer_id"],
                   before={"state": "active"}, after={"state": "paused"})  # fmt: skip
    return enrolment


async def go_on(actor: Actor, enrolment_id: UUID, now: datetime) -> dict[str, Any]:
    """With the step that is next, also where it was stopped: what happened until now stops it no more."""
    async with acting(actor, "enrolment.gone_on") as act:
        enrolment = await own_in(actor, enrolment_id, "paused", "stopped")
        if enrolment["reason"] == "undone":
            raise Conflict(_("This was taken back as a whole. Begin anew."))
        sequence, _steps = await usable(actor, enrolment["sequence_id"], enrolment["board_id"])
        if enrolment["state"] == "stopped" and await fetch_value(f"select {IN_ONE} from enrolment n where n.id = $1", enrolment_id):
            raise Conflict(_("They are on a sequence by now."))
        on_its_way = await fetch_value("select exists (select from mailing_recipient where enrolment_id = $1 and state in ('sending', 'uncertain'))", enrolment_id)
        opening = max(filter(None, (enrolment["due_at"], due_at(now, 0, current_settings().time_zone))))
        await execute(
            "update enrolment set state = 'active', reason = '', detail = '', ended_at = null, since = now(), due_at = $2 where id = $1",
            enrolment_id, None if on_its_way else opening,
        )  # fmt: skip
        act.record("enrolment", enrolment_id, board_id=enrolment["board_id"], employer_id=enrolment["employer_id"],
                   before={"state": enrolment["state"], "reason": enrolment["reason"]}, after={"state": "active"})  # fmt: skip
        await following.let_go_on(act, sequence, enrolment["board_id"])
    return enrolment


async def stop(actor: Actor, enrolment_id: UUID) -> dict[str, Any]:
    async with acting(actor, "enrolment.stopped") as act:
        enrolment = await own_in(actor, enrolment_id, "active", "paused")
        await following.end(act, enrolment, "by_hand")
    return enrolment


async def hold(actor: Actor, sequence_id: UUID, *, release: bool = False) -> None:
    """No step of the sequence happens for one's board, or they happen again."""
    require(actor, Permission.WORK_PIPELINE)
    board = actor.home_board
    if board is None:
        raise Denied(_("You write for your own board."))
    async with acting(actor, "sequence.released" if release else "sequence.held") as act:
        sequence = await load(actor, "sequence", sequence_id)
        if release:
            changed = await execute("delete from sequence_hold where sequence_id = $1 and board_id = $2", sequence_id, board)
            await following.let_go_on(act, sequence, board)
        else:
            changed = await execute("insert into sequence_hold (sequence_id, board_id, made_by) values ($1, $2, $3) on conflict do nothing",
                                    sequence_id, board, actor.account_id)  # fmt: skip
        if changed:
            act.record("sequence", sequence_id, board_id=board)
        else:
            act.unchanged()


# ── reading ──


async def counts(actor: Actor, sequence_id: UUID) -> dict[str, int]:
    rows = await fetch(Sql("select state, count(*) as count from enrolment n where sequence_id = {} and state not in ('listed', 'left_out') and {} group by 1",
                           sequence_id, visible(actor, "enrolment", "n")))  # fmt: skip
    return {row["state"]: row["count"] for row in rows}


_ROW = (
    "select n.*, e.name as employer_name, c.given_name, c.family_name, c.email, s.title as step_title, s.kind as step_kind, s.place, "
    "(select count(*) from enrolment_step d where d.enrolment_id = n.id) as done, r.id as mail_id, r.state as mail_state, r.reason as mail_reason "
    "from enrolment n join employer e on e.id = n.employer_id and {} join contact c on c.id = n.contact_id and {} "
    "left join lateral (select s.title, s.kind, s.position, (select count(*) from sequence_step p where p.sequence_id = n.sequence_id "
    "and p.archived_at is null and (p.position, p.id) <= (s.position, s.id)) as place from sequence_step s where s.sequence_id = n.sequence_id "
    "and s.archived_at is null and not exists (select from enrolment_step d where d.enrolment_id = n.id and d.step_id = s.id) "
    "order by s.position, s.id limit 1) s on n.state in ('active', 'paused') "
    "left join lateral (select * from mailing_recipient m where m.enrolment_id = n.id and m.state <> 'sent' limit 1) r on true "
)
PAGE = 100


async def on_sequence(actor: Actor, sequence_id: UUID, shown: str, after: UUID | None) -> list[Record]:
    """Who is or was on it, a page of them; `shown`: in a state, or ended for a reason."""
    return await fetch(
        Sql(_ROW + f"where n.sequence_id = {{}} and n.state not in ('listed', 'left_out') and {{}} in ('', n.state, n.reason) "
            f"and ({{}}::uuid is null or n.id > {{}}) and {{}} order by n.id limit {PAGE}",
            visible(actor, "employer", "e"), visible(actor, "contact", "c"), sequence_id, shown, after, after,
            visible(actor, "enrolment", "n"))  # fmt: skip
    )


async def usable(actor: Actor, sequence_id: UUID, board_id: UUID) -> tuple[dict[str, Any], list[Record]]:
    """A sequence that can be begun for a board, with its steps. Raises `Invalid` with what it lacks."""
    sequence = await load(actor, "sequence", sequence_id)
    steps = await steps_of(sequence_id)
    if sequence["archived_at"] is not None:
        raise Invalid(_("That sequence was put away. Choose another."))
    if sequence["board_id"] not in (None, board_id):
        raise Denied(_("You write for your own board."))
    if not steps:
        raise Invalid(_("This sequence has no step yet. Add one first."))
    if any(step["kind"] in WITH_WORDS for step in steps) and not await fetch_value("select address from board where id = $1", board_id):
        raise Invalid(no_address())
    if any(step["kind"] == "email" for step in steps) and not current_settings().smtp_url:
        raise Invalid(mail_is_not_set_up())
    return sequence, steps


async def own(actor: Actor, enrolment_id: UUID) -> dict[str, Any]:
    """Locked. Raises `Denied` for another board's, and `NotFound`."""
    require(actor, Permission.WORK_PIPELINE)
    enrolment = await load(actor, "enrolment", enrolment_id, for_update=True)
    if not may_work_for(actor, enrolment["board_id"]):
        raise Denied(_("You write for your own board."))
    return enrolment


async def own_in(actor: Actor, enrolment_id: UUID, *states: str) -> dict[str, Any]:
    """Raises `Conflict` where it is in none of these states any more."""
    enrolment = await own(actor, enrolment_id)
    if enrolment["state"] not in states:
        raise Conflict(_("This has changed meanwhile. Look at it again."))
    return enrolment
