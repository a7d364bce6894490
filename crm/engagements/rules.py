"""What a move along a pipeline needs. Plain functions: facts in, findings out."""

from calendar import monthrange
from collections.abc import Hashable, Mapping
from datetime import date, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from crm.folding import fold


class StageMoveFacts(Struct, frozen=True, kw_only=True):
    """What a check sees of a move: pipeline and stages by code, what the stage needs, and what is on file for the employer."""

    pipeline: str = "recruit"
    from_stage: str
    to_stage: str
    to_kind: str
    reason: str
    state: str
    needs: tuple[str, ...] = ()
    has_contact: bool
    has_address: bool
    has_email: bool = False
    slots: int = 0
    has_owner: bool = False


class StageFinding(Struct, frozen=True):
    """Why a move cannot be made yet: a code, and values for the sentence."""

    code: str
    values: dict[str, Any] = {}


# what a stage may declare that it needs, and the finding while it is missing
NEEDS = {"contact": "contact-missing", "email": "email-missing", "worksite": "address-missing", "slots": "slots-missing",
         "owner": "owner-missing"}  # fmt: skip
NO_REASON = frozenset({"open", "done"})


def check_stage_move(move: StageMoveFacts) -> list[StageFinding]:
    """A pause or a refusal says why; a stage that declares a need is entered only when that is on file."""
    met = {"contact": move.has_contact, "email": move.has_email, "worksite": move.has_address, "slots": move.slots > 0,
           "owner": move.has_owner}  # fmt: skip
    findings = []
    if move.to_kind not in NO_REASON and not move.reason.strip():
        findings.append(StageFinding("reason-missing"))
    return findings + [StageFinding(NEEDS[need]) for need in NEEDS if need in move.needs and not met[need]]


MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
DAYS = {"daily": 1, "weekly": 7}


def next_due(due: date, repeats: str, day_of_month: int, today: date) -> date:
    """When a task that repeats is due next: its first day after both its last one and today.

    A month that has no such day (31 April, 29 February) takes its last; the months after it have theirs again.
    """
    after = max(due, today)
    if repeats in DAYS:
        step = DAYS[repeats]
        return due + timedelta(days=((after - due).days // step + 1) * step)
    months = 0
    while (found := _in_months(due, months, day_of_month)) <= after:
        months += MONTHS[repeats]
    return found


def _in_months(start: date, months: int, day: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))


K = TypeVar("K", bound=Hashable)


class Duty(Struct, frozen=True):
    """Something that stands, and the day by which."""

    due: date


class Derived(Struct, frozen=True):
    """The newest task of a duty: the day that the rule gave for it, and whether it is still to be done."""

    id: UUID
    due: date
    open: bool


class Changes(Struct, Generic[K], frozen=True):
    """What becomes of the tasks, by the keys of their duties."""

    added: list[K]
    moved: list[K]
    gone: list[K]


def derive(duties: Mapping[K, Duty], tasks: Mapping[K, Derived]) -> Changes[K]:
    """Duties against the tasks that they have.

    A duty without a task gets one. One whose day moved takes its open task along; after a task that was done or
    dropped only a later day makes a new one. An open task whose duty is gone goes too.
    """
    return Changes(
        added=[key for key, duty in duties.items() if key not in tasks or not tasks[key].open and duty.due > tasks[key].due],
        moved=[key for key, duty in duties.items() if key in tasks and tasks[key].open and duty.due != tasks[key].due],
        gone=[key for key, task in tasks.items() if task.open and key not in duties],
    )


def mentioned(text: str, people: Mapping[K, str]) -> set[K]:
    """Whom a text names after an @: by the whole name, or by the first name where only one of them has it.

    Of two names that begin alike, the longer one that fits counts. Letters are compared without case and accents.
    """
    names: dict[str, set[K]] = {}
    for key, name in people.items():
        for form in {fold(name), fold(name).split(" ")[0]}:
            names.setdefault(form, set()).add(key)
    found: set[K] = set()
    for said in fold(text).split("@")[1:]:
        fits = [name for name in names if name and said.startswith(name) and not said[len(name) : len(name) + 1].isalnum()]
        best = max(fits, key=len, default="")
        if len(names.get(best, ())) == 1:
            found |= names[best]
    return found
