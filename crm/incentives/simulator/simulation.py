"""A program of incentives tried over many hires, as it is proposed: whom it would reach, what it would cost, and what is not known.

Each hire is reckoned to the cent, in as many processes as there are cores. What an employer gets in a year or in all, and for how many, holds over
the employer's hires, the largest amounts first; the whole amount counts in the year of the program's date key.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from datetime import date
from decimal import Decimal
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from msgspec import Struct

from crm.incentives.simulator.hire_files import LABELS, HireFile, Parser, Row, problem_of
from crm.incentives.simulator.small_groups import hidden
from crm.rulebook import limits, revisions
from crm.rulebook.amounts import ZERO
from crm.rulebook.batches import Batch
from crm.rulebook.facts import UNKNOWN, FactError
from crm.rulebook.library import Library
from crm.rulebook.programs import Limit, Program

CENT = Decimal("0.01")
NOT_ELIGIBLE, UNDECIDED = -1, -2  # in place of cents
IN_ONE = 4_000  # rows for which another process is not worth its start
CHUNK = 2_000


class Tried(Struct, frozen=True):
    """What programs to try, such that another process finds them too: files of drafts, or ids of those installed, beside the packages."""

    packages: tuple[Path, ...]
    drafts: tuple[Path | str, ...]


class Outcomes(Struct):
    """Of one program, by row: cents before the employer's limits, or why there are none; the day of its date key (0: not known)."""

    cents: list[int]
    days: list[int]
    missing: Counter[str]


class Group(Struct, frozen=True):
    """Hires reached and their cost; both None where the group is too small to be shown."""

    name: str
    hires: int | None
    cost: Decimal | None


class Pool(Struct, frozen=True):
    """What all employers together get in a year, and what they would claim for so many hires."""

    year: int
    hires: int
    most: Decimal
    claimed: Decimal
    limit: Limit


class Simulated(Struct, frozen=True):
    """`amounts` are by row, in cents, below zero where there is none. `cost` is after all limits, `before_limits` before any.

    `shut_out` are hires for whom an employer's limit leaves nothing; `missing` says for each fact how many undecided hires wait for it.
    """

    program: Program
    amounts: tuple[int, ...]
    reached: int
    shut_out: int
    not_eligible: int
    unknown: int
    employers: int
    cost: Decimal
    before_limits: Decimal
    pools: tuple[Pool, ...]
    missing: tuple[tuple[str, int], ...]
    groups: Mapping[str, tuple[Group, ...]]


class Simulation(Struct, frozen=True):
    """For each program what came out, over the same rows; rows that could not be read, with their lines, count nowhere."""

    rows: int
    findings: tuple[tuple[int, str], ...]
    programs: tuple[Simulated, ...]


def programs_of(tried: Tried) -> list[tuple[Library, Program]]:
    """Raises `RuleFileError`."""
    installed: Library | None = None
    found = []
    for draft in tried.drafts:
        if isinstance(draft, Path):
            found.append(revisions.drafted(tried.packages, draft))
            continue
        if installed is None:
            installed = Library()
            for package in tried.packages:
                installed.add(package)
        found.append((installed, installed.programs[draft]))
    return found


def simulate(tried: Tried, file: HireFile, *, processes: int | None = None) -> Simulation:
    """Raises `RuleFileError`."""
    *_rows, found = simulated(tried, file, processes=processes)
    assert isinstance(found, Simulation)
    return found


def simulated(tried: Tried, file: HireFile, *, processes: int | None = None) -> Iterator[int | Simulation]:
    """How many rows are done, again and again, and last what came out. Raises `RuleFileError`."""
    programs = programs_of(tried)
    count = processes or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    chunks = [file.rows[start : start + CHUNK] for start in range(0, len(file.rows), CHUNK)]
    alone = count == 1 or len(file.rows) <= IN_ONE
    worker, done = _Worker(programs, file.facts), []
    with nullcontext() if alone else ProcessPoolExecutor(count, get_context("spawn"), _begin, (tried, file.facts)) as pool:
        for each in map(worker.work, chunks) if pool is None else pool.map(_work, chunks):
            done.append(each)
            yield min(len(done) * CHUNK, len(file.rows))
    rows = [row for chunk, (good, _bad, _found) in zip(chunks, done, strict=True) for row, fits in zip(chunk, good, strict=True) if fits]
    findings = sorted([*file.findings, *(problem for _good, bad, _found in done for problem in bad)])
    summed = []
    for place, (library, program) in enumerate(programs):
        merged = Outcomes([], [], Counter())
        for _good, _bad, found in done:
            merged.cents += found[place].cents
            merged.days += found[place].days
            merged.missing += found[place].missing
        summed.append(_summed(program, rows, merged, partial(_facts, Parser(library, file.facts))))
    yield Simulation(len(rows), tuple(findings), tuple(summed))


def _facts(parser: Parser, row: Row) -> Mapping[str, Any]:
    return parser.facts(row.cells)


_workers: list["_Worker"] = []


def _begin(tried: Tried, keys: Sequence[str]) -> None:
    _workers[:] = [_Worker(programs_of(tried), keys)]


def _work(chunk: Sequence[Row]) -> tuple[list[bool], list[tuple[int, str]], list[Outcomes]]:
    return _workers[0].work(chunk)


class _Worker:
    def __init__(self, programs: Sequence[tuple[Library, Program]], keys: Sequence[str]) -> None:
        self.parsers = {id(library): Parser(library, keys) for library, _program in programs}
        self.batches = [(id(library), Batch(program, self.parsers[id(library)].known)) for library, program in programs]

    def work(self, chunk: Sequence[Row]) -> tuple[list[bool], list[tuple[int, str]], list[Outcomes]]:
        """Which rows could be read, what is wrong with the others, and the outcomes of each program over the good ones."""
        good, bad = [], []
        found = [Outcomes([], [], Counter()) for _batch in self.batches]
        for row in chunk:
            try:
                facts = {name: parser.facts(row.cells) for name, parser in self.parsers.items()}
            except FactError as problem:
                good.append(False)
                bad.append(problem_of(row, problem))
                continue
            good.append(True)
            for (library, batch), out in zip(self.batches, found, strict=True):
                told = facts[library]
                brief = batch.brief(told)
                day = told.get(batch.program.date_key, UNKNOWN)
                out.days.append(0 if day is UNKNOWN else day.toordinal())
                if brief.eligible == "yes":
                    out.cents.append(int(brief.amount / CENT))
                else:
                    out.cents.append(NOT_ELIGIBLE if brief.eligible == "no" else UNDECIDED)
                    out.missing.update(brief.missing)
        return good, bad, found


def _summed(program: Program, rows: Sequence[Row], found: Outcomes, facts_of: Callable[[Row], Mapping[str, Any]]) -> Simulated:
    amounts = list(found.cents)
    for level in ("employer_year", "employer_lifetime"):
        for limit in (each for each in program.limits if each.level == level):
            for members in _of_employers(rows, amounts, found.days, by_year=level == "employer_year"):
                _cut(program, limit, members, amounts, found.days, rows, facts_of)
    pools = list(_pools(program, rows, amounts, found.days, facts_of))
    over = sum((pool.claimed - pool.most for pool in pools if pool.claimed > pool.most), ZERO)
    reached = [place for place, cents in enumerate(amounts) if cents > 0]
    cost = sum(amounts[place] for place in reached) * CENT
    return Simulated(
        program, tuple(amounts), len(reached), amounts.count(0), amounts.count(NOT_ELIGIBLE), amounts.count(UNDECIDED),
        len({_employer(rows[place]) for place in reached}), cost - over, sum(cents for cents in found.cents if cents > 0) * CENT, tuple(pools),
        tuple(found.missing.most_common()), {label: tuple(_groups(rows, amounts, place)) for place, label in enumerate(LABELS) if label != "employer"},
    )  # fmt: skip


def _employer(row: Row) -> str:
    """A row without one is an employer of its own."""
    return row.labels[0] or f"line {row.line}"


def _of_employers(rows: Sequence[Row], amounts: Sequence[int], days: Sequence[int], *, by_year: bool) -> Iterable[list[int]]:
    """The places of the hires that share an employer's limit, the largest amounts first."""
    shared: dict[tuple[str, int], list[int]] = {}
    for place, cents in enumerate(amounts):
        if cents > 0:
            year = date.fromordinal(days[place]).year if by_year else 0
            shared.setdefault((_employer(rows[place]), year), []).append(place)
    return (sorted(places, key=lambda place: (-amounts[place], place)) for places in shared.values())


def _cut(
    program: Program, limit: Limit, members: list[int], amounts: list[int], days: Sequence[int], rows: Sequence[Row], facts_of: Callable[[Row], Mapping[str, Any]]
) -> None:
    """Leave these hires what the limit does."""
    day, facts = date.fromordinal(max(days[place] for place in members)), partial(facts_of, rows[members[0]])
    people = limits.most(program, limit.most_people, day, facts)
    most = limits.most(program, limit.most, day, facts)
    left = None if most is None else int(most / CENT)
    for number, place in enumerate(members):
        if people is not None and number >= people:
            amounts[place] = 0
        elif left is not None:
            amounts[place] = min(amounts[place], left)
            left -= amounts[place]


def _pools(program: Program, rows: Sequence[Row], amounts: Sequence[int], days: Sequence[int], facts_of: Callable[[Row], Mapping[str, Any]]) -> Iterator[Pool]:
    by_year: dict[int, list[int]] = {}
    for place, cents in enumerate(amounts):
        if cents > 0:
            by_year.setdefault(date.fromordinal(days[place]).year, []).append(place)
    for limit in (each for each in program.limits if each.level == "all_employers_year"):
        for year, places in sorted(by_year.items()):
            most = limits.most(program, limit.most, date.fromordinal(max(days[place] for place in places)), partial(facts_of, rows[places[0]]))
            if most is not None:
                yield Pool(year, len(places), most, sum(amounts[place] for place in places) * CENT, limit)


def _groups(rows: Sequence[Row], amounts: Sequence[int], label: int) -> Iterator[Group]:
    """Hires reached by a label; a group in which no one is reached is shown as such."""
    counts: dict[str, int] = {row.labels[label]: 0 for row in rows}
    cents: Counter[str] = Counter()
    for row, each in zip(rows, amounts, strict=True):
        if each > 0:
            counts[row.labels[label]] += 1
            cents[row.labels[label]] += each
    small = hidden(counts)
    for name in sorted(counts):
        yield Group(name, None, None) if name in small else Group(name, counts[name], cents[name] * CENT)


class Difference(Struct, frozen=True):
    """The one draft less the other: cost, hires and employers reached, and for how many hires it brings more or less."""

    cost: Decimal
    reached: int
    employers: int
    more: int
    less: int


def difference(one: Simulated, other: Simulated) -> Difference:
    pairs = [(max(mine, 0), max(its, 0)) for mine, its in zip(one.amounts, other.amounts, strict=True)]
    return Difference(
        one.cost - other.cost, one.reached - other.reached, one.employers - other.employers,
        sum(mine > its for mine, its in pairs), sum(mine < its for mine, its in pairs),
    )  # fmt: skip
