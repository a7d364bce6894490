"""What a setting wants, in words for whoever sets it, from its type."""

from datetime import date
from typing import Any, Literal, get_args, get_origin

from msgspec import Meta

WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text", date: "a day as 2026-12-24"}


def meta_of(kind: Any) -> Meta:
    return next(each for each in kind.__metadata__ if isinstance(each, Meta))


def is_list(kind: Any) -> bool:
    return get_origin(get_args(kind)[0]) is list


def wanted(kind: Any) -> str:
    """What is allowed: `one of development, production`, `a whole number from 1 to 65535`."""
    base, meta = get_args(kind)[0], meta_of(kind)
    if meta.pattern:
        return f"not in the form wanted ({meta.description})"
    if is_list(kind):
        number = f"{meta.min_length} values" if meta.min_length else "values"
        return f"wanted are {number} with commas between, each {_one(get_args(base)[0])}"
    return f"wanted is {_one(base)}{_bounds(meta)}"


def _one(base: Any) -> str:
    if get_origin(base) is Literal:
        return f"one of {', '.join(get_args(base))}"
    return WORDS.get(base, "text")


def _bounds(meta: Meta) -> str:
    if meta.min_length is not None or meta.max_length is not None:
        return f" of {meta.min_length or 0} to {meta.max_length} characters"
    if meta.ge is not None:
        return f" from {meta.ge} to {meta.le}"
    return f" above {meta.gt}, at most {meta.le}" if meta.gt is not None else ""
