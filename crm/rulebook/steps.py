"""The steps by which an amount is worked out, one formula each; the last one is the amount."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from ruamel.yaml.comments import CommentedMap

from crm.rulebook import entries, reading
from crm.rulebook.conditions import fact_of, formula, read_when
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.formula_reading import AMOUNTS, Known
from crm.rulebook.formulas import Before, Part, Reckoning, laws_of
from crm.rulebook.parameters import Parameter
from crm.translation import _

MOST_YEARS = 10


class Step(Struct, frozen=True):
    """`formula` gives the step where `when` holds; otherwise it is nothing. `year` counts from the program's date key, 1 being the first.

    `uses` names a fact in money, such as first_year_wages, whose dollars this step counts: what one program used, another may not use again.
    """

    name: str
    formula: Part
    what: dict[str, str]
    citation: str
    when: Part | None = None
    year: int = 1
    uses: str = ""
    review_status: str = "verified"
    line: int = 0
    laws: tuple[Parameter, ...] = ()


def read_steps(file: Path, program: CommentedMap, known: Known) -> tuple[Step, ...]:
    """Raises `RuleFileError`."""
    items = entries.entries(file, program, "amount", "step: credit")
    if not items:
        raise RuleFileError(file, reading.line_of(program, "amount"), _("say how the amount is worked out, in at least one step: '- step: credit'."))
    kinds: dict[str, str] = {}
    steps = []
    for item in items:
        steps.append(_step(file, item, Known(known.facts, known.parameters, dict(kinds))))
        name, line = steps[-1].name, steps[-1].line
        if name in kinds or name in known.facts or name == "law" or not name.isidentifier():
            raise RuleFileError(file, line, _("a step cannot be called '%(name)s': use one word of letters and _, which no other step or fact has.") % {"name": name})
        kinds[name] = steps[-1].formula.kind
    return tuple(steps)


def _step(file: Path, item: CommentedMap, known: Known) -> Step:
    reading.check_keys(file, item, needed={"step", "is", "what", "citation"}, allowed={"when", "year", "uses", "review_status"})
    year = entries.whole(file, item, "year", MOST_YEARS) if "year" in item else 1
    uses = fact_of(file, item, "uses", known, "money").key if "uses" in item else ""
    found = formula(file, item, "is", known, *AMOUNTS)
    return Step(
        entries.text(file, item, "step"), found, entries.texts(file, item, "what"),
        entries.text(file, item, "citation"), read_when(file, item, known), year, uses, entries.review(file, item), reading.line_of(item, "step") or 1,
        tuple(laws_of(found)),
    )  # fmt: skip


def parts_of_total(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps whose sum the last one is; the last one itself where it is no plain sum of steps."""
    by_name = {step.name: step for step in steps}
    names = list(_summed(steps[-1].formula)) if steps[-1].when is None else [None]
    if None in names or len(names) < 2:
        return (steps[-1],)
    return tuple(by_name[str(name)] for name in names)


def _summed(part: Part) -> Iterator[str | None]:
    if isinstance(part, Before):
        yield part.name
    elif isinstance(part, Reckoning) and part.operator == "+":
        yield from _summed(part.left)
        yield from _summed(part.right)
    else:
        yield None
