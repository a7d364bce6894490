"""The rules of the plugins that run. A plugin whose rules cannot be read does not run, and the others go on."""

from crm.plugins import active
from crm.rulebook.library import Library
from crm.rulebook.programs import Program


def library() -> Library:
    """Facts, parameters and programs of every plugin that is on."""
    return active().rules


def programs_for(state: str) -> list[Program]:
    """The federal programs and those of the state, by name; no bills, which count only where someone asks for one."""
    found = [p for p in library().programs.values() if p.jurisdiction in {"US", state} and not p.scenario_of]
    return sorted(found, key=lambda program: (program.jurisdiction != "US", program.name["en"]))
