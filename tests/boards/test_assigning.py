"""An establishment falls into a board by its address and the day, with the reason; what staff choose stays."""

from datetime import date, timedelta

import pytest

from crm.boards import areas, assigning
from crm.database import fetch, transaction
from crm.employers import actions
from crm.employers.forms import BoardChoice, EstablishmentForm
from crm.errors import Denied
from tests.boards.conftest import TODAY, look

BY_CITY = {"city": "Leicester", "zip": "01524"}


async def test_falls_into_the_board_of_its_town(serve, site, boards):
    await serve(boards.south, "municipality", "Leicester")
    found = await site(**BY_CITY)
    assert (found["board_id"], found["because"], found["because_kind"]) == (boards.south, "Leicester", "municipality")


async def test_another_spelling_of_a_town_is_the_same_town(serve, site, boards):
    await serve(boards.south, "municipality", "westboro")
    assert (await site(city="WESTBOROUGH"))["because"] == "Westborough"


async def test_falls_into_the_board_of_its_county_where_the_town_has_none(serve, site, boards):
    ended = await serve(boards.north, "municipality", "Leicester", date(2020, 1, 1), date(2020, 12, 31))
    await serve(boards.south, "county", "Worcester County")
    found = await site(**BY_CITY)
    assert ended
    assert (found["board_id"], found["because"], found["because_kind"]) == (boards.south, "Worcester", "county")


async def test_falls_into_the_board_of_its_zip_code_before_its_town(serve, site, boards):
    await serve(boards.south, "municipality", "Leicester")
    await serve(boards.north, "zip", "01524")
    found = await site(city="Leicester", zip="01524-1234")
    assert (found["board_id"], found["because_kind"]) == (boards.north, "zip")


async def test_is_in_no_board_where_no_one_serves_its_place(site):
    found = await site(city="Leicester")
    assert (found["board_id"], found["board_territory_id"]) == (None, None)


@pytest.mark.parametrize(("day", "board"), [("2026-12-31", "north"), ("2027-01-01", "south"), ("2019-12-31", None)])
async def test_the_entry_counts_from_its_first_day_to_its_last(serve, site, boards, day, board):
    await serve(boards.north, "municipality", "Leicester", date(2020, 1, 1), date(2026, 12, 31))
    await serve(boards.south, "municipality", "Leicester", date(2027, 1, 1))
    made = await site(**BY_CITY)
    async with transaction():
        await assigning.assign_boards([made["id"]], date.fromisoformat(day))
    assert (await look(made["id"]))["board_id"] == (getattr(boards, board) if board else None)


async def test_establishments_follow_at_once_when_a_place_is_entered_and_when_it_ends(serve, site, boards, people):
    made = await site(**BY_CITY)
    entry = await serve(boards.south, "municipality", "Leicester")
    assert (await look(made["id"]))["board_id"] == boards.south
    await areas.stop_serving(people.sam, entry, TODAY - timedelta(days=1), today=TODAY, zone="America/New_York")
    assert (await look(made["id"]))["board_id"] is None


async def test_a_day_still_to_come_waits_as_a_job_until_its_first_hour(serve, boards):
    await serve(boards.south, "municipality", "Leicester", date(2027, 7, 1), date(2028, 6, 30))
    async with transaction(read_only=True):
        rows = await fetch("select arguments, run_after from job where name = 'boards.assign' order by run_after")
    assert [row["arguments"] for row in rows] == [{"on": "2027-07-01"}, {"on": "2028-07-01"}]
    assert rows[0]["run_after"].isoformat() == "2027-07-01T04:00:00+00:00"


async def test_what_staff_choose_stays_whatever_the_address_says(serve, site, boards, people, employers):
    await serve(boards.north, "municipality", "Leicester")
    made = await site(**BY_CITY)
    await actions.choose_board(people.alice, made["id"], BoardChoice(board_id=boards.south, reason="agreed by both boards"))
    form = EstablishmentForm(city="Leicester", state="MA", line1="2 Elm Street", version=made["version"] + 1)
    await actions.change_establishment(people.alice, made["id"], form)
    await serve(boards.north, "zip", "01524")
    async with transaction():
        await assigning.assign_all_boards()
    found = await look(made["id"])
    assert (found["board_id"], found["board_set_reason"]) == (boards.south, "agreed by both boards")


async def test_the_address_decides_again_when_staff_let_it(serve, site, boards, people):
    await serve(boards.north, "municipality", "Leicester")
    made = await site(**BY_CITY)
    await actions.choose_board(people.alice, made["id"], BoardChoice(board_id=boards.south, reason="agreed by both boards"))
    await actions.follow_address(people.charlie, made["id"])
    assert (await look(made["id"]))["board_id"] == boards.north


async def test_the_employers_page_gives_the_reason_in_words(serve, site, boards, people, employers, browse):
    await serve(boards.north, "municipality", "Leicester")
    made = await site(**BY_CITY)
    alice = browse(people.alice)
    assert "because it is in Leicester" in (await alice.get(f"/employers/{employers.erins}")).text
    await alice.submit(f"/establishments/{made['id']}/board", board_id=str(boards.south), reason="they asked for it")
    assert "set by Alice: they asked for it" in (await alice.get(f"/employers/{employers.erins}")).text
    assert "set by Alice: they asked for it" in (await alice.get(f"/establishments/{made['id']}/board")).text


async def test_refuses_a_change_between_two_other_boards(serve, site, boards, people):
    await serve(boards.north, "municipality", "Leicester")
    made = await site(**BY_CITY)
    with pytest.raises(Denied, match="Only the two boards concerned"):
        await actions.choose_board(people.charlie, made["id"], BoardChoice(board_id=boards.north, reason="no business of mine"))
