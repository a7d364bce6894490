"""What comes in about views."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from crm.translation import lazy_


class ViewForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """A name for a view, and who else sees it."""

    name: Annotated[str, Meta(title=lazy_("Name of the view"), min_length=1, max_length=60)]
    with_colleagues: Annotated[bool, Meta(title=lazy_("My board sees it too"))] = False
    board_id: Annotated[
        UUID | None,
        Meta(title=lazy_("A partner board sees it too"), description=lazy_("They get the question, not your rows: each sees what is theirs to see.")),
    ] = None


class NewViewForm(ViewForm, forbid_unknown_fields=True, kw_only=True):
    list: Annotated[str, Meta(max_length=40)]
    query: Annotated[str, Meta(max_length=4000)] = ""


class FiltersForm(Struct, forbid_unknown_fields=True, kw_only=True):
    query: Annotated[str, Meta(max_length=4000)] = ""
