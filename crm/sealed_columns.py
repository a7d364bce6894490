"""Which columns hold sealed values. A feature names its own beside its tables; a test compares with the catalog."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct


class SealedColumn(Struct, frozen=True):
    """A column, and what its values are bound to: `name` and the row's `bound_by` (as `sealing.seal` was given them).

    `beside` gives other columns that follow from the opened text, such as its keyed hash.
    """

    table: str
    column: str
    name: str
    key: tuple[str, ...] = ("id",)
    bound_by: str = "id"
    beside: Callable[[str], Mapping[str, Any]] = lambda _text: {}


SEALED: list[SealedColumn] = []


def sealed(column: SealedColumn) -> None:
    """Declare a column, beside the table that it is in."""
    if column not in SEALED:
        SEALED.append(column)
