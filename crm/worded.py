"""A sentence that the program writes into the database and people read in their own language: kept as its words in English and its values.

Beside it stands the text in the language of whoever caused it, for searching, and for what knows nothing of this.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from crm.translation import _, language, long_day


class Worded(Struct, frozen=True):
    """`str` of it is the sentence in the language that is spoken now."""

    text: str
    values: dict[str, Any]

    def __str__(self) -> str:
        return _(self.text) % {name: _said(value) for name, value in self.values.items()} if self.values else _(self.text)

    def kept(self) -> dict[str, Any]:
        """As JSON; `opened` makes it this again."""
        return {"text": self.text, "values": {name: _kept(value) for name, value in self.values.items()}}


def worded(text: str, **values: Any) -> Worded:
    """A text that `lazy_` marks, with its values: texts, numbers, days, other sentences, or texts by language."""
    return Worded(text, values)


def columns(text: "str | Worded") -> tuple[str, dict[str, Any] | None]:
    """What goes into the column of the text, and into the one beside it."""
    return str(text), text.kept() if isinstance(text, Worded) else None


def said(kept: Mapping[str, Any] | None, text: str) -> str:
    """What these two columns say in the language that is spoken now."""
    return str(opened(kept)) if kept else text


def opened(kept: Mapping[str, Any]) -> Worded:
    return Worded(kept["text"], {name: _opened(value) for name, value in kept["values"].items()})


def _said(value: Any) -> str:
    if isinstance(value, date):
        return long_day(value)
    return (value.get(language()) or value["en"]) if isinstance(value, Mapping) else str(value)


def _kept(value: Any) -> Any:
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value.kept() if isinstance(value, Worded) else {"texts": dict(value)} if isinstance(value, Mapping) else value


def _opened(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if "day" in value:
        return date.fromisoformat(value["day"])
    return value["texts"] if "texts" in value else opened(value)
