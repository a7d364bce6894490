"""One added field of many employers at once."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm.access import Actor
from crm.database import execute, fetch
from crm.field_values import marks
from crm.fields.definitions import Defined

_FORGET = "delete from custom_value where field_id = $1 and employer_id = any($2) and aside_at is null"
_ADD = "insert into custom_value (field_id, employer_id, value, marks, changed_by) select $1, e.id, $3::jsonb, $4::text[], $5::uuid from unnest($2::uuid[]) e (id)"


async def values(field: Defined, employer_ids: Sequence[UUID]) -> dict[UUID, Any]:
    """What is kept of each that has one."""
    found = await fetch("select employer_id, value from custom_value where field_id = $1 and employer_id = any($2) and aside_at is null", field.id, employer_ids)
    return {row["employer_id"]: row["value"] for row in found}


async def keep(actor: Actor, field: Defined, employer_ids: Sequence[UUID], value: Any) -> None:
    """The same value for all, or none. Their rows are held, so that no two write at once."""
    await execute(_FORGET, field.id, employer_ids)
    if value is not None:
        await execute(_ADD, field.id, employer_ids, json.dumps(value), marks(field.id, field, value), actor.account_id)
