"""What a list is narrowed to, as its page's address says it."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec

from crm.errors import Invalid
from crm.translation import _

Kind = TypeVar("Kind", bound=msgspec.Struct)


def filters_of(items: Iterable[tuple[str, str]], kind: type[Kind]) -> Kind:
    """The filters of a list, out of the pairs of its address. Only a field that holds several may stand there more than once.

    Raises `Invalid` for one that is unknown, wrong or given twice.
    """
    default = _defaults(kind)
    given: dict[str, Any] = {}
    for name, value in items:
        if isinstance(default.get(name), tuple):  # several values
            given.setdefault(name, []).append(value)
            continue
        if name in given:
            raise Invalid(_("'%(name)s' stands twice in this page's address. Open the list from the start.") % {"name": name})
        if value:
            given[name] = value
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as problem:
        raise Invalid(_("This page's address is damaged. Open the list from the start.")) from problem


@cache
def _defaults(kind: type[msgspec.Struct]) -> Mapping[str, Any]:
    return {field.name: field.default for field in msgspec.structs.fields(kind)}


def chosen(filters: msgspec.Struct, **changes: Any) -> dict[str, Any]:
    """What these filters, changed so, choose other than a list does by itself; from its first page."""
    values = msgspec.structs.asdict(filters) | {"after": ""} | changes
    default = _defaults(type(filters))
    return {key: value for key, value in values.items() if value and value != default[key]}
