"""Gather the panels of the employer page: each with a clock, a fence and a savepoint of its own."""

import asyncio
from typing import Any
from uuid import UUID

import structlog
from msgspec import Struct

from crm.access import Actor, may
from crm.database import transaction
from crm.panels import Panel
from crm.plugins import active

log = structlog.get_logger("crm.panels")

LIMIT = 3.0  # seconds for one panel


class ShownPanel(Struct, frozen=True):
    """A panel and what its template shows."""

    panel: Panel
    context: dict[str, Any]


def panels_for(actor: Actor, *, later: bool = False) -> list[Panel]:
    """Those that the actor may see: of the page itself, or those that come after it."""
    return [panel for panel in active().panels if panel.later is later and may(actor, panel.permission)]


async def gather_panels(actor: Actor, employer_id: UUID, *, later: bool = False) -> list[ShownPanel]:
    """The panels that have something to show to this actor. Inside the page's transaction.

    One that raises, hangs or answers junk is left out and logged; its savepoint keeps the page's transaction whole.
    """
    shown = []
    for panel in panels_for(actor, later=later):
        try:
            context = await _gather(panel, actor, employer_id)
        except Exception as problem:  # noqa: BLE001  (whatever a panel raises, the page goes on)
            log.warning("panel_left_out", hook=panel.name, problem=type(problem).__name__)
            continue
        if context is not None:
            shown.append(ShownPanel(panel, context))
    return shown


async def _gather(panel: Panel, actor: Actor, employer_id: UUID) -> dict[str, Any] | None:
    async with transaction(actor.login, session_secret=actor.session_secret), asyncio.timeout(LIMIT):
        context = await panel.gather(actor, employer_id)
    if context is not None and not isinstance(context, dict):
        raise TypeError(f"panel '{panel.name}' must answer a dict or None")
    return context
