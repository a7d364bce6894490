"""Incentives for employers: what a program would bring for a hire, with every step, and on paper."""

from crm.hookspecs import hookimpl


@hookimpl
def routes():  # type: ignore[no-untyped-def]
    from crm.incentives.api import HANDLERS as API
    from crm.incentives.claims.case_routes import HANDLERS as CASES
    from crm.incentives.earlier_claims.claimed_routes import HANDLERS as CLAIMED
    from crm.incentives.hire_routes import HANDLERS as HIRES
    from crm.incentives.law_changes.change_routes import HANDLERS as CHANGES
    from crm.incentives.official_forms.blank_form_routes import HANDLERS as BLANK_FORMS
    from crm.incentives.opportunity_routes import HANDLERS as OPPORTUNITIES
    from crm.incentives.outside.learner_routes import HANDLERS as LEARNERS
    from crm.incentives.outside.portal_routes import HANDLERS as PORTAL
    from crm.incentives.outside.public_routes import HANDLERS as PUBLIC
    from crm.incentives.quick_routes import HANDLERS as QUICK
    from crm.incentives.routes import HANDLERS
    from crm.incentives.simulator.trial_routes import HANDLERS as TRIALS

    return [*HIRES, *CASES, *CLAIMED, *BLANK_FORMS, *LEARNERS, *OPPORTUNITIES, *PORTAL, *PUBLIC, *QUICK, *HANDLERS, *CHANGES, *TRIALS, *API]


@hookimpl
def jobs():  # type: ignore[no-untyped-def]
    from crm.incentives.claims.packets import render_packet
    from crm.incentives.claims.rechecking import recheck
    from crm.incentives.jobs import render_estimate
    from crm.incentives.keeping import forget
    from crm.incentives.official_forms.filled_forms import fill_form
    from crm.incentives.overviews import render_overview
    from crm.incentives.simulator.shadowing import shadow
    from crm.incentives.simulator.trials import simulate
    from crm.work import Job

    return [
        Job("incentives.forget", forget, attempts=4, timeout=1800), Job("incentives.recheck", recheck, attempts=3, timeout=1800), Job("incentives.render_estimate", render_estimate, attempts=4, timeout=120),
        Job("incentives.render_packet", render_packet, attempts=4, timeout=120), Job("incentives.render_overview", render_overview, attempts=4, timeout=180),
        Job("incentives.simulate", simulate, attempts=3, timeout=1800), Job("incentives.shadow", shadow, attempts=3, timeout=1800),
        Job("incentives.fill_form", fill_form, attempts=4, timeout=120),
    ]  # fmt: skip


@hookimpl
def commands():  # type: ignore[no-untyped-def]
    from crm.incentives.command_line import program_commands, stack_command  # noqa: F401 - they add their commands
    from crm.incentives.command_line.commands import incentives, rules
    from crm.incentives.law_changes import change_commands  # noqa: F401 - they add their commands
    from crm.incentives.simulator import simulate_command  # noqa: F401 - they add their commands

    return [incentives, rules]


@hookimpl
def documents():  # type: ignore[no-untyped-def]
    from crm.incentives.documents import CALENDAR, ESTIMATE, PACKET, YEAR

    return [ESTIMATE, PACKET, CALENDAR, YEAR]


@hookimpl
def panels():  # type: ignore[no-untyped-def]
    from crm.incentives.panel import PANEL

    return [PANEL]


@hookimpl
def obligations():  # type: ignore[no-untyped-def]
    from crm.incentives.claims.duties import KINDS

    return KINDS


@hookimpl
def navigation():  # type: ignore[no-untyped-def]
    from crm.access import Permission
    from crm.panels import NavigationItem
    from crm.translation import lazy_

    return [NavigationItem(lazy_("Incentives"), "/cases", Permission.SEE_PIPELINE, 55, "i", also=("/hires", "/incentives"))]
