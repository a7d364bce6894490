"""What every plugin keeps to, as far as a program can check it: the checklist of docs/extend/checklist.md.

    from crm.testing.conformance import installed, problems

    def test_is_installed_and_found():
        assert installed("massachusetts").state == "on"

    def test_conforms():
        assert problems("massachusetts") == []
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import TemplateSyntaxError

from crm.plugin import Plugin
from crm.plugins import PluginManager
from crm.rulebook import learner_words
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.library import Library
from crm.testing import coverage

SOURCES = [("**.py", "python"), ("templates/**", "jinja2")]
QUERIED = re.compile(r"\b(?:from|join) (\w+)")
WORDS = {"_": None, "lazy_": None, "ngettext": (1, 2)}


def installed(name: str) -> Plugin:
    """The plugin as this environment finds it: its `state`, and the `reason` when it does not run."""
    manager = PluginManager()
    manager.load()
    manager.prepare()
    found = manager.plugin(name)
    assert found is not None, f"No plugin '{name}' is installed here. Run: pip install -e . (in the plugin's folder)"
    return found


def rules_of(name: str) -> Library:
    """Facts, parameters and programs of one plugin."""
    library = Library()
    library.add(_package(installed(name)))
    return library


def problems(name: str) -> list[str]:
    """What the plugin does not keep to, each with the place; an empty list when all is well."""
    plugin = installed(name)
    if plugin.state != "on":
        return [f"{name} is {plugin.state}: {plugin.reason}"]
    package = _package(plugin)
    checks = (
        _imports(package), _reads(package), _rules(package), _templates(package), _panels(plugin), _translations(package),
    )  # fmt: skip
    return [*_manifest(plugin), *_service_codes(plugin), *(problem for check in checks for problem in check)]


def cases_missing(name: str, folder: Path) -> list[str]:
    """Cases in `folder` that do not come out, and those that the plugin's rules still need, each with file and line."""
    return coverage.problems(rules_of(name), _package(installed(name)), folder)


def _package(plugin: Plugin) -> Path:
    assert plugin.module is not None
    assert plugin.module.__file__ is not None
    return Path(plugin.module.__file__).parent


def _manifest(plugin: Plugin) -> Iterator[str]:
    if plugin.manifest is None or not plugin.manifest.description:
        yield "the manifest has no description; write one sentence for the plugins page"


def _service_codes(plugin: Plugin) -> Iterator[str]:
    for code in plugin.answers.get("service_codes", []):
        if code.review_status == "verified" and not code.source:
            yield f"service code '{code.code}' is 'verified' without the address of its list; give `source`, or another review status"


def _imports(package: Path) -> Iterator[str]:
    for file in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for module in names:
                if module.split(".")[0] == "crm" and module not in {"crm.sdk", "crm.testing"}:
                    yield f"{file.name}: imports {module}; a plugin imports crm.sdk alone, the rest may change without notice"


def _reads(package: Path) -> Iterator[str]:
    """Every query of the core's tables passes the gate: `load`, or `visible` for each table in the same function."""
    from crm.access import sights
    from crm.program import declare_sights

    declare_sights()
    for file in sorted(package.rglob("*.py")):
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            texts = [n.value for n in ast.walk(function) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
            asked = {name for text in texts for name in QUERIED.findall(text)} & set(sights())
            for table in sorted(asked - set(texts)):
                yield f"{file.name}, line {function.lineno}: reads '{table}' past the gate; add visible(actor, '{table}', …)"


def _rules(package: Path) -> Iterator[str]:
    try:
        Library().add(package)
    except RuleFileError as problem:
        yield str(problem)
        return
    if (facts := package / "facts.yaml").exists():
        yield from learner_words.missing(facts)


def _templates(package: Path) -> Iterator[str]:
    from crm.settings import settings_from
    from crm.templating import make_environment

    environment = make_environment(settings_from({}))
    for file in sorted((package / "templates").rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        try:
            environment.parse(text)
        except TemplateSyntaxError as problem:
            yield f"{file.relative_to(package)}, line {problem.lineno}: {problem.message}"
        if "|safe" in text.replace(" ", "") or "Markup(" in text:
            yield f"{file.relative_to(package)}: marks text as safe; let the template escape it"


def _panels(plugin: Plugin) -> Iterator[str]:
    folder = plugin.folder("templates")
    for panel in plugin.answers.get("panels", []):
        prefix, _, rest = panel.template.partition("/")
        if prefix != plugin.name or folder is None or not (folder / rest).is_file():
            yield f"panel '{panel.name}': its template is '{panel.template}'; write '{plugin.name}/…', a file in templates/"


def _translations(package: Path) -> Iterator[str]:
    catalogue = package / "locale" / "es" / "LC_MESSAGES" / "crm.po"
    known = {}
    if catalogue.exists():
        with catalogue.open("rb") as source:
            known = {m.id if isinstance(m.id, str) else m.id[0]: m.string for m in read_po(source, locale="es") if m.id}
    options = {"**.py": {}, "templates/**": {"newstyle_gettext": "true"}}
    for file, line, message, _, _ in extract_from_dir(package, SOURCES, options, WORDS):
        text = message if isinstance(message, str) else message[0]
        if not known.get(text):
            yield f"{file}, line {line}: '{text}' has no Spanish in locale/es/LC_MESSAGES/crm.po"
