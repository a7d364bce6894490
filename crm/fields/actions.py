"""The verbs of added fields: add, change, order, put away and bring back. Nothing is deleted."""

import json
from typing import Any
from uuid import UUID

from msgspec import structs

from crm.access import Actor, Permission, load, require
from crm.actions import acting
from crm.custom_fields import CHOSEN, Choice, CustomField, problem_of
from crm.database import execute, fetch, fetch_value, update_row
from crm.errors import Conflict, Denied, Invalid
from crm.fields.forms import FieldForm, NewFieldForm
from crm.plugins import active
from crm.translation import _, lazy_, ngettext

CHANGES = ("label_en", "label_es", "purpose_en", "purpose_es", "help_en", "help_es", "choices", "unit", "lowest", "highest", "longest",
           "sensitivity", "portal", "required", "keep_months")  # fmt: skip
_NAMES = ", ".join(CHANGES)
_PLACES = ", ".join(f"${place}" for place in range(5, 5 + len(CHANGES)))
LOCKED = lazy_("This field belongs to a plugin, which alone changes it.")


async def add(actor: Actor, form: NewFieldForm) -> UUID:
    """A field of the state's own, behind the others. Raises `Conflict` for a key that is taken."""
    require(actor, Permission.MANAGE_FIELDS)
    field = checked(form.key, form.subject, form.kind, form)
    async with acting(actor, "field.added") as act:
        plugin = next((each.name for each in active().plugins if not each.core and field.key.startswith(f"{each.name}_")), "")
        if plugin:
            raise _taken(_("Keys that begin with “%(plugin)s_” are those of the plugin. Choose another.") % {"plugin": plugin})
        values = columns_of(field)
        field_id: UUID | None = await fetch_value(
            f"insert into custom_field (subject, key, kind, made_by, {_NAMES}, position) values ($1, $2, $3, $4, {_PLACES}, "
            "(select 1 + coalesce(max(position), 0) from custom_field where subject = $1)) on conflict (subject, key) do nothing returning id",
            field.subject, field.key, field.kind, actor.account_id, *values.values(),
        )  # fmt: skip
        if field_id is None:
            raise _taken(_("There is a field with the key “%(key)s” already, perhaps put away. Choose another.") % {"key": field.key})
        act.record("custom_field", field_id, after={"subject": field.subject, "key": field.key, "kind": field.kind, "label": field.label_en})
    return field_id


def _taken(message: str) -> Invalid:
    return Invalid(message, fields={"key": message})


async def change(actor: Actor, field_id: UUID, form: FieldForm) -> None:
    """All but the key, what it is about and its kind. Raises `Conflict` when someone changed it meanwhile, `Invalid` where values stand against it."""
    require(actor, Permission.MANAGE_FIELDS)
    async with acting(actor, "field.changed") as act:
        old = await load(actor, "custom_field", field_id, for_update=True)
        if old["owner"]:
            raise Denied(_(LOCKED))
        field = checked(old["key"], old["subject"], old["kind"], form)
        if old["version"] != form.version:
            raise Conflict(_("Someone changed this meanwhile. Look at it again."))
        wanted = columns_of(field)
        after = {name: value for name, value in wanted.items() if (json.loads(value) if name == "choices" else value) != old[name]}
        if not after:
            act.unchanged()
            return
        await _check_values(old, field)
        await update_row("custom_field", field_id, after)
        act.record("custom_field", field_id, before={name: old[name] for name in after}, after=after)


async def _check_values(old: dict[str, Any], field: CustomField) -> None:
    """What values that are there do not allow."""
    turns = (old["sensitivity"] == "sealed") is not (field.sensitivity == "sealed")
    if turns and await _count("select count(*) from custom_value where field_id = $1", old["id"]):
        message = _("There are values of this field. Put it away and add another, so that none is ever seen by those who should not.")
        raise Invalid(message, fields={"sensitivity": message})
    for code in {choice["code"] for choice in old["choices"]} - {choice.code for choice in field.choices}:
        if used := await _count("select count(*) from custom_value where marks @> array[$1::text]", f"{old['id']}:{code}"):
            told = ngettext("“%(code)s” is chosen in %(num)s record.", "“%(code)s” is chosen in %(num)s records.", used)
            message = told % {"code": code, "num": used} + " " + _("Put a minus before it instead of taking it away.")
            raise Invalid(message, fields={"choices": message})


async def _count(statement: str, what: Any) -> int:
    found: int = await fetch_value(statement, what)
    return found


async def put_away(actor: Actor, field_id: UUID, *, restore: bool = False) -> None:
    """Off every form, list and file, or back. Its values stay."""
    require(actor, Permission.MANAGE_FIELDS)
    async with acting(actor, "field.restored" if restore else "field.put_away") as act:
        old = await load(actor, "custom_field", field_id, for_update=True)
        if old["owner"]:
            raise Denied(_(LOCKED))
        if (old["archived_at"] is None) is restore:
            act.unchanged()
            return
        await execute("update custom_field set archived_at = case when $2 then null else now() end, updated_at = now(), version = version + 1 "
                      "where id = $1", field_id, restore)  # fmt: skip
        act.record("custom_field", field_id, after={"archived": not restore})


async def shift(actor: Actor, field_id: UUID, way: str) -> None:
    """One place up or down among the fields of its subject; a plugin's too."""
    require(actor, Permission.MANAGE_FIELDS)
    async with acting(actor, "field.shifted") as act:
        field = await load(actor, "custom_field", field_id)
        rows = await fetch("select id from custom_field where subject = $1 and archived_at is null order by position, key, id for update", field["subject"])
        ids = [row["id"] for row in rows]
        if field_id not in ids or not 0 <= (place := ids.index(field_id) + (1 if way == "down" else -1)) < len(ids):
            act.unchanged()
            return
        ids.remove(field_id)
        ids.insert(place, field_id)
        await execute("update custom_field f set position = o.place from unnest($1::uuid[]) with ordinality o (id, place) where f.id = o.id", ids)
        act.record("custom_field", field_id, after={"position": place + 1})


def columns_of(field: CustomField) -> dict[str, Any]:
    """What a field is in the table, but for its key, kind and what it is about."""
    return {name: getattr(field, name) for name in CHANGES} | {"choices": json.dumps([structs.asdict(each) for each in field.choices])}


def checked(key: str, subject: Any, kind: Any, form: FieldForm) -> CustomField:
    """The field that a form asks for. Raises `Invalid`."""
    given = {name: getattr(form, name) for name in CHANGES if name != "choices"}
    field = CustomField(subject=subject, key=key, kind=kind, choices=_choices(form.choices) if kind in CHOSEN else (), **given)
    if problem := problem_of(field):
        raise Invalid(problem.told, fields={problem.part: problem.told})
    return field


def lines(choices: list[dict[str, Any]]) -> str:
    """Choices as the form has them."""
    return "\n".join(f"{'-' if each['retired'] else ''}{each['code']} | {each['name_en']} | {each['name_es']}" for each in choices)


def _choices(text: str) -> tuple[Choice, ...]:
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 3:
            message = _("“%(line)s” is no choice. Write: code | English | Spanish.") % {"line": line[:60]}
            raise Invalid(message, fields={"choices": message})
        found.append(Choice(parts[0].removeprefix("-").strip(), parts[1], parts[2], parts[0].startswith("-")))
    return tuple(found)
