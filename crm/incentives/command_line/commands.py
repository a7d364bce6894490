"""`crm rules`: check the rules of every plugin and their cases, print the vocabulary. `crm incentives`: estimates, without a database."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from crm.plugins import PluginManager


def loaded() -> "PluginManager":
    """The plugins that the settings leave on, with their rules. Which do not run, and why, goes to the standard error stream."""
    from crm.plugins import PluginManager
    from crm.settings import load_settings

    settings = load_settings()
    manager = PluginManager(switched_off=settings.plugins_off, no_plugins=settings.no_plugins)
    manager.load()
    manager.prepare()
    for plugin in manager.plugins:
        if plugin.state == "quarantined":
            click.echo(_shorter(f"{plugin.name} does not run, and its programs are not counted. {plugin.reason}"), err=True)
    return manager


@click.group()
def rules() -> None:
    """Rules as data: parameters and programs."""


@rules.command()
@click.argument("plugins", nargs=-1, metavar="[PLUGIN]...")
def check(plugins: tuple[str, ...]) -> None:
    """Read every rule file and run its cases; say with file and line what is wrong or which case is missing."""
    from crm.incentives.command_line import checking
    from crm.plugins import PluginManager

    manager = PluginManager()
    manager.load()
    unknown = sorted(set(plugins) - {plugin.name for plugin in manager.plugins if not plugin.core})
    if unknown:
        raise click.UsageError(f"No plugin '{unknown[0]}' is installed. `crm plugins` lists those that are.")
    found = checking.check(manager, plugins)
    for line in found.good:
        click.echo(line)
    for problem in found.problems:
        click.echo(_shorter(problem), err=True)
    if found.problems:
        click.echo(f"{len(found.problems)} to mend.", err=True)
        sys.exit(1)


def _shorter(problem: str) -> str:
    """Paths from where the person stands."""
    return problem.replace(f"{Path.cwd()}/", "")


@rules.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def facts(as_json: bool) -> None:
    """The facts that rules ask about: key, kind, unit, who knows it, question."""
    import msgspec

    found = loaded().rules.facts
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(list(found.values())), ensure_ascii=False))
        return
    for fact in found.values():
        click.echo(f"{fact.key} ({fact.kind}{', ' + fact.unit if fact.unit else ''}): {fact.question['en']}")


def _speak(context: click.Context, option: click.Parameter, code: str) -> None:
    from crm.translation import speaking

    context.with_resource(speaking(code))


in_language = click.option(
    "--language", type=click.Choice(["en", "es"]), default="en", expose_value=False, callback=_speak, help="In which language sentences are written."
)


@click.group()
def incentives() -> None:
    """What programs would bring for a hire. Reads the rules alone; needs no database."""


@incentives.command()
@click.option("--facts", "file", type=click.Path(path_type=Path), required=True, help="JSON or YAML: a value for each fact that is known, and 'already:', what was claimed before.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Answer for this day; otherwise today.")
@click.option("--known-as-of", type=click.DateTime(["%Y-%m-%d"]), help="With the law that was known on this day.")
@click.option("--program", "ids", multiple=True, help="This program alone; a bill that would change one is named so. May stand several times.")
@click.option("--state", "states", multiple=True, help="Beside the federal programs, those of this state. May stand several times; otherwise of all states.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@in_language
def estimate(
    file: Path, as_of: datetime | None, known_as_of: datetime | None, ids: tuple[str, ...], states: tuple[str, ...], as_json: bool
) -> None:
    """Say what each program brings, step by step, or which facts are missing."""
    from crm.incentives.command_line import claimed_files, facts_files
    from crm.incentives.command_line.choosing import chosen
    from crm.incentives.wording import as_shown
    from crm.rulebook import screening

    library, told = loaded().rules, facts_files.loaded(file)
    day = as_of.date() if as_of else datetime.now().date()  # noqa: DTZ005 - the day where the command is called
    programs = chosen(library, ids, states)
    facts, earlier = facts_files.facts_of(claimed_files.facts_alone(told), library, str(file)), claimed_files.earlier_of(told, library, str(file))
    found = screening.screen(library, programs, facts, day, known_as_of.date() if known_as_of else None, earlier=earlier)
    shown = [as_shown(each, library) for each in found.estimates]
    if as_json:
        click.echo(json.dumps({"as_of": day.isoformat(), "estimates": shown, "questions": list(found.questions)}, ensure_ascii=False))
        return
    for each in shown:
        click.echo(_line(each))
        for said in (said for left in each["left"] for said in (left["said"], left["note"]) if said):
            click.echo(f"  {said}")
    for key in found.questions:
        click.echo(f"Still to ask: {key}: {library.facts[key].question['en']}")


def _line(shown: dict[str, Any]) -> str:
    """One program in a line."""
    if shown["eligible"] == "unknown" and not shown["missing"]:
        return f"{shown['program']}: not known. {shown['status_sentence']}"
    if shown["eligible"] == "unknown":
        upto = f"at most {shown['at_most']}" if shown["at_most"] else "open"
        return f"{shown['program']}: needs information ({', '.join(shown['missing'])}); {upto}"
    if shown["eligible"] == "no":
        failed = [each["text"] for each in shown["conditions"] if each["state"] == "not_met"]
        if shown["used_up"]:
            return f"{shown['program']}: no. Nothing is left for this hire."
        return f"{shown['program']}: no. {' '.join(failed) or shown['status_sentence']}"
    potential = f" ({shown['status']}; {shown['potential_amount']} if it were in force)" if shown["potential_amount"] is not None else ""
    if shown["amount"] is None:
        return f"{shown['program']}: at most {shown['at_most']}, since not all that was claimed before is known"
    return f"{shown['program']}: {shown['amount']}{potential}"
