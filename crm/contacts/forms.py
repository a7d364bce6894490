"""What comes in about people at employers."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.merging import BASE
from crm.translation import lazy_


class RoleForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """What someone does at one employer, from when to when."""

    establishment_id: Annotated[UUID | None, Meta(title=lazy_("At which site"))] = None
    role: Annotated[str, Meta(title=lazy_("Role there"), max_length=100)] = ""
    is_primary: Annotated[bool, Meta(title=lazy_("Main contact"))] = False
    may_sign: Annotated[bool, Meta(title=lazy_("May sign for the employer"))] = False
    supervises_minors: Annotated[bool, Meta(title=lazy_("Supervises students under 18"))] = False
    valid_from: Annotated[date | None, Meta(title=lazy_("There since"))] = None
    valid_to: Annotated[date | None, Meta(title=lazy_("Left on"))] = None


class NewRoleForm(RoleForm, forbid_unknown_fields=True, kw_only=True):
    """A role more."""

    employer_id: UUID


class JobChangeForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """Someone left an employer, and where they work now, if that is known."""

    left_on: Annotated[date, Meta(title=lazy_("Last day there"), description=lazy_("They count as there until the end of that day."))]
    only_this: Annotated[bool, Meta(title=lazy_("Only this role ended; they keep the others there"))] = False
    employer_id: UUID | None = None  # where they are now
    new_name: Annotated[str, Meta(title=lazy_("Legal name of the new employer"), max_length=200)] = ""
    new_city: Annotated[str, Meta(title=lazy_("City or town"), max_length=100)] = ""
    new_state: Annotated[str, Meta(title=lazy_("State"), max_length=30)] = ""
    anyway: Annotated[bool, Meta(title=lazy_("This is another employer; add it all the same"))] = False
    reason: Annotated[str, Meta(title=lazy_("How you know that it is another"), max_length=300)] = ""
    role: Annotated[str, Meta(title=lazy_("Role there"), max_length=100)] = ""
    establishment_id: Annotated[UUID | None, Meta(title=lazy_("At which site"))] = None
    begins: Annotated[date | None, Meta(title=lazy_("First day there"), description=lazy_("Empty: the day after the last one."))] = None
    email: Annotated[str, Meta(title=lazy_("New email"), description=lazy_("Empty: as it was."), max_length=254)] = ""
    phone: Annotated[str, Meta(title=lazy_("New phone"), description=lazy_("Empty: as it was."), max_length=40)] = ""
    is_primary: Annotated[bool, Meta(title=lazy_("Main contact"))] = False
    may_sign: Annotated[bool, Meta(title=lazy_("May sign for the employer"))] = False
    supervises_minors: Annotated[bool, Meta(title=lazy_("Supervises students under 18"))] = False
    version: int = 0  # of the role that ends, as the page showed it


class ContactForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """A person with their role at one employer."""

    given_name: Annotated[str, Meta(title=lazy_("First name"), min_length=1, max_length=100)]
    family_name: Annotated[str, Meta(title=lazy_("Last name"), max_length=100)] = ""
    role: Annotated[str, Meta(title=lazy_("Role there"), max_length=100)] = ""
    email: Annotated[str, Meta(title=lazy_("Email"), max_length=254)] = ""
    phone: Annotated[str, Meta(title=lazy_("Phone"), max_length=40)] = ""
    language: Annotated[Literal["en", "es"], Meta(title=lazy_("Language they prefer"))] = "en"
    channel: Annotated[
        Literal["email", "phone", "text", "letter"], Meta(title=lazy_("How they prefer to be reached"))
    ] = "email"
    establishment_id: Annotated[UUID | None, Meta(title=lazy_("At which site"))] = None
    is_primary: Annotated[bool, Meta(title=lazy_("Main contact"))] = False
    may_sign: Annotated[bool, Meta(title=lazy_("May sign for the employer"))] = False
    supervises_minors: Annotated[bool, Meta(title=lazy_("Supervises students under 18"))] = False
    valid_from: Annotated[date | None, Meta(title=lazy_("There since"))] = None
    valid_to: Annotated[date | None, Meta(title=lazy_("Left on"))] = None
    do_not_contact: Annotated[bool, Meta(title=lazy_("Does not want to be contacted"))] = False
    note: Annotated[str, Meta(title=lazy_("Note"), max_length=2000)] = ""
    version: int = 0
    base: Annotated[str, Meta(max_length=BASE)] = ""  # what the form showed, as JSON


class NewContactForm(ContactForm, forbid_unknown_fields=True, kw_only=True):
    """Someone to add, who may look like one who is there."""

    anyway: Annotated[bool, Meta(title=lazy_("This is another person; add them all the same"))] = False


class ConsentForm(Struct, forbid_unknown_fields=True, kw_only=True):
    given: Annotated[Literal["yes", "no"], Meta(title=lazy_("They said"))]
    channel: Annotated[Literal["email", "phone", "text", "letter"], Meta(title=lazy_("By which way"))]
    purpose: Annotated[Literal["outreach", "news"], Meta(title=lazy_("For what"))] = "outreach"
    how: Annotated[Literal["said", "written", "form"], Meta(title=lazy_("How they said it"))]
    words: Annotated[
        str, Meta(title=lazy_("The words that were said or shown"), description=lazy_("As exactly as you can: it is the evidence."),
                  min_length=5, max_length=1000)
    ]  # fmt: skip
