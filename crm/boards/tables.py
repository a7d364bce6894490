"""Boards, the regions they belong to, the territories they serve, and their partners."""

from piccolo.columns import UUID, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Role, Sight, everything, own_board, see
from crm.database import DB


class Board(Table, db=DB, tablename="board"):
    id = UUID(primary_key=True)
    code = Text()
    name = Text()
    public_name = Text()
    network = Text()
    website = Text()
    phone = Text()
    email = Text()
    address = Text()
    source = Text()
    review_status = Text()
    valid_from = Date(null=True)
    valid_to = Date(null=True)
    created_at = Timestamptz()
    updated_at = Timestamptz()
    version = Integer()


class Region(Table, db=DB, tablename="region"):
    id = UUID(primary_key=True)
    kind = Text()
    code = Text()
    name = Text()
    state = Text()
    source = Text()
    review_status = Text()


class BoardRegion(Table, db=DB, tablename="board_region"):
    id = UUID(primary_key=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    region_id = ForeignKey(Region, on_delete=OnDelete.restrict, null=False)
    valid_from = Date()
    valid_to = Date(null=True)


class Territory(Table, db=DB, tablename="territory"):
    id = UUID(primary_key=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    kind = Text()
    name = Text()
    place_key = Text()
    county = Text()
    state = Text()
    valid_from = Date()
    valid_to = Date(null=True)
    source = Text()
    review_status = Text()
    note = Text()
    changed_by = UUID(null=True)
    created_at = Timestamptz()


class Partner(Table, db=DB, tablename="partner"):
    id = UUID(primary_key=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    kind = Text()
    name = Text()
    city = Text()
    website = Text()
    phone = Text()
    email = Text()
    archived_at = Timestamptz(null=True)
    created_at = Timestamptz()
    updated_at = Timestamptz()
    version = Integer()


_STATE = (Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR)
_STAFF = (*_STATE, Role.BOARD_MANAGER, Role.BOARD_STAFF, Role.PARTNER)
for _table in ("board", "region", "board_region", "territory"):
    see(Sight(_table, scopes=dict.fromkeys(_STAFF, everything)))
see(
    Sight(
        "partner",
        scopes=dict.fromkeys(_STATE, everything)
        | dict.fromkeys((Role.BOARD_MANAGER, Role.BOARD_STAFF, Role.PARTNER), own_board()),
    )
)
