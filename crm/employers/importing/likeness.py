"""Rows of a list that would be new employers and look like one who is here, where the state office wants that said or refused."""

import asyncio
from uuid import UUID

from crm.database import Record, execute, execute_many, fetch
from crm.employers.matching.keys import COLUMNS, Facts, of_row
from crm.employers.matching.pairing import CROWD
from crm.employers.matching.policy import policy_of
from crm.employers.matching.scoring import LIKELY, likeness
from crm.translation import _, percent

_ALIKE = f"""
select r.row_number, e.name as other_name, r.match_key as own_key, r.other_keys as own_keys, array_remove(r.fein_hash || r.fein_hashes_earlier, null) as feins,
       r.domain as own_domain, r.facts ->> 'phone' as own_phone, r.address_key, r.place_key, r.state as own_state, r.zip as own_zip, {COLUMNS}
  from import_row r
 cross join lateral (
    (select o.id from employer o where replace(o.match_key, ' ', '') = replace(r.match_key, ' ', '') and o.archived_at is null limit {CROWD})
    union (select o.id from employer o where o.other_keys @> array[r.match_key] and o.archived_at is null limit {CROWD})
    union (select o.id from employer o where o.match_key = any(r.other_keys) and o.archived_at is null limit {CROWD})
    union (select o.id from employer o where o.domain = r.domain and o.domain <> '' limit {CROWD})
    union (select o.id from employer o where o.phone = r.facts ->> 'phone' and o.phone <> '' and o.archived_at is null limit {CROWD})
    union (select s.employer_id from establishment s where s.address_key = r.address_key and s.address_key <> '' and s.archived_at is null limit {CROWD})
    union (select o.id from employer o where o.zip = r.zip and o.zip <> '' and left(o.match_key, 4) = left(r.match_key, 4) and o.archived_at is null limit {CROWD})
 ) f join employer e on e.id = f.id and e.archived_at is null
 where r.import_id = $1 and r.outcome = 'created'
 order by r.row_number
"""
_REFUSE = """
update import_row r set outcome = 'rejected', reason = $3, employer_id = null, before = null, after = null
  from import_leader l where r.import_id = $1 and l.leader = $2 and r.row_number = l.row_number
"""
_NOTE = "update import_row set notes = notes || $3::text where import_id = $1 and row_number = $2 and not notes @> array[$3::text]"


async def heed(import_id: UUID) -> None:
    """Where the policy for lists is to warn, a note with the row; where it is to block, the row is rejected."""
    policy = await policy_of("list")
    if policy == "queue":
        return
    found = await asyncio.to_thread(_likeliest, await fetch(_ALIKE, import_id))
    if policy == "warn":
        await execute_many(_NOTE, [(import_id, row, told) for row, told in found.items()])
        return
    for row, told in found.items():
        await execute(_REFUSE, import_id, row, told)


def _likeliest(rows: list[Record]) -> dict[int, str]:
    """For each row of the list whom it is most like, and why."""
    best: dict[int, tuple[int, str]] = {}
    for row in rows:
        alike = likeness(_staged(row), of_row(row))
        if alike.score >= LIKELY and alike.score > best.get(row["row_number"], (0, ""))[0]:
            told = _("This may be “%(name)s”, who is in the directory (%(score)s: %(why)s).")
            best[row["row_number"]] = alike.score, told % {"name": row["other_name"], "score": percent(alike.score / 100), "why": alike.why}
    return {row: told for row, (_score, told) in best.items()}


def _staged(row: Record) -> Facts:
    return Facts(
        (row["own_key"], *row["own_keys"]), frozenset(row["feins"]), row["own_domain"], frozenset({row["own_phone"]} - {None}),
        frozenset({row["address_key"]} - {""}), row["place_key"], row["own_state"], row["own_zip"],
    )  # fmt: skip
