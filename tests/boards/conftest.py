"""What board tests ask of a board's area."""

from datetime import date

import pytest
import pytest_asyncio

from crm.boards import areas
from crm.boards.forms import PlaceForm
from crm.database import fetch_one, transaction
from crm.employers import actions as employers_actions
from crm.employers.forms import EstablishmentForm

TODAY = date(2026, 11, 23)


@pytest.fixture
def serve(people, program):
    """`await serve(board, kind, name, first, last)` as the state office."""

    async def enter(board_id, kind, name, first=date(2020, 1, 1), last=None, *, actor=None, today=TODAY):
        form = PlaceForm(kind=kind, name=name, valid_from=first, valid_to=last, source="a letter of the board")
        return await areas.serve_place(actor or people.sam, board_id, form, state="MA", today=today, zone="America/New_York")

    return enter


@pytest_asyncio.fixture
async def site(people, employers):
    """`await site(city=…)`: a worksite entered by Alice, as it is after that."""

    async def enter(**address):
        form = EstablishmentForm(**{"city": "Worcester", "state": "MA"} | address)
        made = await employers_actions.add_establishment(people.alice, employers.erins, form)
        return await look(made)

    return enter


async def look(establishment_id):
    async with transaction(read_only=True):
        return await fetch_one(
            "select s.*, t.name as because, t.kind as because_kind from establishment s "
            "left join territory t on t.id = s.board_territory_id where s.id = $1", establishment_id)  # fmt: skip
