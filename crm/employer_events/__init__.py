"""Events for employers: a career fair, a tour, a breakfast; who is invited, comes and came."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.employer_events.guest_routes import HANDLERS as GUESTS
    from crm.employer_events.public_routes import HANDLERS as PUBLIC
    from crm.employer_events.routes import HANDLERS

    return [*HANDLERS, *GUESTS, *PUBLIC]


@hookimpl
def jobs():  # type: ignore[no-untyped-def]
    from crm.employer_events.telling import JOBS
    from crm.employer_events.writing import GUESTS
    from crm.outreach.audiences import add_audience

    add_audience(GUESTS)
    return JOBS


@hookimpl
def panels():  # type: ignore[no-untyped-def]
    from crm.employer_events.panel import PANEL

    return [PANEL]
