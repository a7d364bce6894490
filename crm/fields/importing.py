"""Added fields in an import: the columns that may hold them, how a cell is read, and how what was read is written and taken back."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from crm.access import Actor
from crm.custom_fields import SUBJECTS
from crm.database import execute
from crm.field_values import Unfit, read
from crm.fields.definitions import Defined, fields
from crm.spreadsheets.columns import Field, Kind
from crm.translation import _

_KINDS = {"number": Kind.NUMBER, "yes_no": Kind.YES_NO, "email": Kind.EMAIL, "link": Kind.WEBSITE, "phone": Kind.PHONE}
# what the field of a row `d` is called in an import, as `name_of` has it
NAME = "case d.subject when 'employer' then '' else d.subject || '.' end || 'x_' || d.key"
# whose it is: of the worksite and the person that the row made, or of those that it speaks of (crm/employers/importing/known.py)
_OF = {
    "employer": "r.employer_id",
    "establishment": "coalesce((r.after ->> 'known_site')::uuid, r.establishment_id)",
    "contact": "coalesce((r.after ->> 'known_person')::uuid, r.contact_id)",
}
_UNTOUCHED = " and not exists (select from import_touched t where t.employer_id = r.employer_id)"
# what rows change (`after`), and what was there before; null is no value. Of rows that speak of one and the same the first one counts.
# A table of its own, so that the planner knows how many there are.
_CHANGES = "create temporary table import_change on commit drop as " + " union all ".join(
    f"""(select distinct on (of_id, d.id) d.subject, {of_id} as of_id, d.id as field_id, d.kind, f.value as after, r.before -> f.key as before
      from import_row r cross join lateral jsonb_each(r.after) f join custom_field d on d.subject = '{subject}' and f.key = {NAME}
     where r.import_id = '{{import_id}}' and r.outcome in ('created', 'updated', 'merged') and {of_id} is not null{{which}} order by of_id, d.id, r.row_number)"""
    for subject, of_id in _OF.items()
)
_MARKS = """case w.kind when 'yes_no' then array[w.field_id || ':' || case value when 'true' then 'yes' else 'no' end]
       when 'choice' then array[w.field_id || ':' || (value #>> array[]::text[])]
       when 'choices' then array(select w.field_id || ':' || c from jsonb_array_elements_text(value) c)
       else array[]::text[] end"""
_MARKS_AFTER, _MARKS_BEFORE = _MARKS.replace("value", "w.after"), _MARKS.replace("value", "w.before")
_FORGET = {
    subject: f"delete from custom_value v using import_change w where w.subject = '{subject}' and v.{subject}_id = w.of_id and v.field_id = w.field_id "
    "and v.aside_at is null"
    for subject in SUBJECTS
}
_ADD = {
    subject: f"insert into custom_value (field_id, {subject}_id, value, changed_by, marks) select w.field_id, w.of_id, w.after, $1::uuid, {_MARKS_AFTER} "
    f"from import_change w where w.subject = '{subject}' and w.after <> 'null'"
    for subject in SUBJECTS
}
# what someone changed since is theirs
_TAKE_AWAY = {subject: f"{forget} and v.value = w.after and w.before = 'null'" for subject, forget in _FORGET.items()}
_PUT_BACK = {
    subject: f"update custom_value v set value = w.before, marks = {_MARKS_BEFORE}, changed_at = now(), changed_by = $1::uuid from import_change w "
    f"where w.subject = '{subject}' and v.{subject}_id = w.of_id and v.field_id = w.field_id and v.aside_at is null and v.value = w.after and w.before <> 'null'"
    for subject in SUBJECTS
}
# of what the import made and no one touched; whoever has a role elsewhere was not made by it alone, and stays
_OF_MADE = f"""
delete from custom_value v using import_row r
 where r.import_id = $1{_UNTOUCHED}
   and ((r.outcome = 'created' and v.employer_id = r.employer_id) or v.establishment_id = r.establishment_id
        or (v.contact_id = r.contact_id and not exists (select from affiliation f where f.contact_id = r.contact_id)))
"""


async def offered(actor: Actor) -> list[Defined]:
    """What an import may bring, the employer's own first: staging lies open, so that sealed ones are not among it."""
    return [field for field in await fields(actor) if not field.is_sealed]


def name_of(field: Defined) -> str:
    """What an import calls it: worksites and people have keys of their own."""
    return field.name if field.subject == "employer" else f"{field.subject}.{field.name}"


def title_of(field: Defined) -> str:
    """What lists of employers, whose people and worksites are beside them, call it."""
    titles = {"establishment": _("Worksite: %(label)s"), "contact": _("Contact: %(label)s")}
    return titles.get(field.subject, "%(label)s") % {"label": field.label}


_WORDS = {"employer": ("",), "establishment": ("", "worksite ", "site ", "lugar de trabajo "), "contact": ("", "contact ", "person ", "contacto ")}


def columns(added: Sequence[Defined]) -> tuple[Field, ...]:
    """As columns of a list: guessed by their label in both languages, or by their key."""
    return tuple(Field(name_of(field), title_of(field), _synonyms(field), _KINDS.get(field.kind, Kind.TEXT), many=field.kind == "choices") for field in added)


def _synonyms(field: Defined) -> tuple[str, ...]:
    names = (field.label_en, field.label_es, field.key.replace("_", " "))
    return tuple(before + name for before in _WORDS[field.subject] for name in names)


def read_cells(added: Sequence[Defined], cells: Callable[[str], list[str]]) -> tuple[dict[str, Any], list[str]]:
    """What a row brings of each field, and a note for what does not fit: the rest of the row is taken all the same."""
    found, notes = {}, []
    for field in added:
        texts = cells(name_of(field))
        if not texts:
            continue
        try:
            value = read(field, ";".join(texts) if field.kind == "choices" else texts[0])
        except Unfit as problem:
            notes.append(_("%(field)s was left out: %(problem)s") % {"field": title_of(field), "problem": problem})
        else:
            if value is not None:
                found[name_of(field)] = value
    return found, notes


def untold(added: Sequence[Defined]) -> list[str]:
    """What the record is not told."""
    return [name_of(field) for field in added if field.is_untold]


async def write(import_id: UUID, account_id: UUID | None) -> None:
    """What the check found, inside the open action."""
    await _count_changes(import_id)
    for subject in SUBJECTS:
        await execute(_FORGET[subject])
        await execute(_ADD[subject], account_id)


async def take_back(import_id: UUID, account_id: UUID | None) -> None:
    """What there was before, where no one touched it since."""
    await _count_changes(import_id, _UNTOUCHED)
    for subject in SUBJECTS:
        await execute(_TAKE_AWAY[subject])
        await execute(_PUT_BACK[subject], account_id)


async def _count_changes(import_id: UUID, which: str = "") -> None:
    await execute("drop table if exists pg_temp.import_change")
    await execute(_CHANGES.format(import_id=import_id, which=which))
    await execute("analyze import_change")


async def forget_made(import_id: UUID) -> None:
    """Before the rows that the import made go, and after their roles went."""
    await execute(_OF_MADE, import_id)
