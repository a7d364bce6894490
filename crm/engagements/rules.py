"""What a move along a pipeline needs. Plain functions: facts in, findings out."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from msgspec import Struct


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
