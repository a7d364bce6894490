"""The rows behind each number. A number is the count of its rows, or the sum of their slots, and the list behind it is the same
rows through the same gate: read anew over an index where that is quick, kept at the count where it takes all activities of years.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from crm.access import Actor, visible
from crm.engagements import levels
from crm.errors import NotFound
from crm.reporting.rules import ANSWERS_DAYS, DRIVES_DAYS, MOVES_DAYS, SERVED_YEARS, first_week, quarter_of, year_before
from crm.sql import TRUE, Sql
from crm.translation import _

REACHED = "y.kind in ('call', 'email', 'visit', 'meeting', 'event', 'letter') and y.outcome not in ('no_answer', 'left_message') and y.removed_at is null"


class Scope(Struct, frozen=True):
    """Whose rows, as of which day of the agency's; `board_id` None is the whole state. A `part` narrows them to one number's."""

    actor: Actor
    board_id: UUID | None
    today: date
    zone: str
    part: str | None = None

    def of(self, alias: str) -> Sql:
        return Sql(f"{alias}.board_id = {{}}", self.board_id) if self.board_id else TRUE

    def seen(self, table: str, alias: str) -> Sql:
        return Sql("({} and {})", self.of(alias), visible(self.actor, table, alias))

    def start(self, day: date) -> datetime:
        return datetime.combine(day, time(0), ZoneInfo(self.zone))

    def one(self, column: str) -> Sql:
        """The rows of the part alone, said of the column itself, so that an index serves. Raises `NotFound` for a part that is none."""
        return TRUE if self.part is None else Sql(f"{column} = {{}}", _id(self.part))


def _id(part: str) -> UUID:
    try:
        return UUID(part)
    except ValueError as problem:
        raise NotFound(_("This page does not exist, or it is not yours to see.")) from problem


Rows = Callable[[Scope], Sql]  # selects part, id, employer_id, at, detail


def _stage(scope: Scope) -> Sql:
    return Sql("select g.stage_id::text as part, g.id, g.employer_id, g.stage_since as at, g.next_step as detail from engagement g "
               "where g.archived_at is null and {} and {}", scope.one("g.stage_id"), scope.seen("engagement", "g"))  # fmt: skip


def _long(scope: Scope) -> Sql:
    return Sql("select g.stage_id::text as part, g.id, g.employer_id, g.stage_since as at, g.next_step as detail from engagement g "
               "join stage s on s.id = g.stage_id where g.archived_at is null and s.expected_days is not null "
               "and g.stage_since < {}::timestamptz - make_interval(days => s.expected_days) and {} and {}",
               scope.start(scope.today), scope.one("g.stage_id"), scope.seen("engagement", "g"))  # fmt: skip


def _moved(stage: str) -> Rows:
    def rows(scope: Scope) -> Sql:
        return Sql(f"select m.{stage}::text as part, m.id, g.employer_id, m.at, m.reason as detail from stage_move m "
                   f"join engagement g on g.id = m.engagement_id where m.undone_at is null and m.{stage} is not null and m.at >= {{}} and {{}} and {{}}",
                   scope.start(scope.today - timedelta(days=MOVES_DAYS)), scope.one(f"m.{stage}"), scope.seen("engagement", "g"))  # fmt: skip

    return rows


def _activity(scope: Scope) -> Sql:
    return Sql("select to_char(date_trunc('week', y.at at time zone {}), 'YYYY-MM-DD') || ' ' || y.kind as part, y.id, y.employer_id, y.at, "
               "y.summary as detail from activity y where y.at >= {} and y.removed_at is null "
               "and y.kind in ('call', 'email', 'visit', 'meeting', 'event', 'note', 'letter') and {} and {}",
               scope.zone, scope.start(first_week(scope.today)), _week(scope), scope.seen("activity", "y"))  # fmt: skip


def _week(scope: Scope) -> Sql:
    """Of a part as "2026-11-23 call"."""
    if scope.part is None:
        return TRUE
    try:
        monday = date.fromisoformat(scope.part[:10])
        return Sql("y.kind = {} and y.at >= {} and y.at < {}", scope.part[11:], scope.start(monday), scope.start(monday + timedelta(days=7)))
    except (ValueError, OverflowError) as problem:
        raise NotFound(_("This page does not exist, or it is not yours to see.")) from problem


def asked(scope: Scope) -> Sql:
    """The first message of each run of theirs, with our first answer to it, if any."""
    return Sql("select r.id, r.employer_id, r.at, r.summary, case when r.answered then r.next_at end as answered_at from ("
               "select q.*, lead(q.direction) over w = 'out' as answered, lead(q.at) over w as next_at from ("
               "select y.*, lag(y.direction) over (partition by y.board_id, y.employer_id order by y.at, y.id) as before from activity y "
               "where y.direction in ('in', 'out') and y.kind <> 'note' and y.removed_at is null and y.at >= {} and {}) q "
               "where q.direction = 'out' or q.before is distinct from 'in' "
               "window w as (partition by q.board_id, q.employer_id order by q.at, q.id)) r where r.direction = 'in' and r.kind in ('email', 'call', 'letter')",
               scope.start(scope.today - timedelta(days=ANSWERS_DAYS)), scope.seen("activity", "y"))  # fmt: skip


def _answered(scope: Scope) -> Sql:
    return Sql("select '' as part, a.id, a.employer_id, a.at, a.summary as detail from ({}) a where a.answered_at is not null", asked(scope))


def _waiting(scope: Scope) -> Sql:
    return Sql("select '' as part, a.id, a.employer_id, a.at, a.summary as detail from ({}) a where a.answered_at is null", asked(scope))


def _overdue(scope: Scope) -> Sql:
    return Sql("select '' as part, t.id, t.employer_id, t.due::timestamptz as at, t.title as detail from task t "
               "where t.done_at is null and t.dropped_at is null and t.due < {} and {}", scope.today, scope.seen("task", "t"))  # fmt: skip


def _employers(scope: Scope) -> Sql:
    this, before = scope.start(year_before(scope.today)), scope.start(year_before(scope.today, 2))
    return Sql("select s.part, s.employer_id as id, s.employer_id, s.at, '' as detail from (select y.employer_id, max(y.at) as at, "
               "case when bool_or(y.at >= {}) then case when bool_or(y.at >= {} and y.at < {}) then 'kept' when bool_or(y.at < {}) then 'back' else 'new' end "
               f"when bool_or(y.at >= {{}}) then 'lapsed' end as part from activity y where {REACHED} and {{}} group by y.employer_id) s where s.part is not null",
               this, before, this, before, before, scope.seen("activity", "y"))  # fmt: skip


def _served(scope: Scope) -> Sql:
    this = scope.start(year_before(scope.today))
    return Sql("select '' as part, y.establishment_id as id, y.employer_id, max(y.at) as at, "
               "(select concat_ws(', ', nullif(w.name, ''), nullif(w.line1, ''), w.city) from establishment w where w.id = y.establishment_id and {}) as detail "
               f"from activity y where {REACHED} and y.establishment_id is not null and y.at >= {{}} and {{}} group by y.establishment_id, y.employer_id",
               visible(scope.actor, "establishment", "w"), this, scope.seen("activity", "y"))  # fmt: skip


def _repeat(scope: Scope) -> Sql:
    this, earlier = scope.start(year_before(scope.today)), scope.start(year_before(scope.today, 1 + SERVED_YEARS))
    return Sql("select s.* from ({}) s where exists (select from activity y where y.establishment_id = s.id "
               f"and {REACHED} and y.at >= {{}} and y.at < {{}} and {{}})",
               _served(scope), earlier, this, scope.seen("activity", "y"))  # fmt: skip


def _unplaced(scope: Scope) -> Sql:
    return Sql("select '' as part, y.id, y.employer_id, y.at, y.summary as detail from activity y "
               f"where {REACHED} and y.establishment_id is null and y.at >= {{}} and {{}}",
               scope.start(year_before(scope.today)), scope.seen("activity", "y"))  # fmt: skip


def _level(scope: Scope) -> Sql:
    """Of the employers on the board's pipelines, or of all."""
    return Sql("select coalesce(e.engagement_level, 0)::text as part, e.id, e.id as employer_id, e.updated_at as at, '' as detail from employer e "
               "where e.archived_at is null and {} and {}", _on_pipelines(scope, "e.id"), visible(scope.actor, "employer", "e"))  # fmt: skip


def _level_moved(scope: Scope) -> Sql:
    """Against the level of what had been logged of the days before the quarter; who had none then has come in."""
    return Sql("select case when b.level is null then 'first' when e.engagement_level > b.level then 'up' else 'down' end as part, e.id, e.id as employer_id, "
               "e.updated_at as at, coalesce(b.level::text, '–') || ' → ' || e.engagement_level as detail from employer e left join ({}) b on b.employer_id = e.id "
               "where e.archived_at is null and e.engagement_level is distinct from b.level and e.engagement_level is not null and {} and {}",
               levels.before(scope.start(quarter_of(scope.today)), scope.zone, _on_pipelines(scope, "y.employer_id")),
               _on_pipelines(scope, "e.id"), visible(scope.actor, "employer", "e"))  # fmt: skip


def _on_pipelines(scope: Scope, employer: str) -> Sql:
    if scope.board_id is None:
        return TRUE
    return Sql(f"exists (select from engagement g where g.employer_id = {employer} and g.archived_at is null and {{}})", scope.of("g"))


def _slots(step: str) -> Rows:
    """The pledges of the drives of the year, each with its slots at this step: by drive, and by kind of experience."""

    def rows(scope: Scope) -> Sql:
        return Sql(f"select x.part, p.id, p.employer_id, p.pledged_on::timestamptz as at, p.kind as detail, p.{step} as slots from pledge p "
                   "join pledge_drive d on d.id = p.drive_id cross join lateral (values (d.id::text), (d.id || ' ' || p.kind)) x (part) "
                   f"where p.withdrawn_at is null and p.{step} > 0 and d.last_day >= {{}} and {{}} and {{}}",
                   scope.today - timedelta(days=DRIVES_DAYS), scope.seen("pledge", "p"), visible(scope.actor, "pledge_drive", "d"))  # fmt: skip

    return rows


MEASURES: dict[str, Rows] = {
    "stage": _stage, "long": _long, "moved_in": _moved("to_stage_id"), "moved_out": _moved("from_stage_id"), "activity": _activity,
    "answered": _answered, "waiting": _waiting, "overdue": _overdue, "employers": _employers, "served": _served, "repeat": _repeat,
    "unplaced": _unplaced, "level": _level, "level_moved": _level_moved,
    "pledged": _slots("slots"), "matched": _slots("matched"), "started": _slots("started"), "completed": _slots("completed"),
}  # fmt: skip
SLOTS = ("pledged", "matched", "started", "completed")  # these sum slots; the others count rows
# these read all activities of months or years, so their rows are kept with the number; what stands in each is read through the gate as it is now
_SUMMARY = "(select w.summary from activity w where w.id = r.row_id and w.removed_at is null and {})"
_SITE = "(select concat_ws(', ', nullif(w.name, ''), nullif(w.line1, ''), w.city) from establishment w where w.id = r.row_id and {})"
KEPT = {"answered": ("activity", _SUMMARY), "waiting": ("activity", _SUMMARY), "served": ("establishment", _SITE), "repeat": ("establishment", _SITE),
        "employers": ("", ""), "level": ("", ""), "level_moved": ("", "")}  # fmt: skip


def listed(scope: Scope, measure: str) -> Sql:
    """The rows behind the number of the scope's part, as the list shows them; a few of them are quick to read."""
    if measure not in KEPT:
        return MEASURES[measure](scope)
    table, detail = KEPT[measure]
    return Sql("select r.part, r.row_id as id, r.employer_id, r.at, {} as detail from report_row r where {} and r.measure = {} and {}",
               Sql(detail, visible(scope.actor, table, "w")) if table else Sql("r.detail"),
               Sql("coalesce(r.board_id, '00000000-0000-0000-0000-000000000000') = {}", scope.board_id or UUID(int=0)), measure, visible(scope.actor, "report_row", "r"))  # fmt: skip
