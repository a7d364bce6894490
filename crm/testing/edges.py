"""The edges of an amount: the hours of each tier, the base of each group, the caps and limits, below, at and above."""

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from crm.rulebook.amounts import ZERO, cents
from crm.rulebook.parameters import Parameter, Parameters, number
from crm.rulebook.programs import Program

# of the facts, the case and its day: whether the case stands on this side of the edge
Holds = Callable[[Mapping[str, Any], Mapping[str, Any], date], bool]
Edge = tuple[str, Holds]
CENT = Decimal("0.01")
Side = Callable[[Decimal, Decimal], bool]
SIDES: dict[str, Side] = {"below": operator.lt, "at": operator.eq, "above": operator.gt}


def edges(program: Program, parameters: Parameters) -> Iterator[Edge]:
    """What cases of a program must show, in words, with the test for it. Only the newest table of each is asked for."""
    plan = program.amount
    if plan["shape"] == "tiered_wages":
        yield from _tiers(plan, parameters[plan["tiers"]])
        yield from _bases(plan, parameters[plan["base"]], program)
    else:
        yield from _cap(plan, parameters)
    if "second_year" in plan:
        yield from _second_year(plan, parameters)
    if "less" in plan:
        yield f"with '{plan['less']}' above zero", lambda facts, case, day: facts.get(plan["less"], ZERO) > 0
    if "limit" in plan:
        yield from _limit(plan, parameters)
    if "employer_cap" in plan:
        yield from _employer_cap(parameters[plan["employer_cap"]])


def _tiers(plan: Mapping[str, Any], tiers: Parameter) -> Iterator[Edge]:
    for tier in _newest(tiers) or []:
        edge = number(tier["hours"])
        yield f"at {edge} hours (a tier begins)", _between(plan["hours"], edge, edge)
        yield f"at {edge - 1} hours (one below a tier)", _between(plan["hours"], edge - 1, edge - CENT)


def _bases(plan: Mapping[str, Any], bases: Parameter, program: Program) -> Iterator[Edge]:
    asked = [c.value for c in program.conditions if c.fact == plan["base_by"] and c.operator == "one_of"]
    for group, base in (_newest(bases) or {}).items():
        if asked and group not in asked[0]:
            continue

        def at_base(facts: Mapping[str, Any], case: Any, day: date, group: str = group, base: Any = base) -> bool:
            return facts.get(plan["base_by"]) == group and facts.get(plan["wages"]) == number(base)

        yield f"of group {group} with wages of just its base, {base}", at_base

    for side, stands in (("below", operator.lt), ("above", operator.gt)):

        def beside(facts: Mapping[str, Any], case: Any, day: date, stands: Side = stands) -> bool:
            base = (bases.at(day) or {}).get(facts.get(plan["base_by"]))
            return base is not None and plan["wages"] in facts and stands(facts[plan["wages"]], number(base))

        yield f"with wages {side} the base", beside


def _cap(plan: Mapping[str, Any], parameters: Parameters) -> Iterator[Edge]:
    for side, stands in SIDES.items():

        def holds(facts: Mapping[str, Any], case: Any, day: date, stands: Side = stands) -> bool:
            rate, cap = parameters[plan["rate"]].at(day), parameters[plan["cap"]].at(day)
            return None not in (rate, cap) and plan["wages"] in facts and stands(cents(rate * facts[plan["wages"]]), cap)

        yield f"with the share of wages {side} the cap", holds


def _second_year(plan: Mapping[str, Any], parameters: Parameters) -> Iterator[Edge]:
    second = plan["second_year"]
    for side, stands in SIDES.items():

        def holds(facts: Mapping[str, Any], case: Any, day: date, stands: Side = stands) -> bool:
            base = parameters[second["base"]].at(day)
            in_group = facts.get(plan["base_by"]) in second["groups"] and second["wages"] in facts
            return base is not None and in_group and stands(facts[second["wages"]], number(base))

        yield f"with second-year wages {side} their base", holds


def _limit(plan: Mapping[str, Any], parameters: Parameters) -> Iterator[Edge]:
    for side, stands in SIDES.items():

        def holds(facts: Mapping[str, Any], case: Any, day: date, stands: Side = stands) -> bool:
            tiers, bases = parameters[plan["tiers"]].at(day) or [], parameters[plan["base"]].at(day) or {}
            base = bases.get(facts.get(plan["base_by"]))
            if base is None or not {plan["hours"], plan["wages"], plan["limit"]} <= set(facts):
                return False
            rate = max((number(t["rate"]) for t in tiers if facts[plan["hours"]] >= number(t["hours"])), default=ZERO)
            credit = cents(rate * min(facts[plan["wages"]], number(base)))
            return credit > 0 and stands(credit, facts[plan["limit"]])

        yield f"with the credit {side} '{plan['limit']}'", holds


def _employer_cap(caps: Parameter) -> Iterator[Edge]:
    for words, wanted in (("within", False), ("cut to", True)):

        def holds(facts: Any, case: Mapping[str, Any], day: date, wanted: bool = wanted) -> bool:
            if "people" not in case or caps.at(day) is None:
                return False
            return (number(case["people"]) * number(case["amount"]) > number(caps.at(day))) is wanted

        yield f"of several people, 'people:' and 'employer_total:', {words} the employer's cap", holds


def _between(key: str, least: Decimal, most: Decimal) -> Holds:
    return lambda facts, case, day: key in facts and least <= facts[key] <= most


def _newest(parameter: Parameter) -> Any:
    return next((value for value in reversed(parameter.values) if value is not None), None)
