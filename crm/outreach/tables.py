"""Words, mailings, and what became of each mail."""

from piccolo.columns import JSONB, UUID, Array, Bytea, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Actor, Role, Sight, everything, own_board, see
from crm.boards.tables import Board
from crm.database import DB
from crm.sql import Sql


class EmailTemplate(Table, db=DB, tablename="email_template"):
    id = UUID(primary_key=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    name = Text()
    subject_en = Text()
    body_en = Text()
    subject_es = Text()
    body_es = Text()
    archived_at = Timestamptz(null=True)
    updated_at = Timestamptz()
    version = Integer()


class Mailing(Table, db=DB, tablename="mailing"):
    id = UUID(primary_key=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    name = Text()
    subject_en = Text()
    body_en = Text()
    subject_es = Text()
    body_es = Text()
    chosen = JSONB()
    event_id = UUID(null=True)
    state = Text()
    made_by = UUID(null=True)
    made_at = Timestamptz()
    started_at = Timestamptz(null=True)
    ended_at = Timestamptz(null=True)


class MailingRecipient(Table, db=DB, tablename="mailing_recipient"):
    id = UUID(primary_key=True)
    mailing_id = ForeignKey(Mailing, on_delete=OnDelete.restrict, null=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    employer_id = UUID()
    contact_id = UUID()
    email = Text()
    language = Text()
    state = Text()
    reason = Text()
    tries = Integer()
    message_id = Text()
    token_hashes = Array(base_column=Bytea())
    sent_at = Timestamptz(null=True)
    enrolment_id = UUID(null=True)
    step_id = UUID(null=True)


class Sequence(Table, db=DB, tablename="sequence"):
    id = UUID(primary_key=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    name = Text()
    then_sequence_id = UUID(null=True)
    archived_at = Timestamptz(null=True)
    updated_at = Timestamptz()
    version = Integer()


class SequenceStep(Table, db=DB, tablename="sequence_step"):
    id = UUID(primary_key=True)
    sequence_id = ForeignKey(Sequence, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    position = Integer()
    kind = Text()
    wait_days = Integer()
    title = Text()
    assignee_id = UUID(null=True)
    subject_en = Text()
    body_en = Text()
    subject_es = Text()
    body_es = Text()
    archived_at = Timestamptz(null=True)
    version = Integer()


class SequenceHold(Table, db=DB, tablename="sequence_hold"):
    id = UUID(primary_key=True)
    sequence_id = ForeignKey(Sequence, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    made_by = UUID(null=True)
    made_at = Timestamptz()


class EnrolmentBatch(Table, db=DB, tablename="enrolment_batch"):
    id = UUID(primary_key=True)
    sequence_id = ForeignKey(Sequence, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    chosen = JSONB()
    state = Text()
    made_by = UUID(null=True)
    made_at = Timestamptz()


class Enrolment(Table, db=DB, tablename="enrolment"):
    id = UUID(primary_key=True)
    batch_id = ForeignKey(EnrolmentBatch, on_delete=OnDelete.restrict, null=False)
    sequence_id = ForeignKey(Sequence, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    employer_id = UUID()
    contact_id = UUID()
    engagement_id = UUID(null=True)
    state = Text()
    reason = Text()
    detail = Text()
    due_at = Timestamptz(null=True)
    since = Timestamptz()
    made_by = UUID(null=True)
    ended_at = Timestamptz(null=True)


class EnrolmentStep(Table, db=DB, tablename="enrolment_step"):
    id = UUID(primary_key=True)
    enrolment_id = ForeignKey(Enrolment, on_delete=OnDelete.restrict, null=False)
    step_id = ForeignKey(SequenceStep, on_delete=OnDelete.restrict, null=False)
    task_id = UUID(null=True)
    letter = JSONB(null=True)
    at = Timestamptz()


def _own_or_states(actor: Actor, alias: str) -> Sql:
    return Sql(f"({alias}.board_id is null or {{}})", own_board()(actor, alias))


_STATE = dict.fromkeys((Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR), everything)
_BOARD = (Role.BOARD_MANAGER, Role.BOARD_STAFF)
for _table in ("email_template", "sequence", "sequence_step"):
    see(Sight(_table, scopes=_STATE | dict.fromkeys(_BOARD, _own_or_states)))
for _table in ("sequence_hold", "enrolment_batch", "enrolment"):
    see(Sight(_table, scopes=_STATE | dict.fromkeys(_BOARD, own_board())))
for _table in ("mailing", "mailing_recipient"):
    see(Sight(_table, scopes=_STATE | dict.fromkeys(_BOARD, own_board()), hidden=dict.fromkeys(Role, frozenset({"token_hashes"}))))
