"""A field that the state or a plugin adds to employers, worksites or people: what it is, and what is wrong with one that cannot be."""

import re
from decimal import Decimal
from typing import Literal, NamedTuple, get_args

from msgspec import Struct

from crm.translation import _

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


class Problem(NamedTuple):
    """What is wrong, in words, and with which part of a field, as the form has it."""

    part: str
    told: str


def problem_of(field: CustomField) -> Problem | None:
    """What is wrong with a field; nothing when all is well."""
    return _key_problem(field) or _words_problem(field) or _bounds_problem(field) or _choices_problem(field) or _portal_problem(field)


def _key_problem(field: CustomField) -> Problem | None:
    if not KEY.fullmatch(field.key):
        told = _("The key “%(key)s” must have 2 to 40 small letters, digits and underscores, and begin with a letter.")
        return Problem("key", told % {"key": field.key[:60]})
    if field.key in RESERVED:
        return Problem("key", _("The key “%(key)s” is reserved. Choose another, such as “%(key)s_of_theirs”.") % {"key": field.key})
    return None


def _words_problem(field: CustomField) -> Problem | None:
    for name, known in (("subject", SUBJECTS), ("kind", KINDS), ("sensitivity", SENSITIVITIES), ("portal", PORTALS)):
        if (found := str(getattr(field, name))) not in known:
            return Problem(name, _("“%(found)s” is no %(name)s. There are: %(known)s.") % {"found": found[:40], "name": name, "known": ", ".join(known)})
    for name, most in (("label_en", 100), ("label_es", 100), ("purpose_en", 300), ("purpose_es", 300)):
        if not 0 < len(getattr(field, name).strip()) <= most:
            return Problem(name, _("This is needed in English and in Spanish, with at most %(most)s characters.") % {"most": most})
    return None


def _bounds_problem(field: CustomField) -> Problem | None:
    bounds = {name: bound for name, bound in (("lowest", field.lowest), ("highest", field.highest)) if bound is not None}
    for name, bound in bounds.items():
        if field.kind not in MEASURED:
            return Problem(name, _("Only numbers and amounts have a lowest and highest value."))
        if not (isinstance(bound, Decimal) and bound.is_finite()):
            return Problem(name, _("This must be a finite Decimal; it is %(found)s.") % {"found": f"{type(bound).__name__} {bound}"[:60]})
    if len(bounds) == 2 and bounds["lowest"] > bounds["highest"]:
        return Problem("lowest", _("The lowest value, %(low)s, is above the highest, %(high)s.") % {"low": bounds["lowest"], "high": bounds["highest"]})
    if field.longest is not None and field.kind not in WRITTEN:
        return Problem("longest", _("Only texts have a number of characters."))
    if field.longest is not None and not 1 <= field.longest <= WRITTEN[field.kind]:
        told = _("A text of at most %(found)s characters cannot be kept. Allowed: 1 to %(most)s.")
        return Problem("longest", told % {"found": field.longest, "most": WRITTEN[field.kind]})
    if field.keep_months is not None and not 1 <= field.keep_months <= 600:
        told = _("“%(found)s” is no number of months. Write 1 to 600, or nothing to keep it with the record.")
        return Problem("keep_months", told % {"found": field.keep_months})
    return None


def _choices_problem(field: CustomField) -> Problem | None:
    told = ""
    codes = [choice.code for choice in field.choices]
    if field.kind not in CHOSEN:
        told = _("Only fields to choose in have choices.") if codes else ""
    elif not 1 <= len(codes) <= MOST_CHOICES:
        told = _("It needs 1 to %(most)s choices; it has %(found)s.") % {"most": MOST_CHOICES, "found": len(codes)}
    elif twice := next((code for code in codes if codes.count(code) > 1), ""):
        told = _("The choice “%(code)s” is there twice.") % {"code": twice[:60]}
    elif wrong := next((code for code in codes if not KEY.fullmatch(code)), ""):
        told = _("The code “%(code)s” must have 2 to 40 small letters, digits and underscores, and begin with a letter.") % {"code": wrong[:60]}
    elif unnamed := next((each.code for each in field.choices if not all(0 < len(name.strip()) <= 100 for name in (each.name_en, each.name_es))), ""):
        told = _("The choice “%(code)s” needs a name in English and in Spanish, with at most 100 characters.") % {"code": unnamed}
    return Problem("choices", told) if told else None


def _portal_problem(field: CustomField) -> Problem | None:
    if field.portal == "hidden":
        return None
    if field.sensitivity != "record":
        return Problem("portal", _("Staff or managers alone see this field, so the employer cannot see it in the portal."))
    return Problem("portal", _("In the portal are only fields of the employer.")) if field.subject != "employer" else None
