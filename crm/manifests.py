"""What a plugin says of itself and asks for, readable before any of its code runs."""

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

DATA_MANIFEST = "manifest.yaml"
# what a plugin may ask for, in the words of the page where it is granted
CAPABILITIES = {
    "pages": "adds pages, panels or documents",
    "jobs": "runs work in the background",
    "mail": "sends mail",
    "network": "opens connections to other machines",
    "reads": "reads the table",
    "writes": "changes the table",
}
NEEDED_FOR = {
    "routes": "pages", "panels": "pages", "navigation": "pages", "documents": "pages", "jobs": "jobs",
    "obligations": "jobs",
}  # fmt: skip


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a plugin says of itself: `manifest = Manifest(…)` in its package, or, of data alone, a `manifest.yaml`.

    `capabilities` names what it needs: pages, jobs, mail, network, reads:<table>, writes:<table>.
    """

    title: str
    description: str = ""
    capabilities: frozenset[str] = frozenset()
    settings: type[msgspec.Struct] | None = None
    data_alone: bool = False

    def has(self, capability: str) -> bool:
        return capability in self.capabilities


class Quarantine(Exception):
    """Why a plugin may not run, in words for the plugins page."""


def check_manifest(manifest: object) -> Manifest:
    """Raises `Quarantine` where it is missing or asks for what does not exist."""
    if not isinstance(manifest, Manifest):
        raise Quarantine("Its package has no `manifest = Manifest(title=…)`. See docs/extend/plugins.md.")
    for capability in sorted(manifest.capabilities):
        kind, colon, table = capability.partition(":")
        if kind not in CAPABILITIES or bool(colon and table.isidentifier()) != (kind in {"reads", "writes"}):
            raise Quarantine(
                f"It asks for '{capability}'. Ask for pages, jobs, mail, network, reads:<table> or writes:<table>."
            )
    if manifest.settings is not None and not _is_frozen(manifest.settings):
        raise Quarantine("Its settings must be a frozen struct: `class Settings(Struct, frozen=True)`.")
    return manifest


def _is_frozen(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__struct_config__.frozen


def declared_manifest(source: Path) -> Manifest:
    """The manifest as it is written in the package, without running it; its settings are not read.

    Raises `Quarantine` where it is not written in plain values.
    """
    if source.name == DATA_MANIFEST:
        return _of_data(source)
    for node in ast.parse(source.read_text(encoding="utf-8"), str(source)).body:
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["manifest"]:
            keywords = node.value.keywords if isinstance(node.value, ast.Call) else []
            return msgspec.convert({k.arg: _plain(k.value) for k in keywords if k.arg and k.arg != "settings"}, Manifest)
    return check_manifest(None)


def _of_data(source: Path) -> Manifest:
    from crm.rulebook import entries, reading

    found = reading.read(source)
    reading.check_keys(source, found, needed={"title", "description"}, allowed=set())
    return Manifest(title=entries.text(source, found, "title"), description=entries.text(source, found, "description"), data_alone=True)


def _plain(node: ast.expr) -> Any:
    """A value, also inside `frozenset(…)` or `lazy_(…)`."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"frozenset", "lazy_", "set"}:
        return _plain(node.args[0]) if node.args else []
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise Quarantine(
            f"Line {node.lineno} of its package computes a part of the manifest. Write plain values, "
            "so that it can be read before any code runs."
        ) from None


def check_as_declared(manifest: Manifest, source: Path) -> None:
    """What is granted was read from the file, so what runs must say the same."""
    declared = declared_manifest(source)
    for name in ("title", "description", "capabilities"):
        if getattr(declared, name) != getattr(manifest, name):
            raise Quarantine(f"Its manifest changes '{name}' while it is loaded. Write it once, in plain values.")


def granted_in_words(capabilities: Iterable[str], *, data_alone: bool = False) -> list[str]:
    """What the state office agrees to, in plain words."""
    if data_alone:
        return ["It is data alone: rules of law, words and pages. It has no code that could run."]
    lines = []
    for capability in sorted(capabilities):
        kind, _, table = capability.partition(":")
        lines.append(f"{CAPABILITIES.get(kind, kind)} {table}".strip())
    lines.append(
        "Its code runs inside the program. What it asks for is checked where it adds pages and jobs; beyond that it can "
        "read and do all that the program can. Switch on only what you trust."
    )
    return lines
