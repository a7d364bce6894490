"""Find plugins, check them, register them, and call them: by name, with a clock and a fence around each.

Core features register first, through the same hooks. A plugin that raises, hangs or answers junk is quarantined or
left out with its reason; the program always starts.
"""

import asyncio
import concurrent.futures
import hashlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import pluggy
import structlog
from packaging.requirements import InvalidRequirement, Requirement

from crm import __version__, hookspecs
from crm.errors import UserError

if TYPE_CHECKING:
    import click
    from piccolo.conf.apps import AppConfig

    from crm.work import Job

log = structlog.get_logger("crm.plugins")

FEATURES = ("boards", "accounts", "employers", "contacts", "engagements", "incentives", "networks", "administration",
            "portal")  # fmt: skip
START_LIMIT = 10.0  # seconds for a plugin's import or a collect hook
ASK_LIMIT = 1.0
State = Literal["on", "off", "quarantined"]
CAPABILITIES = {
    "pages": "adds pages and panels",
    "jobs": "runs work in the background",
    "mail": "sends mail",
    "network": "opens connections to other machines",
    "reads": "reads these tables",
    "writes": "changes these tables",
}


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a plugin says of itself: `manifest = Manifest(…)` in its package.

    `capabilities` names what it needs: pages, jobs, mail, network, reads:<table>, writes:<table>.
    """

    title: str
    description: str = ""
    capabilities: frozenset[str] = frozenset()
    settings: type[msgspec.Struct] | None = None


class Plugin(msgspec.Struct, kw_only=True):
    name: str
    version: str = __version__
    state: State = "on"
    reason: str = ""
    core: bool = False
    module: ModuleType | None = None
    manifest: Manifest | None = None
    settings: Any = None
    distribution: str = ""

    def folder(self, kind: str) -> Path | None:
        """The plugin's `templates`, `programs`, `parameters`, `locale` or `static` folder, where it has one."""
        file = getattr(self.module, "__file__", None)
        found = Path(file).parent / kind if file else None
        return found if found is not None and found.is_dir() else None

    @property
    def hooks(self) -> list[str]:
        return sorted(name for name in hookspecs.kinds() if hasattr(self.module, name))


class Quarantine(Exception):
    """Why a plugin may not run, in words for the plugins page."""


class PluginManager:
    def __init__(
        self, *, switched_off: Iterable[str] = (), settings: Mapping[str, Mapping[str, Any]] | None = None,
        approved: Mapping[str, str] | None = None, no_plugins: bool = False,
        entries: Callable[[], list[EntryPoint]] | None = None,
    ) -> None:  # fmt: skip
        self.switched_off = set(switched_off)
        self.settings = dict(settings or {})
        self.approved = dict(approved or {})
        self.no_plugins = no_plugins
        self.plugins: list[Plugin] = []
        self._entries = entries or (lambda: list(entry_points(group="crm")))
        self._pluggy = pluggy.PluginManager("crm")
        self._pluggy.add_hookspecs(hookspecs)
        self._threads = concurrent.futures.ThreadPoolExecutor(8, thread_name_prefix="plugin")

    def load(self) -> None:
        """Register the features and every plugin that passes its checks; `active()` answers with this manager then."""
        for name in FEATURES:
            if (Path(__file__).parent / name / "__init__.py").exists():
                module = import_module(f"crm.{name}")
                self._register(Plugin(name=name, core=True, module=module))
        for entry in sorted(self._entries(), key=lambda e: e.name):
            self._load_one(entry)
        _active.append(self)

    def _load_one(self, entry: EntryPoint) -> None:
        plugin = Plugin(name=entry.name)
        self.plugins.append(plugin)
        try:
            self._check_unique(plugin)
            plugin.distribution = entry.dist.name if entry.dist else ""
            plugin.version = entry.dist.version if entry.dist else "0"
            if self.no_plugins or plugin.name in self.switched_off:
                plugin.state = "off"
                return
            _check_core_version(entry)
            self._check_approved(plugin, entry)
            plugin.module = self._timed(entry.load, START_LIMIT, "its import")
            plugin.manifest = _manifest(plugin)
            plugin.settings = self._plugin_settings(plugin)
            self.plugins.remove(plugin)
            self._register(plugin)
        except Exception as problem:
            if plugin not in self.plugins:
                self.plugins.append(plugin)
            self._quarantine(plugin, _told(problem))

    def _check_unique(self, plugin: Plugin) -> None:
        others = [p for p in self.plugins if p.name == plugin.name and p is not plugin]
        if others:
            for other in others:
                if other.module is not None and not other.core:
                    self._pluggy.unregister(other.module)
                    self._quarantine(other, f"Two installed plugins are called '{plugin.name}'. Uninstall one.")
            raise Quarantine(f"Two installed plugins are called '{plugin.name}'. Uninstall one.")

    def _check_approved(self, plugin: Plugin, entry: EntryPoint) -> None:
        wanted = self.approved.get(plugin.name)
        if wanted and entry.dist and fingerprint(entry) != wanted:
            raise Quarantine("Its files differ from those that were approved. Look at what changed, then approve it anew.")

    def _plugin_settings(self, plugin: Plugin) -> Any:
        kind = plugin.manifest.settings if plugin.manifest else None
        if kind is None:
            return None
        try:
            return msgspec.convert(self.settings.get(plugin.name, {}), kind, strict=False)
        except msgspec.ValidationError as problem:
            raise Quarantine(f"Its settings do not fit: {problem}. Mend them on the plugins page.") from problem

    def _register(self, plugin: Plugin) -> None:
        assert plugin.module is not None
        _check_hooks(plugin)
        self._pluggy.register(plugin.module, name=f"{'feature' if plugin.core else 'plugin'}:{plugin.name}")
        try:
            self._pluggy.check_pending()
        except pluggy.PluginValidationError as problem:
            self._pluggy.unregister(plugin.module)
            raise Quarantine(str(problem)) from problem
        self.plugins.append(plugin)

    def _quarantine(self, plugin: Plugin, reason: str) -> None:
        plugin.state, plugin.reason = "quarantined", reason
        log.warning("plugin_quarantined", plugin=plugin.name)

    def _timed(self, function: Callable[[], Any], limit: float, what: str) -> Any:
        """Run what a plugin brings in a thread; one that hangs is left behind, named."""
        future = self._threads.submit(function)
        try:
            return future.result(limit)
        except concurrent.futures.TimeoutError:
            self._threads = concurrent.futures.ThreadPoolExecutor(8, thread_name_prefix="plugin")
            raise Quarantine(f"{what[0].upper()}{what[1:]} did not end within {limit:g} seconds.") from None

    # -- calling ------------------------------------------------------------------------------------------------

    def _on(self) -> list[Plugin]:
        return [p for p in self.plugins if p.state == "on"]

    def collect(self, hook: str, kind: type) -> list[Any]:
        """What features and plugins return for a collect hook. A plugin that fails is quarantined."""
        found: list[Any] = []
        for plugin in self._on():
            function = getattr(plugin.module, hook, None)
            if function is None:
                continue
            try:
                answer = function() if plugin.core else self._timed(function, START_LIMIT, f"its hook '{hook}'")
                if not isinstance(answer, list) or not all(isinstance(item, kind) for item in answer):
                    raise Quarantine(f"Its hook '{hook}' must return a list of {kind.__name__}, and did not.")
            except Exception as problem:
                if plugin.core:
                    raise
                self._quarantine(plugin, _told(problem, hook))
                continue
            found += answer
        return found

    async def ask(self, hook: str, **facts: Any) -> list[Any]:
        """All findings of a check. One that fails or hangs refuses, naming itself."""
        findings: list[Any] = []
        for plugin in self._on():
            function = getattr(plugin.module, hook, None)
            if function is None:
                continue
            try:
                future = asyncio.get_running_loop().run_in_executor(self._threads, lambda f=function: f(**facts))
                answer = function(**facts) if plugin.core else await asyncio.wait_for(asyncio.shield(future), ASK_LIMIT)
                if not isinstance(answer, list):
                    raise TypeError("no list")
            except Exception as problem:
                log.warning("plugin_check_failed", plugin=plugin.name, hook=hook, problem=type(problem).__name__)
                raise UserError(
                    f"The plugin '{plugin.name}' could not check this, so it was not done. "
                    "Try again; if it happens again, ask your administrator to look at the plugins page."
                ) from problem
            findings += answer
        return findings

    async def tell(self, plugin_name: str, hook: str, event: Any) -> None:
        """Tell one plugin of an event; what it raises fails its own job."""
        for plugin in self._on():
            if plugin.name == plugin_name and (function := getattr(plugin.module, hook, None)):
                await function(event=event)

    def listeners(self) -> dict[str, list[str]]:
        """For each event, the names of those that want to hear of it."""
        names = [name for name, kind in hookspecs.kinds().items() if kind == "tell"]
        return {n: [p.name for p in self._on() if hasattr(p.module, n)] for n in names}

    # -- what is collected ---------------------------------------------------------------------------------------

    def jobs(self) -> "list[Job]":
        from crm.work import Job

        return [*self.collect("jobs", Job), Job("events.tell", self._tell_job)]

    async def _tell_job(self, job: Any, *, event: int, name: str, subject: dict[str, Any], plugin: str) -> None:
        from crm.events import Event

        await self.tell(plugin, name, Event(name, subject, event))

    def commands(self) -> "list[click.Command]":
        import click

        return self.collect("commands", click.Command)

    def routes(self) -> list[Any]:
        from litestar.handlers.base import BaseRouteHandler

        found = self.collect("routes", BaseRouteHandler)
        return found

    @cached_property
    def panels(self) -> list[Any]:
        from crm.panels import Panel

        return sorted(self.collect("panels", Panel), key=lambda p: (p.order, p.name))

    @cached_property
    def navigation(self) -> list[Any]:
        from crm.panels import NavigationItem

        return sorted(self.collect("navigation", NavigationItem), key=lambda item: item.order)

    def networks(self) -> list[Any]:
        from crm.rulebook.networks import Network

        return self.collect("networks", Network)

    def documents(self) -> list[Any]:
        from crm.documents import Document

        return self.collect("documents", Document)

    def folders(self, kind: str) -> list[tuple[str, Path]]:
        """The folders of one kind, of every plugin that is on."""
        return [(p.name, found) for p in self._on() if not p.core and (found := p.folder(kind))]

    def piccolo_apps(self) -> "list[AppConfig]":
        apps = []
        for plugin in self._on():
            if not plugin.core and plugin.module is not None and plugin.folder("piccolo_migrations"):
                apps.append(import_module(f"{plugin.module.__name__}.piccolo_app").APP_CONFIG)
        return apps


_active: list[PluginManager] = []


def active() -> PluginManager:
    """The manager that was loaded last: the one of this process."""
    return _active[-1]


def _told(problem: BaseException, hook: str = "") -> str:
    if isinstance(problem, Quarantine):
        return str(problem)
    where = f" in its hook '{hook}'" if hook else " while it was loaded"
    return f"It raised {type(problem).__name__}{where}: {problem}"


def _manifest(plugin: Plugin) -> Manifest:
    manifest = getattr(plugin.module, "manifest", None)
    if not isinstance(manifest, Manifest):
        raise Quarantine("Its package has no `manifest = Manifest(title=…)`. See docs/extend/plugins.md.")
    for capability in manifest.capabilities:
        if capability.partition(":")[0] not in CAPABILITIES:
            raise Quarantine(f"It asks for '{capability}'; there are: {', '.join(CAPABILITIES)}.")
    return manifest


def _check_core_version(entry: EntryPoint) -> None:
    for text in (entry.dist.requires or []) if entry.dist else []:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.name == "crm" and not requirement.specifier.contains(__version__, prereleases=True):
            raise Quarantine(f"It fits crm {requirement.specifier}; this is {__version__}. Install another version of it.")


def _check_hooks(plugin: Plugin) -> None:
    """A misspelt hook, a wrong argument, or an ordering option is an error that names plugin and argument."""
    known = hookspecs.kinds()
    for name, function in vars(plugin.module).items():
        options = getattr(function, "crm_impl", None)
        if options is None:
            continue
        if name not in known:
            raise Quarantine(f"It implements '{name}', which is no hook. There are: {', '.join(known)}.")
        if options.get("hookwrapper") or options.get("wrapper") or options.get("tryfirst") or options.get("trylast"):
            raise Quarantine(f"Its hook '{name}' asks to wrap or go first; plugins are called by name, one by one.")
        wanted = set(inspect.signature(getattr(hookspecs, name)).parameters)
        for argument in inspect.signature(function).parameters:
            if argument not in wanted:
                raise Quarantine(
                    f"Its hook '{name}' has the argument '{argument}'; it gets: {', '.join(sorted(wanted)) or 'none'}."
                )
        if known[name] == "tell" and not inspect.iscoroutinefunction(function):
            raise Quarantine(f"Its hook '{name}' must be `async def`: it is told in the worker.")


def fingerprint(entry: EntryPoint) -> str:
    """SHA-256 over the names and bytes of the plugin's files: what was approved is what runs."""
    spec = __import__("importlib.util").util.find_spec(entry.module.partition(".")[0])
    digest = hashlib.sha256()
    folder = Path(spec.origin).parent if spec and spec.origin else None
    for file in sorted(folder.rglob("*")) if folder else []:
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def granted_in_words(capabilities: Iterable[str]) -> list[str]:
    """What the state office agrees to, in plain words."""
    lines = []
    for capability in sorted(capabilities):
        kind, _, what = capability.partition(":")
        lines.append(f"{CAPABILITIES.get(kind, kind)}{f': {what}' if what else ''}")
    return [*lines, "Its code runs inside the program: it can do all that the program can. Install only what you trust."]
