"""The panel on the employer page: who there is on a sequence, or was last."""

from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, visible
from crm.database import fetch
from crm.panels import Panel
from crm.sql import Sql
from crm.translation import lazy_


async def gather(actor: Actor, employer_id: UUID) -> dict[str, Any]:
    rows = await fetch(
        Sql("select n.sequence_id, n.state, n.reason, n.due_at, q.name as sequence, c.given_name, c.family_name from enrolment n "
            "join sequence q on q.id = n.sequence_id join contact c on c.id = n.contact_id and {} where n.employer_id = {} "
            "and n.state in ('active', 'paused', 'done', 'stopped') and {} order by n.ended_at desc nulls first, n.id limit 5",
            visible(actor, "contact", "c"), employer_id, visible(actor, "enrolment", "n"))  # fmt: skip
    )
    return {"employer_id": employer_id, "rows": rows, "works": actor.home_board is not None}


PANEL = Panel("sequences", lazy_("Sequences"), "pages/outreach/sequences/panel.html", gather, order=15, permission=Permission.WORK_PIPELINE, later=True)
