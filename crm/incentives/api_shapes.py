"""What goes in and out at the API of incentives. Answers are those of `crm incentives … --json`: amounts are decimal strings, days ISO."""

from datetime import date
from typing import Annotated, Any

from msgspec import Meta, Struct

MOST_HIRES = 200  # people in a plan, so that the answer comes within the request; the command weighs a thousand
Texts = Annotated[dict[str, str], Meta(description="In each language, by its code")]
Facts = Annotated[dict[str, Any], Meta(description="A value for each fact that is known, by its key; /incentives/facts says which there are", max_length=1000)]
Hires = Annotated[
    list[dict[str, Any]],
    Meta(description=f"Of each its facts, and name, people (how many alike), person. At most {MOST_HIRES} people in all", max_length=MOST_HIRES),
]
Day = Annotated[date | None, Meta(description="Answer for this day; otherwise for today")]
Known = Annotated[date | None, Meta(description="With the law that was known on this day")]
Ids = Annotated[list[str], Meta(description="These programs alone, by their ids. A bill that would change one is named so", max_length=100)]
States = Annotated[list[str], Meta(description="Beside the federal programs, those of these states, as MA. Without any, of all states", max_length=60)]


class ClaimedBefore(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A claim that was made before. `person` as in the question or in its hires; or `people`, for how many it was. What is not known is “unknown”."""

    program: Annotated[str, Meta(max_length=80)]
    year: Annotated[int, Meta(ge=1900, le=2199)]
    amount: Annotated[str, Meta(pattern=r"^(unknown|[0-9]{1,10}(\.[0-9]{1,2})?)$", description="US dollars, or “unknown”")]
    person: Annotated[str, Meta(max_length=120)] = ""
    people: Annotated[str, Meta(pattern="^(unknown|[0-9]{1,6})$")] = "1"
    source: Annotated[str, Meta(max_length=200, description="Where this comes from")] = ""


Already = Annotated[list[ClaimedBefore], Meta(max_length=1000, description="What the employer claimed before; it uses up limits")]
Person = Annotated[str, Meta(max_length=120, description="Who of the persons under “already” the hire is")]


class EstimateQuestion(Struct, frozen=True, kw_only=True, rename={"wanted": "programs"}):
    facts: Facts
    already: Already = []
    person: Person = ""
    as_of: Day = None
    known_as_of: Known = None
    wanted: Ids = []
    states: States = []


class StackQuestion(Struct, frozen=True, kw_only=True, rename={"wanted": "programs"}):
    """`facts` of one hire, or a plan: `hires`, each with facts of its own, and facts of the `employer` that hold for all."""

    facts: Facts | None = None
    employer: Facts = {}
    hires: Hires | None = None
    already: Already = []
    person: Person = ""
    as_of: Day = None
    known_as_of: Known = None
    wanted: Ids = []
    states: States = []
    if_renewed: Annotated[bool, Meta(description="Count what a lapsed law would give if it were renewed")] = False


class Condition(Struct, frozen=True):
    """`found` is what was told; of a confidential fact it stays empty."""

    id: str
    state: str
    text: str
    citation: str
    found: str
    limits: list[str]


class Deadline(Struct, frozen=True):
    what: str
    date: str
    opens: str
    citation: str


class Beside(Struct, frozen=True):
    program: str
    relation: str
    text: str
    citation: str


class Limit(Struct, frozen=True):
    level: str
    text: str
    citation: str


class Step(Struct, frozen=True):
    """`adds` is what the step adds to the amount, null where it only leads to others."""

    step: str
    what: str
    formula: str
    numbers: dict[str, str]
    result: str
    adds: str | None
    year: int | None
    review_status: str
    citation: str


class Left(Struct, frozen=True):
    """A limit above one person's amount, in dollars or in `people`, for the `year` (null for all years): what it allows, what was claimed before, and what
    is left, null while that is not known. `cut` is what it takes off. `told` is false where no one said what was claimed; `note` then says what that means.
    """

    level: str
    year: int | None
    people: bool
    most: str | None
    used: str | None
    left: str | None
    cut: str
    told: bool
    citation: str
    said: str
    note: str


class Estimate(Struct, frozen=True, kw_only=True):
    """What a program brings for these facts. `eligible` is yes, no or unknown; `missing` are the facts that could still change the answer.

    `amount` is null while it is not known, and then lies between `at_least` and `at_most`; `potential_amount` is what a law that is not in
    force would bring. `before_limits` is the amount without what limits cut of it (`left`), null where they cut nothing; `used_up`: nothing is left.
    """

    program: str
    title: str
    agency: str
    law: str
    version: str
    kind: str
    status: str
    status_sentence: str
    status_since: str
    status_citation: str
    eligible: str
    amount: str | None
    potential_amount: str | None
    at_least: str | None
    at_most: str | None
    by_year: dict[str, str]
    conditions: list[Condition]
    missing: list[str]
    questions: list[str]
    deadlines: list[Deadline]
    warnings: list[str]
    beside: list[Beside]
    limits: list[Limit]
    before_limits: str | None
    left: list[Left]
    used_up: bool
    trace: list[Step]
    citations: list[str]
    as_of: str
    known_as_of: str


class Estimates(Struct, frozen=True):
    """`questions` are facts to ask over all programs, first what most money waits for."""

    as_of: str
    estimates: list[Estimate]
    questions: list[str]


class CostPerHour(Struct, frozen=True, rename={"with_it": "with"}):
    without: str
    with_it: str


class StackClaim(Struct, frozen=True):
    """`uses` are dollars that no other claim may use again, by fact."""

    program: str
    title: str
    amount: str
    uses: dict[str, str]


class StackBlocked(Struct, frozen=True):
    """What is not claimed, or claimed less, for the sake of another (`by`), and by which rule."""

    program: str
    by: str
    relation: str
    text: str
    citation: str
    lost: str


class StackChoice(Struct, frozen=True):
    total: str
    deductions: str
    claims: list[StackClaim]
    blocked: list[StackBlocked]
    deadlines: list[Deadline]
    cost_per_hour: CostPerHour | None


class HireStack(Struct, frozen=True):
    """The best lawful set of claims for one hire, and the next best; `weighed` says how many sets were."""

    as_of: str
    best: StackChoice
    next_best: list[StackChoice]
    weighed: int
    undecided: list[str]
    questions: list[str]


class PlanClaim(Struct, frozen=True):
    program: str
    title: str
    amount: str
    before_limits: str
    uses: dict[str, str]


class PlanBlocked(Struct, frozen=True):
    program: str
    lost: str
    by: str
    rule: str
    text: str
    citation: str


class PlanHire(Struct, frozen=True):
    hire: str
    total: str
    claims: list[PlanClaim]
    blocked: list[PlanBlocked]
    cost_per_hour: CostPerHour | None


class PlanDeadline(Struct, frozen=True):
    hire: str
    what: str
    date: str
    opens: str
    citation: str


class PlanChoice(Struct, frozen=True):
    """No lawful plan brings more than `at_most`; `proved` where that is the total. The first of the `hires` is the employer as a whole."""

    total: str
    deductions: str
    at_most: str
    proved: bool
    hires: list[PlanHire]
    deadlines: list[PlanDeadline]
    cost_per_hour: CostPerHour | None


class PlanWithout(Struct, frozen=True):
    program: str
    title: str
    total: str
    less: str


class PlanUndecided(Struct, frozen=True):
    hire: str
    programs: list[str]


class PlanBefore(Struct, frozen=True):
    """What was claimed before and taken off limits. `amount` and `people` are null where that is not known: then nothing is left under these limits."""

    program: str
    title: str
    year: int
    amount: str | None
    person: str
    people: int | None
    source: str


class PlanStack(Struct, frozen=True):
    """The best lawful claims for a plan of many hires; `without` is the best that leaves one program out."""

    as_of: str
    best: PlanChoice
    already: list[PlanBefore]
    without: list[PlanWithout]
    undecided: list[PlanUndecided]
    questions: list[str]


class FactChoice(Struct, frozen=True):
    value: str
    text: Texts
    text_to_learner: Texts


class Fact(Struct, frozen=True, kw_only=True):
    """Something that rules ask about. A number lies between `least` and `most`; `derive` is the formula by which it follows from others.

    What learners are asked themselves has its words a second time, as they read them ("you"), under `…_to_learner`; elsewhere these are empty.
    """

    key: str
    kind: str
    question: Texts
    unit: str
    hint: Texts
    about: str
    known_by: str
    sensitivity: str
    choices: list[FactChoice]
    least: str | None
    most: str | None
    whole: bool
    derive: str
    question_to_learner: Texts
    hint_to_learner: Texts


class ProgramStatus(Struct, frozen=True):
    since: date
    state: str
    says: Texts
    citation: str
    known_since: date | None
    review_status: str


class Source(Struct, frozen=True):
    title: str
    href: str


class Program(Struct, frozen=True, kw_only=True):
    """An incentive as its rule file has it. `facts` are the keys that it may ask; `scenario_of` names what a bill would change."""

    id: str
    name: Texts
    summary: Texts
    jurisdiction: str
    kind: str
    per: str
    agency: str
    law: str
    date_key: str
    scenario_of: str
    statuses: list[ProgramStatus]
    facts: list[str]
    references: list[Source]
    review_status: str
