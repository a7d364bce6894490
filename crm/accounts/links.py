"""Sign-in links for employers' people. Staff have none: mail is no factor.

The request only queues a job, so that it costs the same whether the address is known or not.
"""

from uuid import uuid4

from crm import mail, sealing, sessions
from crm.access import NOBODY
from crm.accounts import throttling
from crm.accounts.sign_in import SignedIn, Visitor, missed, open_session
from crm.actions import acting
from crm.database import fetch_one, transaction
from crm.errors import Invalid
from crm.sessions import SIGN_IN_LINK
from crm.translation import _
from crm.work import RunningJob

MAIL_LINK = "accounts.mail_link"
_PERSON = (
    "select id, email, name, language, totp_sealed is not null as has_totp from account "
    "where {} and kind = 'employer' and disabled_at is null"
)


async def ask(email: str, browser_secret: str, visitor: Visitor) -> None:
    """Ask for a link, bound to the asking browser. Says nothing of whether there is such a person."""
    async with acting(NOBODY, "link.asked") as act:
        act.unchanged()
        if await throttling.may_ask(email, visitor.address):
            sealed = sealing.seal_bytes(email.encode(), MAIL_LINK)  # a stranger's address has no other place here
            arguments = {"sealed": sealed.hex(), "browser": sessions.hashed(browser_secret).hex()}
            await act.enqueue(MAIL_LINK, arguments, title="Mail: link")


async def mail_link(job: RunningJob, *, sealed: str, browser: str) -> None:
    email = sealing.open_bytes(bytes.fromhex(sealed), MAIL_LINK).decode()
    async with job.acting("link.mailed", ends=True) as act:
        account = await fetch_one(_PERSON.format("email = $1"), email)
        if account is None:
            act.unchanged()
            return
        link = await sessions.make_link("sign_in", account["id"], SIGN_IN_LINK, browser_hash=bytes.fromhex(browser))
        await mail.queue_mail(
            act, "magic_link", to=str(account["email"]), language=account["language"], account_id=account["id"],
            context={"name": account["name"], "path": f"/sign-in/link/{link.token}", "code": link.code},
        )  # fmt: skip
        act.record("account", account["id"], after={"link": link.id})


async def with_link(token: str, browser_secret: str | None, visitor: Visitor) -> SignedIn:
    """Consume a sign-in link; one asked for in another browser stays whole and asks for its code instead."""
    async with acting(NOBODY, "session.opened") as act:
        used = await sessions.use_link(token, "sign_in", browser_secret=browser_secret)
        account = await fetch_one(_PERSON.format("id = $1"), used["account_id"]) if used else None
        if account is None:
            raise Invalid(
                _("This link was used, is too old, or was asked for in another browser. Ask for a new one, or type the code "
                  "from the mail where you asked.")
            )  # fmt: skip
        secret = await open_session(account["id"], "link", visitor, complete=not account["has_totp"])
        act.record("account", account["id"], after={"method": "link"})
    return SignedIn(secret, not account["has_totp"], account["id"])


async def with_link_code(email: str, code: str, visitor: Visitor) -> SignedIn:
    """The short code of a sign-in link, typed on another device."""
    async with transaction(read_only=True):
        await throttling.check(email, visitor.address)
    async with acting(NOBODY, "session.opened") as act:
        account = await fetch_one(_PERSON.format("email = $1"), email)
        # an unknown address costs the same statements
        fits = await sessions.use_code(account["id"] if account else uuid4(), "sign_in", code)
        if account is not None and fits:
            secret = await open_session(account["id"], "link", visitor, complete=not account["has_totp"])
            act.record("account", account["id"], after={"method": "link code"})
            return SignedIn(secret, not account["has_totp"], account["id"])
        act.unchanged()
    await missed(email, visitor)
    raise Invalid(_("That code is not right or no longer valid. Ask for a new one."))

