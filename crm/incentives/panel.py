"""The panel on the employer page: the hires that were screened, and the programs with their status today, those that can be claimed first.

Programs that ended stay, folded away: people who were hired before are still claimed for.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, may
from crm.database import fetch_value
from crm.incentives import hires, installed
from crm.incentives.earlier_claims import claimed_elsewhere
from crm.incentives.wording import text
from crm.panels import Panel
from crm.translation import lazy_


async def gather(actor: Actor, employer_id: UUID) -> dict[str, Any] | None:
    state = await fetch_value("select state from employer where id = $1", employer_id)
    today = datetime.now(UTC).date()
    programs = [
        {"id": program.id, "name": text(program.name), "summary": text(program.summary) if program.summary else "", "status": status.state if status else "sunset"}
        for program in installed.programs_for(state or "")
        for status in [program.status_on(today)]
    ]
    going = sorted((each for each in programs if each["status"] != "sunset"), key=lambda each: each["status"] != "active")
    ended = [each for each in programs if each["status"] == "sunset"]
    return {"employer_id": employer_id, "programs": going, "ended": ended, "hires": await hires.of_employer(actor, employer_id),
            "limited": bool(claimed_elsewhere.limited(state or "")), "works": may(actor, Permission.ESTIMATE), "year": today.year}  # fmt: skip


PANEL = Panel("incentives", lazy_("Incentives"), "pages/incentives/panel.html", gather, order=20, permission=Permission.SEE_PIPELINE, later=True)
