"""Which board an establishment falls into: by ZIP code, else by municipality, else by county. What staff set stays."""

from collections.abc import Sequence
from uuid import UUID

from crm.database import execute

_ASSIGN = """
update establishment e
   set board_id = t.board_id, board_territory_id = t.id
  from establishment x
  left join lateral (
       select t.id, t.board_id from territory t
        where t.state = x.state and t.valid_to is null and t.valid_from <= current_date and (
              (t.kind = 'zip' and t.place_key = left(x.zip, 5))
           or (t.kind = 'municipality' and t.place_key in (fold(x.city),
               (select a.place_key from place_alias a where a.state = x.state and a.alias_key = fold(x.city))))
           or (t.kind = 'county' and x.county <> '' and t.place_key = fold(x.county)))
        order by array_position(array['zip', 'municipality', 'county'], t.kind) limit 1) t on true
 where e.id = x.id and e.board_set_by is null and {which}
   and (e.board_id, e.board_territory_id) is distinct from (t.board_id, t.id)
"""


async def assign_boards(establishment_ids: Sequence[UUID]) -> int:
    """Assign these; the number that changed. The caller refreshes the employers' roll-up."""
    return await execute(_ASSIGN.format(which="x.id = any($1)"), list(establishment_ids))


async def assign_all_boards() -> int:
    """Assign all that have no board, or whose territory ended; the employers' roll-up follows."""
    await execute("set local statement_timeout = 0")
    changed = await execute(_ASSIGN.format(which="true"))
    if changed:
        await execute("select refresh_employers(array(select distinct employer_id from establishment))")
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
