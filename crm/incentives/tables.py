"""Hires, what is told of them, links to their screenings, estimates, cases with their moves, steps and files, and drafts of rules that were tried."""

from piccolo.columns import JSONB, UUID, Array, Boolean, Bytea, Date, ForeignKey, Integer, Numeric, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Actor, Role, Scope, Sight, everything, own_board, see
from crm.boards.tables import Board
from crm.database import DB
from crm.employers.tables import Employer, StoredFile
from crm.sealed_columns import SealedColumn, sealed
from crm.sql import Sql


class Hire(Table, db=DB, tablename="hire"):
    id = UUID(primary_key=True)
    employer_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    establishment_id = UUID(null=True)
    label = Text()
    job_title = Text()
    starts_on = Date(null=True)
    state = Text()
    made_by = UUID(null=True)
    made_at = Timestamptz()
    updated_at = Timestamptz()
    archived_at = Timestamptz(null=True)
    version = Integer()
    shared_at = Timestamptz(null=True)
    shared_by = UUID(null=True)


class HireFact(Table, db=DB, tablename="hire_fact"):
    id = UUID(primary_key=True)
    hire_id = ForeignKey(Hire, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    key = Text()
    value = Text(null=True)
    value_sealed = Bytea(null=True)
    source = Text()
    told_by = UUID(null=True)
    told_at = Timestamptz()
    replaced_at = Timestamptz(null=True)
    employer_sees = Boolean()


class ScreeningLink(Table, db=DB, tablename="screening_link"):
    id = UUID(primary_key=True)
    hire_id = ForeignKey(Hire, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    secret_hash = Bytea()
    language = Text()
    until = Date()
    made_by = UUID(null=True)
    made_at = Timestamptz()
    revoked_at = Timestamptz(null=True)
    revoked_by = UUID(null=True)


class LearnerLink(Table, db=DB, tablename="learner_link"):
    id = UUID(primary_key=True)
    hire_id = ForeignKey(Hire, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    secret_hash = Bytea()
    language = Text()
    until = Date()
    made_by = UUID(null=True)
    made_at = Timestamptz()
    revoked_at = Timestamptz(null=True)
    revoked_by = UUID(null=True)


class EstimateRow(Table, db=DB, tablename="estimate"):
    id = UUID(primary_key=True)
    employer_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    hire_id = ForeignKey(Hire, on_delete=OnDelete.restrict, null=True)
    establishment_id = UUID(null=True)
    board_id = UUID(null=True)
    as_of = Date()
    facts = JSONB()
    result = JSONB()
    content_sealed = Bytea(null=True)
    created_by = UUID(null=True)
    created_at = Timestamptz()
    updated_at = Timestamptz()
    version = Integer()


class IncentiveCase(Table, db=DB, tablename="incentive_case"):
    id = UUID(primary_key=True)
    hire_id = ForeignKey(Hire, on_delete=OnDelete.restrict, null=False)
    employer_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    program = Text()
    owner_id = UUID(null=True)
    estimate_id = ForeignKey(EstimateRow, on_delete=OnDelete.restrict, null=False)
    state = Text()
    state_since = Date()
    due = Date(null=True)
    estimated = Numeric(digits=(14, 2), null=True)
    certified = Numeric(digits=(14, 2), null=True)
    paid = Numeric(digits=(14, 2), null=True)
    by_year = JSONB(null=True)
    law_changed_on = Date(null=True)
    made_by = UUID(null=True)
    made_at = Timestamptz()
    updated_at = Timestamptz()
    version = Integer()


class CaseMove(Table, db=DB, tablename="case_move"):
    id = UUID(primary_key=True)
    case_id = ForeignKey(IncentiveCase, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    from_state = Text()
    to_state = Text()
    on_day = Date()
    amount = Numeric(digits=(14, 2), null=True)
    reason = Text()
    against = Array(base_column=Text())
    made_by = UUID(null=True)
    made_at = Timestamptz()
    undone_at = Timestamptz(null=True)
    undone_by = UUID(null=True)


class ClaimedElsewhere(Table, db=DB, tablename="claimed_elsewhere"):
    id = UUID(primary_key=True)
    employer_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    program = Text()
    year = Integer()
    amount = Numeric(digits=(14, 2), null=True)
    people = Integer(null=True)
    source = Text()
    on_day = Date()
    told_by = UUID(null=True)
    told_at = Timestamptz()
    removed_at = Timestamptz(null=True)
    removed_by = UUID(null=True)


class CaseItem(Table, db=DB, tablename="case_item"):
    id = UUID(primary_key=True)
    case_id = ForeignKey(IncentiveCase, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    item = Text()
    done_at = Timestamptz(null=True)
    done_by = UUID(null=True)


class CaseFile(Table, db=DB, tablename="case_file"):
    id = UUID(primary_key=True)
    case_id = ForeignKey(IncentiveCase, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    file_id = ForeignKey(StoredFile, on_delete=OnDelete.restrict, null=False)
    signed = Boolean()
    note = Text()
    added_by = UUID(null=True)
    added_at = Timestamptz()
    removed_at = Timestamptz(null=True)


class RuleTrial(Table, db=DB, tablename="rule_trial"):
    id = UUID(primary_key=True)
    kind = Text()
    drafts = JSONB()
    year = Integer(null=True)
    file_id = ForeignKey(StoredFile, on_delete=OnDelete.restrict, null=True)
    reads_sealed = Boolean()
    job_id = UUID(null=True)
    result = JSONB(null=True)
    detail_sealed = Bytea(null=True)
    made_by = UUID(null=True)
    made_at = Timestamptz()
    finished_at = Timestamptz(null=True)


class BlankFormRow(Table, db=DB, tablename="blank_form"):
    id = UUID(primary_key=True)
    program = Text()
    title = Text()
    edition = Text()
    file_id = ForeignKey(StoredFile, on_delete=OnDelete.restrict, null=False)
    fields = JSONB()
    mapping = JSONB()
    made_by = UUID(null=True)
    made_at = Timestamptz()
    updated_at = Timestamptz()
    removed_at = Timestamptz(null=True)
    version = Integer()


sealed(SealedColumn("hire_fact", "value_sealed", "value"))
sealed(SealedColumn("estimate", "content_sealed", "content"))
sealed(SealedColumn("rule_trial", "detail_sealed", "detail"))

# What is told of a hire names a person's target group: it stays with the board that asked, and with the state's administrators.
# Auditors see that it was told, and what came of it, without what is sealed. Employers see what their board shares with them.
IN_PORTAL = ("submitted", "certified", "paid", "denied", "appealed")  # cases that were handed in, which an employer does with the board
_BOARD = dict.fromkeys((Role.BOARD_MANAGER, Role.BOARD_STAFF), own_board())
_STAFF = {Role.STATE_ADMIN: everything, Role.AUDITOR: everything} | _BOARD


def _shared(actor: Actor, alias: str) -> Sql:
    return Sql(f"{alias}.shared_at is not null and {alias}.archived_at is null and {alias}.employer_id = any({{}})", sorted(actor.employer_ids, key=str))


def _of_shared(condition: Sql) -> Scope:
    """Rows of a hire that is shared, for which the condition holds too."""

    def scope(actor: Actor, alias: str) -> Sql:
        return Sql(f"{alias}.{{}} and {alias}.hire_id in (select s.id from hire s where {{}})", condition, _shared(actor, "s"))

    return scope


def _told_by_sharing(actor: Actor, alias: str) -> Sql:
    """What the employer claimed elsewhere and told a board that shares a hire with it, as far as it counts."""
    return Sql(f"{alias}.removed_at is null and exists (select from hire s where s.employer_id = {alias}.employer_id and s.board_id = {alias}.board_id and {{}})",
               _shared(actor, "s"))  # fmt: skip


def _employers(scope: Scope) -> dict[Role, Scope]:
    return dict.fromkeys((Role.EMPLOYER_OWNER, Role.EMPLOYER_MEMBER), scope)


for _table, _hidden, _portal in (
    ("hire", "", _employers(_shared)), ("hire_fact", "value_sealed", _employers(_of_shared(Sql("employer_sees")))), ("screening_link", "", {}),
    ("learner_link", "", {}), ("estimate", "content_sealed", {}),
    ("incentive_case", "", _employers(_of_shared(Sql("state = any({})", list(IN_PORTAL))))), ("case_move", "", {}), ("case_item", "", {}),
    ("claimed_elsewhere", "", _employers(_told_by_sharing)),
):  # fmt: skip
    see(Sight(_table, scopes=_STAFF | _portal, hidden=dict.fromkeys((Role.AUDITOR, *_portal), frozenset({_hidden})) if _hidden else {}))
see(Sight("case_file", scopes={Role.STATE_ADMIN: everything} | _BOARD))
# What a draft would bring is the state office's. Analysts see sums alone: answer by answer it may say why someone belongs to a group.
see(Sight("rule_trial", scopes=dict.fromkeys((Role.STATE_ADMIN, Role.STATE_ANALYST), everything), hidden={Role.STATE_ANALYST: frozenset({"detail_sealed"})}))
# An agency's blank form tells of no one.
see(Sight("blank_form", scopes=dict.fromkeys((Role.STATE_ADMIN, Role.AUDITOR, Role.BOARD_MANAGER, Role.BOARD_STAFF), everything)))
