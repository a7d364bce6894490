"""Site visits: a form for the phone that works without a connection, and what becomes of its drafts."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.visits.device_routes import HANDLERS as DEVICE
    from crm.visits.routes import HANDLERS

    return [*HANDLERS, *DEVICE]
