"""What comes in about boards, territories and partners."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.translation import lazy_


class TerritoryCorrection(Struct, forbid_unknown_fields=True, kw_only=True):
    """A place's board, corrected by someone who knows."""

    board_id: Annotated[UUID, Meta(title=lazy_("Board"))]
    source: Annotated[str, Meta(title=lazy_("Where you know this from"), min_length=3, max_length=300)]
    note: Annotated[str, Meta(title=lazy_("Note"), max_length=1000)] = ""


class MunicipalityCorrection(Struct, forbid_unknown_fields=True, kw_only=True):
    """A town's board and county, corrected with a reason and a source; `confirmed` once the person saw what changes."""

    board_id: Annotated[UUID, Meta(title=lazy_("Board"))]
    county: Annotated[str, Meta(title=lazy_("County"), max_length=60)]
    note: Annotated[str, Meta(title=lazy_("Reason"), min_length=3, max_length=1000)]
    source: Annotated[str, Meta(title=lazy_("Where you know this from"), min_length=3, max_length=300)]
    confirmed: bool = False


class PartnerForm(Struct, forbid_unknown_fields=True, kw_only=True):
    kind: Annotated[Literal["school", "district", "intermediary", "chamber"], Meta(title=lazy_("Kind"))]
    name: Annotated[str, Meta(title=lazy_("Name"), min_length=2, max_length=200)]
    city: Annotated[str, Meta(title=lazy_("City or town"), max_length=100)] = ""
    website: Annotated[str, Meta(title=lazy_("Website"), max_length=200)] = ""
    phone: Annotated[str, Meta(title=lazy_("Phone"), max_length=40)] = ""
    email: Annotated[str, Meta(title=lazy_("Email"), max_length=254)] = ""
    version: int = 0


class BoardForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a board is called and how to reach it."""

    name: Annotated[
        str, Meta(title=lazy_("Name in use here"), description=lazy_("Short, as in lists"), min_length=2, max_length=100)
    ]
    public_name: Annotated[
        str, Meta(title=lazy_("Public name"), description=lazy_("As the board calls itself"), min_length=2, max_length=200)
    ]
    website: Annotated[str, Meta(title=lazy_("Website"), max_length=200)] = ""
    phone: Annotated[str, Meta(title=lazy_("Phone"), max_length=40)] = ""
    email: Annotated[str, Meta(title=lazy_("Email"), max_length=254)] = ""
    address: Annotated[str, Meta(title=lazy_("Address"), max_length=300)] = ""
    version: int = 0


class RegionForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """A region that the board belongs to, from a day to a day; both days count."""

    kind: Annotated[Literal["workforce", "planning", "county_region"], Meta(title=lazy_("Kind of region"))]
    name: Annotated[str, Meta(title=lazy_("Name"), min_length=2, max_length=120)]
    valid_from: Annotated[date, Meta(title=lazy_("First day"))]
    valid_to: Annotated[date | None, Meta(title=lazy_("Last day"))] = None


class PlaceForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """A place that the board serves, from a day to a day; both days count."""

    kind: Annotated[Literal["municipality", "county", "zip"], Meta(title=lazy_("Kind of place"))]
    name: Annotated[str, Meta(title=lazy_("Name or ZIP code"), min_length=2, max_length=100)]
    valid_from: Annotated[date, Meta(title=lazy_("First day"))]
    valid_to: Annotated[date | None, Meta(title=lazy_("Last day"))] = None
    source: Annotated[str, Meta(title=lazy_("Where you know this from"), min_length=3, max_length=300)]


class EndForm(Struct, forbid_unknown_fields=True, kw_only=True):
    valid_to: Annotated[date, Meta(title=lazy_("Last day"))]
