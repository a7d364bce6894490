"""Mail addresses: one stored form, without asking the network."""

from typing import NamedTuple

from crm.translation import _


class EmailAddress(NamedTuple):
    address: str  # normalised, or ""
    note: str = ""


def normalise_email(text: str, *, test_environment: bool = False) -> EmailAddress:
    """Bob <BOB@Acme.COM> → BOB@acme.com. test_environment lets .test domains pass."""
    import email_validator

    text = text.strip().removeprefix("mailto:")
    if text.endswith(">") and "<" in text:
        text = text[text.rindex("<") + 1 : -1]
    if not text:
        return EmailAddress("")
    try:
        checked = email_validator.validate_email(
            text, check_deliverability=False, test_environment=test_environment
        )
    except email_validator.EmailNotValidError:
        return EmailAddress(
            "", _("“%(email)s” is not a mail address, so it was left out.") % {"email": text[:60]}
        )
    return EmailAddress(checked.normalized)
