"""Save an estimate and put it on paper."""

from datetime import date
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, require
from crm.actions import acting
from crm.database import fetch_value
from crm.errors import Invalid
from crm.incentives import installed
from crm.incentives.wording import as_shown
from crm.rulebook.estimates import Estimate, estimate
from crm.rulebook.facts import UNKNOWN, FactError, parse
from crm.rulebook.programs import Program
from crm.translation import _


def program_of(program_id: str) -> Program:
    found = installed.library().programs.get(program_id)
    if found is None:
        raise Invalid(_("No program of that name is installed. Its plugin may be switched off."))
    return found


def facts_of(given: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The facts that were told, and what is wrong with an answer beside its key."""
    facts, problems = {}, {}
    known = installed.library().facts
    for key, value in given.items():
        if key not in known:
            continue
        try:
            parsed = parse(known[key], value)
        except FactError as problem:
            problems[key] = str(problem)
            continue
        if parsed is not UNKNOWN:
            facts[key] = parsed
    try:
        installed.library().completed(facts)
    except FactError as problem:
        problems[problem.key] = str(problem)
    return facts, problems


def make(program: Program, facts: dict[str, Any], as_of: date) -> Estimate:
    """Facts that follow from others are filled in. Raises `FactError` where two contradict each other."""
    return estimate(program, installed.library().completed(facts), as_of)


async def save_estimate(actor: Actor, employer_id: UUID, program_id: str, given: dict[str, str], as_of: date) -> tuple[UUID, UUID]:
    """Keep the estimate as it is today and make its PDF in a job; the ids of both."""
    require(actor, Permission.ESTIMATE)
    program = program_of(program_id)
    facts, problems = facts_of(given)
    if problems:
        raise Invalid(_("An answer does not fit. Mend it, then make the PDF."), fields=problems)
    shown = as_shown(make(program, facts, as_of), installed.library())
    async with acting(actor, "estimate.made") as act:
        employer = await load(actor, "employer", employer_id)
        board_id = actor.home_board or employer.get("board_id")
        estimate_id: UUID = await fetch_value(
            "insert into estimate (employer_id, board_id, as_of, facts, result, created_by) values ($1, $2, $3, $4, $5, $6) "
            "returning id",
            employer_id, board_id, as_of, {key: str(value) for key, value in facts.items()}, shown, actor.account_id,
        )  # fmt: skip
        act.record("estimate", estimate_id, board_id=board_id, employer_id=employer_id, after={"program": program_id})
        act.event("estimate_made", estimate_id=estimate_id, employer_id=employer_id)
        job_id = await act.enqueue(
            "incentives.render_estimate", {"estimate_id": str(estimate_id), "language": actor.language},
            title=_("PDF: %(program)s for %(employer)s") % {"program": shown["title"], "employer": employer["name"]},
            key=f"estimate:{estimate_id}", board_id=board_id,
        )  # fmt: skip
    return estimate_id, job_id
