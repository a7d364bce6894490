"""Compose SQL with its values: `Sql("a = {} and {}", 5, other)` becomes `a = $1 and …` with its arguments."""

from collections.abc import Iterable, Sequence
from typing import Any


class Sql:
    """A piece of SQL text with `{}` for each value. A value that is itself an `Sql` is placed as text."""

    __slots__ = ("text", "values")

    def __init__(self, text: str, *values: Any) -> None:
        self.text = text
        self.values = values

    def render(self) -> tuple[str, list[Any]]:
        """The text with $1, $2 … and the arguments in that order."""
        arguments: list[Any] = []
        return self._render(arguments), arguments

    def _render(self, arguments: list[Any]) -> str:
        pieces = self.text.split("{}")
        if len(pieces) != len(self.values) + 1:
            raise TypeError(f"{len(pieces) - 1} places for {len(self.values)} values in: {self.text}")
        out = [pieces[0]]
        for value, piece in zip(self.values, pieces[1:], strict=True):
            if isinstance(value, Sql):
                out.append(value._render(arguments))
            else:
                arguments.append(value)
                out.append(f"${len(arguments)}")
            out.append(piece)
        return "".join(out)

    def __repr__(self) -> str:
        return f"Sql({self.text!r}, …)"


TRUE = Sql("true")
FALSE = Sql("false")
EMPTY = Sql("")


def both(parts: Iterable[Sql]) -> Sql:
    """All of the conditions; true for none."""
    return joined(" and ", parts) or TRUE


def either(parts: Iterable[Sql]) -> Sql:
    """Any of the conditions; false for none."""
    found = joined(" or ", parts)
    return Sql("({})", found) if found else FALSE


def joined(separator: str, parts: Iterable[Sql]) -> Sql | None:
    listed: Sequence[Sql] = list(parts)
    return Sql(separator.join(["{}"] * len(listed)), *listed) if listed else None


def like(text: str) -> str:
    """The text as `like` looks for it: with no sign that stands for others."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
