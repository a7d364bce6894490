"""What a person keeps about themselves: name, language, password, codes from an app, sessions."""

import secrets
from uuid import UUID

import pyotp

from crm import sealing, sessions
from crm.access import Actor
from crm.accounts import notices
from crm.accounts.accepting import check_password
from crm.accounts.beside import as_app
from crm.accounts.passwords import hash_password
from crm.accounts.sign_in import totp_step
from crm.actions import acting
from crm.database import Record, execute, fetch_one, fetch_value, transaction
from crm.errors import Invalid, NotFound
from crm.translation import _

RECOVERY_CODES = 10


async def prefer(actor: Actor, *, language: str, density: str, name: str | None = None) -> None:
    before = {"name": actor.name, "language": actor.language, "density": actor.density}
    after = {"name": name or actor.name, "language": language, "density": density}
    changed = {key: value for key, value in after.items() if before[key] != value}
    async with acting(as_app(actor), "account.preferred") as act:
        if not changed:
            act.unchanged()
            return
        await execute(
            "update account set name = $2, language = $3, density = $4, version = version + 1 where id = $1",
            actor.account_id, after["name"], language, density,
        )  # fmt: skip
        act.record("account", actor.account_id, before={key: before[key] for key in changed}, after=changed)


async def close_session(actor: Actor, session_id: UUID) -> None:
    """Sign out one of one's own sessions."""
    async with acting(as_app(actor), "session.closed") as act:
        own = await fetch_value(
            "select id from session where id = $1 and account_id = $2 and revoked_at is null", session_id, actor.account_id
        )
        if own is None:
            raise NotFound(_("This session has ended already."))
        await sessions.close(session_id)
        act.record("session", session_id)


async def change_password(actor: Actor, password: str) -> None:
    """A new password; every other session ends and open links with it."""
    assert actor.account_id
    async with transaction(read_only=True):
        account: Record | None = await fetch_one("select name, email from account where id = $1", actor.account_id)
    check_password(password, account)
    password_hash = await hash_password(password)
    async with acting(as_app(actor), "account.password_changed") as act:
        await execute("update account set password_hash = $2, version = version + 1 where id = $1",
                      actor.account_id, password_hash)  # fmt: skip
        await sessions.close_all(actor.account_id, but=actor.session_id)
        await sessions.revoke_links(actor.account_id)
        await notices.tell(act, actor.account_id, notices.PASSWORD_CHANGED)
        act.record("account", actor.account_id)


def new_totp_secret() -> str:
    return pyotp.random_base32()


async def enable_totp(actor: Actor, secret: str, code: str) -> list[str]:
    """Switch the second factor on after its first right code, which is spent; the recovery codes, shown once."""
    assert actor.account_id
    step = totp_step(secret, code.strip().replace(" ", ""))
    if step is None:
        raise Invalid(_("That code does not fit. Check the clock of your phone and try the next code."))
    codes = [f"{secrets.token_hex(4)}-{secrets.token_hex(4)}".upper() for _unused in range(RECOVERY_CODES)]
    hashes = [sessions.hashed(c.replace("-", "")).hex() for c in codes]
    async with acting(as_app(actor), "account.second_factor_on") as act:
        await execute(
            "update account set totp_sealed = $2, recovery_hashes = $3, totp_last_step = $4, version = version + 1 "
            "where id = $1",
            actor.account_id, sealing.seal(secret, "account", "totp_sealed", actor.account_id), hashes, step,
        )  # fmt: skip
        await sessions.close_all(actor.account_id, but=actor.session_id)
        await notices.tell(act, actor.account_id, notices.CODES_ON)
        act.record("account", actor.account_id)
    return codes


async def disable_totp(actor: Actor) -> None:
    assert actor.account_id
    async with acting(as_app(actor), "account.second_factor_off") as act:
        await execute(
            "update account set totp_sealed = null, recovery_hashes = '{}', version = version + 1 where id = $1",
            actor.account_id,
        )
        await notices.tell(act, actor.account_id, notices.CODES_OFF)
        act.record("account", actor.account_id)
