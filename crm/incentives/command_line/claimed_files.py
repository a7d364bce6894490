"""What was claimed before, as a file tells it under `already`: `{program: us-wotc, year: 2025, amount: 2400, person: Ana, source: Form 5884}`.

An amount, or a number of people, that is not known is written `unknown`. That nothing was claimed is said by the amount 0, with `people: 0`.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from crm.errors import Invalid
from crm.rulebook import reading
from crm.rulebook.claimed import Claimed, Earlier
from crm.rulebook.facts import FIRST_YEAR, LAST_YEAR, UNKNOWN, Fact, FactError, parse
from crm.rulebook.library import Library

ALREADY, PERSON = "already", "person"
BESIDE_FACTS = (ALREADY, PERSON)  # in a file of facts of one hire
MOST_ALREADY = 1000
LONGEST_PERSON = 120


class _Before(Struct, forbid_unknown_fields=True, kw_only=True):
    """A claim as a file has it. `people` without a person: for how many."""

    program: str
    year: Any
    amount: Any
    person: Annotated[str, Meta(max_length=LONGEST_PERSON)] = ""
    people: Any = 1
    source: Annotated[str, Meta(max_length=200)] = ""


_YEAR = Fact("year", "number", {}, whole=True, least=Decimal(FIRST_YEAR), most=Decimal(LAST_YEAR))
_AMOUNT, _PEOPLE = Fact("amount", "money", {}), Fact("people", "number", {}, whole=True, most=Decimal(10**6))


def earlier_of(told: Mapping[str, Any], library: Library, where: str) -> Earlier:
    """What stands beside the facts of one hire: the claims made before, and who of them the hire is. Raises `Invalid`, as `already.2.year`."""
    problems: dict[str, str] = {}
    claims, person = tuple(claims_of(told.get(ALREADY) or [], library, where, problems)), told.get(PERSON) or ""
    if not isinstance(person, str | int) or len(str(person)) > LONGEST_PERSON:
        problems[PERSON] = f"{where}: 'person:' is a name or a number of at most {LONGEST_PERSON} characters, as the claims under 'already:' have it."
    if problems:
        raise Invalid("\n".join(dict.fromkeys(problems.values())), fields=problems)
    return Earlier(claims, str(person))


def facts_alone(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key not in BESIDE_FACTS}


def claims_of(told: Any, library: Library, where: str, problems: dict[str, str]) -> Iterator[Claimed]:
    """The claims that are right; what is wrong with the others, by their places."""
    if not isinstance(told, list) or len(told) > MOST_ALREADY:
        problems[ALREADY] = f"{where}: 'already:' is a list of at most {MOST_ALREADY:,} claims, as '- {{program: us-wotc, year: 2025, amount: 2400}}'."
        return
    for number, item in enumerate(told, start=1):
        try:
            each = msgspec.convert(item, _Before)
            year, amount, people = parse(_YEAR, each.year), parse(_AMOUNT, each.amount), parse(_PEOPLE, each.people)
        except (msgspec.ValidationError, FactError) as problem:
            problems[f"{ALREADY}.{number}"] = f"{where}, already {number}: {problem}. Write program, year, and the amount in dollars or 'unknown'."
            continue
        if year is UNKNOWN:
            problems[f"{ALREADY}.{number}.year"] = f"{where}, already {number}: write the year of the claim, as 2025."
            continue
        if each.program not in library.programs:
            problems[f"{ALREADY}.{number}.program"] = f"{where}, already {number}: There is no program '{each.program[:60]}'. {reading.meant(each.program, library.programs)}"
            continue
        yield Claimed(each.program, int(year), None if amount is UNKNOWN else amount, each.person, None if people is UNKNOWN else int(people), each.source)
