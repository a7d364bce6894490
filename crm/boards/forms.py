"""What comes in about boards, territories and partners."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.translation import lazy_


class TerritoryCorrection(Struct, forbid_unknown_fields=True, kw_only=True):
    """A place's board, corrected by someone who knows."""

    board_id: Annotated[UUID, Meta(title=lazy_("Board"))]
    source: Annotated[str, Meta(title=lazy_("Where you know this from"), min_length=3, max_length=300)]
    note: Annotated[str, Meta(title=lazy_("Note"), max_length=1000)] = ""


class PartnerForm(Struct, forbid_unknown_fields=True, kw_only=True):
    board_id: Annotated[UUID, Meta(title=lazy_("Board"))]
    kind: Annotated[Literal["school", "district", "intermediary", "chamber"], Meta(title=lazy_("Kind"))]
    name: Annotated[str, Meta(title=lazy_("Name"), min_length=2, max_length=200)]
    city: Annotated[str, Meta(title=lazy_("City or town"), max_length=100)] = ""
    website: Annotated[str, Meta(title=lazy_("Website"), max_length=200)] = ""
    phone: Annotated[str, Meta(title=lazy_("Phone"), max_length=40)] = ""
    email: Annotated[str, Meta(title=lazy_("Email"), max_length=254)] = ""
