"""What a rule may ask about: typed, with the question in both languages. Not knowing is a value."""

from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

from msgspec import Struct

from crm.rulebook import entries, reading
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.units import in_words
from crm.translation import _

USUAL, UNLIKELY = 0.75, 0.125
NONE = "none"  # the choice of one to whom none of the others applies
FAR = (date(1900, 1, 1), date(2200, 1, 1))
MUCH = Decimal(1_000_000_000)
Kind = Literal["date", "money", "number", "yes_no", "choice"]
FIRST_YEAR, LAST_YEAR = 1900, 2199  # rules count days and years from a date, and must not run out of calendar
KINDS = ("date", "money", "number", "yes_no", "choice")


class Unknown:
    """The value of a fact that no one has told us. There is one."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        return False


UNKNOWN: Final = Unknown()


class Choice(Struct, frozen=True):
    value: str
    text: dict[str, str]
    text_to_learner: dict[str, str] = {}


ABOUT = ("person", "employer", "job", "training", "year")
KNOWN_BY = ("employer", "learner", "board", "record")
SENSITIVITIES = ("ordinary", "personal", "confidential")


class Fact(Struct, frozen=True, dict=True):
    """A fact: its key, kind, unit, question in each language, what it is about, who knows it, and how sensitive it is.

    A number lies between `least` and `most`, both included; `whole` ones have no fraction. `derive` is a formula that gives it
    where the facts in it are known. `usually` is what most would answer; only the order of questions rests on it. What learners
    are asked has second words for them, see `crm.rulebook.learner_words`.
    """

    key: str
    kind: Kind
    question: dict[str, str]
    unit: str = ""
    hint: dict[str, str] = {}
    about: str = "job"
    known_by: str = "employer"
    sensitivity: str = "ordinary"
    choices: tuple[Choice, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    whole: bool = False
    derive: str = ""
    usually: bool | Decimal | None = None
    question_to_learner: dict[str, str] = {}
    hint_to_learner: dict[str, str] = {}

    @property
    def unit_in_words(self) -> str:
        return in_words(self.unit)

    @cached_property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """Of a number, the least and the most that it may be."""
        return self.least or Decimal(0), MUCH if self.most is None else self.most

    @cached_property
    def likely(self) -> tuple[tuple[Any, float], ...]:
        """Answers that a fact may have, with a rough chance of each, to put questions in order by. What a law asks for is mostly special: it is
        not so three times in four, and where a choice offers none, that is as likely as all others together."""
        if self.kind == "yes_no":
            return ((bool(self.usually), USUAL), (not self.usually, 1 - USUAL))
        if self.usually is not None:
            return ((self.usually, USUAL),)
        if self.kind == "choice":
            some = [each.value for each in self.choices if each.value != NONE]
            none = 0.0 if len(some) == len(self.choices) else 0.5
            return ((NONE, none), *((value, (1 - none) / len(some)) for value in some))
        ends: tuple[Any, ...] = FAR if self.kind == "date" else self.bounds
        return tuple((value, UNLIKELY) for value in ends)  # numbers and days mostly lie where the law would have them


class FactError(ValueError):
    """A value that does not fit its fact, in words: what was found and what is wanted."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def read_facts(file: Path) -> dict[str, Fact]:
    """The facts that a plugin declares. Raises `RuleFileError`."""
    found = reading.read(file)
    return {str(key): _fact(file, str(key), entries.mapping_of(file, found, key, "'kind:' and 'question:'")) for key in found}


TO_LEARNER = "_to_learner"  # at the end of a key: the same words, as the learner reads them
OPTIONAL = {"unit", "hint", "about", "known_by", "sensitivity", "choices", "least", "most", "whole", "derive", "usually", f"question{TO_LEARNER}", f"hint{TO_LEARNER}"}


def _fact(file: Path, key: str, body: Any) -> Fact:
    reading.check_keys(file, body, needed={"kind", "question"}, allowed=OPTIONAL)
    kind = entries.one_of(file, body, "kind", KINDS)
    known_by = entries.one_of(file, body, "known_by", KNOWN_BY, "employer")
    choices = tuple(_read_choice(file, item, known_by) for item in entries.entries(file, body, "choices", "{value: …, text: …}"))
    if (kind == "choice") != bool(choices):
        raise RuleFileError(
            file, reading.line_of(body, "kind"), _("'%(key)s' is of kind '%(kind)s'; choices go with kind 'choice', and only with it.") % {"key": key, "kind": kind}
        )
    least, most = _bounds(file, body, kind)
    return Fact(
        key=key, kind=kind, question=entries.texts(file, body, "question"), unit=entries.text(file, body, "unit", ""),
        hint=entries.texts(file, body, "hint") if "hint" in body else {}, about=entries.one_of(file, body, "about", ABOUT, "job"),
        known_by=known_by,
        sensitivity=entries.one_of(file, body, "sensitivity", SENSITIVITIES, "ordinary"), choices=choices, least=least, most=most,
        whole=entries.yes(file, body, "whole"), derive=entries.text(file, body, "derive", ""), usually=_usually(file, body, kind),
        question_to_learner=_to_learner(file, body, "question", known_by), hint_to_learner=_to_learner(file, body, "hint", known_by),
    )  # fmt: skip


def _usually(file: Path, body: Any, kind: str) -> bool | Decimal | None:
    if "usually" not in body:
        return None
    if kind not in {"yes_no", "number", "money"}:
        raise RuleFileError(file, reading.line_of(body, "usually"), _("'usually' goes with a yes or no, or a number, not with a fact of kind '%(kind)s'.") % {"kind": kind})
    return entries.yes(file, body, "usually") if kind == "yes_no" else entries.number(file, body, "usually")


def _bounds(file: Path, body: Any, kind: str) -> tuple[Decimal | None, Decimal | None]:
    for key in ("least", "most", "whole"):
        if key in body and kind not in {"number", "money"}:
            raise RuleFileError(file, reading.line_of(body, key), _("'%(key)s' goes with a number or money, not with a fact of kind '%(kind)s'.") % {"key": key, "kind": kind})
    least, most = (entries.number(file, body, key) for key in ("least", "most"))
    if least is not None and most is not None and least > most:
        raise RuleFileError(file, reading.line_of(body, "most"), _("'most' (%(most)s) is below 'least' (%(least)s).") % {"most": most, "least": least})
    return least, most


def _read_choice(file: Path, item: Any, known_by: str) -> Choice:
    reading.check_keys(file, item, needed={"value", "text"}, allowed={f"text{TO_LEARNER}"})
    return Choice(str(item["value"]), entries.texts(file, item, "text"), _to_learner(file, item, "text", known_by))


def _to_learner(file: Path, item: Any, part: str, known_by: str) -> dict[str, str]:
    """The second words of a part, where it has some."""
    key = part + TO_LEARNER
    if key not in item:
        return {}
    if known_by != "learner":
        raise RuleFileError(file, reading.line_of(item, key), _("'%(key)s' goes with 'known_by: learner'; who knows this is '%(known_by)s', so no learner is asked.") % {"key": key, "known_by": known_by})
    if part not in item:
        raise RuleFileError(file, reading.line_of(item, key), _("'%(key)s' stands without '%(part)s', which all others read.") % {"key": key, "part": part})
    return entries.texts(file, item, key)


def parse(fact: Fact, value: Any) -> Any:
    """A fact's value out of JSON or a form; `UNKNOWN` for nothing. Raises `FactError`."""
    if value is None or value is UNKNOWN or value in ("", "unknown"):
        return UNKNOWN
    return {"date": _date, "money": _money, "number": _number, "yes_no": _yes_no, "choice": _choice}[fact.kind](fact, value)


def _date(fact: Fact, value: Any) -> date:
    try:
        found = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise FactError(fact.key, _("'%(value)s' is no day. Write it as 2025-10-01.") % {"value": value}) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise FactError(fact.key, _("'%(value)s' cannot be: a day lies between %(first)s and %(last)s. Check the year.") % {"value": value, "first": FIRST_YEAR, "last": LAST_YEAR})
    return found


def typed_number(text: str) -> Decimal | None:
    """A number as people type it, "$2,400.50"; None for what is none."""
    try:
        return Decimal(text.replace("$", "").replace(",", "").strip())
    except InvalidOperation:
        return None


def _decimal(fact: Fact, value: Any) -> Decimal:
    found = typed_number(str(value))
    if found is None:
        raise FactError(fact.key, _("'%(value)s' is no number. Write digits, as 1200 or 1200.50.") % {"value": value})
    if not found.is_finite() or found < 0 or found > Decimal("1e12"):
        raise FactError(fact.key, _("'%(value)s' cannot be: it must be zero or more.") % {"value": value})
    unit = f" {fact.unit_in_words}" if fact.unit and fact.kind == "number" else ""
    if fact.least is not None and found < fact.least:
        raise FactError(fact.key, _("'%(value)s' cannot be: it is at least %(least)s.") % {"value": value, "least": f"{fact.least}{unit}"})
    if fact.most is not None and found > fact.most:
        raise FactError(fact.key, _("'%(value)s' cannot be: it is at most %(most)s. Check the unit.") % {"value": value, "most": f"{fact.most}{unit}"})
    if fact.whole and found != found.to_integral_value():
        raise FactError(fact.key, _("'%(value)s' has a fraction. Write a whole number.") % {"value": value})
    return found


def _money(fact: Fact, value: Any) -> Decimal:
    found = _decimal(fact, value)
    if found != found.quantize(Decimal("0.01")):
        raise FactError(fact.key, _("'%(value)s' has parts of a cent. Write dollars and cents.") % {"value": value})
    return found


def _number(fact: Fact, value: Any) -> Decimal:
    return _decimal(fact, value)


def _yes_no(fact: Fact, value: Any) -> bool:
    known = {True: True, False: False, "yes": True, "no": False, "true": True, "false": False}
    if not isinstance(value, str | bool) or value not in known:
        raise FactError(fact.key, _("'%(value)s' is neither yes nor no.") % {"value": value})
    return known[value]


def _choice(fact: Fact, value: Any) -> str:
    allowed = [choice.value for choice in fact.choices]
    if str(value) not in allowed:
        raise FactError(fact.key, _("'%(value)s' is not one of: %(allowed)s.") % {"value": value, "allowed": ", ".join(allowed)})
    return str(value)
