"""Passkeys: sign-in that cannot be phished, user verification required. A challenge is a one-time link token."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from webauthn.helpers import base64url_to_bytes, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from crm import sessions
from crm.access import NOBODY, Actor
from crm.accounts import notices
from crm.accounts.beside import as_app
from crm.accounts.sign_in import SignedIn, Visitor
from crm.actions import acting
from crm.database import execute, fetch, fetch_one, fetch_value
from crm.errors import Invalid, NotFound
from crm.translation import _

LIFETIME = timedelta(minutes=5)


def site(url: str) -> tuple[str, str]:
    """The relying party's id and origin for our address."""
    parts = urlsplit(url)
    return parts.hostname or "", f"{parts.scheme}://{parts.netloc}"


async def start_registration(actor: Actor, url: str, site_name: str) -> str:
    """The options for the browser, as JSON."""
    assert actor.account_id
    async with acting(NOBODY, "passkey.asked") as act:
        act.unchanged()
        email = await fetch_value("select email from account where id = $1", actor.account_id)
        known = await fetch(
            "select credential_id from passkey where account_id = $1 and removed_at is null", actor.account_id
        )
        link = await sessions.make_link("passkey", actor.account_id, LIFETIME)
    options = webauthn.generate_registration_options(
        rp_id=site(url)[0], rp_name=site_name, user_id=actor.account_id.bytes, user_name=str(email),
        user_display_name=actor.name, challenge=link.token.encode(),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=row["credential_id"]) for row in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )  # fmt: skip
    return options_to_json(options)


async def finish_registration(actor: Actor, url: str, name: str, answer: str) -> UUID:
    """Keep the passkey that the browser made. Raises `Invalid` when it does not verify."""
    token = _token(answer)
    rp_id, origin = site(url)
    async with acting(as_app(actor), "passkey.added") as act:
        used = await sessions.use_link(token, "passkey")
        if used is None or used["account_id"] != actor.account_id:
            raise Invalid(_("This took too long. Try again."))
        try:
            verified = webauthn.verify_registration_response(
                credential=answer, expected_challenge=token.encode(), expected_rp_id=rp_id, expected_origin=origin,
                require_user_verification=True,
            )  # fmt: skip
        except WebAuthnException as problem:
            raise Invalid(_("Your device's answer could not be checked. Try again.")) from problem
        passkey_id: UUID | None = await fetch_value(
            "insert into passkey (account_id, credential_id, public_key, sign_count, name) "
            "values ($1, $2, $3, $4, $5) on conflict (credential_id) do nothing returning id",
            actor.account_id, verified.credential_id, verified.credential_public_key, verified.sign_count,
            name.strip()[:80] or _("Passkey"),
        )  # fmt: skip
        if passkey_id is None:  # a device never makes one twice, so this is not from a device
            raise Invalid(_("Your device's answer could not be checked. Try again."))
        await notices.tell(act, used["account_id"], notices.PASSKEY_ADDED)
        act.record("passkey", passkey_id)
    return passkey_id


async def start_sign_in(url: str) -> str:
    """The options for the browser, as JSON: any passkey of this site, so no address is asked or told."""
    async with acting(NOBODY, "passkey.asked") as act:
        act.unchanged()
        token = sessions.secret()
        await execute(
            "insert into link_token (secret_hash, purpose, expires_at) values ($1, 'passkey', now() + $2::interval)",
            sessions.hashed(token), LIFETIME,
        )  # fmt: skip
    options = webauthn.generate_authentication_options(
        rp_id=site(url)[0], challenge=token.encode(), user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json(options)


async def finish_sign_in(url: str, answer: str, visitor: Visitor) -> SignedIn:
    """A passkey with user verification is two factors in one: the session is complete."""
    token, credential_id = _token(answer), _credential_id(answer)
    rp_id, origin = site(url)
    async with acting(NOBODY, "session.opened") as act:
        used = await sessions.use_link(token, "passkey")
        passkey = await fetch_one(
            "select p.* from passkey p join account a on a.id = p.account_id and a.disabled_at is null "
            "where p.credential_id = $1 and p.removed_at is null",
            credential_id,
        )
        if used is None or passkey is None:
            raise Invalid(_("This passkey is not known here, or it took too long. Try again."))
        try:
            verified = webauthn.verify_authentication_response(
                credential=answer, expected_challenge=token.encode(), expected_rp_id=rp_id, expected_origin=origin,
                credential_public_key=passkey["public_key"], credential_current_sign_count=passkey["sign_count"],
                require_user_verification=True,
            )  # fmt: skip
        except WebAuthnException as problem:
            raise Invalid(_("This passkey could not be checked. Try again, or sign in another way.")) from problem
        await execute("update passkey set sign_count = $2, last_used_at = now() where id = $1",
                      passkey["id"], verified.new_sign_count)  # fmt: skip
        secret = await sessions.open_session(
            passkey["account_id"], "passkey", complete=True, stepped_up=True, user_agent=visitor.user_agent,
            address=visitor.address,
        )  # fmt: skip
        act.record("account", passkey["account_id"], after={"method": "passkey"})
    return SignedIn(secret, True, passkey["account_id"])


async def remove(actor: Actor, passkey_id: UUID) -> None:
    assert actor.account_id
    async with acting(as_app(actor), "passkey.removed") as act:
        done = await execute(
            "update passkey set removed_at = now() where id = $1 and account_id = $2 and removed_at is null",
            passkey_id, actor.account_id,
        )  # fmt: skip
        if not done:
            raise NotFound(_("This passkey is not there any more."))
        await notices.tell(act, actor.account_id, notices.PASSKEY_REMOVED)
        act.record("passkey", passkey_id)


def _token(answer: str) -> str:
    """The challenge that the browser signed, as we made it."""
    try:
        data: dict[str, Any] = json.loads(base64url_to_bytes(json.loads(answer)["response"]["clientDataJSON"]))
        return base64url_to_bytes(data["challenge"]).decode("ascii")
    except (ValueError, KeyError, TypeError) as problem:
        raise Invalid(_("Your device's answer could not be read. Try again.")) from problem


def _credential_id(answer: str) -> bytes:
    try:
        return base64url_to_bytes(json.loads(answer)["id"])
    except (ValueError, KeyError, TypeError) as problem:
        raise Invalid(_("Your device's answer could not be read. Try again.")) from problem


