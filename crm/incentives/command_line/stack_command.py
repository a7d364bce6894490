"""`crm incentives stack`: the best that may lawfully be claimed, for one hire or for a plan of many."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crm.errors import Invalid
from crm.incentives.command_line.commands import in_language, incentives, loaded

if TYPE_CHECKING:
    from crm.rulebook.facts import Fact


@incentives.command()
@click.option("--facts", "file", type=click.Path(path_type=Path), required=True, help="JSON or YAML: a value for each fact that is known, or a plan with 'employer:' and 'hires:'.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Answer for this day; otherwise today.")
@click.option("--known-as-of", type=click.DateTime(["%Y-%m-%d"]), help="With the law that was known on this day.")
@click.option("--program", "ids", multiple=True, help="These programs alone. May stand several times.")
@click.option("--state", "states", multiple=True, help="Beside the federal programs, those of this state.")
@click.option("--if-renewed", is_flag=True, help="Count what a lapsed law would give if it were renewed.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@in_language
def stack(
    file: Path, as_of: datetime | None, known_as_of: datetime | None, ids: tuple[str, ...], states: tuple[str, ...], if_renewed: bool, as_json: bool
) -> None:
    """Find what to claim for a hire, or for each of a plan, so that the whole brings most under the law; say what that shuts out and why."""
    from crm.incentives.command_line import claimed_files, facts_files, plan_files, plan_wording
    from crm.incentives.command_line.choosing import chosen
    from crm.incentives.wording import stack_shown, text
    from crm.rulebook import hiring, stacking

    library = loaded().rules
    day, known = as_of.date() if as_of else datetime.now().date(), known_as_of.date() if known_as_of else None  # noqa: DTZ005 - where it is called
    programs, told = chosen(library, ids, states), facts_files.loaded(file)
    try:
        if plan_files.is_plan(told):
            plan = plan_files.plan_of(told, library, str(file))
            shown = plan_wording.shown(hiring.plan(programs, plan.employer, plan.hires, day, known, if_renewed=if_renewed, already=plan.already), plan, library.programs)
            lines = plan_wording.lines(shown, plan, {key: text(fact.question) for key, fact in library.facts.items()})
        else:
            facts = library.completed(facts_files.facts_of(claimed_files.facts_alone(told), library, str(file)))
            earlier = claimed_files.earlier_of(told, library, str(file))
            shown = stack_shown(stacking.stack(programs, facts, day, known, if_renewed=if_renewed, earlier=earlier), facts)
            lines = _lines(shown, library.facts)
    except stacking.TooMany as problem:
        raise Invalid(str(problem)) from problem
    if as_json:
        click.echo(json.dumps({"as_of": day.isoformat(), **shown}, ensure_ascii=False))
        return
    for line in lines:
        click.echo(line)


def _lines(shown: Mapping[str, Any], facts: "Mapping[str, Fact]") -> Iterator[str]:
    from crm.incentives.wording import text
    from crm.translation import _

    for claim in shown["best"]["claims"]:
        yield f"{claim['program']}: {claim['amount']}"
    yield _("In all: %(total)s (%(weighed)s plans weighed)") % {"total": shown["best"]["total"], "weighed": shown["weighed"]}
    for each in shown["best"]["blocked"]:
        yield _("Left out for %(by)s: %(lost)s of %(program)s. %(text)s (%(citation)s)") % each
    for key in shown["questions"]:
        yield _("Still to ask: %(question)s") % {"question": f"{key}: {text(facts[key].question)}"}
