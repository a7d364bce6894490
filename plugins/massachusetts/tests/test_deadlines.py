"""The last days of the Massachusetts programs: after the tax year, on the first day of work, the day before a course."""

from datetime import date

import pytest

from crm.rulebook.estimates import estimate
from crm.testing.conformance import rules_of


@pytest.mark.parametrize(
    ("program", "facts", "last"),
    [
        ("ma-ratc", {"tax_year_begins": date(2025, 1, 1)}, date(2026, 3, 31)),
        ("ma-detc", {"tax_year_begins": date(2025, 1, 1), "work_start": date(2025, 3, 3)}, date(2025, 3, 3)),
        ("ma-vhtc", {"hire_tax_year_begins": date(2025, 1, 1), "work_start": date(2025, 3, 3)}, date(2025, 3, 3)),
        ("ma-wtfp-express", {"application_date": date(2025, 3, 3), "wtfp_course_starts": date(2025, 4, 7)}, date(2025, 4, 6)),
    ],
)
def test_the_last_day(program, facts, last):
    found = estimate(rules_of("massachusetts").programs[program], facts, date(2026, 1, 2))

    assert [due.day for due in found.deadlines] == [last]
