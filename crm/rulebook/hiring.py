"""A plan of many hires: what to claim for whom, so that the whole brings most under the law, with the proof that nothing lawful brings more.

Each hire is weighed as `stacking` weighs one. What an employer gets in a year, or for how many people, holds over all hires, so that claims for
one can shut out another; `solving` then chooses for all together. Programs of the employer as a whole stand beside the hires as an entry of their
own: where such a one may not be claimed beside a program of persons, it is claimed only if no hire claims that one, since its facts are
totals in which one person cannot be told from the next. A year is that of the program's date key; the same program counts a person once in it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from crm.rulebook import limits
from crm.rulebook.amounts import ZERO
from crm.rulebook.claimed import Claimed
from crm.rulebook.estimates import Due, Estimate
from crm.rulebook.limits import Held
from crm.rulebook.programs import Limit, Program, Relation
from crm.rulebook.solving import Apart, Cell, Heads, Needs, Option, Problem, Solution, solve
from crm.rulebook.stacking import APART, NEXT_BEST, Claim, Plan, Weigher, lawful_sets, looked_at, reasons, worth

CENT = Decimal("0.01")
EMPLOYER = 0  # the entry of the employer as a whole; hires are counted from 1


class Hire(Struct, frozen=True):
    """An entry of the plan with its complete facts. `person` is the same where one person stands in several entries, as with one for each year."""

    name: str
    facts: Mapping[str, Any]
    person: str = ""


class Given(Struct, frozen=True):
    """What a claim brings in the plan: its amount, or what the employer's limits leave of it."""

    entry: int
    claim: Claim
    amount: Decimal


class Lost(Struct, frozen=True):
    """What an entry would get by itself and does not: for the sake of another claim (`by`, `relation`), or by a limit of the program."""

    entry: int
    program: Program
    amount: Decimal
    by: Program | None = None
    relation: Relation | None = None
    limit: Limit | None = None


class Chosen(Struct, frozen=True):
    """A lawful plan: `total` is the sum of what is given, without what only lowers taxable income (`deductions`).

    No lawful plan brings more than `at_most`; where that is the total, none is better.
    """

    given: tuple[Given, ...]
    total: Decimal
    deductions: Decimal
    at_most: Decimal
    lost: tuple[Lost, ...]
    deadlines: tuple[tuple[int, Due], ...]

    @property
    def proved(self) -> bool:
        return self.total == self.at_most


class Hiring(Struct, frozen=True):
    """The best plan; the best without one of its programs, for the three that are least missed; and what is not decided, by entry."""

    best: Chosen
    without: tuple[tuple[Program, Chosen], ...]
    undecided: tuple[tuple[int, Estimate], ...]


def plan(
    programs: Iterable[Program], employer: Mapping[str, Any], hires: Sequence[Hire], as_of: date, known: date | None = None, *, if_renewed: bool = False,
    already: Sequence[Claimed] = (),
) -> Hiring:  # fmt: skip
    """`employer` are the facts of the employer as a whole, complete as those of each hire. Raises `TooMany` as `stacking.stack` does.

    `already` is what the employer claimed before: it uses up limits, and what a program gave a person in a year is not planned a second time.
    """
    every = list(programs)
    whole = [program for program in every if program.per != "person"]
    persons = [program for program in every if program.per == "person"]
    looked: dict[int, _Looked] = {}  # hires with the same facts are looked at once
    for hire in hires:
        if id(hire.facts) not in looked:
            looked[id(hire.facts)] = _Looked(persons, hire.facts, as_of, known, if_renewed)
    entries = [_Looked(whole, employer, as_of, known, if_renewed), *(looked[id(hire.facts)] for hire in hires)]
    planner = _Planner(entries, [hire.person or f"{place}" for place, hire in enumerate(hires, start=1)], known, already)
    best = planner.chosen(frozenset())
    used = {given.claim.program.id: given.claim.program for given in best.given}
    others = [(program, planner.chosen(frozenset({program.id}))) for program in used.values()]
    others.sort(key=lambda each: (-each[1].total, -each[1].deductions, each[0].id))
    undecided = tuple((place, found) for place, entry in enumerate(entries) for found in entry.found.values() if found.eligible == "unknown")
    return Hiring(best, tuple(others[:NEXT_BEST]), undecided)


class _Looked:
    """An entry's programs, each by itself; those that pay, in groups of which none stands to another."""

    def __init__(self, programs: Sequence[Program], facts: Mapping[str, Any], as_of: date, known: date | None, if_renewed: bool) -> None:
        self.facts, self.found = looked_at(programs, facts, as_of, known)
        self.alone = {name: worth(found, if_renewed) for name, found in self.found.items()}
        self.paying = [found.program for name, found in self.found.items() if self.alone[name]]
        self.weigher = Weigher(self.facts, known, self.found, if_renewed)
        self.groups = list(_groups(self.paying))
        self._plans: dict[tuple[int, frozenset[str], frozenset[str]], list[Plan]] = {}

    def plans(self, group: int, elsewhere: frozenset[str], without: frozenset[str]) -> list[Plan]:
        """Every lawful plan of a group, the empty one too, each once."""
        key = (group, elsewhere, without)
        if key not in self._plans:
            programs = [program for program in self.groups[group] if program.id not in without]
            made = [self.weigher.plan(chosen, elsewhere) for chosen in lawful_sets(programs, elsewhere)]
            self._plans[key] = list({tuple((claim.program.id, claim.amount) for claim in plan.claims): plan for plan in made}.values())
        return self._plans[key]


def _groups(programs: Sequence[Program]) -> Iterator[list[Program]]:
    left = list(programs)
    while left:
        group = [left.pop(0)]
        for one in group:  # grows while it is walked
            names = {one.id, *(relation.program for relation in one.beside)}
            near = [other for other in left if other.id in names or any(relation.program == one.id for relation in other.beside)]
            group += near
            left = [other for other in left if other not in near]
        yield sorted(group, key=lambda program: program.id)


class _Planner:
    def __init__(self, entries: Sequence[_Looked], persons: Sequence[str], known: date | None, already: Sequence[Claimed]) -> None:
        self.entries, self.known, self.already = entries, known, already
        self.before = {(each.program, each.person, each.year) for each in already if each.person}
        self.persons = dict(enumerate(persons, start=1)) | {EMPLOYER: ""}
        self.whole = frozenset(program.id for program in entries[EMPLOYER].paying)
        self.of_persons = frozenset(program.id for entry in entries[1:] for program in entry.paying)
        self.programs = {program.id: program for entry in entries for program in entry.paying}

    def chosen(self, without: frozenset[str]) -> Chosen:
        """The best plan that leaves these programs out."""
        places: list[tuple[int, list[Plan]]] = []
        for number, entry in enumerate(self.entries):
            elsewhere = (self.of_persons if number == EMPLOYER else self.whole) - without
            places += [(number, self._standing(number, entry.plans(group, elsewhere, without), entry.groups[group])) for group in range(len(entry.groups))]
        blocks = tuple(tuple(self._option(number, found) for found in plans) for number, plans in places)
        cells = {cell for options in blocks for option in options for cell in option.claims}
        held = limits.held(self.programs.values(), cells, {number: entry.facts for number, entry in enumerate(self.entries)}, self.persons, self.known, self.already)
        solution = solve(
            Problem(
                blocks, tuple(each.pot for each in held if each.pot), (*(each.heads for each in held if each.heads), *self._once(cells)),
                tuple(self._apart(cells)), tuple(self._needs(cells)),
            )
        )  # fmt: skip
        picked = [(number, plans[pick]) for (number, plans), pick in zip(places, solution.picks, strict=True)]
        return self._explained(picked, solution, held, without)

    def _standing(self, number: int, plans: list[Plan], group: Sequence[Program]) -> list[Plan]:
        """The plans that hold what was claimed for the hire before, so that nothing comes beside it that may not."""
        held = {program.id for program in group if self._is_claimed(number, program)}
        return [plan for plan in plans if held <= {claim.program.id for claim in plan.claims}] or plans if held else plans

    def _is_claimed(self, number: int, program: Program, year: int = 0) -> bool:
        """Whether it was claimed before for the hire, in the year of its date key or in this one."""
        key = self.entries[number].facts.get(program.date_key)
        return (program.id, self.persons[number], year or (key.year if isinstance(key, date) else 0)) in self.before

    def _option(self, number: int, found: Plan) -> Option:
        claims = {cell: cents for claim in found.claims if claim.program.kind != "deduction" for cell, cents in self._cells(number, claim)}
        return Option(claims, (int(found.deductions / CENT), -len(found.claims)))

    def _cells(self, number: int, claim: Claim) -> Iterator[tuple[Cell, int]]:
        """What falls to each year and was not claimed before; all of it to the first year where the years do not make it up."""
        first = self.entries[number].facts[claim.program.date_key].year
        years = claim.worked.by_year if sum(claim.worked.by_year.values()) == claim.amount else {1: claim.amount}
        yield from (((claim.program.id, number, first + year - 1), int(share / CENT)) for year, share in years.items()
                    if share and not self._is_claimed(number, claim.program, first + year - 1))  # fmt: skip

    def _once(self, cells: Iterable[Cell]) -> Iterator[Heads]:
        """A person who stands in several entries counts once a year for a program."""
        by_person: dict[tuple[str, str, int], dict[Cell, int]] = {}
        for cell in cells:
            name, number, year = cell
            by_person.setdefault((name, self.persons[number], year), {})[cell] = number
        yield from (Heads(heads, 1) for heads in by_person.values() if len(heads) > 1)

    def _apart(self, cells: set[Cell]) -> Iterator[Apart]:
        for one, other, relation in self._across():
            if relation.relation in APART or relation.sets:
                yield Apart(_of(one, cells), _of(other, cells))

    def _needs(self, cells: set[Cell]) -> Iterator[Needs]:
        yield from (Needs(_of(one, cells), _of(other, cells)) for one, other, relation in self._across() if relation.relation == "requires")

    def _across(self) -> Iterator[tuple[str, str, Relation]]:
        """Relations between a program of the employer as a whole and one of persons."""
        for name, program in self.programs.items():
            others = self.of_persons if name in self.whole else self.whole
            yield from ((name, relation.program, relation) for relation in program.beside if relation.program in others)

    def _explained(self, picked: Sequence[tuple[int, Plan]], solution: Solution, held: Sequence[Held], without: frozenset[str]) -> Chosen:
        brings: dict[tuple[str, int], Decimal] = {}
        for (name, number, _year), cents in solution.brings.items():
            brings[name, number] = brings.get((name, number), ZERO) + cents * CENT
        claims = [(number, claim) for number, found in picked for claim in found.claims]
        given = [Given(number, claim, claim.amount if claim.program.kind == "deduction" else brings.get((claim.program.id, number), ZERO))
                 for number, claim in claims]  # fmt: skip
        given = sorted((each for each in given if each.amount and not (each.claim.program.kind == "deduction" and self._is_claimed(each.entry, each.claim.program))),
                       key=lambda each: (each.entry, each.claim.program.id))  # fmt: skip
        money = [each for each in given if each.claim.program.kind != "deduction"]
        due = [(each.entry, due) for each in given for due in self.entries[each.entry].found[each.claim.program.id].deadlines]
        return Chosen(
            tuple(given), sum((each.amount for each in money), ZERO), sum((each.amount for each in given if each not in money), ZERO),
            solution.bound * CENT, tuple(self._lost(given, solution, held, without)), tuple(sorted(due, key=lambda each: (each[1].day, each[0]))),
        )  # fmt: skip

    def _lost(self, given: Sequence[Given], solution: Solution, held: Sequence[Held], without: frozenset[str]) -> Iterator[Lost]:
        by_entry: dict[int, list[Given]] = {}
        for each in given:
            by_entry.setdefault(each.entry, []).append(each)
        full = [each for each in held if limits.full(each, solution.brings)]
        for number, entry in enumerate(self.entries):
            amounts = {each.claim.program.id: each.amount for each in by_entry.get(number, ())}
            claims = Plan(tuple(each.claim for each in by_entry.get(number, ())), ZERO, ZERO, (), ())
            for program in entry.paying:
                lost = entry.alone[program.id] - amounts.get(program.id, ZERO)
                if lost > 0 and program.id not in without and not self._is_claimed(number, program):
                    yield self._reason(Lost(number, program, lost), claims, full, given)

    def _reason(self, lost: Lost, claims: Plan, full: Sequence[Held], given: Sequence[Given]) -> Lost:
        """By which rule: one between two claims of the same hire, a limit that is used up, or one between a hire's and the employer's."""
        claimed = next((each for each in claims.claims if each.program is lost.program), None)
        near = [each for each in reasons(lost.program, claims) if each[1].relation != "lowers_deduction"]
        limit = next((each.limit for each in full if each.holds(lost.program.id, lost.entry)), None)
        if claimed is not None and claimed.amount == self.entries[lost.entry].alone[lost.program.id]:
            near = []  # claimed whole, so that a limit left less of it
        elif claimed is None and limit is not None:
            near = [each for each in near if each[1].relation in APART]
        if near:
            return Lost(lost.entry, lost.program, lost.amount, *near[0])
        if limit is not None:
            return Lost(lost.entry, lost.program, lost.amount, limit=limit)
        far = Plan(tuple({each.claim.program.id: each.claim for each in given}.values()), ZERO, ZERO, (), ())
        return Lost(lost.entry, lost.program, lost.amount, *next(reasons(lost.program, far), (None, None)))


def _of(name: str, cells: Iterable[Cell]) -> frozenset[Cell]:
    return frozenset(cell for cell in cells if cell[0] == name)
