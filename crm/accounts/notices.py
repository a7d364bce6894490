"""Whoever can sign in hears of every change to how they sign in, at the address that they had."""

from uuid import UUID

from crm import mail
from crm.actions import Act
from crm.database import fetch_one
from crm.translation import _ as translated
from crm.translation import lazy_, speaking

PASSWORD_CHANGED = lazy_("Your password was changed.")
PASSKEY_ADDED = lazy_("A passkey was added to your account.")
PASSKEY_REMOVED = lazy_("A passkey was removed from your account.")
CODES_ON = lazy_("Codes from an app were switched on for your account.")
CODES_OFF = lazy_("Codes from an app were switched off for your account.")
RECOVERY_CODE_USED = lazy_("Someone signed in to your account with one of your recovery codes.")
TOKEN_MADE = lazy_("An API token was made for your account. A program can act as you with it.")
TOKEN_REVOKED = lazy_("An API token of your account was taken back.")
ROLE_ADDED = lazy_("You were given a new role. You will find it when you sign in next.")


async def tell(act: Act, account_id: UUID, what: str) -> None:
    """Mail the person what changed, inside the open action."""
    person = await fetch_one("select email, name, language from account where id = $1", account_id)
    if person is None:
        return
    with speaking(person["language"]):
        said = translated(what)
    await mail.queue_mail(
        act, "security_notice", to=str(person["email"]), language=person["language"], account_id=account_id,
        context={"name": person["name"], "what": said},
    )  # fmt: skip
