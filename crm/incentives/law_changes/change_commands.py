"""`crm rules changed`: what of the law changed since a day, and which answers with it. `crm rules shadow`: what a new pack of rules would change."""

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crm.errors import Invalid
from crm.incentives.command_line.commands import in_language, loaded, rules

if TYPE_CHECKING:
    from crm.incentives.law_changes.past_cases import PastCase
    from crm.rulebook.changes import Changed

FACTS = click.option("--facts", "files", type=click.Path(path_type=Path), multiple=True, help="A file of facts, or a folder of them. May stand several times.")


@rules.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="What changed, or became known, after this day.")
@FACTS
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@in_language
def changed(since: datetime, files: tuple[Path, ...], as_json: bool) -> None:
    """List the numbers and statuses of law that changed since a day, and which answers to these facts are not what they were then."""
    from crm.incentives.law_changes import change_wording, past_cases
    from crm.rulebook import changes, screening

    library, day, today = loaded().rules, since.date(), datetime.now().date()  # noqa: DTZ005 - the day where the command is called
    if day > today:
        raise Invalid(f"{day} is still to come. Name a day that has passed.")
    found, cases, answers = changes.since(library, day, today), list(past_cases.read(files)), []
    for case in cases:
        facts = library.completed(case.facts(library))
        programs = screening.programs_for(library, None) if case.programs is None else [library.programs[name] for name in _known(case, library.programs)]
        answers += list(changes.answers(programs, case.name, facts, day, today))
    if as_json:
        shown = {"since": day.isoformat(), "changes": [change_wording.change_shown(each) for each in found]}
        click.echo(json.dumps(shown | _answers_shown(answers, cases), ensure_ascii=False))
        return
    for change in found:
        click.echo(change_wording.change_line(change))
    _say(answers, cases)


@rules.command()
@click.argument("pack", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--cases", "folders", type=click.Path(path_type=Path, exists=True, file_okay=False), multiple=True, help="A folder of past cases: files of facts, plans, or cases of programs.")
@FACTS
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Answer for this day; otherwise today.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@in_language
def shadow(pack: Path, folders: tuple[Path, ...], files: tuple[Path, ...], as_of: datetime | None, as_json: bool) -> None:
    """Run a new pack of rules beside the installed ones over past cases, and list each answer that would change, and why. Changes nothing.

    PACK is a plugin's folder, which takes the place of the installed one, or a folder with changed files alone.
    """
    from crm.incentives import installed
    from crm.incentives.law_changes import past_cases
    from crm.rulebook import revisions
    from crm.rulebook.file_errors import RuleFileError

    if not folders and not files:
        raise click.UsageError("Name past cases: --cases FOLDER or --facts FILE.")
    old, day = loaded().rules, as_of.date() if as_of else datetime.now().date()  # noqa: DTZ005 - the day where the command is called
    try:
        new = revisions.revised(installed.packages(), revisions.package_of(pack))
    except RuleFileError as problem:
        raise Invalid(str(problem)) from problem
    cases, answers, troubles = list(past_cases.read([*folders, *files])), [], []
    known = {*old.facts, *new.facts}
    for case in cases:
        try:
            answers += list(revisions.changed(old, new, case.name, partial(case.facts, elsewhere=known), day, case.programs))
        except Invalid as problem:
            troubles += str(problem).split("\n")
    if as_json:
        click.echo(json.dumps({"as_of": day.isoformat(), "unread": troubles, **_answers_shown(answers, cases)}, ensure_ascii=False))
    else:
        _say(answers, cases)
        for trouble in troubles:
            click.echo(trouble, err=True)
    if troubles:
        sys.exit(1)


def _known(case: "PastCase", programs: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in case.programs or () if name in programs)


def _answers_shown(answers: "list[Changed]", cases: "list[PastCase]") -> dict[str, Any]:
    from crm.incentives.law_changes import change_wording

    return {"cases": len(cases), "answers": [change_wording.answer_shown(each) for each in answers]}


def _say(answers: "list[Changed]", cases: "list[PastCase]") -> None:
    from crm.incentives.law_changes import change_wording

    for each in answers:
        for line in change_wording.answer_lines(each):
            click.echo(line)
    if cases:
        click.echo(change_wording.counted(len(answers), len(cases)))
