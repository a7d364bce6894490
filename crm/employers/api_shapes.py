"""What goes in and out at the API about employers and establishments."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from crm.employers.forms import Name
from crm.fields.api import Sent, Values

Dbas = Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(description="Other names it does business under", max_length=20)]
Ownership = Literal["", "private", "nonprofit", "public", "tribal", "self_employed"]
Status = Literal["prospect", "active", "inactive", "closed"]


class EmployerLine(Struct, frozen=True, kw_only=True):
    """An employer as the list has it. `stage_id` and what follows: on your own board's pipeline."""

    id: UUID
    name: str
    dbas: list[str]
    city: str
    state: str
    naics: str
    sector: str
    size_band: str
    status: str
    board_id: UUID | None
    establishment_count: int
    engagement_level: Annotated[int | None, Meta(description="1 to 5 out of dated activities; null is not known, or not yours to see")]
    updated_at: datetime
    engagement_id: UUID | None
    stage_id: UUID | None
    stage_since: datetime | None
    next_step: str | None
    fields: Values


class Employer(Struct, frozen=True, kw_only=True):
    """A legal entity. A field that your role does not see is absent."""

    id: UUID
    name: str
    dbas: list[str]
    former_names: list[str]
    fein_last4: str | UnsetType = UNSET
    ownership: str
    employee_count: int | None
    size_band: str
    naics: str
    sector: str
    website: str
    phone: str | UnsetType = UNSET
    status: str
    note: str | UnsetType = UNSET
    city: str
    state: str
    zip: str
    board_id: UUID | None
    establishment_count: int
    engagement_level: Annotated[int | UnsetType | None, Meta(description="1 to 5 out of dated activities; null is not known")] = UNSET
    engagement_score: Annotated[Decimal | UnsetType | None, Meta(description="The sum of the entries' levels over their number")] = UNSET
    fields: Values
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    version: int


class NewEmployer(Struct, frozen=True, kw_only=True):
    """An employer with its first establishment, where an address is given."""

    name: Name
    dbas: Dbas = []
    phone: Annotated[str, Meta(max_length=40)] = ""
    website: Annotated[str, Meta(max_length=300)] = ""
    naics: Annotated[str, Meta(description="NAICS 2022, two to six digits", max_length=12)] = ""
    line1: Annotated[str, Meta(max_length=200)] = ""
    city: Annotated[str, Meta(max_length=100)] = ""
    state: Annotated[str, Meta(max_length=30)] = ""
    zip: Annotated[str, Meta(max_length=10)] = ""
    anyway: Annotated[bool, Meta(description="Create it although someone like it is here already")] = False
    reason: Annotated[str, Meta(description="With “anyway”: how you know that it is another", max_length=300)] = ""
    on_match: Annotated[
        Literal["block", "warn", "queue"],
        Meta(description="What to do where someone like it is here: refuse it, ask for “anyway”, or let staff decide later. "
                         "The state office's own policy for the API holds where it is stricter."),
    ] = "queue"  # fmt: skip
    fields: Sent = {}


class EmployerChange(Struct, frozen=True, kw_only=True):
    """Only what is given is changed."""

    name: Name | UnsetType = UNSET
    dbas: Dbas | UnsetType = UNSET
    former_names: Dbas | UnsetType = UNSET
    fein: Annotated[str, Meta(description="Nine digits; kept encrypted, and never sent back whole", max_length=20)] | UnsetType = UNSET
    ownership: Ownership | UnsetType = UNSET
    employee_count: Annotated[int, Meta(ge=0, le=5_000_000)] | None | UnsetType = UNSET
    naics: Annotated[str, Meta(description="NAICS 2022, two to six digits", max_length=12)] | UnsetType = UNSET
    website: Annotated[str, Meta(max_length=300)] | UnsetType = UNSET
    phone: Annotated[str, Meta(max_length=40)] | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    note: Annotated[str, Meta(max_length=5000)] | UnsetType = UNSET
    fields: Sent | UnsetType = UNSET


class Establishment(Struct, frozen=True, kw_only=True):
    """A worksite, with the board that it falls to."""

    id: UUID
    employer_id: UUID
    name: str
    line1: str
    line2: str
    city: str
    state: str
    zip: str
    county: str
    phone: str
    naics: str
    capacity: int | None
    access_note: str
    is_primary: bool
    board_id: UUID | None
    fields: Values
    updated_at: datetime
    version: int


class NewEstablishment(Struct, frozen=True, kw_only=True):
    """A worksite to add. It falls to a board by its address."""

    name: Annotated[str, Meta(description="If it has one of its own", max_length=200)] = ""
    line1: Annotated[str, Meta(max_length=200)] = ""
    line2: Annotated[str, Meta(max_length=200)] = ""
    city: Annotated[str, Meta(min_length=2, max_length=100)]
    state: Annotated[str, Meta(min_length=2, max_length=30)]
    zip: Annotated[str, Meta(max_length=10)] = ""
    phone: Annotated[str, Meta(max_length=40)] = ""
    capacity: Annotated[int, Meta(description="Students at once", ge=0, le=10000)] | None = None
    access_note: Annotated[str, Meta(description="Getting there and getting around", max_length=2000)] = ""
    is_primary: Annotated[bool, Meta(description="This is the main site")] = False
    fields: Sent = {}
