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
from crm.translation import _

REVIEW = ("verified", "second_hand", "recalled")
LANGUAGES = {"en", "es"}


def text(file: Path, mapping: CommentedMap, key: str, default: str | None = None) -> str:
    if key not in mapping and default is not None:
        return default
    value = mapping[key]
    if isinstance(value, str) and value.strip():
        return str(value)
    found = _("nothing") if value is None or value == "" else f"'{reading.plain(value)}'"
    raise RuleFileError(file, line_of(mapping, key), _("'%(key)s' is %(found)s; write text, in quotes where it looks like a number.") % {"key": key, "found": found})


def texts(file: Path, mapping: CommentedMap, key: str) -> dict[str, str]:
    """A sentence in each language."""
    found = mapping[key]
    if not isinstance(found, CommentedMap) or set(found) != LANGUAGES:
        given = " " + _("Found: %(found)s.") % {"found": ", ".join(map(str, found))} if isinstance(found, CommentedMap) else ""
        raise RuleFileError(file, line_of(mapping, key), _("'%(key)s' has a text in each language: {en: \"…\", es: \"…\"}.%(given)s") % {"key": key, "given": given})
    return {language: text(file, found, language) for language in sorted(LANGUAGES)}


def one_of(file: Path, mapping: CommentedMap, key: str, allowed: Iterable[str], default: str | None = None) -> Any:
    value = mapping.get(key, default)
    if value not in tuple(allowed):
        example = reading.nearest(value, allowed) or next(iter(allowed))
        raise RuleFileError(file, line_of(mapping, key), _("'%(key)s' is '%(value)s'. %(allowed)s For example '%(key)s: %(example)s'.") % {"key": key, "value": value, "allowed": reading.meant(value, allowed), "example": example})
    return str(value)


def review(file: Path, mapping: CommentedMap) -> str:
    return str(one_of(file, mapping, "review_status", REVIEW, "verified"))


def day(file: Path, mapping: CommentedMap, key: str) -> date:
    return reading.a_date(file, mapping, mapping[key], line_of(mapping, key))


def number(file: Path, mapping: CommentedMap, key: str) -> Decimal | None:
    """Digits; None where the key is absent."""
    value = mapping.get(key)
    if value is not None and not isinstance(value, Decimal):
        raise RuleFileError(file, line_of(mapping, key), _("'%(key)s' is '%(found)s'. Write digits without quotes, as 28 or 0.5.") % {"key": key, "found": reading.plain(value)})
    return value


def whole(file: Path, mapping: CommentedMap, key: str, most: int) -> int:
    value = number(file, mapping, key)
    if value is None or value != value.to_integral_value() or not 0 <= value <= most:
        raise RuleFileError(file, line_of(mapping, key), _("'%(key)s' is '%(found)s'. Write a whole number from 0 to %(most)s.") % {"key": key, "found": mapping.get(key), "most": most})
    return int(value)


def yes(file: Path, mapping: CommentedMap, key: str, default: bool = False) -> bool:
    value = mapping.get(key, default)
    if not isinstance(value, bool):
        raise RuleFileError(file, line_of(mapping, key), _("'%(key)s' is '%(found)s'. Write true or false.") % {"key": key, "found": reading.plain(value)})
    return value


def mapping_of(file: Path, mapping: CommentedMap, key: Any, example: str) -> CommentedMap:
    found = mapping[key]
    if not isinstance(found, CommentedMap):
        raise RuleFileError(file, line_of(mapping, key), _("'%(key)s' holds keys of its own, such as %(example)s.") % {"key": key, "example": example})
    return found


def entries(file: Path, mapping: CommentedMap, key: str, example: str) -> list[CommentedMap]:
    """A list whose items have keys; an empty one where the key is absent."""
    found = mapping.get(key, CommentedSeq())
    if not isinstance(found, CommentedSeq) or not all(isinstance(item, CommentedMap) for item in found):
        raise RuleFileError(file, line_of(mapping, key), _("'%(key)s' is a list; each item begins with a dash, as '- %(example)s'.") % {"key": key, "example": example})
    return list(found)
