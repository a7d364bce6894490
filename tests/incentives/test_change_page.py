"""What changed in the law since a day, on a page: what is to come first, each with its citation, and the cases to look at again."""

import re

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute
from crm.incentives.law_changes.change_wording import as_read

PAGE = "/incentives/changed"


async def test_a_change_stands_with_its_program_both_values_and_its_citation(browse, people):
    page = (await browse(people.alice).get(PAGE, params={"since": "2025-12-01", "state": "MA"})).text
    assert "Work Opportunity Tax Credit" in page
    assert "Lapsed, waiting for renewal" in page
    assert "IRC §51(c)(4)" in page
    assert "Colorado" not in page.partition('id="again"')[2]


async def test_law_that_was_stated_anew_shows_what_changed_and_not_its_state_twice(browse, people):
    page = (await browse(people.alice).get(PAGE, params={"since": "2025-06-15", "state": "TN"})).text
    assert "Its rules for earlier tax years were not looked up." in page and "The section was reissued on July 1, 2025" in page
    assert "Verified</td><td" in page
    assert not re.search(r'data-label="Before">([^<]+)</td><td data-label="After">\1</td>', page)


async def test_a_number_of_law_is_named_in_the_readers_language(browse, people):
    asked = {"since": "2026-01-15", "state": "MA"}
    alice = browse(people.alice)
    assert "Payment for each new apprentice." in (await alice.get(PAGE, params=asked)).text
    await alice.submit("/account/preferences", page="/account", name="Alice", language="es", density="comfortable")
    page = (await alice.get(PAGE, params=asked)).text
    assert "Pago por cada aprendiz nuevo." in page and "Payment for each" not in page


async def test_a_table_of_law_is_read_in_words_and_no_code_of_a_file(browse, people):
    page = (await browse(people.alice).get(PAGE, params={"since": "2025-12-01", "state": "WA"})).text
    assert "A business for profit: 40%; " in page and "for_profit" not in page


@pytest.mark.parametrize(("found", "counts", "read"), [
    ("from: 120, is: 0.25; from: 400, is: 0.40", "rate", "from 120: 25%; from 400: 40%"), ("no_row_of_ours: 9600", "money", "no_row_of_ours: $9,600"),
    ("0.40", "rate", "40%"), ("one; two", "number", "one; two"), ("", "money", ""),
])  # fmt: skip
def test_what_law_holds_is_read_by_what_it_counts(found, counts, read):
    assert as_read(found, counts) == read


async def test_a_quiet_time_says_so(browse, people):
    answer = await browse(people.alice).get(PAGE, params={"state": "ZZ", "since": "2026-11-01"})
    assert answer.status_code == 200


@pytest.mark.parametrize("since", ["2199-01-01", "tomorrow"])
async def test_a_day_that_is_none_or_still_to_come_is_refused(browse, people, since):
    assert (await browse(people.alice).get(PAGE, params={"since": since})).status_code == 422


async def test_cases_to_look_at_again_are_listed_for_their_board_alone(browse, people, case):  # noqa: F811
    assert str(case) not in (await browse(people.alice).get(PAGE)).text
    async with acting(SYSTEM, "case.law_changed") as act:
        await execute("update incentive_case set law_changed_on = '2026-11-01' where id = $1", case)
        act.record("incentive_case", case)
    assert f"/cases/{case}" in (await browse(people.alice).get(PAGE)).text
    assert str(case) not in (await browse(people.charlie).get(PAGE)).text
