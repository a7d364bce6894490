"""Events, and who is on the list of one."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.access import Actor, hidden_fields, visible
from crm.contacts.present import works
from crm.database import Record, fetch, fetch_one
from crm.sql import TRUE, Sql, both, like

ROWS = 100
LARGEST_EXPORT = 20_000
STATES = ("yes", "maybe", "waiting", "invited", "no", "came", "missed", "unknown")
State = Literal["", "yes", "maybe", "waiting", "invited", "no", "came", "missed", "unknown"]

_STATE = {
    "yes": Sql("g.answer = 'yes'"), "maybe": Sql("g.answer = 'maybe'"), "no": Sql("g.answer = 'no'"), "waiting": Sql("g.answer = 'waiting'"),
    "invited": Sql("g.answer = '' and g.came_at is null"), "came": Sql("g.came_at is not null"),
    "missed": Sql("g.answer = 'yes' and g.came_at is null and v.ends_at < now()"), "unknown": Sql("g.contact_id is null"),
}  # fmt: skip


class Filters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a list of guests is narrowed to. Every field is part of the page's address."""

    state: Annotated[State, Meta(description="Only those who answered or came so")] = ""
    q: Annotated[str, Meta(description="Words of a name or an employer", max_length=100)] = ""
    after: Annotated[str, Meta(description="What “next” of the page before says", max_length=400)] = ""


async def events(actor: Actor, *, past: bool, most: int = 100) -> list[Record]:
    """Those to come, the next first; or those over, the last first."""
    order = Sql("v.starts_at desc") if past else Sql("v.starts_at")
    return await fetch(
        Sql("select v.*, b.name as board, t.* from employer_event v join board b on b.id = v.board_id cross join lateral (select "
            "count(*) filter (where g.answer = 'yes') as yes, count(*) filter (where g.came_at is not null) as came, count(*) as guests "
            "from event_guest g where g.event_id = v.id and g.removed_at is null and {}) t where {} and {} order by {} limit {}",
            visible(actor, "event_guest", "g"), visible(actor, "employer_event", "v"), Sql("v.ends_at < now()") if past else Sql("v.ends_at >= now()"),
            order, most)  # fmt: skip
    )


async def open_for_invitations(actor: Actor) -> list[Record]:
    """One's own that are still to come."""
    return await fetch(
        Sql("select v.id, v.title_en, v.title_es, v.starts_at, v.ends_at from employer_event v where v.ends_at >= now() and v.cancelled_at is null "
            "and v.closed_at is null and v.board_id = any({}) order by v.starts_at limit 100", sorted(actor.board_ids, key=str))  # fmt: skip
    )


async def counts(actor: Actor, event_id: UUID) -> dict[str, int]:
    """How many are on the list, in each state; and the places that a yes takes."""
    parts = [Sql("count(*) filter (where {})", _STATE[name]) for name in STATES]
    found = await fetch_one(
        Sql("select count(*) as all, coalesce(sum(g.people) filter (where g.answer = 'yes'), 0) as places, {} as yes, {} as maybe, {} as waiting, "
            "{} as invited, {} as no, {} as came, {} as missed, {} as unknown "
            "from event_guest g join employer_event v on v.id = g.event_id where g.event_id = {} and g.removed_at is null and {}",
            *parts, event_id, visible(actor, "event_guest", "g"))  # fmt: skip
    )
    return dict(found) if found else {}


async def guests(actor: Actor, event_id: UUID, filters: Filters, *, after: list[str] | None = None, most: int = ROWS) -> list[Record]:
    """By name; what they need to take part only for those who organize it."""
    words = f"%{like(filters.q.strip())}%"
    needs = Sql("''") if "access_needs" in hidden_fields(actor, "event_guest") else Sql("g.access_needs")
    where = [
        Sql("g.event_id = {} and g.removed_at is null", event_id), visible(actor, "event_guest", "g"), _STATE[filters.state] if filters.state else TRUE,
        Sql("(fold(g.given_name || ' ' || g.family_name || ' ' || g.company) like fold({}) or e.search_text like fold({}))", words, words)
        if filters.q.strip() else TRUE,
        Sql("(lower(g.family_name), lower(g.given_name), g.id) > ({}, {}, {})", after[0], after[1], UUID(after[2])) if after else TRUE,
    ]  # fmt: skip
    return await fetch(
        Sql("select g.id, g.event_id, g.board_id, g.employer_id, g.contact_id, g.given_name, g.family_name, g.email, g.company, g.language, g.source, "
            "g.answer, g.people, g.names, g.answered_at, g.came_at, g.activity_id, {} as access_needs, coalesce(e.name, g.company) as employer, "
            "lower(g.family_name) as family_key, lower(g.given_name) as given_key, (select max(r.sent_at) from mailing_recipient r join mailing m "
            "on m.id = r.mailing_id where m.event_id = g.event_id and r.contact_id = g.contact_id and {}) as written_at from event_guest g "
            "join employer_event v on v.id = g.event_id left join employer e on e.id = g.employer_id and {} where {} "
            "order by lower(g.family_name), lower(g.given_name), g.id limit {}",
            needs, visible(actor, "mailing_recipient", "r"), visible(actor, "employer", "e"), both(where), most)  # fmt: skip
    )


async def of_employer(actor: Actor, employer_id: UUID) -> list[Record]:
    """The events that people of an employer are or were on the list of, the latest first."""
    return await fetch(
        Sql("select v.id, v.kind, v.title_en, v.title_es, v.starts_at, v.ends_at, v.cancelled_at, v.board_id, b.name as board, g.given_name, g.family_name, "
            "g.answer, g.people, g.came_at from event_guest g join employer_event v on v.id = g.event_id and {} join board b on b.id = v.board_id "
            "where g.employer_id = {} and g.removed_at is null and {} order by v.starts_at desc, g.family_name limit 12",
            visible(actor, "employer_event", "v"), employer_id, visible(actor, "event_guest", "g"))  # fmt: skip
    )


async def could_be(actor: Actor, words: str) -> list[Record]:
    """Employers that the words name, each with its people: whose a guest may be."""
    return await fetch(
        Sql("select e.id as employer_id, e.name, e.city, p.contact_id, p.given_name, p.family_name, p.email from (select e.id, e.name, e.city from employer e "
            "where e.archived_at is null and e.search_text like fold({}) and {} order by e.name limit 6) e left join lateral (select c.id as contact_id, "
            "c.given_name, c.family_name, c.email from affiliation f join contact c on c.id = f.contact_id and c.archived_at is null and {} "
            "where f.employer_id = e.id and {} and {} order by f.is_primary desc, c.family_name limit 12) p on true order by e.name, e.id",
            f"%{like(words.strip())}%", visible(actor, "employer", "e"), visible(actor, "contact", "c"), visible(actor, "affiliation", "f"), works("f"))  # fmt: skip
    ) if words.strip() else []
