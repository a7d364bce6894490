"""What may happen to a case, and what stands against submitting it. Plain functions: an estimate and a day in, findings out."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from crm.rulebook.deadlines import Deadline
from crm.rulebook.estimates import Estimate
from crm.rulebook.facts import Fact
from crm.rulebook.programs import Program

STATES = ("preparing", "submitted", "certified", "paid", "denied", "appealed", "withdrawn")
NEXT: Mapping[str, tuple[str, ...]] = {
    "preparing": ("submitted", "withdrawn"), "submitted": ("certified", "denied", "withdrawn"), "certified": ("paid", "denied", "withdrawn"), "paid": (),
    "denied": ("appealed", "withdrawn"), "appealed": ("certified", "denied", "withdrawn"), "withdrawn": ("preparing",),
}  # fmt: skip
REASONED = ("denied", "withdrawn")  # moves that say why
WITH_AMOUNT = ("certified", "paid")
CODES = ("missing_fact", "condition_not_met", "not_in_force", "too_early", "past_deadline", "missing_evidence", "missing_signature", "limit_used_up")


class Finding(Struct, frozen=True):
    """One thing that stands against submitting: its code, the rule's own words on it, and where they stand; `day` of a deadline."""

    code: str
    says: Mapping[str, str] = {}
    citation: str = ""
    day: date | None = None


def preflight(found: Estimate, facts: Mapping[str, Fact], on: date, *, files: int, signed: int) -> tuple[Finding, ...]:
    """All that stands against submitting on that day; nothing when it is ready.

    A lapsed law does not: requests may be filed in time and wait. Evidence is asked for where the program has forms.
    """
    listed = [Finding("missing_fact", facts[key].question) for key in found.missing]
    listed += [Finding("condition_not_met", each.condition.sentence, each.condition.citation) for each in found.outcomes if each.state == "not_met"]
    listed += [Finding("limit_used_up", each.limit.what, each.limit.citation) for each in found.left if found.eligible == "no" and each.cut and each.limit is not None]
    if found.status is None or found.status.state == "sunset":
        listed.append(Finding("not_in_force", found.status.says if found.status else {}, found.status.citation if found.status else ""))
    listed += [Finding("too_early", due.deadline.sentence, due.deadline.citation, due.opens) for due in found.deadlines if due.opens and on < due.opens]
    listed += [Finding("past_deadline", due.deadline.sentence, due.deadline.citation, due.day) for due in found.deadlines if due.day < on]
    if found.program.forms:
        listed += [Finding(code) for code, count in (("missing_evidence", files), ("missing_signature", signed)) if not count]
    return tuple(listed)


def answer_of(found: Estimate) -> dict[str, str]:
    """What an estimate comes to, to be compared with what it came to before."""
    numbers = {"amount": found.amount, "potential": found.potential_amount, "at_least": found.at_least, "at_most": found.at_most}
    return {"eligible": found.eligible, "status": found.status.state if found.status else ""} | {
        name: "" if value is None else str(value) for name, value in numbers.items()
    }


def next_due(deadlines: Iterable[Deadline], facts: Mapping[str, Any]) -> date | None:
    """The first day to keep, also where it is past: what was missed stays in sight."""
    return min((day for each in deadlines if (day := each.day(facts)) is not None), default=None)


def mark(says: Mapping[str, str]) -> str:
    """Tells one step of a checklist from another by its words: changed words are another step, to be done anew."""
    return hashlib.sha256(says["en"].encode()).hexdigest()[:16]


def checklist(program: Program) -> dict[str, Any]:
    """The steps of the claim by their marks, in their order."""
    return {mark(each.says): each for each in program.claim}


def days_in_state(since: date, today: date) -> int:
    return max((today - since).days, 0)
