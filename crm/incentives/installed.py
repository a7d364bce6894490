"""The rules of the plugins that run. A plugin whose rules cannot be read is named, and the others go on."""

from functools import lru_cache
from pathlib import Path

import structlog

from crm.plugins import PluginManager, active
from crm.rulebook.library import Library
from crm.rulebook.programs import Program
from crm.rulebook.reading import RuleFileError

log = structlog.get_logger("crm.rules")


@lru_cache(maxsize=4)
def _library(manager: PluginManager) -> tuple[Library, dict[str, str]]:
    library, broken = Library(), {}
    for plugin in manager.plugins:
        file = getattr(plugin.module, "__file__", None)
        if plugin.core or plugin.state != "on" or file is None:
            continue
        try:
            library.add(Path(file).parent)
        except RuleFileError as problem:
            broken[plugin.name] = str(problem)
            log.error("rules_unreadable", plugin=plugin.name, problem=str(problem))
    return library, broken


def library() -> Library:
    """Facts, parameters and programs of every plugin that is on."""
    return _library(active())[0]


def broken() -> dict[str, str]:
    """Plugins whose rules could not be read, with the reason."""
    return _library(active())[1]


def programs_for(state: str) -> list[Program]:
    """The federal programs and those of the state, by name."""
    found = [p for p in library().programs.values() if p.jurisdiction in {"US", state}]
    return sorted(found, key=lambda program: (program.jurisdiction != "US", program.name["en"]))
