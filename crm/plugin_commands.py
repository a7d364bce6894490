"""`crm plugins`: what is installed, how it stands, and what it may do."""

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from crm.errors import UserError
from crm.manifests import granted_in_words

if TYPE_CHECKING:
    from crm.plugin import Plugin
    from crm.plugins import PluginManager

COLUMNS = ("name", "version", "state", "hooks", "tables", "capabilities")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--core", is_flag=True, help="Also the features of the core.")
def plugins(as_json: bool, core: bool) -> None:
    """List the plugins: version, state, hooks, tables, capabilities."""
    manager, problem = asyncio.run(_switched_manager())
    manager.prepare()
    listed = [described(plugin) for plugin in manager.plugins if core or not plugin.core]
    if as_json:
        click.echo(json.dumps({"plugins": listed, "switches_unknown": problem or None}, indent=2, ensure_ascii=False))
        return
    if problem:
        click.echo(f"The database was not asked, so switches and settings are not known: {problem}\n", err=True)
    click.echo(table(listed) if listed else "No plugin is installed. `crm new-plugin NAME` writes one.")


async def _switched_manager() -> "tuple[PluginManager, str]":
    """The manager as the state office has switched it; as installed, and why, when the database cannot say."""
    from crm.log import start_logging
    from crm.plugins import PluginManager
    from crm.program import running_program
    from crm.settings import load_settings

    settings = load_settings()
    start_logging(settings)
    try:
        async with running_program(settings) as program:
            return program.plugins, ""
    except (UserError, OSError) as problem:
        manager = PluginManager(switched_off=settings.plugins_off, no_plugins=settings.no_plugins)
        manager.load()
        return manager, str(problem)


def described(plugin: "Plugin") -> dict[str, Any]:
    """A plugin in plain values, for the list, for JSON and for the plugins page."""
    return {
        "name": plugin.name, "version": plugin.version, "state": plugin.state, "reason": plugin.reason,
        "core": plugin.core, "distribution": plugin.distribution,
        "title": plugin.manifest.title if plugin.manifest else plugin.name,
        "description": plugin.manifest.description if plugin.manifest else "",
        "hooks": plugin.hooks, "tables": plugin.tables, "capabilities": plugin.capabilities,
        "granted": granted_in_words(plugin.capabilities, data_alone=plugin.manifest.data_alone) if plugin.manifest else [],
    }  # fmt: skip


def table(listed: list[dict[str, Any]], columns: Sequence[str] = COLUMNS) -> str:
    """Columns as wide as what is in them; reasons below."""
    rows = [[column.upper().replace("_", " ") for column in columns], *([_cell(each[column]) for column in columns] for each in listed)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    reasons = [f"{each['name']}: {each['reason']}" for each in listed if each.get("reason")]
    return "\n".join([*lines, *([""] if reasons else []), *reasons])


def _cell(value: Any) -> str:
    return (", ".join(value) if isinstance(value, list) else "" if value is None else str(value)) or "-"
