"""What is worked out for a hire that is on no record: which facts are asked, and what the answers come to.

Plain functions; nothing is kept. Whether a person belongs to a group is never asked here: what only the person or their board can tell
stays open, so that the amount shows between which bounds it lies.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from crm.incentives import changing, installed, screening, told
from crm.incentives.screening import Screened
from crm.incentives.secrecy import employer_may_know
from crm.incentives.wording import text
from crm.rulebook.claimed import Earlier
from crm.rulebook.facts import Fact, FactError
from crm.states import state_name

LONGEST = 40  # characters of an answer: the longest that fits is an amount


class Quick(Struct, frozen=True):
    """`given` are the answers as typed, by key; `asked` what to ask now, `put_off` what was left open, `told` what was answered before.

    `problems` says beside the key what is wrong with an answer, which then counts for nothing.
    """

    state: str
    given: dict[str, str]
    problems: dict[str, str]
    found: Screened
    asked: list[Fact]
    put_off: list[str]
    told: list[Fact]


def work_out(
    state: str, typed: Mapping[str, str], put_off: Sequence[str], today: date, recorded: Mapping[str, Any] | None = None,
    before: Earlier = Earlier(),  # noqa: B008 - it cannot be changed
) -> Quick:  # fmt: skip
    """What is no question of ours, what is `recorded` (values, by the keys of facts), and what is asked of no one here, counts as not sent.

    A state that is none is none: federal programs alone. `before` is what the employer claimed.
    """
    known, recorded = installed.library().facts, recorded or {}
    given = {key: value[:LONGEST] for key, value in typed.items() if value and key in known and key not in recorded and employer_may_know(known[key])}
    values, problems = told.read(given)
    place = state if state_name(state) else ""
    found = for_one(_screened(place, {**recorded, **values}, problems, today, before), employer_may_know)
    asked, later = changing.next_questions(found, "", put_off, problems)
    asked_now = {fact.key for fact in asked}
    return Quick(place, given, problems, found, asked, later, [known[key] for key in given if key not in asked_now])


def _screened(state: str, values: dict[str, Any], problems: dict[str, str], today: date, before: Earlier) -> Screened:
    """Of answers that contradict each other, the one that is complained of is left out."""
    while True:
        try:
            return screening.of_facts(state, values, today, outside=True, before=before)
        except FactError as problem:
            problems[problem.key] = str(problem)
            if values.pop(problem.key, None) is None:
                values.clear()


def for_one(found: Screened, answers: Callable[[Fact], bool]) -> Screened:
    """The same for someone who answers some facts alone: their questions, and of each program what they can answer and how many others answer."""
    for each in found.programs:
        _say_what_is_open(each, answers)
    return screening.asked_of(found, answers)


def _say_what_is_open(shown: dict[str, Any], answers: Callable[[Fact], bool]) -> None:
    """In the place of all open questions: their own, and how many the person and the board answer."""
    missing = [installed.library().facts[key] for key in shown["missing"]]
    own = [text(fact.question) for fact in missing if answers(fact)]
    person, every = shown["asked_person"], len(missing) + shown["asked_apart"]
    shown["open_own"], shown["open_person"], shown["open_board"] = own, person, every - person - len(own)
