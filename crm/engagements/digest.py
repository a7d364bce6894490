"""A mail in the morning with what is due and who was named: how much with which employer, never what; the rest is behind the sign-in."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm import days, mail, sessions
from crm.access import SYSTEM, Permission, may
from crm.actions import acting
from crm.database import fetch, fetch_one, transaction
from crm.engagements import agenda, mentions
from crm.mail import current_settings
from crm.work import Job, RunningJob

LISTED = 12  # employers that a mail names


async def send(job: RunningJob, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> dict[str, Any]:
    """To each who has something due or was named, on working days. Run twice a day, it sends once."""
    today = now().astimezone(ZoneInfo(current_settings().time_zone)).date()
    if not days.works(today):
        return {"mails": 0}
    async with transaction(read_only=True):
        waiting = await fetch(
            "select id from account where digest and not demonstration and disabled_at is null and digested_on is distinct from $1 "
            "order by id",
            today,
        )
    return {"mails": sum([await _send_one(row["id"], today) for row in waiting])}


async def _send_one(account_id: UUID, today: date) -> bool:
    async with acting(SYSTEM, "digest.mailed") as act:
        actor = await sessions.actor_of(account_id)
        works = actor is not None and may(actor, Permission.WORK_PIPELINE)
        groups = agenda.grouped(await agenda.items(actor, "name_en"), today) if actor and works else {}
        counts = {name: len(groups.get(name, [])) for name in ("overdue", "today", "week")}
        counts["mentions"] = len(await mentions.waiting(actor)) if actor and works else 0
        person = await fetch_one(
            "update account set digested_on = $2 where id = $1 and digested_on is distinct from $2 returning email, name, language",
            account_id, today,
        ) if any(counts.values()) else None  # fmt: skip
        if person is None:
            act.unchanged()
            return False
        due = [*groups["overdue"], *groups["today"]]
        employers = Counter(item.employer for item in due if item.employer)
        await mail.queue_mail(
            act, "digest", to=str(person["email"]), language=person["language"], account_id=account_id,
            context={"name": person["name"], "counts": counts, "employers": employers.most_common(LISTED), "path": "/today"},
        )  # fmt: skip
        act.record("account", account_id, after=counts)
        return True


JOBS = [Job("engagements.digests", send, attempts=3, timeout=600)]
