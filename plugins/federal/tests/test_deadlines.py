"""The 28-day clock of the request (IRC §51(d)(13))."""

from datetime import date

import pytest

from crm.rulebook.estimates import estimate
from crm.testing.conformance import rules_of


@pytest.mark.parametrize("program", ["us-wotc", "us-wotc-exempt"])
@pytest.mark.parametrize(
    ("begins", "last"), [(date(2025, 3, 3), date(2025, 3, 31)), (date(2026, 1, 1), date(2026, 1, 29))]
)
def test_the_request_is_due_28_days_after_work_begins_also_while_the_law_is_lapsed(program, begins, last):
    library = rules_of("federal")

    found = estimate(library.programs[program], {"work_start": begins}, date(2026, 1, 2))

    assert [due.day for due in found.deadlines] == [last]
