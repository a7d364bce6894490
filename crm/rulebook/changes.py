"""What of the law changed since a day: numbers and statuses that came into force since, will do so, or became known for days that had passed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from crm.rulebook.differences import Difference, apart, between
from crm.rulebook.estimates import Estimate, estimate
from crm.rulebook.library import Library
from crm.rulebook.parameters import Parameter
from crm.rulebook.programs import Program

WHENS = ("in_force", "coming", "for_days_past")


class Stated(Struct, frozen=True):
    """How something is stated: its sentence, where it stands, and how far it was checked."""

    says: Mapping[str, str] = {}
    citation: str = ""
    review_status: str = ""


class Change(Struct, frozen=True):
    """A value of a parameter, or a status of a program, that holds from `day`; `known` is the day on which that was known.

    `when` is one of `WHENS`. `programs` are those that rest on it, by their ids; `before` and `after` are empty where there was or is nothing.
    Law that is stated anew can leave the value as it was: `differs` says what is new (`value`, `says`, `citation` or `review_status`), and `stood` how
    it was stated before.
    """

    kind: str
    name: str
    programs: tuple[str, ...]
    day: date
    known: date
    when: str
    before: str
    after: str
    says: Mapping[str, str]
    citation: str
    review_status: str
    stood: Stated = Stated()

    @property
    def differs(self) -> str:
        parts = ("says", "citation", "review_status")
        return "value" if self.before != self.after else next((part for part in parts if getattr(self.stood, part) != getattr(self, part)), "")


class Answer(Struct, frozen=True):
    """An estimate in short: its amount, what it would be were the law in force, or, while it is not known, its most."""

    eligible: str
    amount: Decimal | None = None
    potential: Decimal | None = None
    at_most: Decimal | None = None

    def __str__(self) -> str:
        if self.eligible == "no":
            return "no"
        if self.eligible == "unknown":
            return "unknown" if self.at_most is None else f"unknown, at most {self.at_most}"
        return str(self.amount) if self.potential is None else f"{self.amount} ({self.potential} if in force)"


class Changed(Struct, frozen=True):
    """An answer that is not what it was; None for one that was or is not there. `differences` say why."""

    case: str
    program: Program
    before: Answer | None
    after: Answer | None
    differences: tuple[Difference, ...]


def since(library: Library, day: date, today: date) -> tuple[Change, ...]:
    """In the order in which they became known."""
    resting: dict[str, list[str]] = {}
    for program in library.programs.values():
        for law in program.parameters:
            resting.setdefault(law.name, []).append(program.id)
    found = [change for law in library.parameters for change in _values(law, tuple(resting.get(law.name, ())), day, today)]
    found += [change for program in library.programs.values() for change in _statuses(program, day, today)]
    return tuple(sorted((change for change in found if change.differs), key=lambda change: (change.known, change.day, change.name)))


def _when(first: date, day: date, today: date) -> str:
    return "coming" if first > today else "in_force" if first > day else "for_days_past"


def _values(law: Parameter, programs: tuple[str, ...], day: date, today: date) -> Iterator[Change]:
    for place, first in enumerate(law.days):
        if (law.known_since[place] or first) > day:
            known = law.known_since[place] or min(first, today)  # what stands in a file is known by now
            was, is_now = apart(law.values[place - 1] if place else None, law.values[place])
            citation = "; ".join(reference.title for reference in law.references)
            stood = Stated(law.description, citation, law.reviews[place - 1]) if place else Stated()
            yield Change("parameter", law.name, programs, first, known, _when(first, day, today), was, is_now, law.description, citation, law.reviews[place], stood)


def _statuses(program: Program, day: date, today: date) -> Iterator[Change]:
    for place, status in enumerate(program.statuses):
        if (status.known_since or status.since) > day:
            known = status.known_since or min(status.since, today)
            old = program.statuses[place - 1] if place else None
            stood = Stated(old.says, old.citation, old.review_status) if old else Stated()
            yield Change("status", program.id, (program.id,), status.since, known, _when(status.since, day, today), old.state if old else "", status.state,
                         status.says, status.citation, status.review_status, stood)  # fmt: skip


def answers(programs: Iterable[Program], case: str, facts: Mapping[str, Any], day: date, today: date) -> Iterator[Changed]:
    """Those that differ between the day, with what was known then, and today. `facts` are complete."""
    for program in programs:
        before, after = estimate(program, facts, day, day), estimate(program, facts, today, today)
        if differences := between(before, after):
            yield Changed(case, program, short(before), short(after), differences)


def short(found: Estimate | None) -> Answer | None:
    return None if found is None else Answer(found.eligible, found.amount, found.potential_amount, found.at_most)
