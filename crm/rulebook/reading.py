"""YAML that people write: with the line of every key, no duplicate keys, and numbers as exact decimals."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import ScalarNode


class RuleFileError(Exception):
    """What is wrong with a file of rules: file, line, what was found, what to write instead."""

    def __init__(self, file: Path, line: int | None, problem: str) -> None:
        where = f"{file}, line {line}" if line else str(file)
        super().__init__(f"{where}: {problem}")


class _Exact(RoundTripConstructor):
    pass


def _decimal(constructor: Any, node: ScalarNode) -> Decimal:
    return Decimal(str(node.value).replace("_", ""))


_Exact.add_constructor("tag:yaml.org,2002:float", _decimal)
_Exact.add_constructor("tag:yaml.org,2002:int", _decimal)


def read(file: Path) -> CommentedMap:
    """The file's mapping. Raises `RuleFileError` for YAML that cannot be read or repeats a key."""
    yaml = YAML()
    yaml.Constructor = _Exact
    try:
        found = yaml.load(file.read_text(encoding="utf-8"))
    except DuplicateKeyError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else None
        raise RuleFileError(file, line, "this key stands twice. Keep one of the two.") from problem
    except MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else None
        raise RuleFileError(file, line, f"this is not YAML: {problem.problem}. Check the indentation and the colons.") from problem
    except UnicodeDecodeError as problem:
        raise RuleFileError(file, None, "this file is not UTF-8 text. Save it as UTF-8.") from problem
    if not isinstance(found, CommentedMap):
        raise RuleFileError(file, 1, "a file of rules starts with keys, such as 'description:'.")
    return found


def line_of(mapping: CommentedMap | CommentedSeq, key: Any = None) -> int | None:
    try:
        return int(mapping.lc.key(key)[0]) + 1 if key is not None else int(mapping.lc.line) + 1
    except (KeyError, TypeError, AttributeError):
        return None


def check_keys(file: Path, mapping: CommentedMap, *, needed: set[str], allowed: set[str]) -> None:
    """Raises `RuleFileError` for a key that is not known or one that is missing, with the nearest that is."""
    import difflib

    for key in mapping:
        if key not in needed | allowed:
            near = difflib.get_close_matches(str(key), sorted(needed | allowed), n=1)
            hint = f" Did you mean '{near[0]}'?" if near else f" Allowed: {', '.join(sorted(needed | allowed))}."
            raise RuleFileError(file, line_of(mapping, key), f"unknown key '{key}'.{hint}")
    for key in sorted(needed - set(mapping)):
        raise RuleFileError(file, line_of(mapping), f"the key '{key}' is missing.")


def a_date(file: Path, mapping: CommentedMap, key: Any) -> date:
    value = key if not isinstance(key, str) else None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(key))
    except ValueError:
        raise RuleFileError(
            file, line_of(mapping, key), f"'{key}' is no day. Write the first day on which it applies, as 2025-01-01."
        ) from None


def plain(value: Any) -> Any:
    """Without ruamel's own types."""
    if isinstance(value, CommentedMap):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, CommentedSeq):
        return [plain(item) for item in value]
    return value
