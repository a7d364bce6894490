"""Which backups stay."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm.backups.rules import kept

START = datetime(2026, 1, 1, 3, tzinfo=UTC)


def test_a_year_of_nights_leaves_a_week_a_month_and_a_year():
    nights = [START + timedelta(days=number) for number in range(400)]

    left = kept(nights, days=7, weeks=5, months=12)

    assert nights[-7:] == sorted(left)[-7:]
    assert 18 <= len(left) <= 24
    assert min(left) < nights[-1] - timedelta(days=300)


moments = st.lists(st.integers(0, 100_000).map(lambda minutes: START + timedelta(minutes=minutes)), min_size=1)


@given(moments)
def test_the_newest_always_stays(found):
    assert max(found) in kept(found, days=0, weeks=0, months=0)


@given(moments)
def test_keeping_again_drops_nothing_more(found):
    left = kept(found, days=3, weeks=2, months=2)

    assert kept(left, days=3, weeks=2, months=2) == left
