"""Change what a board is called and how to reach it."""

from uuid import UUID

from crm.access import Actor, Permission, load, require
from crm.actions import acting
from crm.boards.forms import BoardForm
from crm.boards.reaching import reached_by, require_management
from crm.database import fetch_value, update_row
from crm.errors import Conflict, Invalid
from crm.translation import _


async def add_board(actor: Actor, form: BoardForm) -> UUID:
    """A board that no network brings. Its code follows from its name and stays when the name changes."""
    require(actor, Permission.MANAGE_PLUGINS)
    values = {"name": form.name, "public_name": form.public_name, "address": form.address} | reached_by(
        website=form.website, phone=form.phone, email=form.email
    )
    async with acting(actor, "board.added") as act:
        board_id: UUID | None = await fetch_value(
            "insert into board (code, name, public_name, address, website, phone, email, source, review_status) "
            "values (replace(fold($1), ' ', '-'), $1, $2, $3, $4, $5, $6, 'staff', 'entered') on conflict (code) do nothing returning id",
            form.name, form.public_name, form.address, values["website"], values["phone"], values["email"],
        )  # fmt: skip
        if board_id is None:
            raise Invalid("", fields={"name": _("There is a board of this name already.")})
        act.record("board", board_id, board_id=board_id, after=values)
    return board_id


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
        await update_row("board", board_id, changed | {"review_status": "entered"})
        act.record("board", board_id, board_id=board_id, before={key: old[key] for key in changed}, after=changed)
