"""What comes in about employers and establishments."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.merging import BASE
from crm.translation import lazy_

Name = Annotated[str, Meta(title=lazy_("Legal name"), min_length=2, max_length=200)]


class EmployerForm(Struct, forbid_unknown_fields=True, kw_only=True):
    name: Name
    dbas: Annotated[
        str, Meta(title=lazy_("Doing business as"), description=lazy_("One name to a line"), max_length=1000)
    ] = ""
    former_names: Annotated[
        str, Meta(title=lazy_("Former names"), description=lazy_("One name to a line"), max_length=1000)
    ] = ""
    fein: Annotated[
        str, Meta(title=lazy_("FEIN"), description=lazy_("Nine digits. Kept encrypted."), max_length=20)
    ] = ""
    ownership: Annotated[
        Literal["", "private", "nonprofit", "public", "tribal", "self_employed"], Meta(title=lazy_("Ownership"))
    ] = ""
    employee_count: Annotated[int, Meta(title=lazy_("Employees"), ge=0, le=5_000_000)] | None = None
    naics: Annotated[
        str, Meta(title=lazy_("Industry (NAICS code)"), description=lazy_("Two to six digits"), max_length=12)
    ] = ""
    website: Annotated[str, Meta(title=lazy_("Website"), max_length=300)] = ""
    phone: Annotated[str, Meta(title=lazy_("Phone"), max_length=40)] = ""
    status: Annotated[
        Literal["prospect", "active", "inactive", "closed"], Meta(title=lazy_("Status"))
    ] = "prospect"
    note: Annotated[str, Meta(title=lazy_("About them"), max_length=5000)] = ""
    version: int = 0
    # what the form showed, as JSON: so that two people's changes are merged field by field
    base: Annotated[str, Meta(max_length=BASE)] = ""


class EstablishmentForm(Struct, forbid_unknown_fields=True, kw_only=True):
    name: Annotated[
        str, Meta(title=lazy_("Name of the site"), description=lazy_("If it has one of its own"), max_length=200)
    ] = ""
    line1: Annotated[str, Meta(title=lazy_("Street address"), max_length=200)] = ""
    line2: Annotated[str, Meta(title=lazy_("Suite, floor"), max_length=200)] = ""
    city: Annotated[str, Meta(title=lazy_("City or town"), min_length=2, max_length=100)]
    state: Annotated[str, Meta(title=lazy_("State"), min_length=2, max_length=30)]
    zip: Annotated[str, Meta(title=lazy_("ZIP code"), max_length=10)] = ""
    phone: Annotated[str, Meta(title=lazy_("Phone"), max_length=40)] = ""
    capacity: Annotated[
        int, Meta(title=lazy_("Students at once"), description=lazy_("How many this site can host"), ge=0, le=10000)
    ] | None = None
    access_note: Annotated[
        str,
        Meta(title=lazy_("Getting there and getting around"),
             description=lazy_("Transit, step-free access, what a student should know"), max_length=2000),
    ] = ""
    is_primary: Annotated[bool, Meta(title=lazy_("This is the main site"))] = False
    version: int = 0
    base: Annotated[str, Meta(max_length=BASE)] = ""  # what the form showed, as JSON


class NewEmployerForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """An employer with its first establishment, as one page asks for it."""

    name: Name
    dbas: Annotated[str, Meta(title=lazy_("Doing business as"), max_length=1000)] = ""
    fein: Annotated[
        str, Meta(title=lazy_("FEIN"), description=lazy_("Nine digits. Kept encrypted."), max_length=20)
    ] = ""
    phone: Annotated[str, Meta(title=lazy_("Phone"), max_length=40)] = ""
    website: Annotated[str, Meta(title=lazy_("Website"), max_length=300)] = ""
    naics: Annotated[str, Meta(title=lazy_("Industry (NAICS code)"), max_length=12)] = ""
    line1: Annotated[str, Meta(title=lazy_("Street address"), max_length=200)] = ""
    city: Annotated[str, Meta(title=lazy_("City or town"), max_length=100)] = ""
    state: Annotated[str, Meta(title=lazy_("State"), max_length=30)] = ""
    zip: Annotated[str, Meta(title=lazy_("ZIP code"), max_length=10)] = ""
    anyway: Annotated[bool, Meta(title=lazy_("This is another employer; add it all the same"))] = False
    reason: Annotated[
        str, Meta(title=lazy_("How you know that it is another"), description=lazy_("Needed for that. Kept in the record, so that no one asks again."), max_length=300)
    ] = ""


_Policy = Literal["queue", "warn", "block"]


class PolicyForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is done where someone who comes in looks like one who is here, for each way in."""

    staff: Annotated[_Policy, Meta(title=lazy_("Added on a page by staff"))]
    api: Annotated[_Policy, Meta(title=lazy_("Sent by another program (API)"))]
    list: Annotated[_Policy, Meta(title=lazy_("Imported from a list"))]
    portal: Annotated[_Policy, Meta(title=lazy_("Signed up in the portal"))]
    mail: Annotated[_Policy, Meta(title=lazy_("Met in incoming mail"))]
    plugin: Annotated[_Policy, Meta(title=lazy_("Added by a plugin"))]


class BulkEmployerForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """One change of many employers."""

    change: Annotated[Literal["status", "ownership", "naics", "archive"], Meta(title=lazy_("What changes"))]
    status: Annotated[Literal["", "prospect", "active", "inactive", "closed"], Meta(title=lazy_("Status"))] = ""
    ownership: Annotated[Literal["", "private", "nonprofit", "public", "tribal", "self_employed"], Meta(title=lazy_("Ownership"))] = ""
    naics: Annotated[str, Meta(title=lazy_("Industry (NAICS code)"), max_length=12)] = ""


class BoardChoice(Struct, forbid_unknown_fields=True, kw_only=True):
    board_id: Annotated[UUID, Meta(title=lazy_("Board"))]
    reason: Annotated[str, Meta(title=lazy_("Why"), min_length=3, max_length=300)]
