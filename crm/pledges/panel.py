"""The panel on the employer page: what they promised, season by season."""

from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, may
from crm.panels import Panel
from crm.pledges import listing
from crm.translation import language, lazy_


async def gather(actor: Actor, employer_id: UUID) -> dict[str, Any] | None:
    return {
        "employer_id": employer_id, "pledges": await listing.of_employer(actor, employer_id), "drive_name": f"drive_{language()}",
        "works": may(actor, Permission.WORK_PIPELINE),
    }  # fmt: skip


PANEL = Panel("pledges", lazy_("Pledges"), "pages/pledges/panel.html", gather, order=10, permission=Permission.SEE_PIPELINE, later=True)
