"""People at employers and their affiliations."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.contacts.api import HANDLERS as API
    from crm.contacts.duplicate_routes import HANDLERS as DUPLICATES
    from crm.contacts.person_routes import HANDLERS as PERSON
    from crm.contacts.routes import HANDLERS

    return [*HANDLERS, *PERSON, *DUPLICATES, *API]
