"""Change many employers at once: their status, ownership or industry, or take them off the lists."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, cast
from uuid import UUID

import msgspec
from msgspec import Meta

from crm import bulk, industries
from crm.access import Actor, Permission, require, visible
from crm.actions import Act, acting, reading
from crm.bulk import Outcome
from crm.database import execute, fetch, fetch_one
from crm.employers.forms import BulkEmployerForm
from crm.errors import Invalid, NotFound
from crm.field_values import Unfit, read
from crm.field_values import said as said_in_words
from crm.fields import many
from crm.fields.definitions import Defined
from crm.fields.definitions import fields as fields_of
from crm.sql import EMPTY, Sql
from crm.templating import label
from crm.translation import _

KIND = "employers"
FOR_UPDATE = Sql(" for update")
UPDATES = {
    name: f"update employer set {name} = $2, updated_at = now(), version = version + 1 where id = any($1)" for name in ("status", "ownership", "naics")
} | {"archived": "update employer set archived_at = case when $2 then now() end, updated_at = now(), version = version + 1 where id = any($1)"}


def settable(fields: Iterable[Defined]) -> list[Defined]:
    """The added fields that one change sets for many: what is kept to take it back would outlive what is to go one day, or lie open."""
    return [field for field in fields if field.subject == "employer" and not field.is_untold and field.kind != "long_text"]


async def offered(actor: Actor) -> list[Defined]:
    return settable(await fields_of(actor, "employer"))


def form_with(fields: Sequence[Defined]) -> type[BulkEmployerForm]:
    """The form with the added fields, each a thing that can change."""
    if not fields:
        return BulkEmployerForm
    names = tuple(field.name for field in fields)
    changes = ("status", "ownership", "naics", "archive", *names)
    values: list[Any] = [("change", Annotated[Literal[changes], Meta(title=_("What changes"))])]
    for field in fields:
        values.append((field.name, Annotated[str, Meta(title=field.label, max_length=500)], ""))
    made = msgspec.defstruct("BulkEmployerForm", values, bases=(BulkEmployerForm,), kw_only=True, forbid_unknown_fields=True)
    return cast(type[BulkEmployerForm], made)


def wanted(form: BulkEmployerForm, fields: Sequence[Defined] = ()) -> tuple[str, Any]:
    """The field that changes and its value from then on. Raises `Invalid` where the value is none."""
    if form.change == "archive":
        return "archived", True
    if field := _added(fields, form.change):
        return field.name, _read(field, getattr(form, field.name))
    value = getattr(form, form.change)
    if form.change == "naics" and (not value or not industries.is_valid(value)):
        raise Invalid(_("'%(code)s' is no NAICS code of 2022. Write two to six digits, or search by word.") % {"code": value})
    if not value:
        raise Invalid(_("Choose what they are from now on."))
    return form.change, value


def _added(fields: Iterable[Defined], name: str) -> Defined | None:
    return next((field for field in fields if field.name == name), None)


def _read(field: Defined, typed: str) -> Any:
    try:
        value = read(field, typed)
    except Unfit as problem:
        raise Invalid(f"{field.label}: {problem}") from problem
    if value is None:
        raise Invalid(_("Choose what they are from now on."))
    return value


def said(field: str, value: Any, fields: Iterable[Defined] = ()) -> str:
    """A value in words."""
    if added := _added(fields, field):
        return said_in_words(added, value)
    if field == "archived":
        return _("Off the lists") if value else _("On the lists")
    return f"{value} {industries.name(value)}" if field == "naics" and value else label(value)


async def preview(actor: Actor, chosen: Sequence[UUID], form: BulkEmployerForm, *, lock: bool = False) -> list[Outcome]:
    """What would become of each; changes nothing. Raises `Invalid`, `Denied` and `NotFound`."""
    require(actor, Permission.EDIT_EMPLOYERS)
    listed = bulk.check_count(chosen)
    fields = await offered(actor)
    field, value = wanted(form, fields)
    held = FOR_UPDATE if lock else EMPTY
    rows = [dict(row) for row in await fetch(
        Sql("select e.id, e.name, e.status, e.ownership, e.naics, e.archived_at is not null as archived from employer e "
            "where e.id = any({}) and {} order by e.id{}", listed, visible(actor, "employer", "e"), held)  # fmt: skip
    )]
    if added := _added(fields, field):
        now = await many.values(added, listed)
        rows = [row | {field: now.get(row["id"])} for row in rows]
    if len(rows) != len(listed):
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    return [Outcome(row, row["name"], _stays(row, field, value), said(field, row[field], fields)) for row in rows]


def _stays(row: Mapping[str, Any], field: str, value: Any) -> list[str]:
    if row[field] == value:
        return [_("It is so already.")]
    return [_("It is off the lists.")] if row["archived"] else []


async def change(actor: Actor, chosen: Sequence[UUID], form: BulkEmployerForm) -> tuple[UUID, int]:
    """Change all that can be, in one transaction: the change, by which it is taken back, and how many changed."""
    async with acting(actor, "employer.archived" if form.change == "archive" else "employer.changed") as act:
        fields = await offered(actor)
        field, value = wanted(form, fields)
        rows = bulk.changing(await preview(actor, chosen, form, lock=True))
        await _set([row["id"] for row in rows], field, value, _added(fields, field), actor)
        for row in rows:
            _tell(act, actor, row["id"], {field: row[field]}, {field: value})
        kept = [{"id": str(row["id"]), "before": {field: row[field]}, "after": {field: value}} for row in rows]
        change_id = await bulk.keep(actor, KIND, actor.home_board, kept)
    return change_id, len(rows)


async def _set(ids: Sequence[UUID], field: str, value: Any, added: Defined | None, actor: Actor) -> None:
    if added is None:
        await execute(UPDATES[field], ids, value)
        return
    await many.keep(actor, added, ids, value)
    await execute("update employer set updated_at = now(), version = version + 1 where id = any($1)", ids)


async def undo(actor: Actor, change_id: UUID) -> tuple[int, int]:
    """Take a change back; how many, and how many stay because someone changed them since."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with reading(actor):
        fields = await offered(actor)

    async def back(act: Act, kind: str, row: Mapping[str, Any]) -> bool:
        [(field, after)] = row["after"].items()
        now = await fetch_one("select status, ownership, naics, archived_at is not null as archived, merged_into from employer where id = $1 for update",
                              UUID(row["id"]))  # fmt: skip
        if now is None or now["merged_into"] is not None:
            return False
        added = _added(fields, field)
        if added is None and field not in UPDATES:  # its field was put away since, or is not theirs to see
            return False
        held = (await many.values(added, [UUID(row["id"])])).get(UUID(row["id"])) if added else now[field]
        if held != after:
            return False
        await _set([UUID(row["id"])], field, row["before"][field], added, actor)
        _tell(act, actor, UUID(row["id"]), row["after"], row["before"])
        return True

    return await bulk.undo(actor, change_id, "employer.change_undone", (KIND,), back)


def _tell(act: Act, actor: Actor, employer_id: UUID, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    act.record("employer", employer_id, employer_id=employer_id, board_id=actor.home_board, before=before, after=after)
    act.event("employer_changed", employer_id=employer_id)
