"""What half of the franchise and excise taxes leaves unused (Tenn. Code §67-4-2109(b)(1)(D))."""

from datetime import date
from decimal import Decimal

from crm.rulebook.estimates import estimate
from crm.testing.conformance import rules_of

TOLD = {"tax_year_begins": date(2025, 1, 1), "tn_disability_services": True, "tn_staff_grows": True, "tn_months": Decimal(12), "tn_health_plan": True,
        "tn_new_full_time": Decimal(3), "tn_new_part_time": Decimal(2), "tn_franchise_excise_tax": Decimal(22000)}  # fmt: skip


def test_what_is_earned_above_half_of_the_tax_carries_over():
    program = rules_of("tennessee").programs["tn-jtc-disability"]

    found = {traced.step.name: traced.result for traced in estimate(program, TOLD, date(2026, 1, 2)).trace}

    assert (found["earned"], found["carried"], found["credit"]) == (19000, 8000, 11000)
    assert program.carry.forward == 15
