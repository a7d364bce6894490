"""What a board is called and how to reach it, and whom it works with."""

import pytest

from crm.access import SYSTEM
from crm.boards import actions, details, partners
from crm.boards.forms import BoardForm, PartnerForm
from crm.database import fetch, fetch_one, transaction
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.plugins import active


def named(**values):
    return BoardForm(**{"name": "North", "public_name": "MassHire North Board", "version": 1} | values)


async def board(board_id):
    async with transaction(read_only=True):
        return await fetch_one("select * from board where id = $1", board_id)


async def test_its_manager_and_the_state_office_change_it(people, boards):
    await details.change_board(people.bob, boards.north, named(website="north.example.org", phone="508 555 0101",
                                                               email="hello@north.example.org", address="1 Main St, Worcester"))  # fmt: skip
    await details.change_board(people.sam, boards.south, named(name="South"))
    found = await board(boards.north)
    assert (found["website"], found["phone"], found["email"], found["address"]) == (
        "https://north.example.org", "+15085550101", "hello@north.example.org", "1 Main St, Worcester")  # fmt: skip


async def test_no_one_else_changes_it(people, boards):
    for actor, target in ((people.alice, boards.north), (people.bob, boards.south), (people.ana, boards.north)):
        with pytest.raises(Denied):
            await details.change_board(actor, target, named())


async def test_a_later_change_by_another_is_not_written_over_unseen(people, boards):
    await details.change_board(people.sam, boards.north, named(phone="508 555 0101"))
    with pytest.raises(Conflict, match="What you typed is still here"):
        await details.change_board(people.bob, boards.north, named(phone="508 555 0102"))


async def test_the_form_keeps_what_was_typed_and_saves_it_the_second_time(people, boards, browse):
    bob, page = browse(people.bob), f"/boards/{boards.north}/edit"
    await details.change_board(people.sam, boards.north, named(phone="508 555 0101"))
    mine = {"name": "North", "public_name": "MassHire North", "phone": "508 555 0102"}
    refused = await bob.submit(page, page=page, version="1", **mine)
    assert refused.status_code == 422
    assert "MassHire North" in refused.text
    assert 'name="version" value="2"' in refused.text
    assert (await bob.submit(page, page=page, version="2", **mine)).headers["location"] == f"/boards/{boards.north}"


@pytest.mark.parametrize("wrong", [{"website": "javascript:alert(1)"}, {"phone": "call me"}, {"email": "nobody"}])
async def test_refuses_what_does_not_reach_anyone_and_says_where(people, boards, wrong):
    with pytest.raises(Invalid) as refused:
        await details.change_board(people.bob, boards.north, named(**wrong))
    assert set(refused.value.fields) == set(wrong)


async def test_what_staff_wrote_is_kept_when_the_networks_data_come_again(program, people):
    network = next(network for network in active().networks() if network.state == "MA")
    await actions.adopt_network(SYSTEM, network)
    async with transaction(read_only=True):
        first = (await fetch("select id from board where network <> '' order by name limit 1"))[0]["id"]
    await details.change_board(people.sam, first, named(public_name="Our own name"))
    await actions.adopt_network(SYSTEM, network)
    assert (await board(first))["public_name"] == "Our own name"


@pytest.mark.parametrize("kind", ["school", "district", "intermediary", "chamber"])
async def test_a_manager_adds_changes_closes_and_reopens_a_partner(people, boards, browse, kind):
    bob, page = browse(people.bob), f"/boards/{boards.north}/partners"
    await bob.submit(f"{page}/new", page=page, kind=kind, name="Quabbin", city="Barre", email="office@quabbin.example.org")
    async with transaction(read_only=True):
        partner = (await fetch("select id from partner where name = 'Quabbin'"))[0]["id"]
    await bob.submit(f"/partners/{partner}/edit", page=page, kind=kind, name="Quabbin Regional", city="Barre", version="1")
    assert "Quabbin Regional" in (await bob.get(page)).text
    await bob.submit(f"/partners/{partner}/close", page=page)
    assert "Quabbin Regional" not in (await bob.get(f"/boards/{boards.north}")).text
    await bob.submit(f"/partners/{partner}/reopen", page=page)
    assert "Quabbin Regional" in (await bob.get(f"/boards/{boards.north}")).text


async def test_refuses_a_partner_twice(people, boards):
    form = PartnerForm(kind="school", name="Peña High")
    await partners.add_partner(people.bob, boards.north, form)
    with pytest.raises(Invalid, match="of this name and kind already"):
        await partners.add_partner(people.bob, boards.north, PartnerForm(kind="school", name="pena high"))
    await partners.add_partner(people.sam, boards.south, form)


async def test_the_partners_of_a_board_are_its_own_to_see_and_to_change(people, boards, browse):
    await partners.add_partner(people.sam, boards.north, PartnerForm(kind="school", name="Quabbin"))
    of_south = await partners.add_partner(people.sam, boards.south, PartnerForm(kind="school", name="South High"))
    assert "Quabbin" not in (await browse(people.charlie).get(f"/boards/{boards.north}/partners")).text
    with pytest.raises(NotFound):
        await partners.close_partner(people.bob, of_south)
