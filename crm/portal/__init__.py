"""The employer's side."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.portal.routes import HANDLERS

    return HANDLERS
