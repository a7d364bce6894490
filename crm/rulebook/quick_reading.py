"""The quick way through a sound file: libyaml says what stands where, and the same mapping comes of it as by `reading`, line for line.

It knows only what a file of rules needs and gives none for all else: a mistake, a key that stands twice, an anchor, a tag. `reading` then reads
the file with care, and says what is wrong and where. Every start reads some three hundred files.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import ScalarNode
from yaml import (
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    YAMLError,
)
from yaml.cyaml import CParser

_ODD = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")  # tabs and other signs of which the two readers think differently
_RESOLVER = YAML().resolver  # what a plain word is in YAML 1.2: a number, a day, true, null or text


class _WithCare(Exception):
    """Here stands what the quick way does not know."""


def read(text: str, made_by: Mapping[str, Any], deepest: int) -> CommentedMap | None:
    """The mapping of a sound file; None where it must be read with care. `made_by` makes a value of a plain word, by its YAML tag."""
    if _ODD.search(text):
        return None
    try:
        return _Reader(text, made_by, deepest).document()
    except (_WithCare, YAMLError, ValueError):
        return None


class _Reader:
    def __init__(self, text: str, made_by: Mapping[str, Any], deepest: int) -> None:
        self.next, self.made_by, self.deepest = CParser(text).get_event, made_by, deepest

    def document(self) -> CommentedMap:
        self.next()  # the stream begins
        if getattr(self.next(), "version", "none") is not None:
            raise _WithCare  # no document, or one that says by which YAML it is written
        found = self.node(self.next(), 1)
        if not isinstance(found, CommentedMap) or not isinstance(self.next(), DocumentEndEvent) or not isinstance(self.next(), StreamEndEvent):
            raise _WithCare
        return found

    def node(self, event: Any, depth: int) -> Any:
        if depth > self.deepest + 1 or getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise _WithCare
        if isinstance(event, ScalarEvent):
            return self.scalar(event)
        if isinstance(event, MappingStartEvent):
            return self.mapping(event, depth)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(event, depth)
        raise _WithCare

    def mapping(self, start: Any, depth: int) -> CommentedMap:
        found = CommentedMap()
        found._yaml_set_line_col(start.start_mark.line, start.start_mark.column)
        while not isinstance(event := self.next(), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                raise _WithCare
            key, place = self.node(event, depth), event.start_mark
            if key in found:
                raise _WithCare
            value = self.next()
            found._yaml_set_kv_line_col(key, [place.line, place.column, value.start_mark.line, value.start_mark.column])
            found[key] = self.node(value, depth + 1)
        return found

    def sequence(self, start: Any, depth: int) -> CommentedSeq:
        found = CommentedSeq()
        found._yaml_set_line_col(start.start_mark.line, start.start_mark.column)
        while not isinstance(event := self.next(), SequenceEndEvent):
            found._yaml_set_idx_line_col(len(found), [event.start_mark.line, event.start_mark.column])
            found.append(self.node(event, depth + 1))
        return found

    def scalar(self, event: Any) -> Any:
        if event.style in ("'", '"'):
            return event.value
        if event.style:  # a text over several lines by | or >, whose folding the two readers need not agree on
            raise _WithCare
        tag = _tag(event.value)
        if tag == "str":
            return event.value
        if tag not in self.made_by:
            raise _WithCare
        return self.made_by[tag](event.value)


@lru_cache(maxsize=20_000)
def _tag(word: str) -> str:
    return str(_RESOLVER.resolve(ScalarNode, word, (True, False))).rpartition(":")[2]
