"""Every case of the law that this plugin states."""

from pathlib import Path

import crm_federal
import pytest

from crm.rulebook.library import Library
from crm.testing.cases import cases, check

LIBRARY = Library()
LIBRARY.add(Path(crm_federal.__file__).parent)
CASES = list(cases(Path(__file__).parent / "cases"))


@pytest.mark.parametrize(("program", "case"), CASES, ids=[f"{program}: {case['name']}" for program, case in CASES])
def test_case(program, case):
    check(LIBRARY, program, case)
