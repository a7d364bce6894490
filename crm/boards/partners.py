"""A board's partners: schools, districts, intermediaries, chambers. Add, change, close, open again."""

from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, require
from crm.actions import acting
from crm.boards.forms import PartnerForm
from crm.boards.reaching import reached_by, require_management
from crm.database import execute, fetch_value, update_row
from crm.errors import Conflict, Invalid
from crm.translation import _


def _tidied(form: PartnerForm) -> dict[str, Any]:
    return {"kind": form.kind, "name": form.name, "city": form.city} | reached_by(
        website=form.website, phone=form.phone, email=form.email
    )


async def _refuse_double(board_id: UUID, form: PartnerForm, partner_id: UUID | None = None) -> None:
    if await fetch_value(
        "select exists (select from partner where board_id = $1 and kind = $2 and fold(name) = fold($3) "
        "and archived_at is null and id is distinct from $4)",
        board_id, form.kind, form.name, partner_id,
    ):  # fmt: skip
        message = _("This board has a partner of this name and kind already.")
        raise Invalid(message, fields={"name": message})


async def add_partner(actor: Actor, board_id: UUID, form: PartnerForm) -> UUID:
    require(actor, Permission.EDIT_BOARDS)
    require_management(actor, board_id)
    values = _tidied(form)
    async with acting(actor, "partner.added") as act:
        await load(actor, "board", board_id, for_update=True)
        await _refuse_double(board_id, form)
        partner_id: UUID = await fetch_value(
            "insert into partner (board_id, kind, name, city, website, phone, email) "
            "values ($1, $2, $3, $4, $5, $6, $7) returning id",
            board_id, *values.values(),
        )  # fmt: skip
        act.record("partner", partner_id, board_id=board_id, after={"name": form.name, "kind": form.kind})
    return partner_id


async def change_partner(actor: Actor, partner_id: UUID, form: PartnerForm) -> None:
    require(actor, Permission.EDIT_BOARDS)
    values = _tidied(form)
    async with acting(actor, "partner.changed") as act:
        old = await load(actor, "partner", partner_id, for_update=True)
        require_management(actor, old["board_id"])
        if old["version"] != form.version:
            raise Conflict(_("Someone else changed this partner meanwhile. What you typed is still here; save again to keep it."))
        await _refuse_double(old["board_id"], form, partner_id)
        changed = {key: value for key, value in values.items() if old[key] != value}
        if not changed:
            act.unchanged()
            return
        await update_row("partner", partner_id, changed)
        act.record("partner", partner_id, board_id=old["board_id"],
                   before={key: old[key] for key in changed}, after=changed)  # fmt: skip


async def close_partner(actor: Actor, partner_id: UUID, *, reopen: bool = False) -> UUID:
    """Take a partner off the lists, or put it back; the board's id. Nothing is deleted."""
    require(actor, Permission.EDIT_BOARDS)
    async with acting(actor, "partner.reopened" if reopen else "partner.closed") as act:
        old = await load(actor, "partner", partner_id, for_update=True)
        board_id: UUID = old["board_id"]
        require_management(actor, board_id)
        if (old["archived_at"] is None) == reopen:
            act.unchanged()
            return board_id
        await execute(
            "update partner set archived_at = case when $2 then null else now() end, version = version + 1 where id = $1",
            partner_id, reopen,
        )  # fmt: skip
        act.record("partner", partner_id, board_id=board_id)
    return board_id
