"""Rule cases in YAML, read as the law reads: a name, the facts, and what must come out."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from crm.rulebook import entries, reading
from crm.rulebook.amounts import capped, deduction_left
from crm.rulebook.estimates import Estimate, estimate
from crm.rulebook.facts import FactError, parse
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.library import Library

NEEDED = {"name", "facts", "amount", "eligible"}
ALLOWED = {"kind", "citation", "potential", "by_year", "steps", "deduction", "people", "other_people", "employer_total"}
AS_OF = date(2026, 11, 23)


def cases(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every case below the folder: the program's id and the case. Raises `RuleFileError`."""
    for file in sorted(folder.glob("*.yaml")):
        found = reading.read(file)
        reading.check_keys(file, found, needed={"program", "cases"}, allowed={"given"})
        program = entries.text(file, found, "program")
        given = reading.plain(entries.mapping_of(file, found, "given", "'work_start: 2025-03-03'")) if "given" in found else {}
        for item in entries.entries(file, found, "cases", "name: …"):
            yield program, _case(file, item, given)


def _case(file: Path, item: CommentedMap, given: dict[str, Any]) -> dict[str, Any]:
    """A worked example of an agency names where it stands; `people` of one kind, and `other_people`, give an
    `employer_total`; `by_year` parts the amount. What is `given` holds in each case that says nothing else.
    """
    reading.check_keys(file, item, needed=NEEDED, allowed=ALLOWED)
    kind = entries.one_of(file, item, "kind", ("official", "derived"), "derived")
    if kind == "official" and "citation" not in item:
        raise RuleFileError(file, reading.line_of(item, "kind"), "an official example names its source: add 'citation: …'.")
    if ("people" in item) != ("employer_total" in item):
        raise RuleFileError(file, reading.line_of(item), "'people' and 'employer_total' go together.")
    entries.mapping_of(file, item, "facts", "'work_start: 2025-03-03'")
    for others in entries.entries(file, item, "other_people", "people: 2, facts: {…}"):
        reading.check_keys(file, others, needed={"people", "facts"}, allowed=set())
    entries.one_of(file, item, "eligible", ("yes", "no"))
    if "deduction" in item:
        reading.check_keys(file, entries.mapping_of(file, item, "deduction", "'before: 25000'"), needed={"before", "left"}, allowed=set())
    case: dict[str, Any] = reading.plain(item)
    return case | {"facts": given | case["facts"], "kind": kind, "where": f"{file}:{reading.line_of(item)}"}


def facts_of(library: Library, case: dict[str, Any]) -> dict[str, Any]:
    """The case's facts as values. Raises `FactError`."""
    unknown = [key for key in case["facts"] if key not in library.facts]
    if unknown:
        raise FactError(unknown[0], f"there is no fact '{unknown[0]}'. {reading.meant(unknown[0], library.facts)}")
    return library.completed({key: parse(library.facts[key], value) for key, value in case["facts"].items()})


def run(library: Library, program: str, case: dict[str, Any], *, as_of: date = AS_OF) -> Estimate:
    return estimate(library.programs[program], facts_of(library, case), as_of)


def check(library: Library, program: str, case: dict[str, Any]) -> None:
    """Assert what the case says of the estimate, and that the steps add up to the amount."""
    assert program in library.programs, f"there is no program '{program}'. {reading.meant(program, library.programs)}"
    found = run(library, program, case)
    assert found.eligible == case["eligible"], f"{_eligible(found, case)}"
    assert found.amount == Decimal(str(case["amount"])), f"the amount is {found.amount}, and the case says {case['amount']}"
    if "potential" in case:
        assert found.potential_amount == Decimal(str(case["potential"])), f"the potential amount is {found.potential_amount}"
    amount = found.amount if found.potential_amount is None else found.potential_amount
    assert amount is not None
    if found.eligible == "yes":
        total = sum((traced.adds for traced in found.trace if traced.adds is not None), Decimal(0))
        assert total == amount, f"the steps add up to {total}, the amount is {amount}"
    if "by_year" in case:
        wanted = {int(year): Decimal(str(share)) for year, share in case["by_year"].items()}
        assert found.by_year == wanted, f"by year it is {', '.join(f'{year}: {share}' for year, share in found.by_year.items())}"
    for name, result in case.get("steps", {}).items():
        came = {traced.step.name: traced.result for traced in found.trace}
        assert name in came, f"there is no step '{name}'; there are {', '.join(came)}"
        assert came[name] == Decimal(str(result)), f"the step '{name}' comes to {came[name]}"
    if "deduction" in case:
        left = deduction_left(found.program, Decimal(str(case["deduction"]["before"])), amount)
        assert left == Decimal(str(case["deduction"]["left"])), f"{left} can still be deducted"
    if "people" in case:
        facts = facts_of(library, case)
        several = capped(found.program, _amounts(library, program, case, amount), facts, facts[found.program.date_key]).total
        assert several == Decimal(str(case["employer_total"])), f"the employer's total is {several}"


def _eligible(found: Estimate, case: dict[str, Any]) -> str:
    """What came out in the place of what the case says, and why."""
    failed = [outcome.condition.id for outcome in found.outcomes if outcome.state == "not_met"]
    why = f"; not known: {', '.join(found.missing)}" if found.missing else f"; not met: {', '.join(failed)}" if failed else ""
    return f"eligible is '{found.eligible}', and the case says '{case['eligible']}'{why}"


def _amounts(library: Library, program: str, case: dict[str, Any], amount: Decimal) -> list[Decimal]:
    """One amount for each person; the others differ from the first in the facts that are told of them."""
    found = [amount] * int(case["people"])
    for others in case.get("other_people", []):
        theirs = run(library, program, {"facts": {**case["facts"], **others["facts"]}}).amount
        assert theirs is not None, f"the amount of the other people ({others['facts']}) is not known"
        found += [theirs] * int(others["people"])
    return found
