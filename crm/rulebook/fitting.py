"""Whether a program fits the facts and parameters that it names: each there, of the right kind, compared with what it can be."""

from collections.abc import Mapping
from typing import Any

from crm.rulebook import plans
from crm.rulebook.conditions import Condition
from crm.rulebook.facts import UNKNOWN, Fact, FactError, parse
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.parameters import Parameters
from crm.rulebook.programs import Program
from crm.rulebook.reading import meant

KINDS_OF = {
    "is": ("yes_no", "choice", "number", "money", "date"), "one_of": ("choice", "number"), "at_least": ("number", "money"),
    "at_most": ("number", "money"), "between": ("number", "money", "date"), "on_or_after": ("date",), "on_or_before": ("date",),
}  # fmt: skip


def check_fits(program: Program, facts: Mapping[str, Fact], parameters: Parameters) -> None:
    """Raises `RuleFileError` with the line that names what is not there or cannot be."""
    _fact(program, 1, facts, program.date_key, "date")
    for condition in program.conditions:
        _check_condition(program, condition, facts)
    for deadline in program.deadlines:
        _fact(program, deadline.line, facts, deadline.after, "date")
    for name, kind in plans.facts_of(program.amount):
        _fact(program, program.amount_line, facts, name, kind)
    for name in plans.parameters_of(program.amount):
        if name not in parameters:
            known = meant(name, [parameter.name for parameter in parameters])
            raise RuleFileError(
                program.file, program.amount_line, f"there is no parameter '{name}'. {known} Or add parameters/{name}.yaml."
            )


def _fact(program: Program, line: int, facts: Mapping[str, Fact], name: str, *kinds: str) -> Fact:
    if name not in facts:
        raise RuleFileError(
            program.file, line, f"the fact '{name}' is declared in no facts.yaml. {meant(name, facts)} Or declare it there."
        )
    if kinds and facts[name].kind not in kinds:
        raise RuleFileError(
            program.file, line, f"the fact '{name}' is of kind '{facts[name].kind}'; here stands one of kind {' or '.join(kinds)}."
        )
    return facts[name]


def _check_condition(program: Program, condition: Condition, facts: Mapping[str, Fact]) -> None:
    fact = _fact(program, condition.line, facts, condition.fact, *KINDS_OF[condition.operator])
    value = condition.value
    if condition.operator in {"one_of", "between"}:
        if not isinstance(value, list) or not value or (condition.operator == "between" and len(value) != 2):
            example = "[18, 39]" if condition.operator == "between" else "[A, B]"
            raise RuleFileError(program.file, condition.line, f"'{condition.operator}' is followed by a list, as {example}.")
        for item in value:
            _check_value(program, condition, fact, item)
        if condition.operator == "between" and value[0] > value[1]:
            raise RuleFileError(program.file, condition.line, f"'between' goes from the lesser to the greater; found {value[0]}, {value[1]}.")
    else:
        _check_value(program, condition, fact, value)
    for name, values in condition.when.items():
        asked = _fact(program, condition.line, facts, name)
        for item in values:
            _check_value(program, condition, asked, item)


def _check_value(program: Program, condition: Condition, fact: Fact, value: Any) -> None:
    """A value in a rule is what the fact itself would be: no '5' for a number, no choice that cannot be chosen."""
    try:
        known = parse(fact, value)
    except (FactError, TypeError) as problem:
        raise RuleFileError(
            program.file, condition.line, f"the condition '{condition.id}' compares '{fact.key}' with '{value}': {problem}"
        ) from problem
    if known is UNKNOWN or type(known) is not type(value) or known != value:
        raise RuleFileError(
            program.file, condition.line,
            f"the condition '{condition.id}' compares '{fact.key}' ({fact.kind}) with '{value}'. Write a value of that kind: "
            "true or false, digits, a day as 2025-01-01, or one of the choices.",
        )  # fmt: skip
