"""Which number of law applies on a day, and what the law's status on that day promises."""

from datetime import date
from decimal import Decimal

import pytest

from crm.rulebook.amounts import capped
from crm.rulebook.estimates import estimate
from tests.rulebook.conftest import PARAMETER, PROGRAM

TODAY = date(2026, 11, 23)
TOLD = {"age": Decimal(20), "pay": Decimal(1000)}
GAP = PARAMETER.format(
    description="Share", unit="rate", values="  2024-01-01: 0.30\n  2020-01-01: 0.50\n  2022-01-01: null\n  2026-01-01: null"
)


@pytest.mark.parametrize(
    ("day", "value", "since"),
    [
        (date(2019, 12, 31), None, None), (date(2020, 1, 1), Decimal("0.50"), date(2020, 1, 1)),
        (date(2021, 12, 31), Decimal("0.50"), date(2020, 1, 1)), (date(2022, 1, 1), None, date(2022, 1, 1)),
        (date(2023, 12, 31), None, date(2022, 1, 1)), (date(2024, 1, 1), Decimal("0.30"), date(2024, 1, 1)),
        (date(2025, 12, 31), Decimal("0.30"), date(2024, 1, 1)), (date(2026, 1, 1), None, date(2026, 1, 1)),
        (date(2099, 1, 1), None, date(2026, 1, 1)),
    ],
)  # fmt: skip
def test_a_value_holds_from_its_first_day_to_the_day_before_the_next(library, day, value, since):
    rate = library({"parameters/rate.yaml": GAP}).parameters["rate"]

    assert rate.at(day) == value
    assert rate.since(day) == since


def test_the_amount_follows_the_value_of_the_day_and_a_gap_brings_nothing(library):
    rules = library({"parameters/rate.yaml": GAP})

    def amount(day):
        return estimate(rules.programs["test"], TOLD | {"start": day}, TODAY).amount

    assert [amount(date(2021, 12, 31)), amount(date(2022, 1, 1)), amount(date(2024, 1, 1))] == [500, 0, 300]


def test_a_part_of_a_cent_is_rounded_half_up(library):
    rules = library()

    found = estimate(rules.programs["test"], TOLD | {"start": date(2024, 1, 1), "pay": Decimal("0.01")}, TODAY)

    assert found.amount == Decimal("0.01")


STATUS = '  - {{since: {since}, state: {state}, says: {{en: "Says.", es: "Dice."}}, citation: The Act §9}}\n'
ACTIVE = PROGRAM.split("status:\n")[1].splitlines(keepends=True)[0]


def with_status(*later):
    """The program with statuses after 2020; later ones may stand first in the file."""
    added = "".join(STATUS.format(since=since, state=state) for since, state in later)
    return {"programs/test.yaml": PROGRAM.replace(ACTIVE, added + ACTIVE)}


def answer(rules, day):
    return estimate(rules.programs["test"], TOLD | {"start": day}, TODAY)


def test_before_a_program_began_there_is_none(library):
    found = answer(library(), date(2019, 12, 31))

    assert found.status is None
    assert (found.eligible, found.amount, found.potential_amount, found.missing) == ("no", 0, None, ())


@pytest.mark.parametrize("state", ["hiatus", "capped", "proposed"])
def test_a_law_that_does_not_pay_now_promises_nothing_and_shows_what_it_would_bring(library, state):
    rules = library(with_status(("2025-01-01", state)))

    before, after = answer(rules, date(2024, 12, 31)), answer(rules, date(2025, 1, 1))

    assert (before.status.state, before.amount, before.potential_amount) == ("active", 500, None)
    assert (after.status.state, after.amount, after.potential_amount) == (state, 0, 500)
    assert after.eligible == "yes"


@pytest.mark.parametrize(("age", "state", "answer"), [(17, "not_met", "no"), (20, "unknown", "unknown"), (21, "met", "unknown")])
def test_a_condition_that_the_law_changed_is_decided_without_the_day_only_where_each_law_says_the_same(library, age, state, answer):
    least = PARAMETER.format(description="Least age", unit="years", values="  2020-01-01: 18\n  2024-01-01: 21")
    rules = library({"parameters/least_age.yaml": least, "programs/test.yaml": PROGRAM.replace("at_least: 18", "at_least: law.least_age")})

    found = estimate(rules.programs["test"], {"age": Decimal(age), "pay": Decimal(1000)}, TODAY)

    assert (found.eligible, [each.state for each in found.outcomes]) == (answer, [state])


def test_a_law_that_ended_brings_nothing_and_is_not_asked_about(library):
    found = answer(library(with_status(("2025-01-01", "sunset"))), date(2025, 1, 1))

    assert (found.eligible, found.amount, found.potential_amount, found.missing) == ("no", 0, None, ())


def test_a_lapsed_law_counts_with_the_numbers_of_its_last_day_in_force(library):
    ended = PARAMETER.format(description="Share", unit="rate", values="  2020-01-01: 0.50\n  2025-01-01: null")
    rules = library(with_status(("2026-01-01", "capped"), ("2025-01-01", "hiatus")) | {"parameters/rate.yaml": ended})

    assert answer(rules, date(2025, 6, 1)).potential_amount == 500
    assert answer(rules, date(2026, 6, 1)).potential_amount == 500


def test_a_proposed_law_counts_with_its_own_numbers(library):
    proposed = PROGRAM.replace("since: 2020-01-01, state: active", "since: 2020-01-01, state: proposed")

    found = answer(library({"programs/test.yaml": proposed}), date(2024, 1, 1))

    assert (found.amount, found.potential_amount) == (0, 500)


def test_a_law_in_force_again_pays_again(library):
    rules = library(with_status(("2025-01-01", "hiatus"), ("2026-01-01", "active")))

    assert answer(rules, date(2026, 1, 1)).amount == 500


def test_a_number_that_was_only_recalled_marks_the_answer(library):
    recalled = PARAMETER.format(description="Cap", unit="USD", values="  2020-01-01: 1000") + "review_status: recalled\n"

    assert not answer(library(), date(2024, 1, 1)).needs_review
    assert answer(library({"parameters/cap.yaml": recalled}), date(2024, 1, 1)).needs_review


@pytest.mark.parametrize("part", ["notes: [{says: {en: A., es: A.}, review_status: recalled}]", "claim: [{says: {en: A., es: A.}, review_status: recalled}]",
                                  "forms: [{title: Form 1, says: {en: A., es: A.}, review_status: second_hand}]"])  # fmt: skip
def test_what_is_said_beside_the_amount_marks_the_answer_too(library, part):
    told = PROGRAM.replace("reference:", f"{part}\nreference:")

    assert answer(library({"programs/test.yaml": told}), date(2024, 1, 1)).needs_review


RECALLED_NOW = PARAMETER.format(description="Cap", unit="USD", values="  2020-01-01: 1000\n  2025-01-01: {value: 1000, review_status: recalled}")


def test_a_value_may_be_checked_for_some_years_and_not_for_others(library):
    rules = library({"parameters/cap.yaml": RECALLED_NOW})

    assert [answer(rules, day).needs_review for day in (date(2024, 12, 31), date(2025, 1, 1))] == [False, True]
    assert answer(rules, date(2025, 1, 1)).amount == 500


def test_a_status_that_was_only_heard_of_marks_the_answer(library):
    heard = ACTIVE + '  - {since: 2025-01-01, state: active, says: {en: "Says.", es: "Dice."}, citation: The Act §9, review_status: second_hand}\n'
    rules = library({"programs/test.yaml": PROGRAM.replace(ACTIVE, heard)})

    assert [answer(rules, day).needs_review for day in (date(2024, 12, 31), date(2025, 1, 1))] == [False, True]


def test_what_was_before_the_first_day_looked_up_is_not_known_rather_than_nothing(library):
    rules = library({"programs/test.yaml": PROGRAM + "earlier: unknown\n"})

    found = answer(rules, date(2019, 12, 31))

    assert (found.eligible, found.amount, found.missing, found.at_most) == ("unknown", None, (), None)
    assert answer(rules, date(2020, 1, 1)).amount == 500


def test_who_does_not_meet_a_condition_gets_nothing_whatever_was_before(library):
    rules = library({"programs/test.yaml": PROGRAM + "earlier: unknown\n"})

    assert estimate(rules.programs["test"], TOLD | {"start": date(2019, 12, 31), "age": Decimal(17)}, TODAY).eligible == "no"


def test_one_employer_gets_no_more_than_its_cap(real):
    program = real.programs["ma-ratc"]

    def total(people):
        return capped(program, [Decimal(4800)] * people, {}, date(2025, 1, 1)).total

    assert [total(20), total(21)] == [96000, 100000]


def test_a_limit_that_the_law_did_not_have_yet_limits_nothing(library):
    limit = "limits:\n  - {level: employer_year, most: law.most, what: {en: At most., es: Hasta.}, citation: The Act §5}\nreference:"
    most = PARAMETER.format(description="Most", unit="USD", values="  2024-01-01: 700")
    program = library({"programs/test.yaml": PROGRAM.replace("reference:", limit), "parameters/most.yaml": most}).programs["test"]

    def total(day):
        return capped(program, [Decimal(500)] * 2, {}, day).total

    assert [total(date(2023, 12, 31)), total(date(2024, 1, 1))] == [1000, 700]


def test_a_day_to_keep_may_lie_after_a_day_or_before_it(library):
    days = "deadlines:\n" + "".join(
        f"  - {{id: {name}, {name}: start, days: 30, sentence: {{en: Send., es: Envíe.}}, citation: The Act §6}}\n" for name in ("after", "before")
    )
    rules = library({"programs/test.yaml": PROGRAM + days})

    assert [due.day for due in answer(rules, date(2024, 3, 1)).deadlines] == [date(2024, 3, 31), date(2024, 1, 31)]


BACKDATED = PARAMETER.format(description="Cap", unit="USD", values="  2020-01-01: 400\n  2024-01-01: {value: 450, known_since: 2024-08-08}")


def test_law_made_for_days_that_had_passed_is_repeated_as_it_was_known(library):
    rules = library({"parameters/cap.yaml": BACKDATED})

    def amount(known):
        return estimate(rules.programs["test"], TOLD | {"start": date(2024, 3, 1)}, TODAY, known).amount

    assert [amount(known) for known in (date(2024, 8, 7), date(2024, 8, 8), None)] == [400, 450, 450]


def test_a_status_that_became_known_later_is_not_told_before(library):
    rules = library({"programs/test.yaml": PROGRAM.replace(ACTIVE, ACTIVE + '  - {since: 2025-01-01, known_since: 2025-06-01, state: hiatus, says: {en: "Says.", es: "Dice."}, citation: The Act §9}\n')})

    def state(known):
        return estimate(rules.programs["test"], TOLD | {"start": date(2025, 2, 1)}, TODAY, known).status.state

    assert [state(date(2025, 5, 31)), state(date(2025, 6, 1)), state(None)] == ["active", "hiatus", "hiatus"]


def test_as_known_today_is_what_is_answered(real):
    facts = {"tax_year_begins": date(2025, 1, 1), "tax_year_wages": Decimal(9000)}
    program = real.programs["ma-ratc"]

    now, replayed = estimate(program, facts, TODAY), estimate(program, facts, TODAY, TODAY)

    assert (now.eligible, now.at_most, now.missing) == (replayed.eligible, replayed.at_most, replayed.missing)
