"""How to reach a board or a partner: website, phone and email as they are stored."""

from typing import Any

from crm.access import Actor, may_manage
from crm.email_addresses import normalise_email
from crm.errors import Denied, Invalid
from crm.phones import tidy_phone
from crm.translation import _
from crm.web_addresses import tidy_website


def require_management(actor: Actor, board_id: Any) -> None:
    """Raises `Denied` for all but the state office and the board's own manager."""
    if not may_manage(actor, board_id):
        raise Denied(_("Only the board's own manager, or the state office, changes this."))


def reached_by(*, website: str, phone: str, email: str) -> dict[str, str]:
    """The three, tidied. Raises `Invalid` naming what is none."""
    wrong: dict[str, str] = {}
    site, number = tidy_website(website), tidy_phone(phone)
    mail = normalise_email(email, test_environment=True) if email else None
    if website and not site.url:
        wrong["website"] = site.note or _("This is no web address.")
    if phone and not number.number:
        wrong["phone"] = number.note or _("This is no phone number.")
    if mail is not None and not mail.address:
        wrong["email"] = mail.note
    if wrong:
        raise Invalid(" ".join(wrong.values()), fields=wrong)
    return {"website": site.url, "phone": number.number, "email": mail.address if mail else ""}
