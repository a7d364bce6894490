"""A hire before all programs at once: what each would bring, what to ask next, and what is best claimed together. For pages and paper."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from crm.incentives import installed, told
from crm.incentives.secrecy import for_others
from crm.incentives.told import Known
from crm.incentives.wording import as_shown, headline, stack_shown
from crm.rulebook import screening, stacking
from crm.rulebook.claimed import Earlier
from crm.rulebook.estimates import Estimate, estimate
from crm.rulebook.facts import Fact
from crm.rulebook.library import Library
from crm.rulebook.ordering import LARGE, ordered
from crm.rulebook.programs import Program
from crm.rulebook.remaining import estimated

ASKED_AT_ONCE = 4
PLACES = ("ready", "open", "waiting", "no", "ended")


class Screened(Struct):
    """`places` holds the programs as shown, the most money first: ready to claim, open, waiting for a law, not for this hire, ended, and bills.

    `waiting` are the estimates that wait for answers; `questions` all that are open, the most useful first, by key, each with the chance that it is
    still open once those before it are answered. `stack` is the best plan as the law stands, `renewed` if lapsed law came back.
    """

    places: dict[str, list[dict[str, Any]]]
    waiting: list[Estimate]
    chances: dict[str, float]
    stack: dict[str, Any] | None
    renewed: dict[str, Any] | None

    @property
    def questions(self) -> list[Fact]:
        return [installed.library().facts[key] for key in self.chances]

    @property
    def programs(self) -> list[dict[str, Any]]:
        return [each for place in PLACES for each in self.places[place]]

    @property
    def deadlines(self) -> list[dict[str, Any]]:
        """Of what may still be claimed, the first first."""
        found = [due | {"program": each["program"], "title": each["title"]} for place in PLACES[:3] for each in self.places[place] for due in each["deadlines"]]
        return sorted(found, key=lambda due: due["date"])


def programs_for(hire: Mapping[str, Any], library: Library) -> list[Program]:
    """The federal programs and those of the state where the work is done."""
    return screening.programs_for(library, {told.place_of(hire)} - {""})


def screened(hire: Mapping[str, Any], known: Mapping[str, Known], today: date, *, outside: bool = False, before: Earlier = Earlier()) -> Screened:  # noqa: B008 - it cannot be changed
    """Raises `FactError` where facts contradict each other. `outside`: as people outside the board may see it. `before`: what was claimed (`earlier.of`)."""
    return of_facts(told.place_of(hire), told.values_of(known), today, outside=outside, before=before)


def of_facts(state: str, values: Mapping[str, Any], today: date, *, outside: bool = False, before: Earlier = Earlier()) -> Screened:  # noqa: B008 - it cannot be changed
    """The federal programs and those of the state before these facts, by their keys; as `screened`."""
    library = installed.library()
    facts = library.completed(values)
    programs = screening.programs_for(library, {state} - {""})
    found = [estimated(program, facts, today, earlier=before) for program in programs]
    here = {program.id for program in programs}
    bills = [estimated(program, facts, today, earlier=before) for program in library.programs.values() if program.scenario_of in here]
    places: dict[str, list[dict[str, Any]]] = {place: [] for place in (*PLACES, "bills")}
    for each, place in [*((each, place_of(each)) for each in found), *((each, "bills") for each in bills if each.eligible != "no")]:
        places[place].append(_shown(each, facts, library, outside=outside))
    for listed in places.values():
        listed.sort(key=lambda each: -_worth(each))
    stack = _stacked(programs, facts, today, before, if_renewed=False, library=library)
    renewed = _stacked(programs, facts, today, before, if_renewed=True, library=library) if places["waiting"] else stack
    waiting = [each for each in found if each.missing and place_of(each) != "ended"]  # what ended asks nothing
    return Screened(places, waiting, ordered(waiting, library.facts), stack, renewed if renewed != stack else None)


def asked_of(found: Screened, answers: Callable[[Fact], bool]) -> Screened:
    """The same with the questions for someone who answers some facts alone."""
    facts = {key: fact for key, fact in installed.library().facts.items() if answers(fact)}
    return replace(found, chances=ordered(found.waiting, facts))


def of_program(program: Program, hire: Mapping[str, Any], known: Mapping[str, Known], today: date, *, outside: bool = False,
               before: Earlier = Earlier()) -> dict[str, Any]:  # noqa: B008 - it cannot be changed
    """One program for a hire, with every step and condition. Raises `FactError` as `screened` does."""
    library = installed.library()
    facts = library.completed(told.values_of(known))
    return _shown(estimated(program, facts, today, earlier=before), facts, library, outside=outside)


def place_of(found: Estimate) -> str:
    """Where a program stands for a hire."""
    status = found.status.state if found.status else "sunset"
    if found.eligible == "no" or (status == "sunset" and found.program.earlier != "unknown"):
        return "ended" if status == "sunset" else "no"
    if status != "active":
        return "waiting"
    return "ready" if found.eligible == "yes" else "open"


def would_bring(found: Estimate, facts: Mapping[str, Any], today: date) -> tuple[bool, Decimal | None]:
    """Of a program that brings nothing, because conditions are not met: whether it could bring something were they met, and at most how much."""
    asked = {key for outcome in found.outcomes if outcome.state == "not_met" for key in (outcome.condition.asks or {outcome.condition.fact})}
    if not asked:
        return False, None
    again = estimate(found.program, {key: value for key, value in facts.items() if key not in asked}, today)
    most = again.amount or again.potential_amount or again.at_most
    return again.eligible != "no" and most != 0, most


def _shown(found: Estimate, facts: Mapping[str, Any], library: Library, *, outside: bool) -> dict[str, Any]:
    shown = as_shown(found, library)
    could, most = would_bring(found, facts, found.as_of) if found.eligible == "no" else (False, None)
    shown |= {"headline": headline(found), "could": could, "could_most": None if most is None else str(most), "place": place_of(found),
              "summary": found.program.summary, "needs_review": found.needs_review, "person": "", "asked_apart": 0,
              "limits_open": any(each["note"] for each in shown["left"])}  # fmt: skip
    return for_others(shown, found.program, library.facts) if outside else shown


def _worth(shown: Mapping[str, Any]) -> Decimal:
    amount = Decimal(shown["amount"] or 0) or Decimal(shown["potential_amount"] or 0)
    return amount or (min(Decimal(shown["at_most"]), LARGE) if shown["at_most"] else LARGE)


def _stacked(programs: Sequence[Program], facts: Mapping[str, Any], today: date, before: Earlier, *, if_renewed: bool, library: Library) -> dict[str, Any] | None:
    """The best plan; None where nothing can be claimed, or too many programs stand to each other to weigh them all."""
    try:
        found = stacking.stack(programs, facts, today, if_renewed=if_renewed, earlier=before)
    except stacking.TooMany:
        return None
    if not found.best.claims:
        return None
    shown = stack_shown(found, facts)
    names = {program.id: program.name for program in library.programs.values()}
    return {"best": shown["best"], "next_best": shown["next_best"], "names": names}
