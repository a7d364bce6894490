"""What comes in about words and mailings."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.translation import lazy_


class TemplateForm(Struct, forbid_unknown_fields=True, kw_only=True):
    name: Annotated[str, Meta(title=lazy_("Name, for you"), min_length=1, max_length=80)]
    subject_en: Annotated[str, Meta(title=lazy_("Subject in English"), min_length=1, max_length=150)]
    body_en: Annotated[str, Meta(title=lazy_("Text in English"), min_length=1, max_length=10000)]
    subject_es: Annotated[str, Meta(title=lazy_("Subject in Spanish"), max_length=150)] = ""
    body_es: Annotated[
        str, Meta(title=lazy_("Text in Spanish"), description=lazy_("For those who prefer Spanish. Left empty, they get English."), max_length=10000)
    ] = ""
    version: int = 0


class MailingForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """A template, and who at each employer that the filters of the address show."""

    name: Annotated[str, Meta(title=lazy_("Name, for you"), min_length=1, max_length=80)]
    template_id: Annotated[UUID, Meta(title=lazy_("Words"))]
    who: Annotated[Literal["main", "all"], Meta(title=lazy_("Who at each employer"))] = "main"


class StartMailingForm(Struct, forbid_unknown_fields=True, kw_only=True):
    count: Annotated[int, Meta(title=lazy_("How many mails leave?"), ge=0, le=1_000_000)] = 0


class DecisionForm(Struct, forbid_unknown_fields=True, kw_only=True):
    decision: Literal["again", "leave"]


class SequenceForm(Struct, forbid_unknown_fields=True, kw_only=True):
    name: Annotated[str, Meta(title=lazy_("Name, for you"), min_length=1, max_length=80)]
    then_sequence_id: Annotated[
        UUID | None, Meta(title=lazy_("Then goes on in"), description=lazy_("For those whom nothing stopped before its end."))
    ] = None
    version: int = 0


class StepForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """A step. Words are asked for a mail and a letter, an assignee for the others."""

    kind: Annotated[Literal["email", "call", "visit", "letter"], Meta(title=lazy_("What is done"))]
    title: Annotated[str, Meta(title=lazy_("Name of the step"), description=lazy_("For a call, a visit or a letter it is the task's."), min_length=1, max_length=120)]
    wait_days: Annotated[int, Meta(title=lazy_("Working days after the step before"), description=lazy_("0 is at once, within working hours."), ge=0, le=365)] = 0
    assignee_id: Annotated[
        UUID | None, Meta(title=lazy_("Whose task"), description=lazy_("Left empty: whoever looks after the employer, or else who started it."))
    ] = None
    subject_en: Annotated[str, Meta(title=lazy_("Subject in English"), max_length=150)] = ""
    body_en: Annotated[str, Meta(title=lazy_("Text in English"), max_length=10000)] = ""
    subject_es: Annotated[str, Meta(title=lazy_("Subject in Spanish"), max_length=150)] = ""
    body_es: Annotated[
        str, Meta(title=lazy_("Text in Spanish"), description=lazy_("For those who prefer Spanish. Left empty, they get English."), max_length=10000)
    ] = ""
    version: int = 0


class EnrolForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """On which sequence those are put whom the filters of the address show."""

    sequence_id: Annotated[UUID, Meta(title=lazy_("Sequence"))]
    who: Annotated[Literal["main", "all"], Meta(title=lazy_("Who at each employer"))] = "main"


class EnrolOneForm(Struct, forbid_unknown_fields=True, kw_only=True):
    sequence_id: Annotated[UUID, Meta(title=lazy_("Sequence"))]
    contact_id: Annotated[UUID, Meta(title=lazy_("Person"))]


class ShiftForm(Struct, forbid_unknown_fields=True, kw_only=True):
    way: Literal["up", "down"]
