"""What a drive brought: its funnel, its kinds, its pace, and the pledges behind each number."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.access import Actor, visible
from crm.database import Record, fetch
from crm.sql import TRUE, Sql, both

ROWS = 50
LARGEST_EXPORT = 20_000


class Filters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a drive's pledges are narrowed to. Every field is part of the page's address."""

    kind: Annotated[str, Meta(description="Only of this kind", max_length=20)] = ""
    pay: Annotated[str, Meta(description="Only with this pay", max_length=20)] = ""
    step: Annotated[
        Literal["", "matched", "started", "completed", "free"], Meta(description="Only with slots matched, started, completed, or still free")
    ] = ""
    state: Annotated[Literal["", "withdrawn"], Meta(description="Those that stand, or those withdrawn")] = ""
    board: Annotated[UUID | None, Meta(description="Only of this board")] = None
    since: Annotated[date | None, Meta(description="Pledged on this day or later")] = None
    until: Annotated[date | None, Meta(description="Pledged on this day or before")] = None
    q: Annotated[str, Meta(description="Words of the employer's name", max_length=200)] = ""
    after: Annotated[str, Meta(description="What “next” of the page before says", max_length=200)] = ""


class Sums(Struct, frozen=True, kw_only=True):
    """Of a drive, or of one kind or board in it: how many pledges, and their slots step by step."""

    kind: str | None
    board_id: UUID | None
    board: str | None
    pledges: int
    slots: int
    matched: int
    started: int
    completed: int


async def sums(actor: Actor, drive_id: UUID) -> tuple[Sums, list[Sums], list[Sums]]:
    """All together, kind by kind, and board by board, the most slots first."""
    rows = await fetch(
        Sql("select g.*, b.name as board from (select p.kind, p.board_id, count(*) as pledges, coalesce(sum(slots), 0) as slots, "
            "coalesce(sum(matched), 0) as matched, coalesce(sum(started), 0) as started, coalesce(sum(completed), 0) as completed from pledge p "
            "where p.drive_id = {} and p.withdrawn_at is null and {} group by grouping sets ((), (p.kind), (p.board_id))) g "
            "left join board b on b.id = g.board_id order by g.slots desc, g.kind, b.name",
            drive_id, visible(actor, "pledge", "p"))  # fmt: skip
    )
    found = [Sums(**row) for row in rows]
    everything = next(each for each in found if each.kind is None and each.board_id is None)
    return everything, [each for each in found if each.kind], [each for each in found if each.board_id]


async def by_day(actor: Actor, drive_id: UUID) -> dict[date, int]:
    """The slots that each day brought."""
    rows = await fetch(
        Sql("select p.pledged_on, sum(p.slots)::integer as slots from pledge p where p.drive_id = {} and p.withdrawn_at is null and {} group by 1",
            drive_id, visible(actor, "pledge", "p"))  # fmt: skip
    )
    return {row["pledged_on"]: row["slots"] for row in rows}


async def pledges(actor: Actor, drive_id: UUID, filters: Filters, *, before: list[Any] | None = None, most: int = ROWS) -> list[Record]:
    """Newest first; `before`: day and id of the last known."""
    where = [
        Sql("p.drive_id = {}", drive_id), Sql("p.withdrawn_at is not null") if filters.state else Sql("p.withdrawn_at is null"),
        Sql("p.kind = {}", filters.kind) if filters.kind else TRUE, Sql("p.pay = {}", filters.pay) if filters.pay else TRUE,
        Sql("p.board_id = {}", filters.board) if filters.board else TRUE,
        Sql("p.pledged_on >= {}", filters.since) if filters.since else TRUE, Sql("p.pledged_on <= {}", filters.until) if filters.until else TRUE,
        Sql("strpos(e.search_text, fold({})) > 0", filters.q.strip()) if filters.q.strip() else TRUE,
        {"matched": Sql("p.matched > 0"), "started": Sql("p.started > 0"), "completed": Sql("p.completed > 0"), "free": Sql("p.matched < p.slots")}.get(
            filters.step, TRUE),
        Sql("(p.pledged_on, p.id) < ({}, {})", *before) if before else TRUE,
    ]  # fmt: skip
    return await _rows(actor, both(where), most)


async def of_employer(actor: Actor, employer_id: UUID, most: int = 10) -> list[Record]:
    """An employer's pledges, newest first."""
    return await _rows(actor, Sql("p.employer_id = {}", employer_id), most)


async def of_visitor(actor: Actor) -> list[Record]:
    """What an employer's own people read of their pledges in the portal."""
    return await fetch(
        Sql("select p.id, p.employer_id, p.kind, p.slots, p.matched, p.started, p.completed, p.pay, p.payer, p.first_day, p.last_day, p.pledged_on, "
            "d.name_en, d.name_es, coalesce(nullif(s.name, ''), s.city) as site from pledge p join pledge_drive d on d.id = p.drive_id and {} "
            "left join establishment s on s.id = p.establishment_id and {} where p.withdrawn_at is null and {} order by p.pledged_on desc, p.id desc limit 100",
            visible(actor, "pledge_drive", "d"), visible(actor, "establishment", "s"), visible(actor, "pledge", "p"))  # fmt: skip
    )


async def one(actor: Actor, pledge_id: UUID) -> Record | None:
    return next(iter(await _rows(actor, Sql("p.id = {}", pledge_id), 1)), None)


async def _rows(actor: Actor, where: Sql, most: int) -> list[Record]:
    return await fetch(
        Sql("select p.*, e.name as employer, e.city, b.name as board, d.name_en as drive_en, d.name_es as drive_es, coalesce(nullif(s.name, ''), s.city) "
            "as site, c.given_name, c.family_name, c.email, c.phone, a.name as by from pledge p join pledge_drive d on d.id = p.drive_id "
            "join employer e on e.id = p.employer_id and {} join board b on b.id = p.board_id left join establishment s on s.id = p.establishment_id and {} "
            "left join contact c on c.id = p.contact_id and {} left join account a on a.id = p.made_by where {} and {} "
            "order by p.pledged_on desc, p.id desc limit {}",
            visible(actor, "employer", "e"), visible(actor, "establishment", "s"), visible(actor, "contact", "c"), visible(actor, "pledge", "p"),
            where, most)  # fmt: skip
    )


async def history(actor: Actor, pledge_id: UUID) -> list[Record]:
    """What was counted of a pledge, newest first."""
    return await fetch(
        Sql("select h.*, a.name as by, u.name as undone_by_name from pledge_progress h left join account a on a.id = h.recorded_by "
            "left join account u on u.id = h.undone_by where h.pledge_id = {} and {} order by h.on_day desc, h.recorded_at desc limit 200",
            pledge_id, visible(actor, "pledge_progress", "h"))  # fmt: skip
    )
