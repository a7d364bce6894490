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


def law(parameters: Parameters, name: str, day: date) -> Decimal:
    """A number of law; zero on a day for which the law has none."""
    return number(parameters[name].at(day) or 0)


def _tiered(program: Program, parameters: Parameters, facts: Mapping[str, Any], day: date) -> Amount:
    """A share of wages up to a base, the share rising with the hours worked (WOTC, IRC §51)."""
    plan = program.amount
    if "limit" in plan and facts.get(plan["limit"], UNKNOWN) == ZERO:
        return Amount(ZERO, ())
    exact, first = _first_year(plan, parameters, facts, day)
    second = _second_year(plan, parameters, facts, day, exact) if _has_second_year(plan, facts) else Amount(ZERO, ())
    steps = (*first.steps, *second.steps)
    if first.value is None or second.value is None:
        return Amount(None, steps, (*first.missing, *second.missing))
    return _limited(plan, facts, Amount(first.value + second.value, steps))


def _tier(tiers: Any, hours: Decimal) -> tuple[Decimal, Decimal]:
    """The share that these hours reach, and from how many hours it runs."""
    reached = [tier for tier in tiers if hours >= number(tier["hours"])]
    if not reached:
        return Decimal(0), number(tiers[0]["hours"] if tiers else 0)
    return number(reached[-1]["rate"]), number(reached[-1]["hours"])


def _first_year(plan: Mapping[str, Any], parameters: Parameters, facts: Mapping[str, Any], day: date) -> tuple[Decimal, Amount]:
    """The exact credit, and the same in cents with its steps. What is zero whatever the rest is asks for nothing."""
    bases = parameters[plan["base"]]
    # a group that the law did not know on that day brings nothing
    base = number((bases.at(day) or {}).get(facts[plan["base_by"]], 0))
    hours, wages, less = (facts.get(plan[key], UNKNOWN) if key in plan else ZERO for key in ("hours", "wages", "less"))
    steps, rate = _tier_steps(plan, parameters, hours, day)
    if not base or rate == 0 or (wages is not UNKNOWN and less is not UNKNOWN and wages <= less) or wages == ZERO:
        return ZERO, Amount(ZERO, steps)
    missing = tuple(plan[key] for key, value in (("hours", hours), ("wages", wages), ("less", less)) if value is UNKNOWN)
    if rate is None or missing:
        return ZERO, Amount(None, steps, missing)
    if less:
        steps += (Step("less", {"wages": wages, "less": less}, wages - less, plan["less_citation"]),)
    counted = min(wages - less, base)
    steps += (
        Step("base", {"wages": wages - less, "base": base}, counted, plan["base_citation"], bases.since(day), bases.review_status),
        Step("first_year", {"percent": rate * 100, "wages": counted}, cents(rate * counted), plan["citation"], adds=True),
    )
    return rate * counted, Amount(cents(rate * counted), steps)


def _tier_steps(
    plan: Mapping[str, Any], parameters: Parameters, hours: Any, day: date
) -> tuple[tuple[Step, ...], Decimal | None]:
    """The share by hours with its step; zero where the law has no tier on that day, None while the hours are not known."""
    tiers = parameters[plan["tiers"]]
    listed = tiers.at(day) or []
    if not listed or hours is UNKNOWN:
        return (), None if listed else ZERO
    rate, least = _tier(listed, hours)
    numbers = {"hours": hours, "least": least, "percent": rate * 100}
    return (Step("tier", numbers, rate, plan["tiers_citation"], tiers.since(day), tiers.review_status),), rate


def _has_second_year(plan: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    second = plan.get("second_year")
    return second is not None and facts.get(plan["base_by"]) in second["groups"]


def _second_year(
    plan: Mapping[str, Any], parameters: Parameters, facts: Mapping[str, Any], day: date, first: Decimal
) -> Amount:
    """What it adds to the exact credit of the first year, so that the person's amount is rounded once."""
    second = plan["second_year"]
    base, rate = law(parameters, second["base"], day), law(parameters, second["rate"], day)
    wages = facts.get(second["wages"], UNKNOWN)
    if not base * rate:
        return Amount(ZERO, ())
    if wages is UNKNOWN:
        return Amount(None, (), (second["wages"],))
    counted = min(wages, base)
    credit = cents(first + rate * counted) - cents(first)
    bases, rates = parameters[second["base"]], parameters[second["rate"]]
    steps = (
        Step("base", {"wages": wages, "base": base}, counted, second["citation"], bases.since(day), bases.review_status),
        Step("second_year", {"percent": rate * 100, "wages": counted}, credit, second["citation"], rates.since(day),
             rates.review_status, adds=True),
    )  # fmt: skip
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
    rates, caps = parameters[plan["rate"]], parameters[plan["cap"]]
    rate, cap = law(parameters, plan["rate"], day), law(parameters, plan["cap"], day)
    wages = facts.get(plan["wages"], UNKNOWN)
    if not rate * cap:
        return Amount(ZERO, ())
    if wages is UNKNOWN:
        return Amount(None, (), (plan["wages"],))
    share = cents(rate * wages)
    credit = min(share, cap)
    citation = plan["citation"]
    steps = (
        Step("percent", {"percent": rate * 100, "wages": wages}, share, citation, rates.since(day), rates.review_status),
        Step("cap", {"share": share, "cap": cap}, credit, citation, caps.since(day), caps.review_status, adds=True),
    )
    return Amount(credit, steps)


def employer_total(program: Program, parameters: Parameters, amounts: list[Decimal], day: date) -> Decimal:
    """What the employer gets in a year for several persons, cut to the employer's cap."""
    total = sum(amounts, ZERO)
    name = program.amount.get("employer_cap")
    cap = parameters[name].at(day) if name else None
    return total if cap is None else min(total, number(cap))
