"""Change what a board is called and how to reach it."""

from uuid import UUID

from crm.access import Actor, Permission, load, require
from crm.actions import acting
from crm.boards.forms import BoardForm
from crm.boards.reaching import reached_by, require_management
from crm.database import execute
from crm.errors import Conflict
from crm.translation import _


async def change_board(actor: Actor, board_id: UUID, form: BoardForm) -> None:
    """Names, website, phone, email, address. What staff entered is never taken over by a network's data again."""
    require(actor, Permission.EDIT_BOARDS)
    require_management(actor, board_id)
    values = {"name": form.name, "public_name": form.public_name, "address": form.address} | reached_by(
        website=form.website, phone=form.phone, email=form.email
    )
    async with acting(actor, "board.changed") as act:
        old = await load(actor, "board", board_id, for_update=True)
        if old["version"] != form.version:
            raise Conflict(_("Someone else changed this board meanwhile. What you typed is still here; save again to keep it."))
        changed = {key: value for key, value in values.items() if old[key] != value}
        if not changed:
            act.unchanged()
            return
        assignments = ", ".join(f"{key} = ${place}" for place, key in enumerate(changed, start=2))
        await execute(
            f"update board set {assignments}, review_status = 'entered', version = version + 1 where id = $1",
            board_id, *changed.values(),
        )  # fmt: skip
        act.record("board", board_id, board_id=board_id, before={key: old[key] for key in changed}, after=changed)
