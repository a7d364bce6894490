"""An incentive program as data: who is eligible, how much, up to which limits, beside which others, by when, and the law's status on each day."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from ruamel.yaml.comments import CommentedMap

from crm.rulebook import entries, reading
from crm.rulebook.conditions import Condition, fact_of, formula, read_condition
from crm.rulebook.deadlines import Deadline, read_deadline
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.formula_reading import Known
from crm.rulebook.formulas import Before, Part, Told, facts_of, laws_of
from crm.rulebook.parameters import Parameter, Reference, references
from crm.rulebook.steps import Step, read_steps
from crm.states import state_code
from crm.translation import _

if TYPE_CHECKING:
    from crm.rulebook.estimates import AnyLaw

FEDERAL, NO_STATE = "US", "ZZ"  # ZZ is for examples: no page shows it
KINDS = ("credit", "reimbursement", "grant", "insurance_discount", "bond", "deduction")
STATES = ("active", "hiatus", "sunset", "capped", "proposed")
PER = ("person", "employer", "project")
LEVELS = ("person_lifetime", "employer_year", "employer_lifetime", "all_employers_year")
RELATIONS = ("same_wages_once", "wages_excluded", "same_person_once", "same_costs_once", "requires", "lowers_deduction", "one_at_a_time")
EARLIER = ("did_not_exist", "unknown")
ROUNDINGS = ("cents", "dollars")
ASKS = ("person", "work")  # what a form is about
NEEDED = {"id", "name", "jurisdiction", "kind", "agency", "law", "date_key", "status", "conditions", "amount", "reference"}
ALLOWED = {
    "summary", "payer", "contact", "per", "scenario_of", "limits", "beside", "deadlines", "claim", "forms", "notes", "round", "refundable", "carry",
    "review_status", "earlier",
}  # fmt: skip


class Status(Struct, frozen=True):
    """What the law is for a date key from a day on, since when that is known, and what the page may say."""

    since: date
    state: str
    says: dict[str, str]
    citation: str
    known_since: date | None = None
    review_status: str = "verified"
    line: int = 0


class Limit(Struct, frozen=True):
    """A cap above one person's amount: in money, or in people."""

    level: str
    what: dict[str, str]
    citation: str
    most: Part | None = None
    most_people: Part | None = None
    review_status: str = "verified"
    line: int = 0


class Relation(Struct, frozen=True):
    """How this program stands to another one.

    `sets` says what is taken off where both are claimed: facts of this program, each with the step of the other one that gives it.
    """

    program: str
    relation: str
    says: dict[str, str]
    citation: str
    sets: Mapping[str, str] = {}
    review_status: str = "verified"
    line: int = 0


class Carry(Struct, frozen=True):
    """For how many years what was not used goes back and forward; None where there is no end."""

    back: int = 0
    forward: int | None = 0


class Form(Struct, frozen=True):
    """A form of an agency's, at which step it is used, and whom it asks about: the `person`, the `work`, or nothing that is known here."""

    title: str
    says: dict[str, str]
    href: str = ""
    review_status: str = "verified"
    asks: str = ""


class Sentence(Struct, frozen=True):
    """A sentence with its source: a step of the claim, or a note."""

    says: dict[str, str]
    citation: str = ""
    review_status: str = "verified"


class Program(Struct, frozen=True, dict=True):
    """`earlier` says what was before the first status: the program `did_not_exist`, or its law is `unknown`, being looked up from that day on."""

    id: str
    name: dict[str, str]
    jurisdiction: str
    kind: str
    agency: str
    law: str
    date_key: str
    statuses: tuple[Status, ...]
    conditions: tuple[Condition, ...]
    steps: tuple[Step, ...]
    references: tuple[Reference, ...]
    file: Path
    summary: dict[str, str] = {}
    payer: str = ""
    contact: str = ""
    per: str = "person"
    scenario_of: str = ""
    limits: tuple[Limit, ...] = ()
    beside: tuple[Relation, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    claim: tuple[Sentence, ...] = ()
    forms: tuple[Form, ...] = ()
    notes: tuple[Sentence, ...] = ()
    round: str = "cents"
    refundable: bool | None = None
    carry: Carry | None = None
    earlier: str = EARLIER[0]
    review_status: str = "verified"

    def status_on(self, day: date, known: date | None = None) -> Status | None:
        """The status for a date key on that day, as it was known on the day `known`; None before the program began."""
        found = [status for status in self.statuses if status.since <= day and (known is None or (status.known_since or status.since) <= known)]
        return found[-1] if found else None

    def formulas(self) -> Iterator[Part]:
        """Every formula that decides whether and how much, in the order in which they stand."""
        for condition in self.conditions:
            yield from (part for part in (condition.when, condition.test) if part is not None)
        for step in self.steps:
            yield from (part for part in (step.when, step.formula) if part is not None)

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """Every fact that it may ask: first the one whose day selects the law, then in the order in which they stand."""
        asked = (key for part in self.formulas() for key in facts_of(part))
        return tuple(dict.fromkeys([self.date_key, *asked]))

    @cached_property
    def rests_on(self) -> Mapping[str, frozenset[str]]:
        """The facts that each step rests on, through earlier steps too."""
        found: dict[str, frozenset[str]] = {}
        for step in self.steps:
            parts = [part for whole in (step.when, step.formula) if whole is not None for part in whole.walk()]
            own = {part.fact.key for part in parts if isinstance(part, Told)}
            found[step.name] = frozenset(own.union(*(found[part.name] for part in parts if isinstance(part, Before))))
        return found

    @cached_property
    def emptied_by(self) -> Mapping[str, float]:
        """The facts of which one answer alone leaves an amount of nothing, whichever law holds, with how likely such an answer is."""
        from crm.rulebook.amounts import emptied_by  # which rests on programs

        return emptied_by(self)

    @cached_property
    def untold(self) -> "AnyLaw":
        """What becomes of it while nothing that it asks is told, which is the same for all."""
        from crm.rulebook.estimates import under_any_law  # which rests on programs

        return under_any_law(self, {}, None)

    @cached_property
    def offers_choices(self) -> bool:
        """Whether one of its facts is a choice."""
        return any(isinstance(part, Told) and part.kind == "choice" for whole in self.formulas() for part in whole.walk())

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every number of law that it rests on."""
        found = {law.name: law for part in self.formulas() for law in laws_of(part)}
        for limit in self.limits:
            found |= {law.name: law for part in (limit.most, limit.most_people) if part is not None for law in laws_of(part)}
        return tuple(found.values())

    @cached_property
    def versions(self) -> tuple[date, ...]:
        """A day of each version of what decides whether and how much, the first on which it held."""
        laws = {law.name: law for part in self.formulas() for law in laws_of(part)}.values()
        return tuple(sorted({tuple(law.since(day) for law in laws): day for day in reversed(self.turns)}.values()))

    @cached_property
    def turns(self) -> tuple[date, ...]:
        """The days on which its law changed, one way or another."""
        dated = {day for law in self.parameters for day in law.days} | {status.since for status in self.statuses}
        return tuple(sorted(dated))


def read_program(file: Path, known: Known) -> Program:
    """Raises `RuleFileError` with file, line, what was found and what to write."""
    found = reading.read(file)
    reading.check_keys(file, found, needed=NEEDED, allowed=ALLOWED)
    conditions = tuple(read_condition(file, item, known) for item in entries.entries(file, found, "conditions", "id: age"))
    _once(file, [(condition.id, condition.line) for condition in conditions])
    fact_of(file, found, "date_key", known, "date")
    return Program(
        id=entries.text(file, found, "id"), name=entries.texts(file, found, "name"),
        jurisdiction=_jurisdiction(file, found), kind=entries.one_of(file, found, "kind", KINDS),
        agency=entries.text(file, found, "agency"), law=entries.text(file, found, "law"),
        date_key=entries.text(file, found, "date_key"), statuses=_statuses(file, found), conditions=conditions,
        steps=read_steps(file, found, known), references=references(file, found), file=file,
        summary=entries.texts(file, found, "summary") if "summary" in found else {},
        payer=entries.text(file, found, "payer", ""), contact=entries.text(file, found, "contact", ""),
        per=entries.one_of(file, found, "per", PER, "person"), scenario_of=entries.text(file, found, "scenario_of", ""),
        limits=tuple(_limit(file, item, known) for item in entries.entries(file, found, "limits", "level: employer_year")),
        beside=tuple(_relation(file, item, known) for item in entries.entries(file, found, "beside", "program: us-wotc")),
        deadlines=tuple(read_deadline(file, item, known) for item in entries.entries(file, found, "deadlines", "id: form")),
        claim=tuple(_sentence(file, item) for item in entries.entries(file, found, "claim", "says: {en: …, es: …}")),
        forms=tuple(_form(file, item) for item in entries.entries(file, found, "forms", "title: Form 5884")),
        notes=tuple(_sentence(file, item) for item in entries.entries(file, found, "notes", "says: {en: …, es: …}")),
        round=entries.one_of(file, found, "round", ROUNDINGS, "cents"),
        refundable=entries.yes(file, found, "refundable") if "refundable" in found else None, carry=_carry(file, found),
        earlier=entries.one_of(file, found, "earlier", EARLIER, EARLIER[0]),
        review_status=entries.review(file, found),
    )  # fmt: skip


def _jurisdiction(file: Path, found: CommentedMap) -> str:
    """Two letters, as pages and commands ask for it: a name that no page asks for would hide the program."""
    told = entries.text(file, found, "jurisdiction")
    if told in {FEDERAL, NO_STATE} or state_code(told) == told:
        return told
    near = state_code(told) or "MA"
    raise RuleFileError(file, reading.line_of(found, "jurisdiction"), _("'jurisdiction' is '%(told)s'. Write the state's two capital letters, as %(near)s, or %(federal)s for a federal program.") % {"told": told, "near": near, "federal": FEDERAL})


def _statuses(file: Path, found: CommentedMap) -> tuple[Status, ...]:
    statuses = [_status(file, item) for item in entries.entries(file, found, "status", "since: 2024-01-01")]
    if not statuses:
        raise RuleFileError(file, reading.line_of(found, "status"), _("say what the law is, at least once: '- since: 2024-01-01'."))
    _once(file, [(str(status.since), status.line) for status in statuses])
    return tuple(sorted(statuses, key=lambda status: status.since))


def _once(file: Path, named: list[tuple[str, int]]) -> None:
    seen: set[str] = set()
    for name, line in named:
        if name in seen:
            raise RuleFileError(file, line, _("'%(name)s' stands twice. Keep one of the two, or give this one another.") % {"name": name})
        seen.add(name)


def _status(file: Path, item: CommentedMap) -> Status:
    reading.check_keys(file, item, needed={"since", "state", "says", "citation"}, allowed={"known_since", "review_status"})
    return Status(
        entries.day(file, item, "since"), entries.one_of(file, item, "state", STATES), entries.texts(file, item, "says"),
        entries.text(file, item, "citation"), entries.day(file, item, "known_since") if "known_since" in item else None,
        entries.review(file, item), reading.line_of(item, "since") or 1,
    )  # fmt: skip


def _limit(file: Path, item: CommentedMap, known: Known) -> Limit:
    reading.check_keys(file, item, needed={"level", "what", "citation"}, allowed={"most", "most_people", "review_status"})
    if "most" not in item and "most_people" not in item:
        raise RuleFileError(file, reading.line_of(item), _("a limit says 'most: law.…' in money, or 'most_people: law.…', or both."))
    return Limit(
        entries.one_of(file, item, "level", LEVELS), entries.texts(file, item, "what"), entries.text(file, item, "citation"),
        formula(file, item, "most", known, "money") if "most" in item else None,
        formula(file, item, "most_people", known, "number") if "most_people" in item else None,
        entries.review(file, item), reading.line_of(item, "level") or 1,
    )  # fmt: skip


def _relation(file: Path, item: CommentedMap, known: Known) -> Relation:
    reading.check_keys(file, item, needed={"program", "relation", "says", "citation"}, allowed={"sets", "review_status"})
    return Relation(
        entries.text(file, item, "program"), entries.one_of(file, item, "relation", RELATIONS), entries.texts(file, item, "says"),
        entries.text(file, item, "citation"), _sets(file, item, known), entries.review(file, item), reading.line_of(item, "program") or 1,
    )  # fmt: skip


def _sets(file: Path, item: CommentedMap, known: Known) -> dict[str, str]:
    """`sets: {ojt_wages: training_wages}`: our fact, and the other program's step."""
    if "sets" not in item:
        return {}
    found = entries.mapping_of(file, item, "sets", "'ojt_wages: training_wages'")
    for key in found:
        if key not in known.facts or known.facts[key].kind not in {"money", "number"}:
            raise RuleFileError(file, reading.line_of(found, key), _("'%(key)s' is no fact in money or numbers. %(allowed)s") % {"key": key, "allowed": reading.meant(key, known.facts)})
    return {str(key): entries.text(file, found, key) for key in found}


def _sentence(file: Path, item: CommentedMap) -> Sentence:
    reading.check_keys(file, item, needed={"says"}, allowed={"citation", "review_status"})
    return Sentence(entries.texts(file, item, "says"), entries.text(file, item, "citation", ""), entries.review(file, item))


def _form(file: Path, item: CommentedMap) -> Form:
    reading.check_keys(file, item, needed={"title", "says"}, allowed={"href", "review_status", "asks"})
    return Form(
        entries.text(file, item, "title"), entries.texts(file, item, "says"), reading.address(file, item, "href"), entries.review(file, item),
        entries.one_of(file, item, "asks", ASKS) if "asks" in item else "",
    )  # fmt: skip


def _carry(file: Path, found: CommentedMap) -> Carry | None:
    """`carry: {back: 1, forward: 20}`; `forward: unlimited` where there is no end."""
    if "carry" not in found:
        return None
    item: Any = entries.mapping_of(file, found, "carry", "'forward: 20'")
    reading.check_keys(file, item, needed=set(), allowed={"back", "forward"})
    forward = None if item.get("forward") == "unlimited" else entries.whole(file, item, "forward", 99) if "forward" in item else 0
    return Carry(entries.whole(file, item, "back", 99) if "back" in item else 0, forward)
