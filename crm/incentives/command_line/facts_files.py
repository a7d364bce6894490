"""Facts in a file, as an analyst or another program writes them: JSON or YAML, a value for each key of the vocabulary.

Under `periods` may stand the hire as a strip of time, each with `first_day`, `last_day`, `hours`, `wages` and, where federal training money pays a
part of it, `trained`; hours and wages of the years then follow from it.
"""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from crm.errors import Invalid
from crm.rulebook import reading, strips
from crm.rulebook.facts import UNKNOWN, FactError, parse
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.library import Library

LARGEST = 1_000_000  # characters
PERIODS = "periods"


class _Period(Struct, forbid_unknown_fields=True):
    """A period as a file has it."""

    first_day: date
    last_day: date
    hours: Decimal
    wages: Decimal
    trained: bool = False


def _with_periods(told: Any, facts: Mapping[str, Any], library: Library) -> dict[str, Any]:
    """Facts with what follows from the periods. Raises `StripError`, and `FactError` where the two contradict each other."""
    try:
        found = msgspec.convert(told, list[_Period], strict=False)
    except msgspec.ValidationError as problem:
        raise strips.StripError(f"{problem}. Each has first_day, last_day, hours, wages and, if need be, trained.") from problem
    whole = strips.strip(strips.Period(each.first_day, each.last_day, each.hours, each.wages, each.trained) for each in found)
    following = strips.facts_of(whole, facts)
    for key, value in following.items():
        if key in facts and facts[key] != value:
            raise FactError(key, f"'{facts[key]}' contradicts the periods, from which follows {value}. Mend one of them.")
        parse(library.facts[key], value)  # within the bounds of the fact
    return {**facts, **following}


def loaded(file: Path) -> dict[str, Any]:
    """What stands in the file, as it is written. Raises `Invalid`."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise Invalid(f"{file}: this cannot be read as text: {problem}") from problem
    if len(text) > LARGEST:
        raise Invalid(f"{file}: a file of facts has at most {LARGEST:,} characters.")
    try:
        return _once(text) if text.lstrip().startswith("{") else dict(reading.plain(reading.read(file)))
    except (json.JSONDecodeError, RecursionError) as problem:
        raise Invalid(f"{file}: this is not JSON: {problem}.") from problem
    except RuleFileError as problem:
        raise Invalid(str(problem)) from problem


def _once(text: str) -> dict[str, Any]:
    """JSON whose keys stand once each; numbers keep their digits."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        for key, _value in found:
            if sum(1 for other, _other in found if other == key) > 1:
                raise Invalid(f"'{key}' stands twice. Keep one of the two.")
        return dict(found)

    loaded: dict[str, Any] = json.loads(text, object_pairs_hook=pairs, parse_float=str, parse_int=str)
    return loaded


def facts_of(told: Mapping[str, Any], library: Library, where: str, listed: str = "`crm rules facts`") -> dict[str, Any]:
    """Values for what was told. Raises `Invalid` with every key that is not known (`listed` lists those that are) and every value that does not fit."""
    facts: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for key, value in told.items():
        if key == PERIODS:
            continue
        if key not in library.facts:
            problems[key] = f"there is no fact '{key}'. {reading.guessed(key, library.facts)}{listed} lists them."
            continue
        try:
            parsed = parse(library.facts[key], value)
        except (FactError, TypeError) as problem:
            problems[key] = str(problem)
            continue
        if parsed is not UNKNOWN:
            facts[key] = parsed
    try:
        if told.get(PERIODS):
            facts = _with_periods(told[PERIODS], facts, library)
        library.completed(facts)
    except FactError as problem:
        problems[problem.key] = str(problem)
    except strips.StripError as problem:
        problems[PERIODS] = str(problem)
    if problems:
        raise Invalid("\n".join(f"{where}, {key}: {problem}" for key, problem in problems.items()), fields=problems)
    return facts
