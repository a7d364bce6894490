"""The fields that plugins declare, as rows: their values refer to them, and the state office orders them among its own."""

import json

import structlog

from crm.access import SYSTEM
from crm.actions import Act, acting
from crm.custom_fields import CustomField
from crm.database import Record, fetch, fetch_value, update_row
from crm.fields.actions import columns_of
from crm.fields.definitions import declared

log = structlog.get_logger("crm.fields")


async def declare() -> int:
    """Write down what the plugins that are on declare now; how many rows were made or changed. Safe at any start, any number of times.

    A key that the state has already stays the state's: its values are not the plugin's to have. A kind never changes under values.
    """
    wanted = declared()
    if not wanted:
        return 0
    async with acting(SYSTEM, "field.declared") as act:
        await fetch_value("select pg_advisory_xact_lock(hashtext('fields.declare'))")
        known = {(row["subject"], row["key"]): row for row in await fetch("select * from custom_field")}
        changed = sum([await _write(act, plugin, field, known.get(key)) for key, (plugin, field) in wanted.items()])
        if not changed:
            act.unchanged()
    return changed


async def _write(act: Act, plugin: str, field: CustomField, row: Record | None) -> int:
    values = columns_of(field)
    if row is None:
        field_id = await fetch_value("insert into custom_field (subject, key, kind, owner, label_en, label_es, purpose_en, purpose_es, position) "
                                     "values ($1, $2, $3, $4, '', '', '', '', 1000) returning id", field.subject, field.key, field.kind, plugin)  # fmt: skip
        await update_row("custom_field", field_id, values)
        act.record("custom_field", field_id, after={"subject": field.subject, "key": field.key, "plugin": plugin})
        return 1
    if row["owner"] != plugin or row["kind"] != field.kind or _turns(row, field):
        log.warning("field_not_declared", plugin=plugin, subject=field.subject, key=field.key)
        return 0
    after = {name: value for name, value in values.items() if (json.loads(value) if name == "choices" else value) != row[name]}
    if after:
        await update_row("custom_field", row["id"], after)
        act.record("custom_field", row["id"], after=after)
    return 1 if after else 0


def _turns(row: Record, field: CustomField) -> bool:
    """Whether what was sealed would be open from now on, or the other way round."""
    return (row["sensitivity"] == "sealed") is not (field.sensitivity == "sealed")

