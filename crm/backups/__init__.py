"""Backups: taken on time, sealed, dropped on time, and proven by a drill."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.backups.routes import HANDLERS

    return HANDLERS


@hookimpl
def jobs():  # type: ignore[no-untyped-def]
    from crm.backups.jobs import JOBS

    return JOBS


@hookimpl
def commands():  # type: ignore[no-untyped-def]
    from crm.backups.commands import backup, restore

    return [backup, restore]
