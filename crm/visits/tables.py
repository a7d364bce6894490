"""Site visits, and drafts that differ from what others saved meanwhile."""

from piccolo.columns import JSONB, UUID, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Role, Sight, everything, own_board, see
from crm.boards.tables import Board
from crm.database import DB
from crm.engagements.tables import Activity


class Visit(Table, db=DB, tablename="visit"):
    id = UUID(primary_key=True)
    activity_id = ForeignKey(Activity, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    account_id = UUID()
    draft_id = UUID()
    outcome = Text()
    notes = Text()
    seen = JSONB()
    task_id = UUID(null=True)
    next_task_id = UUID(null=True)
    made_at = Timestamptz()
    updated_at = Timestamptz()
    updated_by = UUID(null=True)
    made_version = Integer()
    version = Integer()


class VisitProposal(Table, db=DB, tablename="visit_proposal"):
    id = UUID(primary_key=True)
    visit_id = ForeignKey(Visit, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    account_id = UUID()
    draft_id = UUID()
    proposed = JSONB()
    base = Text()
    made_at = Timestamptz()
    settled_at = Timestamptz(null=True)
    settled_by = UUID(null=True)


_STATE = dict.fromkeys((Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR), everything)
_BOARD = dict.fromkeys((Role.BOARD_MANAGER, Role.BOARD_STAFF), own_board())
# what was seen and said stays with the board; a board that lets another read along shares the line on the timeline
for _table in ("visit", "visit_proposal"):
    see(Sight(_table, scopes=_STATE | _BOARD))
