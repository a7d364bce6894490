"""What someone has to do and when: tasks and the next steps of their employers, in the order of their days."""

from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.access import Actor, visible
from crm.database import Record, fetch
from crm.sql import TRUE, Sql, both

MOST = 200
When = Literal["overdue", "today", "week", "later", "undated"]


class Filters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the list of tasks is narrowed to."""

    whose: Annotated[Literal["me", "board", "none"], Meta(description="Mine, my board's, or no one's yet")] = "me"
    state: Annotated[Literal["open", "done", "dropped"], Meta(description="What became of them")] = "open"
    saved: Annotated[UUID | None, Meta(description="The view that these came from")] = None


class Item(Struct, frozen=True):
    """A task, or the next step of an engagement."""

    kind: Literal["task", "step"]
    id: UUID
    title: str
    due: date | None
    employer_id: UUID | None
    employer: str
    city: str
    stage: str = ""
    repeats: str = ""
    note: str = ""
    who: str = ""


def when(due: date | None, today: date) -> When:
    """Where a day falls: the week is the next seven days."""
    if due is None:
        return "undated"
    if due <= today:
        return "overdue" if due < today else "today"
    return "week" if due <= today + timedelta(days=7) else "later"


async def items(actor: Actor, stage_name: str) -> list[Item]:
    """All that waits for the actor, by day; what has none comes last."""
    found = [_task(row) for row in await tasks(actor, Filters())] + [_step(row, stage_name) for row in await _steps(actor)]
    return sorted(found, key=lambda item: (item.due is None, item.due or date.max, item.employer, item.title))


def grouped(found: list[Item], today: date) -> dict[When, list[Item]]:
    groups: dict[When, list[Item]] = {"overdue": [], "today": [], "week": [], "later": [], "undated": []}
    for item in found:
        groups[when(item.due, today)].append(item)
    return groups


async def tasks(actor: Actor, filters: Filters, *, most: int = MOST) -> list[Record]:
    whose = {
        "me": Sql("t.assignee_id = {}", actor.account_id), "none": Sql("t.assignee_id is null"),
        "board": Sql("t.board_id = any({})", sorted(actor.board_ids, key=str)) if actor.board_ids else TRUE,
    }[filters.whose]  # fmt: skip
    state = {
        "open": Sql("t.done_at is null and t.dropped_at is null"), "done": Sql("t.done_at is not null and t.dropped_at is null"),
        "dropped": Sql("t.dropped_at is not null"),
    }[filters.state]  # fmt: skip
    order = "t.due nulls last, t.created_at" if filters.state == "open" else "coalesce(t.dropped_at, t.done_at) desc"
    return await fetch(
        Sql(f"select t.*, e.name as employer_name, e.city, a.name as assignee from task t "
            f"left join employer e on e.id = t.employer_id and {{}} left join account a on a.id = t.assignee_id "
            f"where {{}} order by {order} limit {{}}",
            visible(actor, "employer", "e"), both([whose, state, visible(actor, "task", "t")]), most)  # fmt: skip
    )


async def _steps(actor: Actor) -> list[Record]:
    return await fetch(
        Sql(f"select g.id, g.employer_id, g.next_step, g.next_step_due, e.name, e.city, s.name_en, s.name_es "
            f"from engagement g join employer e on e.id = g.employer_id and {{}} join stage s on s.id = g.stage_id "
            f"where g.owner_id = {{}} and g.archived_at is null and g.next_step <> '' and {{}} "
            f"order by g.next_step_due nulls last limit {MOST}",
            visible(actor, "employer", "e"), actor.account_id, visible(actor, "engagement", "g"))  # fmt: skip
    )


async def replies(actor: Actor) -> list[Record]:
    """Mail from employers that the actor got and has not looked at yet."""
    return await fetch(
        Sql("select e.id, e.sender, e.sender_name, e.received_at, e.proof, t.subject, left(t.body, 400) as body, w.id as employer_id, w.name as employer "
            "from email_reader r join email e on e.id = r.email_id and e.state = 'filed' and e.direction = 'in' "
            "join email_text t on t.id = e.id and {} join lateral (select x.id, x.name from email_filing f join activity y on y.id = f.activity_id "
            "and y.removed_at is null join employer x on x.id = y.employer_id and {} where f.email_id = e.id order by x.name limit 1) w on true "
            "where r.seen_at is null and (r.account_id = {} or r.board_id = any({})) order by e.received_at desc, e.id limit 20",
            visible(actor, "email_text", "t"), visible(actor, "employer", "x"), actor.account_id, sorted(actor.board_ids, key=str))  # fmt: skip
    )


def _task(row: Record) -> Item:
    return Item("task", row["id"], row["title"], row["due"], row["employer_id"], row["employer_name"] or "", row["city"] or "",
                repeats=row["repeats"], note=row["note"], who=row["assignee"] or "")  # fmt: skip


def _step(row: Record, stage_name: str) -> Item:
    return Item("step", row["id"], row["next_step"], row["next_step_due"], row["employer_id"], row["name"], row["city"],
                stage=row[stage_name])  # fmt: skip
