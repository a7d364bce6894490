"""For those who write programs against the API: its manual, on our own pages."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.developers.routes import HANDLERS

    return HANDLERS
