"""Signing in with a password and its second factor. One answer for all that fails."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pyotp

from crm import sealing, sessions
from crm.access import NOBODY, Actor
from crm.accounts import notices, throttling
from crm.accounts.beside import as_app
from crm.accounts.passwords import password_fits
from crm.actions import acting
from crm.database import Record, execute, fetch_one, transaction
from crm.errors import Invalid, SignInNeeded
from crm.translation import _


class Visitor(msgspec.Struct, frozen=True):
    """From where someone signs in."""

    address: str
    user_agent: str


class SignedIn(msgspec.Struct, frozen=True):
    """A session was opened. `complete` is False while the second factor is still to come."""

    secret: str
    complete: bool
    account_id: UUID


def _refused() -> Invalid:
    return Invalid(_("That address and password do not go together. Check both, or ask for a new link."))


async def with_password(email: str, password: str, visitor: Visitor) -> SignedIn:
    """Raises `Invalid` for any mistake in the same words and at the same cost, `TooMany` while one must wait."""
    async with transaction(read_only=True):
        await throttling.check(email, visitor.address)
        account = await fetch_one(
            "select id, password_hash, kind, totp_sealed is not null as has_totp, disabled_at from account "
            "where email = $1",
            email,
        )
    fits = await password_fits(password, account["password_hash"] if account else None)
    if not fits or account is None or account["disabled_at"]:
        await missed(email, visitor)
        raise _refused()
    async with acting(NOBODY, "session.opened") as act:
        complete = not account["has_totp"]
        if complete:  # misses of the second factor must outlive a right password
            await throttling.forget(email, visitor.address)
        secret = await open_session(account["id"], "password", visitor, complete=complete)
        act.record("account", account["id"], after={"method": "password", "complete": complete})
    return SignedIn(secret, complete, account["id"])


async def missed(email: str, visitor: Visitor) -> None:
    async with acting(NOBODY, "session.refused") as act:
        await throttling.miss(email, visitor.address)
        act.record("account", None, after={"network": throttling.network(visitor.address)})


async def open_session(account_id: UUID, method: str, visitor: Visitor, *, complete: bool) -> str:
    return await sessions.open_session(
        account_id, method, complete=complete, stepped_up=complete and method != "link",
        user_agent=visitor.user_agent, address=visitor.address,
    )  # fmt: skip


async def second_factor(session_secret: str, code: str, visitor: Visitor) -> str:
    """Complete a session with a code from the app or a recovery code; the session's new secret."""
    async with transaction(read_only=True):
        found = await sessions.find(session_secret)
        if found is None:
            raise SignInNeeded(_("This took too long. Please sign in again."))
        account = await fetch_one("select * from account where id = $1", found.account_id)
        assert account is not None
        await throttling.check(account["email"], visitor.address)
    async with acting(NOBODY, "session.completed") as act:
        used = await use_code(account, code)
        if used:
            await throttling.forget(account["email"], visitor.address)
            act.record("account", account["id"], after={"factor": used})
            if used == "recovery":
                await notices.tell(act, account["id"], notices.RECOVERY_CODE_USED)
            return await sessions.renew(found.session_id, complete=True, stepped_up=True)
        act.unchanged()
    await missed(account["email"], visitor)
    raise Invalid(_("That code is not right, or it was used before. Wait for the next one and try again."))


async def use_code(account: Record, code: str) -> str | None:
    """Spend a one-time code inside the open transaction: 'totp', 'recovery', or None when it does not fit."""
    typed = code.strip().replace(" ", "").replace("-", "")
    step = _totp_step(account, typed)
    if step is not None:
        spent = await execute(
            "update account set totp_last_step = $2 where id = $1 and totp_last_step < $2", account["id"], step
        )
        return "totp" if spent else None
    hashed = sessions.hashed(typed.upper()).hex()
    spent = await execute(
        "update account set recovery_hashes = array_remove(recovery_hashes, $2) where id = $1 "
        "and $2 = any(recovery_hashes)",
        account["id"], hashed,
    )  # fmt: skip
    return "recovery" if spent else None


def _totp_step(account: Record, typed: str) -> int | None:
    """The 30-second step that the code belongs to, one step early or late allowed."""
    if account["totp_sealed"] is None or len(typed) != 6:
        return None
    return totp_step(sealing.open_sealed(account["totp_sealed"], "account", "totp_sealed", account["id"]), typed)


def totp_step(secret: str, typed: str) -> int | None:
    totp = pyotp.TOTP(secret)
    now = totp.timecode(datetime.now(UTC))
    return next((s for s in (now, now - 1, now + 1) if pyotp.utils.strings_equal(totp.generate_otp(s), typed)), None)


async def step_up(actor: Actor, password: str, code: str, visitor: Visitor) -> str:
    """Ask again before a risky act; the session's new secret."""
    assert actor.account_id
    assert actor.session_id
    async with transaction(read_only=True):
        account = await fetch_one("select * from account where id = $1", actor.account_id)
        assert account is not None
        await throttling.check(account["email"], visitor.address)
    fits = await password_fits(password, account["password_hash"])
    async with acting(as_app(actor), "session.stepped_up") as act:
        if fits and (account["totp_sealed"] is None or await use_code(account, code)):
            await throttling.forget(account["email"], visitor.address)
            act.record("account", actor.account_id)
            return await sessions.renew(actor.session_id, stepped_up=True)
        act.unchanged()
    await missed(account["email"], visitor)
    raise Invalid(_("That password or code is not right. A code works once; wait for the next one and try again."))


async def sign_out(actor: Actor, session_id: UUID) -> None:
    """Close this session, also one that still waits for its second factor."""
    async with acting(as_app(actor), "session.closed") as act:
        await sessions.close(session_id)
        act.record("session", session_id)
