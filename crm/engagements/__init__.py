"""Pipelines: where each employer stands with each board, what was done, what comes next."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.engagements.activity_routes import HANDLERS as ACTIVITIES
    from crm.engagements.api import HANDLERS as API
    from crm.engagements.calendar_routes import HANDLERS as CALENDAR
    from crm.engagements.courtesy_routes import HANDLERS as COURTESY
    from crm.engagements.design_routes import HANDLERS as DESIGN
    from crm.engagements.level_routes import HANDLERS as LEVELS
    from crm.engagements.note_routes import HANDLERS as NOTES
    from crm.engagements.pipeline_routes import HANDLERS as PIPELINE
    from crm.engagements.routes import HANDLERS
    from crm.engagements.service_routes import HANDLERS as SERVICES
    from crm.engagements.sharing_routes import HANDLERS as SHARING
    from crm.engagements.task_routes import HANDLERS as TASKS
    from crm.engagements.timeline_routes import HANDLERS as TIMELINE

    return [*HANDLERS, *ACTIVITIES, *TIMELINE, *SERVICES, *LEVELS, *NOTES, *TASKS, *PIPELINE, *DESIGN, *CALENDAR, *COURTESY, *SHARING, *API]


@hookimpl
def jobs():  # type: ignore[no-untyped-def]
    from crm.engagements.deriving import JOBS as DERIVING
    from crm.engagements.digest import JOBS as DIGESTS
    from crm.engagements.levels import JOBS as LEVELS

    return [*DIGESTS, *DERIVING, *LEVELS]


@hookimpl
async def employers_merged(event):  # type: ignore[no-untyped-def]
    from crm.engagements import levels

    await levels.after_merge([event.subject["employer_id"], event.subject["other_id"]])


@hookimpl
def obligations():  # type: ignore[no-untyped-def]
    from crm.engagements.leading import KINDS

    return KINDS


@hookimpl
def navigation():  # type: ignore[no-untyped-def]
    from crm.access import Permission
    from crm.panels import NavigationItem
    from crm.translation import lazy_

    return [
        NavigationItem(lazy_("Today"), "/today", Permission.WORK_PIPELINE, 5, "t", also=("/visits",)),
        NavigationItem(lazy_("Log"), "/log", Permission.WORK_PIPELINE, 6, "l"),
        NavigationItem(lazy_("Pipeline"), "/pipeline", Permission.SEE_PIPELINE, 20, "p", also=("/pledge-drives", "/pledges")),
    ]


@hookimpl
def check_stage_move(move):  # type: ignore[no-untyped-def]
    from crm.engagements import rules

    return rules.check_stage_move(move)
