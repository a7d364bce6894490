"""Who gets a report by mail, and when: for oneself, or for colleagues of a board that one manages."""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from asyncpg import UniqueViolationError

from crm import sessions
from crm.access import SYSTEM, Actor, Permission, Role, load, may, may_manage, require, visible
from crm.actions import acting
from crm.database import Record, execute, fetch, fetch_one, fetch_value
from crm.errors import Denied, Invalid, NotFound
from crm.outreach.letters import hashed
from crm.reporting import showing
from crm.reporting.forms import RhythmForm, ScheduleForm
from crm.reporting.schedule_rules import WEEKDAYS, next_run
from crm.sql import Sql
from crm.translation import _

KEPT_LINKS = 12  # ways out of the last mails that still work
MOST = 500


def sees(actor: Actor | None, board_id: UUID | None) -> bool:
    """True where the person may see this report now."""
    return actor is not None and may(actor, Permission.SEE_PIPELINE) and showing.sees(actor, board_id)


async def listed(actor: Actor) -> list[Record]:
    """Those that run or are over, what is due first; with what became of the last mail."""
    return await fetch(
        Sql("select s.id, s.account_id, s.board_id, s.rhythm, s.day, s.language, s.until, s.next_on, s.last_on, s.problem, s.paused_at, a.name as person, b.name as board, "
            "m.state as mail_state, m.reason as mail_reason from report_schedule s join account a on a.id = s.account_id left join board b on b.id = s.board_id "
            "left join mail_message m on m.id = s.mail_id where s.stopped_at is null and {} "
            f"order by s.next_on nulls last, a.name, s.id limit {MOST}", visible(actor, "report_schedule", "s"))  # fmt: skip
    )


async def colleagues(actor: Actor) -> list[Record]:
    """The people of the boards that the actor manages, or all who may see reports; none for those who manage no one."""
    everyone = Role.STATE_ADMIN in actor.roles
    return await fetch(
        "select distinct a.id, a.name from account a join role_grant g on g.account_id = a.id and g.revoked_at is null where a.disabled_at is null "
        f"and (g.board_id = any($1) or $2 and g.role in ('state_admin', 'state_analyst', 'auditor', 'board_manager', 'board_staff')) order by a.name, a.id limit {MOST}",
        sorted(actor.managed_board_ids, key=str), everyone,
    ) if everyone or actor.managed_board_ids else []  # fmt: skip


async def add(actor: Actor, form: ScheduleForm, today: date) -> UUID:
    """Raises `Invalid` for whom it cannot be sent to, and for a second of the same."""
    require(actor, Permission.SEE_PIPELINE)
    board_id = showing.whose(actor, form.board_id)
    account_id = form.account_id or actor.account_id
    if account_id != actor.account_id and not may_manage(actor, board_id):
        raise Denied(_("You subscribe yourself; colleagues are subscribed by who manages their board."))
    day, first = _first(form, today)
    async with acting(actor, "report_schedule.added") as act:
        person = actor if account_id == actor.account_id else await sessions.actor_of(account_id)  # type: ignore[arg-type]
        if not sees(person, board_id):
            message = _("This person may not see this report.")
            raise Invalid(message, fields={"account_id": message})
        try:
            schedule_id: UUID = await fetch_value(
                "insert into report_schedule (account_id, board_id, rhythm, day, language, until, next_on, made_by) values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
                account_id, board_id, form.rhythm, day, form.language, form.until, first, actor.account_id,
            )  # fmt: skip
        except UniqueViolationError as problem:
            raise Invalid(_("This person gets this report already. Stop the other schedule first.")) from problem
        act.record("report_schedule", schedule_id, board_id=board_id, after={"account_id": account_id, "rhythm": form.rhythm, "day": day, "until": form.until})
    return schedule_id


def _first(form: RhythmForm, today: date) -> tuple[int, date]:
    """The day of the week or month, and that of the next mail. Raises `Invalid` where it would come after the last."""
    day = WEEKDAYS.index(form.weekday) + 1 if form.rhythm == "weekly" else form.day
    first = next_run(form.rhythm, day, today)
    if form.until and form.until < first:
        message = _("The last day comes before the first mail.")
        raise Invalid(message, fields={"until": message})
    return day, first


async def change(actor: Actor, schedule_id: UUID, form: RhythmForm, today: date) -> None:
    """From its next day on; a paused one stays paused. Raises `Invalid` for one that was stopped."""
    day, first = _first(form, today)
    async with acting(actor, "report_schedule.changed") as act:
        row = await own(actor, schedule_id)
        if row["stopped_at"]:
            raise Invalid(_("This report was stopped. Subscribe to it anew."))
        told = {"rhythm": form.rhythm, "day": day, "language": form.language, "until": form.until}
        before = {name: row[name] for name, value in told.items() if row[name] != value}
        if not before:
            act.unchanged()
            return
        await execute("update report_schedule set rhythm = $2, day = $3, language = $4, until = $5, next_on = $6, problem = '' where id = $1",
                      schedule_id, *told.values(), first)  # fmt: skip
        act.record("report_schedule", schedule_id, board_id=row["board_id"], before=before, after={name: told[name] for name in before})


async def pause(actor: Actor, schedule_id: UUID) -> None:
    async with acting(actor, "report_schedule.paused") as act:
        row = await own(actor, schedule_id)
        if row["paused_at"]:
            act.unchanged()
            return
        await execute("update report_schedule set paused_at = now() where id = $1", schedule_id)
        act.record("report_schedule", schedule_id, board_id=row["board_id"])


async def resume(actor: Actor, schedule_id: UUID, today: date) -> None:
    """From the next day of its rhythm on; what was left out is not made up."""
    async with acting(actor, "report_schedule.resumed") as act:
        row = await own(actor, schedule_id)
        if not row["paused_at"]:
            act.unchanged()
            return
        following = after(row, today)
        await execute("update report_schedule set paused_at = null, problem = '', next_on = $2 where id = $1", schedule_id, following)
        act.record("report_schedule", schedule_id, board_id=row["board_id"], after={"next_on": following})


async def stop(actor: Actor, schedule_id: UUID) -> None:
    """For good. A new one may be added."""
    async with acting(actor, "report_schedule.stopped") as act:
        row = await own(actor, schedule_id)
        if row["stopped_at"]:
            act.unchanged()
            return
        await execute("update report_schedule set stopped_at = now() where id = $1", schedule_id)
        act.record("report_schedule", schedule_id, board_id=row["board_id"])


def after(row: Mapping[str, Any], today: date) -> date | None:
    """The next day after today; None where it would be past the end."""
    following = next_run(row["rhythm"], row["day"], today)
    return None if row["until"] and following > row["until"] else following


async def own(actor: Actor, schedule_id: UUID, *, for_update: bool = True) -> dict[str, Any]:
    """One's own, or of a board that one manages. Raises `NotFound` and `Denied`."""
    row = await load(actor, "report_schedule", schedule_id, for_update=for_update)
    if row["account_id"] != actor.account_id and not may_manage(actor, row["board_id"]):
        raise Denied(_("This schedule is someone else's."))
    return row


def new_link() -> tuple[str, bytes]:
    """The secret of a way out, and what is kept of it."""
    token = secrets.token_urlsafe(24)
    return token, hashed(token)


async def whose_link(token: str) -> Record:
    """The schedule that a mail's way out stops. Raises `NotFound` alike for any that is none of ours."""
    found = await fetch_one(
        "select s.id, s.board_id, s.language, s.stopped_at, b.name as board from report_schedule s left join board b on b.id = s.board_id "
        "where s.stop_hashes @> array[$1::bytea]", hashed(token),
    )  # fmt: skip
    if found is None:
        raise NotFound(_("This link is not one of ours, or is too old. Sign in and open Reports, By mail."))
    return found


async def stop_by_link(token: str) -> Record:
    """The link is the right to it. Pressed twice, it is stopped."""
    async with acting(SYSTEM, "report_schedule.stopped_by_link") as act:
        row = await whose_link(token)
        if await execute("update report_schedule set stopped_at = now() where id = $1 and stopped_at is null", row["id"]):
            act.record("report_schedule", row["id"], board_id=row["board_id"])
        else:
            act.unchanged()
    return row
