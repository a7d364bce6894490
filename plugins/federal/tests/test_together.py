"""Programs beside each other, and a credit over two tax years: worked examples that rest on more than one case."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crm.rulebook.estimates import estimate
from crm.rulebook.screening import programs_for
from crm.rulebook.stacking import stack
from crm.rulebook.strips import Period, by_tax_year, facts_of, strip
from crm.testing import cases
from crm.testing.conformance import rules_of

FOLDER = Path(__file__).parent / "cases"
TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def library():
    return rules_of("federal")


@pytest.fixture
def told(library):
    """`told(program, name)`: the facts of a case."""
    known = {(program, case["name"]): case for program, case in cases.cases(FOLDER)}
    return lambda program, name: cases.facts_of(library, known[program, name])


def plan(library, names, facts):
    return {claim.program.id: claim.amount for claim in stack([library.programs[name] for name in names], facts, TODAY).best.claims}


def test_the_hours_of_the_whole_first_year_decide_and_the_base_is_used_up_in_the_order_of_time(library, told):
    periods = strip([
        Period(date(2025, 10, 1), date(2025, 12, 31), Decimal(240), Decimal(3600)), Period(date(2026, 1, 1), date(2026, 9, 30), Decimal(600), Decimal(9000)),
    ])  # fmt: skip
    facts = told("us-wotc", "a first year that lies in two tax years")
    facts |= facts_of(periods, facts)

    found = estimate(library.programs["us-wotc"], facts, TODAY)
    [counted] = [traced.result for traced in found.trace if traced.step.uses]

    years = [date(2025, 1, 1), date(2026, 1, 1)]
    assert by_tax_year(found.amount, counted, periods.periods, years) == {years[0]: Decimal("1440.00"), years[1]: Decimal("960.00")}


def test_wages_of_a_period_that_training_money_pays_bring_no_work_opportunity_credit(library, told):
    facts = told("us-wotc", "400 hours give 40 percent of the base") | told("us-wioa-ojt", "half of the wages")
    facts |= {"work_start": date(2025, 3, 3), "ojt_contract_signed": date(2025, 2, 20), "first_year_wages": Decimal(12640)}

    # 480 hours at $18 are $8,640, which leaves $4,000 for the credit
    assert plan(library, ["us-wotc", "us-wioa-ojt"], facts) == {"us-wotc": Decimal("1600.00"), "us-wioa-ojt": Decimal("4320.00")}


@pytest.mark.parametrize(("told_wages", "names", "wotc"), [
    ("8640", ["us-wotc"], "1600.00"),  # the training money was received, claimed in this plan or not: $4,000 are left
    ("0", ["us-wotc"], "2400.00"),
    ("0", ["us-wotc", "us-wioa-ojt"], "1600.00"),  # 480 hours at $18
    ("3000", ["us-wotc", "us-wioa-ojt"], "1600.00"),  # once, not both
    ("10000", ["us-wotc", "us-wioa-ojt"], "1056.00"),  # an earlier contract too
])  # fmt: skip
def test_wages_for_which_training_money_was_received_are_out_whether_the_plan_claims_it_or_not(library, told, told_wages, names, wotc):
    facts = told("us-wotc", "400 hours give 40 percent of the base") | told("us-wioa-ojt", "half of the wages")
    facts |= {"work_start": date(2025, 3, 3), "ojt_contract_signed": date(2025, 2, 20), "first_year_wages": Decimal(12640), "ojt_wages": Decimal(told_wages)}

    assert plan(library, names, facts)["us-wotc"] == Decimal(wotc)


def test_the_access_credit_comes_first_and_the_rest_of_the_cost_is_deducted(library, told):
    facts = told("us-44", "a small business spends $20,000 on access; the rest may be deducted (IRC §190)")
    facts |= {"barrier_removal_cost": Decimal(20000)}

    assert plan(library, ["us-44", "us-190"], facts) == {"us-44": Decimal("5000.00"), "us-190": Decimal("15000.00")}


def test_wages_that_count_for_the_work_opportunity_credit_lower_wages_and_base_of_the_zone(library, told):
    facts = told("us-ez", "wages above the base") | told("us-wotc", "400 hours give 40 percent of the base")

    assert plan(library, ["us-wotc", "us-ez"], facts) == {"us-wotc": Decimal("2400.00"), "us-ez": Decimal("1800.00")}


def test_a_person_with_first_year_wages_in_one_credit_is_out_of_the_other(library, told):
    facts = told("us-45a", "three people at $26,000 each, $35,000 in 1993") | told("us-wotc", "400 hours give 40 percent of the base")

    assert plan(library, ["us-wotc", "us-45a"], facts) == {"us-45a": Decimal("5000.00")}


def test_a_bill_counts_only_where_it_is_asked_for(library):
    assert "us-wotc-hr6231" not in {program.id for program in programs_for(library, None)}
    assert "us-wotc-hr6231" in {program.id for program in programs_for(library, None, ["us-wotc-hr6231"])}
