"""What an employer's owner may change of their own employer."""

from typing import Annotated

from msgspec import Meta, Struct

from crm.merging import BASE
from crm.translation import lazy_


class OwnEmployerForm(Struct, forbid_unknown_fields=True, kw_only=True):
    name: Annotated[str, Meta(title=lazy_("Legal name"), min_length=2, max_length=200)]
    employee_count: Annotated[int, Meta(title=lazy_("Employees"), ge=0, le=5_000_000)] | None = None
    phone: Annotated[str, Meta(title=lazy_("Phone"), max_length=40)] = ""
    website: Annotated[str, Meta(title=lazy_("Website"), max_length=300)] = ""
    version: int = 0
    base: Annotated[str, Meta(max_length=BASE)] = ""  # what the form showed, as JSON
