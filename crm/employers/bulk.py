"""Change many employers at once: their status, ownership or industry, or take them off the lists."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm import bulk, industries
from crm.access import Actor, Permission, require, visible
from crm.actions import Act, acting
from crm.bulk import Outcome
from crm.database import execute, fetch, fetch_one
from crm.employers.forms import BulkEmployerForm
from crm.errors import Invalid, NotFound
from crm.sql import EMPTY, Sql
from crm.templating import label
from crm.translation import _

KIND = "employers"
FOR_UPDATE = Sql(" for update")
UPDATES = {
    name: f"update employer set {name} = $2, updated_at = now(), version = version + 1 where id = any($1)" for name in ("status", "ownership", "naics")
} | {"archived": "update employer set archived_at = case when $2 then now() end, updated_at = now(), version = version + 1 where id = any($1)"}


def wanted(form: BulkEmployerForm) -> tuple[str, Any]:
    """The field that changes and its value from then on. Raises `Invalid` where the value is none."""
    if form.change == "archive":
        return "archived", True
    value = getattr(form, form.change)
    if form.change == "naics" and (not value or not industries.is_valid(value)):
        raise Invalid(_("'%(code)s' is no NAICS code of 2022. Write two to six digits, or search by word.") % {"code": value})
    if not value:
        raise Invalid(_("Choose what they are from now on."))
    return form.change, value


def said(field: str, value: Any) -> str:
    """A value in words."""
    if field == "archived":
        return _("Off the lists") if value else _("On the lists")
    return f"{value} {industries.name(value)}" if field == "naics" and value else label(value)


async def preview(actor: Actor, chosen: Sequence[UUID], form: BulkEmployerForm, *, lock: bool = False) -> list[Outcome]:
    """What would become of each; changes nothing. Raises `Invalid`, `Denied` and `NotFound`."""
    require(actor, Permission.EDIT_EMPLOYERS)
    listed = bulk.check_count(chosen)
    field, value = wanted(form)
    held = FOR_UPDATE if lock else EMPTY
    rows = await fetch(
        Sql("select e.id, e.name, e.status, e.ownership, e.naics, e.archived_at is not null as archived from employer e "
            "where e.id = any({}) and {} order by e.id{}", listed, visible(actor, "employer", "e"), held)  # fmt: skip
    )
    if len(rows) != len(listed):
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    return [Outcome(row, row["name"], _stays(row, field, value), said(field, row[field])) for row in rows]


def _stays(row: Mapping[str, Any], field: str, value: Any) -> list[str]:
    if row[field] == value:
        return [_("It is so already.")]
    return [_("It is off the lists.")] if row["archived"] else []


async def change(actor: Actor, chosen: Sequence[UUID], form: BulkEmployerForm) -> tuple[UUID, int]:
    """Change all that can be, in one transaction: the change, by which it is taken back, and how many changed."""
    field, value = wanted(form)
    async with acting(actor, "employer.archived" if field == "archived" else "employer.changed") as act:
        rows = bulk.changing(await preview(actor, chosen, form, lock=True))
        await execute(UPDATES[field], [row["id"] for row in rows], value)
        for row in rows:
            _tell(act, actor, row["id"], {field: row[field]}, {field: value})
        kept = [{"id": str(row["id"]), "before": {field: row[field]}, "after": {field: value}} for row in rows]
        change_id = await bulk.keep(actor, KIND, actor.home_board, kept)
    return change_id, len(rows)


async def undo(actor: Actor, change_id: UUID) -> tuple[int, int]:
    """Take a change back; how many, and how many stay because someone changed them since."""
    require(actor, Permission.EDIT_EMPLOYERS)

    async def back(act: Act, kind: str, row: Mapping[str, Any]) -> bool:
        [(field, after)] = row["after"].items()
        now = await fetch_one("select status, ownership, naics, archived_at is not null as archived, merged_into from employer where id = $1 for update",
                              UUID(row["id"]))  # fmt: skip
        if now is None or now[field] != after or now["merged_into"] is not None:
            return False
        await execute(UPDATES[field], [UUID(row["id"])], row["before"][field])
        _tell(act, actor, UUID(row["id"]), row["after"], row["before"])
        return True

    return await bulk.undo(actor, change_id, "employer.change_undone", (KIND,), back)


def _tell(act: Act, actor: Actor, employer_id: UUID, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    act.record("employer", employer_id, employer_id=employer_id, board_id=actor.home_board, before=before, after=after)
    act.event("employer_changed", employer_id=employer_id)
