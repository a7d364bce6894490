"""Incentives for employers: what a program would bring for a hire, with every step, and on paper."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.incentives.hire_routes import HANDLERS as HIRES
    from crm.incentives.public_routes import HANDLERS as PUBLIC
    from crm.incentives.routes import HANDLERS

    return [*HIRES, *PUBLIC, *HANDLERS]


@hookimpl
def jobs():  # type: ignore[no-untyped-def]
    from crm.incentives.jobs import render_estimate
    from crm.work import Job

    return [Job("incentives.render_estimate", render_estimate, attempts=4, timeout=120)]


@hookimpl
def commands():  # type: ignore[no-untyped-def]
    from crm.incentives import change_commands, simulate_command, stack_command  # noqa: F401 - they add their commands
    from crm.incentives.commands import incentives, rules

    return [incentives, rules]


@hookimpl
def documents():  # type: ignore[no-untyped-def]
    from crm.incentives.documents import ESTIMATE

    return [ESTIMATE]


@hookimpl
def panels():  # type: ignore[no-untyped-def]
    from crm.incentives.panel import PANEL

    return [PANEL]
