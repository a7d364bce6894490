"""What features and plugins say falls due for an employer: by a rule and a fact on file, not by someone's typing."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct


class Obligation(Struct, frozen=True, kw_only=True):
    """Something to be done for one employer by a day.

    `key` stays the same for as long as it is the same duty, so that its task follows when the day moves. `title` and
    `why` are translated with their `values` (dates in words) into the language of whoever has to do it; `citation` is the statute,
    rule or agreement from which the day comes, where there is one. Without a board it is every board's on whose
    pipeline the employer stands; without an assignee it is whoever looks after the employer there.
    """

    employer_id: UUID
    key: str
    title: str
    due: date
    why: str = ""
    values: Mapping[str, Any] = {}
    citation: str = ""
    board_id: UUID | None = None
    assignee_id: UUID | None = None


class Obligations(Struct, frozen=True):
    """A kind of obligation. `gather(employer_ids, today)` answers all that stand now for these employers, some hundred at a time."""

    name: str
    gather: Callable[[Sequence[UUID], date], Awaitable[list[Obligation]]]
