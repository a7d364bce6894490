"""The form in which something is logged: on an employer's page, and from anywhere."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from crm.access import Actor, visible
from crm.contacts import present
from crm.database import fetch
from crm.engagements import mentions, services
from crm.engagements.forms import LogForm
from crm.forms import BoundForm, form_for
from crm.sql import Sql

Choices = Mapping[str, Iterable[tuple[str, str]]]
MOST = 100


async def choices(actor: Actor, employer_id: UUID, today: date, service: str = "") -> Choices:
    """Whom and where it can have been with, which service it can be, and who can be told; `service` is the one that it has."""
    sites = await fetch(
        Sql(f"select s.id, s.name, s.line1, s.city from establishment s where s.employer_id = {{}} and s.archived_at is null "
            f"and {{}} order by s.is_primary desc, s.city limit {MOST}", employer_id, visible(actor, "establishment", "s"))  # fmt: skip
    )
    return {
        "contact_id": await present.choices(actor, employer_id, past=True),
        "establishment_id": [(str(row["id"]), row["name"] or f"{row['line1']} {row['city']}".strip()) for row in sites],
        "service_code": services.choices(await services.known(), today, service),
        "mention_id": [(str(row["id"]), row["name"]) for row in await mentions.readers(actor.home_board) if row["id"] != actor.account_id],
    }


def empty(given: Choices, **initial: Any) -> BoundForm:
    return form_for(LogForm, choices=given, initial=initial)
