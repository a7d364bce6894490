"""Messages that came in, who took part in them, and where they were filed.

That a message came, from whom and when is for the board to know (`email`); what it says (`email_text`, `email_part`) is for
those who took part, and those whom one of them lets read along.
"""

from piccolo.columns import JSONB, UUID, Array, BigInt, Bytea, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm import sealing
from crm.access import Actor, Role, Scope, Sight, everything, own_account, own_board, see
from crm.boards.tables import Board
from crm.database import DB
from crm.days import agency_today
from crm.sealed_columns import SealedColumn, sealed
from crm.sql import Sql


class Mailbox(Table, db=DB, tablename="mailbox"):
    id = UUID(primary_key=True)
    kind = Text()
    name = Text()
    uid_validity = BigInt(null=True)
    last_uid = BigInt()
    run_at = Timestamptz(null=True)
    good_at = Timestamptz(null=True)
    there = Integer()
    problem = Text()
    made_at = Timestamptz()
    retired_at = Timestamptz(null=True)


class Email(Table, db=DB, tablename="email"):
    id = UUID(primary_key=True)
    mailbox_id = ForeignKey(Mailbox, on_delete=OnDelete.restrict, null=False)
    uid = BigInt(null=True)
    recipient = Text()
    account_id = UUID(null=True)
    sha256 = Bytea()
    size = BigInt()
    file_id = UUID(null=True)
    received_at = Timestamptz()
    kept_at = Timestamptz()
    state = Text()
    reason = Text()
    reason_values = JSONB()
    direction = Text()
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    sender = Text()
    sender_name = Text()
    recipients = Array(base_column=Text())
    proof = Text()
    message_id = Text()
    thread = Text()
    content_hash = Bytea(null=True)
    duplicate_of = UUID(null=True)
    decided_at = Timestamptz(null=True)
    decided_by = UUID(null=True)
    version = Integer()


class EmailText(Table, db=DB, tablename="email_text"):
    id = UUID(primary_key=True)
    subject = Text()
    body = Text()


class EmailPart(Table, db=DB, tablename="email_part"):
    id = UUID(primary_key=True)
    email_id = ForeignKey(Email, on_delete=OnDelete.restrict, null=False)
    position = Integer()
    name = Text()
    media_type = Text()
    size = Integer()
    file_id = UUID(null=True)
    note = Text()


class EmailReader(Table, db=DB, tablename="email_reader"):
    id = UUID(primary_key=True)
    email_id = ForeignKey(Email, on_delete=OnDelete.restrict, null=False)
    account_id = UUID(null=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    how = Text()
    seen_at = Timestamptz(null=True)


class EmailFiling(Table, db=DB, tablename="email_filing"):
    id = UUID(primary_key=True)
    email_id = ForeignKey(Email, on_delete=OnDelete.restrict, null=False)
    activity_id = UUID()


class EmailShare(Table, db=DB, tablename="email_share"):
    id = UUID(primary_key=True)
    thread = Text()
    account_id = UUID(null=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    purpose = Text()
    until = Date()
    made_by = UUID()
    made_at = Timestamptz()
    revoked_at = Timestamptz(null=True)


class Dropbox(Table, db=DB, tablename="dropbox"):
    id = UUID(primary_key=True)
    account_id = UUID()
    secret_sealed = Bytea()
    secret_hash = Bytea()
    made_at = Timestamptz()
    revoked_at = Timestamptz(null=True)


def _took_part(column: str) -> Scope:
    """Who wrote or got it, by name or as a board; and with whom one of them shares the conversation until a day."""

    def scope(actor: Actor, alias: str) -> Sql:
        who, boards, message = actor.account_id, sorted(actor.board_ids, key=str), f"{alias}.{column}"
        return Sql(
            f"(exists (select from email_reader r where r.email_id = {message} and (r.account_id = {{}} or r.board_id = any({{}}))) "
            f"or exists (select from email m join email_share h on h.thread = m.thread and h.revoked_at is null and h.until >= {{}} "
            f"join email_reader r on r.email_id = m.id and r.account_id = h.made_by "
            f"where m.id = {message} and (h.account_id = {{}} or h.board_id = any({{}}))))",
            who, boards, agency_today(), who, boards,
        )  # fmt: skip

    return scope


def _took_part_or_no_one_did(column: str) -> Scope:
    """The state office looks after what came to no one: a mailbox's unreadable and unknown messages."""

    def scope(actor: Actor, alias: str) -> Sql:
        return Sql(f"({{}} or not exists (select from email_reader r where r.email_id = {alias}.{column}))", _took_part(column)(actor, alias))

    return scope


def _boards_or_took_part(actor: Actor, alias: str) -> Sql:
    return Sql("({} or {})", own_board()(actor, alias), _took_part("id")(actor, alias))


def _shared(actor: Actor, alias: str) -> Sql:
    boards = sorted(actor.board_ids, key=str)
    return Sql(f"({alias}.made_by = {{}} or {alias}.account_id = {{}} or {alias}.board_id = any({{}}))", actor.account_id, actor.account_id, boards)


_STATE = (Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR)
_BOARD = (Role.BOARD_MANAGER, Role.BOARD_STAFF)
_WORKING = (Role.STATE_ADMIN, *_BOARD)
_METADATA = dict.fromkeys(_STATE, everything) | dict.fromkeys(_BOARD, _boards_or_took_part)
see(Sight("mailbox", scopes=dict.fromkeys((*_STATE, *_BOARD), everything)))
see(Sight("email", scopes=_METADATA))
for _table, _column in (("email_text", "id"), ("email_part", "email_id")):
    see(Sight(_table, scopes={Role.STATE_ADMIN: _took_part_or_no_one_did(_column)} | dict.fromkeys(_BOARD, _took_part(_column))))
see(Sight("email_share", scopes=dict.fromkeys(_WORKING, _shared)))
see(Sight("dropbox", scopes=dict.fromkeys(_WORKING, own_account()), hidden=dict.fromkeys(_WORKING, frozenset({"secret_sealed", "secret_hash"}))))

DROPBOX_SECRET = "dropbox"  # noqa: S105 - what the hash is for
sealed(SealedColumn("dropbox", "secret_sealed", "secret", beside=lambda secret: {"secret_hash": sealing.keyed_hash(secret, DROPBOX_SECRET)}))
