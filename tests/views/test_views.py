"""What someone asks of a list is kept under a name: for themselves, their board, a partner board, and the start of their day."""

import pytest
import pytest_asyncio

from crm.database import fetch, fetch_value, transaction
from crm.engagements import actions as engagements
from crm.errors import Denied, Invalid, NotFound
from crm.views import actions
from crm.views.forms import NewViewForm, ViewForm
from crm.views.showing import seen, start_address


@pytest_asyncio.fixture
async def builders(program, people):
    return await actions.keep(people.alice, NewViewForm(list="employers", name="Builders", query="sector=23&sort=city", with_colleagues=True))


async def names(actor):
    async with transaction(read_only=True):
        return [row["name"] for row in await seen(actor)]


async def test_a_view_keeps_what_the_list_was_asked_and_opens_it_again(browse, people):
    alice = browse(people.alice)
    answer = await alice.submit("/views", list="employers", name="Builders in town order", query="sector=23&sort=city&after=xyz")
    page = await alice.get(answer.headers["location"])
    assert answer.headers["location"].startswith("/employers?sector=23&sort=city&saved=")
    assert 'aria-current="page">Builders in town order' in page.text and "Undo" in page.text
    assert "Save as a view" not in page.text  # it is what it was


async def test_filters_that_were_changed_since_can_be_kept_under_the_same_name(browse, people, builders):
    alice = browse(people.alice)
    page = (await alice.get(f"/employers?sector=23&sort=city&size=1-9&saved={builders}")).text
    assert "Keep this in “Builders”" in page and "Save as a view" in page
    answer = await alice.submit(f"/views/{builders}/filters", query=f"sector=23&size=1-9&saved={builders}")
    assert answer.headers["location"] == f"/employers?sector=23&size=1-9&saved={builders}"


@pytest.mark.parametrize("address", ["/pipeline?view=table&due=overdue", "/tasks?whose=board&state=done"])
async def test_the_pipeline_and_the_tasks_have_views_too(browse, people, address):
    path, query = address.split("?")
    alice = browse(people.alice)
    answer = await alice.submit("/views", list=path[1:], name="Mine", query=query)
    assert answer.headers["location"].startswith(f"{address}&saved=")
    assert (await alice.get(answer.headers["location"])).status_code == 200


async def test_colleagues_and_a_partner_board_see_what_is_shared_and_no_one_else(people, boards, builders):
    assert await names(people.bob) == ["Builders"]
    assert await names(people.charlie) == await names(people.sam) == await names(people.teresa) == []
    await actions.change(people.alice, builders, ViewForm(name="Builders", board_id=boards.south))
    assert (await names(people.bob), await names(people.charlie)) == ([], ["Builders"])


async def test_sharing_a_view_shares_the_question_and_never_the_rows(browse, people, boards, employers):
    """Each sees their own pipeline through it, whoever made it."""
    await engagements.start(people.alice, employers.erins)
    await engagements.start(people.charlie, employers.franks)
    view = await actions.keep(people.alice, NewViewForm(list="pipeline", name="All of it", query="view=table", board_id=boards.south))
    shown = (await browse(people.charlie).get(f"/pipeline?view=table&saved={view}")).text
    assert "All of it" in shown and "Frank&#39;s Garage" in shown and "Erin&#39;s Bakery" not in shown


async def test_only_its_owner_changes_a_view(people, builders):
    for refused in (actions.change(people.bob, builders, ViewForm(name="Mine now")), actions.put_away(people.bob, builders),
                    actions.ask_anew(people.bob, builders, "sector=11")):  # fmt: skip
        with pytest.raises(Denied):
            await refused
    with pytest.raises(NotFound):
        await actions.put_away(people.charlie, builders)


async def test_a_view_that_is_put_away_is_off_every_list_and_comes_back(browse, people, builders):
    alice = browse(people.alice)
    answer = await alice.submit(f"/views/{builders}/put-away", page="/views")
    assert await names(people.alice) == await names(people.bob) == []
    page = (await alice.get(answer.headers["location"])).text
    assert f"/views/{builders}/restore" in page
    await alice.submit(f"/views/{builders}/restore", page="/views")
    assert await names(people.bob) == ["Builders"]


async def test_a_day_begins_with_the_view_that_was_chosen_for_as_long_as_it_is_there(browse, people, builders):
    bob = browse(people.bob)
    await bob.submit(f"/views/{builders}/start", page="/views")
    assert (await bob.get("/")).headers["location"] == f"/employers?sector=23&sort=city&saved={builders}"
    await actions.change(people.alice, builders, ViewForm(name="Builders"))  # shared no more
    assert (await bob.get("/")).headers["location"] == "/employers"
    await actions.start_with(people.bob, None)
    async with transaction(read_only=True):
        assert await start_address(people.bob) == ""
        assert await fetch_value("select start_view_id from account where id = $1", people.bob.account_id) is None


@pytest.mark.parametrize(("fields", "said"), [
    ({"list": "employers", "query": "nonsense=1"}, "address is damaged"), ({"list": "employers", "query": "sort=upside-down"}, "address is damaged"),
    ({"list": "secrets", "query": ""}, "There is no list"), ({"list": "employers", "query": "q=a&q=b"}, "stands twice"),
])  # fmt: skip
async def test_what_no_list_understands_is_not_kept(browse, people, fields, said):
    answer = await browse(people.alice).submit("/views", name="x", **fields)
    assert answer.status_code == 422 and said in answer.text
    async with transaction(read_only=True):
        assert await fetch("select from saved_view") == []


async def test_one_person_keeps_fifty_views_at_most(people, builders, monkeypatch):
    monkeypatch.setattr(actions, "MOST", 1)
    with pytest.raises(Invalid, match="You keep 1 views already"):
        await actions.keep(people.alice, NewViewForm(list="tasks", name="One more"))
