"""Send the reports that are due: once each, to those who may see them when it runs. A day that was missed is made up once."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm import days, mail, sessions
from crm.access import Actor
from crm.database import Record, execute, fetch, fetch_one, transaction
from crm.errors import UserError
from crm.mail import current_settings
from crm.reporting import paper, schedules
from crm.translation import _, lazy_, speaking
from crm.worded import worded
from crm.work import RunningJob

DUE = "select s.*, b.name as board from report_schedule s left join board b on b.id = s.board_id where s.stopped_at is null and s.paused_at is null and s.next_on <= $1"
Clock = Callable[[], datetime]


def _today(now: Clock) -> date:
    return now().astimezone(ZoneInfo(current_settings().time_zone)).date()


async def send_due(job: RunningJob, *, now: Clock = lambda: datetime.now(UTC)) -> dict[str, Any]:
    """A job for each schedule that is due; on working days."""
    today = _today(now)
    if not days.works(today):
        return {"due": 0}
    async with job.acting("reports.due", ends=True) as act:
        rows = await fetch(f"{DUE} order by s.id", today)
        for row in rows:
            await act.enqueue("reporting.mail", {"schedule_id": str(row["id"])}, title=worded(lazy_("Send a report")), key=f"report:{row['id']}", board_id=row["board_id"])
        act.unchanged()
    return {"due": len(rows)}


async def send_one(job: RunningJob, *, schedule_id: str, now: Clock = lambda: datetime.now(UTC)) -> dict[str, Any]:
    """What goes wrong stands on the page of schedules; the next night tries again."""
    today = _today(now)
    async with transaction(read_only=True):
        row = await fetch_one(f"{DUE} and s.id = $2", today, UUID(schedule_id))
        person = await sessions.actor_of(row["account_id"]) if row else None
    if row is None:
        return {}
    if person is None or not schedules.sees(person, row["board_id"]):
        return await _refuse(job, row)
    try:
        file_id = await paper.file_of(job, person, row["board_id"], row["language"], today)
    except UserError as problem:
        async with job.acting("report.not_mailed") as act:
            await execute("update report_schedule set problem = $2 where id = $1", row["id"], str(problem))
            act.record("report_schedule", row["id"], board_id=row["board_id"], after={"problem": str(problem)})
        raise
    return await _send(job, row["id"], person, file_id, today)


async def _refuse(job: RunningJob, row: Record) -> dict[str, Any]:
    """Who may not see it any more gets nothing, and it does not start again by itself should they once more."""
    with speaking(row["language"]):
        problem = _("They may not see this report any more.")
    async with job.acting("report_schedule.paused", ends=True) as act:
        await execute("update report_schedule set paused_at = now(), problem = $2 where id = $1 and paused_at is null", row["id"], problem)
        act.record("report_schedule", row["id"], board_id=row["board_id"], after={"problem": problem})
    return {"mailed": 0}


async def _send(job: RunningJob, schedule_id: UUID, person: Actor, file_id: UUID, today: date) -> dict[str, Any]:
    async with job.acting("report.mailed", ends=True) as act:
        row = await fetch_one(f"{DUE} and s.id = $2 for update of s", today, schedule_id)
        account = await fetch_one("select email, name from account where id = $1 and disabled_at is null", person.account_id)
        now_seen = await sessions.actor_of(person.account_id)  # type: ignore[arg-type]
        if row is None or account is None or not schedules.sees(now_seen, row["board_id"]):
            act.unchanged()
            return {"mailed": 0}
        token, kept = schedules.new_link()
        mail_id = await mail.queue_mail(
            act, "report", to=str(account["email"]), language=row["language"], account_id=person.account_id,
            context={"name": account["name"], "whose": row["board"], "file": f"/files/{file_id}", "path": f"/report-mails/{token}",
                     "page": f"/reports?board={row['board_id']}" if row["board_id"] else "/reports"},
        )  # fmt: skip
        await execute(
            f"update report_schedule set last_on = $2, next_on = $3, problem = '', mail_id = $4, "
            f"stop_hashes = (array_prepend($5, stop_hashes))[1:{schedules.KEPT_LINKS}] where id = $1",
            schedule_id, today, schedules.after(row, today), mail_id, kept,
        )  # fmt: skip
        act.record("report_schedule", schedule_id, board_id=row["board_id"], after={"mail_id": mail_id, "file": file_id})
    return {"mailed": 1}
