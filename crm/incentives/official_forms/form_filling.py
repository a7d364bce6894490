"""What goes into which field of an agency's form, and how it is written there. Plain functions.

A Social Security number goes into none: a field that asks for it is left to be written by hand.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from crm.incentives import installed
from crm.incentives.secrecy import is_secret
from crm.incentives.wording import text
from crm.pdf_forms import Field
from crm.rulebook.facts import UNKNOWN, Fact
from crm.rulebook.programs import Program
from crm.translation import _, lazy_

_SSN = re.compile(r"\bssn|social[\W_]*sec|seguro[\W_]*social", re.IGNORECASE)
_PART = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?")
AS_IT_IS = "as_it_is"
HOW: Mapping[str, tuple[Any, str]] = {  # what to write of a value: in words, and of which kind the value must be
    AS_IT_IS: (lazy_("as it is"), ""), "mdy": ("10/31/2026", "date"), "mdy_short": ("10/31/26", "date"), "iso": ("2026-10-31", "date"),
    "long": ("October 31, 2026", "date"), "month": (lazy_("the month, 10"), "date"), "day": (lazy_("the day, 31"), "date"), "year": (lazy_("the year, 2026"), "date"),
    "plain": ("1234.50", "money"), "dollars": (lazy_("whole dollars, 1,234"), "money"), "cents": (lazy_("cents, 50"), "money"),
    "signs": (lazy_("letters and digits alone"), ""),
}  # fmt: skip
RECORDS: Mapping[str, tuple[Any, str, Any]] = {  # what records know: in words, of which kind, and an invented value
    "employer.name": (lazy_("Employer: name"), "text", "Peña & Sons Bakery"), "employer.fein": (lazy_("Employer: FEIN"), "text", "12-3456789"),
    "employer.phone": (lazy_("Employer: phone"), "text", "(508) 555-0123"), "employer.city": (lazy_("Employer: city"), "text", "Worcester"),
    "employer.state": (lazy_("Employer: state"), "text", "MA"), "employer.zip": (lazy_("Employer: ZIP"), "text", "01608"),
    "site.name": (lazy_("Worksite: name"), "text", "Main Street"), "site.line1": (lazy_("Worksite: street"), "text", "1 Main Street"),
    "site.line2": (lazy_("Worksite: second line"), "text", "Suite 2"), "site.city": (lazy_("Worksite: city"), "text", "Worcester"),
    "site.state": (lazy_("Worksite: state"), "text", "MA"), "site.zip": (lazy_("Worksite: ZIP"), "text", "01608"),
    "site.phone": (lazy_("Worksite: phone"), "text", "(508) 555-0124"), "hire.job_title": (lazy_("Hire: job"), "text", "Baker"),
    "hire.state": (lazy_("Hire: state where the work is done"), "text", "MA"), "case.owner": (lazy_("Case: who looks after it"), "text", "Ana López"),
    "case.board": (lazy_("Case: board"), "text", "Central Board"), "case.today": (lazy_("The day on which it is filled in"), "date", date(2026, 10, 31)),
}  # fmt: skip
_INVENTED: Mapping[str, Any] = {"date": date(2026, 10, 31), "money": Decimal("1234.50"), "number": Decimal(120), "yes_no": True}


class Line(Struct, frozen=True):
    """What goes into one field: a `source`, written as `how`, of it the characters in `part` (as "3-9"); or a box, ticked where the source is `equals`."""

    field: str
    on: str
    source: str
    how: str = AS_IT_IS
    part: str = ""
    equals: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.field, self.on


class Source(Struct, frozen=True):
    """Something to fill in with: a fact of the program by its key, or what a record knows. `choices` are values with their words, for boxes."""

    key: str
    label: str
    kind: str
    secret: bool
    choices: tuple[tuple[str, str], ...] = ()


class Blank(Struct, frozen=True):
    """What stays empty: the field, what would go there, and why."""

    field: str
    source: str
    why: str


class Filled(Struct, frozen=True):
    """Texts and ticked boxes by the names of their fields, and what stays empty."""

    texts: dict[str, str]
    marks: dict[str, str]
    left: tuple[Blank, ...]


def is_by_hand(field: Field) -> bool:
    """Whether the field asks for a Social Security number."""
    return _SSN.search(f"{field.name} {field.says}") is not None


def name_of(field: Field) -> str:
    """How people know it: by what the form says of it, or its name without what only programs need."""
    return field.says or re.sub(r"\[\d+\]", "", field.name.rpartition(".")[2])


def sources(program: Program) -> dict[str, Source]:
    """What records know, then the facts of the program and those from which they follow."""
    facts = installed.library().facts
    keys = dict.fromkeys(key for each in program.facts if each in facts for key in (each, *re.findall(r"\w+", facts[each].derive)))
    found = {key: Source(key, _(label), kind, False) for key, (label, kind, _value) in RECORDS.items()}
    return found | {key: _of_fact(facts[key]) for key in keys if key in facts}


def _of_fact(fact: Fact) -> Source:
    choices = tuple((each.value, text(each.text)) for each in fact.choices) if fact.kind == "choice" else ()
    if fact.kind == "yes_no":
        choices = (("yes", _("yes")), ("no", _("no")))
    return Source(fact.key, text(fact.question), fact.kind, is_secret(fact), choices)


def invented(program: Program, lines: Iterable[Line]) -> tuple[dict[str, Any], list[Line]]:
    """Values for a preview, and the lines with every box ticked, so that each is seen where it is."""
    values = {key: value for key, (_label, _kind, value) in RECORDS.items()}
    for source in sources(program).values():
        values.setdefault(source.key, source.choices[0][0] if source.kind == "choice" else _INVENTED.get(source.kind, ""))
    return values | {"": True}, [Line(each.field, each.on, "", equals="yes") if each.on else each for each in lines]


def problem_of(line: Line, field: Field, known: Mapping[str, Source]) -> str:
    """What is wrong with a line, for whoever writes it; nothing when all is well."""
    source = known.get(line.source)
    if source is None:
        return _("This is nothing that can be filled in. Choose from the list.")
    if is_by_hand(field):
        return _("A Social Security number is always written by hand. Leave this field open.")
    if field.kind == "box":
        return "" if line.equals in dict(source.choices) else _("Choose the answer that ticks this box.")
    wants = HOW[line.how][1] if line.how in HOW else "?"
    if wants and wants != source.kind:
        return _("“%(source)s” cannot be written in this way. Choose “as it is”, or another way.") % {"source": source.label}
    return "" if not line.part or _range(line.part) else _("Write which characters go here, as 3 or 1-2, the first being 1.")


def filled(fields: Sequence[Field], lines: Iterable[Line], values: Mapping[str, Any], known: Mapping[str, Source], hidden: frozenset[str] = frozenset()) -> Filled:
    """`values` are by source, `UNKNOWN` or absent where no one told; those of `hidden` sources are not for the reader. What does not fit stays empty."""
    by_key, texts, marks, left = {each.key: each for each in fields}, {}, {}, []
    for line in lines:
        field = by_key.get(line.key)
        if field is None or is_by_hand(field):
            continue
        value = values.get(line.source, UNKNOWN)
        why = ""
        if line.source in hidden:
            why = _("not yours to see")
        elif value is UNKNOWN or value in ("", None):
            why = _("not known")
        elif line.on:
            if _same(value, line.equals):
                marks[line.field] = line.on
        else:
            written = write(_in_english(line.source, value), line)
            why = _misfit(written, field)
            if not why:
                texts[line.field] = written
        if why:
            left.append(Blank(name_of(field), known[line.source].label if line.source in known else line.source, why))
    return Filled(texts, marks, tuple(left))


def _in_english(key: str, value: Any) -> Any:
    """Of a choice its words in the place of its value."""
    fact = installed.library().facts.get(key)
    return next((each.text["en"] for each in fact.choices if each.value == value), value) if fact else value


def _same(value: Any, wanted: str) -> bool:
    return wanted == ({True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value))


def _misfit(written: str, field: Field) -> str:
    if not written:
        return _("nothing of it goes here")
    if field.most and len(written) > field.most:
        return _("too long: %(found)s characters, and %(most)s fit") % {"found": len(written), "most": field.most}
    if field.options and written not in field.options:
        return _("no choice of this field")
    return ""


def write(value: Any, line: Line) -> str:
    """A value as the form wants it. Forms of agencies are in English, and so are their dates and numbers."""
    written = _written(value, line.how)
    if line.how == "signs" or line.part:
        written = "".join(each for each in written if each.isalnum())
    if bounds := _range(line.part):
        written = written[bounds[0] - 1 : bounds[1]]
    return written


def _written(value: Any, how: str) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, date):
        return _day(value, how)
    if isinstance(value, Decimal):
        return _amount(value, how)
    return str(value)


def _day(value: date, how: str) -> str:
    ways = {"mdy_short": "%m/%d/%y", "iso": "%Y-%m-%d", "month": "%m", "day": "%d", "year": "%Y"}
    return f"{value:%B} {value.day}, {value.year}" if how == "long" else value.strftime(ways.get(how, "%m/%d/%Y"))


def _amount(value: Decimal, how: str) -> str:
    if how == "dollars":
        return f"{int(value):,}"
    if how == "cents":
        return f"{value % 1:.2f}"[2:]
    if how == "plain":
        return f"{value:.2f}"
    return f"{value:,.2f}" if value % 1 else f"{int(value):,}"


def _range(part: str) -> tuple[int, int] | None:
    found = _PART.fullmatch(part)
    if not found:
        return None
    first, last = int(found[1]), int(found[2] or found[1])
    return (first, last) if 1 <= first <= last else None
