"""Accounts: inviting, granting, disabling."""

from uuid import UUID

import msgspec

from crm import mail, sessions
from crm.access import NOBODY, Actor, Permission, Role, require
from crm.accounts import notices
from crm.actions import Act, acting
from crm.database import execute, fetch_one, fetch_value, transaction
from crm.errors import Conflict, Denied, NotFound
from crm.sessions import INVITATION_LINK, Link
from crm.sql import Sql
from crm.translation import _

BOARD_ROLES = frozenset({Role.BOARD_MANAGER, Role.BOARD_STAFF})
EMPLOYER_ROLES = frozenset({Role.EMPLOYER_OWNER, Role.EMPLOYER_MEMBER})


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    email: str
    name: str
    role: Role
    board_id: UUID | None = None
    partner_id: UUID | None = None
    employer_id: UUID | None = None
    language: str = "en"


async def make_account(act: Act, invitation: Invitation, *, demonstration: bool = False) -> UUID:
    """The account (found by its address, or new) with the role granted, inside the open action."""
    kind = {Role.PARTNER: "partner"}.get(invitation.role, "employer" if invitation.role in EMPLOYER_ROLES else "staff")
    known = await fetch_one("select id, kind from account where email = $1", invitation.email)
    if known and known["kind"] != kind:
        raise Conflict(_("This address already signs in as another kind of person. Use another address."))
    account_id: UUID = (
        known["id"]
        if known
        else await fetch_value(
            "insert into account (email, name, kind, language, demonstration) values ($1, $2, $3, $4, $5) returning id",
            invitation.email, invitation.name, kind, invitation.language, demonstration,
        )
    )  # fmt: skip
    await execute(
        "insert into role_grant (account_id, role, board_id, partner_id, employer_id, granted_by) "
        "select $1, $2, $3, $4, $5, $6 where not exists (select from role_grant where account_id = $1 and role = $2 "
        "and board_id is not distinct from $3 and partner_id is not distinct from $4 "
        "and employer_id is not distinct from $5 and revoked_at is null)",
        account_id, invitation.role, invitation.board_id, invitation.partner_id, invitation.employer_id,
        act.actor.account_id,
    )  # fmt: skip
    act.record("account", account_id, board_id=invitation.board_id, employer_id=invitation.employer_id,
               after={"role": invitation.role, "kind": kind})  # fmt: skip
    return account_id


async def invite(actor: Actor, invitation: Invitation) -> UUID:
    """Invite a person by a mailed link that works once within a week. One who has joined keeps their password."""
    _may_grant(actor, invitation)
    async with acting(actor, "account.invited") as act:
        await _check_partner(actor, invitation)
        account_id = await make_account(act, invitation)
        if await _has_joined(account_id):
            await notices.tell(act, account_id, notices.ROLE_ADDED)
        else:
            await _mail_invitation(act, account_id)
        act.event("account_invited", account_id=account_id)
    return account_id


async def invite_again(actor: Actor, account_id: UUID) -> None:
    """A new link with which the person chooses a password: the old one was lost, or the password was."""
    require(actor, Permission.MANAGE_PEOPLE)
    await check_may_manage(actor, account_id)
    async with acting(actor, "account.invited_again") as act:
        await _mail_invitation(act, account_id)
        act.record("account", account_id)


async def _has_joined(account_id: UUID) -> bool:
    return bool(
        await fetch_value(
            "select password_hash is not null or last_signed_in_at is not null from account where id = $1", account_id
        )
    )


async def _mail_invitation(act: Act, account_id: UUID) -> None:
    person = await fetch_one(
        "select email, name, language from account where id = $1 and disabled_at is null for no key update", account_id
    )
    if person is None:
        raise Conflict(_("This person is disabled. Let them in again first."))
    link = await sessions.make_link("invitation", account_id, INVITATION_LINK)
    await mail.queue_mail(
        act, "invitation", to=str(person["email"]), language=person["language"], account_id=account_id,
        context={"name": person["name"], "code": link.code, "invited_by": act.actor.name,
                 "path": f"/sign-in/invitation/{link.token}"},
    )  # fmt: skip


def _may_grant(actor: Actor, invitation: Invitation) -> None:
    """A manager grants the roles of their own board, its partners and of employers; a state admin grants all."""
    require(actor, Permission.MANAGE_PEOPLE)
    if Role.STATE_ADMIN in actor.roles:
        return
    own = invitation.role in BOARD_ROLES and invitation.board_id in actor.managed_board_ids
    if not own and invitation.role not in EMPLOYER_ROLES and invitation.role is not Role.PARTNER:
        raise Denied(
            _("You manage the people of your own board. Ask the other board's manager.")
            if invitation.role in BOARD_ROLES
            else _("Only the state office grants this role.")
        )


async def _check_partner(actor: Actor, invitation: Invitation) -> None:
    if invitation.role is not Role.PARTNER or Role.STATE_ADMIN in actor.roles:
        return
    board_id = await fetch_value("select board_id from partner where id = $1", invitation.partner_id)
    if board_id not in actor.managed_board_ids:
        raise Denied(_("You manage the partners of your own board. Ask the other board's manager."))


async def create_admin(email: str, name: str) -> Link:
    """A state admin and the link with which they set their password. For the command line."""
    async with acting(NOBODY, "account.invited") as act:
        account_id = await make_account(act, Invitation(email=email, name=name, role=Role.STATE_ADMIN))
        return await sessions.make_link("first_admin", account_id, INVITATION_LINK)


async def disable(actor: Actor, account_id: UUID) -> None:
    """Disable a person: their sessions and links end at once, their work stays."""
    require(actor, Permission.MANAGE_PEOPLE)
    if account_id == actor.account_id:
        raise Conflict(_("You cannot disable yourself. Ask another administrator."))
    await check_may_manage(actor, account_id)
    async with acting(actor, "account.disabled") as act:
        done = await execute(
            "update account set disabled_at = now(), version = version + 1 where id = $1 and disabled_at is null",
            account_id,
        )
        if not done:
            act.unchanged()
            return
        await sessions.close_all(account_id)
        await sessions.revoke_links(account_id)
        act.record("account", account_id, after={"disabled": True})


async def enable(actor: Actor, account_id: UUID) -> None:
    require(actor, Permission.MANAGE_PEOPLE)
    await check_may_manage(actor, account_id)
    async with acting(actor, "account.enabled") as act:
        done = await execute(
            "update account set disabled_at = null, version = version + 1 where id = $1 and disabled_at is not null",
            account_id,
        )
        if not done:
            act.unchanged()
            return
        act.record("account", account_id, after={"disabled": False})


async def revoke(actor: Actor, grant_id: UUID) -> None:
    """Take a role back. It ends with the next request; nothing keeps rights."""
    require(actor, Permission.MANAGE_PEOPLE)
    async with acting(actor, "account.role_revoked") as act:
        grant = await fetch_one(
            Sql("select g.id, g.account_id, g.role, g.board_id, g.employer_id from role_grant g "
                "where g.id = {} and g.revoked_at is null and {}", grant_id, managed_grants(actor))  # fmt: skip
        )
        if grant is None:
            raise NotFound(_("This role was taken back already, or it is not yours to take."))
        if grant["account_id"] == actor.account_id:
            raise Conflict(_("You cannot take a role from yourself. Ask another administrator."))
        await execute("update role_grant set revoked_at = now(), revoked_by = $2 where id = $1", grant_id, actor.account_id)
        act.record("account", grant["account_id"], board_id=grant["board_id"], employer_id=grant["employer_id"],
                   before={"role": grant["role"]})  # fmt: skip


def managed_grants(actor: Actor) -> Sql:
    """A boolean piece of SQL: the role grants `g` that the actor may give and take."""
    if Role.STATE_ADMIN in actor.roles:
        return Sql("true")
    own = sorted(actor.managed_board_ids, key=str)
    return Sql(
        "(coalesce(g.board_id = any({}), false) or exists (select from partner gp where gp.id = g.partner_id and gp.board_id = any({})) "
        "or exists (select from establishment ge where ge.employer_id = g.employer_id and ge.board_id = any({})))",
        own, own, own,
    )  # fmt: skip


async def check_may_manage(actor: Actor, account_id: UUID) -> None:
    """Raises `NotFound` for a person who holds any role that the actor may not give."""
    if Role.STATE_ADMIN in actor.roles:
        return
    async with transaction(read_only=True):
        mine = await fetch_value(
            Sql("select coalesce(bool_and({}), false) from role_grant g where g.account_id = {} and g.revoked_at is null",
                managed_grants(actor), account_id)  # fmt: skip
        )
    if not mine:
        raise NotFound(_("This person is not one of your board's."))
