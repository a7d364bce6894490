"""The best choice under limits that hold over all: the same that trying every choice finds, to the cent, and proved."""

from itertools import product

from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm.rulebook.solving import Apart, Heads, Needs, Option, Pot, Problem, solve

PROGRAMS, YEARS = "abc", (2025, 2026)


@st.composite
def problems(draw):
    """A few blocks, each with options of a few programs, under pots by year within a pot for all years, counts of heads, and rules between programs."""
    blocks = []
    for place in range(draw(st.integers(1, 5))):
        options = [Option({})]
        for names in draw(st.sets(st.sampled_from(["a", "b", "c", "ab", "bc", "abc"]), max_size=3)):
            claims = {(name, place, draw(st.sampled_from(YEARS))): draw(st.integers(1, 30)) for name in names}
            options.append(Option(claims, (0, -len(claims))))
        blocks.append(tuple(options))
    cells = {cell for options in blocks for option in options for cell in option.claims}

    def of(name, year=None):
        return frozenset(cell for cell in cells if cell[0] == name and year in {None, cell[2]})

    pots = [Pot(of(name, year), draw(st.integers(0, 60))) for name in draw(st.sets(st.sampled_from(PROGRAMS))) for year in YEARS]
    pots += [Pot(of(name), draw(st.integers(0, 80))) for name in draw(st.sets(st.sampled_from(PROGRAMS)))]
    heads = [Heads({cell: cell[1] // 2 for cell in of(name)}, draw(st.integers(0, 2))) for name in draw(st.sets(st.sampled_from(PROGRAMS)))]
    apart = [Apart(of(one), of(other)) for one, other in draw(st.sets(st.sampled_from([("a", "b"), ("b", "c")]), max_size=1))]
    needs = [Needs(of(one), of(other)) for one, other in draw(st.sets(st.sampled_from([("a", "c"), ("c", "b")]), max_size=1))]
    return Problem(tuple(blocks), tuple(pots), tuple(heads), tuple(apart), tuple(needs))


def claimed(problem, picks):
    return {cell: cents for options, pick in zip(problem.blocks, picks, strict=True) for cell, cents in options[pick].claims.items()}


def lawful(problem, claims):
    return (
        all(len({head for cell, head in each.head.items() if cell in claims}) <= each.most for each in problem.heads)
        and not any(each.one & claims.keys() and each.other & claims.keys() for each in problem.apart)
        and not any(each.these & claims.keys() and not each.those & claims.keys() for each in problem.needs)
    )


def worth(problem, claims):
    """What claims bring: for each program the least of what is claimed, of its pot for all years, and of its pots by year."""
    total = 0
    for name in PROGRAMS:
        mine = {cell: cents for cell, cents in claims.items() if cell[0] == name}
        by_year = 0
        for year in YEARS:
            own = sum(cents for cell, cents in mine.items() if cell[2] == year)
            tops = [pot.most for pot in problem.pots if pot.cells and all(cell[0] == name and cell[2] == year for cell in pot.cells)]
            by_year += min([own, *tops])
        tops = [pot.most for pot in problem.pots if pot.cells and all(cell[0] == name for cell in pot.cells) and pot.cells >= mine.keys()]
        total += min([by_year, *tops])
    return total


def best_of_all(problem):
    every = (claimed(problem, picks) for picks in product(*(range(len(options)) for options in problem.blocks)))
    return max(worth(problem, claims) for claims in every if lawful(problem, claims))


@given(problems())
@settings(max_examples=150, deadline=None)
@example(Problem(((Option({}), Option({("a", 0, 2025): 5})), (Option({}), Option({("a", 1, 2025): 7}))), heads=(Heads({("a", 0, 2025): 0, ("a", 1, 2025): 1}, 1),)))
def test_no_choice_is_better_than_the_one_found_and_that_is_proved(problem):
    found = solve(problem)

    assert lawful(problem, claimed(problem, found.picks))
    assert found.total == best_of_all(problem)
    assert found.proved


@given(problems())
@settings(max_examples=100, deadline=None)
def test_no_pot_is_overdrawn_and_no_cell_brings_more_than_it_claims(problem):
    found = solve(problem)
    claims = claimed(problem, found.picks)

    assert found.brings.keys() == claims.keys()
    assert all(0 <= found.brings[cell] <= claims[cell] for cell in claims)
    for pot in problem.pots:
        assert sum(found.brings.get(cell, 0) for cell in pot.cells) <= pot.most


def test_nothing_is_claimed_that_a_full_pot_leaves_without_a_cent():
    cells = [("a", place, 2025) for place in range(6)]
    found = solve(Problem(tuple((Option({}), Option({cell: 40})) for cell in cells), (Pot(frozenset(cells), 100),)))

    assert sorted(found.brings.values()) == [20, 40, 40]


def test_blocks_that_no_limit_reaches_are_chosen_without_the_solver(monkeypatch):
    monkeypatch.setattr("crm.rulebook.solving._searched", None)
    cells = [("a", place, 2025) for place in range(6)]
    found = solve(Problem(tuple((Option({}), Option({cell: 40})) for cell in cells), (Pot(frozenset(cells), 240),), (Heads({cell: cell for cell in cells}, 6),)))

    assert (found.total, found.proved) == (240, True)


def test_the_solver_prints_nothing(capfd):
    test_nothing_is_claimed_that_a_full_pot_leaves_without_a_cent()

    assert capfd.readouterr() == ("", "")
