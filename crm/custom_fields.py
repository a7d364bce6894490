"""A field that the state or a plugin adds to employers, worksites or people: what it is, and what is wrong with one that cannot be."""

import re
from decimal import Decimal
from typing import Literal, get_args

from msgspec import Struct

Subject = Literal["employer", "establishment", "contact"]
Kind = Literal["text", "long_text", "number", "decimal", "money", "date", "yes_no", "choice", "choices", "link", "email", "phone"]
Sensitivity = Literal["record", "staff", "sealed"]
Portal = Literal["hidden", "shown", "edited"]
SUBJECTS: tuple[str, ...] = get_args(Subject)
KINDS: tuple[str, ...] = get_args(Kind)
SENSITIVITIES: tuple[str, ...] = get_args(Sensitivity)
PORTALS: tuple[str, ...] = get_args(Portal)
CHOSEN = ("choice", "choices")
MEASURED = ("number", "decimal", "money")
WRITTEN = {"text": 200, "long_text": 5000}  # the most characters of each
MOST_CHOICES = 60
KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
# what forms, addresses and files call something else already
RESERVED = frozenset({"id", "version", "base", "fields", "key", "value", "name", "anyway", "reason", "token"})


class Choice(Struct, frozen=True):
    """One of the answers. The code is what is kept; a retired one is offered no more, and stays where it was chosen."""

    code: str
    name_en: str
    name_es: str
    retired: bool = False


class CustomField(Struct, frozen=True, kw_only=True):
    """A field with its purpose, its sensitivity and how long its values are kept.

    `sensitivity`: who sees it: `record` all who see the record, `staff` the boards' and the state's people, `sealed` managers and the state
    office alone, and it is kept encrypted. `keep_months`: values go so long after their last change; without it they live as long as the
    record. `portal`: whether the employer's own people see it, or change it too. `lowest` and `highest` bound numbers, decimals and money,
    `longest` texts, in characters. A key never changes and is unique among the fields of a subject.
    """

    subject: Subject
    key: str
    kind: Kind
    label_en: str
    label_es: str
    purpose_en: str
    purpose_es: str
    help_en: str = ""
    help_es: str = ""
    sensitivity: Sensitivity = "record"
    required: bool = False
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    lowest: Decimal | None = None
    highest: Decimal | None = None
    longest: int | None = None
    keep_months: int | None = None
    portal: Portal = "hidden"


def problem_of(field: CustomField) -> str:
    """What is wrong with a field; nothing when all is well."""
    if not KEY.fullmatch(field.key):
        return f"The key '{field.key[:60]}' must have 2 to 40 small letters, digits and underscores, and begin with a letter."
    if field.key in RESERVED:
        return f"The key '{field.key}' is reserved. Choose another, such as '{field.key}_of_theirs'."
    for name, known in (("subject", SUBJECTS), ("kind", KINDS), ("sensitivity", SENSITIVITIES), ("portal", PORTALS)):
        if getattr(field, name) not in known:
            return f"The field '{field.key}' has the {name} '{str(getattr(field, name))[:40]}'. There are: {', '.join(known)}."
    for name, most in (("label", 100), ("purpose", 300)):
        texts = [getattr(field, f"{name}_{code}").strip() for code in ("en", "es")]
        if not all(texts) or max(map(len, texts)) > most:
            return f"The field '{field.key}' needs its {name} in English and in Spanish, at most {most} characters each."
    return _bounds_problem(field) or _choices_problem(field) or _portal_problem(field)


def _bounds_problem(field: CustomField) -> str:
    if field.kind not in MEASURED and (field.lowest is not None or field.highest is not None):
        return f"The field '{field.key}' is no number, so it has no lowest and highest value."
    if any(bound is not None and not (isinstance(bound, Decimal) and bound.is_finite()) for bound in (field.lowest, field.highest)):
        return f"The field '{field.key}' has a lowest or highest value that is no number."
    if field.lowest is not None and field.highest is not None and field.lowest > field.highest:
        return f"The field '{field.key}' has the lowest value {field.lowest} above the highest, {field.highest}."
    if field.longest is not None and not 1 <= field.longest <= WRITTEN.get(field.kind, 0):
        allowed = f"1 to {WRITTEN[field.kind]}" if field.kind in WRITTEN else "none: it is no text"
        return f"The field '{field.key}' has the longest text {field.longest}. Allowed: {allowed}."
    if field.keep_months is not None and not 1 <= field.keep_months <= 600:
        return f"The field '{field.key}' is kept {field.keep_months} months. Write 1 to 600, or nothing to keep it with the record."
    return ""


def _choices_problem(field: CustomField) -> str:
    if field.kind not in CHOSEN:
        return f"The field '{field.key}' has choices, but it is of the kind '{field.kind}'." if field.choices else ""
    if not 1 <= len(field.choices) <= MOST_CHOICES:
        return f"The field '{field.key}' needs 1 to {MOST_CHOICES} choices; it has {len(field.choices)}."
    codes = [choice.code for choice in field.choices]
    if twice := next((code for code in codes if codes.count(code) > 1), ""):
        return f"The field '{field.key}' has the choice '{twice}' twice."
    for choice in field.choices:
        if not KEY.fullmatch(choice.code):
            return f"The choice '{choice.code[:60]}' of '{field.key}' must have 2 to 40 small letters, digits and underscores."
        if not 0 < len(choice.name_en.strip()) <= 100 or not 0 < len(choice.name_es.strip()) <= 100:
            return f"The choice '{choice.code}' of '{field.key}' needs its name in English and in Spanish."
    return ""


def _portal_problem(field: CustomField) -> str:
    if field.portal != "hidden" and field.sensitivity != "record":
        return f"The field '{field.key}' is '{field.sensitivity}', so the employer cannot see it in the portal."
    if field.portal != "hidden" and field.subject != "employer":
        return f"The field '{field.key}' is of the {field.subject}; in the portal are only fields of the employer."
    return ""
