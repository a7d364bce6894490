"""Gather the panels of the employer page: each with a clock of its own, behind one fence."""

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


class LeftOut(Exception):  # noqa: N818  (it is told of, and the rest goes on)
    """A panel raised, hung or answered junk."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel


async def gather_panels(actor: Actor, employer_id: UUID, *, later: bool = False) -> list[ShownPanel]:
    """The panels that have something to show to this actor. Inside the page's transaction.

    One that raises, hangs or answers junk is left out and logged. A savepoint around them all keeps the page's transaction whole; as
    it goes back with the bad one, the others are gathered anew.
    """
    panels = panels_for(actor, later=later)
    while True:
        try:
            async with transaction(actor.login, session_secret=actor.session_secret):
                gathered = [(panel, await _gather(panel, actor, employer_id)) for panel in panels]
            return [ShownPanel(panel, context) for panel, context in gathered if context is not None]
        except LeftOut as bad:
            log.warning("panel_left_out", hook=bad.panel.name, problem=type(bad.__cause__).__name__)
            panels.remove(bad.panel)


async def _gather(panel: Panel, actor: Actor, employer_id: UUID) -> dict[str, Any] | None:
    try:
        async with asyncio.timeout(LIMIT):
            context = await panel.gather(actor, employer_id)
        if context is not None and not isinstance(context, dict):
            raise TypeError(f"panel '{panel.name}' must answer a dict or None")
        return context
    except Exception as problem:  # whatever a panel raises, the page goes on
        raise LeftOut(panel) from problem
