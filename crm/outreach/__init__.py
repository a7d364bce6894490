"""Writing to employers: words with fields, mailings to many, sequences of steps, and the way out of them."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.outreach.enrolment_routes import HANDLERS as ENROLMENTS
    from crm.outreach.mailing_routes import HANDLERS as MAILINGS
    from crm.outreach.sequence_routes import HANDLERS as SEQUENCES
    from crm.outreach.template_routes import HANDLERS as TEMPLATES
    from crm.outreach.unsubscribe_routes import HANDLERS as UNSUBSCRIBE

    return [*MAILINGS, *SEQUENCES, *ENROLMENTS, *TEMPLATES, *UNSUBSCRIBE]


@hookimpl
def jobs():  # type: ignore[no-untyped-def]
    from crm.outreach.enrolling import JOBS as ENROLLING
    from crm.outreach.paper import JOBS as PAPER
    from crm.outreach.preparing import JOBS as PREPARING
    from crm.outreach.sending import JOBS as SENDING
    from crm.outreach.stepping import JOBS as STEPPING

    return [*PREPARING, *SENDING, *ENROLLING, *STEPPING, *PAPER]


@hookimpl
def panels():  # type: ignore[no-untyped-def]
    from crm.outreach.panel import PANEL

    return [PANEL]


@hookimpl
def documents():  # type: ignore[no-untyped-def]
    from crm.outreach.paper import LETTER

    return [LETTER]


@hookimpl
async def activity_logged(event):  # type: ignore[no-untyped-def]
    from crm.outreach.listening import look

    await look(event.subject)


@hookimpl
async def stage_moved(event):  # type: ignore[no-untyped-def]
    from crm.outreach.listening import look

    await look(event.subject)


@hookimpl
async def contact_stopped(event):  # type: ignore[no-untyped-def]
    from crm.outreach.listening import look

    await look(event.subject)


@hookimpl
async def employer_claimed(event):  # type: ignore[no-untyped-def]
    from crm.outreach.listening import look

    await look(event.subject)


@hookimpl
def navigation():  # type: ignore[no-untyped-def]
    from crm.access import Permission
    from crm.panels import NavigationItem
    from crm.translation import lazy_

    return [NavigationItem(lazy_("Outreach"), "/mailings", Permission.WORK_PIPELINE, 30, "m", also=("/sequences", "/email-templates", "/events", "/emails"))]
