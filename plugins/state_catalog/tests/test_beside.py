"""What the states do not let an employer claim together."""

from datetime import date
from decimal import Decimal

import pytest

from crm.rulebook.stacking import stack
from crm.testing.conformance import rules_of

APPRENTICE = {
    "claim_year_begins": date(2026, 1, 1), "apprentice_registered": True, "calendar_year_months": Decimal(9), "construction_apprentice": False,
    "ny_other_state_credit": False, "apprenticeship_year": Decimal(1), "ny_disadvantaged_youth": True, "ny_mentor_all_year": False,
}  # fmt: skip
YOUTH = {
    "work_start": date(2026, 3, 2), "age_at_hire": Decimal(19), "ny_youth_certified": True, "full_time_high_school": False,
    "weekly_hours": Decimal(35), "months_employed": Decimal(24),
}  # fmt: skip


@pytest.fixture(scope="module")
def new_york():
    return [program for program in rules_of("state_catalog").programs.values() if program.jurisdiction == "NY"]


def claimed(found):
    return {claim.program.id: claim.amount for claim in found.best.claims}


def test_one_person_brings_one_credit_of_new_york_and_the_larger_is_advised(new_york):
    assert claimed(stack(new_york, APPRENTICE | YOUTH, date(2026, 11, 23))) == {"ny-youth": 7500}
    assert claimed(stack(new_york, APPRENTICE | YOUTH | {"months_employed": Decimal(4)}, date(2026, 11, 23))) == {"ny-esatc": 5000}
