"""Who of the directory someone may be: found by their keys, scored, and told only to those who may see them."""

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct

from crm.access import Actor, visible
from crm.database import Record, execute, fetch
from crm.employers.matching.keys import COLUMNS, Facts, of_row
from crm.employers.matching.scoring import WORTH_ASKING, likeness
from crm.sql import Sql

MOST = 5
SHORTEST = 3  # letters of a name that are looked for
EACH = 60  # rows that one kind of key may bring: one that more share tells no one apart
SURE = 95  # from here on no one is looked for who is only written alike
_TOLD = f"select e.id, e.name, e.dbas, e.board_id, {{}} as seen, {COLUMNS} from employer e where e.archived_at is null and e.id = any(array(select id from found))"
# each arm has its index
_BY_KEYS = f"""
with typed as (select {{}}::text[] as names, {{}}::bytea[] as feins, {{}}::text as domain, {{}}::text[] as phones, {{}}::text[] as doors),
found as (
    (select e.id from employer e, typed t where e.match_key = any(t.names) and e.archived_at is null limit {EACH})
    union (select e.id from employer e, typed t where replace(e.match_key, ' ', '') = replace(t.names[1], ' ', '') and e.archived_at is null limit {EACH})
    union (select e.id from employer e, typed t where e.other_keys && t.names and e.archived_at is null limit {EACH})
    union (select e.id from employer e, typed t where e.fein_hash = any(t.feins) and e.fein_hash is not null limit {EACH})
    union (select e.id from employer e, typed t where e.domain = t.domain and e.domain <> '' limit {EACH})
    union (select e.id from employer e, typed t where e.phone = any(t.phones) and e.phone <> '' and e.archived_at is null limit {EACH})
    union (select s.employer_id from establishment s, typed t where s.phone = any(t.phones) and s.phone <> '' and s.archived_at is null limit {EACH})
    union (select s.employer_id from establishment s, typed t where s.address_key = any(t.doors) and s.address_key <> '' and s.archived_at is null limit {EACH})
    union (select e.id from employer e where e.zip = {{}} and e.zip <> '' and left(e.match_key, 4) = {{}} and e.archived_at is null limit {EACH})
) {_TOLD}
"""
# no limit beside `<%`, for which the planner would rather read the whole table
_BY_LETTERS = f"""
with letters as materialized (
    select e.id, word_similarity({{}}, e.search_text) as near from employer e where {{}} <% e.search_text and e.archived_at is null
), found as (select id from letters order by near desc limit {EACH}) {_TOLD}
"""


class Candidate(Struct, frozen=True):
    """An employer that it may be: how sure we are out of 100, and why in words."""

    employer: Record
    score: int
    reasons: tuple[str, ...]

    @property
    def why(self) -> str:
        return "; ".join(self.reasons)


class Found(Struct, frozen=True):
    """`hidden`: who they may be as well and may not see. Of these nothing is told but that there is someone."""

    candidates: tuple[Candidate, ...] = ()
    hidden: tuple[Candidate, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.candidates or self.hidden)

    @property
    def all(self) -> tuple[Candidate, ...]:
        return (*self.candidates, *self.hidden)


NO_ONE = Found()


async def facts_of_all(ids: Iterable[UUID]) -> dict[UUID, Facts]:
    """What is kept of these employers."""
    rows = await fetch(f"select e.id, {COLUMNS} from employer e where e.id = any($1)", list(ids))
    return {row["id"]: of_row(row) for row in rows}


async def candidates(actor: Actor, facts: Facts, *, but: UUID | None = None) -> Found:
    """Employers that this may be already, the likeliest first; never the one that it is (`but`)."""
    key, seen = facts.names[0], visible(actor, "employer", "e")
    if len(key) < SHORTEST and not (facts.feins or facts.domain or facts.phones):
        return NO_ONE
    await execute("set local plan_cache_mode = force_custom_plan")
    rows = await fetch(
        Sql(_BY_KEYS, list(facts.names), list(facts.feins), facts.domain, list(facts.phones), list(facts.doors), facts.zip, key[:4], seen)
    )
    likely = _likely(facts, rows, but)
    if len(key) >= SHORTEST and not any(each.score >= SURE and each.employer["seen"] for each in likely):
        likely = _likely(facts, {row["id"]: row for row in [*rows, *await fetch(Sql(_BY_LETTERS, key, key, seen))]}.values(), but)
    return Found(tuple(each for each in likely if each.employer["seen"])[:MOST], tuple(each for each in likely if not each.employer["seen"])[:MOST])


def _likely(facts: Facts, rows: Iterable[Record], but: UUID | None) -> list[Candidate]:
    """The likeliest first."""
    scored = [Candidate(row, found.score, found.reasons) for row in rows if row["id"] != but for found in [likeness(facts, of_row(row))]]
    return sorted((each for each in scored if each.score >= WORTH_ASKING), key=lambda each: -each.score)
