"""The worksites and people of the directory that rows speak of, and what rows would change of their added fields.

A row speaks of the worksite with its address or its name, or of the only one in its town; of the person with its email, or the only
one of that name at the employer. Where several fit, none is taken, and the row has a note.
"""

from collections.abc import Sequence
from uuid import UUID

from crm.actions import Act
from crm.database import execute
from crm.fields.definitions import Defined
from crm.fields.importing import NAME, name_of, title_of
from crm.translation import _

# who is or was elsewhere, by the same address and name, is one person still
ELSEWHERE = """select c.id from contact c where c.email = (r.facts ->> 'email')::citext and c.archived_at is null
           and c.search_text = fold(coalesce(r.facts ->> 'given_name', '') || ' ' || coalesce(r.facts ->> 'family_name', ''))
           and exists (select from affiliation f where f.contact_id = c.id) order by c.created_at, c.id limit 1"""
_BY_NAME = """fold(c.given_name) = fold(coalesce(r.facts ->> 'given_name', ''))
           and fold(c.family_name) = fold(coalesce(r.facts ->> 'family_name', ''))"""
# of several that fit none is taken; whoever has that email elsewhere is looked at where no one here has it or the name
_SITE = """case when not r.after ? 'new_site' then coalesce(case when cardinality(s.doors) = 1 then s.doors[1] end, case when cardinality(s.named) = 1 then s.named[1] end,
                    case when cardinality(s.there) = 1 then s.there[1] end) end"""
_PERSON = """case when cardinality(p.mailed) = 1 then p.mailed[1]
                when p.mailed is null and cardinality(p.named) = 1 then p.named[1]
                when p.mailed is null and p.named is null and r.after ? 'new_person' then k.id end"""

# one's own facts alone: what a row that is the same employer says is of its own worksite and person
_CLEAR = "update import_row r set after = r.after - $2::text[] where r.import_id = $1 and r.after ?| $2::text[]"
_COMPARE = f"""
with spoken as (
    select r.row_number, r.facts, r.before, r.outcome,
           {_SITE} as site, {_PERSON} as person,
           r.after ? 'new_site' as makes_site,
           r.after ? 'new_person' as makes_person
      from import_row r
      left join lateral (
           select array_agg(s.id) filter (where s.address_key = r.address_key and r.address_key <> '') as doors,
                  array_agg(s.id) filter (where fold(s.name) = fold(r.facts ->> 'site_name')) as named, array_agg(s.id) as there
             from establishment s where s.employer_id = r.employer_id and s.archived_at is null and (not r.facts ? 'city'
                  or (s.state = r.state and (fold(s.city) = r.place_key or (r.zip <> '' and left(s.zip, 5) = r.zip))))) s on r.facts ?| $2::text[]
      left join lateral (
           select array_agg(distinct c.id) filter (where c.email = (r.facts ->> 'email')::citext) as mailed,
                  array_agg(distinct c.id) filter (where {_BY_NAME}) as named
             from affiliation f join contact c on c.id = f.contact_id and c.archived_at is null
            where f.employer_id = r.employer_id and (r.facts ? 'given_name' or r.facts ? 'family_name' or r.facts ? 'email')) p on r.facts ?| $2::text[]
      left join lateral ({ELSEWHERE}) k on r.facts ? 'email'
     where r.import_id = $1 and r.outcome in ('created', 'updated', 'unchanged', 'merged') and r.facts ?| $2::text[]
), compared as (
    select k.row_number, k.site, k.person, f.key, f.value, coalesce(s.value, c.value, 'null') as now,
           case d.subject when 'establishment' then k.site is not null else k.person is not null end as known,
           case d.subject when 'establishment' then k.makes_site else k.makes_person end as made
      from spoken k
     cross join lateral jsonb_each(k.facts) f
      join custom_field d on d.subject <> 'employer' and f.key = {NAME} and f.key = any($2::text[])
      left join custom_value s on d.subject = 'establishment' and s.establishment_id = k.site and s.field_id = d.id and s.aside_at is null
      left join custom_value c on d.subject = 'contact' and c.contact_id = k.person and c.field_id = d.id and c.aside_at is null
), changes as (
    select row_number, coalesce(jsonb_object_agg(key, value) filter (where changes), '{{}}') as after,
           coalesce(jsonb_object_agg(key, now) filter (where changes and known), '{{}}') as before,
           jsonb_strip_nulls(jsonb_build_object('known_site', min(site::text) filter (where changes and known and key like 'establishment.%'),
               'known_person', min(person::text) filter (where changes and known and key like 'contact.%'))) as whose,
           array_remove(array_agg(case when not known and not made then $4::jsonb ->> key end), null) as notes
      from (select *, case when known then case $3 when 'overwrite' then now <> value when 'fill' then now = 'null' else false end else made end as changes
              from compared) c
     group by row_number
)
update import_row r
   set after = r.after || c.after || c.whose, before = r.before || c.before,
       outcome = case when r.outcome = 'unchanged' and c.after <> '{{}}' then 'updated' else r.outcome end,
       notes = r.notes || array(select n from unnest(c.notes) n where n <> all (r.notes))
  from changes c
 where r.import_id = $1 and r.row_number = c.row_number
"""
# whoever has a worksite or a person open in a form is told that it changed meanwhile
_TOUCH = {
    ("establishment", "known_site"): "update establishment s set version = s.version + 1, updated_at = now() from import_row r "
    "where r.import_id = $1 and s.id = (r.after ->> 'known_site')::uuid",
    ("contact", "known_person"): "update contact s set version = s.version + 1, updated_at = now() from import_row r "
    "where r.import_id = $1 and s.id = (r.after ->> 'known_person')::uuid",
}
_RECORD = """
insert into audit_entry (actor_kind, actor_id, actor_name, verb, subject_kind, subject_id, employer_id, board_id, before, after)
select $2, $3, $4, $6 || '.import_updated', $6, (r.after ->> $7)::uuid, r.employer_id, $5, b.told, a.told || jsonb_build_object('import', r.import_id)
  from import_row r
 cross join lateral (select coalesce(jsonb_object_agg(key, value), '{}') as told from jsonb_each(r.before) where key like $6 || '.%' and key <> all ($8::text[])) b
 cross join lateral (select coalesce(jsonb_object_agg(key, value), '{}') as told from jsonb_each(r.after) where key like $6 || '.%' and key <> all ($8::text[])) a
 where r.import_id = $1 and r.after ? $7
"""


def _theirs(added: Sequence[Defined]) -> list[Defined]:
    return [field for field in added if field.subject != "employer"]


async def compare(import_id: UUID, added: Sequence[Defined], update: str) -> None:
    """Say with each row what it changes of worksites and people, those that it makes and those that are here. Can run again."""
    fields = _theirs(added)
    if not fields:
        return
    names = [name_of(field) for field in fields]
    unclear = {"establishment": _("%(field)s was left out: it is not clear of which worksite."), "contact": _("%(field)s was left out: it is not clear of whom.")}
    notes = {name_of(field): unclear[field.subject] % {"field": title_of(field)} for field in fields}
    await execute(_CLEAR, import_id, names)
    await execute(_COMPARE, import_id, names, update, notes)


async def touch(act: Act, import_id: UUID, board_id: UUID | None, untold: Sequence[str]) -> None:
    """The worksites and people of the directory that change: each has its line in the record."""
    actor = act.actor
    for (subject, whose), statement in _TOUCH.items():
        if await execute(statement, import_id):
            await execute(_RECORD, import_id, actor.kind, actor.account_id, actor.name, board_id, subject, whose, list(untold))
