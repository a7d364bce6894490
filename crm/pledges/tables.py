"""Drives, pledges, and what became of their slots."""

from piccolo.columns import UUID, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Actor, Role, Sight, everything, own_board, own_employer, see
from crm.boards.tables import Board
from crm.database import DB
from crm.employers.tables import Employer
from crm.sql import Sql


class PledgeDrive(Table, db=DB, tablename="pledge_drive"):
    id = UUID(primary_key=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=True)
    name_en = Text()
    name_es = Text()
    first_day = Date()
    last_day = Date()
    goal = Integer()
    archived_at = Timestamptz(null=True)
    made_by = UUID(null=True)
    made_at = Timestamptz()
    updated_at = Timestamptz()
    version = Integer()


class Pledge(Table, db=DB, tablename="pledge"):
    id = UUID(primary_key=True)
    drive_id = ForeignKey(PledgeDrive, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    employer_id = ForeignKey(Employer, on_delete=OnDelete.restrict, null=False)
    establishment_id = UUID(null=True)
    contact_id = UUID(null=True)
    kind = Text()
    slots = Integer()
    pay = Text()
    payer = Text()
    first_day = Date(null=True)
    last_day = Date(null=True)
    least_age = Integer(null=True)
    open_to = Text()
    access_note = Text()
    note = Text()
    pledged_on = Date()
    matched = Integer()
    started = Integer()
    completed = Integer()
    withdrawn_at = Timestamptz(null=True)
    withdrawn_by = UUID(null=True)
    withdraw_reason = Text()
    made_by = UUID(null=True)
    made_at = Timestamptz()
    updated_at = Timestamptz()
    version = Integer()


class PledgeProgress(Table, db=DB, tablename="pledge_progress"):
    id = UUID(primary_key=True)
    pledge_id = ForeignKey(Pledge, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    step = Text()
    change = Integer()
    on_day = Date()
    note = Text()
    recorded_by = UUID(null=True)
    recorded_at = Timestamptz()
    undone_at = Timestamptz(null=True)
    undone_by = UUID(null=True)


def _own_or_states(actor: Actor, alias: str) -> Sql:
    return Sql(f"({alias}.board_id is null or {{}})", own_board()(actor, alias))


def _of_own_pledges(actor: Actor, alias: str) -> Sql:
    return Sql(f"exists (select from pledge own where own.drive_id = {alias}.id and {{}})", own_employer()(actor, "own"))


_STATE = dict.fromkeys((Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR), everything)
_BOARD = (Role.BOARD_MANAGER, Role.BOARD_STAFF)
_EMPLOYER = (Role.EMPLOYER_OWNER, Role.EMPLOYER_MEMBER)
see(Sight("pledge_drive", scopes=_STATE | dict.fromkeys(_BOARD, _own_or_states) | dict.fromkeys(_EMPLOYER, _of_own_pledges),
          hidden=dict.fromkeys(_EMPLOYER, frozenset({"goal"}))))  # fmt: skip
see(Sight("pledge", scopes=_STATE | dict.fromkeys(_BOARD, own_board()) | dict.fromkeys(_EMPLOYER, own_employer()),
          hidden=dict.fromkeys(_EMPLOYER, frozenset({"note", "withdraw_reason"}))))  # fmt: skip
see(Sight("pledge_progress", scopes=_STATE | dict.fromkeys(_BOARD, own_board())))
