"""Days to keep, each from the day that its program counts from, with the first day on which it can be done."""

from datetime import date

import pytest

from crm.rulebook.estimates import estimate
from crm.testing.conformance import rules_of

WINDOWS = [
    ("la-wbl", {"hours_from": date(2026, 1, 1)}, "application", date(2027, 1, 1), date(2027, 2, 28)),
    ("mo-iara", {"tax_year_begins": date(2026, 1, 1)}, "preliminary", date(2026, 7, 1), date(2026, 11, 15)),
    ("mo-iara", {"tax_year_begins": date(2026, 1, 1)}, "full", date(2027, 1, 1), date(2027, 2, 15)),
    ("ny-youth", {"work_start": date(2026, 3, 2)}, "application", date(2026, 1, 1), date(2026, 11, 30)),
    ("ny-esatc", {"claim_year_begins": date(2026, 1, 1)}, "application", None, date(2026, 12, 31)),
    ("il-apprentice", {"tax_year_begins": date(2024, 1, 1)}, "claim", None, date(2025, 3, 31)),
    ("oh-cte-wbl", {"application_date": date(2025, 1, 20)}, "application", date(2025, 1, 1), date(2025, 2, 1)),
    ("ar-youth", {"tax_year_begins": date(2026, 1, 1), "work_start": date(2026, 9, 1)}, "papers", None, date(2026, 8, 2)),
    ("ca-hhtc", {"tax_year_begins": date(2026, 1, 1), "work_start": date(2026, 9, 1)}, "reservation", None, date(2026, 10, 1)),
    ("tx-refund", {"work_start": date(2026, 9, 1)}, "certificate", None, date(2026, 9, 1)),
]  # fmt: skip


@pytest.fixture(scope="module")
def library():
    return rules_of("state_catalog")


@pytest.mark.parametrize(("program", "facts", "deadline", "opens", "last"), WINDOWS)
def test_a_program_is_applied_for_in_its_window(library, program, facts, deadline, opens, last):
    found = estimate(library.programs[program], facts, date(2026, 11, 23))

    assert [(due.opens, due.day) for due in found.deadlines if due.deadline.id == deadline] == [(opens, last)]
