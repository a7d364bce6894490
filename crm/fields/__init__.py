"""Fields that the state and plugins add to employers, worksites and people."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.fields.api import HANDLERS as API
    from crm.fields.routes import HANDLERS

    return [*HANDLERS, *API]


@hookimpl
def jobs():  # type: ignore[no-untyped-def]
    from crm.fields.jobs import JOBS

    return JOBS
