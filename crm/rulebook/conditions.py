"""Conditions answer met, not met or unknown, each with its sentence and citation."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from crm.rulebook import entries, reading
from crm.rulebook.comparisons import Comparison, OneOf, Together
from crm.rulebook.facts import UNKNOWN, Fact, FactError, parse
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.formula_reading import FormulaError, Known, read_formula
from crm.rulebook.formulas import Around, Constant, Part, Place, Told, facts_of, laws_of, told
from crm.rulebook.ranges import NO, YES
from crm.translation import _

State = Literal["met", "not_met", "unknown"]
KINDS_OF = {
    "is": ("yes_no", "choice", "number", "money", "date"), "one_of": ("choice", "number"), "at_least": ("number", "money"),
    "at_most": ("number", "money"), "between": ("number", "money", "date"), "on_or_after": ("date",), "on_or_before": ("date",),
}  # fmt: skip
OPERATORS = tuple(KINDS_OF)
_SIGNS = {"is": "==", "at_least": ">=", "at_most": "<=", "on_or_after": ">=", "on_or_before": "<="}


class Condition(Struct, frozen=True, dict=True):
    """`test` must hold; it is asked only where `when` holds. `fact` and `limits` say what a simple one compares with what."""

    id: str
    test: Part
    sentence: dict[str, str]
    citation: str
    when: Part | None = None
    fact: str = ""
    limits: tuple[Part, ...] = ()
    review_status: str = "verified"
    line: int = 0

    @cached_property
    def asks(self) -> frozenset[str]:
        """Its facts."""
        return frozenset((*self.announced_by, *self.tests))

    @cached_property
    def announced_by(self) -> tuple[str, ...]:
        """The facts of `when`."""
        return () if self.when is None else tuple(facts_of(self.when))

    @cached_property
    def tests(self) -> tuple[str, ...]:
        """The facts of `test`."""
        return tuple(facts_of(self.test))

    @cached_property
    def turns(self) -> bool:
        """Whether it rests on numbers of law, so that another day may decide it otherwise."""
        return any(True for part in (self.when, self.test) if part is not None for _law in laws_of(part))

    @cached_property
    def when_untold(self) -> Place:
        """As `untold`, of `when`."""
        return None if self.when is None else _untold(self.when, self.announced_by)

    @cached_property
    def untold(self) -> Place:
        """Where `test` lies while its one fact is not told; None where it rests on several, or on numbers of law that another day may change."""
        return _untold(self.test, self.tests)

    @cached_property
    def ended_by(self) -> Mapping[str, float]:
        """The facts of which one answer alone fails the test, with how likely such an answer is; by the newest law."""
        found = {part.fact.key: _chance(self, part.fact) for part in self.test.walk() if isinstance(part, Told)}
        return {key: chance for key, chance in found.items() if chance}


def _untold(part: Part, facts: tuple[str, ...]) -> Place:
    return part.within(Around({}, date.max)) if len(facts) == 1 and not any(True for _law in laws_of(part)) else None


def _chance(condition: Condition, fact: Fact) -> float:
    return sum(chance for value, chance in fact.likely if decide(condition, Around({fact.key: value}, date.max)) == "not_met")


class Outcome(Struct, frozen=True):
    """What became of a condition, and what was found of the fact that it compares."""

    condition: Condition
    state: State
    found: Any = UNKNOWN


def applies(condition: Condition, around: Around) -> bool | None:
    """Whether the condition is asked of these facts; None while that is not known."""
    if condition.when is None:
        return True
    if _told(condition.announced_by, around):
        return bool(condition.when.exact(around))
    place = condition.when_untold or condition.when.within(around)
    return True if place == YES else False if place == NO else None


def decide(condition: Condition, around: Around) -> State:
    if _told(condition.tests, around):
        return "met" if condition.test.exact(around) else "not_met"
    place = condition.untold or condition.test.within(around)
    return "met" if place == YES else "not_met" if place == NO else "unknown"


def _told(keys: tuple[str, ...], around: Around) -> bool:
    facts = around.facts
    for key in keys:  # noqa: SIM110 - a loop, being asked more often than all else
        if facts.get(key, UNKNOWN) is UNKNOWN:
            return False
    return True


def read_condition(file: Path, item: CommentedMap, known: Known) -> Condition:
    """By one comparison of a fact, as `at_least: 18`, or by a formula, as `holds: hires > average(before, now)`. Raises `RuleFileError`."""
    reading.check_keys(
        file, item, needed={"id", "sentence", "citation"}, allowed={"fact", "when", "holds", "review_status", *OPERATORS}
    )
    line = reading.line_of(item, "id") or 1
    used = [operator for operator in OPERATORS if operator in item]
    limits: tuple[Part, ...] = ()
    if "holds" in item and not used and "fact" not in item:
        test = formula(file, item, "holds", known, "yes_no")
    elif len(used) != 1 or "holds" in item:
        given = _(" and ").join([*used, *(["holds"] if "holds" in item else [])]) or _("none")
        raise RuleFileError(
            file, reading.line_of(item), _("a condition compares once, by one of: %(list)s, or by 'holds'. Found: %(given)s.") % {"list": ', '.join(OPERATORS), "given": given}
        )
    elif "fact" not in item:
        raise RuleFileError(file, reading.line_of(item), _("the key 'fact' is missing: what is compared by '%(found)s'?") % {"found": used[0]})
    else:
        test, limits = _comparison(file, item, used[0], known)
    return Condition(
        entries.text(file, item, "id"), test, entries.texts(file, item, "sentence"), entries.text(file, item, "citation"),
        read_when(file, item, known), str(item.get("fact", "")), limits, entries.review(file, item), line,
    )  # fmt: skip


def formula(file: Path, item: CommentedMap, key: str, known: Known, *wanted: str) -> Part:
    try:
        return read_formula(item[key], known, *wanted)
    except FormulaError as problem:
        raise RuleFileError(file, reading.line_of(item, key), f"'{key}': {problem}") from problem


def fact_of(file: Path, item: CommentedMap, key: str, known: Known, *kinds: str) -> Fact:
    """The fact that stands under the key, of one of these kinds."""
    name, line = entries.text(file, item, key), reading.line_of(item, key)
    if name not in known.facts:
        raise RuleFileError(file, line, _("the fact '%(name)s' is declared in no facts.yaml. %(allowed)s Or declare it there.") % {"name": name, "allowed": reading.meant(name, known.facts)})
    found = known.facts[name]
    if kinds and found.kind not in kinds:
        raise RuleFileError(file, line, _("the fact '%(name)s' is of kind '%(kind)s'; here stands one of kind %(list)s.") % {"name": name, "kind": found.kind, "list": _(" or ").join(kinds)})
    return found


def read_when(file: Path, item: CommentedMap, known: Known) -> Part | None:
    """`when: {group: [A, B]}` for facts that have one of these values, or a formula."""
    if "when" not in item:
        return None
    asked = item["when"]
    if not isinstance(asked, CommentedMap):
        return formula(file, item, "when", known, "yes_no")
    parts = []
    for key in asked:
        if key not in known.facts:
            raise RuleFileError(
                file, reading.line_of(asked, key), _("the fact '%(key)s' is declared in no facts.yaml. %(allowed)s") % {"key": key, "allowed": reading.meant(key, known.facts)}
            )
        fact = known.facts[key]
        values = tuple(_value(file, reading.line_of(asked, key), fact, each) for each in words(file, asked, str(key)))
        parts.append(OneOf("yes_no", told(fact), values))
    return parts[0] if len(parts) == 1 else Together("yes_no", True, tuple(parts))


def words(file: Path, found: CommentedMap, key: str) -> tuple[Any, ...]:
    listed = found.get(key, CommentedSeq())
    if not isinstance(listed, CommentedSeq) or any(isinstance(item, CommentedMap | CommentedSeq) for item in listed):
        raise RuleFileError(file, reading.line_of(found, key), _("'%(key)s' is a list of words, as [A, B].") % {"key": key})
    return tuple(listed)


def _comparison(file: Path, item: CommentedMap, operator: str, known: Known) -> tuple[Part, tuple[Part, ...]]:
    fact = fact_of(file, item, "fact", known, *KINDS_OF[operator])
    part, value, line = told(fact), item[operator], reading.line_of(item, operator)
    if operator == "one_of" and isinstance(value, str) and value.startswith("law."):
        try:
            return read_formula(f"{fact.key} in {value}", known, "yes_no"), ()
        except FormulaError as problem:
            raise RuleFileError(file, line, _("'one_of': %(problem)s") % {"problem": problem}) from problem
    if operator in {"one_of", "between"}:
        if not isinstance(value, CommentedSeq) or not value or (operator == "between" and len(value) != 2):
            example = "[18, 39]" if operator == "between" else "[A, B]"
            raise RuleFileError(file, line, _("'%(operator)s' is followed by a list, as %(example)s.") % {"operator": operator, "example": example})
        if operator == "one_of":
            return OneOf("yes_no", part, tuple(_value(file, line, fact, each) for each in value)), ()
        limits = tuple(_limit(file, line, fact, each, known) for each in value)
        low, high = limits
        if isinstance(low, Constant) and isinstance(high, Constant) and low.value > high.value:
            raise RuleFileError(file, line, _("'between' goes from the lesser to the greater; found %(first)s, %(second)s.") % {"first": value[0], "second": value[1]})
        ends = (Comparison("yes_no", ">=", part, low), Comparison("yes_no", "<=", part, high))
        return Together("yes_no", True, ends), limits
    limit = _limit(file, line, fact, value, known)
    return Comparison("yes_no", _SIGNS[operator], part, limit), () if operator == "is" else (limit,)


def _limit(file: Path, line: int | None, fact: Fact, value: Any, known: Known) -> Part:
    """A value of the fact's own kind, or a number of law."""
    if isinstance(value, str) and value.startswith("law."):
        try:
            return read_formula(value, known, fact.kind)
        except FormulaError as problem:
            raise RuleFileError(file, line, str(problem)) from problem
    return Constant(fact.kind, _value(file, line, fact, value))


def _value(file: Path, line: int | None, fact: Fact, value: Any) -> Any:
    """A value in a rule is what the fact itself would be: no '5' for a number, no choice that cannot be chosen."""
    try:
        found = parse(fact, value)
    except (FactError, TypeError) as problem:
        raise RuleFileError(file, line, _("'%(fact)s' is compared with '%(value)s': %(problem)s") % {"fact": fact.key, "value": value, "problem": problem}) from problem
    kinds = {"number": Decimal, "money": Decimal, "yes_no": bool, "choice": str}
    if found is UNKNOWN or not isinstance(value, kinds.get(fact.kind, object)) or found != value:
        raise RuleFileError(
            file, line, _("'%(fact)s' (%(kind)s) is compared with '%(value)s'. Write a value of that kind: true or false, digits, a day as 2025-01-01, or one of the choices.") % {"fact": fact.key, "kind": fact.kind, "value": value},
        )  # fmt: skip
    return found
