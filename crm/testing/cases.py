"""Rule cases in YAML, read as the law reads: a name, the facts, and what must come out."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from crm.rulebook import reading
from crm.rulebook.estimates import Estimate, estimate
from crm.rulebook.facts import parse
from crm.rulebook.library import Library


def cases(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every case below the folder: the program's id and the case."""
    for file in sorted(folder.glob("*.yaml")):
        found = reading.plain(reading.read(file))
        for case in found["cases"]:
            yield found["program"], case


def run(library: Library, program: str, case: dict[str, Any], *, as_of: date = date(2026, 11, 23)) -> Estimate:
    facts = {key: parse(library.facts[key], value) for key, value in case["facts"].items()}
    return estimate(library.programs[program], library.parameters, facts, as_of)


def check(library: Library, program: str, case: dict[str, Any]) -> None:
    """Assert what the case says of the estimate, and that the steps add up to the amount."""
    found = run(library, program, case)
    assert found.eligible == case["eligible"], (found.eligible, found.missing)
    assert found.amount == Decimal(case["amount"]), found.amount
    if "potential" in case:
        assert found.potential_amount == Decimal(case["potential"])
    total = found.potential_amount if found.potential_amount is not None else found.amount
    if found.eligible == "yes":
        assert sum((step.result for step in found.steps if step.adds), Decimal(0)) == total
