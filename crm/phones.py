"""U.S. phone numbers: one stored form, the extension apart, a form to read."""

import re
from typing import NamedTuple

from crm.translation import _


class Phone(NamedTuple):
    number: str  # "+14135550123" (E.164), or "" when none was found
    extension: str = ""
    note: str = ""


_PLAIN = re.compile(r"(?:\+?1[-. ]?)?\(?([2-9]\d\d)\)?[-. /]*([2-9]\d\d)[-. ]*(\d{4})", re.ASCII)


def tidy_phone(text: str) -> Phone:
    """(413) 555-0123 ext. 12 → +14135550123, 12.

    What is possible passes, valid or not: the lists learn of new area codes late.
    """
    text = text.strip().removesuffix(".0")
    if not text:
        return Phone("")
    if match := _PLAIN.fullmatch(text):
        return Phone(f"+1{match[1]}{match[2]}{match[3]}")
    note = _("“%(phone)s” is not a phone number with an area code, so it was left out.")
    return _parsed(text) or Phone("", "", note % {"phone": text[:40]})


def _parsed(text: str) -> Phone | None:
    import phonenumbers

    if len(text) > 100:
        return None
    try:
        parsed = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Phone(number, parsed.extension or "")


def display_phone(number: str, extension: str = "") -> str:
    """+14135550123, 12 → (413) 555-0123 ext. 12. What is no number of ours is shown as it is."""
    shown = number
    if len(number) == 12 and number.startswith("+1"):
        shown = f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    elif number.startswith("+"):
        import phonenumbers

        shown = phonenumbers.format_number(
            phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL
        )
    return (
        _("%(phone)s ext. %(extension)s") % {"phone": shown, "extension": extension} if extension else shown
    )


def phone_url(number: str, extension: str = "") -> str:
    """For a link that dials: tel:+14135550123;ext=12."""
    return f"tel:{number};ext={extension}" if extension else f"tel:{number}"
