"""Figures counted ahead, and how many establishments there are in all."""

from piccolo.columns import UUID, Array, BigInt, Bytea, Date, ForeignKey, Integer, Numeric, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Actor, Role, Sight, everything, own_account, own_board, see
from crm.boards.tables import Board
from crm.database import DB
from crm.sql import Sql


class ReportFigure(Table, db=DB, tablename="report_figure"):
    id = UUID(primary_key=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    measure = Text()
    part = Text()
    value = Numeric()
    counted_at = Timestamptz()


class ReportRow(Table, db=DB, tablename="report_row"):
    id = BigInt(primary_key=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    measure = Text()
    part = Text()
    row_id = UUID()
    employer_id = UUID()
    at = Timestamptz()
    detail = Text()


class EstablishmentTotal(Table, db=DB, tablename="establishment_total"):
    id = UUID(primary_key=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    establishments = Integer()
    source = Text()
    as_of = Date()
    entered_by = UUID(null=True)
    entered_at = Timestamptz()


class ReportSchedule(Table, db=DB, tablename="report_schedule"):
    id = UUID(primary_key=True)
    account_id = UUID()
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    rhythm = Text()
    day = Integer()
    language = Text()
    until = Date(null=True)
    next_on = Date(null=True)
    last_on = Date(null=True)
    mail_id = UUID(null=True)
    problem = Text()
    paused_at = Timestamptz(null=True)
    stopped_at = Timestamptz(null=True)
    stop_hashes = Array(base_column=Bytea())
    made_by = UUID(null=True)
    made_at = Timestamptz()


def _own_or_managed(actor: Actor, alias: str) -> Sql:
    return Sql(f"({alias}.account_id = {{}} or {alias}.board_id = any({{}}))", actor.account_id, sorted(actor.managed_board_ids, key=str))


_STATE = dict.fromkeys((Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR), everything)
_BOARD = dict.fromkeys((Role.BOARD_MANAGER, Role.BOARD_STAFF), own_board())
# a board sees its own figures; those of the state and of others are the state's
for _table in ("report_figure", "report_row", "establishment_total"):
    see(Sight(_table, scopes=_STATE | _BOARD))
see(Sight("report_schedule", scopes=dict.fromkeys((Role.STATE_ADMIN, Role.AUDITOR), everything) | {Role.BOARD_MANAGER: _own_or_managed}
          | dict.fromkeys((Role.STATE_ANALYST, Role.BOARD_STAFF), own_account()), hidden=dict.fromkeys(Role, frozenset({"stop_hashes"}))))  # fmt: skip
