"""What comes in about hires and their screenings."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.translation import lazy_


class HireForm(Struct, forbid_unknown_fields=True, kw_only=True):
    label: Annotated[
        str,
        Meta(title=lazy_("Who is meant"), description=lazy_("Initials or a number that you know. No Social Security number."), min_length=1, max_length=40),
    ]
    job_title: Annotated[str, Meta(title=lazy_("Job"), max_length=120)] = ""
    establishment_id: Annotated[UUID | None, Meta(title=lazy_("Worksite"))] = None
    starts_on: Annotated[
        date | None, Meta(title=lazy_("First day of work"), description=lazy_("A day to come is fine. Deadlines are counted from it."))
    ] = None
    state: Annotated[
        str, Meta(title=lazy_("State where the work is done"), description=lazy_("Left empty, the state of the worksite or of the employer."), max_length=20)
    ] = ""
    version: int = 0


class SlotHireForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """Someone is found for a slot that an employer pledged."""

    label: Annotated[
        str,
        Meta(title=lazy_("Who is meant"), description=lazy_("Initials or a number that you know. No Social Security number."), min_length=1, max_length=40),
    ]
    job_title: Annotated[str, Meta(title=lazy_("Job"), max_length=120)] = ""


class LinkForm(Struct, forbid_unknown_fields=True, kw_only=True):
    days: Annotated[int, Meta(title=lazy_("For how many days"), ge=1, le=90)] = 14


class AskForm(Struct, forbid_unknown_fields=True, kw_only=True):
    language: Annotated[Literal["en", "es"], Meta(title=lazy_("Language of the person"))] = "en"
    days: Annotated[int, Meta(title=lazy_("For how many days"), ge=1, le=90)] = 14
    email: Annotated[
        str, Meta(title=lazy_("Mail it to"), description=lazy_("The person's own address, not one at work. Left empty, you copy the link."), max_length=254)
    ] = ""


class OverviewForm(Struct, forbid_unknown_fields=True, kw_only=True):
    what: Annotated[Literal["calendar", "year"], Meta(title=lazy_("What"))] = "calendar"
    year: Annotated[int, Meta(title=lazy_("Year"), ge=2000, le=2100)]


class MoveForm(Struct, forbid_unknown_fields=True, kw_only=True):
    to: Annotated[str, Meta(max_length=20)]
    on_day: Annotated[date | None, Meta(title=lazy_("On which day"), description=lazy_("Left empty, today"))] = None
    amount: Annotated[Decimal | None, Meta(title=lazy_("Amount"))] = None
    reason: Annotated[str, Meta(title=lazy_("Why"), max_length=500)] = ""
    all_the_same: Annotated[bool, Meta(title=lazy_("Submit all the same"))] = False
    version: int = 0


class EvidenceForm(Struct, forbid_unknown_fields=True, kw_only=True):
    note: Annotated[str, Meta(title=lazy_("What it is"), max_length=120)] = ""
    signed: Annotated[bool, Meta(title=lazy_("It is signed by everyone who must sign"))] = False


class OwnerForm(Struct, forbid_unknown_fields=True, kw_only=True):
    owner_id: Annotated[UUID, Meta(title=lazy_("Who looks after it"))]


class ClaimedForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """What was claimed elsewhere of a program for a year."""

    program: Annotated[str, Meta(title=lazy_("Program"))]
    year: Annotated[int, Meta(title=lazy_("For which year"), ge=2000, le=2100)]
    amount: Annotated[Decimal | None, Meta(title=lazy_("Amount"), description=lazy_("In dollars; 0 where nothing was claimed. Left empty, it is not known."))] = None
    people: Annotated[int | None, Meta(title=lazy_("For how many people"), description=lazy_("Left empty, it is not known."))] = None
    source: Annotated[str, Meta(title=lazy_("Where this comes from"), description=lazy_("Who said it, or which paper. No names of people hired. The employer reads it beside a hire that you share."), min_length=1, max_length=200)]
    on_day: Annotated[date | None, Meta(title=lazy_("As of which day"), description=lazy_("Left empty, today"))] = None


class BlankFormForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """An agency's fillable form, its PDF apart."""

    which: Annotated[str, Meta(title=lazy_("Which form"), description=lazy_("As the program's rules name it"))]
    edition: Annotated[str, Meta(title=lazy_("Edition"), description=lazy_("As printed on the form, such as Rev. 3-2016"), max_length=60)] = ""
