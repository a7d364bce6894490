"""Added fields of employers in an import: the columns that may hold them, how a cell is read, and how what was read is written and taken back."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from crm.access import Actor
from crm.database import execute
from crm.field_values import Unfit, read
from crm.fields.definitions import Defined, fields
from crm.spreadsheets.columns import Field, Kind
from crm.translation import _

_KINDS = {"number": Kind.NUMBER, "yes_no": Kind.YES_NO, "email": Kind.EMAIL, "link": Kind.WEBSITE, "phone": Kind.PHONE}
# what a row changes (`after`) or changed (`before`) of added fields; null is no value
_SIDES = {
    side: f"""select r.employer_id, d.id as field_id, d.kind, f.value from import_row r cross join lateral jsonb_each(r.{side}) f
      join custom_field d on d.subject = 'employer' and f.key = 'x_' || d.key where r.import_id = $1 and {rows}"""
    for side, rows in {
        "after": "r.outcome in ('created', 'updated')",
        "before": "r.outcome = 'updated' and not exists (select from import_touched t where t.employer_id = r.employer_id)",
    }.items()
}
_FORGET = {
    side: f"delete from custom_value v using ({wanted}) w where v.employer_id = w.employer_id and v.field_id = w.field_id and v.aside_at is null"
    for side, wanted in _SIDES.items()
}
_ADD = {
    side: f"""insert into custom_value (field_id, employer_id, value, changed_by, marks)
      select w.field_id, w.employer_id, w.value, $2::uuid, case w.kind
             when 'yes_no' then array[w.field_id || ':' || case w.value when 'true' then 'yes' else 'no' end]
             when 'choice' then array[w.field_id || ':' || (w.value #>> array[]::text[])]
             when 'choices' then array(select w.field_id || ':' || c from jsonb_array_elements_text(w.value) c)
             else array[]::text[] end
        from ({wanted}) w where w.value <> 'null'"""
    for side, wanted in _SIDES.items()
}
# of what the import made and no one touched
_OF_MADE = """
delete from custom_value v using import_row r
 where r.import_id = $1 and not exists (select from import_touched t where t.employer_id = r.employer_id)
   and ((r.outcome = 'created' and v.employer_id = r.employer_id) or v.establishment_id = r.establishment_id or v.contact_id = r.contact_id)
"""


async def offered(actor: Actor) -> list[Defined]:
    """What an import may bring: staging lies open, so that sealed ones are not among it."""
    return [field for field in await fields(actor, "employer") if not field.is_sealed]


def columns(added: Sequence[Defined]) -> tuple[Field, ...]:
    """As columns of a list: guessed by their label in both languages, or by their key."""
    return tuple(
        Field(field.name, field.label, (field.label_en, field.label_es, field.key.replace("_", " ")), _KINDS.get(field.kind, Kind.TEXT), many=field.kind == "choices")
        for field in added
    )


def read_cells(added: Sequence[Defined], cells: Callable[[str], list[str]]) -> tuple[dict[str, Any], list[str]]:
    """What a row brings of each field, and a note for what does not fit: the rest of the row is taken all the same."""
    found, notes = {}, []
    for field in added:
        texts = cells(field.name)
        if not texts:
            continue
        try:
            value = read(field, ";".join(texts) if field.kind == "choices" else texts[0])
        except Unfit as problem:
            notes.append(_("%(field)s was left out: %(problem)s") % {"field": field.label, "problem": problem})
        else:
            if value is not None:
                found[field.name] = value
    return found, notes


def untold(added: Sequence[Defined]) -> list[str]:
    """What the record is not told."""
    return [field.name for field in added if field.is_untold]


async def write(import_id: UUID, account_id: UUID | None) -> None:
    """What the check found, inside the open action."""
    await execute(_FORGET["after"], import_id)
    await execute(_ADD["after"], import_id, account_id)


async def take_back(import_id: UUID, account_id: UUID | None) -> None:
    """As it was before, where no one touched the employer since; before the rows that the import made go."""
    await execute(_FORGET["before"], import_id)
    await execute(_ADD["before"], import_id, account_id)
    await execute(_OF_MADE, import_id)
