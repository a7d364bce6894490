"""The legal public holidays of 5 U.S.C. § 6103, as the Office of Personnel Management lists them for a year, and what the agency adds."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import days
from crm.errors import UserError
from crm.holidays import observed_in
from crm.settings import settings_from
from crm.translation import speaking


@pytest.fixture
def closed():
    days.start("America/New_York", [date(2027, 4, 19), date(2027, 12, 25)])
    yield
    days.start("UTC")


@pytest.mark.parametrize(("year", "found"), [
    (2020, "01-01 01-20 02-17 05-25 07-03 09-07 10-12 11-11 11-26 12-25"),  # before Juneteenth; July 4 was a Saturday
    (2021, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),  # the New Year of 2022 on its eve
    (2022, "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26"),
    (2026, "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"),
    (2027, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),
])  # fmt: skip
def test_each_is_observed_on_its_day_or_beside_a_weekend(year, found):
    assert sorted(f"{day:%m-%d}" for day in observed_in(year)) == found.split()


async def test_it_is_named_in_the_language_of_the_reader(program):
    assert days.holiday(date(2026, 11, 26)) == "Thanksgiving Day"
    with speaking("es"):
        assert days.holiday(date(2026, 11, 26)) == "Día de Acción de Gracias"


def test_the_agency_adds_days_of_its_own(closed):
    assert not days.works(date(2027, 4, 19)) and days.works(date(2027, 4, 20))
    assert days.next_working(date(2027, 4, 17)) == date(2027, 4, 20)
    assert days.closings(date(2027, 4, 16), date(2027, 4, 20)) == ["a day on which we are closed"]
    assert days.closings(date(2027, 12, 20), date(2027, 12, 31)) == ["Christmas Day", "New Year's Day"]  # each once, weekends not


def test_a_day_that_is_none_is_refused_with_what_was_found():
    assert settings_from({"CRM_CLOSED_DAYS": "2026-12-24, 2027-04-19"}).closed_days == [date(2026, 12, 24), date(2027, 4, 19)]
    with pytest.raises(UserError, match=r"CRM_CLOSED_DAYS is '2026-13-24'.*each a day as 2026-12-24"):
        settings_from({"CRM_CLOSED_DAYS": "2026-13-24"})


@given(st.dates(date(1971, 1, 1), date(2200, 1, 1)))
def test_after_at_most_three_days_and_a_holiday_someone_works(day):
    assert (days.next_working(day) - day) <= timedelta(days=4)
    assert days.next_working(day) >= day and days.works(days.next_working(day))
