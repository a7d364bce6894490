"""The panel on the employer page: the programs with their status today, those that can be claimed first, and the estimates made.

Programs that ended stay, folded away: people who were hired before are still claimed for.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, visible
from crm.database import fetch
from crm.incentives import installed
from crm.incentives.wording import text
from crm.panels import Panel
from crm.sql import Sql
from crm.translation import lazy_


async def gather(actor: Actor, employer_id: UUID) -> dict[str, Any] | None:
    rows = await fetch(
        Sql("select p.state, m.* from employer p left join lateral (select e.id, e.as_of, e.result, e.created_at from estimate e "
            "where e.employer_id = p.id and {} order by e.created_at desc limit 5) m on true where p.id = {}",
            visible(actor, "estimate", "e"), employer_id)  # fmt: skip
    )
    state = rows[0]["state"] if rows else ""
    today = datetime.now(UTC).date()
    programs = [
        {"id": program.id, "name": text(program.name), "status": status.state if status else "sunset"}
        for program in installed.programs_for(state)
        for status in [program.status_on(today)]
    ]
    estimates = [row for row in rows if row["id"] is not None]
    going = sorted((each for each in programs if each["status"] != "sunset"), key=lambda each: each["status"] != "active")
    ended = [each for each in programs if each["status"] == "sunset"]
    return {"employer_id": employer_id, "programs": going, "ended": ended, "estimates": estimates}


PANEL = Panel("incentives", lazy_("Incentives"), "pages/incentives/panel.html", gather, order=20, permission=Permission.ESTIMATE)
