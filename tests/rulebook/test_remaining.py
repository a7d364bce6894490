"""What is left for one hire of what an employer may get: less what was claimed before, with its reason, and never more than the law gives."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.rulebook.claimed import Claimed, Earlier
from crm.rulebook.estimates import estimate
from crm.rulebook.facts import UNKNOWN
from crm.rulebook.remaining import estimated
from crm.rulebook.stacking import stack
from tests.rulebook.test_claimed_before import CLAIMED, NAMES, before
from tests.rulebook.test_hiring import LAW, TODAY, only, programs, told  # noqa: F401 - programs is a fixture

POT, FLAT, LIFETIME, TWO = (Decimal(LAW[name]) for name in ("pot", "flat", "lifetime", "two"))


def after(program, facts, *claims, person=""):
    return estimated(program, facts, TODAY, earlier=Earlier(claims, person))


def limit(found):
    [one] = found.left
    return one


def test_what_was_claimed_leaves_the_rest_and_the_estimate_says_how_much_that_is(programs):  # noqa: F811
    found = after(programs["capped"], told(9000), before("capped", 5000))
    assert (found.amount, found.before_limits, found.by_year) == (POT - 5000, FLAT, {1: POT - 5000})
    assert (limit(found).used, limit(found).left.low, limit(found).cut, limit(found).told) == (5000, POT - 5000, FLAT - (POT - 5000), True)


def test_what_leaves_enough_changes_nothing(programs):  # noqa: F811
    found = after(programs["capped"], told(9000), before("capped", 100))
    assert (found.amount, found.before_limits, limit(found).cut) == (FLAT, None, 0)


def test_where_nothing_is_left_the_answer_is_no_and_nothing_is_asked_any_more(programs):  # noqa: F811
    for facts in (told(9000), {**told(0), "pay": UNKNOWN}):
        found = after(programs["capped"], facts, before("capped", 9999))
        assert (found.eligible, found.amount, found.missing, found.deadlines) == ("no", 0, (), ())


def test_while_the_amount_is_not_known_it_is_at_most_what_is_left(programs):  # noqa: F811
    unknown = {**told(0), "pay": UNKNOWN}
    assert estimate(programs["capped"], unknown, TODAY).at_most == FLAT
    found = after(programs["capped"], unknown, before("capped", 5000))
    assert (found.eligible, found.amount, found.at_most, found.missing) == ("unknown", None, POT - 5000, ("pay",))


def test_where_it_is_not_known_how_much_was_claimed_the_amount_lies_between_bounds(programs):  # noqa: F811
    found = after(programs["capped"], told(9000), before("capped", None), before("capped", 5000))
    assert (found.eligible, found.amount, found.at_least, found.at_most) == ("yes", None, 0, POT - 5000)
    assert limit(found).more


def test_that_no_one_said_what_was_claimed_is_not_taken_for_nothing(programs):  # noqa: F811
    assert not limit(after(programs["capped"], told(9000))).told
    assert limit(after(programs["capped"], told(9000), before("capped", 0, people=0))).told
    assert not limit(after(programs["capped"], told(9000), before("capped", 0, 2024))).told  # another year
    assert not limit(after(programs["capped"], told(9000), before("capped", 10, case="c1"))).told  # a case that is seen here says nothing of others


def test_a_limit_for_all_years_counts_every_year(programs):  # noqa: F811
    alone = told(40_000) | {"used_by_first": Decimal(0)}
    assert after(programs["second"], alone, before("second", 5000, 2021), before("second", 1000, 2024)).amount == LIFETIME - 6000


def test_each_year_of_an_amount_has_its_own_limit(programs):  # noqa: F811
    """500 fall to 2025, and 2,500 to 2026, of which 1,000 are left."""
    found = after(programs["long"], told(9000), before("long", POT, 2024), before("long", POT - 1000, 2026))
    assert (found.amount, found.by_year) == (1500, {1: 500, 2: 1000})


def test_a_place_is_taken_by_those_who_counted_and_no_one_takes_two(programs):  # noqa: F811
    headed = programs["headed"]
    assert after(headed, told(5000), before("headed", 9, person="Ana")).amount == 1000
    assert after(headed, told(5000), before("headed", 9, person="Ana"), before("headed", 9, person="Ben")).eligible == "no"
    assert after(headed, told(5000), before("headed", 9, people=2)).eligible == "no"
    assert after(headed, told(5000), before("headed", 9, people=None)).amount is None
    assert after(headed, told(5000), before("headed", 9, 2025, people=1), before("headed", 9, 2025, person="Cal"), person="Dan").eligible == "no"


def test_what_a_program_gave_the_person_in_the_year_it_gives_no_second_time(programs):  # noqa: F811
    found = after(programs["flat"], told(0), before("flat", 500, person="Ana"), person="Ana")
    assert (found.eligible, found.left[0].limit) == ("no", None)
    assert after(programs["flat"], told(0), before("flat", 500, person="Ana"), person="Ben").amount == 500
    assert after(programs["long"], told(0), before("long", 500, person="Ana"), person="Ana").by_year == {2: 2500}


def test_what_is_best_together_counts_what_is_left(programs):  # noqa: F811
    some = only(programs, "headed", "flat")  # which rule each other out for a person
    assert [claim.program.id for claim in stack(some, told(9000), TODAY).best.claims] == ["headed"]
    found = stack(some, told(9000), TODAY, earlier=Earlier((before("headed", 1, people=2),)))
    assert ([claim.program.id for claim in found.best.claims], found.best.total) == (["flat"], 500)
    assert stack(only(programs, "capped"), told(9000), TODAY, earlier=Earlier((before("capped", 5000),))).best.total == POT - 5000


def test_without_limits_an_estimate_is_what_it_was(programs):  # noqa: F811
    assert after(programs["share"], told(9000), before("capped", 5000)) == estimate(programs["share"], told(9000), TODAY)


def test_before_the_day_is_told_no_year_is_guessed(programs):  # noqa: F811
    found = after(programs["capped"], {"pay": Decimal(9000)}, before("capped", 9999))
    assert (found.eligible, found.left) == ("unknown", ())


def upper(found):
    most = found.at_most if found.amount is None else found.amount
    return Decimal("Infinity") if most is None else most


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from([*NAMES, "long"]), pay=st.one_of(st.none(), st.integers(0, 40_000)), already=st.lists(CLAIMED, max_size=4), more=CLAIMED,
       person=st.sampled_from(("", "p1", "p2")))  # fmt: skip
def test_more_already_claimed_never_raises_an_amount(programs, name, pay, already, more, person):  # noqa: F811
    facts = told(0) | {"pay": UNKNOWN if pay is None else Decimal(pay)}
    alone, less = (after(programs[name], facts, *claims, person=person) for claims in (already, [*already, more]))
    whole = estimate(programs[name], facts, TODAY)
    assert upper(less) <= upper(alone) <= upper(whole)
    assert less.at_least <= alone.at_least <= whole.at_least
    if less.amount is not None and less.before_limits is not None:
        assert sum(less.by_year.values()) == less.amount


@settings(max_examples=60, deadline=None)
@given(pays=st.lists(st.integers(0, 40_000), min_size=1, max_size=5), old=st.lists(CLAIMED, max_size=2), names=st.permutations(("capped", "second", "headed", "long")))
def test_single_claims_one_after_the_other_never_pass_a_limit(programs, pays, old, names):  # noqa: F811
    claims = list(old)
    for place, pay in enumerate(pays, start=1):
        for name in names:
            found = after(programs[name], told(pay) | {"used_by_first": Decimal(0)}, *claims, person=f"p{place}")
            claims += [Claimed(name, 2024 + year, share, f"p{place}") for year, share in found.by_year.items() if found.amount]
    new = claims[len(old):]

    def spent(name, years=(2025, 2026)):
        known = [each.amount for each in claims if each.program == name and each.year in years]
        return sum(each for each in known if each is not None)

    for name, years, most in (("capped", (2025,), POT), ("long", (2025,), POT), ("long", (2026,), POT), ("second", (2025, 2026), LIFETIME)):
        if any(each.program == name and each.year in years for each in new):
            assert spent(name, years) <= most
    heads = {each.person for each in new if each.program == "headed"}
    counted = {each.person for each in claims if each.program == "headed" and each.year == 2025 and each.person}
    others = sum(each.people or 0 for each in old if each.program == "headed" and each.year == 2025 and not each.person)
    assert not heads or len(counted) + others <= TWO


@pytest.mark.parametrize("key", [date(2025, 3, 3), date(2026, 3, 3)])
def test_the_year_is_that_of_the_date_key(programs, key):  # noqa: F811
    found = after(programs["capped"], told(9000, key), before("capped", 5000, 2025))
    assert found.amount == (POT - 5000 if key.year == 2025 else FLAT)
