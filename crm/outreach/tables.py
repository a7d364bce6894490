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
    mailing_id = ForeignKey(Mailing, on_delete=OnDelete.restrict, null=False)
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


def _own_or_states(actor: Actor, alias: str) -> Sql:
    return Sql(f"({alias}.board_id is null or {{}})", own_board()(actor, alias))


_STATE = dict.fromkeys((Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR), everything)
_BOARD = (Role.BOARD_MANAGER, Role.BOARD_STAFF)
see(Sight("email_template", scopes=_STATE | dict.fromkeys(_BOARD, _own_or_states)))
for _table in ("mailing", "mailing_recipient"):
    see(Sight(_table, scopes=_STATE | dict.fromkeys(_BOARD, own_board()), hidden=dict.fromkeys(Role, frozenset({"token_hashes"}))))
