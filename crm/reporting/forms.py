"""What comes in about reports."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from crm.translation import lazy_


class TotalForm(Struct, forbid_unknown_fields=True, kw_only=True):
    board_id: Annotated[UUID | None, Meta(title=lazy_("Area"))] = None
    establishments: Annotated[int, Meta(title=lazy_("Establishments in the area"), ge=1, le=100_000_000)]
    source: Annotated[
        str, Meta(title=lazy_("Who says so"), description=lazy_("The publication, with its title and period."), min_length=3, max_length=300)
    ]
    as_of: Annotated[date, Meta(title=lazy_("As of"))]
