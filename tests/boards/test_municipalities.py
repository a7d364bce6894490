"""Half of the towns' boards are recalled: who knows better corrects one in its row, sees first what moves, and it stays."""

import re

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.boards import actions
from crm.boards.jobs import JOBS
from crm.database import execute, fetch, fetch_one, fetch_value, transaction
from crm.plugins import active
from crm.worker import Worker
from tests.boards.conftest import look

REASON = {"note": "They told us", "source": "letter of the board"}


async def ask(sql, *values):
    async with transaction(read_only=True):
        return await fetch_one(sql, *values)


@pytest.fixture
def town(boards):
    """`await town(name, county)`: a recalled town of the north."""

    async def enter(name="Acton", county="Middlesex", board=None, mark="recalled"):
        async with transaction():
            return await fetch_value(
                "insert into territory (board_id, kind, name, place_key, county, state, valid_from, review_status, source) "
                "values ($1, 'municipality', $2, fold($2), $3, 'MA', '2020-01-01', $4, 'Recalled') returning id",
                board or boards.north, name, county, mark)  # fmt: skip

    return enter


def names(page):
    return re.findall(r'<tr id="m-[^"]+"><td>([^<]+)</td>', page.text)


async def test_lists_each_town_with_county_board_and_how_it_is_known(browse, people, town, boards):
    await town()
    await town("Bolton", "Worcester", boards.south, "verified")

    page = await browse(people.bob).get("/municipalities")

    assert names(page) == ["Acton", "Bolton"]
    assert "Recalled" in page.text
    assert [page.text.count(f">{mark}</span>") for mark in ("Needs review", "Verified")] == [1, 1]


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=act", ["Acton"]), ("q=ACT", ["Acton"]), ("county=Worcester", ["Bolton"]), ("review=true", ["Acton"]), ("q=x", []),
     ("board=nonsense", ["Acton", "Bolton"])],
)  # fmt: skip
async def test_filters_by_name_county_and_mark(browse, people, town, boards, query, found):
    await town()
    await town("Bolton", "Worcester", boards.south, "verified")

    assert names(await browse(people.bob).get(f"/municipalities?{query}")) == found


async def test_filters_by_board(browse, people, town, boards):
    await town()
    await town("Bolton", "Worcester", boards.south)

    assert names(await browse(people.bob).get(f"/municipalities?board={boards.south}")) == ["Bolton"]


async def test_shows_how_many_worksites_move_before_anything_changes(browse, people, town, boards, site):
    acton = await town()
    moving = await site(city="Acton")
    other = await site(city="Acton", line1="2 Main Street")
    async with transaction():
        await execute("update establishment set board_set_by = $2, board_set_reason = 'x' where id = $1", other["id"], people.bob.account_id)
    bob = browse(people.bob)
    assert 'name="note"' in (await bob.get(f"/municipalities?edit={acton}")).text

    shown = await bob.submit(f"/municipalities/{acton}/correct", page="/municipalities", board_id=str(boards.south), county="Middlesex", **REASON)

    assert shown.status_code == 200
    assert "1 worksite goes to the other board." in shown.text
    assert "They told us" in shown.text, "what was typed stays"
    assert (await look(moving["id"]))["board_id"] == boards.north
    assert (await ask("select count(*) as n from territory"))["n"] == 1


async def test_corrects_from_today_on_keeps_the_old_entry_and_moves_the_worksites_in_a_job(browse, people, town, boards, site):
    acton = await town()
    moving, kept = await site(city="Acton"), await site(city="Acton", line1="2 Main Street")
    async with transaction():
        await execute("update establishment set board_set_by = $2, board_set_reason = 'x' where id = $1", kept["id"], people.bob.account_id)

    done = await browse(people.bob).submit(
        f"/municipalities/{acton}/correct", page="/municipalities", board_id=str(boards.south), county="Worcester", confirmed="true", **REASON
    )  # fmt: skip
    await Worker(JOBS).run_until_idle()
    await Worker(JOBS).run_until_idle()

    assert (done.status_code, done.headers["location"]) == (303, "/municipalities?q=Acton")
    now = await ask("select * from territory where valid_to is null")
    before = await ask("select * from territory where id = $1", acton)
    assert [now[key] for key in ("board_id", "county", "review_status", "note", "source", "changed_by")] == [
        boards.south, "Worcester", "entered", "They told us", "letter of the board", people.bob.account_id]  # fmt: skip
    assert (before["valid_to"] < now["valid_from"], before["county"], before["review_status"]) == (True, "Middlesex", "recalled")
    assert (await look(moving["id"]))["board_id"] == boards.south
    assert (await look(kept["id"]))["board_id"] == boards.north


async def test_a_correction_is_on_record_with_what_stood_before(browse, people, town, boards):
    acton = await town()

    await browse(people.sam).submit(
        f"/municipalities/{acton}/correct", page="/municipalities", board_id=str(boards.north), county="Worcester", confirmed="true", **REASON
    )  # fmt: skip

    entry = await ask("select * from audit_entry where verb = 'territory.corrected'")
    assert entry is not None
    told = str(dict(entry))
    assert all(word in told for word in ("Middlesex", "Worcester", "They told us", "letter of the board"))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"county": "Nowhere"}, "Not a valid choice"), ({"note": ""}, "Reason"), ({"source": ""}, "Where you know this from"),
     ({"board_id": "00000000-0000-0000-0000-000000000000"}, "Not a valid choice")],
)  # fmt: skip
async def test_refuses_a_correction_without_reason_source_or_a_real_place(browse, people, town, boards, wrong, says):
    acton = await town()
    told = {"board_id": str(boards.south), "county": "Middlesex", "confirmed": "true"} | REASON | wrong

    answer = await browse(people.bob).submit(f"/municipalities/{acton}/correct", page="/municipalities", **told)

    assert answer.status_code == 422
    assert says in answer.text
    assert (await ask("select count(*) as n from territory"))["n"] == 1


async def test_refuses_the_manager_of_a_third_board(browse, people, town, boards):
    async with transaction():
        third = await fetch_value("insert into board (code, name, public_name) values ('third', 'Third', 'Third') returning id")
    bolton = await town("Bolton", "Worcester", boards.south)

    told = {"board_id": str(third), "county": "Worcester"} | REASON
    answers = [
        await browse(people.bob).submit(f"/municipalities/{bolton}/correct", page="/municipalities", **told | confirmed)
        for confirmed in ({}, {"confirmed": "true"})
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert (await ask("select count(*) as n from territory"))["n"] == 1


async def test_refuses_to_correct_what_has_ended(browse, people, town, boards):
    acton = await town()
    told = {"board_id": str(boards.south), "county": "Middlesex", "confirmed": "true"} | REASON
    sam = browse(people.sam)
    await sam.submit(f"/municipalities/{acton}/correct", page="/municipalities", **told)

    again = await sam.submit(f"/municipalities/{acton}/correct", page="/municipalities", **told)

    assert again.status_code == 422
    assert "This entry has ended already." in again.text
    assert (await ask("select count(*) as n from territory"))["n"] == 2


async def test_a_correction_survives_the_networks_data_coming_again(browse, people, program):
    network = next(network for network in active().networks() if network.state == "MA")
    await actions.adopt_network(SYSTEM, network)
    acton = await ask("select id, board_id from territory where name = 'Acton'")
    other = await ask("select id from board where code = 'ma-north-central'")
    await browse(people.sam).submit(
        f"/municipalities/{acton['id']}/correct", page="/municipalities", board_id=str(other["id"]), county="Worcester",
        confirmed="true", **REASON,
    )  # fmt: skip

    await actions.adopt_network(SYSTEM, network)

    async with transaction(read_only=True):
        rows = await fetch("select board_id, county, review_status from territory where name = 'Acton' and valid_to is null")
    assert [tuple(row) for row in rows] == [(other["id"], "Worcester", "entered")]


async def test_a_long_list_shows_its_first_towns_and_all_on_demand(browse, people, boards):
    async with acting(SYSTEM, "territory.made") as act:
        await execute(
            "insert into territory (board_id, kind, name, place_key, state, valid_from) select $1, 'municipality', 'Town ' || i, 'town ' || i, "
            "'MA', '2020-01-01' from generate_series(100, 199) i", boards.north)  # fmt: skip
        act.record("territory", None)
    sam = browse(people.sam)
    page = (await sam.get("/municipalities")).text
    assert "100 towns" in page and "Town 149" in page and "Town 150" not in page
    assert "Show all 100" in page
    assert "Town 199" in (await sam.get("/municipalities?every=true")).text
