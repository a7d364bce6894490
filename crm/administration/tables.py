"""Who sees jobs, mail, plugins' states and the record."""

from piccolo.columns import JSONB, UUID, BigInt, Boolean, Integer, Text, Timestamptz
from piccolo.table import Table

from crm.access import Role, Sight, everything, own_account, see
from crm.database import DB
from crm.sealed_columns import SealedColumn, sealed


class JobRow(Table, db=DB, tablename="job"):
    id = UUID(primary_key=True)
    name = Text()
    title = Text()
    title_words = JSONB(null=True)
    arguments = JSONB()
    key = Text(null=True)
    line = Text(null=True)
    state = Text()
    attempt = Integer()
    attempts_allowed = Integer()
    run_after = Timestamptz()
    lease_until = Timestamptz(null=True)
    worker = Text()
    progress_done = BigInt()
    progress_total = BigInt(null=True)
    message = Text()
    result = JSONB(null=True)
    reason = Text()
    actor_kind = Text()
    account_id = UUID(null=True)
    board_id = UUID(null=True)
    created_at = Timestamptz()
    started_at = Timestamptz(null=True)
    finished_at = Timestamptz(null=True)


class PluginState(Table, db=DB, tablename="plugin_state"):
    name = Text(primary_key=True)
    enabled = Boolean()
    settings = JSONB()
    approved_hash = Text(null=True)
    changed_at = Timestamptz()
    changed_by = UUID(null=True)


_EVERY = dict.fromkeys((Role.STATE_ADMIN, Role.AUDITOR), everything)
_OWN = dict.fromkeys((Role.STATE_ANALYST, Role.BOARD_MANAGER, Role.BOARD_STAFF), own_account())

# Progress and results belong to whoever started the job.
see(Sight("job", scopes=_EVERY | _OWN))
see(Sight("plugin_state", scopes=_EVERY))
see(Sight("mail_message", scopes={Role.STATE_ADMIN: everything}, hidden={Role.STATE_ADMIN: frozenset({"sealed"})}))
sealed(SealedColumn("mail_message", "sealed", "sealed"))
see(Sight("audit_entry", scopes=_EVERY))
