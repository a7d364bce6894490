"""What comes in about added fields."""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from crm.custom_fields import Kind, Portal, Sensitivity, Subject
from crm.translation import lazy_

Lines = Annotated[
    str, Meta(title=lazy_("Choices"), max_length=15_000,
              description=lazy_("One to a line: code | English | Spanish. A minus before the code offers it no more; where it was chosen, it stays."))
]  # fmt: skip


class StartForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a new field is about, and what it holds. Neither changes later where there are values."""

    subject: Annotated[Subject, Meta(title=lazy_("A field of"))] = "employer"
    kind: Annotated[Kind, Meta(title=lazy_("What it holds"))] = "text"


class FieldForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """All of a field but its key and what it is about."""

    label_en: Annotated[str, Meta(title=lazy_("Label in English"), min_length=1, max_length=100)]
    label_es: Annotated[str, Meta(title=lazy_("Label in Spanish"), min_length=1, max_length=100)]
    purpose_en: Annotated[
        str, Meta(title=lazy_("Why you ask, in English"), description=lazy_("A sentence. It stands beside the field."), min_length=5, max_length=300)
    ]
    purpose_es: Annotated[
        str, Meta(title=lazy_("Why you ask, in Spanish"), description=lazy_("A sentence. It stands beside the field."), min_length=5, max_length=300)
    ]
    help_en: Annotated[str, Meta(title=lazy_("How to fill it in, in English"), max_length=200)] = ""
    help_es: Annotated[str, Meta(title=lazy_("How to fill it in, in Spanish"), max_length=200)] = ""
    choices: Lines = ""
    unit: Annotated[str, Meta(title=lazy_("Unit"), description=lazy_("Such as miles"), max_length=20)] = ""
    lowest: Annotated[Decimal | None, Meta(title=lazy_("Lowest value"))] = None
    highest: Annotated[Decimal | None, Meta(title=lazy_("Highest value"))] = None
    longest: Annotated[int | None, Meta(title=lazy_("Most characters"))] = None
    sensitivity: Annotated[
        Sensitivity, Meta(title=lazy_("Who sees it"), description=lazy_("What managers alone see is kept encrypted, and is in no list, file or import."))
    ] = "record"
    portal: Annotated[Portal, Meta(title=lazy_("In the employer's portal"))] = "hidden"
    required: Annotated[bool, Meta(title=lazy_("It must be filled in"))] = False
    keep_months: Annotated[
        int | None, Meta(title=lazy_("Months after the last change until a value goes"), description=lazy_("Empty: it stays as long as the record."))
    ] = None
    version: int = 0


class NewFieldForm(FieldForm, forbid_unknown_fields=True, kw_only=True):
    subject: Subject
    kind: Kind
    key: Annotated[
        str, Meta(title=lazy_("Key"), min_length=2, max_length=40,
                  description=lazy_("Small letters, digits and underscores. It stands in files and in the API, and never changes."))
    ]  # fmt: skip


class ShiftForm(Struct, forbid_unknown_fields=True, kw_only=True):
    way: Literal["up", "down"]
