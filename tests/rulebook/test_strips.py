"""A hire as a strip of time: what follows from it, where a period is divided, and which tax year a credit falls to."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rulebook.strips import (
    Period,
    StripError,
    anniversary,
    by_tax_year,
    cut,
    facts_of,
    hours_of,
    strip,
    wages_of,
    within,
)

START = date(2025, 10, 1)
AUTUMN = Period(date(2025, 10, 1), date(2025, 12, 31), Decimal(240), Decimal(3600))
NEXT = Period(date(2026, 1, 1), date(2026, 9, 30), Decimal(600), Decimal(9000))


def test_the_years_of_work_and_the_tax_year_follow_from_the_periods():
    found = facts_of(strip([NEXT, AUTUMN]), {"work_start": START, "tax_year_begins": date(2026, 1, 1)})

    assert (found["first_year_hours"], found["first_year_wages"], found["second_year_wages"]) == (840, 12600, 0)
    assert (found["tax_year_hours"], found["tax_year_wages"]) == (600, 9000)


def test_a_credit_falls_to_the_tax_years_in_which_its_dollars_are_used_up():
    shares = by_tax_year(Decimal("2400.00"), Decimal(6000), strip([AUTUMN, NEXT]).periods, [date(2025, 1, 1), date(2026, 1, 1)])

    assert shares == {date(2025, 1, 1): Decimal("1440.00"), date(2026, 1, 1): Decimal("960.00")}


def test_wages_that_training_money_pays_a_part_of_use_up_nothing():
    trained = Period(AUTUMN.first_day, AUTUMN.last_day, AUTUMN.hours, AUTUMN.wages, trained=True)

    shares = by_tax_year(Decimal("2400.00"), Decimal(6000), strip([trained, NEXT]).periods, [date(2025, 1, 1), date(2026, 1, 1)])

    assert shares == {date(2026, 1, 1): Decimal("2400.00")}


def test_a_period_over_a_boundary_is_divided_by_its_days_and_says_so():
    over = strip([Period(date(2025, 12, 30), date(2026, 1, 2), Decimal(16), Decimal("100.01"))])

    parts = cut(over, [date(2026, 1, 1)])

    assert not over.divided
    assert parts.divided
    assert [(p.first_day, p.last_day, p.hours, p.wages) for p in parts.periods] == [
        (date(2025, 12, 30), date(2025, 12, 31), 8, Decimal("50.01")), (date(2026, 1, 1), date(2026, 1, 2), 8, Decimal("50.00")),
    ]  # fmt: skip


@pytest.mark.parametrize(("periods", "says"), [
    ([AUTUMN, Period(date(2025, 12, 31), date(2026, 1, 5), Decimal(8), Decimal(80))], "two periods hold 2025-12-31"),
    ([Period(date(2025, 2, 2), date(2025, 2, 1), Decimal(8), Decimal(80))], "ends on 2025-02-01, before it begins"),
    ([Period(START, START, Decimal(25), Decimal(80))], "more than its days have"), ([Period(START, START, Decimal(8), Decimal(-1))], "neither is below zero"),
])  # fmt: skip
def test_a_strip_that_cannot_be_is_refused_in_words(periods, says):
    with pytest.raises(StripError, match=says):
        strip(periods)


def test_a_period_before_work_begins_is_a_contradiction():
    with pytest.raises(StripError, match="before work begins on 2025-11-01"):
        facts_of(strip([AUTUMN]), {"work_start": date(2025, 11, 1)})


def test_the_year_of_who_begins_on_29_february_ends_on_the_last_of_february():
    assert anniversary(date(2024, 2, 29), 1) == date(2025, 3, 1)
    assert anniversary(date(2024, 2, 29), 4) == date(2028, 2, 29)


LENGTHS = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 20), st.decimals(0, 20000, places=2)), min_size=1, max_size=8)


@given(LENGTHS, st.lists(st.integers(0, 900), max_size=5), st.decimals(0, 9000, places=2), st.decimals(0, 9600, places=2))
def test_no_hour_and_no_cent_is_lost_or_counted_twice(lengths, turns, counted, amount):
    periods, day = [], START
    for days, gap, wages in lengths:
        periods.append(Period(day, day + timedelta(days=days), Decimal(days), wages))
        day += timedelta(days=days + gap + 1)
    whole = strip(periods)
    days = [START + timedelta(days=turn) for turn in turns]

    parts = cut(whole, days)
    shares = by_tax_year(amount, counted, whole.periods, [date(2025, 1, 1), *days])

    assert (hours_of(parts.periods), wages_of(parts.periods)) == (hours_of(whole.periods), wages_of(whole.periods))
    assert wages_of(within(whole, START, START + timedelta(days=300))) + wages_of(within(whole, START + timedelta(days=300), date(2100, 1, 1))) == wages_of(whole.periods)
    assert sum(shares.values(), Decimal(0)) == (amount if shares and min(counted, wages_of(whole.periods)) > 0 else 0)
