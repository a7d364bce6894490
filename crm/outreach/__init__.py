"""Writing to employers: words with fields, mailings to many, and the way out of them."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.outreach.mailing_routes import HANDLERS as MAILINGS
    from crm.outreach.template_routes import HANDLERS as TEMPLATES
    from crm.outreach.unsubscribe_routes import HANDLERS as UNSUBSCRIBE

    return [*MAILINGS, *TEMPLATES, *UNSUBSCRIBE]


@hookimpl
def jobs():  # type: ignore[no-untyped-def]
    from crm.outreach.preparing import JOBS as PREPARING
    from crm.outreach.sending import JOBS as SENDING

    return [*PREPARING, *SENDING]


@hookimpl
def navigation():  # type: ignore[no-untyped-def]
    from crm.access import Permission
    from crm.panels import NavigationItem
    from crm.translation import lazy_

    return [NavigationItem(lazy_("Outreach"), "/mailings", Permission.WORK_PIPELINE, 30, "m", also=("/email-templates", "/events", "/emails"))]
