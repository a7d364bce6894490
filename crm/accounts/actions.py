"""Accounts: inviting, granting, disabling, and what a person keeps about their own sign-in."""

import secrets
from uuid import UUID

import msgspec
import pyotp

from crm import sealing, sessions
from crm.access import NOBODY, Actor, Permission, Role, require
from crm.accounts.passwords import hash_password
from crm.accounts.rules import LONGEST, SHORTEST, password_problem
from crm.actions import Act, acting
from crm.database import Record, execute, fetch, fetch_one, fetch_value
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.sessions import INVITATION_LINK, Link
from crm.translation import _

BOARD_ROLES = frozenset({Role.BOARD_MANAGER, Role.BOARD_STAFF})
EMPLOYER_ROLES = frozenset({Role.EMPLOYER_OWNER, Role.EMPLOYER_MEMBER})
RECOVERY_CODES = 10


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


async def invite(actor: Actor, invitation: Invitation) -> tuple[UUID, Link]:
    """Invite a person by a link that works once within a week. The caller mails it, in the same action."""
    _may_grant(actor, invitation)
    async with acting(actor, "account.invited") as act:
        account_id = await make_account(act, invitation)
        link = await sessions.make_link("invitation", account_id, INVITATION_LINK)
        await _mail_invitation(act, account_id, invitation, link)
        act.event("account_invited", account_id=account_id)
    return account_id, link


async def _mail_invitation(act: Act, account_id: UUID, invitation: Invitation, link: Link) -> None:
    from crm import mail

    await mail.queue_mail(
        act, "invitation", to=invitation.email, language=invitation.language, account_id=account_id,
        context={"name": invitation.name, "token": link.token, "code": link.code, "invited_by": act.actor.name,
                 "path": f"/sign-in/invitation/{link.token}"},
    )  # fmt: skip


def _may_grant(actor: Actor, invitation: Invitation) -> None:
    """A manager grants the roles of their own board and of employers; a state admin grants all."""
    require(actor, Permission.MANAGE_PEOPLE)
    if Role.STATE_ADMIN in actor.roles:
        return
    own = invitation.role in BOARD_ROLES and invitation.board_id in actor.managed_board_ids
    if not own and invitation.role not in EMPLOYER_ROLES and invitation.role is not Role.PARTNER:
        raise Denied(_("Only the state office grants this role."))
    if invitation.role in BOARD_ROLES and not own:
        raise Denied(_("You manage the people of your own board. Ask the other board's manager."))


async def accept(token: str, purpose: str, password: str) -> UUID:
    """Set the first password by an invitation or a first-admin link, consuming it."""
    waiting = await _look(token, purpose)
    check_password(password, waiting)
    password_hash = await hash_password(password)
    async with acting(NOBODY, "account.accepted") as act:
        used = await sessions.use_link(token, purpose)
        if used is None:
            raise Invalid(_("This link was used or is too old. Ask for a new one."))
        await execute("update account set password_hash = $2, version = version + 1 where id = $1",
                      used["account_id"], password_hash)  # fmt: skip
        act.record("account", used["account_id"])
    account_id: UUID = used["account_id"]
    return account_id


async def accept_first(token: str, email: str, name: str, password: str) -> UUID:
    """The first admin, by the link that the terminal printed; it names no account yet."""
    check_password(password, None)
    password_hash = await hash_password(password)
    async with acting(NOBODY, "account.accepted") as act:
        used = await sessions.use_link(token, "first_admin")
        if used is None:
            raise Invalid(_("This link was used or is too old. Start the program again for a new one."))
        account_id: UUID = used["account_id"] or await make_account(
            act, Invitation(email=email, name=name, role=Role.STATE_ADMIN)
        )
        await execute("update account set password_hash = $2, name = $3 where id = $1", account_id, password_hash, name)
        act.record("account", account_id)
    return account_id


async def accept_by_code(email: str, code: str, password: str) -> UUID:
    """Accept an invitation by its short code, typed on another device."""
    check_password(password, None)
    password_hash = await hash_password(password)
    async with acting(NOBODY, "account.accepted") as act:
        account_id = await fetch_value("select id from account where email = $1 and disabled_at is null", email)
        if account_id is None or not await sessions.use_code(account_id, "invitation", code):
            act.unchanged()
            account_id = None
        else:
            await execute("update account set password_hash = $2, version = version + 1 where id = $1",
                          account_id, password_hash)  # fmt: skip
            act.record("account", account_id)
    if account_id is None:
        raise Invalid(_("That code is not right or no longer valid. Ask for a new invitation."))
    return UUID(str(account_id))


async def prefer(actor: Actor, language: str, density: str) -> None:
    from crm.accounts.sign_in import _as_app

    async with acting(_as_app(actor), "account.preferred") as act:
        await execute("update account set language = $2, density = $3 where id = $1", actor.account_id, language, density)
        act.record("account", actor.account_id, after={"language": language, "density": density})


async def _look(token: str, purpose: str) -> Record | None:
    from crm.database import transaction

    async with transaction(read_only=True):
        link = await sessions.look_at_link(token, purpose)
        if link is None:
            raise Invalid(_("This link was used or is too old. Ask for a new one."))
        return await fetch_one("select name, email from account where id = $1", link["account_id"])


def check_password(password: str, account: Record | None) -> None:
    """Raises `Invalid` with what to change."""
    words = [*account["name"].split(), account["email"].split("@")[0]] if account else []
    problem = password_problem(password, words)
    if problem is None:
        return
    told = {
        "short": _("Use at least %(count)s characters. Four or five words make a good one.") % {"count": SHORTEST},
        "long": _("Use at most %(count)s characters.") % {"count": LONGEST},
        "common": _("This one is easy to guess. Four or five words that belong together for you alone are better."),
        "own": _("Leave out your name and your address; they are easy to guess."),
    }
    raise Invalid(told[problem], fields={"password": told[problem]})


async def create_admin(email: str, name: str) -> Link:
    """A state admin and the link with which they set their password. For the command line."""
    async with acting(NOBODY, "account.invited") as act:
        account_id = await make_account(act, Invitation(email=email, name=name, role=Role.STATE_ADMIN))
        return await sessions.make_link("first_admin", account_id, INVITATION_LINK)


async def disable(actor: Actor, account_id: UUID) -> None:
    """Disable a person: their sessions end at once, their work stays."""
    require(actor, Permission.MANAGE_PEOPLE)
    if account_id == actor.account_id:
        raise Conflict(_("You cannot disable yourself. Ask another administrator."))
    await _check_may_manage(actor, account_id)
    async with acting(actor, "account.disabled") as act:
        done = await execute(
            "update account set disabled_at = now(), version = version + 1 where id = $1 and disabled_at is null",
            account_id,
        )
        if not done:
            act.unchanged()
            return
        await sessions.close_all(account_id)
        act.record("account", account_id, after={"disabled": True})


async def enable(actor: Actor, account_id: UUID) -> None:
    require(actor, Permission.MANAGE_PEOPLE)
    await _check_may_manage(actor, account_id)
    async with acting(actor, "account.enabled") as act:
        await execute("update account set disabled_at = null, version = version + 1 where id = $1", account_id)
        act.record("account", account_id, after={"disabled": False})


async def _check_may_manage(actor: Actor, account_id: UUID) -> None:
    if Role.STATE_ADMIN in actor.roles:
        return
    async with acting(actor, "account.looked_up") as act:
        act.unchanged()
        boards = await fetch(
            "select board_id, role from role_grant where account_id = $1 and revoked_at is null", account_id
        )
    if not boards or not all(row["board_id"] in actor.managed_board_ids for row in boards):
        raise NotFound(_("This person is not one of your board's."))


async def close_session(actor: Actor, session_id: UUID) -> None:
    """Sign out one of one's own sessions."""
    from crm.accounts.sign_in import _as_app

    async with acting(_as_app(actor), "session.closed") as act:
        own = await fetch_value("select id from session where id = $1 and account_id = $2", session_id, actor.account_id)
        if own is None:
            raise NotFound(_("This session has ended already."))
        await sessions.close(session_id)
        act.record("session", session_id)


async def change_password(actor: Actor, password: str) -> None:
    """A new password; every other session ends."""
    async with acting(actor, "account.looked_up") as act:
        act.unchanged()
        account = await fetch_one("select name, email from account where id = $1", actor.account_id)
    check_password(password, account)
    password_hash = await hash_password(password)
    async with acting(actor, "account.password_changed") as act:
        await execute("update account set password_hash = $2, version = version + 1 where id = $1",
                      actor.account_id, password_hash)  # fmt: skip
        assert actor.account_id
        await sessions.close_all(actor.account_id, but=actor.session_id)
        act.record("account", actor.account_id)


def new_totp_secret() -> str:
    return pyotp.random_base32()


async def enable_totp(actor: Actor, secret: str, code: str) -> list[str]:
    """Switch the second factor on after its first right code; the recovery codes, shown once."""
    if not pyotp.TOTP(secret).verify(code.strip(), valid_window=1):
        raise Invalid(_("That code does not fit. Check the clock of your phone and try the next code."))
    codes = [f"{secrets.token_hex(4)}-{secrets.token_hex(4)}".upper() for _unused in range(RECOVERY_CODES)]
    hashes = [sessions.hashed(c.replace("-", "")).hex() for c in codes]
    assert actor.account_id
    async with acting(actor, "account.second_factor_on") as act:
        await execute(
            "update account set totp_sealed = $2, recovery_hashes = $3, totp_last_step = 0, version = version + 1 "
            "where id = $1",
            actor.account_id, sealing.seal(secret, "account", "totp_sealed", actor.account_id), hashes,
        )  # fmt: skip
        act.record("account", actor.account_id)
    return codes


async def disable_totp(actor: Actor) -> None:
    assert actor.account_id
    async with acting(actor, "account.second_factor_off") as act:
        await execute(
            "update account set totp_sealed = null, recovery_hashes = '{}', version = version + 1 where id = $1",
            actor.account_id,
        )
        act.record("account", actor.account_id)
