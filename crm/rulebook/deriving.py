"""Facts that follow from others: an age from a birthday and the first day of work. What is told and what follows must agree."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct

from crm.rulebook.facts import UNKNOWN, Fact, FactError
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.formula_reading import FormulaError, Known, read_formula
from crm.rulebook.formulas import Around, Missing, Part
from crm.rulebook.parameters import Parameters
from crm.translation import _


class Derived(Struct, frozen=True):
    """A fact and the formula that gives it."""

    fact: Fact
    formula: Part


def read_derived(file: Path, own: Mapping[str, Fact], facts: Mapping[str, Fact]) -> tuple[Derived, ...]:
    """Of the facts of one file, those that have a formula. Raises `RuleFileError`."""
    found = []
    for key, fact in own.items():
        if fact.derive:
            others = {name: other for name, other in facts.items() if name != key and not other.derive}
            try:
                found.append(Derived(fact, read_formula(fact.derive, Known(others, Parameters()), fact.kind)))
            except FormulaError as problem:
                raise RuleFileError(file, None, _("the formula of the fact '%(key)s': %(problem)s It uses facts that do not follow from others.") % {"key": key, "problem": problem}) from problem
    return tuple(found)


def derive(derived: tuple[Derived, ...], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with those that follow. Raises `FactError` where one is told otherwise."""
    complete = dict(facts)
    for each in derived:
        key = each.fact.key
        try:
            value = each.formula.exact(Around(facts, date.min))
        except Missing:
            continue
        told = facts.get(key, UNKNOWN)
        if told is not UNKNOWN and told != value:
            raise FactError(key, _("'%(told)s' contradicts the other answers, from which follows %(value)s. Mend one of them.") % {"told": told, "value": value})
        complete[key] = value
    return complete
