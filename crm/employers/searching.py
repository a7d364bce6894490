"""Find employers: the list with its filters, sorts and pages, and search as you type. A hot page: raw SQL.

Only sorts and filters that an index serves are offered, so that the list answers as fast with a million
employers as with a thousand. Exact counts grow with the table; ours stop at `MOST_COUNTED`.
"""

import base64
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.access import Actor, Permission, hidden_fields, may, visible
from crm.contacts.present import works
from crm.database import Record, fetch, fetch_value
from crm.errors import Invalid
from crm.fields import listing as added
from crm.fields import sorting
from crm.fields.sorting import Run
from crm.sql import EMPTY, FALSE, TRUE, Sql, both, joined, like
from crm.translation import _

PAGE = 50
MOST_COUNTED = 1000
MOST_RANKED = 300
WALKED = 1000  # of those that may not belong to a run
SHORT = 3  # under three letters the trigram index is no help; the prefix index is

Sort = Literal["name", "city", "recent"]
_ORDER = {
    "name": ("e.name_folded", "e.id", ""),
    "city": ("e.city_folded", "e.name_folded", ""),
    "recent": ("e.updated_at", "e.id", " desc"),
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
    level: Annotated[
        Annotated[int, Meta(ge=1, le=5)] | None, Meta(description="The level of engagement, out of dated activities")
    ] = None
    sort: Annotated[Sort, Meta(description="What the list is sorted by")] = "name"
    after: Annotated[str, Meta(description="What “next” of the page before says", max_length=600)] = ""


SortOrField = Annotated[
    str,
    Meta(description="name, city, recent; x_key for an added field, -x_key for the other way round",
         pattern="^(name|city|recent|-?x_[a-z][a-z0-9_]{1,39})$"),
]  # fmt: skip


class ListFilters(Filters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same for the page, which people save, with the columns that it shows; it can be sorted by an added field too."""

    sort: SortOrField = "name"  # type: ignore[assignment]

    columns: Annotated[tuple[str, ...], Meta(description="What it shows of each; otherwise the usual", max_length=40)] = ()

    added: Annotated[tuple[str, ...], Meta(description="Added fields, each as key:code", max_length=20)] = ()
    saved: Annotated[UUID | None, Meta(description="The view that these came from")] = None


class Found(Struct, frozen=True):
    """A page of employers. `total` is exact up to `MOST_COUNTED`, else None; `after` leads to the next page."""

    rows: list[Record]
    total: int | None
    after: str


_COLUMNS = """e.id, e.name, e.dbas, e.city, e.state, e.naics, e.sector, e.size_band, e.status, e.board_id,
    e.establishment_count, e.updated_at, e.name_folded, e.city_folded, g.id as engagement_id, g.stage_id,
    g.stage_since, g.next_step, g.next_step_due"""


async def list_employers(
    actor: Actor, filters: Filters, *, more: Sequence[str | Sql] = (), runs: Sequence[Run] = (), page: int = PAGE, counted: bool = True
) -> Found:
    """A page of the employers that the actor may see; `more`: what else of each is asked for; `runs`: the order of an added field."""
    level = "e.engagement_level" if _sees_level(actor) else "null::integer as engagement_level"
    columns = joined(", ", [each if isinstance(each, Sql) else Sql(each) for each in (_COLUMNS, level, *more)]) or EMPTY
    if filters.q.strip():
        return await _ranked(actor, filters, columns)
    total = await _count(actor, filters) if counted else None
    if runs:
        rows = await _by_runs(actor, filters, columns, runs, page + 1)
        last = rows[page - 1] if len(rows) > page else None
        return Found(rows[:page], total, sorting.after(last["run"], last["place"]) if last else "")
    column, second, direction = _ORDER.get(filters.sort, _ORDER["name"])
    where = both([_narrowed(actor, filters), _start(filters)])
    order = f"{column}{direction}, {second}{direction}, e.id{direction}"
    if filters.stage is not None:
        order = "g.stage_since desc, g.id desc"
    rows = await fetch(
        Sql(f"select {{}} from employer e {{}} where {{}} order by {order} limit {page + 1}", columns, _engagement(actor, filters), where)
    )
    return Found(rows[:page], total, _after(filters, rows[page - 1]) if len(rows) > page else "")


async def _by_runs(actor: Actor, filters: Filters, columns: Sql, runs: Sequence[Run], most: int) -> list[Record]:
    """From where the page begins through as many runs as fill it. Each row says in which it stands, and where."""
    first, where = sorting.start(runs, filters.after)
    rows: list[Record] = []
    for number, run in enumerate(runs[first:], first):
        if len(rows) < most:
            rows += await _of_run(run, Sql(f"{{}}, {number} as run, {run.place} as place", columns), _engagement(actor, filters),
                                  both([_narrowed(actor, filters), where]), most - len(rows))  # fmt: skip
        where = TRUE
    return rows


async def _of_run(run: Run, columns: Sql, engagement: Sql, where: Sql, most: int) -> list[Record]:
    """The first of a run. Those that are scarce are looked for among the next names, then found all at once and sorted: a walk could go through everyone."""
    if not run.scarce:
        return await fetch(
            Sql(f"select {{}} from {{}} {{}} where {{}} order by {run.order} limit {most}", columns, run.source, engagement, both([where, run.where]))
        )
    near = Sql(f"(select e.* from {{}} where {{}} order by {run.order} limit {WALKED}) e", run.source, where)
    rows = await fetch(Sql(f"select {{}} from {{}} {{}} where {{}} order by {run.order} limit {most}", columns, near, engagement, run.where))
    if len(rows) == most:
        return rows
    return await fetch(
        Sql("with found as materialized (select e.id from {} where {}) select {} from found join {} on e.id = found.id {} "
            f"order by {run.order} limit {most}",
            run.source, both([where, run.where]), columns, run.source, engagement)  # fmt: skip
    )


async def ids(actor: Actor, filters: Filters, most: int) -> list[UUID]:
    """All that the list shows with these filters, up to so many, whatever the page."""
    found = Sql("")
    if filters.q.strip():
        found = Sql("join unnest({}::uuid[]) c (id) on c.id = e.id", await _candidates(actor, filters, MOST_RANKED))
    rows = await fetch(
        Sql(f"select e.id from employer e {{}} {{}} where {{}} order by e.name_folded, e.id limit {most}",
            found, _engagement(actor, filters) if filters.stage or filters.engaged == "mine" else Sql(""), _narrowed(actor, filters))  # fmt: skip
    )
    return [row["id"] for row in rows]


def _engagement(actor: Actor, filters: Filters) -> Sql:
    """The actor's own board's engagement beside each employer; required when the list is narrowed by it."""
    how = "join" if filters.stage is not None or filters.engaged == "mine" else "left join"
    own = both(
        [
            Sql("g.employer_id = e.id and g.archived_at is null and {}", _of_boards("g", _boards(actor, filters))),
            Sql("g.stage_id = {}", filters.stage) if filters.stage else TRUE,
        ]
    )
    if how == "join":
        return Sql("join engagement g on {}", own)
    return Sql("left join lateral (select * from engagement g where {} limit 1) g on true", own)


def _of_boards(alias: str, boards: list[UUID]) -> Sql:
    """An index keeps its order for one board, not for any of several."""
    return Sql(f"{alias}.board_id = {{}}", boards[0]) if len(boards) == 1 else Sql(f"{alias}.board_id = any({{}})", boards)


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
    # asked by the list's page alone
    parts += [added.narrowed(actor, asked) for asked in added.keys(getattr(filters, "added", ()))]
    if filters.level is not None:
        parts.append(Sql("e.engagement_level = {}", filters.level) if _sees_level(actor) else FALSE)
    if filters.engaged == "none":
        parts.append(
            Sql("not exists (select from engagement x where x.employer_id = e.id and x.archived_at is null and {})",
                _of_boards("x", _boards(actor, filters)))  # fmt: skip
        )
    return both(parts)


def _sees_level(actor: Actor) -> bool:
    """Who does not see the level does not narrow the list by it either."""
    return "engagement_level" not in hidden_fields(actor, "employer")


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
            return Sql("(g.stage_since, g.id) < ({}, {})", datetime.fromisoformat(values[0]), row_id)
        if filters.sort == "recent":
            return Sql("(e.updated_at, e.id) < ({}, {})", datetime.fromisoformat(values[0]), row_id)
        if filters.sort == "city":
            return Sql("(e.city_folded, e.name_folded, e.id) > ({}, {}, {})", values[0], values[1], row_id)
        return Sql("(e.name_folded, e.id) > ({}, {})", values[0], row_id)
    except (ValueError, TypeError, IndexError, AttributeError) as problem:
        raise _damaged() from problem


def _damaged() -> Invalid:
    return Invalid(_("This page's address is damaged. Open the list from the start."))


def _after(filters: Filters, last: Record) -> str:
    if filters.stage is not None:
        values: list[Any] = [last["stage_since"]]
    elif filters.sort == "recent":
        values = [last["updated_at"]]
    else:
        values = [last["city_folded"], last["name_folded"]] if filters.sort == "city" else [last["name_folded"]]
    row_id = last["engagement_id" if filters.stage is not None else "id"]
    return base64.urlsafe_b64encode(json.dumps([*values, row_id], default=str).encode()).decode()


async def _ranked(actor: Actor, filters: Filters, columns: Sql) -> Found:
    """The best matches first, out of a capped set of candidates."""
    if not re.fullmatch("[0-9]*", filters.after):
        raise _damaged()
    candidates = await _candidates(actor, filters, MOST_RANKED)
    first = int(filters.after or 0)
    shown = slice(first, first + PAGE)
    engaged = filters.stage is not None or filters.engaged == "mine"
    rows = await fetch(
        Sql("select {} from unnest({}::uuid[]) with ordinality c (id, place) join employer e on e.id = c.id "
            "{} order by c.place", columns, candidates if engaged else candidates[shown], _engagement(actor, filters))  # fmt: skip
    )
    count = len(rows) if engaged else len(candidates)
    more = str(shown.stop) if count > shown.stop else ""
    return Found(rows[shown] if engaged else rows, None if len(candidates) >= MOST_RANKED else count, more)


async def _candidates(actor: Actor, filters: Filters, most: int) -> list[UUID]:
    """Ids of employers that the words fit, best first: by FEIN, name, trade name, city, contact; then by sound of it."""
    typed = " ".join(filters.q.split())
    digits = typed.replace("-", "")
    where = _narrowed(actor, filters)
    if len(digits) == 9 and digits.isascii() and digits.isdecimal() and may(actor, Permission.SEE_FEIN):
        return await _by_fein(digits, where)
    folded: str = (await fetch(_READY, typed))[0]["folded"]
    # a beginning that many names share is answered from their order alone, however many there are
    found = await fetch(
        Sql(f"select e.id from employer e where {{}} and e.name_folded like {{}} order by e.name_folded using ~<~ limit {most}",
            where, like(folded) + "%")  # fmt: skip
    )
    if len(found) < most and len(folded) >= SHORT:
        found += await fetch(_matching(actor, where, folded, most))
        if len(found) < 5:
            found += await fetch(_sounding(where, folded))
    return list(dict.fromkeys(row["id"] for row in found))[:most]


# After five runs a prepared statement would turn generic and read the whole trigram index; and where a beginning is
# short, a limit makes the planner hope to find it soon in the table itself, which it reads to the end.
_READY = (
    "select fold($1) as folded, set_config('plan_cache_mode', 'force_custom_plan', true), "
    "set_config('enable_seqscan', 'off', true)"
)


def _matching(actor: Actor, where: Sql, folded: str, most: int) -> Sql:
    pattern = f"%{like(folded)}%"
    people = Sql("")
    if may(actor, Permission.SEE_CONTACTS):
        people = Sql(
            " union all (with fit as materialized (select c.id from contact c where c.search_text like {} and c.archived_at is null and {}) "
            "select f.employer_id, 2 from fit join affiliation f on f.contact_id = fit.id where {} and {} limit 50)",
            pattern, visible(actor, "contact", "c"), visible(actor, "affiliation", "f"), works("f"),
        )
    return Sql(
        "select e.id from (select id, min(rank) as rank from ("
        f"(select n.id, 1 from employer n where n.search_text like {{}} limit {most})"
        f" union all (select t.id, 2 from employer t where t.city_folded = {{}} and t.archived_at is null limit {min(most, 100)}){{}}"
        ") found (id, rank) group by id) best join employer e on e.id = best.id where {} "
        f"order by best.rank, e.name_folded limit {most}",
        pattern, folded, people, where,
    )  # fmt: skip


def _sounding(where: Sql, folded: str) -> Sql:
    return Sql(
        f"select e.id from (select * from employer n where {{}} <% n.search_text limit {MOST_RANKED}) e "
        "where {} order by word_similarity({}, e.search_text) desc limit 50",
        folded, where, folded,
    )  # fmt: skip


async def _by_fein(digits: str, where: Sql) -> list[UUID]:
    from crm.employers.fein import fein_hashes

    rows = await fetch(Sql("select e.id from employer e where e.fein_hash = any({}) and {}", fein_hashes(digits), where))
    return [row["id"] for row in rows]


async def suggest(actor: Actor, typed: str, *, most: int = 8) -> list[Record]:
    """Search as you type: a few employers with what tells them apart."""
    candidates = await _candidates(actor, Filters(q=typed), most)
    return await fetch(
        "select e.id, e.name, e.dbas, e.city from unnest($1::uuid[]) with ordinality c (id, place) "
        "join employer e on e.id = c.id order by c.place",
        candidates,
    )
