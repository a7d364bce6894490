"""How it works here: jobs, plugins, mail, the record."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.administration.routes import HANDLERS

    return HANDLERS


@hookimpl
def jobs():  # type: ignore[no-untyped-def]
    from crm.administration.jobs import JOBS

    return JOBS


@hookimpl
def navigation():  # type: ignore[no-untyped-def]
    from crm.access import Permission
    from crm.panels import NavigationItem
    from crm.translation import lazy_

    return [NavigationItem(lazy_("Settings"), "/settings", Permission.SEE_SETTINGS, 90, "s")]
