"""The rules of the plugins that run. A plugin whose rules cannot be read does not run, and the others go on."""

from pathlib import Path

from crm import __version__
from crm.plugins import active
from crm.rulebook.library import Library
from crm.rulebook.programs import Program


def library() -> Library:
    """Facts, parameters and programs of every plugin that is on."""
    return active().rules


def packages() -> tuple[Path, ...]:
    """Where these rules stand."""
    return tuple(plugin.home for plugin in active().plugins if not plugin.core and plugin.state == "on" and plugin.home)


def versions() -> dict[str, str]:
    """Of the program and of every plugin that is on."""
    return {"crm": __version__} | {plugin.name: plugin.version for plugin in active().plugins if not plugin.core and plugin.state == "on"}


def programs_for(state: str) -> list[Program]:
    """The federal programs and those of the state, by name; no bills, which count only where someone asks for one."""
    found = [p for p in library().programs.values() if p.jurisdiction in {"US", state} and not p.scenario_of]
    return sorted(found, key=lambda program: (program.jurisdiction != "US", program.name["en"]))
