"""Values of added fields as pages show them: only those that there are, in words."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from crm import audit
from crm.access import Actor, load, visible
from crm.database import fetch
from crm.errors import NotFound
from crm.field_values import said
from crm.fields.definitions import Defined, defined, in_force
from crm.fields.own import opened
from crm.sql import Sql
from crm.translation import _


class Shown(Struct, frozen=True):
    """A field and what is kept of it. `value` is as it is stored; of a sealed one there are no words until someone asks."""

    field: Defined
    value: Any
    value_id: UUID

    @property
    def words(self) -> str:
        return said(self.field, self.value)


def of_employer(actor: Actor) -> Sql:
    """What there is of an employer, of its worksites and its people: a column `added` beside its row, so that it costs no statement."""
    return Sql(
        ", (select jsonb_agg(jsonb_build_object('field', to_jsonb(d), 'of', coalesce(v.employer_id, v.establishment_id, v.contact_id), 'value_id', v.id, "
        "'value', v.value) order by d.position, d.key) from ("
        "select v.* from custom_value v where v.employer_id = t.id and v.aside_at is null union all "
        "select v.* from establishment s join custom_value v on v.establishment_id = s.id and v.aside_at is null where s.employer_id = t.id union all "
        "select v.* from affiliation f join custom_value v on v.contact_id = f.contact_id and v.aside_at is null where f.employer_id = t.id"
        ") v join custom_field d on d.id = v.field_id and {} where {}) as added",
        in_force(actor, "d"), visible(actor, "custom_value", "v"),
    )  # fmt: skip


def by_whom(added: list[dict[str, Any]] | None) -> dict[UUID, list[Shown]]:
    """The column `added`, by the employer, worksite or person whose they are."""
    found: dict[UUID, list[Shown]] = {}
    for each in added or ():
        field = msgspec.convert({name: each["field"][name] for name in Defined.__struct_fields__}, Defined, strict=False)
        found.setdefault(UUID(each["of"]), []).append(Shown(field, each["value"], UUID(each["value_id"])))
    return found


async def of_own(actor: Actor, employer_ids: Iterable[UUID]) -> dict[UUID, list[Shown]]:
    """What employers see of their own in the portal."""
    rows = await fetch(
        Sql("select d.*, v.id as value_id, v.value, v.employer_id as of_id from custom_value v join custom_field d on d.id = v.field_id "
            "where v.employer_id = any({}) and v.aside_at is null and {} and {} order by d.position, d.key",
            list(employer_ids), visible(actor, "custom_value", "v"), in_force(actor, "d"))  # fmt: skip
    )
    found: dict[UUID, list[Shown]] = {}
    for row in rows:
        found.setdefault(row["of_id"], []).append(Shown(defined(row), row["value"], row["value_id"]))
    return found


_VALUES = {
    subject: f"select v.{subject}_id as of_id, d.key, v.value from custom_value v join custom_field d on d.id = v.field_id "
    f"where v.{subject}_id = any({{}}) and v.aside_at is null and v.value is not null and {{}} and {{}} order by d.position, d.key"
    for subject in ("employer", "establishment", "contact")
}  # fmt: skip


async def by_key(actor: Actor, subject: str, ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """What there is of each, for programs: values by the key of their field. What is sealed is never sent back."""
    rows = await fetch(Sql(_VALUES[subject], list(ids), visible(actor, "custom_value", "v"), in_force(actor, "d")))
    found: dict[UUID, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row["of_id"], {})[row["key"]] = row["value"]
    return found


async def open_sealed(actor: Actor, value_id: UUID) -> tuple[Shown, UUID]:
    """A sealed value, for those who may see it, and the employer whose page leads there; the record keeps who looked."""
    row = await _sealed(actor, value_id)
    await audit.record_disclosure(actor, "field.shown", subject_kind="custom_field", subject_id=row["id"])
    return Shown(defined(row), opened(row), value_id), row["leads_to"]


async def _sealed(actor: Actor, value_id: UUID) -> Any:
    await load(actor, "custom_value", value_id)
    rows = await fetch(
        Sql("select d.*, v.id as value_id, v.sealed, coalesce(v.employer_id, (select s.employer_id from establishment s where s.id = v.establishment_id), "
            "(select f.employer_id from affiliation f where f.contact_id = v.contact_id limit 1)) as leads_to from custom_value v "
            "join custom_field d on d.id = v.field_id where v.id = {} and v.sealed is not null and {}", value_id, in_force(actor, "d"))  # fmt: skip
    )
    if not rows:
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    return rows[0]
