"""Why an answer is not what it was: the status, condition, number of law, step, question or day that differs, each with its citation."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct

from crm.rulebook.estimates import Estimate
from crm.rulebook.parameters import Parameter

NONE = ""


class Difference(Struct, frozen=True):
    """`kind` is program, status, condition, parameter, step, question or deadline; `before` and `after` are empty where there was or is nothing.

    `counts` says what the two are where they are no words: money, rate, number or date.
    """

    kind: str
    name: str
    before: str
    after: str
    says: Mapping[str, str] = {}
    citation: str = ""
    counts: str = ""


def answer(found: Estimate) -> tuple[Any, ...]:
    """What a person is told; two estimates with the same are the same answer."""
    days = tuple((due.deadline.id, due.day) for due in found.deadlines)
    state = found.status.state if found.status else NONE
    return found.eligible, found.amount, found.potential_amount, found.at_least, found.at_most, tuple(sorted(found.by_year.items())), found.missing, state, days


def between(before: Estimate | None, after: Estimate | None) -> tuple[Difference, ...]:
    """Nothing where the answer is the same. None stands for a program that was not there, or is not any more."""
    if before is None or after is None:
        found = before or after
        assert found is not None
        was, is_now = ("stated", NONE) if after is None else (NONE, "stated")
        return (Difference("program", found.program.id, was, is_now, found.program.name, found.program.law),)
    if answer(before) == answer(after):
        return ()
    return (*_status(before, after), *_conditions(before, after), *_numbers(before, after), *_steps(before, after), *_asked(before, after), *_due(before, after))


def _status(before: Estimate, after: Estimate) -> Iterator[Difference]:
    old, new = before.status, after.status
    if (old and (old.state, old.since)) != (new and (new.state, new.since)):
        yield Difference("status", after.program.id, old.state if old else NONE, new.state if new else NONE,
                         new.says if new else {}, new.citation if new else NONE)  # fmt: skip


def _conditions(before: Estimate, after: Estimate) -> Iterator[Difference]:
    old = {each.condition.id: each for each in before.outcomes}
    new = {each.condition.id: each for each in after.outcomes}
    for name in dict.fromkeys([*old, *new]):
        was, is_now = old.get(name), new.get(name)
        if (was.state if was else NONE) != (is_now.state if is_now else NONE):
            shown = is_now or was
            assert shown is not None
            yield Difference("condition", name, was.state if was else NONE, is_now.state if is_now else NONE, shown.condition.sentence, shown.condition.citation)


def _numbers(before: Estimate, after: Estimate) -> Iterator[Difference]:
    """Numbers of law that the program rests on, as they were and as they are."""
    old, new = _laws(before), _laws(after)
    for name in sorted(old.keys() | new.keys()):
        was, is_now = (laws[name][1] if name in laws else None for laws in (old, new))
        if was != is_now:
            law = (new.get(name) or old[name])[0]
            shown_was, shown_now = apart(was, is_now)
            yield Difference("parameter", name, shown_was, shown_now, law.description, "; ".join(each.title for each in law.references), law.kind)


def _laws(found: Estimate) -> dict[str, tuple[Parameter, Any]]:
    return {law.name: (law, law.at(found.law_of, found.known)) for law in found.program.parameters}


def apart(was: Any, is_now: Any) -> tuple[str, str]:
    """Two values in words; of two tables or lists only the rows that differ."""
    if isinstance(was, dict) and isinstance(is_now, dict):
        rows = sorted(key for key in was.keys() | is_now.keys() if was.get(key) != is_now.get(key))
        return plain({key: was[key] for key in rows if key in was}), plain({key: is_now[key] for key in rows if key in is_now})
    if isinstance(was, list) and isinstance(is_now, list):
        return plain([row for row in was if row not in is_now]), plain([row for row in is_now if row not in was])
    return plain(was), plain(is_now)


def plain(value: Any) -> str:
    """A value of law as it is written in its file; nothing for none."""
    if value is None:
        return NONE
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {plain(item)}" for key, item in value.items())
    if isinstance(value, list):
        return "; ".join(plain(item) for item in value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _steps(before: Estimate, after: Estimate) -> Iterator[Difference]:
    old = {each.step.name: each for each in before.trace}
    new = {each.step.name: each for each in after.trace}
    for name in dict.fromkeys([*old, *new]):
        was, is_now = old.get(name), new.get(name)
        if (was.result if was else None) != (is_now.result if is_now else None):
            shown = is_now or was
            assert shown is not None
            yield Difference("step", name, plain(was.result if was else None), plain(is_now.result if is_now else None), shown.step.what, shown.step.citation,
                             shown.step.formula.kind)  # fmt: skip


def _asked(before: Estimate, after: Estimate) -> Iterator[Difference]:
    for key in dict.fromkeys([*before.missing, *after.missing]):
        was, is_now = key in before.missing, key in after.missing
        if was != is_now:
            yield Difference("question", key, "asked" if was else NONE, "asked" if is_now else NONE)


def _due(before: Estimate, after: Estimate) -> Iterator[Difference]:
    old, new = ({due.deadline.id: due for due in found.deadlines} for found in (before, after))
    for name in dict.fromkeys([*old, *new]):
        was, is_now = old.get(name), new.get(name)
        if (was.day if was else None) != (is_now.day if is_now else None):
            shown = is_now or was
            assert shown is not None
            yield Difference("deadline", name, was.day.isoformat() if was else NONE, is_now.day.isoformat() if is_now else NONE,
                             shown.deadline.sentence, shown.deadline.citation, "date")  # fmt: skip
