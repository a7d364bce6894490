"""What was saved, and whether it was proven."""

from piccolo.columns import UUID, Array, BigInt, Numeric, Text, Timestamptz
from piccolo.table import Table

from crm.access import Role, Sight, everything, see
from crm.database import DB


class Backup(Table, db=DB):
    id = UUID(primary_key=True)
    taken_at = Timestamptz()
    file = Text(unique=True)
    size = BigInt()
    row_count = BigInt()
    file_count = BigInt()
    drilled_at = Timestamptz(null=True)
    drill_seconds = Numeric(null=True)
    problems = Array(base_column=Text())
    dropped_at = Timestamptz(null=True)


see(Sight("backup", scopes={Role.STATE_ADMIN: everything, Role.AUDITOR: everything}))
