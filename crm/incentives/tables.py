"""Saved estimates."""

from piccolo.columns import JSONB, UUID, Date, ForeignKey, Integer, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Role, Sight, everything, own_board, see
from crm.database import DB
from crm.employers.tables import Employer


class EstimateRow(Table, db=DB, tablename="estimate"):
    id = UUID(primary_key=True)
    employer_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    establishment_id = UUID(null=True)
    board_id = UUID(null=True)
    as_of = Date()
    facts = JSONB()
    result = JSONB()
    created_by = UUID(null=True)
    created_at = Timestamptz()
    updated_at = Timestamptz()
    version = Integer()


# The facts name a person's target group: they stay with the board that asked, and with the state office.
see(
    Sight(
        "estimate",
        scopes={Role.STATE_ADMIN: everything, Role.AUDITOR: everything}
        | dict.fromkeys((Role.BOARD_MANAGER, Role.BOARD_STAFF), own_board()),
    )
)
