"""The edges of an amount: each tier and just below it, each side of a lesser-of, each row of a table, each way of an if, each cap."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct

from crm.rulebook.amounts import rounded, stands
from crm.rulebook.comparisons import OneOf
from crm.rulebook.formulas import Around, Before, Choose, Constant, Law, Missing, Part, Pick, Row, Tier, row_name
from crm.rulebook.parameters import Parameter, number
from crm.rulebook.programs import Limit, Program

CENT = Decimal("0.01")


class Standing(Struct, frozen=True):
    """A case with what its steps came to, for looking at which edges it stands on."""

    case: Mapping[str, Any]
    around: Around


Holds = Callable[[Standing], bool]
Edge = tuple[int, str, Holds]  # the line of the step, what a case must show, and whether one does


def edges(program: Program) -> Iterator[Edge]:
    """What cases of a program must show. Only the newest table of each is asked for."""
    for step in program.steps:
        if step.when is not None:
            for holds, words in ((True, "is taken"), (False, "is left out")):
                yield step.line, f"in which the step '{step.name}' {words}", _asked(step.when, holds)
        for part in step.formula.walk():
            for what, shown in _of_part(part, program):
                yield step.line, f"{what} (the step '{step.name}')", shown
    for limit in program.limits:
        if limit.level == "employer_year":
            yield from _of_limit(limit)


def _of_part(part: Part, program: Program) -> Iterator[tuple[str, Holds]]:
    if isinstance(part, Tier):
        for row in _newest(part.parameter) or []:
            if not number(row["from"]):
                continue  # nothing lies below a tier that begins at nothing
            yield f"at {row['from']} (a tier begins)", _between(part.quantity, number(row["from"]), number(row["from"]))
            yield f"just below {row['from']} (a tier begins)", _between(part.quantity, number(row["from"]) - 1, number(row["from"]) - CENT)
    elif isinstance(part, Row):
        for key in _rows(part, program):
            yield f"of the row '{key}' of {part.parameter.name}", _row(part, str(key))
    elif isinstance(part, Choose):
        for way in (True, False):
            yield f"in which the if {'holds' if way else 'does not hold'}", _asked(part.condition, way)
    elif isinstance(part, Pick):
        yield from _of_pick(part)


def _rows(part: Row, program: Program) -> Iterator[str]:
    """Those that the conditions let through."""
    tests = [condition.test for condition in program.conditions if condition.when is None]
    allowed = [test.among for test in tests if isinstance(test, OneOf) and test.part == part.by and not isinstance(test.among, Parameter)]
    yield from (key for key in _newest(part.parameter) or {} if all(key in among for among in allowed))


def _of_pick(part: Pick) -> Iterator[tuple[str, Holds]]:
    weighed = [each for each in part.among if not (isinstance(each, Constant) and each.value == 0)]
    if len(weighed) < 2:
        return
    for each in weighed:
        yield f"in which {_called(each)} is the {part.which}", _wins(part, each)
        if isinstance(each, Law | Row):
            yield f"in which another part just reaches {_called(each)}", _ties(part, each)


def _called(part: Part) -> str:
    if isinstance(part, Law | Row):
        return f"law.{part.parameter.name.replace('/', '.')}"
    if isinstance(part, Before):
        return f"'{part.name}'"
    named = next((each for each in part.walk() if hasattr(each, "fact") or isinstance(each, Before | Law | Row | Tier)), part)
    fact = getattr(named, "fact", None)
    inner = f"'{fact.key}'" if fact else _called(named) if isinstance(named, Before | Law | Row) else "a tier"
    return inner if named is part else f"the part with {inner}"


def _wins(pick: Pick, part: Part) -> Holds:
    def holds(standing: Standing) -> bool:
        value, others = part.exact(standing.around), [each.exact(standing.around) for each in pick.among if each is not part]
        return all(value < other if pick.which == "least" else value > other for other in others)

    return _where_known(holds)


def _ties(pick: Pick, part: Part) -> Holds:
    def holds(standing: Standing) -> bool:
        value = rounded(part.exact(standing.around))
        return any(rounded(each.exact(standing.around)) == value for each in pick.among if each is not part)

    return _where_known(holds)


def _between(part: Part, least: Decimal, most: Decimal) -> Holds:
    return _where_known(lambda standing: bool(least <= part.exact(standing.around) <= most))


def _row(part: Row, key: str) -> Holds:
    return _where_known(lambda standing: row_name(part.by.exact(standing.around)) == key)


def _asked(condition: Part, way: bool) -> Holds:
    return _where_known(lambda standing: bool(condition.exact(standing.around)) is way)


def _where_known(holds: Holds) -> Holds:
    def known(standing: Standing) -> bool:
        try:
            return holds(standing)
        except (Missing, KeyError):
            return False

    return known


def _of_limit(limit: Limit) -> Iterator[Edge]:
    for words, wanted in (("within", False), ("cut to", True)):

        def holds(standing: Standing, wanted: bool = wanted) -> bool:
            if "people" not in standing.case:
                return False
            people, amount = number(standing.case["people"]), number(standing.case["amount"])
            weighed = ((limit.most, people * amount), (limit.most_people, people))
            over = any(part is not None and stands(part, standing.around) and value > part.exact(standing.around) for part, value in weighed)
            return over is wanted

        yield limit.line, f"of several people, 'people:' and 'employer_total:', {words} the employer's limit", holds


def _newest(parameter: Parameter) -> Any:
    return next((value for value in reversed(parameter.values) if value is not None), None)
