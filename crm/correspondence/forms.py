"""What comes in about a message: where it belongs, who may read along."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.translation import lazy_


class FileForm(Struct, forbid_unknown_fields=True, kw_only=True):
    employer_id: Annotated[UUID, Meta(title=lazy_("Employer"))]
    contact_id: Annotated[UUID | None, Meta(title=lazy_("Who it was with"))] = None
    direction: Annotated[Literal["in", "out"], Meta(title=lazy_("Who wrote"))] = "in"


class AsideForm(Struct, forbid_unknown_fields=True, kw_only=True):
    to: Literal["ignored", "quarantined"] = "ignored"


class SharedWithForm(Struct, forbid_unknown_fields=True, kw_only=True):
    with_whom: Annotated[str, Meta(title=lazy_("Who may read along"), min_length=1, max_length=60)]
    purpose: Annotated[str, Meta(title=lazy_("What for"), min_length=3, max_length=200)]
    until: Annotated[date, Meta(title=lazy_("Until"))]
