"""Which questions a page asks next, and what a changed answer would change. Plain functions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from msgspec import Struct

from crm.errors import Invalid
from crm.incentives import installed, told
from crm.incentives.screening import ASKED_AT_ONCE, Screened, programs_for
from crm.incentives.told import Known
from crm.incentives.wording import headline, text
from crm.rulebook.claimed import Earlier
from crm.rulebook.facts import Fact, FactError
from crm.rulebook.remaining import estimated

MOST_LATER = 60
EVEN = 0.5


class Difference(Struct, frozen=True):
    """A program that a change would change: what it brings now, and what it would bring."""

    title: str
    before: str
    after: str


def next_questions(found: Screened, program: str, later: Sequence[str], wrong: Iterable[str]) -> tuple[list[Fact], list[str]]:
    """The few to ask now, those with a wrong answer first, and the keys of those that were put off."""
    facts, wrong = installed.library().facts, [key for key in wrong if key in installed.library().facts]
    own = [each["missing"] for each in found.programs if each["program"] == program]
    order = own[0] if own else [fact.key for fact in found.questions]
    put_off = [key for key in later if key in order]
    fresh = [key for key in order if key not in put_off and key not in wrong]
    asked = [*wrong, *(fresh if own else soon({key: found.chances[key] for key in fresh}))][: max(ASKED_AT_ONCE, len(wrong))]
    if not asked and put_off:  # all others are answered: those put off come again
        asked, put_off = put_off[:ASKED_AT_ONCE], put_off[ASKED_AT_ONCE:]
    return [facts[key] for key in asked], put_off


def soon(chances: Mapping[str, float]) -> list[str]:
    """What to ask next: without what the others will likely settle, as long as something else is open."""
    return [key for key, chance in chances.items() if chance >= EVEN] or list(chances)


def kept_for_later(later: str, asked: str, given: Mapping[str, str]) -> list[str]:
    """The keys that were put off before, and those that were asked now and left open."""
    known = installed.library().facts
    found = [*later.split(","), *(key for key in asked.split(",") if not given.get(key))]
    return [key for key in dict.fromkeys(found) if key in known and not given.get(key)][:MOST_LATER]


def address(hire_id: UUID, asking: Struct) -> str:
    query = urlencode({name: value for name, value in msgspec.structs.asdict(asking).items() if value})
    return f"/hires/{hire_id}" + (f"?{query}" if query else "") + "#ask"


def differences(
    hire: Mapping[str, Any], known: Mapping[str, Known], change: Mapping[str, Any], keys: Iterable[str], today: date,
    before: Earlier = Earlier(),  # noqa: B008 - it cannot be changed
) -> list[Difference]:
    """Program by program, where these answers in the place of the old ones make a difference. Raises `Invalid` where they contradict others."""
    library = installed.library()
    now = told.values_of(known)
    then = {key: value for key, value in now.items() if key not in set(keys)} | dict(change)
    try:
        old, new = library.completed(now), library.completed(then)
    except FactError as problem:
        raise Invalid(str(problem), fields={problem.key: str(problem)}) from problem
    found = [(program, headline(estimated(program, old, today, earlier=before)), headline(estimated(program, new, today, earlier=before)))
             for program in programs_for(hire, library)]  # fmt: skip
    return [Difference(text(program.name), one, other) for program, one, other in found if one != other]
