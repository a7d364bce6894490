"""The lead of a conversation ends by itself: two days before, whoever leads has a task to prolong it, hand it on or let it go."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from crm.database import fetch
from crm.mail import current_settings
from crm.obligations import Obligation, Obligations
from crm.translation import lazy_

AHEAD = timedelta(days=2)


async def ending(employers: Sequence[UUID], today: date) -> list[Obligation]:
    zone = ZoneInfo(current_settings().time_zone)
    rows = await fetch(
        "select employer_id, board_id, account_id, claimed_at, expires_at from outreach_claim "
        "where employer_id = any($1) and released_at is null and expires_at > now()", list(employers),
    )  # fmt: skip
    return [
        Obligation(
            employer_id=row["employer_id"], key="lead", board_id=row["board_id"], assignee_id=row["account_id"],
            title=lazy_("Prolong the lead, hand it on, or let it go"),
            why=lazy_("Your board leads the conversation until %(day)s."), values={"day": ends},
            due=max(row["claimed_at"].astimezone(zone).date(), ends - AHEAD),
        )
        for row in rows for ends in [row["expires_at"].astimezone(zone).date()]
    ]  # fmt: skip


KINDS = [Obligations("engagements.lead", ending)]
