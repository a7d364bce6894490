"""What is open in the sources is never promised: it is shown apart, or said to be not known."""

from datetime import date
from decimal import Decimal

import pytest

from crm.rulebook.estimates import estimate
from crm.testing.conformance import rules_of

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def library():
    return rules_of("state_catalog")


@pytest.mark.parametrize(
    ("program", "key", "lapsed_from"),
    [("al-apprentice", "tax_year_begins", date(2026, 1, 1)), ("il-apprentice", "tax_year_begins", date(2025, 1, 2)),
     ("oh-cte-wbl", "application_date", date(2025, 7, 1)), ("fl-experiential", "tax_year_begins", date(2026, 1, 1)),
     ("ok-aero", "tax_year_begins", date(2026, 1, 1))],
)  # fmt: skip
def test_what_may_have_ended_promises_nothing_and_asks_to_be_reviewed(library, program, key, lapsed_from):
    found = estimate(library.programs[program], {key: lapsed_from}, TODAY)

    assert (found.status.state, found.at_least, found.needs_review) == ("hiatus", Decimal(0), True)
    assert "Ask the state" in found.status.says["en"]


def test_a_tax_year_whose_end_is_disputed_counts_with_a_warning(library):
    found = estimate(library.programs["al-apprentice"], {"tax_year_begins": date(2025, 1, 1)}, TODAY)

    assert (found.status.state, found.needs_review) == ("active", True)
    assert "2024" in found.status.says["en"]


def test_years_that_no_one_looked_up_are_not_known_rather_than_nothing(library):
    facts = {"tax_year_begins": date(2025, 12, 31), "apprentice_registered": True, "tax_year_wages": Decimal(14000), "credit_used_before": Decimal(0)}

    found = estimate(library.programs["nd-apprentice"], facts, TODAY)

    assert (found.eligible, found.amount, found.at_most) == ("unknown", None, None)
