"""Find employers: the list with its filters, sorts and pages, and search as you type. A hot page: raw SQL.

Only sorts and filters that an index serves are offered, so that the list answers as fast with a million
employers as with a thousand. Exact counts grow with the table; ours stop at `MOST_COUNTED`.
"""

import base64
import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.access import Actor, Permission, may, visible
from crm.database import Record, execute, fetch, fetch_value
from crm.errors import Invalid
from crm.sql import TRUE, Sql, both
from crm.translation import _

PAGE = 50
MOST_COUNTED = 1000
MOST_RANKED = 300
SHORT = 3  # under three letters the trigram index is no help; the prefix index is

Sort = Literal["name", "city", "recent"]
_ORDER = {
    "name": ("e.name_folded", "e.id", ">", ""),
    "city": ("e.city_folded", "e.name_folded", ">", ""),
    "recent": ("e.updated_at", "e.id", "<", " desc"),
}


class Filters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the list is narrowed to. Every field is part of the page's address."""

    q: Annotated[str, Meta(description="Words of the name, a trade name, the city or a contact", max_length=200)] = ""
    board: Annotated[UUID | None, Meta(description="The board it falls to")] = None
    stage: Annotated[UUID | None, Meta(description="The stage on your own board's pipeline")] = None
    sector: Annotated[str, Meta(description="Two digits of the industry's NAICS code", max_length=5)] = ""
    size: Annotated[Literal["", "1-9", "10-49", "50-249", "250+"], Meta(description="Employees")] = ""
    status: Annotated[Literal["", "prospect", "active", "inactive", "closed"], Meta(description="Where it stands")] = ""
    engaged: Annotated[Literal["", "mine", "none"], Meta(description="On your own board's pipeline, or not")] = ""
    sort: Annotated[Sort, Meta(description="What the list is sorted by")] = "name"
    after: Annotated[str, Meta(description="What “next” of the page before says", max_length=600)] = ""


class Found(Struct, frozen=True):
    """A page of employers. `total` is exact up to `MOST_COUNTED`, else None; `after` leads to the next page."""

    rows: list[Record]
    total: int | None
    after: str


_COLUMNS = """e.id, e.name, e.dbas, e.city, e.state, e.naics, e.sector, e.size_band, e.status, e.board_id,
    e.establishment_count, e.updated_at, e.name_folded, e.city_folded, g.id as engagement_id, g.stage_id,
    g.stage_since, g.next_step, g.next_step_due"""


async def list_employers(actor: Actor, filters: Filters) -> Found:
    """A page of the employers that the actor may see."""
    if filters.q.strip():
        return await _ranked(actor, filters)
    column, second, than, direction = _ORDER[filters.sort]
    start = _start(filters)
    where = both([_narrowed(actor, filters), start])
    order = f"{column}{direction}, {second}{direction}, e.id{direction}"
    if filters.stage is not None:
        order = f"g.stage_since desc, {order}"
    rows = await fetch(
        Sql(f"select {_COLUMNS} from employer e {{}} where {{}} order by {order} limit {PAGE + 1}",
            _engagement(actor, filters), where)  # fmt: skip
    )
    return Found(rows[:PAGE], await _count(actor, filters), _after(filters, rows) if len(rows) > PAGE else "")


def _engagement(actor: Actor, filters: Filters) -> Sql:
    """The actor's own board's engagement beside each employer; required when the list is narrowed by it."""
    how = "join" if filters.stage is not None or filters.engaged == "mine" else "left join"
    own = both(
        [
            Sql("g.employer_id = e.id and g.archived_at is null and g.board_id = any({})", _boards(actor, filters)),
            Sql("g.stage_id = {}", filters.stage) if filters.stage else TRUE,
        ]
    )
    if how == "join":
        return Sql("join engagement g on {}", own)
    return Sql("left join lateral (select * from engagement g where {} limit 1) g on true", own)


def _boards(actor: Actor, filters: Filters) -> list[UUID]:
    if not may(actor, Permission.SEE_PIPELINE):
        return []
    if actor.board_ids:
        return sorted(actor.board_ids, key=str)
    return [filters.board] if filters.board else []


def _narrowed(actor: Actor, filters: Filters) -> Sql:
    parts = [Sql("e.archived_at is null"), visible(actor, "employer", "e")]
    if filters.board is not None:
        parts.append(Sql("e.board_id = {}", filters.board))
    for column, value in (("sector", filters.sector), ("size_band", filters.size), ("status", filters.status)):
        if value:
            parts.append(Sql(f"e.{column} = {{}}", value))
    if filters.engaged == "none":
        parts.append(
            Sql("not exists (select from engagement x where x.employer_id = e.id and x.archived_at is null "
                "and x.board_id = any({}))", _boards(actor, filters))  # fmt: skip
        )
    return both(parts)


async def _count(actor: Actor, filters: Filters) -> int | None:
    how = Sql("") if filters.stage is None and filters.engaged != "mine" else _engagement(actor, filters)
    counted: int = await fetch_value(
        Sql(f"select count(*) from (select from employer e {{}} where {{}} limit {MOST_COUNTED + 1}) c",
            how, _narrowed(actor, filters))  # fmt: skip
    )
    return counted if counted <= MOST_COUNTED else None


def _start(filters: Filters) -> Sql:
    """Where the page begins: after the last row of the one before."""
    if not filters.after:
        return TRUE
    try:
        values = json.loads(base64.urlsafe_b64decode(filters.after))
        row_id = UUID(values.pop())
        if filters.stage is not None:
            return Sql("(g.stage_since, e.id) < ({}, {})", datetime.fromisoformat(values[0]), row_id)
        if filters.sort == "recent":
            return Sql("(e.updated_at, e.id) < ({}, {})", datetime.fromisoformat(values[0]), row_id)
        if filters.sort == "city":
            return Sql("(e.city_folded, e.name_folded, e.id) > ({}, {}, {})", values[0], values[1], row_id)
        return Sql("(e.name_folded, e.id) > ({}, {})", values[0], row_id)
    except (ValueError, TypeError, IndexError, AttributeError) as problem:
        raise Invalid(_("This page's address is damaged. Open the list from the start.")) from problem


def _after(filters: Filters, rows: list[Record]) -> str:
    last = rows[PAGE - 1]
    if filters.stage is not None:
        values: list[Any] = [last["stage_since"]]
    elif filters.sort == "recent":
        values = [last["updated_at"]]
    else:
        values = [last["city_folded"], last["name_folded"]] if filters.sort == "city" else [last["name_folded"]]
    return base64.urlsafe_b64encode(json.dumps([*values, last["id"]], default=str).encode()).decode()


async def _ranked(actor: Actor, filters: Filters) -> Found:
    """The best matches first, out of a capped set of candidates."""
    candidates = await _candidates(actor, filters)
    rows = await fetch(
        Sql(f"select {_COLUMNS} from unnest({{}}::uuid[]) with ordinality c (id, place) join employer e on e.id = c.id "
            f"{{}} where {{}} order by c.place limit {MOST_RANKED}",
            candidates, _engagement(actor, filters), _narrowed(actor, filters))  # fmt: skip
    )
    first = int(filters.after) if filters.after.isdigit() else 0
    more = str(first + PAGE) if len(rows) > first + PAGE else ""
    total = None if len(candidates) >= MOST_RANKED else len(rows)
    return Found(rows[first : first + PAGE], total, more)


async def _candidates(actor: Actor, filters: Filters) -> list[UUID]:
    """Ids of employers that the words fit, best first: by FEIN, name, trade name, city, contact; then by sound of it."""
    typed = " ".join(filters.q.split())
    digits = typed.replace("-", "")
    if len(digits) == 9 and digits.isdigit() and may(actor, Permission.SEE_FEIN):
        return await _by_fein(digits)
    folded: str = await fetch_value("select fold($1)", typed)
    where = both([Sql("e.archived_at is null"), visible(actor, "employer", "e")])
    if len(folded) < SHORT:
        found = await fetch(
            Sql(f"select e.id from employer e where {{}} and e.name_folded like {{}} "
                f"order by e.name_folded limit {MOST_RANKED}", where, _like(folded) + "%")  # fmt: skip
        )
        return [row["id"] for row in found]
    # after five runs a prepared statement would turn generic and read the whole trigram index
    await execute("set local plan_cache_mode = force_custom_plan")
    found = await fetch(_matching(actor, where, folded))
    if len(found) < 5:
        found += await fetch(
            Sql("select e.id from employer e where {} and {} <% e.search_text "
                "order by word_similarity({}, e.search_text) desc limit 50", where, folded, folded)  # fmt: skip
        )
    return list(dict.fromkeys(row["id"] for row in found))


def _matching(actor: Actor, where: Sql, folded: str) -> Sql:
    like = f"%{_like(folded)}%"
    people = Sql("")
    if may(actor, Permission.SEE_CONTACTS):
        people = Sql(
            " union all (select f.employer_id, 2 from contact c join affiliation f on f.contact_id = c.id "
            "where c.search_text like {} and c.archived_at is null limit 50)",
            like,
        )
    return Sql(
        "select e.id from (select id, min(rank) as rank from ("
        f"(select n.id, case when n.name_folded like {{}} then 0 else 1 end as rank from employer n "
        f"where n.search_text like {{}} limit {MOST_RANKED})"
        f" union all (select t.id, 2 from employer t where t.city_folded = {{}} and t.archived_at is null limit 100){{}}"
        ") found (id, rank) group by id) best join employer e on e.id = best.id where {} "
        f"order by best.rank, e.name_folded limit {MOST_RANKED}",
        _like(folded) + "%", like, folded, people, where,
    )  # fmt: skip


async def _by_fein(digits: str) -> list[UUID]:
    from crm.employers.fein import fein_hash

    rows = await fetch("select id from employer where fein_hash = $1 and archived_at is null", fein_hash(digits))
    return [row["id"] for row in rows]


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def suggest(actor: Actor, typed: str, *, most: int = 8) -> list[Record]:
    """Search as you type: a few employers with what tells them apart."""
    found = await _ranked(actor, Filters(q=typed))
    return found.rows[:most]
