"""Which board an establishment falls into: by ZIP code, else by municipality, else by county. What staff set stays.

An entry counts from its first day to its last, both included. An address without a county has the one of its town.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from crm.database import execute
from crm.days import agency_today

# SQL, to be joined laterally: the territory (id, board_id) that the address of x falls into. $1: the day
AREA = """
       select f.id, f.board_id from (values
              (1, 'zip', left(x.zip, 5)), (2, 'municipality', fold(x.city)),
              (3, 'municipality', (select a.place_key from place_alias a where a.state = x.state and a.alias_key = fold(x.city))),
              (4, 'county', coalesce(nullif(fold(x.county), ''), (select fold(m.county) from territory m
                  where m.kind = 'municipality' and m.state = x.state and m.place_key = fold(x.city) and m.county <> ''
                  order by m.valid_from desc limit 1)))) place (rank, kind, key)
         join territory f on f.kind = place.kind and f.state = x.state and f.place_key = place.key
          and $1::date between f.valid_from and coalesce(f.valid_to, 'infinity')
        order by place.rank, f.valid_to desc nulls first, f.created_at desc limit 1"""
_ASSIGN = f"""
update establishment e
   set board_id = t.board_id, board_territory_id = t.id
  from establishment x
  left join lateral ({AREA}) t on true
 where e.id = x.id and e.board_set_by is null and {{which}}
   and (e.board_id, e.board_territory_id) is distinct from (t.board_id, t.id)
"""


async def assign_boards(establishment_ids: Sequence[UUID], on: date | None = None) -> int:
    """Assign these; the number that changed. The caller refreshes the employers' roll-up."""
    return await execute(_ASSIGN.format(which="x.id = any($2)"), on or agency_today(), list(establishment_ids))


async def assign_all_boards(on: date | None = None) -> int:
    """Assign all that have no board, or whose territory ended; the employers' roll-up follows."""
    await execute("set local statement_timeout = 0")
    changed = await execute(_ASSIGN.format(which="true"), on or agency_today())
    if changed:
        await execute("select refresh_employers(array(select distinct employer_id from establishment))")
    return changed


async def assign_in(state: str, place_kind: str, place_key: str, on: date) -> int:
    """Assign again whatever a territory of this place may concern; the number that changed."""
    concerned = {
        "zip": "left(x.zip, 5) = $3",
        "municipality": "(fold(x.city) = $3 or fold(x.city) in (select alias_key from place_alias where place_key = $3))",
        "county": "true",
    }[place_kind]
    values = [on, state] if place_kind == "county" else [on, state, place_key]
    await execute("set local statement_timeout = 0")
    changed = await execute(_ASSIGN.format(which=f"x.state = $2 and {concerned}"), *values)
    if changed:
        await execute(
            "select refresh_employers(array(select distinct employer_id from establishment where state = $1))", state
        )
    return changed


async def reassign(old_territory: UUID, new_territory: UUID) -> int:
    """Move the establishments of an ended territory to its successor."""
    changed = await execute(
        "update establishment e set board_id = t.board_id, board_territory_id = t.id from territory t "
        "where t.id = $2 and e.board_territory_id = $1 and e.board_set_by is null",
        old_territory, new_territory,
    )  # fmt: skip
    await execute(
        "select refresh_employers(array(select distinct employer_id from establishment where board_territory_id = $1))",
        new_territory,
    )
    return changed
