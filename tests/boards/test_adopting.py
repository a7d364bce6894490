"""A state begins: the boards of a network come in from its plugin, or a board is added by hand."""

from crm.database import fetch, fetch_value, transaction


async def test_a_new_installation_is_offered_the_boards_of_its_network_and_brings_them_in(browse, people):
    sam = browse(people.sam)
    offered = (await sam.get("/boards")).text

    answer = await sam.submit("/networks/ma-connecting-activities/adopt", page="/boards")

    assert "16 boards and 351 places" in offered
    assert answer.status_code == 303
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from board where network = 'Connecting Activities'") == 16
    assert "16 boards and 351 places" not in (await sam.get("/boards")).text


async def test_a_board_is_added_by_hand_once(browse, people):
    sam = browse(people.sam)
    words = {"name": "West Valley", "public_name": "West Valley Workforce Board"}

    first = await sam.submit("/boards/new", page="/boards/new", **words)
    again = await sam.submit("/boards/new", page="/boards/new", **words)

    assert first.status_code == 303
    assert again.status_code == 422
    assert "There is a board of this name already." in again.text
    async with transaction(read_only=True):
        rows = await fetch("select code, review_status from board where name = 'West Valley'")
    assert [tuple(row) for row in rows] == [("west-valley", "entered")]
