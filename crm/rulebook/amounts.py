"""How much: the shapes that recur in law, each with its steps. In cents, half up, at the end of a person's amount."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from msgspec import Struct

from crm.rulebook.facts import UNKNOWN
from crm.rulebook.parameters import Parameters, number
from crm.rulebook.programs import Program

ZERO = Decimal("0.00")


class Step(Struct, frozen=True):
    """One step of a calculation: a code for its sentence, the numbers in it, the result, and the law."""

    code: str
    numbers: dict[str, Any]
    result: Decimal
    citation: str
    since: date | None = None
    review_status: str = "verified"
    adds: bool = False  # whether the result is a part of the total


class Amount(Struct, frozen=True):
    """The amount with its steps, or the facts that are still missing for it, in the order in which to ask."""

    value: Decimal | None
    steps: tuple[Step, ...]
    missing: tuple[str, ...] = ()


def compute(program: Program, parameters: Parameters, facts: Mapping[str, Any], day: date) -> Amount:
    """`day` selects the version of every parameter: the program's date key, or the day before a lapse."""
    return {"tiered_wages": _tiered, "percent_of_wages": _percent}[program.amount["shape"]](program, parameters, facts, day)


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _tiered(program: Program, parameters: Parameters, facts: Mapping[str, Any], day: date) -> Amount:
    """A share of wages up to a base, the share rising with the hours worked (WOTC, IRC §51)."""
    plan = program.amount
    tiers = parameters[plan["tiers"]]
    hours = facts.get(plan["hours"], UNKNOWN)
    if hours is UNKNOWN:
        return Amount(None, (), (plan["hours"],))
    rate, least = _tier(tiers.at(day), hours)
    steps = [Step("tier", {"hours": hours, "least": least, "percent": rate * 100}, rate, plan["tiers_citation"], tiers.since(day),
                  tiers.review_status)]  # fmt: skip
    first = Amount(ZERO, tuple(steps))
    if rate:
        first = _first_year(plan, parameters, facts, day, rate, steps)
        if first.value is None:
            return first
    second = _second_year(plan, parameters, facts, day) if _has_second_year(plan, facts) else Amount(ZERO, ())
    if second.value is None:
        return Amount(None, first.steps, second.missing)
    total = Amount((first.value or ZERO) + second.value, (*first.steps, *second.steps))
    return _limited(plan, facts, total)


def _tier(tiers: Any, hours: Decimal) -> tuple[Decimal, Decimal]:
    reached = [tier for tier in tiers if hours >= number(tier["hours"])]
    if not reached:
        return Decimal(0), number(tiers[0]["hours"])
    return number(reached[-1]["rate"]), number(reached[-1]["hours"])


def _first_year(
    plan: Mapping[str, Any], parameters: Parameters, facts: Mapping[str, Any], day: date, rate: Decimal, steps: list[Step]
) -> Amount:
    wanted = [plan["wages"], *([plan["less"]] if "less" in plan else [])]
    missing = tuple(key for key in wanted if facts.get(key, UNKNOWN) is UNKNOWN)
    if missing:
        return Amount(None, tuple(steps), missing)
    bases = parameters[plan["base"]]
    by_group = bases.at(day) or {}
    # a group that the law did not know on that day brings nothing
    base = number(by_group.get(facts[plan["base_by"]], 0))
    wages = facts[plan["wages"]]
    if "less" in plan and facts[plan["less"]]:
        less = min(facts[plan["less"]], wages)
        steps.append(Step("less", {"wages": wages, "less": less}, wages - less, plan["less_citation"]))
        wages -= less
    counted = min(wages, base)
    steps.append(Step("base", {"wages": wages, "base": base}, counted, plan["base_citation"], bases.since(day), bases.review_status))
    credit = cents(rate * counted)
    steps.append(Step("first_year", {"percent": rate * 100, "wages": counted}, credit, plan["citation"], adds=True))
    return Amount(credit, tuple(steps))


def _has_second_year(plan: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    second = plan.get("second_year")
    return second is not None and facts.get(plan["base_by"]) in second["groups"]


def _second_year(plan: Mapping[str, Any], parameters: Parameters, facts: Mapping[str, Any], day: date) -> Amount:
    second = plan["second_year"]
    wages = facts.get(second["wages"], UNKNOWN)
    if wages is UNKNOWN:
        return Amount(None, (), (second["wages"],))
    base, rate = number(parameters[second["base"]].at(day)), number(parameters[second["rate"]].at(day))
    counted = min(wages, base)
    credit = cents(rate * counted)
    steps = (
        Step("base", {"wages": wages, "base": base}, counted, second["citation"], parameters[second["base"]].since(day)),
        Step("second_year", {"percent": rate * 100, "wages": counted}, credit, second["citation"], adds=True),
    )
    return Amount(credit, steps)


def _limited(plan: Mapping[str, Any], facts: Mapping[str, Any], amount: Amount) -> Amount:
    """Cut to another tax figure, where the law says so."""
    if "limit" not in plan or not amount.value:
        return amount
    limit = facts.get(plan["limit"], UNKNOWN)
    if limit is UNKNOWN:
        return Amount(None, amount.steps, (plan["limit"],))
    if amount.value <= limit:
        return amount
    cut = Step("limit", {"amount": amount.value, "limit": limit}, limit - amount.value, plan["limit_citation"], adds=True)
    return Amount(limit, (*amount.steps, cut))


def _percent(program: Program, parameters: Parameters, facts: Mapping[str, Any], day: date) -> Amount:
    """The lesser of a share of wages and a cap for each person, for several persons up to an employer's cap."""
    plan = program.amount
    wages = facts.get(plan["wages"], UNKNOWN)
    if wages is UNKNOWN:
        return Amount(None, (), (plan["wages"],))
    rate, cap = parameters[plan["rate"]], parameters[plan["cap"]]
    share = cents(number(rate.at(day)) * wages)
    credit = min(share, number(cap.at(day)))
    steps = (
        Step("percent", {"percent": number(rate.at(day)) * 100, "wages": wages}, share, plan["citation"], rate.since(day)),
        Step("cap", {"share": share, "cap": number(cap.at(day))}, credit, plan["citation"], cap.since(day), adds=True),
    )
    return Amount(credit, steps)


def employer_total(program: Program, parameters: Parameters, amounts: list[Decimal], day: date) -> Decimal:
    """What the employer gets in a year for several persons, cut to the employer's cap."""
    total = sum(amounts, ZERO)
    name = program.amount.get("employer_cap")
    return min(total, number(parameters[name].at(day))) if name else total
