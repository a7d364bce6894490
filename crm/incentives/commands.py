"""`crm rules`: check the rules of every plugin, and print the vocabulary of facts."""

import json
import sys

import click


@click.group()
def rules() -> None:
    """Rules as data: parameters and programs."""


@rules.command()
def check() -> None:
    """Read every rule file; end with 1 when one cannot be read, saying file, line and what to write."""
    from crm.incentives import installed
    from crm.plugins import PluginManager

    PluginManager().load()
    for name, program in sorted(installed.library().programs.items()):
        click.echo(f"{name}: {len(program.conditions)} conditions, {len(program.statuses)} dated statuses, {program.review_status}")
    for plugin, problem in installed.broken().items():
        click.echo(f"{plugin}: {problem}", err=True)
    if installed.broken():
        sys.exit(1)


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
