"""Views of lists, each someone's own."""

from piccolo.columns import JSONB, UUID, Array, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Actor, Role, Sight, own_account, see
from crm.accounts.tables import Account
from crm.database import DB
from crm.sql import Sql


class SavedView(Table, db=DB, tablename="saved_view"):
    id = UUID(primary_key=True)
    account_id = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    list = Text()
    name = Text()
    filters = JSONB()
    board_ids = Array(base_column=UUID())
    made_at = Timestamptz()
    updated_at = Timestamptz()
    archived_at = Timestamptz(null=True)
    version = Integer()


def _own_or_shared(actor: Actor, alias: str) -> Sql:
    return Sql(f"({{}} or ({alias}.board_ids && {{}}::uuid[] and {alias}.archived_at is null))", own_account()(actor, alias),
               sorted(actor.board_ids, key=str))  # fmt: skip


_STAFF = (Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR, Role.BOARD_MANAGER, Role.BOARD_STAFF)
see(Sight("saved_view", scopes=dict.fromkeys(_STAFF, _own_or_shared) | {Role.PARTNER: own_account()}))
