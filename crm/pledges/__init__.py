"""Pledge drives: the slots that employers promise for a season, and what becomes of them."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.pledges.api import HANDLERS as API
    from crm.pledges.drive_routes import HANDLERS as DRIVES
    from crm.pledges.routes import HANDLERS

    return [*DRIVES, *HANDLERS, *API]


@hookimpl
def panels():  # type: ignore[no-untyped-def]
    from crm.pledges.panel import PANEL

    return [PANEL]
