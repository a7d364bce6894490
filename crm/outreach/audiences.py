"""Whom a mailing goes to where it is not those whom a pipeline shows, and what its words may say beyond the usual fields."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import Struct

from crm.database import Record


class Audience(Struct, frozen=True):
    """`column` of a mailing names what it is for. `people` answers a row a person, as the pipeline does; `values` fills more fields."""

    column: str
    people: Callable[[Mapping[str, Any]], Awaitable[list[Record]]]
    values: Callable[[Mapping[str, Any], str, str], Awaitable[dict[str, str]]]  # of a mailing, in a language, with the secret of its link


_audiences: dict[str, Audience] = {}


def add_audience(audience: Audience) -> None:
    _audiences[audience.column] = audience


def audience_of(mailing: Mapping[str, Any]) -> Audience | None:
    return next((each for column, each in _audiences.items() if mailing[column] is not None), None)


async def more_values(mailing: Mapping[str, Any], language: str, secret: str) -> dict[str, str]:
    """What the words of this mailing may name beside the usual fields."""
    found = audience_of(mailing)
    return await found.values(mailing, language, secret) if found else {}
