"""Hires as a career specialist meets them: what could be told of each, were it asked. Which few of these questions it takes is measured."""

from datetime import date
from decimal import Decimal
from typing import Any

from crm.rulebook.facts import Fact, parse

TODAY = date(2025, 10, 6)
START = date(2025, 10, 1)

# What holds of an ordinary hire at an ordinary employer. All else is answered with no, none and nothing.
ORDINARY = {
    "application_date": "2025-10-15", "tax_year_begins": "2025-01-01", "tax_year_ends": "2025-12-31", "hire_tax_year_begins": "2025-01-01", "wages_year_begins": "2025-01-01",
    "birth_date": "1990-05-17", "age_at_hire": 35, "age_summer_youth": 35,
    "first_year_hours": 1800, "first_year_wages": 39600, "second_year_wages": 41000, "tax_year_hours": 480, "tax_year_wages": 10560, "tax_year_months": 3,
    "calendar_year_wages": 10560, "hourly_wage": 22, "weekly_hours": 36, "days_employed": 92, "employee_count": 40, "full_time_staff": 38, "ma_employees": 40,
    "prior_year_receipts": 4_000_000, "half_pay_for_business": True, "w2_job": True, "form_8850_sent": "2025-10-20", "wtfp_course_starts": "2025-11-10",
    "apprenticeship_begins": "2025-10-01", "wa_training_done": "2026-09-30", "policy_begins": "2025-07-01", "hours_from": "2025-10-01",
    "mlsc_program": "internship", "wa_sws_employer": "private",
}  # fmt: skip
OJT = {"wioa_participant": True, "ojt_contract_signed": "2025-09-26", "ojt_trainees_kept": True, "ojt_suits": True, "ojt_hours": 320, "ojt_contract_hours": 400,
       "ojt_contract_most": 8000}  # fmt: skip

# who, where, and what is special
HIRES: dict[str, tuple[str, dict[str, Any]]] = {
    "no group at all, Massachusetts": ("MA", {"lives_and_works_ma": True}),
    "no group at all, Washington": ("WA", {}),
    "veteran with SNAP, Massachusetts": ("MA", {"wotc_group": "B-a", "veteran_service": True, "veteran_snap_months": 5, "lives_and_works_ma": True, "vhtc_wotc_claimed": True,
                                                "vhtc_certificate_in_time": True, "vhtc_months": 15, "vhtc_next_year": True}),
    "vocational rehabilitation, Massachusetts": ("MA", {"wotc_group": "E", "rehab_referral": True, "detc_certified": True, "detc_certificate_in_time": True,
                                                        "lives_and_works_ma": True, "detc_months": 12, "detc_year": 1}),
    "adult in training on the job, Massachusetts": ("MA", OJT | {"lives_and_works_ma": True}),
    "two years on TANF, Washington": ("WA", {"wotc_group": "I", "tanf_18_months_to_hire": True, "wotc_certificate": True}),
    "out of prison, Tennessee": ("TN", {"wotc_group": "C", "convicted_or_released_within_a_year": True, "bonding_at_risk": True, "bond_cover": 5000}),
    "17 years, in summer, Tennessee": ("TN", {"work_start": "2025-06-16", "wotc_group": "F", "age_at_hire": 17, "age_summer_youth": 17, "birth_date": "2008-02-01",
                                              "home_in_empowerment_zone": True, "summer_window": True, "first_year_hours": 400, "first_year_wages": 6000,
                                              "form_8850_sent": "2025-06-30", "tn_program_wages": 3000, "tn_student_age": 17}),
    "intern of 16 years, Colorado": ("CO", {"age_at_hire": 16, "age_summer_youth": 16, "birth_date": "2009-03-03", "first_year_hours": 200, "first_year_wages": 3000,
                                            "co_intern_hours": 200, "co_intern_months": 4, "co_intern_cost": 3400, "hourly_wage": 15}),
    "intern on a farm, Colorado": ("CO", {"co_agriculture": True, "farm_work": True, "co_intern_hours": 200, "co_intern_months": 7, "co_intern_cost": 5000}),
    "apprentice, West Virginia": ("WV", {"apprentice_registered": True, "apprentice_new": True, "wv_construction_trade": True, "wv_registered": True, "wv_program_hours": 8000,
                                         "wv_takes_part": True, "wv_jointly_run": True}),
    "apprentice, Massachusetts": ("MA", {"apprentice_registered": True, "apprentice_new": True, "apprentice_occupation_listed": True, "apprentice_workplace_ma": True,
                                         "apprentice_days": 200, "lives_and_works_ma": True, "tax_year_wages": 32000}),
    "veteran at a tax-exempt employer, Washington": ("WA", {"wotc_group": "B-e", "veteran_service": True, "unemployed_in_year": "months", "exempt_501c": True,
                                                            "for_exempt_purpose": True, "employer_ss_tax": 60000}),
}  # fmt: skip


def answer(fact: Fact, special: dict[str, Any]) -> Any:
    """What is told of it."""
    told = (ORDINARY | {"work_start": START.isoformat()} | special).get(fact.key)
    if told is not None:
        return parse(fact, told)
    if fact.kind == "yes_no":
        return False
    if fact.kind == "choice":
        values = [each.value for each in fact.choices]
        return "none" if "none" in values else values[0]
    return START if fact.kind == "date" else fact.least or Decimal(0)
