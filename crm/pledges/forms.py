"""What comes in about drives and pledges."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.translation import lazy_

Kind = Literal["internship", "summer_job", "co_op", "pre_apprenticeship", "apprenticeship", "work_experience", "job_shadow", "mentoring", "project"]
Pay = Literal["unsettled", "employer_pays", "program_pays", "both_pay", "unpaid"]
WithdrawReason = Literal[
    "no_staff_time", "insurance_or_minors", "no_suitable_tasks", "pay", "remote", "bad_experience", "timing", "mistake", "other",
]  # fmt: skip


class DriveForm(Struct, forbid_unknown_fields=True, kw_only=True):
    name_en: Annotated[str, Meta(title=lazy_("Name in English"), description=lazy_("For example: Summer 2027"), min_length=1, max_length=80)]
    name_es: Annotated[str, Meta(title=lazy_("Name in Spanish"), min_length=1, max_length=80)]
    first_day: Annotated[date, Meta(title=lazy_("First day"))]
    last_day: Annotated[date, Meta(title=lazy_("Last day"))]
    goal: Annotated[int, Meta(title=lazy_("Goal, in slots"), ge=1, le=1_000_000)]
    version: int = 0


class PledgeForm(Struct, forbid_unknown_fields=True, kw_only=True):
    drive_id: Annotated[UUID, Meta(title=lazy_("Pledge drive"))]
    kind: Annotated[Kind, Meta(title=lazy_("Kind of experience"))]
    slots: Annotated[int, Meta(title=lazy_("How many slots"), ge=1, le=10_000)]
    pay: Annotated[Pay, Meta(title=lazy_("Is it paid, and by whom?"))] = "unsettled"
    payer: Annotated[str, Meta(title=lazy_("Which program or organization pays"), max_length=120)] = ""
    establishment_id: Annotated[UUID | None, Meta(title=lazy_("Worksite"))] = None
    contact_id: Annotated[UUID | None, Meta(title=lazy_("Whom to talk to"))] = None
    first_day: Annotated[date | None, Meta(title=lazy_("It can begin on"))] = None
    last_day: Annotated[date | None, Meta(title=lazy_("It ends on"))] = None
    least_age: Annotated[int, Meta(title=lazy_("From what age"), ge=0, le=99)] | None = None
    open_to: Annotated[
        str, Meta(title=lazy_("Who it is for"), description=lazy_("For example: 11th and 12th grade; no experience needed"), max_length=300)
    ] = ""
    access_note: Annotated[
        str, Meta(title=lazy_("Accessibility"), description=lazy_("What people should know: steps, noise, screen readers, transport"), max_length=300)
    ] = ""
    note: Annotated[str, Meta(title=lazy_("Notes for us"), max_length=2000)] = ""
    pledged_on: Annotated[date | None, Meta(title=lazy_("Pledged on"), description=lazy_("Left empty, today"))] = None
    version: int = 0


class WithdrawForm(Struct, forbid_unknown_fields=True, kw_only=True):
    reason: Annotated[WithdrawReason, Meta(title=lazy_("Reason"))]


class ProgressForm(Struct, forbid_unknown_fields=True, kw_only=True):
    step: Annotated[Literal["matched", "started", "completed"], Meta(title=lazy_("What happened"))]
    change: Annotated[int, Meta(title=lazy_("How many slots"), description=lazy_("A minus sign takes slots back."), ge=-10_000, le=10_000)]
    on_day: Annotated[date | None, Meta(title=lazy_("Date"), description=lazy_("Left empty, today"))] = None
    note: Annotated[str, Meta(title=lazy_("Note"), max_length=300)] = ""
