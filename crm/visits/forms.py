"""What comes in about visits: from a form of ours, or as drafts from a device."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.translation import lazy_
from crm.visits.rules import CHECKLIST

PAYLOADS = frozenset({1})  # forms of a draft that we still read: a device may bring one that an older release wrote
MOST_DRAFTS = 50
Seen = Literal["", "yes", "no"]


class VisitFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a person fills in."""

    establishment_id: Annotated[UUID | None, Meta(title=lazy_("Worksite"))] = None
    contact_id: Annotated[UUID | None, Meta(title=lazy_("Whom did you meet?"))] = None
    on: Annotated[date, Meta(title=lazy_("Date"))]
    at: Annotated[str, Meta(title=lazy_("Time"), pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", max_length=5)]
    outcome: Annotated[Literal["agreed", "open", "refused", "fine", "problem", "missed"], Meta(title=lazy_("What came of it?"))]
    seen_tasks: Annotated[Seen, Meta(title=CHECKLIST["seen_tasks"].text)] = ""
    seen_mentor: Annotated[Seen, Meta(title=CHECKLIST["seen_mentor"].text)] = ""
    seen_supervisor: Annotated[Seen, Meta(title=CHECKLIST["seen_supervisor"].text)] = ""
    seen_safe: Annotated[Seen, Meta(title=CHECKLIST["seen_safe"].text)] = ""
    seen_objectives: Annotated[Seen, Meta(title=CHECKLIST["seen_objectives"].text)] = ""
    seen_complaints: Annotated[Seen, Meta(title=CHECKLIST["seen_complaints"].text)] = ""
    seen_access: Annotated[Seen, Meta(title=CHECKLIST["seen_access"].text)] = ""
    notes: Annotated[str, Meta(title=lazy_("Notes"), max_length=8000)] = ""
    next_step: Annotated[str, Meta(title=lazy_("Next step"), description=lazy_("Becomes a task of yours."), max_length=200)] = ""
    next_due: Annotated[date | None, Meta(title=lazy_("By"))] = None
    task_done: Annotated[bool, Meta(title=lazy_("This task is done"))] = False


class VisitForm(VisitFields, forbid_unknown_fields=True, kw_only=True):
    """A visit as it is logged. `draft_id` names it, so that sending it twice logs it once."""

    draft_id: UUID
    employer_id: Annotated[UUID, Meta(title=lazy_("Employer"))]
    task_id: UUID | None = None


class ChangedVisitForm(VisitFields, forbid_unknown_fields=True, kw_only=True):
    version: int
    base: Annotated[str, Meta(max_length=40_000)] = ""


class Draft(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A visit from a device: the fields as typed, and what the device knew of it before (nothing, for a new one)."""

    draft_id: UUID
    values: Annotated[dict[Annotated[str, Meta(max_length=40)], Annotated[str, Meta(max_length=10_000)]], Meta(max_length=40)]
    version: Annotated[int, Meta(ge=0, le=2_000_000_000)] = 0
    base: Annotated[str, Meta(max_length=40_000)] = ""


class Sync(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a device sends."""

    payload: int
    drafts: Annotated[list[Draft], Meta(max_length=MOST_DRAFTS)]
