"""Which employers a person may visit next, and what a form about one offers: its worksites, its people, what is due there."""

from datetime import date
from typing import Any
from uuid import UUID

from crm.access import Actor, visible
from crm.contacts.present import works
from crm.database import Record, fetch, fetch_one
from crm.engagements import agenda
from crm.engagements.agenda import Item
from crm.sql import Sql, both

MOST_RECENT = 20
MOST_CARRIED = 40  # employers that a device keeps
MOST_VISITS = 20


async def due(actor: Actor, today: date, stage_name: str) -> list[Item]:
    """What is due with an employer today or was due before."""
    return [item for item in await agenda.items(actor, stage_name) if item.employer_id and item.due and item.due <= today]


async def recent(actor: Actor) -> list[Record]:
    """The employers that this person was in touch with or looks after, the latest first."""
    return await fetch(
        Sql(
            "select e.id, e.name, e.city from (select employer_id, max(at) as at from ("
            "(select employer_id, at from activity where logged_by = {} and removed_at is null order by at desc limit 200) union all "
            "(select employer_id, updated_at from engagement where owner_id = {} and archived_at is null order by updated_at desc limit 50)) x "
            "group by employer_id) lately join employer e on e.id = lately.employer_id where e.archived_at is null and {} "
            f"order by lately.at desc limit {MOST_RECENT}",
            actor.account_id, actor.account_id, visible(actor, "employer", "e"),
        )  # fmt: skip
    )


async def made(actor: Actor, since: date) -> list[Record]:
    """One's own visits since that day, the latest first."""
    return await fetch(
        Sql(
            "select v.id, v.draft_id, v.outcome, v.updated_at, y.employer_id, y.at, e.name, e.city, "
            "exists (select from visit_proposal p where p.visit_id = v.id and p.settled_at is null) as differs "
            "from visit v join activity y on y.id = v.activity_id join employer e on e.id = y.employer_id "
            "where v.account_id = {} and v.made_at >= {} and y.removed_at is null and {} and {} and {} "
            f"order by v.made_at desc limit {MOST_VISITS}",
            actor.account_id, since, visible(actor, "visit", "v"), visible(actor, "activity", "y"), visible(actor, "employer", "e"),
        )  # fmt: skip
    )


async def unsettled(actor: Actor) -> list[Record]:
    """Drafts of one's own that wait for a decision."""
    return await fetch(
        Sql(
            "select p.id, p.draft_id, p.made_at, e.name from visit_proposal p join visit v on v.id = p.visit_id join activity y on y.id = v.activity_id "
            "join employer e on e.id = y.employer_id where p.settled_at is null and p.account_id = {} and y.removed_at is null and {} and {} and {} "
            f"order by p.made_at limit {MOST_VISITS}",
            actor.account_id, visible(actor, "visit_proposal", "p"), visible(actor, "visit", "v"), visible(actor, "employer", "e"),
        )  # fmt: skip
    )


async def standing(actor: Actor, employer_id: UUID) -> Record | None:
    """The employer, or the one that it was merged into; None where it is archived or unknown."""
    return await fetch_one(
        Sql(
            "with recursive way (id, merged_into, archived_at, step) as ("
            "select e.id, e.merged_into, e.archived_at, 1 from employer e where e.id = {} union all "
            "select n.id, n.merged_into, n.archived_at, w.step + 1 from way w join employer n on n.id = w.merged_into where w.step < 20) "
            "select e.id, e.name, e.city from way w join employer e on e.id = w.id where w.archived_at is null and {} limit 1",
            employer_id, visible(actor, "employer", "e"),
        )  # fmt: skip
    )


async def carried(actor: Actor, employer_ids: list[UUID], today: date) -> list[dict[str, Any]]:
    """What a form about these employers offers, in the order given: names and towns, no numbers, addresses or notes."""
    rows = await fetch(Sql("select e.id, e.name, e.city from employer e where e.id = any({}) and {}", employer_ids, visible(actor, "employer", "e")))
    sites = await _of(
        "select s.employer_id, s.id, coalesce(nullif(s.name, ''), nullif(concat_ws(', ', nullif(s.line1, ''), nullif(s.city, '')), '')) as name "
        "from establishment s where {} order by s.is_primary desc, s.city, s.id", actor, employer_ids, "establishment", "s", "s.archived_at is null")  # fmt: skip
    people = await _of(
        "select f.employer_id, c.id, trim(c.given_name || ' ' || c.family_name) as name from affiliation f join contact c on c.id = f.contact_id "
        "where {} order by f.is_primary desc, c.family_name, c.id", actor, employer_ids, "affiliation", "f", "c.archived_at is null",
        visible(actor, "contact", "c"), works("f", today))  # fmt: skip
    tasks = await _of(
        "select t.employer_id, t.id, t.title as name from task t where {} order by t.due nulls last, t.id", actor, employer_ids, "task", "t",
        "t.done_at is null and t.dropped_at is null", Sql("t.assignee_id = {}", actor.account_id))  # fmt: skip
    found = {
        row["id"]: {"id": str(row["id"]), "name": row["name"], "town": row["city"], "sites": sites.get(row["id"], []),
                    "people": people.get(row["id"], []), "tasks": tasks.get(row["id"], [])}
        for row in rows
    }  # fmt: skip
    return [found[each] for each in employer_ids if each in found]


async def _of(text: str, actor: Actor, employer_ids: list[UUID], table: str, alias: str, live: str, *more: Sql) -> dict[UUID, list[dict[str, str]]]:
    """Rows of a table by employer, each as its id and name."""
    where = both([Sql(f"{alias}.employer_id = any({{}})", employer_ids), Sql(live), visible(actor, table, alias), *more])
    listed: dict[UUID, list[dict[str, str]]] = {}
    for row in await fetch(Sql(f"{text} limit 2000", where)):
        names = listed.setdefault(row["employer_id"], [])
        if row["name"] and all(each["id"] != str(row["id"]) for each in names):
            names.append({"id": str(row["id"]), "name": row["name"]})
    return listed
