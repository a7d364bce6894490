"""People who sign in, what they may do, and how they prove who they are."""

from piccolo.columns import UUID, Array, BigInt, Boolean, Bytea, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from crm.access import Role, Sight, everything, own_account, own_employer, see
from crm.database import DB
from crm.sealed_columns import SealedColumn, sealed


class Account(Table, db=DB, tablename="account"):
    id = UUID(primary_key=True)
    email = Text()
    name = Text()
    kind = Text()
    language = Text()
    password_hash = Text(null=True)
    totp_sealed = Bytea(null=True)
    totp_last_step = BigInt()
    recovery_hashes = Array(Text())
    density = Text()
    demonstration = Boolean()
    disabled_at = Timestamptz(null=True)
    last_signed_in_at = Timestamptz(null=True)
    created_at = Timestamptz()
    version = Integer()
    digest = Boolean()
    digested_on = Date(null=True)
    start_view_id = UUID(null=True)


class RoleGrant(Table, db=DB, tablename="role_grant"):
    id = UUID(primary_key=True)
    account_id = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    role = Text()
    board_id = UUID(null=True)
    partner_id = UUID(null=True)
    employer_id = UUID(null=True)
    granted_at = Timestamptz()
    granted_by = UUID(null=True)
    revoked_at = Timestamptz(null=True)
    revoked_by = UUID(null=True)


class Passkey(Table, db=DB, tablename="passkey"):
    id = UUID(primary_key=True)
    account_id = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    credential_id = Bytea()
    public_key = Bytea()
    sign_count = BigInt()
    name = Text()
    created_at = Timestamptz()
    last_used_at = Timestamptz(null=True)
    removed_at = Timestamptz(null=True)


class ApiToken(Table, db=DB, tablename="api_token"):
    id = UUID(primary_key=True)
    account_id = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    name = Text()
    secret_hash = Bytea()
    hint = Text()
    may_write = Boolean()
    board_ids = Array(UUID())
    created_at = Timestamptz()
    expires_at = Timestamptz()
    last_used_at = Timestamptz(null=True)
    revoked_at = Timestamptz(null=True)


_SECRETS = frozenset({"password_hash", "totp_sealed", "totp_last_step", "recovery_hashes"})
_STAFF = (Role.STATE_ADMIN, Role.STATE_ANALYST, Role.BOARD_MANAGER, Role.BOARD_STAFF, Role.AUDITOR)

sealed(SealedColumn("account", "totp_sealed", "totp_sealed"))
see(
    Sight(
        "account",
        scopes=dict.fromkeys(_STAFF, everything)
        | {role: own_account("id") for role in (Role.PARTNER, Role.EMPLOYER_OWNER, Role.EMPLOYER_MEMBER)},
        hidden=dict.fromkeys(Role, _SECRETS),
    )
)
see(
    Sight(
        "role_grant",
        scopes=dict.fromkeys((Role.STATE_ADMIN, Role.AUDITOR, Role.BOARD_MANAGER), everything)
        | {Role.EMPLOYER_OWNER: own_employer()},
    )
)
see(Sight("passkey", scopes=dict.fromkeys(Role, own_account()), hidden=dict.fromkeys(Role, frozenset({"public_key"}))))
see(Sight("api_token", scopes=dict.fromkeys(Role, own_account()), hidden=dict.fromkeys(Role, frozenset({"secret_hash"}))))
