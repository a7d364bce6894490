"""YAML that people write: with the line of every key, no duplicate keys, no anchors, and numbers as exact decimals."""

import difflib
import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode

from crm.rulebook import quick_reading
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.key_examples import example
from crm.translation import _

LARGEST = 1_000_000  # bytes; a file of rules is a few thousand
DEEPEST = 20
_NUMBER = re.compile(r"[-+]?\d[\d_]*(\.\d+)?")


class _NotPlain(Exception):
    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line


class _Exact(RoundTripConstructor):
    pass


def _decimal(word: str) -> Decimal:
    if not _NUMBER.fullmatch(word):
        raise ValueError(_("'%(word)s' is no plain number. Write digits, as 4800 or 0.25.") % {"word": word})
    return Decimal(word.replace("_", ""))


def _day(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise ValueError(_("'%(word)s' is no day. Write it as 2025-01-01, without a time.") % {"word": word}) from None


def _plainly(make: Callable[[str], Any]) -> Callable[[Any, ScalarNode], Any]:
    def made(constructor: Any, node: ScalarNode) -> Any:
        try:
            return make(str(node.value))
        except ValueError as problem:
            raise _NotPlain(node.start_mark.line + 1, str(problem)) from None

    return made


_EXACT = {"int": _decimal, "float": _decimal, "timestamp": _day}
for _name, _make in _EXACT.items():
    _Exact.add_constructor(f"tag:yaml.org,2002:{_name}", _plainly(_make))
_PLAIN = _EXACT | {"bool": lambda word: word.lower() == "true", "null": lambda word: None}


def read(file: Path) -> CommentedMap:
    """The file's mapping. Raises `RuleFileError` for YAML that cannot be read, repeats a key, or is more than plain data."""
    try:
        found = _parsed(_text(file))
    except DuplicateKeyError as problem:
        raise RuleFileError(file, _line(problem), _("this key stands twice. Keep one of the two.")) from problem
    except _NotPlain as problem:
        raise RuleFileError(file, problem.line, str(problem)) from problem
    except MarkedYAMLError as problem:
        raise RuleFileError(file, _line(problem), _not_yaml(problem)) from problem
    except (YAMLError, ValueError) as problem:
        raise RuleFileError(file, None, _("this is not YAML: %(found)s. Save it as plain text.") % {"found": str(problem).splitlines()[0]}) from problem
    if not isinstance(found, CommentedMap):
        raise RuleFileError(file, 1, _("a file of rules starts with keys, such as 'description:'."))
    return found


@lru_cache(maxsize=512)  # each program that a process assembles reads the same files; no reader changes what it got
def _parsed(text: str) -> Any:
    found = quickly(text)
    return carefully(text) if found is None else found


def quickly(text: str) -> CommentedMap | None:
    """The mapping of a sound text; None where it must be read with care."""
    return quick_reading.read(text, _PLAIN, DEEPEST)


def carefully(text: str) -> Any:
    """Ten times slower, and able to say what is wrong. Raises what `read` puts into words."""
    yaml = YAML()
    yaml.Constructor = _Exact
    _check_plain(text)
    return yaml.load(text)


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST:
            raise RuleFileError(file, None, _("this file is larger than a megabyte. A file of rules holds one number, list or table."))
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise RuleFileError(file, None, _("this file is not UTF-8 text. Save it as UTF-8.")) from problem
    except OSError as problem:
        raise RuleFileError(file, None, _("this file cannot be opened: %(strerror)s.") % {"strerror": problem.strerror}) from problem


def _check_plain(text: str) -> None:
    """Refuse what a table of law never needs and what can blow up: anchors, aliases, tags, deep nesting."""
    depth = 0
    for event in YAML().parse(text):
        line, kind = event.start_mark.line + 1, type(event).__name__
        if kind in {"MappingStartEvent", "SequenceStartEvent"}:
            depth += 1
        elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
            depth -= 1
        if depth > DEEPEST:
            raise _NotPlain(line, _("this is nested more than %(most)s deep. Write a list or a table.") % {"most": DEEPEST})
        if getattr(event, "anchor", None):
            raise _NotPlain(line, _("'%(anchor)s' is an anchor (& or *). Write the value out where it applies.") % {"anchor": event.anchor})
        if getattr(event, "tag", None):
            raise _NotPlain(line, _("'%(tag)s' is a tag. Write plain text, numbers, days, lists and tables.") % {"tag": event.tag})


def _not_yaml(problem: MarkedYAMLError) -> str:
    said = str(problem.problem or problem.context or "").strip()
    hint = _("Indent with spaces, not with tabs.") if "\\t" in said else _("Check the indentation, the colons and the quotes.")
    return _("this is not YAML: %(said)s. %(hint)s") % {"said": said, "hint": hint}


def _line(problem: MarkedYAMLError) -> int | None:
    return problem.problem_mark.line + 1 if problem.problem_mark else None


def line_of(mapping: CommentedMap | CommentedSeq, key: Any = None) -> int | None:
    """The line of a key, of an item of a list, or where the mapping begins."""
    try:
        if key is None:
            return int(mapping.lc.line) + 1
        found = mapping.lc.item(key) if isinstance(mapping, CommentedSeq) else mapping.lc.key(key)
        return int(found[0]) + 1
    except (KeyError, TypeError, AttributeError):
        return None


def check_keys(file: Path, mapping: CommentedMap, *, needed: set[str], allowed: set[str]) -> None:
    """Raises `RuleFileError` for a key that is not known or one that is missing, with the nearest that is."""
    for key in mapping:
        if key not in needed | allowed:
            near = nearest(key, needed | allowed)
            raise RuleFileError(file, line_of(mapping, key), _("unknown key '%(key)s'. %(allowed)s%(example)s") % {"key": key, "allowed": meant(key, needed | allowed), "example": example(near) if near else ''})
    for key in sorted(needed - set(mapping)):
        raise RuleFileError(file, line_of(mapping), _("the key '%(key)s' is missing. Here stand: %(list)s.%(example)s") % {"key": key, "list": ', '.join(sorted(needed)), "example": example(key)})


def meant(found: Any, allowed: Iterable[str]) -> str:
    """The nearest that is allowed, and all that is."""
    return guessed(found, allowed) + _("Allowed: %(allowed)s.") % {"allowed": ", ".join(sorted(allowed))}


def guessed(found: Any, allowed: Iterable[str]) -> str:
    """The nearest that is allowed as a question, with a space behind it; nothing where none is near."""
    near = nearest(found, allowed)
    return _("Did you mean '%(near)s'?") % {"near": near} + " " if near else ""


def nearest(found: Any, allowed: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(str(found), sorted(allowed), n=1)), None)


def a_date(file: Path, mapping: CommentedMap, key: Any, line: int | None = None) -> date:
    if type(key) is date:
        return key
    try:
        return date.fromisoformat(str(key))
    except ValueError:
        raise RuleFileError(
            file, line or line_of(mapping, key), _("'%(key)s' is no day. Write the first day on which it applies, as 2025-01-01.") % {"key": key}
        ) from None


def address(file: Path, mapping: CommentedMap, key: str) -> str:
    """An https address; empty where there is none."""
    found = str(mapping.get(key) or "")
    if found and not found.startswith("https://"):
        raise RuleFileError(file, line_of(mapping, key), _("'%(found)s' is no https address.") % {"found": found})
    return found


def plain(value: Any) -> Any:
    """Without ruamel's own types."""
    if isinstance(value, CommentedMap):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, CommentedSeq):
        return [plain(item) for item in value]
    return value
