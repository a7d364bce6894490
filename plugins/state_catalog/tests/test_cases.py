"""Every case of the law that this plugin states, and that none is missing."""

from pathlib import Path

import pytest

from crm.testing.cases import cases, check
from crm.testing.conformance import cases_missing, rules_of

FOLDER = Path(__file__).parent / "cases"
CASES = list(cases(FOLDER))


@pytest.fixture(scope="module")
def library():
    return rules_of("state_catalog")


@pytest.mark.parametrize(("program", "case"), CASES, ids=[f"{program}: {case['name']}" for program, case in CASES])
def test_case(library, program, case):
    check(library, program, case)


def test_no_case_is_missing():
    assert cases_missing("state_catalog", FOLDER) == []
