"""What is asked of earlier claims where no employer is on record: only of what one employer gets, and only where an amount that is certain otherwise rests on it.

Plain functions; nothing is kept. What is left open is not known: the amount then stands as if nothing was claimed, and the page says so.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct

from crm.incentives import installed
from crm.incentives.earlier_claims.claimed_elsewhere import LARGEST, MOST_PEOPLE, OF_ONE_EMPLOYER
from crm.rulebook.amounts import ZERO
from crm.rulebook.claimed import Claimed, Earlier
from crm.rulebook.facts import typed_number
from crm.rulebook.programs import Program
from crm.translation import _

PREFIX = "c-"  # before the field of an earlier claim in a form, as `asking.PREFIX` is before that of a fact
ALL = "all"  # in the place of a year, of a limit over all years
NO_YEAR = 0  # shared with no claim of a year: under such a limit alone it counts
COUNTED = {"amount": "most", "people": "most_people"}  # what a field tells, and the part of a limit that counts it
_FIELD = re.compile(rf"{PREFIX}(?P<program>[a-z0-9-]{{1,60}})-(?P<year>[0-9]{{4}}|{ALL})-(?P<what>{'|'.join(COUNTED)})")
LONGEST = 40  # characters of an answer
_ByYear = dict[str, dict[str, Decimal]]  # amount and people, by year or `ALL`


class Question(Struct, frozen=True):
    """A question with the name of its field, the program, why it is asked or what came of the answer, what was typed, and what is wrong with it."""

    name: str
    question: str
    program: str
    why: str
    people: bool
    typed: str
    problem: str


class Told(Struct, frozen=True):
    """What was told, as claims; `typed` and `problems` are by the names of fields."""

    earlier: Earlier
    typed: dict[str, str]
    problems: dict[str, str]


def read(fields: Mapping[str, str]) -> Told:
    """The fields of a form that tell of earlier claims of programs that are installed. What is wrong counts for nothing."""
    programs = installed.library().programs
    typed: dict[str, str] = {}
    problems: dict[str, str] = {}
    found: dict[str, _ByYear] = {}
    for name, value in fields.items():
        field, told = _FIELD.fullmatch(name), value.strip()[:LONGEST]
        if field is None or field["program"] not in programs or not told:
            continue
        typed[name], people = told, field["what"] == "people"
        number = _number(told, people=people)
        if number is None:
            problems[name] = _("This number of people cannot be.") if people else _("This amount cannot be. Write dollars and cents, as 2400 or 2400.50.")
        else:
            found.setdefault(field["program"], {}).setdefault(field["year"], {})[field["what"]] = number
    return Told(Earlier(tuple(claim for program, years in found.items() for claim in _claims(programs[program], years))), typed, problems)


def _number(typed: str, *, people: bool) -> Decimal | None:
    found = typed_number(typed)
    fits = found is not None and found.is_finite() and 0 <= found <= (MOST_PEOPLE if people else LARGEST) and found == found.quantize(Decimal(1) if people else Decimal("0.01"))
    return found if fits else None


def _claims(program: Program, years: _ByYear) -> Iterator[Claimed]:
    """What no limit of one employer counts was not asked, and takes nothing off. What was told for single years is part of what was told for all."""
    single = {what: sum((told.get(what, ZERO) for year, told in years.items() if year != ALL), ZERO) for what in COUNTED}
    for year, told in years.items():
        limits = [limit for limit in program.limits if limit.level in OF_ONE_EMPLOYER and (limit.level == "employer_lifetime") == (year == ALL)]
        open_ones = {what: None if any(getattr(limit, part) for limit in limits) else ZERO for what, part in COUNTED.items()}
        counts = {what: max(found - (single[what] if year == ALL else ZERO), ZERO) for what, found in told.items()}
        amount, people = (counts.get(what, open_ones[what]) for what in COUNTED)
        yield Claimed(program.id, NO_YEAR if year == ALL else int(year), amount, people=None if people is None else int(people))


def questions(programs: Iterable[Mapping[str, Any]], told: Told) -> list[Question]:
    """Of programs as shown: where an earlier claim could change what is certain otherwise, and what was told before, so that it can be changed."""
    found = []
    for each in programs:
        certain = each["eligible"] == "yes" and each["place"] in ("ready", "waiting")
        for left in each["left"]:
            name = f"{PREFIX}{each['program']}-{left['year'] or ALL}-{'people' if left['people'] else 'amount'}"
            if left["level"] in OF_ONE_EMPLOYER and (name in told.typed or (certain and left["note"])):
                found.append(Question(name, _question(left), each["title"], left["note"] or left["said"], left["people"], told.typed.get(name, ""), told.problems.get(name, "")))
    return found


def _question(left: Mapping[str, Any]) -> str:
    if left["people"]:
        return _("For how many people did the employer already claim it for %(year)s?") % {"year": left["year"]} if left["year"] else _("For how many people did the employer already claim it, in all years?")
    return _("How much did the employer already claim of it for %(year)s?") % {"year": left["year"]} if left["year"] else _("How much did the employer already claim of it, in all years?")
