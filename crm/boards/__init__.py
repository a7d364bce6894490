"""Boards, regions of several kinds, territories, partners."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.boards.api import HANDLERS as API
    from crm.boards.area_routes import HANDLERS as AREA_HANDLERS
    from crm.boards.edit_routes import HANDLERS as EDIT_HANDLERS
    from crm.boards.municipality_routes import HANDLERS as MUNICIPALITY_HANDLERS
    from crm.boards.routes import HANDLERS

    return [*HANDLERS, *EDIT_HANDLERS, *AREA_HANDLERS, *MUNICIPALITY_HANDLERS, *API]


@hookimpl
def jobs():  # type: ignore[no-untyped-def]
    from crm.boards.jobs import JOBS

    return JOBS


@hookimpl
def navigation():  # type: ignore[no-untyped-def]
    from crm.access import Permission
    from crm.panels import NavigationItem
    from crm.translation import lazy_

    return [NavigationItem(lazy_("Boards"), "/boards", Permission.SEE_DIRECTORY, 60, "b")]
