"""What comes in about words and mailings."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.translation import lazy_


class TemplateForm(Struct, forbid_unknown_fields=True, kw_only=True):
    name: Annotated[str, Meta(title=lazy_("Name, for you"), min_length=1, max_length=80)]
    subject_en: Annotated[str, Meta(title=lazy_("Subject in English"), min_length=1, max_length=150)]
    body_en: Annotated[str, Meta(title=lazy_("Text in English"), min_length=1, max_length=10000)]
    subject_es: Annotated[str, Meta(title=lazy_("Subject in Spanish"), max_length=150)] = ""
    body_es: Annotated[
        str, Meta(title=lazy_("Text in Spanish"), description=lazy_("For those who prefer Spanish. Left empty, they get English."), max_length=10000)
    ] = ""
    version: int = 0


class MailingForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """A template, and who at each employer that the filters of the address show."""

    name: Annotated[str, Meta(title=lazy_("Name, for you"), min_length=1, max_length=80)]
    template_id: Annotated[UUID, Meta(title=lazy_("Words"))]
    who: Annotated[Literal["main", "all"], Meta(title=lazy_("Who at each employer"))] = "main"


class StartMailingForm(Struct, forbid_unknown_fields=True, kw_only=True):
    count: Annotated[int, Meta(title=lazy_("How many mails leave?"), ge=0, le=1_000_000)] = 0


class DecisionForm(Struct, forbid_unknown_fields=True, kw_only=True):
    decision: Literal["again", "leave"]
