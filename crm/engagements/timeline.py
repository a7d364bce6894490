"""What happened with an employer, a worksite or a person, newest first, and who else is in touch.

One statement brings a page: what was logged, and what the record tells of the facts themselves, each no further than the
page reaches, so that it costs the same however long the story is.
"""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from crm import api
from crm.access import Actor, visible
from crm.database import Record, fetch
from crm.engagements.forms import LOGGED_KINDS
from crm.sql import TRUE, Sql, both, like
from crm.translation import _

PAGE = 30
# what is looked for in the record, by the kind that a person filters by; the rest is in the activities themselves
RECORDED = {
    "import": ("employer.imported", "employer.import_updated"),
    "merge": ("employer.merged", "employer.merge_undone", "contact.merged", "contact.merge_undone"),
    "portal": ("account.invited",),
    "record": ("employer.created", "employer.changed", "employer.archived", "employer.restored", "establishment.saved",
               "establishment.board_chosen", "contact.added", "contact.changed", "contact.role_added", "contact.role_resumed", "contact.left",
               "contact.joined", "contact.move_undone", "contact.stopped", "contact.stop_lifted"),
}  # fmt: skip
KINDS = (*LOGGED_KINDS, "stage_move", "document", *RECORDED)
_VERBS = sorted(verb for verbs in RECORDED.values() for verb in verbs)


class Subject(Struct, frozen=True):
    """Whose story it is."""

    kind: Literal["employer", "establishment", "contact"]
    id: UUID


class Filters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a timeline is narrowed to. Every field is part of the page's address."""

    kind: Annotated[str, Meta(description="Only of this kind", max_length=20)] = ""
    who: Annotated[UUID | None, Meta(description="Only what this person did")] = None
    board: Annotated[UUID | None, Meta(description="Only what this board did")] = None
    service: Annotated[str, Meta(description="Only with this service code", max_length=40)] = ""
    since: Annotated[date | None, Meta(description="From this day on")] = None
    until: Annotated[date | None, Meta(description="Up to this day")] = None
    q: Annotated[str, Meta(description="Words of it", max_length=200)] = ""
    after: Annotated[str, Meta(description="What “next” of the page before says", max_length=600)] = ""


async def timeline(
    actor: Actor, subject: Subject, filters: Filters, zone: str, *, recorded: bool = True
) -> tuple[list[Record], str]:
    """A page of what the actor may see, and where the next one starts (empty at the end)."""
    since, until = _edges(filters, zone)
    start = _start(filters.after)
    told = [_activities(actor, subject, filters, since, until, start)]
    if recorded and not (filters.board or filters.service or filters.q.strip()) and filters.kind in {"", *RECORDED}:
        told.append(_recorded(actor, subject, filters, since, until, start))
    pieces = " union all ".join(["({})"] * len(told))
    lines = await fetch(
        Sql(
            f"""select t.*, a.name as account_name, b.name as board_name, c.given_name, c.family_name, f.name as file_name,
                       s.name_en as stage_en, s.name_es as stage_es, w.name as site_name, w.city as site_city,
                       l.email_id, m.subject as email_subject, coalesce(m.body, t.body) as body,
                       (select jsonb_agg(jsonb_build_object('id', h.id, 'name', n.name, 'size', n.size) order by h.added_at, h.id)
                          from activity_file h join stored_file n on n.id = h.file_id
                         where h.activity_id = t.activity_id and h.removed_at is null) as files
                  from (select * from ({pieces}) every_line order by at desc, rank desc, activity_id desc, entry_id desc limit {PAGE + 1}) t
                  left join account a on a.id = t.by_id left join board b on b.id = t.board_id
                  left join contact c on c.id = t.contact_id and {{}} left join stored_file f on f.id = t.file_id
                  left join establishment w on w.id = t.establishment_id and {{}}
                  left join email_filing l on l.activity_id = t.activity_id left join email_text m on m.id = l.email_id and {{}}
                  left join stage s on t.kind = 'stage_move' and s.code = t.summary and s.pipeline_id =
                       (select g.pipeline_id from engagement g where g.id = t.engagement_id)
                 order by t.at desc, t.rank desc, t.activity_id desc, t.entry_id desc""",
            *told, visible(actor, "contact", "c"), visible(actor, "establishment", "w"), visible(actor, "email_text", "m"),
        )
    )  # fmt: skip
    last = lines[PAGE - 1] if len(lines) > PAGE else None
    return lines[:PAGE], api.cursor([last["at"], last["activity_id"] or last["entry_id"]]) if last else ""


def seen(actor: Actor, alias: str) -> Sql:
    """The activities of the boards whose notes the actor may see, and the program's own lines."""
    return Sql(f"({{}} or {alias}.board_id is null)", visible(actor, "activity", alias))


def _activities(
    actor: Actor, subject: Subject, filters: Filters, since: datetime | None, until: datetime | None, start: tuple[datetime, UUID | int] | None
) -> Sql:
    where = [
        Sql(f"y.{subject.kind}_id = {{}} and y.removed_at is null", subject.id), seen(actor, "y"),
        _between("y.at", since, until), _after_activity(start),
    ]  # fmt: skip
    if filters.kind:
        where.append(Sql("y.kind = {}", filters.kind))
    if filters.who:
        where.append(Sql("y.logged_by = {}", filters.who))
    if filters.board:
        where.append(Sql("y.board_id = {}", filters.board))
    if filters.service:
        where.append(Sql("y.service_code = {}", filters.service))
    if filters.q.strip():
        where.append(Sql("fold(y.summary || ' ' || y.body) like fold({})", f"%{like(filters.q.strip())}%"))
    return Sql(
        "select 1 as rank, y.at, y.id as activity_id, null::bigint as entry_id, y.kind, ''::text as verb, y.summary, y.summary_words, "
        # a move keeps its own id in the body, for undo
        "case when y.kind = 'stage_move' then '' else y.body end as body, y.direction, y.outcome, y.service_code, y.updated_at, y.version, "
        "y.logged_by as by_id, ''::text as by_name, y.board_id, y.contact_id, y.establishment_id, y.engagement_id, y.file_id, "
        "y.employer_id, e.name as employer_name from activity y join employer e on e.id = y.employer_id and {} "
        f"where {{}} order by y.at desc, y.id desc limit {PAGE + 1}",
        visible(actor, "employer", "e"), both(where),
    )  # fmt: skip


def _recorded(
    actor: Actor, subject: Subject, filters: Filters, since: datetime | None, until: datetime | None, start: tuple[datetime, UUID | int] | None
) -> Sql:
    """What became of the facts, told without their values: who did what, and when."""
    whose = Sql("x.employer_id = {}", subject.id)
    if subject.kind != "employer":
        whose = Sql("x.subject_kind = {} and x.subject_id = {}", subject.kind, subject.id)
    if subject.kind == "contact":  # and of those that were joined with them
        whose = Sql("x.subject_kind = 'contact' and x.subject_id = any(array(select o.id from contact o where o.id = {} or o.merged_into = {}))", subject.id, subject.id)
    # what employers change themselves is the portal's
    kind = Sql("case when x.actor_kind = 'employer' or x.verb = any({}) then 'portal' when x.verb = any({}) then 'import' "
               "when x.verb = any({}) then 'merge' else 'record' end", *(list(RECORDED[name]) for name in ("portal", "import", "merge")))  # fmt: skip
    where = [whose, Sql("x.outcome = 'done' and x.verb = any({})", _VERBS), _between("x.at", since, until), _after_entry(start)]
    if filters.kind:
        where.append(Sql("{} = {}", kind, filters.kind))
    if filters.who:
        where.append(Sql("x.actor_id = {}", filters.who))
    return Sql(
        "select 0, x.at, null::uuid, x.id, {}, x.verb, '', null::jsonb, '', '', '', '', null::timestamptz, 0, x.actor_id, x.actor_name, null::uuid, "
        "case when x.subject_kind = 'contact' then x.subject_id end, null::uuid, null::uuid, null::uuid, x.employer_id, e.name from audit_entry x "
        f"join employer e on e.id = x.employer_id and {{}} where {{}} order by x.at desc, x.id desc limit {PAGE + 1}",
        kind, visible(actor, "employer", "e"), both(where),
    )  # fmt: skip


def told(verb: str) -> str:
    """What the record says, in words."""
    return {
        "employer.created": _("Added to the directory"), "employer.changed": _("Facts changed"), "employer.archived": _("Archived"),
        "employer.restored": _("Brought back"), "employer.imported": _("Came with an import"),
        "employer.import_updated": _("Updated by an import"), "employer.merged": _("Merged with another entry"),
        "employer.merge_undone": _("A merge was undone"), "establishment.saved": _("Worksite saved"),
        "establishment.board_chosen": _("Board of a worksite chosen"), "contact.added": _("Person added"),
        "contact.changed": _("Person changed"), "contact.role_added": _("Person has one more role"), "contact.role_resumed": _("Role brought back"),
        "contact.left": _("Person left"), "contact.joined": _("Person works here now, after a change of job"),
        "contact.move_undone": _("Change of job taken back"), "contact.merged": _("Joined with another entry of the same person"),
        "contact.merge_undone": _("Joining of two people undone"), "contact.stopped": _("Wants no contact"), "contact.stop_lifted": _("May be contacted again"),
        "account.invited": _("Invited to the portal"),
    }[verb]  # fmt: skip


def _edges(filters: Filters, zone: str) -> tuple[datetime | None, datetime | None]:
    """The days' first moments in the agency's zone; the last day counts whole."""
    here = ZoneInfo(zone)
    since = datetime.combine(filters.since, time(), here) if filters.since else None
    until = datetime.combine(filters.until + timedelta(days=1), time(), here) if filters.until and filters.until < date.max else None
    return since, until


def _between(column: str, since: datetime | None, until: datetime | None) -> Sql:
    return both([Sql(f"{column} >= {{}}", since) if since else TRUE, Sql(f"{column} < {{}}", until) if until else TRUE])


def _start(after: str) -> tuple[datetime, UUID | int] | None:
    """When the last line of the page before was, and which: an activity has a UUID, an entry of the record a number."""
    if not after:
        return None
    at, last = api.after(after, datetime, UUID | Annotated[int, Meta(ge=0, le=2**62)])
    return at, last


def _after_activity(start: tuple[datetime, UUID | int] | None) -> Sql:
    """Of one moment, what was logged stands before what the record tells."""
    if start is None:
        return TRUE
    return Sql("(y.at, y.id) < ({}, {})", *start) if isinstance(start[1], UUID) else Sql("y.at < {}", start[0])


def _after_entry(start: tuple[datetime, UUID | int] | None) -> Sql:
    if start is None:
        return TRUE
    return Sql("x.at <= {}", start[0]) if isinstance(start[1], UUID) else Sql("(x.at, x.id) < ({}, {})", *start)


async def in_touch(actor: Actor, employer_id: UUID, today: date) -> list[Record]:
    """Each board that is in touch: its stage and counts, and the facts that it shares. What was said stays with the board."""
    boards = sorted(actor.board_ids, key=str)
    return await fetch(
        Sql(
            "select b.name as board_name, s.name_en as stage_en, s.name_es as stage_es, s.kind, g.id, g.board_id, g.stage_id, g.stage_since, "
            "case when k.next_step then g.next_step end as next_step, case when k.next_step then g.next_step_due end as next_step_due, "
            "case when k.slots then g.slots end as slots, case when k.owner then g.owner_id end as owner_id, "
            "case when k.owner then (select a.name from account a where a.id = g.owner_id) end as owner_name, "
            "case when k.tasks then (select count(*) from task t where t.employer_id = g.employer_id and t.board_id = g.board_id "
            "and t.done_at is null and t.dropped_at is null) end as open_tasks, case when k.own then g.reason end as reason, "
            "g.version, g.updated_at, g.pipeline_id, p.code as pipeline_code, p.name_en as pipeline_en, p.name_es as pipeline_es, "
            "(select count(*) from activity y where y.employer_id = g.employer_id and y.board_id = b.id and y.removed_at is null "
            "and y.kind in ('call', 'email', 'visit', 'meeting', 'event', 'letter') "
            "and y.at > now() - interval '90 days') as contacts "
            "from engagement g join board b on b.id = g.board_id join stage s on s.id = g.stage_id join pipeline p on p.id = g.pipeline_id "
            "left join lateral (select array_agg(part) as parts from shared_part h, unnest(h.parts) part where h.employer_id = g.employer_id "
            "and h.from_board_id = g.board_id and h.to_board_id = any({}) and h.revoked_at is null and h.until >= {}) h on true "
            "cross join lateral (select own, own or 'next_step' = any(h.parts) as next_step, own or 'slots' = any(h.parts) as slots, "
            "own or 'owner' = any(h.parts) as owner, own or 'tasks' = any(h.parts) as tasks from (select {} as own) o) k "
            "where g.employer_id = {} and g.archived_at is null order by p.position, g.updated_at desc limit 40",
            boards, today, visible(actor, "engagement", "g"), employer_id,
        )
    )


async def open_tasks(actor: Actor, employer_id: UUID) -> list[Record]:
    return await fetch(
        Sql(
            "select t.*, a.name as assignee from task t left join account a on a.id = t.assignee_id "
            "where t.employer_id = {} and t.done_at is null and t.dropped_at is null and {} order by t.due nulls last, t.created_at limit 20",
            employer_id, visible(actor, "task", "t"),
        )  # fmt: skip
    )
