"""The panel on the employer page: the events that its people come or came to."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, may
from crm.employer_events import listing
from crm.panels import Panel
from crm.translation import language, lazy_


async def gather(actor: Actor, employer_id: UUID) -> dict[str, Any] | None:
    return {
        "employer_id": employer_id, "events": await listing.of_employer(actor, employer_id), "language": language(), "now": datetime.now(UTC),
        "works": may(actor, Permission.WORK_PIPELINE) and bool(actor.board_ids),
    }  # fmt: skip


PANEL = Panel("events", lazy_("Events"), "pages/events/panel.html", gather, order=12, permission=Permission.SEE_PIPELINE, later=True)
