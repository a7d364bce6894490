"""The added fields of two employers that become one: shown side by side, and of each field one value stands."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

from crm.access import Actor, visible
from crm.database import fetch
from crm.field_values import said
from crm.fields.definitions import PREFIX, Defined, defined, in_force
from crm.sql import Sql

# of two values of one field the one that gives way moves along and waits, so that undoing finds it
_GIVE_WAY = """
update custom_value v set aside_at = now()
  from custom_field d, custom_value other
 where d.id = v.field_id and v.aside_at is null and v.employer_id = any(array[$1, $2]::uuid[])
   and other.field_id = v.field_id and other.aside_at is null and other.employer_id = any(array[$1, $2]::uuid[]) and other.employer_id <> v.employer_id
   and v.employer_id = case when d.key = any($3) then $1 else $2 end
returning v.id
"""
# one that someone gave since keeps its place
STAND_AGAIN = """
update custom_value v set aside_at = null where v.id = any($1)
   and not exists (select from custom_value o where o.field_id = v.field_id and o.employer_id = v.employer_id and o.aside_at is null)
"""


class Side(Struct, frozen=True):
    """A field of two employers, with the words of each."""

    field: Defined
    left: str
    right: str


async def give_way(kept_id: UUID, gone_id: UUID, take: Mapping[str, str]) -> dict[str, list[str]]:
    """Of fields that both have, the kept one's value stands, unless that of the one that goes was chosen; the values that give way."""
    chosen = [name.removeprefix(PREFIX) for name, side in take.items() if name.startswith(PREFIX) and side == "gone"]
    return {"custom_value": [str(row["id"]) for row in await fetch(_GIVE_WAY, kept_id, gone_id, chosen)]}


async def of_two(actor: Actor, left_id: UUID, right_id: UUID) -> list[Side]:
    """The fields that either has and the actor sees, but for sealed ones, of which the kept employer's stands."""
    rows = await fetch(
        Sql("select d.*, l.value as left_value, r.value as right_value from custom_field d "
            "left join custom_value l on l.field_id = d.id and l.employer_id = {} and l.aside_at is null "
            "left join custom_value r on r.field_id = d.id and r.employer_id = {} and r.aside_at is null "
            "where (l.value is not null or r.value is not null) and {} and {} and {} order by d.position, d.key",
            left_id, right_id, Sql("(l.id is null or {})", visible(actor, "custom_value", "l")),
            Sql("(r.id is null or {})", visible(actor, "custom_value", "r")), in_force(actor, "d"))  # fmt: skip
    )
    found = [(defined(row), row) for row in rows]
    return [Side(field, said(field, row["left_value"]), said(field, row["right_value"])) for field, row in found]
