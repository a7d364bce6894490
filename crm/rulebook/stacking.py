"""Which programs to claim together for one hire: the best plan that the law allows, what it leaves out and why, and the next best.

Programs stand to each other as their files say (`beside`): one may need another, rule it out for the same person, or take off what the
other one used. Those that stand to no other are always claimed; of the rest every set is weighed, so the best is the best.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

import msgspec
from msgspec import Struct

from crm.rulebook.amounts import ZERO, Amount, compute
from crm.rulebook.claimed import Earlier
from crm.rulebook.estimates import Due, Estimate, estimate, law_day
from crm.rulebook.facts import UNKNOWN
from crm.rulebook.programs import Program, Relation
from crm.rulebook.remaining import after

EXCLUDED = "wages_excluded"
APART = ("same_person_once", "one_at_a_time")
MOST_TOGETHER = 14  # programs that stand to each other: 16,384 sets
NEXT_BEST = 3


class TooMany(ValueError):
    """More programs stand to each other than can be weighed whole."""


class Claim(Struct, frozen=True):
    """A program in a plan, with its amount beside the others, and which dollars it uses: by fact, how much of it."""

    program: Program
    amount: Decimal
    worked: Amount
    uses: Mapping[str, Decimal]


class Blocked(Struct, frozen=True):
    """What a plan does not claim, or claims less of, for the sake of another; `lost` is what it would bring alone less what it brings."""

    program: Program
    by: Program
    relation: Relation
    lost: Decimal


class Plan(Struct, frozen=True):
    """`total` in money that comes in: credits, grants, reimbursements. What only lowers taxable income is counted apart, in `deductions`."""

    claims: tuple[Claim, ...]
    total: Decimal
    deductions: Decimal
    blocked: tuple[Blocked, ...]
    deadlines: tuple[Due, ...]


class Stacked(Struct, frozen=True):
    """The best plan, the next best ones, what is not decided yet, and how many plans were weighed."""

    best: Plan
    next_best: tuple[Plan, ...]
    undecided: tuple[Estimate, ...]
    weighed: int


def stack(
    programs: Iterable[Program], facts: Mapping[str, Any], as_of: date, known: date | None = None, *, if_renewed: bool = False,
    earlier: Earlier = Earlier(),  # noqa: B008 - it cannot be changed
) -> Stacked:  # fmt: skip
    """`facts` are complete (`Library.completed`). `if_renewed` counts what a lapsed law would give; otherwise it brings nothing. `earlier` uses up limits.

    What one program takes off another is not asked for: it follows from the plan, beside excluded wages that were told. Raises `TooMany`.
    """
    alone, found = looked_at(list(programs), facts, as_of, known)
    found = {name: after(each, alone, earlier) for name, each in found.items()}
    open_ones = tuple(each for each in found.values() if each.eligible == "unknown")
    paying = [each.program for each in found.values() if worth(each, if_renewed)]
    tied = [program for program in paying if ties(program, paying)]
    free = [program for program in paying if program not in tied]
    weigher = Weigher(alone, known, found, if_renewed, earlier)
    weighed = [weigher.plan([*free, *chosen]) for chosen in lawful_sets(tied, [program.id for program in free])]
    plans = list({tuple((claim.program.id, claim.amount) for claim in plan.claims): plan for plan in weighed}.values())
    plans.sort(key=lambda plan: (-plan.total, -plan.deductions, len(plan.claims), [claim.program.id for claim in plan.claims]))
    best = plans[0] if plans else weigher.plan([])
    worthwhile = [plan for plan in plans[1:] if plan.claims][:NEXT_BEST]
    return Stacked(weigher.explained(best, paying), tuple(weigher.explained(plan, paying) for plan in worthwhile), open_ones, len(weighed))


def worth(found: Estimate, if_renewed: bool) -> Decimal:
    """What it brings by itself."""
    if found.eligible != "yes":
        return ZERO
    potential = found.potential_amount if if_renewed and found.potential_amount is not None else ZERO
    return (found.amount or ZERO) + potential


def ties(program: Program, others: Sequence[Program]) -> bool:
    names = {other.id for other in others if other is not program}
    return any(relation.program in names or relation.relation == "requires" for relation in program.beside) or any(
        relation.program == program.id for other in others if other is not program for relation in other.beside
    )


def lawful_sets(tied: Sequence[Program], others: Iterable[str]) -> Iterator[list[Program]]:
    """Every set of these that may be claimed together. `others`, by their ids, are claimed or can be beside them. Raises `TooMany`."""
    if len(tied) > MOST_TOGETHER:
        raise TooMany(f"{len(tied)} programs stand to each other; at most {MOST_TOGETHER} can be weighed. Choose fewer programs.")
    beside = set(others)
    for count in range(len(tied) + 1):
        for chosen in combinations(tied, count):
            names = {program.id for program in chosen}
            if all(_allowed(relation, names, beside) for program in chosen for relation in program.beside):
                yield list(chosen)


def _allowed(relation: Relation, names: set[str], beside: set[str]) -> bool:
    if relation.relation == "requires":
        return relation.program in names | beside
    return relation.relation not in APART or relation.program not in names


def looked_at(programs: Sequence[Program], facts: Mapping[str, Any], as_of: date, known: date | None) -> tuple[dict[str, Any], dict[str, Estimate]]:
    """Each program by itself, and the facts for which it was looked at: what one takes off another is nothing then, and follows from the plan.

    Excluded wages that were told stay: the law leaves them out because the other's money is received for them (IRC §51(c)(2)(A)), claimed in this plan or not.
    """
    taken_off = {
        key for program in programs for relation in program.beside for key in relation.sets
        if relation.relation != EXCLUDED or facts.get(key, UNKNOWN) is UNKNOWN
    }  # fmt: skip
    alone = {**facts, **dict.fromkeys(taken_off, ZERO)}
    return alone, {program.id: estimate(program, alone, as_of, known) for program in programs}


class Weigher:
    """Weighs plans for one hire. The limits above one person's amount hold where `earlier` is given; a plan of many holds them over all its hires."""

    def __init__(self, facts: Mapping[str, Any], known: date | None, found: Mapping[str, Estimate], if_renewed: bool, earlier: Earlier | None = None) -> None:
        self.facts, self.known, self.found, self.if_renewed, self.earlier = facts, known, found, if_renewed, earlier
        self.made: dict[tuple[str, tuple[tuple[str, Decimal], ...]], Claim] = {}

    def plan(self, programs: Sequence[Program], beside: Iterable[str] = ()) -> Plan:
        """These claimed together; `beside`, by their ids, others that stand elsewhere."""
        claims: dict[str, Claim] = {}
        for program in _in_order(programs):
            taken = {
                key: max(_step(claims[relation.program], step), self.facts[key]) if relation.relation == EXCLUDED else _step(claims[relation.program], step)
                for relation in program.beside
                if relation.program in claims
                for key, step in relation.sets.items()
            }
            claims[program.id] = self._claim(program, taken)
        given = _standing([claim for claim in claims.values() if claim.amount], set(beside))
        total = sum((claim.amount for claim in given if claim.program.kind != "deduction"), ZERO)
        deductions = sum((claim.amount for claim in given if claim.program.kind == "deduction"), ZERO)
        due = sorted((each for claim in given for each in self.found[claim.program.id].deadlines), key=lambda each: each.day)
        return Plan(given, total, deductions, (), tuple(due))

    def _claim(self, program: Program, taken: Mapping[str, Decimal]) -> Claim:
        key = (program.id, tuple(sorted(taken.items())))
        if key not in self.made:
            facts = {**self.facts, **taken}
            worked = compute(program, facts, law_day(program, facts[program.date_key], self.known), self.known)
            uses: dict[str, Decimal] = {}
            for traced in worked.trace:
                if traced.step.uses:
                    uses[traced.step.uses] = uses.get(traced.step.uses, ZERO) + traced.result
            self.made[key] = Claim(program, self._left(program, facts, worked), worked, uses)
        return self.made[key]

    def _left(self, program: Program, facts: Mapping[str, Any], worked: Amount) -> Decimal:
        value = worked.value or ZERO
        if self.earlier is None:
            return value
        whole = msgspec.structs.replace(self.found[program.id], amount=value, potential_amount=None, at_most=value, by_year=worked.by_year)
        return after(whole, facts, self.earlier).amount or ZERO

    def explained(self, plan: Plan, paying: Sequence[Program]) -> Plan:
        """The plan with what it leaves on the table, and by which rule."""
        given = {claim.program.id: claim for claim in plan.claims}
        blocked = []
        for program in paying:
            lost = worth(self.found[program.id], self.if_renewed) - (given[program.id].amount if program.id in given else ZERO)
            if lost > 0:
                blocked += [Blocked(program, by, relation, lost) for by, relation in reasons(program, plan) if by.id in given][:1]
        return Plan(plan.claims, plan.total, plan.deductions, tuple(blocked), plan.deadlines)


def _standing(claims: list[Claim], beside: set[str]) -> tuple[Claim, ...]:
    """Without those that need a program which brings nothing beside the others, and so is not claimed."""
    names = {claim.program.id for claim in claims} | beside
    kept = [claim for claim in claims if all(each.relation != "requires" or each.program in names for each in claim.program.beside)]
    return tuple(kept) if len(kept) == len(claims) else _standing(kept, beside)


def reasons(program: Program, plan: Plan) -> Iterator[tuple[Program, Relation]]:
    for claim in plan.claims:
        for relation in program.beside:
            if relation.program == claim.program.id:
                yield claim.program, relation
        for relation in claim.program.beside:
            if relation.program == program.id:
                yield claim.program, relation


def _in_order(programs: Sequence[Program]) -> list[Program]:
    """Those whose steps others take off come before them; of a ring the order of their names decides."""
    left = sorted(programs, key=lambda program: program.id)
    ordered: list[Program] = []
    while left:
        names = {program.id for program in left}
        ready = next(
            (each for each in left if not any(relation.sets and relation.program in names - {each.id} for relation in each.beside)), left[0]
        )
        ordered.append(ready)
        left.remove(ready)
    return ordered


def _step(claim: Claim, name: str) -> Decimal:
    """What a step of a claim came to; nothing where it was left out."""
    return next((traced.result for traced in claim.worked.trace if traced.step.name == name), ZERO)


def unknown_of(stacked: Stacked, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The facts that undecided programs still wait for, each once."""
    return tuple(dict.fromkeys(key for each in stacked.undecided for key in each.missing if facts.get(key, UNKNOWN) is UNKNOWN))
