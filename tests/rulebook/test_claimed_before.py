"""What was claimed before uses up limits, counts once, and where it is not known nothing is taken to be left."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.rulebook.claimed import Claimed
from crm.rulebook.hiring import plan
from tests.rulebook.test_hiring import LAW, TODAY, amounts, hires, only, programs, told  # noqa: F401 - programs is a fixture

POT, TWO = Decimal(LAW["pot"]), int(LAW["two"])


def planned(found, pays, *already, people=()):
    made = hires(*pays)
    if people:
        made = [type(each)(each.name, each.facts, person) for each, person in zip(made, people, strict=True)]
    return plan(found, told(0), made, TODAY, already=already).best


def before(program, amount, year=2025, **more):
    return Claimed(program, year, None if amount is None else Decimal(amount), **more)


def test_what_was_claimed_in_a_year_leaves_the_rest_of_the_limit(programs):  # noqa: F811
    capped = only(programs, "capped")
    assert planned(capped, [9000, 9000, 9000]).total == POT
    assert planned(capped, [9000, 9000, 9000], before("capped", 4000)).total == POT - 4000
    assert planned(capped, [9000, 9000, 9000], before("capped", 9999)).total == 0


@pytest.mark.parametrize("other", [before("flat", 4000), before("capped", 4000, 2024)])
def test_another_program_or_year_takes_nothing(programs, other):  # noqa: F811
    assert planned(only(programs, "capped"), [9000, 9000, 9000], other).total == POT


def test_a_limit_for_all_years_counts_every_year(programs):  # noqa: F811
    lifetime = Decimal(LAW["lifetime"])
    assert planned(only(programs, "second"), [40000] * 3, before("second", 5000, 2021), before("second", 1000, 2024)).total == lifetime - 6000


def test_where_it_is_not_known_how_much_nothing_is_left(programs):  # noqa: F811
    assert planned(only(programs, "capped", "share"), [9000], before("capped", None)).total == planned(only(programs, "share"), [9000]).total


def test_people_who_count_already_take_a_place_and_take_no_second_one(programs):  # noqa: F811
    headed = only(programs, "headed")
    assert len(planned(headed, [5000, 5000, 5000], before("headed", 1000, person="Ana")).given) == 1
    assert len(planned(headed, [5000, 5000, 5000], before("headed", 3000, people=2)).given) == 0
    assert len(planned(headed, [5000, 5000, 5000], before("headed", 3000, people=None)).given) == 0
    named = planned(headed, [5000, 5000, 5000], before("headed", 1000, person="Ana"), people=("Ana", "Ben", "Cal"))
    assert len(named.given) == 1 and {each.entry for each in named.given} <= {2, 3}


def test_what_a_program_gave_a_person_in_a_year_is_not_planned_again_and_is_not_called_lost(programs):  # noqa: F811
    found = planned(only(programs, "flat"), [9000, 9000], before("flat", 500, person="Ana"), people=("Ana", "Ben"))
    assert amounts(found) == {(2, "flat"): Decimal("500.00")} and found.lost == ()


def test_of_an_amount_over_two_years_the_second_is_still_planned(programs):  # noqa: F811
    assert planned(only(programs, "long"), [9000], before("long", 500, person="Ana"), people=("Ana",)).total == 2500


def test_beside_what_was_claimed_comes_nothing_that_it_rules_out(programs):  # noqa: F811
    both = only(programs, "headed", "flat")
    assert planned(both, [9000], people=("Ana",)).total == 1800
    assert planned(both, [9000], before("flat", 500, person="Ana"), people=("Ana",)).total == 0


NAMES = ("capped", "second", "headed", "flat", "share")
CLAIMED = st.builds(Claimed, st.sampled_from(NAMES), st.sampled_from((2025, 2026)), st.one_of(st.none(), st.integers(0, 8000).map(Decimal)),
                    st.sampled_from(("", "p1", "p2", "gone")), st.one_of(st.none(), st.integers(0, 3)))  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(pays=st.lists(st.integers(0, 40_000), min_size=1, max_size=4), already=st.lists(CLAIMED, max_size=4))
def test_what_was_claimed_and_what_is_planned_never_pass_a_limit(programs, pays, already):  # noqa: F811
    some, people = only(programs, *NAMES), [f"p{place}" for place in range(1, len(pays) + 1)]
    best = planned(some, pays, *already, people=people)
    assert best.proved and best.total <= planned(some, pays, people=people).total
    of_year = [each for each in already if each.year == 2025]
    for name, most, old in (("capped", POT, of_year), ("second", Decimal(LAW["lifetime"]), already)):
        used = [each.amount for each in old if each.program == name]
        new = sum((each.amount for each in best.given if each.claim.program.id == name), Decimal(0))
        assert new == 0 or (None not in used and new + sum(used) <= most)
    heads = [each for each in of_year if each.program == "headed"]
    named, others = {each.person for each in heads if each.person}, [each.people for each in heads if not each.person]
    fresh = {people[each.entry - 1] for each in best.given if each.claim.program.id == "headed"}
    assert not fresh or (None not in others and len(fresh | named) + sum(others) <= TWO)
    gave = {(each.program, each.person) for each in of_year if each.person}
    assert not gave & {(each.claim.program.id, people[each.entry - 1]) for each in best.given}
