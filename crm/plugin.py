"""One feature or plugin: what it implements, what it answered, how it stands."""

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import msgspec

from crm import __version__
from crm.manifests import Manifest
from crm.plugin_files import fingerprint

State = Literal["on", "off", "quarantined", "missing"]


class Hook(msgspec.Struct, frozen=True):
    """A plugin's answer to a hook: its function and the arguments that it takes."""

    name: str
    kind: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]

    def __call__(self, facts: Mapping[str, Any]) -> Any:
        return self.function(**{name: facts[name] for name in self.arguments})


class Plugin(msgspec.Struct, kw_only=True):
    """A feature or a plugin, and how it stands."""

    name: str
    version: str = __version__
    distribution: str = ""
    state: State = "on"
    reason: str = ""
    core: bool = False
    entry: EntryPoint | None = None
    module: ModuleType | None = None
    manifest: Manifest | None = None
    settings: Any = None
    implemented: dict[str, Hook] = {}
    answers: dict[str, list[Any]] = {}
    piccolo_app: Any = None
    hung: list[Any] = []

    @property
    def hooks(self) -> list[str]:
        return sorted(self.implemented)

    @property
    def tables(self) -> list[str]:
        return [table._meta.tablename for table in self.piccolo_app.table_classes] if self.piccolo_app else []

    @property
    def capabilities(self) -> list[str]:
        return sorted(self.manifest.capabilities) if self.manifest else []

    @property
    def home(self) -> Path | None:
        """The folder of its package."""
        file = getattr(self.module, "__file__", None)
        return Path(file).parent if file else None

    def folder(self, kind: str) -> Path | None:
        """The plugin's `templates`, `programs`, `parameters`, `locale` or `static` folder, where it has one."""
        found = self.home / kind if self.home else None
        return found if found is not None and found.is_dir() else None

    def fingerprint(self) -> str:
        """What approving this plugin approves. Raises `Quarantine` when its files cannot be found."""
        return fingerprint(self.entry) if self.entry else ""
