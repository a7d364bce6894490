"""Added fields for programs: which there are, what each holds and allows."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from litestar.di import NamedDependency
from msgspec import Meta, Struct

from crm import api
from crm.access import Actor, Permission
from crm.custom_fields import Choice, Kind, Sensitivity, Subject
from crm.errors import Invalid
from crm.fields import definitions
from crm.fields.definitions import PREFIX

TAG = "Fields"
Values = Annotated[dict[str, Any], Meta(description="Values of added fields by their keys; /fields says which there are")]
Sent = Annotated[dict[str, Any], Meta(description="Values of added fields by their keys; null takes one away. Decimals, amounts and dates as text", max_length=200)]


@contextmanager
def named() -> Iterator[None]:
    """What is wrong with a value, beside its key under “fields”."""
    try:
        yield
    except Invalid as problem:
        fields = {f"fields.{name.removeprefix(PREFIX)}" if name.startswith(PREFIX) else name: told for name, told in problem.fields.items()}
        raise Invalid(str(problem), fields=fields) from problem


class Field(Struct, frozen=True, kw_only=True):
    """A field that the state or a plugin (`owner`) adds. Its value is sent and received under its key in `fields`."""

    id: UUID
    subject: Subject
    key: str
    owner: str
    kind: Kind
    label_en: str
    label_es: str
    purpose_en: str
    purpose_es: str
    sensitivity: Annotated[Sensitivity, Meta(description="A sealed value can be sent, and is never sent back")]
    required: bool
    choices: tuple[Choice, ...]
    unit: str
    lowest: Decimal | None
    highest: Decimal | None
    longest: int | None
    keep_months: Annotated[int | None, Meta(description="Months after its last change until a value goes")]


@api.lists("/fields", Permission.SEE_DIRECTORY, TAG, "List added fields")
async def list_fields(actor: NamedDependency[Actor]) -> api.Page[Field]:
    """Every field that is yours to see, on one page."""
    return api.Page([api.shown(Field, _values(each)) for each in await definitions.fields(actor)], None)


def _values(field: definitions.Defined) -> dict[str, Any]:
    return {name: getattr(field, name) for name in field.__struct_fields__}


HANDLERS = [list_fields]
