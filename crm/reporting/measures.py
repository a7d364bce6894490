"""The rows behind each number. A number is the count of its rows, and the list behind it is the same rows through the same gate."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from crm.access import Actor, visible
from crm.reporting.rules import ANSWERS_DAYS, MOVES_DAYS, SERVED_YEARS, first_week, year_before
from crm.sql import TRUE, Sql

REACHED = "y.kind in ('call', 'email', 'visit', 'meeting', 'event', 'letter') and y.outcome not in ('no_answer', 'left_message') and y.removed_at is null"


class Scope(Struct, frozen=True):
    """Whose rows, as of which day of the agency's; `board_id` None is the whole state."""

    actor: Actor
    board_id: UUID | None
    today: date
    zone: str

    def of(self, alias: str) -> Sql:
        return Sql(f"{alias}.board_id = {{}}", self.board_id) if self.board_id else TRUE

    def seen(self, table: str, alias: str) -> Sql:
        return Sql("({} and {})", self.of(alias), visible(self.actor, table, alias))

    def start(self, day: date) -> datetime:
        return datetime.combine(day, time(0), ZoneInfo(self.zone))


Rows = Callable[[Scope], Sql]  # selects part, id, employer_id, at, detail


def _stage(scope: Scope) -> Sql:
    return Sql("select g.stage_id::text as part, g.id, g.employer_id, g.stage_since as at, g.next_step as detail from engagement g "
               "where g.archived_at is null and {}", scope.seen("engagement", "g"))  # fmt: skip


def _long(scope: Scope) -> Sql:
    return Sql("select g.stage_id::text as part, g.id, g.employer_id, g.stage_since as at, g.next_step as detail from engagement g "
               "join stage s on s.id = g.stage_id where g.archived_at is null and s.expected_days is not null "
               "and g.stage_since < {}::timestamptz - make_interval(days => s.expected_days) and {}",
               scope.start(scope.today), scope.seen("engagement", "g"))  # fmt: skip


def _moved(stage: str) -> Rows:
    def rows(scope: Scope) -> Sql:
        return Sql(f"select m.{stage}::text as part, m.id, g.employer_id, m.at, m.reason as detail from stage_move m "
                   f"join engagement g on g.id = m.engagement_id where m.undone_at is null and m.{stage} is not null and m.at >= {{}} and {{}}",
                   scope.start(scope.today - timedelta(days=MOVES_DAYS)), scope.seen("engagement", "g"))  # fmt: skip

    return rows


def _activity(scope: Scope) -> Sql:
    return Sql("select to_char(date_trunc('week', y.at at time zone {}), 'YYYY-MM-DD') || ' ' || y.kind as part, y.id, y.employer_id, y.at, "
               "y.summary as detail from activity y where y.at >= {} and y.removed_at is null "
               "and y.kind in ('call', 'email', 'visit', 'meeting', 'event', 'note', 'letter') and {}",
               scope.zone, scope.start(first_week(scope.today)), scope.seen("activity", "y"))  # fmt: skip


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


MEASURES: dict[str, Rows] = {
    "stage": _stage, "long": _long, "moved_in": _moved("to_stage_id"), "moved_out": _moved("from_stage_id"), "activity": _activity,
    "answered": _answered, "waiting": _waiting, "overdue": _overdue, "employers": _employers, "served": _served, "repeat": _repeat,
    "unplaced": _unplaced,
}  # fmt: skip
