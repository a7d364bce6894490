"""A hire of Erin's whose WOTC answers are told, and a case of it."""

from datetime import date

import pytest

from crm.incentives import hires
from crm.incentives.claims import cases
from crm.incentives.forms import HireForm
from tests.incentives.test_hires import TODAY, WOTC


@pytest.fixture
async def hire(program, people, employers):
    return await hires.add(people.alice, employers.erins, HireForm(label="R.L.", job_title="Baker", starts_on=date(2025, 10, 1)))


@pytest.fixture
async def case(hire, people):
    await hires.tell(people.alice, hire, WOTC)
    return (await cases.open_case(people.alice, hire, "us-wotc", TODAY))[0]
