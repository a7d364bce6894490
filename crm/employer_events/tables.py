"""Events and their guests."""

from piccolo.columns import UUID, Array, Boolean, Bytea, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Actor, Role, Sight, everything, own_board, see
from crm.boards.tables import Board
from crm.database import DB
from crm.sql import Sql


class EmployerEvent(Table, db=DB, tablename="employer_event"):
    id = UUID(primary_key=True)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    kind = Text()
    title_en = Text()
    title_es = Text()
    about_en = Text()
    about_es = Text()
    place = Text()
    link = Text()
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    capacity = Integer(null=True)
    seats = Integer()
    shown_to = Text()
    sign_up = Boolean()
    sign_up_code = Text()
    cancelled_at = Timestamptz(null=True)
    cancel_reason = Text()
    closed_at = Timestamptz(null=True)
    closed_by = UUID(null=True)
    made_by = UUID(null=True)
    made_at = Timestamptz()
    updated_at = Timestamptz()
    version = Integer()


class EventGuest(Table, db=DB, tablename="event_guest"):
    id = UUID(primary_key=True)
    event_id = ForeignKey(EmployerEvent, on_delete=OnDelete.restrict, null=False)
    board_id = ForeignKey(Board, on_delete=OnDelete.restrict, null=False)
    employer_id = UUID(null=True)
    contact_id = UUID(null=True)
    given_name = Text()
    family_name = Text()
    email = Text()
    company = Text()
    language = Text()
    source = Text()
    answer = Text()
    people = Integer()
    names = Text()
    access_needs = Text()
    answered_at = Timestamptz(null=True)
    waiting_since = Timestamptz(null=True)
    signed_up_at = Timestamptz(null=True)
    reminded_at = Timestamptz(null=True)
    cancel_told_at = Timestamptz(null=True)
    came_at = Timestamptz(null=True)
    came_by = UUID(null=True)
    activity_id = UUID(null=True)
    token_hashes = Array(base_column=Bytea())
    made_by = UUID(null=True)
    made_at = Timestamptz()
    updated_at = Timestamptz()
    removed_at = Timestamptz(null=True)
    version = Integer()


def _own_or_shown(actor: Actor, alias: str) -> Sql:
    """Of one's own board, or of one that lets the others see it. Who comes is its own in either case."""
    return Sql(f"({alias}.shown_to = 'boards' or {{}})", own_board()(actor, alias))


_OFFICE = (Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR)
_STATE = dict.fromkeys(_OFFICE, everything)
_BOARD = (Role.BOARD_MANAGER, Role.BOARD_STAFF)
_SECRET = frozenset({"token_hashes"})
see(Sight("employer_event", scopes=_STATE | dict.fromkeys(_BOARD, _own_or_shown)))
# what someone needs to take part is for those who organize the event, not for the state office
see(Sight("event_guest", scopes=_STATE | dict.fromkeys(_BOARD, own_board()),
          hidden=dict.fromkeys(_OFFICE, _SECRET | {"access_needs"}) | dict.fromkeys(_BOARD, _SECRET)))  # fmt: skip
