"""What comes in about events: from staff, and from guests who have no account."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.translation import lazy_

CLOCK = r"^([01]?\d|2[0-3]):[0-5]\d$"
FOR_ACCESS = lazy_("So that everyone can take part. Only the organizers see this; it is deleted after the event.")


class EventForm(Struct, forbid_unknown_fields=True, kw_only=True):
    kind: Annotated[Literal["career_fair", "tour", "breakfast", "other_event"], Meta(title=lazy_("What it is"))]
    title_en: Annotated[str, Meta(title=lazy_("Title in English"), min_length=1, max_length=120)]
    title_es: Annotated[str, Meta(title=lazy_("Title in Spanish"), max_length=120)] = ""
    about_en: Annotated[str, Meta(title=lazy_("About it, in English"), max_length=3000)] = ""
    about_es: Annotated[str, Meta(title=lazy_("About it, in Spanish"), max_length=3000)] = ""
    place: Annotated[str, Meta(title=lazy_("Place"), description=lazy_("With the address, as one would tell a driver"), max_length=300)] = ""
    link: Annotated[str, Meta(title=lazy_("Link, where it is online"), max_length=300, pattern=r"^(https://\S+)?$")] = ""
    on: Annotated[date, Meta(title=lazy_("Day"))]
    begins: Annotated[str, Meta(title=lazy_("Begins at"), pattern=CLOCK)]
    ends: Annotated[str, Meta(title=lazy_("Ends at"), pattern=CLOCK)]
    ends_on: Annotated[date | None, Meta(title=lazy_("Ends on another day"))] = None
    capacity: (
        Annotated[int, Meta(title=lazy_("Places"), description=lazy_("Left empty, as many as come. Who is one too many waits."), ge=1, le=100_000)]
        | None
    ) = None
    shown_to: Annotated[
        Literal["board", "boards"], Meta(title=lazy_("Who sees that it takes place"), description=lazy_("Who is coming stays with your board."))
    ] = "board"
    sign_up: Annotated[
        bool, Meta(title=lazy_("Anyone with the link can sign up"), description=lazy_("A page without sign-in; each sign-up is confirmed by mail."))
    ] = False
    version: int = 0


class InviteForm(Struct, forbid_unknown_fields=True, kw_only=True):
    event_id: Annotated[UUID, Meta(title=lazy_("Event"))]
    contact_id: Annotated[UUID, Meta(title=lazy_("Whom"))]


class InviteManyForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """Those whom the pipeline's filters in the address show."""

    event_id: Annotated[UUID, Meta(title=lazy_("Event"))]
    who: Annotated[Literal["main", "all"], Meta(title=lazy_("Who at each employer"))] = "main"


class GuestMailingForm(Struct, forbid_unknown_fields=True, kw_only=True):
    template_id: Annotated[UUID, Meta(title=lazy_("Words"))]
    whom: Annotated[Literal["not_written", "unanswered", "coming"], Meta(title=lazy_("To whom"))] = "not_written"


class AnswerForm(Struct, forbid_unknown_fields=True, kw_only=True):
    answer: Annotated[Literal["yes", "maybe", "no"], Meta(title=lazy_("Are you coming?"))]
    people: Annotated[int, Meta(title=lazy_("How many of you?"), ge=1, le=20)] = 1
    names: Annotated[str, Meta(title=lazy_("Names of those who come with you"), max_length=400)] = ""
    access_needs: Annotated[str, Meta(title=lazy_("What do you need to take part?"), description=FOR_ACCESS, max_length=400)] = ""


class SignUpForm(Struct, forbid_unknown_fields=True, kw_only=True):
    given_name: Annotated[str, Meta(title=lazy_("First name"), min_length=1, max_length=100)]
    family_name: Annotated[str, Meta(title=lazy_("Last name"), min_length=1, max_length=100)]
    company: Annotated[str, Meta(title=lazy_("Company or organization"), min_length=1, max_length=150)]
    email: Annotated[str, Meta(title=lazy_("Email"), min_length=3, max_length=254)]


class WalkInForm(Struct, forbid_unknown_fields=True, kw_only=True):
    given_name: Annotated[str, Meta(title=lazy_("First name"), min_length=1, max_length=100)]
    family_name: Annotated[str, Meta(title=lazy_("Last name"), max_length=100)] = ""
    company: Annotated[str, Meta(title=lazy_("Company or organization"), max_length=150)] = ""
    email: Annotated[str, Meta(title=lazy_("Email"), max_length=254)] = ""


class MatchForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """Someone known at an employer; without a person, a new one there."""

    employer_id: UUID
    contact_id: UUID | None = None


class CancelForm(Struct, forbid_unknown_fields=True, kw_only=True):
    reason: Annotated[str, Meta(title=lazy_("Why"), description=lazy_("Those who come read it."), min_length=1, max_length=300)]
