"""One board's relationship with one employer: where it stands, what was done, what comes next."""

from piccolo.columns import JSONB, UUID, Array, Bytea, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Actor, Role, Scope, Sight, everything, own_account, own_board, see
from crm.boards.tables import Board
from crm.database import DB
from crm.days import agency_today
from crm.employers.tables import Employer
from crm.sql import Sql


class Pipeline(Table, db=DB, tablename="pipeline"):
    id = UUID(primary_key=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    code = Text()
    name_en = Text()
    name_es = Text()
    position = Integer()
    archived_at = Timestamptz(null=True)


class Stage(Table, db=DB, tablename="stage"):
    id = UUID(primary_key=True)
    pipeline_id = ForeignKey(Pipeline, on_delete=OnDelete.restrict, null=False)
    code = Text()
    name_en = Text()
    name_es = Text()
    position = Integer()
    kind = Text()
    needs = Array(base_column=Text())
    expected_days = Integer(null=True)
    archived_at = Timestamptz(null=True)


class Engagement(Table, db=DB, tablename="engagement"):
    id = UUID(primary_key=True)
    employer_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    pipeline_id = ForeignKey(Pipeline, on_delete=OnDelete.restrict, null=False)
    stage_id = UUID()
    stage_since = Timestamptz()
    reason = Text()
    owner_id = UUID(null=True)
    next_step = Text()
    next_step_due = Date(null=True)
    slots = Integer()
    created_at = Timestamptz()
    updated_at = Timestamptz()
    archived_at = Timestamptz(null=True)
    version = Integer()


class StageMove(Table, db=DB, tablename="stage_move"):
    id = UUID(primary_key=True)
    engagement_id = ForeignKey(Engagement, on_delete=OnDelete.restrict, null=False)
    from_stage_id = UUID(null=True)
    to_stage_id = UUID()
    reason = Text()
    at = Timestamptz()
    moved_by = UUID(null=True)
    undone_at = Timestamptz(null=True)


class Activity(Table, db=DB, tablename="activity"):
    id = UUID(primary_key=True)
    employer_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    establishment_id = UUID(null=True)
    contact_id = UUID(null=True)
    engagement_id = UUID(null=True)
    file_id = UUID(null=True)
    kind = Text()
    direction = Text()
    summary = Text()
    summary_words = JSONB(null=True)
    body = Text()
    at = Timestamptz()
    logged_by = UUID(null=True)
    created_at = Timestamptz()
    removed_at = Timestamptz(null=True)
    version = Integer()
    outcome = Text()
    service_code = Text()
    updated_at = Timestamptz(null=True)


class ActivityFile(Table, db=DB, tablename="activity_file"):
    id = UUID(primary_key=True)
    activity_id = ForeignKey(Activity, on_delete=OnDelete.restrict, null=False)
    file_id = UUID()
    added_by = UUID(null=True)
    added_at = Timestamptz()
    removed_at = Timestamptz(null=True)


class ActivityChange(Table, db=DB, tablename="activity_change"):
    id = UUID(primary_key=True)
    activity_id = ForeignKey(Activity, on_delete=OnDelete.restrict, null=False)
    before = JSONB()
    after = JSONB()
    made_by = UUID(null=True)
    made_at = Timestamptz()
    undone_at = Timestamptz(null=True)


class ActivityMention(Table, db=DB, tablename="activity_mention"):
    id = UUID(primary_key=True)
    activity_id = ForeignKey(Activity, on_delete=OnDelete.restrict, null=False)
    account_id = UUID()
    made_by = UUID(null=True)
    made_at = Timestamptz()
    seen_at = Timestamptz(null=True)


class ServiceCodeRow(Table, db=DB, tablename="service_code"):
    id = UUID(primary_key=True)
    code = Text()
    name_en = Text()
    name_es = Text()
    citation = Text()
    source = Text()
    first_day = Date()
    last_day = Date(null=True)
    kinds = Array(base_column=Text())
    made_by = UUID(null=True)
    made_at = Timestamptz()
    updated_at = Timestamptz()
    version = Integer()


class EngagementRule(Table, db=DB, tablename="engagement_rule"):
    id = UUID(primary_key=True)
    kind = Text()
    outcome = Text()
    level = Integer(null=True)
    first_day = Date(null=True)
    last_day = Date(null=True)
    source = Text()
    made_by = UUID(null=True)
    made_at = Timestamptz()


class Task(Table, db=DB, tablename="task"):
    id = UUID(primary_key=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    employer_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=True)
    engagement_id = UUID(null=True)
    title = Text()
    due = Date(null=True)
    assignee_id = UUID(null=True)
    done_at = Timestamptz(null=True)
    done_by = UUID(null=True)
    created_by = UUID(null=True)
    created_at = Timestamptz()
    version = Integer()
    note = Text()
    repeats = Text()
    repeat_day = Integer(null=True)
    follows_id = UUID(null=True)
    dropped_at = Timestamptz(null=True)
    obligation = Text()
    obligation_due = Date(null=True)


class CalendarFeed(Table, db=DB, tablename="calendar_feed"):
    id = UUID(primary_key=True)
    account_id = UUID()
    secret_hash = Bytea()
    made_at = Timestamptz()
    revoked_at = Timestamptz(null=True)


class ContactStop(Table, db=DB, tablename="contact_stop"):
    id = UUID(primary_key=True)
    contact_id = UUID(null=True)
    employer_id = UUID(null=True)
    channel = Text()
    board_id = UUID(null=True)
    reason = Text()
    until = Date(null=True)
    made_at = Timestamptz()
    made_by = UUID(null=True)
    lifted_at = Timestamptz(null=True)
    lifted_by = UUID(null=True)


class OutreachClaim(Table, db=DB, tablename="outreach_claim"):
    id = UUID(primary_key=True)
    employer_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    account_id = UUID(null=True)
    purpose = Text()
    claimed_at = Timestamptz()
    expires_at = Timestamptz()
    released_at = Timestamptz(null=True)


class SharedTimeline(Table, db=DB, tablename="shared_timeline"):
    id = UUID(primary_key=True)
    employer_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    from_board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    to_board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    purpose = Text()
    until = Date()
    made_at = Timestamptz()
    made_by = UUID(null=True)
    revoked_at = Timestamptz(null=True)


class SharedPart(Table, db=DB, tablename="shared_part"):
    id = UUID(primary_key=True)
    employer_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    from_board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    to_board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    activity_id = UUID(null=True)
    parts = Array(base_column=Text())
    purpose = Text()
    until = Date()
    made_at = Timestamptz()
    made_by = UUID(null=True)
    revoked_at = Timestamptz(null=True)


def _own_or_shared(actor: Actor, alias: str) -> Sql:
    """Of one's own board, or of one that lets it read along with this employer, or read this entry, until a day."""
    boards = sorted(actor.board_ids, key=str)
    return Sql(
        f"({{}} or exists (select from shared_timeline h where h.to_board_id = any({{}}) and h.employer_id = {alias}.employer_id "
        f"and h.from_board_id = {alias}.board_id and h.revoked_at is null and h.until >= {{}}) "
        f"or exists (select from shared_part h where h.to_board_id = any({{}}) and h.employer_id = {alias}.employer_id "
        f"and h.activity_id = {alias}.id and h.revoked_at is null and h.until >= {{}}))",
        own_board()(actor, alias), boards, agency_today(), boards, agency_today(),
    )  # fmt: skip


def _of_activity(scope: Scope) -> Scope:
    """What hangs on an activity is seen by those who see the activity."""

    def of_activity(actor: Actor, alias: str) -> Sql:
        return Sql(f"exists (select from activity y where y.id = {alias}.activity_id and {{}})", scope(actor, "y"))

    return of_activity


def _either_board(actor: Actor, alias: str) -> Sql:
    boards = sorted(actor.board_ids, key=str)
    return Sql(f"({alias}.from_board_id = any({{}}) or {alias}.to_board_id = any({{}}))", boards, boards)


_STATE = dict.fromkeys((Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR), everything)
_BOARD = dict.fromkeys((Role.BOARD_MANAGER, Role.BOARD_STAFF), own_board())
_EVERYONE = dict.fromkeys(
    (Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR, Role.BOARD_MANAGER, Role.BOARD_STAFF, Role.PARTNER), everything
)

see(Sight("pipeline", scopes=_EVERYONE))
for _table in ("service_code", "engagement_rule"):
    see(Sight(_table, scopes=_EVERYONE))
see(Sight("stage", scopes=_EVERYONE))
# Other boards see that someone is in touch (counts on the employer page), never what was said.
for _table in ("engagement", "task"):
    see(Sight(_table, scopes=_STATE | _BOARD))
_READING = (Role.BOARD_MANAGER, Role.BOARD_STAFF)
see(Sight("activity", scopes=_STATE | dict.fromkeys(_READING, _own_or_shared)))
for _table in ("activity_file", "activity_change"):
    see(Sight(_table, scopes=_STATE | dict.fromkeys(_READING, _of_activity(_own_or_shared))))
# a wish, and who leads, is for everyone to know who might get in touch
_TOUCHING = dict.fromkeys((Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR, *_READING), everything)
see(Sight("contact_stop", scopes=_TOUCHING))
see(Sight("outreach_claim", scopes=_TOUCHING))
for _table in ("shared_timeline", "shared_part"):
    see(Sight(_table, scopes=_STATE | dict.fromkeys(_READING, _either_board)))
_WORKING = (Role.STATE_ADMIN, Role.BOARD_MANAGER, Role.BOARD_STAFF)
see(Sight("activity_mention", scopes=dict.fromkeys(_WORKING, own_account())))
see(Sight("calendar_feed", scopes=dict.fromkeys(_WORKING, own_account()),
          hidden=dict.fromkeys(_WORKING, frozenset({"secret_hash"}))))  # fmt: skip
