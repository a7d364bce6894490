"""Find plugins, check them, register them, and call them: by name, with a clock and a fence around each.

Core features register first, through the same hooks. A plugin that raises, hangs or answers junk is quarantined with
its reason; the program always starts.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec
import pluggy
import structlog

from crm import fences, hookspecs, plugin_checks
from crm.fences import Broke, Hung
from crm.manifests import Manifest, Quarantine, check_as_declared, check_manifest, declared_manifest
from crm.plugin import Plugin
from crm.plugin_calls import Limits, PluginTrouble, ask, tell
from crm.plugin_files import fingerprint, package_source
from crm.rulebook.file_errors import RuleFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click
    from piccolo.conf.apps import AppConfig

    from crm.rulebook.library import Library
    from crm.work import Job

__all__ = ["FEATURES", "Limits", "Manifest", "Plugin", "PluginManager", "PluginTrouble", "active", "fingerprint",
           "settings_of"]  # fmt: skip

log = structlog.get_logger("crm.plugins")

FEATURES = (
    "boards", "accounts", "fields", "views", "employers", "contacts", "engagements", "visits", "pledges", "outreach", "employer_events",
    "correspondence", "search", "reporting", "incentives", "networks", "backups", "administration", "developers", "portal",
)  # fmt: skip
RESERVED = frozenset({*FEATURES, "crm", "core", "events", "plugins"})


class PluginManager:
    """All features and plugins of this process. `load()` finds them; what they answer is collected when first used."""

    def __init__(
        self, *, switched_off: Iterable[str] = (), settings: Mapping[str, Mapping[str, Any]] | None = None,
        approved: Mapping[str, str] | None = None, no_plugins: bool = False, limits: Limits | None = None,
        entries: Callable[[], Iterable[EntryPoint]] | None = None,
    ) -> None:  # fmt: skip
        self.switched_off = set(switched_off)
        self.settings = dict(settings or {})
        self.approved = dict(approved or {})
        self.no_plugins = no_plugins
        self.limits = limits or Limits()
        self.plugins: list[Plugin] = []
        self._collected = False
        self._rules_read = False
        self._entries = entries or (lambda: entry_points(group="crm"))
        self._pluggy = pluggy.PluginManager("crm")
        self._pluggy.add_hookspecs(hookspecs)

    def load(self) -> None:
        """Register the features and every plugin that passes its checks; `active()` answers with this manager then."""
        for name in FEATURES:
            if (Path(__file__).parent / name / "__init__.py").exists():
                self._register(Plugin(name=name, core=True, module=import_module(f"crm.{name}")))
        found: dict[str, list[EntryPoint]] = {}
        for entry in sorted(self._entries(), key=lambda each: each.name):
            found.setdefault(entry.name, []).append(entry)
        for entries in found.values():
            self._load(entries)
        self._list_missing(set(found))
        _active[:] = [self]

    def plugin(self, name: str) -> Plugin | None:
        return next((plugin for plugin in self.plugins if plugin.name == name), None)

    def _load(self, entries: list[EntryPoint]) -> None:
        entry = entries[0]
        plugin = Plugin(name=entry.name, entry=entry)
        self.plugins.append(plugin)
        with self._fenced(plugin):
            if entry.dist:
                plugin.distribution, plugin.version = entry.dist.name, entry.dist.version
            if len(entries) > 1:
                by = " and ".join(sorted(e.dist.name if e.dist else e.value for e in entries))
                raise Quarantine(f"Two installed plugins are called '{plugin.name}': {by}. Uninstall one.")
            plugin_checks.check_name(plugin.name, RESERVED)
            source = package_source(entry)
            if self.no_plugins or plugin.name in self.switched_off:
                plugin.state = "off"
                plugin.manifest = declared_manifest(source)
                return
            plugin_checks.check_core_version(entry)
            self._check_approved(plugin)
            self._import(plugin, source)
            self._register(plugin)

    def _import(self, plugin: Plugin, source: Path) -> None:
        assert plugin.entry is not None
        plugin.manifest = declared_manifest(source)  # first, so that the page can show it when the import fails
        if plugin.manifest.data_alone:
            plugin.module = ModuleType(plugin.entry.module)  # nothing is imported: it has no code
            plugin.module.__file__ = str(source)
            return
        plugin.module = self._timed("its import", plugin.entry.load)
        manifest = check_manifest(getattr(plugin.module, "manifest", None))
        check_as_declared(manifest, source)
        plugin.manifest = manifest
        plugin.settings = self._settings(plugin.name, manifest)

    def _check_approved(self, plugin: Plugin) -> None:
        approved = self.approved.get(plugin.name)
        if approved and plugin.fingerprint() != approved:
            raise Quarantine("Its files differ from those that were approved. See what changed, then approve it anew.")

    def _settings(self, name: str, manifest: Manifest) -> Any:
        if manifest.settings is None:
            return None
        try:
            return msgspec.convert(dict(self.settings.get(name, {})), manifest.settings, strict=False)
        except msgspec.ValidationError as problem:
            raise Quarantine(f"Its settings do not fit: {problem}. Mend them on the plugins page.") from problem

    def _register(self, plugin: Plugin) -> None:
        assert plugin.module is not None
        plugin.implemented = plugin_checks.hooks_of(plugin.module)
        if plugin.manifest:
            plugin_checks.check_granted(plugin.manifest, plugin.implemented)
        functions = ModuleType(plugin.name)
        vars(functions).update({hook.name: hook.function for hook in plugin.implemented.values()})
        try:
            self._pluggy.register(functions, name=plugin.name)
            self._pluggy.check_pending()
        except (pluggy.PluginValidationError, ValueError) as problem:
            self._pluggy.set_blocked(plugin.name)
            raise Quarantine(fences.first_line(problem)) from problem
        if plugin.core:
            self.plugins.append(plugin)

    def _list_missing(self, installed: set[str]) -> None:
        """What was switched or set but is not there."""
        known = {*self.switched_off, *self.settings, *self.approved} - installed - set(FEATURES)
        for name in sorted(known):
            reason = "It was used here, but is not installed. Install it again, or remove what it left."
            self.plugins.append(Plugin(name=name, version="", state="missing", reason=reason))

    @contextmanager
    def _fenced(self, plugin: Plugin) -> "Iterator[None]":
        """What goes wrong inside quarantines the plugin, and it alone."""
        try:
            yield
        except Exception as problem:
            if plugin.core:
                raise
            plugin.state, plugin.reason = "quarantined", _reason(problem, plugin)
            self._pluggy.set_blocked(plugin.name)
            log.warning("plugin_quarantined", plugin=plugin.name, problem=type(problem).__name__)

    def _timed(self, what: str, function: Callable[[], Any]) -> Any:
        try:
            return fences.wait(fences.start(function), self.limits.start)
        except Hung as problem:
            raise Quarantine(f"{what.capitalize()} {problem}.") from problem
        except Broke as problem:
            if isinstance(problem.__cause__, RuleFileError):
                raise problem.__cause__ from None
            raise Quarantine(f"{what.capitalize()} raised {problem}") from problem

    # -- collect: at start; a plugin that fails loses all that it brought --------------------------------------------

    def collect(self, hook: str) -> list[Any]:
        """What features and plugins answer to a hook, features first, then plugins by name."""
        self._ask_all(hook, self._on())
        return [item for plugin in self._on() for item in plugin.answers.get(hook, [])]

    def _ask_all(self, hook: str, plugins: Iterable[Plugin]) -> None:
        for plugin in plugins:
            with self._fenced(plugin):
                self._collect(plugin, hook)

    def _collect(self, plugin: Plugin, hook: str) -> None:
        found = plugin.implemented.get(hook)
        if found is None or hook in plugin.answers:
            return
        answer = found({}) if plugin.core else self._timed(f"its hook '{hook}'", lambda: found({}))
        items = plugin_checks.check_answer(hook, answer)
        if not plugin.core:
            plugin_checks.check_places(plugin.name, hook, items)
        if hook == "networks":
            plugin_checks.check_networks(items)
        if hook == "service_codes":
            plugin_checks.check_service_codes(items)
        if hook == "fields":
            plugin_checks.check_fields(plugin.name, items)
        if hook != "routes":
            self._check_taken(hook, items)
        plugin.answers = plugin.answers | {hook: items}

    def _check_taken(self, hook: str, items: list[Any]) -> None:
        taken = {plugin_checks.key_of(item): p.name for p in self._on() for item in p.answers.get(hook, [])}
        for item in items:
            key = plugin_checks.key_of(item)
            if key and key in taken:
                raise Quarantine(f"Its hook '{hook}' answers '{key}', which '{taken[key]}' has already. Rename it.")
            taken[key] = "it"

    def prepare(self) -> None:
        """Collect all and read all rules, before anything is used: a plugin that fails at one leaves nothing of others behind.

        The features' own pages wait until someone asks for routes: a command or a worker serves none, and to import them
        takes a third of its start. A command that asks for no rules does not read them either: some hundred files.
        """
        self._collect_all()
        if self._rules_read:
            return
        self._rules_read = True
        for plugin in self._on():
            with self._fenced(plugin):
                self._read_rules(plugin)

    def _collect_all(self) -> None:
        if self._collected:
            return
        self._collected = True
        for hook, kind in hookspecs.kinds().items():
            if kind == "collect":
                self._ask_all(hook, [plugin for plugin in self._on() if not (plugin.core and hook == "routes")])
        for plugin in self._on():
            with self._fenced(plugin):
                self._find_app(plugin)

    def _read_rules(self, plugin: Plugin) -> None:
        """Facts, parameters and programs beside its code; one slip in a file, and the plugin does not run."""
        if not plugin.core and plugin.home is not None:
            self._rules.add(plugin.home)

    def _find_app(self, plugin: Plugin) -> None:
        if plugin.core or plugin.module is None or not plugin.folder("piccolo_migrations"):
            return
        name = f"{plugin.module.__name__}.piccolo_app"
        app = self._timed("its piccolo_app", lambda: import_module(name).APP_CONFIG)
        plugin_checks.check_app(plugin.name, app)
        plugin.piccolo_app = app

    def _on(self) -> list[Plugin]:
        return [plugin for plugin in self.plugins if plugin.state == "on"]

    def _all(self, hook: str) -> list[Any]:
        self._collect_all()
        return self.collect(hook)

    def commands(self) -> "list[click.Command]":
        return self.collect("commands")  # alone: `crm --help` must not import pages and documents

    def jobs(self) -> "list[Job]":
        from crm.work import Job

        return [*self._all("jobs"), Job("events.tell", self._tell_job, timeout=self.limits.tell + 5)]

    def routes(self) -> list[Any]:
        return self._all("routes")

    def networks(self) -> list[Any]:
        return self._all("networks")

    def service_codes(self) -> list[Any]:
        return self._all("service_codes")

    def fields(self) -> list[tuple[str, Any]]:
        """What plugins add to employers, worksites and people, each with the plugin's name."""
        self._all("fields")
        return [(plugin.name, field) for plugin in self._on() for field in plugin.answers.get("fields", [])]

    def documents(self) -> list[Any]:
        return self._all("documents")

    @property
    def rules(self) -> "Library":
        """Facts, parameters and programs of every plugin that is on."""
        self.prepare()
        return self._rules

    @cached_property
    def _rules(self) -> "Library":
        from crm.rulebook.library import Library  # `crm --help` must not pay for YAML

        return Library()

    @cached_property
    def obligations(self) -> list[Any]:
        return self._all("obligations")

    @cached_property
    def panels(self) -> list[Any]:
        return sorted(self._all("panels"), key=lambda panel: (panel.order, panel.name))

    @cached_property
    def navigation(self) -> list[Any]:
        return sorted(self._all("navigation"), key=lambda item: item.order)

    def folders(self, kind: str) -> list[tuple[str, Path]]:
        """The folders of one kind, of every plugin that is on."""
        self._collect_all()
        return [(p.name, found) for p in self._on() if not p.core and (found := p.folder(kind))]

    def piccolo_apps(self) -> "list[AppConfig]":
        self._collect_all()
        return [plugin.piccolo_app for plugin in self._on() if plugin.piccolo_app]

    # -- ask and tell ------------------------------------------------------------------------------------------------

    async def ask(self, hook: str, **facts: Any) -> list[Any]:
        """All findings of a check. Raises `PluginTrouble` where a plugin hangs, raises or answers junk."""
        asked = [plugin for plugin in self._on() if hook in plugin.implemented]
        return [finding for plugin in asked for finding in await ask(plugin, hook, facts, self.limits.ask)]

    def listeners(self) -> dict[str, list[str]]:
        """For each event, the names of those that want to hear of it."""
        self._collect_all()
        names = [name for name, kind in hookspecs.kinds().items() if kind == "tell"]
        return {name: [p.name for p in self._on() if name in p.implemented] for name in names}

    async def tell(self, plugin_name: str, hook: str, event: Any) -> None:
        """Tell one plugin of an event. Raises `PluginTrouble` when it fails, so that its own job tries again."""
        plugin = self.plugin(plugin_name)
        if plugin is None or plugin.state != "on" or hook not in plugin.implemented:
            raise PluginTrouble(f"The plugin '{plugin_name}' does not run now, so it has not heard of this yet.")
        await tell(plugin, hook, event, self.limits.tell)

    async def _tell_job(self, job: Any, *, event: int, name: str, subject: dict[str, Any], plugin: str) -> None:
        from crm.events import Event

        await self.tell(plugin, name, Event(name, subject, event))


_active: list[PluginManager] = []


def active() -> PluginManager:
    """The manager that was loaded last: the one of this process."""
    return _active[-1]


def settings_of(name: str) -> Any:
    """The settings of a plugin that is on, as its own frozen struct."""
    plugin = active().plugin(name)
    return plugin.settings if plugin else None


def _reason(problem: Exception, plugin: Plugin) -> str:
    if isinstance(problem, Quarantine):
        return str(problem)
    if isinstance(problem, RuleFileError):
        home = plugin.home
        file = problem.file.relative_to(home) if home and problem.file.is_relative_to(home) else problem.file
        return f"Its file {file}{f', line {problem.line}' if problem.line else ''}: {problem.problem}"
    return f"It could not be read: {type(problem).__name__}: {fences.first_line(problem)}"
