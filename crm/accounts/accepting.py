"""Accepting an invitation, or the first admin's link, by choosing a password. The link is consumed, once."""

from uuid import UUID, uuid4

from crm import sessions
from crm.access import NOBODY, Role
from crm.accounts import notices, throttling
from crm.accounts.actions import Invitation, make_account
from crm.accounts.passwords import hash_password
from crm.accounts.rules import LONGEST, SHORTEST, password_problem
from crm.actions import Act, acting
from crm.database import Record, execute, fetch_one, fetch_value, transaction
from crm.email_addresses import normalise_email
from crm.errors import Invalid
from crm.translation import _


def check_password(password: str, account: Record | dict[str, str] | None) -> None:
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


def checked_email(email: str) -> str:
    """The address in its stored form. Raises `Invalid` beside the field."""
    address = normalise_email(email, test_environment=True).address
    if not address:
        told = _("This is no mail address. It looks like name@example.org.")
        raise Invalid(told, fields={"email": told})
    return address


async def person_of(token: str, purpose: str) -> Record | None:
    """Whose link this is; None for one that names no one yet. Raises `Invalid` for one that is not open."""
    link = await sessions.look_at_link(token, purpose)
    if link is None:
        raise Invalid(_("This link was used or is too old. Ask for a new one."))
    return await fetch_one("select name, email from account where id = $1", link["account_id"])


async def accept(token: str, password: str) -> UUID:
    """Set a password by an invitation."""
    async with transaction(read_only=True):
        person = await person_of(token, "invitation")
    check_password(password, person)
    password_hash = await hash_password(password)
    async with acting(NOBODY, "account.accepted") as act:
        used = await sessions.use_link(token, "invitation")
        if used is None:
            raise Invalid(_("This link was used or is too old. Ask for a new one."))
        account_id: UUID = used["account_id"]
        await _set_password(act, account_id, password_hash)
    return account_id


async def accept_by_code(email: str, code: str, password: str) -> UUID:
    """Accept an invitation by its short code, typed on another device."""
    check_password(password, None)
    password_hash = await hash_password(password)
    async with acting(NOBODY, "account.accepted") as act:
        account_id: UUID | None = await fetch_value("select id from account where email = $1 and disabled_at is null", email)
        # an unknown address costs the same statements
        fits = await sessions.use_code(account_id or uuid4(), "invitation", code)
        if account_id is not None and fits:
            await _set_password(act, account_id, password_hash)
            return account_id
        act.unchanged()
    raise Invalid(_("That code is not right or no longer valid. Ask for a new invitation."))


async def accept_first(token: str, email: str, name: str, password: str) -> str:
    """The first admin, by the printed link, or one made on the command line; the address that they sign in with."""
    async with transaction(read_only=True):
        person = await person_of(token, "first_admin")
    address = person["email"] if person else checked_email(email)
    check_password(password, {"name": name, "email": address})
    password_hash = await hash_password(password)
    async with acting(NOBODY, "account.accepted") as act:
        used = await sessions.use_link(token, "first_admin")
        if used is None or (used["account_id"] is None and await fetch_value("select exists (select from account)")):
            raise Invalid(_("This link was used or is too old. Start the program again for a new one."))
        account_id: UUID = used["account_id"] or await make_account(
            act, Invitation(email=address, name=name, role=Role.STATE_ADMIN)
        )
        await execute("update account set name = $2 where id = $1", account_id, name)
        await _set_password(act, account_id, password_hash)
    return str(address)


async def _set_password(act: Act, account_id: UUID, password_hash: str) -> None:
    """Whoever had signed in before signs in anew, and hears of it when they had a password."""
    before = await fetch_one("select email, password_hash from account where id = $1 for no key update", account_id)
    assert before is not None
    await execute("update account set password_hash = $2, version = version + 1 where id = $1", account_id, password_hash)
    await sessions.close_all(account_id)
    await throttling.forget_everywhere(str(before["email"]))
    if before["password_hash"]:
        await notices.tell(act, account_id, notices.PASSWORD_CHANGED)
    act.record("account", account_id)
