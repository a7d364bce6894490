"""`crm rules`: check the rules of every plugin and their cases, and print the vocabulary of facts."""

import json
import sys
from pathlib import Path

import click


@click.group()
def rules() -> None:
    """Rules as data: parameters and programs."""


@rules.command()
@click.argument("plugins", nargs=-1, metavar="[PLUGIN]...")
def check(plugins: tuple[str, ...]) -> None:
    """Read every rule file and run its cases; say with file and line what is wrong or which case is missing."""
    from crm.incentives import checking
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

    from crm.incentives import installed
    from crm.plugins import PluginManager

    PluginManager().load()
    found = installed.library().facts
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(list(found.values())), ensure_ascii=False))
        return
    for fact in found.values():
        click.echo(f"{fact.key} ({fact.kind}{', ' + fact.unit if fact.unit else ''}): {fact.question['en']}")
