"""How much: the steps of a program worked out, exactly or as far as the facts reach. Rounded once, half up, at the end of a person's amount."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from msgspec import Struct

from crm.rulebook import ranges
from crm.rulebook.formulas import Around, Missing, Part, Told, laws_of
from crm.rulebook.programs import LEVELS, Limit, Program
from crm.rulebook.ranges import NO, NOTHING, WITHOUT_END, YES, Range
from crm.rulebook.steps import Step, parts_of_total

ZERO = Decimal("0.00")
UNITS = {"cents": Decimal("0.01"), "dollars": Decimal("1")}


class Traced(Struct, frozen=True):
    """A step as it came out: what it was worked out with, its result, and what it adds to the amount, if it is a part of it.

    `since` is the first day of the newest number of law in it. `formula` is None where the result does not rest on all of it.
    """

    step: Step
    around: Around
    formula: Part | None
    result: Decimal
    adds: Decimal | None
    since: date | None
    review_status: str


class Amount(Struct, frozen=True):
    """Where the amount lies; once that is one number, its steps, and what falls to each year, the first being 1."""

    within: Range
    trace: tuple[Traced, ...] = ()
    by_year: Mapping[int, Decimal] = {}

    @property
    def value(self) -> Decimal | None:
        return self.within.low if self.within.known else None


def rounded(value: Decimal, unit: str = "cents") -> Decimal:
    """Half up; in whole dollars still written with cents."""
    return value if value == WITHOUT_END else value.quantize(UNITS[unit], ROUND_HALF_UP).quantize(UNITS["cents"])


def compute(program: Program, facts: Mapping[str, Any], day: date, known: date | None = None) -> Amount:
    """The amount by the law of that day, as it was known on the day `known`."""
    with suppress(Missing):  # then as far as the facts reach
        return _exactly(program, Around(facts, day, known, {}))
    around = Around(facts, day, known, {})
    around.steps.update(places(program, around))
    found = total_within(program, around.steps)
    return _traced(program, around, found) if found.known else Amount(found)


def places(program: Program, around: Around, before: Mapping[str, Range] | None = None, told: str = "") -> dict[str, Range]:
    """Where each step lies. Where the steps are known from `before` and one fact was told since, only what rests on that is worked out anew."""
    here = Around(around.facts, around.day, around.known, {})
    for step in program.steps:
        here.steps[step.name] = before[step.name] if before is not None and told not in program.rests_on[step.name] else step_within(step, here)
    return here.steps


def total_within(program: Program, steps: Mapping[str, Range]) -> Range:
    total = steps[program.steps[-1].name]
    return Range(rounded(max(total.low, ZERO), program.round), rounded(max(total.high, ZERO), program.round))


def _exactly(program: Program, around: Around) -> Amount:
    """Where all that counts is known. Raises `Missing`."""
    taken = [step for step in program.steps if _work(step, around)]
    found = rounded(max(around.steps[program.steps[-1].name], ZERO), program.round)
    return _explained(program, around, Range(found, found), [(step, step.formula) for step in taken])


def _work(step: Step, around: Around) -> bool:
    """Works the step out; whether it is taken."""
    asked = step.when is None or bool(step.when.exact(around))
    around.steps[step.name] = step.formula.exact(around) if asked else ZERO
    return asked


def lies(program: Program, around: Around) -> Range:
    """Where the amount lies, as far as the facts reach."""
    return total_within(program, places(program, around))


def bare(program: Program, facts: Mapping[str, Any], day: date, known: date | None = None) -> Decimal:
    """The amount alone, without its trace, for many at once. Raises `Missing` for a fact that it rests on."""
    around = Around(facts, day, known, {})
    for step in program.steps:
        _work(step, around)
    return rounded(max(around.steps[program.steps[-1].name], ZERO), program.round)


def emptied_by(program: Program) -> dict[str, float]:
    """See `Program.emptied_by`."""

    def nothing(told: Mapping[str, Any]) -> bool:
        return all(lies(program, Around(told, day)) == NOTHING for day in program.versions)

    asked = {part.fact.key: part.fact for whole in program.formulas() for part in whole.walk() if isinstance(part, Told)}
    counted = [] if nothing({}) else [asked[key] for key in asked if key in program.rests_on[program.steps[-1].name]]
    found = {fact.key: sum(chance for value, chance in fact.likely if nothing({fact.key: value})) for fact in counted}
    return {key: chance for key, chance in found.items() if chance}


def deduction_left(program: Program, deduction: Decimal, amount: Decimal) -> Decimal:
    """What can still be deducted of the same costs beside the amount: less by it where the law says so (`lowers_deduction`)."""
    lowered = any(each.relation == "lowers_deduction" for each in program.beside)
    return max(deduction - amount, ZERO) if lowered else deduction


def step_within(step: Step, around: Around) -> Range:
    asked = YES if step.when is None else step.when.within(around)
    if asked == NO:
        return NOTHING
    found = step.formula.within(around)
    assert isinstance(found, Range)
    return found if asked == YES else ranges.hull([NOTHING, found])


def _traced(program: Program, lying: Around, found: Range) -> Amount:
    """Each step exactly; one that the facts do not decide, and that does not matter, is left out."""
    around = Around(lying.facts, lying.day, lying.known, {})
    results: list[tuple[Step, Part | None]] = []
    for step in program.steps:
        place: Range = lying.steps[step.name]
        try:
            if _work(step, around):
                results.append((step, step.formula))
        except (Missing, KeyError):
            if place.known:
                around.steps[step.name] = place.low
                results.append((step, None))
    return _explained(program, around, found, results)


def _explained(program: Program, around: Around, found: Range, results: list[tuple[Step, Part | None]]) -> Amount:
    adds = _shares(program, around, found.low)
    trace = tuple(_trace(step, formula, around, adds.get(step.name)) for step, formula in results)
    years: dict[int, Decimal] = {}
    for step, _formula in results:
        if adds.get(step.name):
            years[step.year] = years.get(step.year, ZERO) + adds[step.name]
    return Amount(found, trace, years)


def _shares(program: Program, around: Around, amount: Decimal) -> dict[str, Decimal]:
    """What each part of the total adds, so that they sum to the rounded amount."""
    shares: dict[str, Decimal] = {}
    exact, given = Decimal(0), ZERO
    parts = parts_of_total(program.steps)
    for step in parts:
        exact += around.steps.get(step.name, ZERO)
        upto = amount if step is parts[-1] else rounded(max(exact, ZERO), program.round)
        shares[step.name], given = upto - given, upto
    return shares


def _trace(step: Step, formula: Part | None, around: Around, adds: Decimal | None) -> Traced:
    days = [since for law in step.laws if (since := law.since(around.day, around.known)) is not None]
    statuses = [step.review_status, *(law.review_on(around.day, around.known) for law in step.laws)]
    review = next((status for status in ("recalled", "second_hand") if status in statuses), "verified")
    return Traced(step, around, formula, around.steps[step.name], adds, max(days, default=None), review)


def stands(part: Part, around: Around) -> bool:
    """Whether the law has all numbers of a formula on that day."""
    return all(law.at(around.day, around.known) is not None for law in laws_of(part))


class Capped(Struct, frozen=True):
    """What several amounts come to under the limits of one level: the total, and each limit that cut it, with what it cut."""

    total: Decimal
    cut: tuple[tuple[Limit, Decimal], ...]


def capped(program: Program, amounts: Iterable[Decimal], facts: Mapping[str, Any], day: date, *, level: str = LEVELS[1], known: date | None = None) -> Capped:
    """Several persons' amounts under the limits of a level: the people who count are those with the largest amounts.

    A limit for which the law has no number on that day limits nothing.
    """
    around = Around(facts, day, known, {})
    counted = sorted(amounts, reverse=True)
    cut: list[tuple[Limit, Decimal]] = []
    for limit in (each for each in program.limits if each.level == level):
        if limit.most_people is not None and stands(limit.most_people, around):
            people = int(limit.most_people.exact(around))
            if counted[people:]:
                cut.append((limit, sum(counted[people:], ZERO)))
            counted = counted[:people]
        total = sum(counted, ZERO)
        if limit.most is not None and stands(limit.most, around) and total > (most := limit.most.exact(around)):
            cut.append((limit, total - most))
            counted = [most]
    return Capped(sum(counted, ZERO), tuple(cut))
