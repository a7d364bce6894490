"""Search and go: employers, people, tasks, views and pages from one field."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.search.routes import HANDLERS

    return HANDLERS
