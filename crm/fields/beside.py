"""The added fields of two employers or two people who become one: shown side by side, and of each field one value stands."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

from crm.access import Actor, visible
from crm.custom_fields import SUBJECTS
from crm.database import execute, fetch
from crm.field_values import said
from crm.fields.definitions import PREFIX, Defined, defined, in_force
from crm.sql import Sql

# of two values of one field the one that gives way moves along and waits, so that undoing finds it
_GIVE_WAY = {
    subject: f"""
update custom_value v set aside_at = now()
  from custom_field d, custom_value other
 where d.id = v.field_id and v.aside_at is null and v.{subject}_id = any(array[$1, $2]::uuid[])
   and other.field_id = v.field_id and other.aside_at is null and other.{subject}_id = any(array[$1, $2]::uuid[]) and other.{subject}_id <> v.{subject}_id
   and v.{subject}_id = case when d.key = any($3) then $1 else $2 end
returning v.id
"""
    for subject in SUBJECTS
}
# one that someone gave since keeps its place
_STAND_AGAIN = {
    subject: f"""
update custom_value v set aside_at = null where v.id = any($1)
   and not exists (select from custom_value o where o.field_id = v.field_id and o.{subject}_id = v.{subject}_id and o.aside_at is null)
"""
    for subject in SUBJECTS
}
_OF_TWO = {
    subject: "select d.*, l.value as left_value, r.value as right_value from custom_field d "
    f"left join custom_value l on l.field_id = d.id and l.{subject}_id = {{}} and l.aside_at is null "
    f"left join custom_value r on r.field_id = d.id and r.{subject}_id = {{}} and r.aside_at is null "
    "where (l.value is not null or r.value is not null) and {} and {} and {} order by d.position, d.key"
    for subject in SUBJECTS
}


class Side(Struct, frozen=True):
    """A field of two, with the words of each."""

    field: Defined
    left: str
    right: str

    @property
    def differ(self) -> bool:
        """Both have a value, and someone has to choose."""
        return bool(self.left and self.right) and self.left != self.right


async def give_way(subject: str, kept_id: UUID, gone_id: UUID, take: Mapping[str, str]) -> dict[str, list[str]]:
    """Of fields that both have, the kept one's value stands, unless that of the one that goes was chosen; the values that give way."""
    chosen = [name.removeprefix(PREFIX) for name, side in take.items() if name.startswith(PREFIX) and side == "gone"]
    return {"custom_value": [str(row["id"]) for row in await fetch(_GIVE_WAY[subject], kept_id, gone_id, chosen)]}


async def stand_again(subject: str, gave_way: Mapping[str, list[str]]) -> None:
    """The same back, once they belong to whom they belonged."""
    await execute(_STAND_AGAIN[subject], [UUID(key) for key in gave_way.get("custom_value", ())])


async def of_two(actor: Actor, subject: str, left_id: UUID, right_id: UUID) -> list[Side]:
    """The fields that either has and the actor sees, but for sealed ones, of which the kept one's stands."""
    rows = await fetch(
        Sql(_OF_TWO[subject], left_id, right_id, Sql("(l.id is null or {})", visible(actor, "custom_value", "l")),
            Sql("(r.id is null or {})", visible(actor, "custom_value", "r")), in_force(actor, "d"))  # fmt: skip
    )
    found = [(defined(row), row) for row in rows]
    return [Side(field, said(field, row["left_value"]), said(field, row["right_value"])) for field, row in found]
