"""`crm incentives simulate`: a proposed program over many hires, alone or against another."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crm.errors import Invalid
from crm.incentives.command_line.commands import in_language, incentives, loaded

if TYPE_CHECKING:
    from crm.incentives.simulator.simulation import Simulated, Simulation


@incentives.command()
@click.argument("draft")
@click.option("--against", help="Another draft, or an installed program, to compare it with.")
@click.option("--hires", "file", type=click.Path(path_type=Path), required=True, help="CSV: one hire a row; columns are facts, and employer, size, region, sector, learner_group.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@in_language
def simulate(draft: str, against: str | None, file: Path, as_json: bool) -> None:
    """Try a program over many hires, as if it were in force: whom it reaches, what it costs, and which facts are missing.

    DRAFT is a program's file, with its numbers in `parameters` beside it, or the id of an installed program. Groups of fewer than ten are not shown.
    """
    from crm.incentives import installed
    from crm.incentives.simulator import hire_files, simulation
    from crm.rulebook.file_errors import RuleFileError

    library = loaded().rules
    tried = simulation.Tried(installed.packages(), tuple(_draft(each, library.programs) for each in (draft, against) if each))
    try:
        read = hire_files.read(file, *(found for found, _program in simulation.programs_of(tried)))
        found = simulation.simulate(tried, read)
    except RuleFileError as problem:
        raise Invalid(str(problem)) from problem
    if as_json:
        click.echo(json.dumps(_shown(found), ensure_ascii=False))
        return
    for line in _lines(found, {key: fact.question for key, fact in library.facts.items()}):
        click.echo(line)


def _draft(name: str, programs: Mapping[str, Any]) -> Path | str:
    from crm.rulebook import reading

    if name in programs:
        return name
    if not Path(name).is_file():
        raise Invalid(f"'{name}' is neither a file nor an installed program. {reading.guessed(name, programs)}")
    return Path(name)


def _shown(found: "Simulation") -> dict[str, Any]:
    shown: dict[str, Any] = {
        "rows": found.rows, "findings": [{"line": line, "text": text} for line, text in found.findings],
        "programs": [_program(each) for each in found.programs],
    }  # fmt: skip
    if len(found.programs) == 2:
        from crm.incentives.simulator.simulation import difference

        apart = difference(*found.programs)
        shown["difference"] = {"cost": str(apart.cost), "reached": apart.reached, "employers": apart.employers, "more": apart.more, "less": apart.less}
    return shown


def _program(each: "Simulated") -> dict[str, Any]:
    from crm.incentives.wording import text

    return {
        "program": each.program.id, "title": text(each.program.name), "cost": str(each.cost), "before_limits": str(each.before_limits),
        "reached": each.reached, "employers": each.employers, "shut_out": each.shut_out, "not_eligible": each.not_eligible, "unknown": each.unknown,
        "missing": dict(each.missing),
        "pools": [{"year": pool.year, "most": str(pool.most), "claimed": str(pool.claimed), "text": text(pool.limit.what), "citation": pool.limit.citation}
                  for pool in each.pools],
        "groups": {label: [{"group": group.name, "hires": group.hires, "cost": None if group.cost is None else str(group.cost)} for group in groups]
                   for label, groups in each.groups.items()},
    }  # fmt: skip


def _lines(found: "Simulation", questions: Mapping[str, dict[str, str]]) -> Iterator[str]:
    from crm.incentives.wording import text
    from crm.translation import _

    for line, problem in found.findings:
        yield _("Line %(line)s does not count: %(problem)s") % {"line": line, "problem": problem}
    shown = _shown(found)
    for each in shown["programs"]:
        yield _("%(program)s: %(cost)s for %(reached)s hires of %(employers)s employers (%(before_limits)s before limits)") % each
        yield "  " + _("Shut out by a limit: %(shut_out)s. Not eligible: %(not_eligible)s. Not known: %(unknown)s.") % each
        for key, count in each["missing"].items():
            yield "  " + _("%(count)s wait for %(key)s: %(question)s") % {"count": count, "key": key, "question": text(questions.get(key, {"en": ""}))}
        for pool in each["pools"]:
            yield "  " + _("%(year)s: %(claimed)s claimed of %(most)s. %(text)s (%(citation)s)") % pool
        for label, groups in each["groups"].items():
            told = (f"{group['group'] or '-'} " + (_("too few to show") if group["hires"] is None else f"{group['hires']} ({group['cost']})") for group in groups)
            yield f"  {label}: " + "; ".join(told)
    if "difference" in shown:
        yield _("Difference: %(cost)s, %(reached)s hires, %(employers)s employers; more for %(more)s hires, less for %(less)s.") % shown["difference"]
