"""The best choice of one option in each block under limits that hold over all of them, with the proof that none is better.

Money is whole cents. HiGHS searches (a mixed-integer program); it reckons in floating point, so its answer is only a proposal: what the chosen
options bring is reckoned again in whole numbers, and the proof holds only if its bound, rounded down to a cent, is that sum.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from msgspec import Struct

Cell = tuple[str, int, int]  # a program, an entry of the plan, a year
LONGEST = 60.0  # seconds; then the best that was found, and how far it may be from the best there is


class Option(Struct, frozen=True):
    """What is claimed, in cents; `beside` breaks a tie between options that bring the same: the greater first."""

    claims: Mapping[Cell, int]
    beside: tuple[int, ...] = ()

    @property
    def money(self) -> int:
        return sum(self.claims.values())


class Pot(Struct, frozen=True):
    """These cells bring together at most so many cents."""

    cells: frozenset[Cell]
    most: int


class Heads(Struct, frozen=True):
    """Of these cells at most so many different heads are claimed."""

    head: Mapping[Cell, Any]
    most: int


class Apart(Struct, frozen=True):
    """No cell of the one program is claimed where a cell of the other is."""

    one: frozenset[Cell]
    other: frozenset[Cell]


class Needs(Struct, frozen=True):
    """A cell of `these` is claimed only where one of `those` is."""

    these: frozenset[Cell]
    those: frozenset[Cell]


class Problem(Struct, frozen=True):
    blocks: tuple[tuple[Option, ...], ...]
    pots: tuple[Pot, ...] = ()
    heads: tuple[Heads, ...] = ()
    apart: tuple[Apart, ...] = ()
    needs: tuple[Needs, ...] = ()


class Solution(Struct, frozen=True):
    """The chosen option of each block, by its place; what each claimed cell brings; and the most that any lawful choice could bring, in cents."""

    picks: tuple[int, ...]
    brings: Mapping[Cell, int]
    bound: int

    @property
    def total(self) -> int:
        return sum(self.brings.values())

    @property
    def proved(self) -> bool:
        return self.total == self.bound


def solve(problem: Problem) -> Solution:
    """Blocks that no limit touches are chosen each alone; the rest together."""
    problem = _biting(problem)
    held = _held(problem)
    together = [place for place, options in enumerate(problem.blocks) if any(cell in held for option in options for cell in option.claims)]
    picks = [_best_alone(options) for options in problem.blocks]
    alone = sum(options[picks[place]].money for place, options in enumerate(problem.blocks) if place not in set(together))
    bound = 0
    if together:
        found, bound = _searched(problem, together)
        for place, pick in zip(together, found, strict=True):
            picks[place] = pick
        picks = _leaner(problem, picks, together)
    return Solution(tuple(picks), brought(problem, picks), alone + bound)


def _biting(problem: Problem) -> Problem:
    """Without limits that no choice can reach."""
    cells = {cell for options in problem.blocks for option in options for cell in option.claims}
    most = [{cell: max(option.claims.get(cell, 0) for option in options) for option in options for cell in option.claims} for options in problem.blocks]
    largest: dict[Cell, int] = {cell: cents for each in most for cell, cents in each.items()}
    return Problem(
        problem.blocks,
        tuple(pot for pot in problem.pots if sum(largest.get(cell, 0) for cell in pot.cells) > pot.most),
        tuple(each for each in problem.heads if len({head for cell, head in each.head.items() if cell in cells}) > each.most),
        tuple(each for each in problem.apart if each.one & cells and each.other & cells),
        tuple(each for each in problem.needs if each.these & cells),
    )  # fmt: skip


def _held(problem: Problem) -> frozenset[Cell]:
    """The cells that some limit holds."""
    held: set[Cell] = set()
    for pot in problem.pots:
        held |= pot.cells
    for heads in problem.heads:
        held |= set(heads.head)
    for apart in problem.apart:
        held |= apart.one | apart.other
    for needs in problem.needs:
        held |= needs.these | needs.those
    return frozenset(held)


def _best_alone(options: Sequence[Option]) -> int:
    return max(range(len(options)), key=lambda place: (options[place].money, options[place].beside, -place))


def brought(problem: Problem, picks: Sequence[int]) -> dict[Cell, int]:
    """What each claimed cell brings once the pots are full, the largest first."""
    claimed = {cell: cents for options, pick in zip(problem.blocks, picks, strict=True) for cell, cents in options[pick].claims.items()}
    full = [pot for pot in problem.pots if sum(claimed.get(cell, 0) for cell in pot.cells) > pot.most]
    if not full:
        return claimed
    left = {place: pot.most for place, pot in enumerate(full)}
    pots_of: dict[Cell, list[int]] = {}
    for place, pot in enumerate(full):
        for cell in pot.cells:
            pots_of.setdefault(cell, []).append(place)
    brings = {}
    for cell, cents in sorted(claimed.items(), key=lambda each: (-each[1], each[0])):
        mine = pots_of.get(cell, [])
        brings[cell] = min([cents, *(left[place] for place in mine)])
        for place in mine:
            left[place] -= brings[cell]
    return brings


def _leaner(problem: Problem, picks: list[int], together: Iterable[int]) -> list[int]:
    """Claims nothing that a full pot leaves without a cent: of two choices that bring the same, the one that claims less."""
    total = sum(brought(problem, picks).values())
    for place in sorted(together, key=lambda place: problem.blocks[place][picks[place]].money):
        options = problem.blocks[place]
        claims = set(options[picks[place]].claims)
        fewer = sorted((other for other, option in enumerate(options) if set(option.claims) < claims), key=lambda other: len(options[other].claims))
        for other in fewer:
            tried = [*picks[:place], other, *picks[place + 1 :]]
            if sum(brought(problem, tried).values()) == total and _lawful(problem, tried):
                picks = tried
                break
    return picks


def _lawful(problem: Problem, picks: Sequence[int]) -> bool:
    claimed = {cell for options, pick in zip(problem.blocks, picks, strict=True) for cell in options[pick].claims}
    return (
        all(len({head for cell, head in each.head.items() if cell in claimed}) <= each.most for each in problem.heads)
        and not any(each.one & claimed and each.other & claimed for each in problem.apart)
        and not any(each.these & claimed and not each.those & claimed for each in problem.needs)
    )


def _searched(problem: Problem, together: Sequence[int]) -> tuple[list[int], int]:
    """The options of these blocks, and a bound on what any choice of them brings."""
    model = _Model(problem, together)
    model.solver.maximize(model.objective())
    values = model.solver.allVariableValues()
    picks = [max(range(len(columns)), key=lambda option: values[columns[option].index]) for columns in model.picks]
    info = model.solver.getInfo()
    bound = info.mip_dual_bound if info.mip_dual_bound < model.solver.inf else info.objective_function_value
    return picks, int(bound + 0.01)  # a hundredth of a cent for the solver's floating point


class _Model:
    def __init__(self, problem: Problem, together: Sequence[int]) -> None:
        self.solver = _solver()
        self.problem, self.blocks = problem, [problem.blocks[place] for place in together]
        self.picks = [[self.solver.addBinary() for _option in options] for options in self.blocks]
        self.taken: dict[Cell, list[tuple[Any, int]]] = {}
        for columns, options in zip(self.picks, self.blocks, strict=True):
            self.solver.addConstr(self._sum(columns) == 1)
            for column, option in zip(columns, options, strict=True):
                for cell, cents in option.claims.items():
                    self.taken.setdefault(cell, []).append((column, cents))
        self.pooled = self._pots()
        self._heads()
        self._pairs()

    def _sum(self, columns: Iterable[Any]) -> Any:
        return self.solver.qsum(list(columns))

    def claimed(self, cell: Cell) -> Any:
        """Whether a cell is claimed."""
        return self._sum(column for column, _cents in self.taken[cell])

    def _pots(self) -> dict[Cell, Any]:
        """What a cell brings, where a pot holds it."""
        pooled: dict[Cell, Any] = {}
        for pot in self.problem.pots:
            inside = [cell for cell in sorted(pot.cells) if cell in self.taken]
            for cell in inside:
                if cell not in pooled:
                    pooled[cell] = self.solver.addVariable(0, max(cents for _column, cents in self.taken[cell]))
                    self.solver.addConstr(pooled[cell] <= self.solver.qsum([column * cents for column, cents in self.taken[cell]]))
            self.solver.addConstr(self._sum(pooled[cell] for cell in inside) <= pot.most)
        return pooled

    def _heads(self) -> None:
        for heads in self.problem.heads:
            counted: dict[Any, Any] = {}
            for cell, head in heads.head.items():
                if cell in self.taken:
                    if head not in counted:
                        counted[head] = self.solver.addBinary()
                    self.solver.addConstr(self.claimed(cell) <= counted[head])
            self.solver.addConstr(self._sum(counted.values()) <= heads.most)

    def _pairs(self) -> None:
        for apart in self.problem.apart:
            for one in apart.one & self.taken.keys():
                for other in apart.other & self.taken.keys():
                    self.solver.addConstr(self.claimed(one) + self.claimed(other) <= 1)
        for needs in self.problem.needs:
            those = [self.claimed(cell) for cell in needs.those & self.taken.keys()]
            for cell in needs.these & self.taken.keys():
                self.solver.addConstr(self.claimed(cell) <= self.solver.qsum(those) if those else self.claimed(cell) <= 0)

    def objective(self) -> Any:
        free = [column * cents for cell, taken in self.taken.items() if cell not in self.pooled for column, cents in taken if cents]
        return self.solver.qsum([*free, *self.pooled.values()])


def _solver() -> Any:
    _greeted()
    import highspy

    solver = highspy.Highs()
    options: dict[str, Any] = {
        "output_flag": False, "threads": 1, "random_seed": 1, "time_limit": LONGEST,
        "mip_rel_gap": 0.0, "mip_abs_gap": 0.5, "mip_feasibility_tolerance": 1e-9, "primal_feasibility_tolerance": 1e-9,
    }  # fmt: skip
    for name, value in options.items():
        solver.setOptionValue(name, value)
    return solver


@cache
def _greeted() -> None:
    """HiGHS prints who it is on standard output, once a process and not to be asked off; there stands JSON."""
    import highspy

    with suppress(OSError), open(os.devnull, "wb") as nowhere:
        kept = os.dup(1)
        try:
            os.dup2(nowhere.fileno(), 1)
            highspy.Highs()
        finally:
            os.dup2(kept, 1)
            os.close(kept)
