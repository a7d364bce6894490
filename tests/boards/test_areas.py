"""The state office and a board's manager enter and end its regions and places; each entry is kept with its days."""

from datetime import date

import pytest

from crm.access import SYSTEM
from crm.boards import actions, areas
from crm.boards.forms import RegionForm
from crm.database import fetch, fetch_value, transaction
from crm.errors import Denied, Invalid
from crm.plugins import active
from tests.boards.conftest import TODAY


async def join(actor, board_id, kind="planning", name="Central", first=date(2020, 1, 1), last=None):
    form = RegionForm(kind=kind, name=name, valid_from=first, valid_to=last)
    return await areas.join_region(actor, board_id, form, state="MA")


async def test_a_board_is_in_regions_of_several_kinds(people, boards, browse):
    await join(people.bob, boards.north, "workforce", "Central workforce area")
    await join(people.bob, boards.north, "planning", "Central")
    await join(people.sam, boards.north, "county_region", "Worcester")
    text = (await browse(people.alice).get(f"/boards/{boards.north}")).text
    assert all(word in text for word in ("Workforce area", "Central workforce area", "Planning region", "Worcester"))
    listed = (await browse(people.alice).get("/boards")).text
    assert listed.count(f'href="/boards/{boards.north}"') == 1
    assert "Central, Central workforce area, Worcester" in listed


async def test_a_region_can_be_left_and_joined_again_on_later_days(people, boards):
    first = await join(people.bob, boards.north)
    await areas.leave_region(people.bob, first, date(2024, 6, 30))
    await join(people.bob, boards.north, first=date(2025, 7, 1))
    async with transaction(read_only=True):
        rows = await fetch("select valid_from, valid_to from board_region order by valid_from")
    assert [tuple(row) for row in rows] == [(date(2020, 1, 1), date(2024, 6, 30)), (date(2025, 7, 1), None)]


async def test_refuses_a_region_twice_on_one_day(people, boards):
    await join(people.bob, boards.north, last=date(2024, 6, 30))
    with pytest.raises(Invalid, match=r"January 1, 2020 – June 30, 2024"):
        await join(people.bob, boards.north, first=date(2024, 6, 30))


async def test_refuses_days_that_run_backwards(serve, people, boards):
    with pytest.raises(Invalid, match="before the first"):
        await join(people.bob, boards.north, last=date(2019, 1, 1))
    entry = await serve(boards.north, "zip", "01608")
    with pytest.raises(Invalid, match="before the first"):
        await areas.stop_serving(people.sam, entry, date(2019, 1, 1), today=TODAY, zone="UTC")


@pytest.mark.parametrize(
    ("first", "last"), [(date(2026, 6, 30), None), (date(2019, 1, 1), date(2020, 1, 1)), (date(2021, 1, 1), date(2021, 2, 1))]
)
async def test_refuses_a_place_that_a_board_serves_on_one_of_the_days_and_names_it(serve, boards, first, last):
    await serve(boards.north, "municipality", "Leicester", date(2020, 1, 1), date(2026, 6, 30))
    with pytest.raises(Invalid, match=r"North serves this place .* January 1, 2020 – June 30, 2026"):
        await serve(boards.south, "municipality", "leicester", first, last)


async def test_takes_a_place_from_the_day_after_another_board_left_it(serve, boards):
    await serve(boards.north, "municipality", "Leicester", date(2020, 1, 1), date(2026, 6, 30))
    assert await serve(boards.south, "municipality", "Leicester", date(2026, 7, 1))


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("municipality", "Lecester", "no city or town “Lecester”"), ("county", "Kings", "It has: Barnstable"),
        ("zip", "99501", "not in MA"), ("zip", "00000", "no ZIP code that we know"), ("zip", "Leicester", "Write five digits"),
    ],
)  # fmt: skip
async def test_refuses_a_place_that_is_not_known(serve, boards, kind, name, told):
    with pytest.raises(Invalid, match=told):
        await serve(boards.north, kind, name)


async def test_only_the_boards_manager_and_the_state_office_change_its_area(serve, boards, people):
    await serve(boards.north, "zip", "01608", actor=people.bob)
    for actor, board in ((people.alice, boards.north), (people.bob, boards.south), (people.charlie, boards.south)):
        with pytest.raises(Denied):
            await serve(board, "zip", "01524", actor=actor)
        with pytest.raises(Denied):
            await join(actor, board)


async def test_what_staff_entered_or_ended_outlives_the_networks_data(program, people):
    network = next(network for network in active().networks() if network.state == "MA")
    await actions.adopt_network(SYSTEM, network)
    async with transaction(read_only=True):
        entry = await fetch_value("select id from territory where name = 'Leicester'")
        membership = await fetch_value("select id from board_region limit 1")
    await areas.stop_serving(people.sam, entry, date(2026, 12, 31), today=TODAY, zone="UTC")
    await areas.leave_region(people.sam, membership, date(2026, 12, 31))

    assert await actions.adopt_network(SYSTEM, network) == 0

    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from territory where name = 'Leicester'") == 1
        assert await fetch_value("select count(*) from board_region") == len(network.boards)


async def test_a_manager_enters_and_ends_a_place_on_the_page(browse, people, boards, program):
    bob = browse(people.bob)
    area = f"/boards/{boards.north}/area"
    fields = {"kind": "municipality", "name": "Leicester", "valid_from": "2026-01-01", "valid_to": "", "source": "our site"}
    answer = await bob.submit(f"/boards/{boards.north}/places/new", page=area, **fields)
    assert answer.headers["location"] == area
    again = await bob.submit(f"/boards/{boards.north}/places/new", page=area, **fields)
    assert again.status_code == 422
    assert "North serves this place on some of these days" in again.text
    assert 'value="Leicester"' in again.text
    async with transaction(read_only=True):
        entry = await fetch_value("select id from territory")
    page = f"/territories/{entry}/end"
    assert (await bob.submit(page, page=page, valid_to="2025-01-01")).status_code == 422
    assert (await bob.submit(page, page=page, valid_to="2026-06-30")).headers["location"] == area
    assert "June 30, 2026" in (await bob.get(area)).text


async def test_a_manager_joins_and_leaves_a_region_on_the_page(browse, people, boards):
    bob = browse(people.bob)
    area = f"/boards/{boards.north}/area"
    fields = {"kind": "workforce", "name": "Central area", "valid_from": "2026-01-01", "valid_to": ""}
    await bob.submit(f"/boards/{boards.north}/regions/new", page=area, **fields)
    async with transaction(read_only=True):
        membership = await fetch_value("select id from board_region")
    page = f"/board-regions/{membership}/end"
    assert "Until when is North in Central area?" in (await bob.get(page)).text
    assert (await bob.submit(page, page=page, valid_to="2026-06-30")).headers["location"] == area
