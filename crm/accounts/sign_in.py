"""Signing in: password and second factor, passkey, or a link for employers. One answer for all that fails."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pyotp

from crm import sealing, sessions
from crm.access import NOBODY, Actor
from crm.accounts import throttling
from crm.accounts.passwords import password_fits
from crm.actions import acting
from crm.database import Record, execute, fetch_one, fetch_value, transaction
from crm.errors import Invalid, SignInNeeded
from crm.sessions import IDLE, SIGN_IN_LINK, Link
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
        await _missed(email, visitor)
        raise _refused()
    async with acting(NOBODY, "session.opened") as act:
        await throttling.forget(email, visitor.address)
        complete = not account["has_totp"]
        secret = await _open(account["id"], "password", visitor, complete=complete)
        act.record("account", account["id"], after={"method": "password", "complete": complete})
    return SignedIn(secret, complete, account["id"])


async def _missed(email: str, visitor: Visitor) -> None:
    async with acting(NOBODY, "session.refused") as act:
        await throttling.miss(email, visitor.address)
        act.record("account", None, after={"network": throttling.network(visitor.address)})


async def _open(account_id: UUID, method: str, visitor: Visitor, *, complete: bool) -> str:
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
            return await sessions.renew(found.session_id, complete=True, stepped_up=True)
        act.unchanged()
    await _missed(account["email"], visitor)
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
    secret = sealing.open_sealed(account["totp_sealed"], "account", "totp_sealed", account["id"])
    totp = pyotp.TOTP(secret)
    now = totp.timecode(datetime.now(UTC))
    return next((s for s in (now, now - 1, now + 1) if pyotp.utils.strings_equal(totp.generate_otp(s), typed)), None)


async def ask_for_link(email: str, browser_secret: str) -> tuple[Link, Record] | None:
    """A sign-in link for an employer's person, bound to the asking browser. Staff have none: mail is no factor."""
    async with acting(NOBODY, "link.asked") as act:
        account = await fetch_one(
            "select id, email, name, language from account where email = $1 and kind = 'employer' "
            "and disabled_at is null",
            email,
        )
        if account is None:
            act.unchanged()
            return None
        link = await sessions.make_link("sign_in", account["id"], SIGN_IN_LINK, browser_secret=browser_secret)
        act.record("account", account["id"], after={"link": link.id})
    return link, account


async def with_link(token: str, browser_secret: str | None, visitor: Visitor) -> SignedIn:
    """Consume a sign-in link; on another device it asks for the code instead."""
    async with acting(NOBODY, "session.opened") as act:
        used = await sessions.use_link(token, "sign_in", browser_secret=browser_secret)
        if used is None:
            raise Invalid(_("This link was used, is too old, or was asked for in another browser. Ask for a new one."))
        secret = await _open(used["account_id"], "link", visitor, complete=True)
        act.record("account", used["account_id"], after={"method": "link"})
    return SignedIn(secret, True, used["account_id"])


async def with_link_code(email: str, code: str, visitor: Visitor) -> SignedIn:
    """The short code of a sign-in link, typed on another device."""
    async with transaction(read_only=True):
        await throttling.check(email, visitor.address)
    async with acting(NOBODY, "session.opened") as act:
        account_id = await fetch_value(
            "select id from account where email = $1 and kind = 'employer' and disabled_at is null", email
        )
        if account_id is not None and await sessions.use_code(account_id, "sign_in", code):
            secret = await _open(account_id, "link", visitor, complete=True)
            act.record("account", account_id, after={"method": "link code"})
            return SignedIn(secret, True, account_id)
        act.unchanged()
    await _missed(email, visitor)
    raise Invalid(_("That code is not right or no longer valid. Ask for a new one."))


async def step_up(actor: Actor, password: str, code: str, visitor: Visitor) -> str:
    """Ask again before a risky act; the session's new secret."""
    assert actor.account_id
    assert actor.session_id
    async with transaction(read_only=True):
        account = await fetch_one("select * from account where id = $1", actor.account_id)
        assert account is not None
        await throttling.check(account["email"], visitor.address)
    if not await password_fits(password, account["password_hash"]):
        await _missed(account["email"], visitor)
        raise _refused()
    async with acting(actor, "session.stepped_up") as act:
        if account["totp_sealed"] is not None and not await use_code(account, code):
            raise Invalid(_("That code is not right, or it was used before. Wait for the next one and try again."))
        act.record("account", actor.account_id)
        return await sessions.renew(actor.session_id, stepped_up=True)


async def sign_out(actor: Actor) -> None:
    if actor.session_id is None:
        return
    async with acting(_as_app(actor), "session.closed") as act:
        await sessions.close(actor.session_id)
        act.record("session", actor.session_id)


def _as_app(actor: Actor) -> Actor:
    """The portal's login cannot write sessions; closing one's own is done with the app's."""
    from crm.access import ActorKind

    return msgspec.structs.replace(actor, kind=ActorKind.STAFF) if actor.kind is ActorKind.EMPLOYER else actor


__all__ = ["IDLE", "SignedIn", "Visitor"]
