"""Figures counted ahead, and how many establishments there are in all."""

from piccolo.columns import UUID, BigInt, Date, ForeignKey, Integer, Numeric, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Role, Sight, everything, own_board, see
from crm.boards.tables import Board
from crm.database import DB


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


_STATE = dict.fromkeys((Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR), everything)
_BOARD = dict.fromkeys((Role.BOARD_MANAGER, Role.BOARD_STAFF), own_board())
# a board sees its own figures; those of the state and of others are the state's
for _table in ("report_figure", "report_row", "establishment_total"):
    see(Sight(_table, scopes=_STATE | _BOARD))
