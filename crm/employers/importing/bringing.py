"""Which rows bring a worksite or a person to their employer, whom the file or the directory has: every row may, not the first one alone.

Within a file two worksites of an employer are one when street and number are equal in one town or ZIP code; a row without a street is
the one of its town. Two people of an employer are one when their email or their whole name is equal.
An employer of the directory that has a worksite in the town gets another one there only from a file that names that one too: an address
that stands alone may be a move, or another spelling.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm.database import execute
from crm.translation import _

SITE = ("site_name", "line1", "line2", "city", "state", "zip")
PERSON = ("given_name", "family_name", "contact_role", "email", "contact_phone")
THEIRS = (*SITE, *PERSON)
UNSAID = frozenset({*THEIRS, "new_site", "new_person", "known_site", "known_person"})  # of `after`: told as sentences, or not at all

# Street and number of an address key: without its kind and its ZIP code, which one list has and another one has not. Doubled letters stand
# for one: a real list has one firm in one street with an n more and an n less.
_DOOR = r"regexp_replace(regexp_replace({}.address_key, '^[^:]*:|[^|]*$', '', 'g'), '([A-Z])\1', '\1', 'g')"
_ROW_DOOR, _SITE_DOOR = _DOOR.format("r"), _DOOR.format("e")
_OWN = "coalesce((select jsonb_object_agg(key, value) from jsonb_each(r.facts) where key = any({})), '{{}}')"
_OWN_SITE, _OWN_PERSON = _OWN.format("$2::text[]"), _OWN.format("$3::text[]")
_NAMED = "fold(coalesce(r.facts ->> 'given_name', '')) as given, fold(coalesce(r.facts ->> 'family_name', '')) as family"
# `fresh`: the employer is new, and brings what its one row says, as `matching` has it; only where rows meet others, or the directory, are they looked at
_BRING = f"""
with said as materialized (
    select r.row_number, x.employer_id, x.outcome = 'created' as fresh, r.facts, r.state, r.place_key, r.zip, r.address_key,
           {_ROW_DOOR} as door, {_NAMED}, lower(r.facts ->> 'email') as email
      from import_leader l
      join import_row r on r.import_id = $1 and r.row_number = l.row_number
      join import_row x on x.import_id = $1 and x.row_number = l.leader
     where (l.rows > 1 or x.outcome <> 'created') and r.facts ?| array['city', 'given_name', 'email']
), sites as (
    select s.*, row_number() over (partition by employer_id, state, place_key, door order by row_number) = 1
           and row_number() over (partition by employer_id, case when address_key ~ '[0-9]$' then address_key else row_number::text end order by row_number) = 1
           and (door <> '' or max(door) over (partition by employer_id, state, place_key) = '') as first,
           d.doors is not null as here, door <> '' and door = any(d.doors) as known,
           bool_or(door <> '' and door = any(d.doors)) over (partition by employer_id, state, place_key) as named
      from said s
      left join lateral (
           select array_agg({_SITE_DOOR}) as doors from establishment e
            where not s.fresh and e.employer_id = s.employer_id and e.archived_at is null and e.state = s.state
              and (fold(e.city) = s.place_key or (s.zip <> '' and left(e.zip, 5) = s.zip))) d on true
     where s.facts ? 'city'
), mailed as (
    select *, email is null or row_number() over (partition by employer_id, email order by row_number) = 1 as first,
           email is not null and given || family <> '' and first_value(given || ' ' || family) over (partition by employer_id, email order by row_number)
               <> given || ' ' || family as shares
      from said where facts ? 'given_name' or email is not null
), people as (
    select *, given || family = '' or row_number() over (partition by employer_id, given, family order by email is null, row_number) = 1 as alone
      from mailed where first
), found as (
    select s.row_number, coalesce(w.first and (not w.here or (w.door <> '' and w.named and not w.known)), false) as site,
           coalesce(p.alone and (p.fresh or not exists (
               select from affiliation f join contact c on c.id = f.contact_id where f.employer_id = p.employer_id
                  and (c.email = p.email::citext
                       or (p.given || p.family <> '' and fold(c.given_name) = p.given and fold(c.family_name) = p.family)))), false) as person,
           array_remove(array[case when w.first and w.here and w.door <> '' and not w.known and not w.named then $4 end, case when m.shares then $5 end], null) as notes
      from said s left join sites w using (row_number) left join mailed m using (row_number) left join people p using (row_number)
)
update import_row r
   set before = coalesce(r.before, '{{}}'),
       after = (coalesce(r.after, '{{}}') - $2::text[] - $3::text[] - array['new_site', 'new_person'])
            || case when f.site then '{{"new_site": true}}' || {_OWN_SITE} else '{{}}' end
            || case when f.person then '{{"new_person": true}}' || {_OWN_PERSON} else '{{}}' end,
       outcome = case when r.outcome = 'unchanged' and (f.site or f.person) then 'updated' else r.outcome end,
       notes = r.notes || array(select n from unnest(f.notes) n where n <> all (r.notes))
  from found f
 where r.import_id = $1 and r.row_number = f.row_number and (f.site or f.person or f.notes <> '{{}}' or r.outcome = 'created')
"""


async def decide(import_id: UUID) -> None:
    """Mark rows that bring a worksite (`new_site` in `after`, with its facts) or a person (`new_person`); before rows follow their leader."""
    address = _("Its address was left out: the employer has another worksite in this town. If both are right, add this one there.")
    person = _("Its person was left out: another row has this email under another name. If they are two people, add this one there.")
    await execute(_BRING, import_id, list(SITE), list(PERSON), address, person)


def told(after: Mapping[str, Any]) -> list[str]:
    """What a row brings, in sentences; of an import from earlier, which kept less, without who or where."""
    sentences = []
    if "new_person" in after:
        name = " ".join(after[key] for key in ("given_name", "family_name") if after.get(key)) or after.get("email")
        sentences.append(_("Adds %(name)s.") % {"name": name} if name else _("Adds a person."))
    if "new_site" in after:
        place = ", ".join(after[key] for key in ("site_name", "line1", "city") if after.get(key))
        sentences.append(_("Adds a worksite: %(place)s.") % {"place": place} if place else _("Adds a worksite."))
    return sentences
