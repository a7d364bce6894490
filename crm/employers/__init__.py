"""Employers and their establishments: the directory, search, duplicates, import."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.employers.api import HANDLERS as API
    from crm.employers.bulk_routes import HANDLERS as BULK
    from crm.employers.duplicate_routes import HANDLERS as DUPLICATES
    from crm.employers.import_routes import HANDLERS as IMPORT_HANDLERS
    from crm.employers.routes import HANDLERS

    return [*HANDLERS, *BULK, *DUPLICATES, *IMPORT_HANDLERS, *API]


@hookimpl
def jobs():  # type: ignore[no-untyped-def]
    from crm.employers.importing.jobs import JOBS
    from crm.employers.sweeping import JOBS as SWEEPING

    return [*JOBS, *SWEEPING]


@hookimpl
def commands():  # type: ignore[no-untyped-def]
    from crm.employers.commands import import_group

    return [import_group]


@hookimpl
def navigation():  # type: ignore[no-untyped-def]
    from crm.access import Permission
    from crm.panels import NavigationItem
    from crm.translation import lazy_

    return [NavigationItem(lazy_("Employers"), "/employers", Permission.SEE_DIRECTORY, 10, "e")]
