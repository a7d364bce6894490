"""Who asks, and the one gate to every row and field.

A feature declares who sees which rows of its tables (`see`), beside the table. Everything that reads goes
through `visible`, `load` and `hidden_fields`; what is not theirs answers as if it did not exist.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from crm.database import Login, Record, fetch_one
from crm.errors import Denied, NotFound, SignInNeeded
from crm.sql import EMPTY, FALSE, TRUE, Sql, either
from crm.translation import _


class Role(StrEnum):
    STATE_ADMIN = "state_admin"
    STATE_ANALYST = "state_analyst"
    BOARD_MANAGER = "board_manager"
    BOARD_STAFF = "board_staff"
    PARTNER = "partner"
    AUDITOR = "auditor"
    EMPLOYER_OWNER = "employer_owner"
    EMPLOYER_MEMBER = "employer_member"


class ActorKind(StrEnum):
    STAFF = "staff"
    EMPLOYER = "employer"
    PARTNER = "partner"
    TOKEN = "token"
    JOB = "job"
    PLUGIN = "plugin"
    NOBODY = "nobody"


class Permission(StrEnum):
    """What a role may do. Which rows it may do it to is the gate's to say."""

    SEE_DIRECTORY = "see_directory"
    EDIT_EMPLOYERS = "edit_employers"
    SEE_CONTACTS = "see_contacts"
    SEE_FEIN = "see_fein"
    WORK_PIPELINE = "work_pipeline"
    SEE_PIPELINE = "see_pipeline"
    MANAGE_PIPELINES = "manage_pipelines"
    IMPORT = "import"
    ESTIMATE = "estimate"
    TRY_RULES = "try_rules"
    EDIT_TERRITORIES = "edit_territories"
    EDIT_BOARDS = "edit_boards"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_PLUGINS = "manage_plugins"
    MANAGE_FIELDS = "manage_fields"
    SEE_JOBS = "see_jobs"
    SEE_AUDIT = "see_audit"
    SEE_SETTINGS = "see_settings"
    USE_PORTAL = "use_portal"
    EDIT_IN_PORTAL = "edit_in_portal"


_BOARD_STAFF = {
    Permission.SEE_DIRECTORY, Permission.EDIT_EMPLOYERS, Permission.SEE_CONTACTS, Permission.WORK_PIPELINE,
    Permission.SEE_PIPELINE, Permission.IMPORT, Permission.ESTIMATE, Permission.EDIT_TERRITORIES,
}  # fmt: skip
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.STATE_ADMIN: frozenset(Permission) - {Permission.USE_PORTAL, Permission.EDIT_IN_PORTAL},
    Role.STATE_ANALYST: frozenset(
        {Permission.SEE_DIRECTORY, Permission.SEE_CONTACTS, Permission.SEE_PIPELINE, Permission.TRY_RULES}
    ),
    Role.BOARD_MANAGER: frozenset(_BOARD_STAFF | {Permission.SEE_FEIN, Permission.MANAGE_PEOPLE, Permission.EDIT_BOARDS, Permission.MANAGE_PIPELINES}),
    Role.BOARD_STAFF: frozenset(_BOARD_STAFF),
    Role.PARTNER: frozenset({Permission.SEE_DIRECTORY}),
    Role.AUDITOR: frozenset(
        {
            Permission.SEE_DIRECTORY, Permission.SEE_CONTACTS, Permission.SEE_PIPELINE, Permission.SEE_AUDIT,
            Permission.SEE_JOBS, Permission.SEE_SETTINGS,
        }
    ),
    Role.EMPLOYER_OWNER: frozenset({Permission.USE_PORTAL, Permission.EDIT_IN_PORTAL}),
    Role.EMPLOYER_MEMBER: frozenset({Permission.USE_PORTAL}),
}  # fmt: skip


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever acts. Rights are read anew for each request and each job, never kept in a token or a cache."""

    kind: ActorKind
    name: str
    account_id: UUID | None = None
    roles: frozenset[Role] = frozenset()
    board_ids: frozenset[UUID] = frozenset()
    managed_board_ids: frozenset[UUID] = frozenset()
    employer_ids: frozenset[UUID] = frozenset()
    partner_id: UUID | None = None
    session_id: UUID | None = None
    session_secret: str | None = None
    token_id: UUID | None = None
    permissions: frozenset[Permission] | None = None  # a token may do no more than this
    stepped_up: bool = False
    language: str = "en"
    density: str = "comfortable"

    @property
    def is_signed_in(self) -> bool:
        return self.account_id is not None

    @property
    def is_staff(self) -> bool:
        return self.kind in {ActorKind.STAFF, ActorKind.PARTNER}

    @property
    def is_employer(self) -> bool:
        return bool(self.employer_ids) and not self.board_ids

    @property
    def login(self) -> Login:
        return Login.PORTAL if self.kind is ActorKind.EMPLOYER else Login.APP

    @property
    def home_board(self) -> UUID | None:
        """The board on whose behalf this person works, where there is just one answer."""
        return min(self.board_ids, default=None, key=str)


NOBODY = Actor(kind=ActorKind.NOBODY, name="nobody")
SYSTEM = Actor(kind=ActorKind.JOB, name="the program", roles=frozenset({Role.STATE_ADMIN}))


def may(actor: Actor, permission: Permission) -> bool:
    if actor.permissions is not None and permission not in actor.permissions:
        return False
    return any(permission in PERMISSIONS[role] for role in actor.roles)


def require(actor: Actor, permission: Permission) -> None:
    """Raises `SignInNeeded` for a visitor and `Denied` for a person without the right."""
    if may(actor, permission):
        return
    if not actor.is_signed_in:
        raise SignInNeeded(_("Please sign in to see this page."))
    raise Denied(_("Your role does not include this. Ask your board's manager if you need it."))


def may_work_for(actor: Actor, board_id: UUID | None) -> bool:
    """True where the actor may change what belongs to the board."""
    return Role.STATE_ADMIN in actor.roles or (board_id is not None and board_id in actor.board_ids)


def may_manage(actor: Actor, board_id: UUID | None) -> bool:
    """True where the actor may change the board itself: its name, area and partners."""
    return Role.STATE_ADMIN in actor.roles or (board_id is not None and board_id in actor.managed_board_ids)


Scope = Callable[[Actor, str], Sql]


def everything(actor: Actor, alias: str) -> Sql:
    return TRUE


def own_board(column: str = "board_id") -> Scope:
    def scope(actor: Actor, alias: str) -> Sql:
        boards = sorted(actor.board_ids, key=str)
        if len(boards) == 1:
            # an index keeps its order for one value, not for any of several
            return Sql(f"{alias}.{column} = {{}}", boards[0])
        return Sql(f"{alias}.{column} = any({{}})", boards)

    return scope


def own_employer(column: str = "employer_id") -> Scope:
    def scope(actor: Actor, alias: str) -> Sql:
        return Sql(f"{alias}.{column} = any({{}})", sorted(actor.employer_ids, key=str))

    return scope


def own_account(column: str = "account_id") -> Scope:
    def scope(actor: Actor, alias: str) -> Sql:
        return Sql(f"{alias}.{column} = {{}}", actor.account_id)

    return scope


class Sight(msgspec.Struct, frozen=True):
    """Who sees which rows of a table, and which of its columns each role does not see."""

    table: str
    scopes: Mapping[Role, Scope]
    hidden: Mapping[Role, frozenset[str]] = msgspec.field(default_factory=dict)


_sights: dict[str, Sight] = {}


def see(sight: Sight) -> Sight:
    """Declare the sight of a table. A second declaration of one table is a mistake in the program."""
    if _sights.get(sight.table, sight) != sight:
        raise RuntimeError(f"The table '{sight.table}' has two sights; keep the one beside its table.")
    _sights[sight.table] = sight
    return sight


def sights() -> Mapping[str, Sight]:
    return _sights


def visible(actor: Actor, table: str, alias: str | None = None) -> Sql:
    """A boolean piece of SQL: the rows of the table that the actor may see."""
    scopes = _sights[table].scopes
    found = [scopes[role] for role in sorted(actor.roles) if role in scopes]
    if everything in found:
        return TRUE
    return either([scope(actor, alias or table) for scope in found]) if found else FALSE


def hidden_fields(actor: Actor, table: str) -> frozenset[str]:
    """The columns that none of the actor's roles shows. They cannot be sorted, filtered or searched either."""
    sight = _sights[table]
    roles = [role for role in actor.roles if role in sight.scopes]
    hidden = [sight.hidden.get(role, frozenset()) for role in roles]
    return frozenset.intersection(*hidden) if hidden else frozenset()


async def load(actor: Actor, table: str, row_id: UUID, *, for_update: bool = False, beside: Sql = EMPTY) -> dict[str, Any]:
    """One row that the actor may see, without the columns hidden from them; `beside`: more to select. Raises `NotFound`."""
    lock = " for update" if for_update else ""
    row: Record | None = await fetch_one(
        Sql(f"select t.*{{}} from {table} t where t.id = {{}} and {{}}{lock}", beside, row_id, visible(actor, table, "t"))
    )
    if row is None:
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    hidden = hidden_fields(actor, table)
    return {key: value for key, value in row.items() if key not in hidden}
