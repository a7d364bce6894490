"""What leaders see: the pipeline, the work, how quickly we answer, whom we serve; each number with its rows."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.reporting.routes import HANDLERS
    from crm.reporting.schedule_routes import HANDLERS as SCHEDULES

    return [*HANDLERS, *SCHEDULES]


@hookimpl
def jobs():  # type: ignore[no-untyped-def]
    from crm.reporting.jobs import JOBS

    return JOBS


@hookimpl
def documents():  # type: ignore[no-untyped-def]
    from crm.reporting.paper import REPORT

    return [REPORT]


@hookimpl
def navigation():  # type: ignore[no-untyped-def]
    from crm.access import Permission
    from crm.panels import NavigationItem
    from crm.translation import lazy_

    return [NavigationItem(lazy_("Reports"), "/reports", Permission.SEE_PIPELINE, 60, "r")]
