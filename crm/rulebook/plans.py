"""The `amount` of a program: which shape it has, and which facts and parameters fill it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from crm.rulebook import entries, reading
from crm.rulebook.file_errors import RuleFileError

# for each shape: what it needs, what it may have beside
SHAPES: dict[str, tuple[set[str], set[str]]] = {
    "tiered_wages": (
        {"hours", "wages", "base_by", "base", "tiers", "citation", "tiers_citation", "base_citation"},
        {"less", "less_citation", "limit", "limit_citation", "second_year"},
    ),
    "percent_of_wages": ({"wages", "rate", "cap", "citation"}, {"employer_cap"}),
}
SECOND_YEAR = {"groups", "wages", "base", "rate", "citation"}
FACTS = {"hours": "number", "wages": "money", "less": "money", "limit": "money", "base_by": "choice"}
PARAMETERS = ("tiers", "base", "rate", "cap", "employer_cap")


def read_plan(file: Path, program: CommentedMap) -> dict[str, Any]:
    """The plain plan. Raises `RuleFileError`."""
    plan = entries.mapping_of(file, program, "amount", "'shape: percent_of_wages'")
    if "shape" not in plan:
        raise RuleFileError(file, reading.line_of(program, "amount"), f"the key 'shape' is missing. Allowed: {', '.join(SHAPES)}.")
    shape = entries.one_of(file, plan, "shape", SHAPES)
    needed, allowed = SHAPES[shape]
    reading.check_keys(file, plan, needed=needed | {"shape"}, allowed=allowed)
    for key in plan:
        if key != "second_year":
            entries.text(file, plan, key)
    for key in ("less", "limit"):
        if key in plan and f"{key}_citation" not in plan:
            raise RuleFileError(file, reading.line_of(plan, key), f"'{key}' rests on law: add '{key}_citation'.")
    if "second_year" in plan:
        second = entries.mapping_of(file, plan, "second_year", "'groups: [I]'")
        reading.check_keys(file, second, needed=SECOND_YEAR, allowed=set())
    found: dict[str, Any] = reading.plain(plan)
    return found


def facts_of(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each fact that the amount needs, with the kind that it must be of."""
    yield from ((plan[key], kind) for key, kind in FACTS.items() if key in plan)
    if "second_year" in plan:
        yield plan["second_year"]["wages"], "money"


def parameters_of(plan: Mapping[str, Any]) -> Iterator[str]:
    yield from (plan[key] for key in PARAMETERS if key in plan)
    if "second_year" in plan:
        yield plan["second_year"]["base"]
        yield plan["second_year"]["rate"]
