"""The panel on the employer page: the programs with their status today, and the estimates made."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, visible
from crm.database import fetch, fetch_value
from crm.incentives import installed
from crm.incentives.wording import text
from crm.panels import Panel
from crm.sql import Sql
from crm.translation import lazy_


async def gather(actor: Actor, employer_id: UUID) -> dict[str, Any] | None:
    state = await fetch_value("select state from employer where id = $1", employer_id)
    today = datetime.now(UTC).date()
    programs = [
        {"id": program.id, "name": text(program.name), "status": status.state if status else "sunset"}
        for program in installed.programs_for(state or "")
        for status in [program.status_on(today)]
    ]
    estimates = await fetch(
        Sql("select e.id, e.as_of, e.result, e.created_at from estimate e where e.employer_id = {} and {} "
            "order by e.created_at desc limit 5", employer_id, visible(actor, "estimate", "e"))  # fmt: skip
    )
    return {"employer_id": employer_id, "programs": programs, "estimates": estimates}


PANEL = Panel("incentives", lazy_("Incentives"), "pages/incentives/panel.html", gather, order=20, permission=Permission.ESTIMATE)
