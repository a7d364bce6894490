"""What may stand under a key of a rule file: text, texts in both languages, a day, one of a few words, a list of entries."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from crm.rulebook import reading
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.reading import line_of

REVIEW = ("verified", "second_hand", "recalled")
LANGUAGES = {"en", "es"}


def text(file: Path, mapping: CommentedMap, key: str, default: str | None = None) -> str:
    if key not in mapping and default is not None:
        return default
    value = mapping[key]
    if isinstance(value, str) and value.strip():
        return str(value)
    found = "nothing" if value is None or value == "" else f"'{reading.plain(value)}'"
    raise RuleFileError(file, line_of(mapping, key), f"'{key}' is {found}; write text, in quotes where it looks like a number.")


def texts(file: Path, mapping: CommentedMap, key: str) -> dict[str, str]:
    """A sentence in each language."""
    found = mapping[key]
    if not isinstance(found, CommentedMap) or set(found) != LANGUAGES:
        given = f" Found: {', '.join(map(str, found))}." if isinstance(found, CommentedMap) else ""
        raise RuleFileError(file, line_of(mapping, key), f"'{key}' has a text in each language: {{en: \"…\", es: \"…\"}}.{given}")
    return {language: text(file, found, language) for language in sorted(LANGUAGES)}


def one_of(file: Path, mapping: CommentedMap, key: str, allowed: Iterable[str], default: str | None = None) -> Any:
    value = mapping.get(key, default)
    if value not in tuple(allowed):
        example = reading.nearest(value, allowed) or next(iter(allowed))
        raise RuleFileError(file, line_of(mapping, key), f"'{key}' is '{value}'. {reading.meant(value, allowed)} For example '{key}: {example}'.")
    return str(value)


def review(file: Path, mapping: CommentedMap) -> str:
    return str(one_of(file, mapping, "review_status", REVIEW, "verified"))


def day(file: Path, mapping: CommentedMap, key: str) -> date:
    return reading.a_date(file, mapping, mapping[key], line_of(mapping, key))


def number(file: Path, mapping: CommentedMap, key: str) -> Decimal | None:
    """Digits; None where the key is absent."""
    value = mapping.get(key)
    if value is not None and not isinstance(value, Decimal):
        raise RuleFileError(file, line_of(mapping, key), f"'{key}' is '{reading.plain(value)}'. Write digits without quotes, as 28 or 0.5.")
    return value


def whole(file: Path, mapping: CommentedMap, key: str, most: int) -> int:
    value = number(file, mapping, key)
    if value is None or value != value.to_integral_value() or not 0 <= value <= most:
        raise RuleFileError(file, line_of(mapping, key), f"'{key}' is '{mapping.get(key)}'. Write a whole number from 0 to {most}.")
    return int(value)


def yes(file: Path, mapping: CommentedMap, key: str, default: bool = False) -> bool:
    value = mapping.get(key, default)
    if not isinstance(value, bool):
        raise RuleFileError(file, line_of(mapping, key), f"'{key}' is '{reading.plain(value)}'. Write true or false.")
    return value


def mapping_of(file: Path, mapping: CommentedMap, key: Any, example: str) -> CommentedMap:
    found = mapping[key]
    if not isinstance(found, CommentedMap):
        raise RuleFileError(file, line_of(mapping, key), f"'{key}' holds keys of its own, such as {example}.")
    return found


def entries(file: Path, mapping: CommentedMap, key: str, example: str) -> list[CommentedMap]:
    """A list whose items have keys; an empty one where the key is absent."""
    found = mapping.get(key, CommentedSeq())
    if not isinstance(found, CommentedSeq) or not all(isinstance(item, CommentedMap) for item in found):
        raise RuleFileError(file, line_of(mapping, key), f"'{key}' is a list; each item begins with a dash, as '- {example}'.")
    return list(found)
