"""Values of added fields: read from what was typed or sent, kept as JSON, said in words, written into files."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from crm.custom_fields import CHOSEN, WRITTEN, Choice, CustomField
from crm.email_addresses import normalise_email
from crm.folding import fold
from crm.forms import clean
from crm.phones import display_phone, tidy_phone
from crm.translation import _, exact_day, language, money, number
from crm.web_addresses import tidy_website

PLACES = {"decimal": 4, "money": 2}  # digits behind the point
WIDEST = Decimal(10) ** 12  # numbers stay below, so that spreadsheets keep every digit
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
_YES, _NO = frozenset({"yes", "y", "true", "1", "x", "si", "t"}), frozenset({"no", "n", "false", "0", "f"})


class Unfit(ValueError):
    """A value that does not fit, in words: what was found and what is allowed."""


def read(field: CustomField, given: Any, kept: Any = None) -> Any:
    """The value as it is kept, or None for nothing: text, a whole number, true or false, codes; decimals and days as text.

    `kept`: what is there already, for a retired choice may stay. Raises `Unfit`.
    """
    if isinstance(given, str):
        given = clean(given)
    if given is None or given in ("", []):
        return None
    return _READERS[field.kind](field, given, kept)


def _text(field: CustomField, given: Any, kept: Any) -> str:
    most = field.longest or WRITTEN[field.kind]
    if not isinstance(given, str):
        raise Unfit(_("%(found)s is no text.") % {"found": _found(given)})
    if len(given) > most:
        raise Unfit(_("This has %(found)s characters; at most %(most)s are kept.") % {"found": f"{len(given):,}", "most": f"{most:,}"})
    if field.kind == "text" and "\n" in given:
        raise Unfit(_("Write it on one line."))
    return given


def _whole(field: CustomField, given: Any, kept: Any) -> int:
    found = _measured(field, given)
    if found != found.to_integral_value():
        raise Unfit(_("%(found)s is no whole number.") % {"found": _found(given)} + _allowed(field))
    return int(found)


def _decimal(field: CustomField, given: Any, kept: Any) -> str:
    found = _measured(field, given)
    places = PLACES[field.kind]
    if found != round(found, places):
        raise Unfit(_("%(found)s has more than %(places)s digits behind the point.") % {"found": _found(given), "places": places})
    return f"{found:.2f}" if field.kind == "money" else f"{found.normalize():f}"


def _measured(field: CustomField, given: Any) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, (str, int, float, Decimal)):
        raise Unfit(_("%(found)s is no number.") % {"found": _found(given)} + _allowed(field))
    text = str(given).replace(" ", "").removeprefix("$")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d*)?", text):
        text = text.replace(",", "")
    try:
        found = Decimal(text) if re.fullmatch(r"-?\d{1,40}(\.\d{0,40})?|-?\.\d{1,40}", text, re.ASCII) else None
    except InvalidOperation:
        found = None
    if found is None:
        raise Unfit(_("%(found)s is no number.") % {"found": _found(given)} + _allowed(field))
    low, high = field.lowest, field.highest
    if abs(found) >= WIDEST or (low is not None and found < low) or (high is not None and found > high):
        raise Unfit(_("%(found)s is out of bounds.") % {"found": _found(given)} + _allowed(field))
    return found


def _allowed(field: CustomField) -> str:
    """The bounds in words, behind what was found."""
    low, high = number(field.lowest), number(field.highest)
    if low and high:
        return " " + _("Allowed: %(low)s to %(high)s.") % {"low": low, "high": high}
    if low or high:
        return " " + (_("Allowed: %(low)s and more.") % {"low": low} if low else _("Allowed: %(high)s and less.") % {"high": high})
    return " " + (_("Allowed: whole numbers.") if field.kind == "number" else _("Allowed: digits, with a point before decimals."))


def _date(field: CustomField, given: Any, kept: Any) -> str:
    found = given if isinstance(given, date) else _day(given) if isinstance(given, str) else None
    if found is None:
        raise Unfit(_("%(found)s is no date. Write it as 2026-11-30 or 11/30/2026.") % {"found": _found(given)})
    if not FIRST_DAY <= found <= LAST_DAY:
        raise Unfit(_("%(found)s is out of bounds.") % {"found": _found(given)} + " "
                    + _("Allowed: %(low)s to %(high)s.") % {"low": FIRST_DAY, "high": LAST_DAY})  # fmt: skip
    return found.isoformat()


def _day(text: str) -> date | None:
    """ISO 8601, as forms and most spreadsheets have it, or month first, as people write it here."""
    american = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text, re.ASCII)
    iso = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00)?)?", text, re.ASCII)
    try:
        if american:
            return date(int(american[3]), int(american[1]), int(american[2]))
        return date(int(iso[1]), int(iso[2]), int(iso[3])) if iso else None
    except ValueError:
        return None


def _yes_no(field: CustomField, given: Any, kept: Any) -> bool:
    if isinstance(given, bool):
        return given
    folded = fold(str(given)) if isinstance(given, (str, int)) else ""
    if folded not in _YES | _NO:
        raise Unfit(_("%(found)s is neither yes nor no.") % {"found": _found(given)})
    return folded in _YES


def _choice(field: CustomField, given: Any, kept: Any) -> str:
    return _code(field, given, (kept,))


def _choices(field: CustomField, given: Any, kept: Any) -> list[str] | None:
    """Several, as a list, or as text with semicolons, commas or line breaks between them; each once, in the order of the field."""
    if isinstance(given, str):
        given = [given] if _finds(field, given) else [part for part in re.split(r"[;,\n]", given) if part.strip()]
    if not isinstance(given, Sequence):
        raise Unfit(_("%(found)s is none of the choices.") % {"found": _found(given)} + _offered(field))
    codes = {_code(field, each, kept or ()) for each in given}
    return [choice.code for choice in field.choices if choice.code in codes] or None


def _code(field: CustomField, given: Any, kept: Sequence[Any]) -> str:
    found = _finds(field, given) if isinstance(given, str) else None
    if found is None or (found.retired and found.code not in kept):
        raise Unfit(_("%(found)s is none of the choices.") % {"found": _found(given)} + _offered(field))
    return found.code


def _finds(field: CustomField, text: str) -> Choice | None:
    """By its code, or by its name in either language."""
    wanted = fold(text.strip())
    return next((choice for choice in field.choices if wanted in {choice.code, fold(choice.name_en), fold(choice.name_es)}), None)


def _offered(field: CustomField) -> str:
    return " " + _("Allowed: %(choices)s.") % {"choices": ", ".join(choice_name(each) for each in field.choices if not each.retired)}


def _link(field: CustomField, given: Any, kept: Any) -> str:
    found = tidy_website(given).url if isinstance(given, str) else ""
    if not found:
        raise Unfit(_("%(found)s is no web address. Write it as https://example.org.") % {"found": _found(given)})
    return found


def _email(field: CustomField, given: Any, kept: Any) -> str:
    found = normalise_email(given, test_environment=True).address if isinstance(given, str) else ""
    if not found:
        raise Unfit(_("%(found)s is no mail address. Write it as name@example.org.") % {"found": _found(given)})
    return found


def _phone(field: CustomField, given: Any, kept: Any) -> str:
    found = tidy_phone(given).number if isinstance(given, str) else ""
    if not found:
        raise Unfit(_("%(found)s is no phone number with an area code.") % {"found": _found(given)})
    return found


_READERS: dict[str, Callable[[CustomField, Any, Any], Any]] = {
    "text": _text, "long_text": _text, "number": _whole, "decimal": _decimal, "money": _decimal, "date": _date, "yes_no": _yes_no,
    "choice": _choice, "choices": _choices, "link": _link, "email": _email, "phone": _phone,
}  # fmt: skip


def _found(given: Any) -> str:
    text = str(given)
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"


def choice_name(choice: Choice) -> str:
    return choice.name_es if language() == "es" else choice.name_en


def said(field: CustomField, value: Any) -> str:
    """A kept value in words, in the language of whoever looks."""
    if value is None:
        return ""
    if field.kind == "yes_no":
        return _("Yes") if value else _("No")
    if field.kind in CHOSEN:
        codes: list[str] = value if isinstance(value, list) else [value]
        names = {choice.code: choice_name(choice) for choice in field.choices}
        return ", ".join(names.get(code, code) for code in codes)
    if field.kind == "date":
        return exact_day(date.fromisoformat(value))
    if field.kind == "money":
        return money(value)
    if field.kind in ("number", "decimal"):
        return f"{number(Decimal(value))} {field.unit}".strip()
    return display_phone(value) if field.kind == "phone" else str(value)


def cell(field: CustomField, value: Any) -> Any:
    """A kept value as a spreadsheet has it: numbers and days as such, the rest in words."""
    if value is None:
        return None
    if field.kind == "number":
        return int(value)
    if field.kind in PLACES:
        return Decimal(value)
    return date.fromisoformat(value) if field.kind == "date" else said(field, value)


def typed(field: CustomField, value: Any) -> Any:
    """A kept value as a form shows it for change."""
    if field.kind == "choices":
        return value or []
    if field.kind == "yes_no":
        return {True: "yes", False: "no"}.get(value, "")
    return "" if value is None else str(value)


def marks(field_id: Any, field: CustomField, value: Any) -> list[str]:
    """By which a list is narrowed with an index: of choices and of yes and no alone."""
    if field.kind == "yes_no":
        return [f"{field_id}:{'yes' if value else 'no'}"]
    codes = value if isinstance(value, list) else [value]
    return [f"{field_id}:{code}" for code in codes] if field.kind in CHOSEN else []
