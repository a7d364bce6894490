"""Pairs of the directory that may be one employer: whole parts of it against all of it, by the same keys and the same score."""

import asyncio
from collections.abc import Iterable, Mapping
from uuid import UUID

from crm.database import execute, execute_many, fetch, fetch_value
from crm.employers.matching.candidates import facts_of_all
from crm.employers.matching.keys import Facts
from crm.employers.matching.scoring import LIKELY, likeness

CROWD = 20  # of those that share one key, each is compared with so many
HERE = "o.archived_at is null"
NEAR = "similarity(o.match_key, p.match_key) >= 0.4"  # names further apart are never likely by a place or a phone alone
# the same number, letters of the name, other name, website, phone, door, or ZIP code and first letters; each has its index
_SHARED = (
    "select o.id from employer o where o.fein_hash = p.fein_hash and p.fein_hash is not null",
    f"select o.id from employer o where replace(o.match_key, ' ', '') = replace(p.match_key, ' ', '') and p.match_key <> '' and {HERE}",
    f"select o.id from unnest(p.other_keys) k (key) join employer o on o.match_key = k.key and {HERE}",
    f"select o.id from unnest(p.other_keys) k (key) join employer o on o.other_keys @> array[k.key] and {HERE}",
    f"select o.id from employer o where o.zip = p.zip and o.zip <> '' and left(o.match_key, 4) = left(p.match_key, 4) and {HERE} and {NEAR}",
    "select o.id from employer o where o.domain = p.domain and o.domain <> ''",
    f"select o.id from employer o where o.phone = p.phone and o.phone <> '' and {HERE} and {NEAR}",
    "select o.id from establishment s join establishment t on t.address_key = s.address_key and t.address_key <> '' and t.archived_at is null "
    f"join employer o on o.id = t.employer_id and {NEAR} where s.employer_id = p.id and s.archived_at is null",
)  # fmt: skip
_EACH = " union ".join(f"({shared} limit {CROWD})" for shared in _SHARED)
_PAIRS = f"""
with part as materialized (select e.* from employer e where e.id = any($1) and e.archived_at is null)
select distinct least(p.id, x.id) as left_id, greatest(p.id, x.id) as right_id
  from part p cross join lateral ({_EACH}) x
  join employer e on e.id = x.id and e.archived_at is null where x.id <> p.id
"""

_KNOWN = "select count(*) from unnest($1::uuid[], $2::uuid[]) n (left_id, right_id) join duplicate_pair using (left_id, right_id)"


async def pair(ids: Iterable[UUID]) -> int:
    """Put into the queue whom these may be; how many pairs are new. What a person decided stays decided."""
    await execute("set local plan_cache_mode = force_custom_plan")
    found = [(row["left_id"], row["right_id"]) for row in await fetch(_PAIRS, list(ids))]
    facts = await facts_of_all({employer for both in found for employer in both})
    rows = await asyncio.to_thread(_likely, found, facts)
    known = await fetch_value(_KNOWN, [row[0] for row in rows], [row[1] for row in rows])
    await execute_many(
        "insert into duplicate_pair (left_id, right_id, score, why) values ($1, $2, $3, $4) "
        "on conflict (left_id, right_id) do update set score = excluded.score, why = excluded.why where duplicate_pair.state = 'open'", rows,
    )  # fmt: skip
    return len(rows) - int(known)


def _likely(pairs: list[tuple[UUID, UUID]], facts: Mapping[UUID, Facts]) -> list[tuple[UUID, UUID, int, str]]:
    scored = ((left, right, likeness(facts[left], facts[right])) for left, right in pairs)
    return [(left, right, found.score, found.why) for left, right, found in scored if found.score >= LIKELY]
