"""The files of an installed plugin, found and read without running any of its code.

A plugin of data alone is a folder with a `manifest.yaml` and no code: rules, words and templates, which nothing runs.
"""

import hashlib
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

from crm.manifests import DATA_MANIFEST, Quarantine

DATA = {".yaml", ".csv", ".html", ".txt", ".css", ".md", ".po", ".mo", ".svg", ".png"}  # what a plugin of data alone may hold


def package_source(entry: EntryPoint) -> Path:
    """The file that an entry point imports, found without running it."""
    if ":" in entry.value or not entry.module.replace(".", "").isidentifier():
        raise Quarantine(f"Its entry point is '{entry.value}'. Name the package alone, as in 'crm_{entry.name}'.")
    top, *parts = entry.module.split(".")
    spec = find_spec(top)
    if spec is not None and spec.origin is None and not parts:
        return _data_source(top, [Path(place) for place in spec.submodule_search_locations or []])
    if spec is None or spec.origin is None:
        raise Quarantine(f"Its package '{top}' is not installed whole. Install it again.")
    below = Path(spec.origin).parent.joinpath(*parts)
    found = [Path(spec.origin)] if not parts else [below / "__init__.py", below.with_suffix(".py")]
    for file in found:
        if file.is_file():
            return file
    raise Quarantine(f"Its entry point names '{entry.module}', which is not there. Mend the entry point.")


def _data_source(name: str, folders: list[Path]) -> Path:
    """The manifest of a plugin of data alone. Raises `Quarantine` where its folder is not whole, or holds code."""
    if len(folders) != 1 or not (folders[0] / DATA_MANIFEST).is_file():
        raise Quarantine(f"Its package '{name}' has neither an __init__.py nor a {DATA_MANIFEST}. Install it again.")
    for file in sorted(folders[0].rglob("*")):
        if file.is_file() and file.suffix not in DATA:
            place = file.relative_to(folders[0]).as_posix()
            raise Quarantine(f"'{place}' is no data. A plugin of data alone holds {', '.join(sorted(DATA))}; take the file out, or write an __init__.py with the manifest.")
    return folders[0] / DATA_MANIFEST


def fingerprint(entry: EntryPoint) -> str:
    """SHA-256 over the names and bytes of the files of the plugin's package: what was approved is what runs."""
    source = package_source(entry)
    folder = source.parent
    files = sorted(folder.rglob("*")) if source.name in {"__init__.py", DATA_MANIFEST} else [source]
    digest = hashlib.sha256()
    for file in files:
        if file.is_file() and "__pycache__" not in file.parts:
            content = file.read_bytes()
            digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
