"""What a visitor may work out for a hire: which facts are asked of someone without an account, and what their answers come to.

Plain functions; nothing is kept. Whether a person belongs to a group is never asked here: what only the person or their board can tell
stays open, so that the amount shows between which bounds it lies.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from crm.incentives import changing, installed, screening, told
from crm.incentives.screening import Screened
from crm.incentives.wording import text
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


def may_be_asked(fact: Fact) -> bool:
    """Whether an employer knows it without knowing anything about the person that is theirs alone to tell."""
    return fact.sensitivity == "ordinary" and (fact.known_by in ("employer", "record") or (fact.known_by == "board" and fact.about != "person"))


def work_out(state: str, typed: Mapping[str, str], put_off: Sequence[str], today: date) -> Quick:
    """What is no question of ours, and what is asked of no visitor, counts as not sent. A state that is none is none: federal programs alone."""
    known = installed.library().facts
    given = {key: value[:LONGEST] for key, value in typed.items() if value and key in known and may_be_asked(known[key])}
    values, problems = told.read(given)
    place = state if state_name(state) else ""
    found = _screened(place, values, problems, today)
    askable = [fact for fact in found.questions if may_be_asked(fact)]
    found = Screened(found.places, askable, found.stack, found.renewed)
    for each in found.programs:
        _say_what_is_open(each, known)
    asked, later = changing.next_questions(found, "", put_off, problems)
    asked_now = {fact.key for fact in asked}
    return Quick(place, given, problems, found, asked, later, [known[key] for key in given if key not in asked_now])


def _screened(state: str, values: dict[str, Any], problems: dict[str, str], today: date) -> Screened:
    """Of answers that contradict each other, the one that is complained of is left out."""
    while True:
        try:
            return screening.of_facts(state, values, today, outside=True)
        except FactError as problem:
            problems[problem.key] = str(problem)
            if values.pop(problem.key, None) is None:
                values.clear()


def _say_what_is_open(shown: dict[str, Any], known: Mapping[str, Fact]) -> None:
    """In the place of all open questions: those that the visitor can answer, and how many others answer, the person and the board."""
    own = [known[key] for key in shown["missing"] if may_be_asked(known[key])]
    person = sum(known[key].about == "person" for key in shown["missing"] if not may_be_asked(known[key])) + shown["asked_apart"]
    shown["open_person"], shown["open_board"] = person, len(shown["missing"]) + shown["asked_apart"] - len(own) - person
    shown["open_own"] = [text(fact.question) for fact in own]
