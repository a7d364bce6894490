"""What comes in about engagements, activities and tasks."""

from datetime import date
from typing import Annotated, Literal, get_args
from uuid import UUID

from msgspec import Meta, Struct

from crm.translation import lazy_

DECLINE_REASONS = (
    "no_staff_time", "insurance_or_minors", "no_suitable_tasks", "pay", "remote", "bad_experience", "timing", "other",
)  # fmt: skip
LOGGED_KINDS = ("call", "email", "visit", "meeting", "event", "note", "letter")
Kind = Literal["call", "email", "visit", "meeting", "event", "note", "letter"]
# what came of it; the later ones are what the levels of engagement tell apart
Outcome = Literal[
    "", "no_answer", "left_message", "reached", "interested", "declined", "took_part", "posted", "hired", "gave_feedback", "supported",
]
OUTCOMES = tuple(filter(None, get_args(Outcome)))


class StageMoveForm(Struct, forbid_unknown_fields=True, kw_only=True):
    stage_id: Annotated[UUID, Meta(title=lazy_("Move to"))]
    reason: Annotated[str, Meta(title=lazy_("Reason"), max_length=500)] = ""
    version: int | None = None


class BulkChangeForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """One change of many engagements: a stage to move to, or who looks after them from now on."""

    change: Annotated[Literal["move", "give"], Meta(title=lazy_("What changes"))]
    stage_id: Annotated[UUID | None, Meta(title=lazy_("Move to"))] = None
    reason: Annotated[str, Meta(title=lazy_("Reason, for a pause or a no"), max_length=500)] = ""
    owner_id: Annotated[UUID | None, Meta(title=lazy_("Who looks after them"))] = None


class PipelineForm(Struct, forbid_unknown_fields=True, kw_only=True):
    name_en: Annotated[str, Meta(title=lazy_("Name in English"), min_length=1, max_length=60)]
    name_es: Annotated[str, Meta(title=lazy_("Name in Spanish"), min_length=1, max_length=60)]


class StageForm(Struct, forbid_unknown_fields=True, kw_only=True):
    name_en: Annotated[str, Meta(title=lazy_("Name in English"), min_length=1, max_length=60)]
    name_es: Annotated[str, Meta(title=lazy_("Name in Spanish"), min_length=1, max_length=60)]
    kind: Annotated[Literal["open", "done", "paused", "declined", "lapsed"], Meta(title=lazy_("What it means"))]
    position: Annotated[int, Meta(title=lazy_("Place in the order"), ge=1, le=50)]
    expected_days: (
        Annotated[int, Meta(title=lazy_("Longest usual stay, in days"), description=lazy_("Who stays longer is marked."), ge=1, le=3650)]
        | None
    ) = None
    needs_contact: Annotated[bool, Meta(title=lazy_("A contact"))] = False
    needs_email: Annotated[bool, Meta(title=lazy_("An email address of a contact"))] = False
    needs_worksite: Annotated[bool, Meta(title=lazy_("A worksite with its address"))] = False
    needs_slots: Annotated[bool, Meta(title=lazy_("The slots that they may offer"))] = False
    needs_owner: Annotated[bool, Meta(title=lazy_("Someone who looks after them"))] = False


class StartForm(Struct, forbid_unknown_fields=True, kw_only=True):
    board_id: Annotated[UUID | None, Meta(title=lazy_("Board"))] = None
    pipeline: Annotated[str, Meta(title=lazy_("Pipeline"), max_length=60)] = "recruit"


class NextStepForm(Struct, forbid_unknown_fields=True, kw_only=True):
    next_step: Annotated[str, Meta(title=lazy_("Next step"), max_length=200)] = ""
    next_step_due: Annotated[date | None, Meta(title=lazy_("By"))] = None
    slots: Annotated[int, Meta(title=lazy_("Slots they may offer"), ge=0, le=10000)] = 0
    owner_id: Annotated[UUID | None, Meta(title=lazy_("Who looks after them"))] = None
    version: int


class ActivityForm(Struct, forbid_unknown_fields=True, kw_only=True):
    kind: Annotated[Kind, Meta(title=lazy_("What was it?"))]
    summary: Annotated[str, Meta(title=lazy_("In one line"), min_length=1, max_length=200)]
    body: Annotated[
        str, Meta(title=lazy_("Notes"), description=lazy_("Write @ and a colleague's name to tell them."), max_length=10000)
    ] = ""
    on: Annotated[date | None, Meta(title=lazy_("Date"))] = None
    direction: Annotated[Literal["", "in", "out"], Meta(title=lazy_("Who got in touch?"))] = ""
    contact_id: Annotated[UUID | None, Meta(title=lazy_("With whom"))] = None
    establishment_id: Annotated[UUID | None, Meta(title=lazy_("At which worksite"))] = None
    outcome: Annotated[Outcome, Meta(title=lazy_("What came of it"))] = ""
    service_code: Annotated[
        str, Meta(title=lazy_("Service"), description=lazy_("Left open, the kind decides."), max_length=40)
    ] = ""


class ChangedActivityForm(ActivityForm, forbid_unknown_fields=True, kw_only=True):
    version: int


class LogForm(ActivityForm, forbid_unknown_fields=True, kw_only=True):
    """What was done, who is to hear of it, and what comes next, in one go."""

    mention_id: Annotated[UUID | None, Meta(title=lazy_("Tell a colleague"))] = None
    task_title: Annotated[str, Meta(title=lazy_("What comes next"), max_length=200)] = ""
    task_due: Annotated[date | None, Meta(title=lazy_("By"))] = None


class NoteForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is written on many timelines at once: nothing that is one employer's alone."""

    kind: Annotated[Kind, Meta(title=lazy_("What was it?"))]
    summary: Annotated[str, Meta(title=lazy_("In one line"), min_length=1, max_length=200)]
    body: Annotated[str, Meta(title=lazy_("Notes"), max_length=10000)] = ""
    on: Annotated[date | None, Meta(title=lazy_("Date"))] = None
    outcome: Annotated[Outcome, Meta(title=lazy_("What came of it"))] = ""
    service_code: Annotated[str, Meta(title=lazy_("Service"), max_length=40)] = ""


class ServiceForm(Struct, forbid_unknown_fields=True, kw_only=True):
    name_en: Annotated[str, Meta(title=lazy_("Name in English"), min_length=1, max_length=120)]
    name_es: Annotated[str, Meta(title=lazy_("Name in Spanish"), min_length=1, max_length=120)]
    citation: Annotated[str, Meta(title=lazy_("Document that lists it, with its place"), min_length=3, max_length=300)]
    source: Annotated[str, Meta(title=lazy_("Address of the document"), max_length=300, pattern="^https?://[^ ]+$")] = ""
    first_day: Annotated[date, Meta(title=lazy_("First day"))]
    last_day: Annotated[date | None, Meta(title=lazy_("Last day"))] = None
    for_call: Annotated[bool, Meta(title=lazy_("Call"))] = False
    for_email: Annotated[bool, Meta(title=lazy_("Email"))] = False
    for_visit: Annotated[bool, Meta(title=lazy_("Visit"))] = False
    for_meeting: Annotated[bool, Meta(title=lazy_("Meeting"))] = False
    for_event: Annotated[bool, Meta(title=lazy_("Event"))] = False
    for_note: Annotated[bool, Meta(title=lazy_("Note"))] = False
    for_letter: Annotated[bool, Meta(title=lazy_("Letter"))] = False
    version: int = 0


class NewServiceForm(ServiceForm, forbid_unknown_fields=True, kw_only=True):
    code: Annotated[str, Meta(title=lazy_("Code"), min_length=1, max_length=40)]


class RuleForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """From a day on, what counts how much towards the level of engagement."""

    kind: Annotated[Literal["", "call", "email", "visit", "meeting", "event", "note", "letter"], Meta(title=lazy_("What was it?"))] = ""
    outcome: Annotated[Outcome, Meta(title=lazy_("What came of it"))] = ""
    level: Annotated[Literal["0", "1", "2", "3", "4", "5"], Meta(title=lazy_("Counts as level"), description=lazy_("0: does not count"))]
    first_day: Annotated[date, Meta(title=lazy_("First day"))]
    source: Annotated[str, Meta(title=lazy_("Who decided it, where it is written"), min_length=3, max_length=300)]


class EndRuleForm(Struct, forbid_unknown_fields=True, kw_only=True):
    last_day: Annotated[date | None, Meta(title=lazy_("Last day"))] = None


class TaskForm(Struct, forbid_unknown_fields=True, kw_only=True):
    title: Annotated[str, Meta(title=lazy_("What is to be done"), min_length=1, max_length=200)]
    due: Annotated[date | None, Meta(title=lazy_("By"))] = None
    assignee_id: Annotated[UUID | None, Meta(title=lazy_("Who"))] = None
    repeats: Annotated[
        Literal["", "daily", "weekly", "monthly", "quarterly", "yearly"], Meta(title=lazy_("Comes again"))
    ] = ""
    note: Annotated[str, Meta(title=lazy_("Notes"), max_length=5000)] = ""


class ChangedTaskForm(TaskForm, forbid_unknown_fields=True, kw_only=True):
    version: int


class ClaimForm(Struct, forbid_unknown_fields=True, kw_only=True):
    purpose: Annotated[str, Meta(title=lazy_("What for"), description=lazy_("For example: summer internships"), max_length=200)] = ""


class HandOnForm(Struct, forbid_unknown_fields=True, kw_only=True):
    board_id: Annotated[UUID | None, Meta(title=lazy_("Hand on to"))] = None


class StopForm(Struct, forbid_unknown_fields=True, kw_only=True):
    contact_id: Annotated[UUID | None, Meta(title=lazy_("Who wants no contact"))] = None
    channel: Annotated[Literal["", "email", "phone", "text", "letter", "visit"], Meta(title=lazy_("By which way"))] = ""
    reason: Annotated[str, Meta(title=lazy_("What they said"), min_length=1, max_length=400)]
    until: Annotated[date | None, Meta(title=lazy_("Until"))] = None
    ours_alone: Annotated[bool, Meta(title=lazy_("Only from our board"))] = False


class ShareActivityForm(Struct, forbid_unknown_fields=True, kw_only=True):
    board_id: Annotated[UUID, Meta(title=lazy_("With which board"))]
    purpose: Annotated[str, Meta(title=lazy_("What for"), min_length=3, max_length=200)]
    until: Annotated[date, Meta(title=lazy_("Until"))]


class ShareForm(ShareActivityForm, forbid_unknown_fields=True, kw_only=True):
    timeline: Annotated[bool, Meta(title=lazy_("All that our board wrote of them"))] = False
    next_step: Annotated[bool, Meta(title=lazy_("Our next step"))] = False
    slots: Annotated[bool, Meta(title=lazy_("Slots they may offer"))] = False
    owner: Annotated[bool, Meta(title=lazy_("Who looks after them"))] = False
    tasks: Annotated[bool, Meta(title=lazy_("Our open tasks with them"))] = False


PARTS = ("next_step", "slots", "owner", "tasks")  # the single facts among them
