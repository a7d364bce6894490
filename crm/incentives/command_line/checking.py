"""What `crm rules check` finds: rules that cannot be read, cases that do not come out, cases that are missing."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from crm.plugin import Plugin
from crm.plugins import PluginManager
from crm.rulebook import learner_words
from crm.rulebook.library import Library
from crm.testing import coverage
from crm.testing.cases import cases


class Checked(Struct):
    """Lines on what is well, and on what is not, each with its file and line."""

    good: list[str]
    problems: list[str]


def check(manager: PluginManager, names: Sequence[str]) -> Checked:
    """The plugins of these names; all that are on or broken for none. Cases lie beside the package, in tests/cases."""
    found = Checked([], [])
    manager.prepare()
    for plugin in manager.plugins:
        if plugin.core or plugin.state in {"off", "missing"} or (names and plugin.name not in names):
            continue
        if plugin.state == "quarantined":
            found.problems += _unread(manager, plugin)
        elif (package := plugin.home) is not None:
            _check(found, plugin, package)
    return found


def _unread(manager: PluginManager, plugin: Plugin) -> list[str]:
    """Where a rule file keeps the plugin from running, the slip of each such file, not of the first alone; otherwise the reason."""
    unread = manager.rules.problems(plugin.home) if plugin.home else []
    told = any(problem.problem in plugin.reason for problem in unread)
    return [str(problem) for problem in unread] if told else [f"{plugin.name}: {plugin.reason}"]


def _unsaid(package: Path) -> list[str]:
    """What learners are asked without words of their own."""
    file = package / "facts.yaml"
    return list(learner_words.missing(file)) if file.exists() else []


def _check(found: Checked, plugin: Plugin, package: Path) -> None:
    library = Library()
    library.add(package)
    found.problems += _unsaid(package)
    folder = package.parent / "tests" / "cases"
    if not folder.is_dir():
        if library.programs:
            found.good.append(f"{plugin.name}: its rules can be read. Its cases are not installed here, so they were not run.")
        return
    problems = coverage.problems(library, package, folder)
    found.problems += problems
    if not problems:
        told = list(cases(folder))
        for name, program in sorted(library.programs.items()):
            count = sum(case_of == name for case_of, _case in told)
            found.good.append(f"{name}: {len(program.conditions)} conditions, {count} cases, {program.review_status}")
