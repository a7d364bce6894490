"""Hires, what is told of them, links to their screenings, and estimates."""

from piccolo.columns import JSONB, UUID, Bytea, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Role, Sight, everything, own_board, see
from crm.boards.tables import Board
from crm.database import DB
from crm.employers.tables import Employer
from crm.sealed_columns import SealedColumn, sealed


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


sealed(SealedColumn("hire_fact", "value_sealed", "value"))
sealed(SealedColumn("estimate", "content_sealed", "content"))

# What is told of a hire names a person's target group: it stays with the board that asked, and with the state's administrators.
# Auditors see that it was told, and what came of it, without what is sealed.
_BOARD = dict.fromkeys((Role.BOARD_MANAGER, Role.BOARD_STAFF), own_board())
for _table, _hidden in (("hire", ""), ("hire_fact", "value_sealed"), ("screening_link", ""), ("estimate", "content_sealed")):
    see(Sight(_table, scopes={Role.STATE_ADMIN: everything, Role.AUDITOR: everything} | _BOARD,
              hidden={Role.AUDITOR: frozenset({_hidden})} if _hidden else {}))  # fmt: skip
