"""The files of an installed plugin, found and read without running any of its code."""

import hashlib
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

from crm.manifests import Quarantine


def package_source(entry: EntryPoint) -> Path:
    """The file that an entry point imports, found without running it."""
    if ":" in entry.value or not entry.module.replace(".", "").isidentifier():
        raise Quarantine(f"Its entry point is '{entry.value}'. Name the package alone, as in 'crm_{entry.name}'.")
    top, *parts = entry.module.split(".")
    spec = find_spec(top)
    if spec is None or spec.origin is None:
        raise Quarantine(f"Its package '{top}' is not installed whole. Install it again.")
    below = Path(spec.origin).parent.joinpath(*parts)
    found = [Path(spec.origin)] if not parts else [below / "__init__.py", below.with_suffix(".py")]
    for file in found:
        if file.is_file():
            return file
    raise Quarantine(f"Its entry point names '{entry.module}', which is not there. Mend the entry point.")


def fingerprint(entry: EntryPoint) -> str:
    """SHA-256 over the names and bytes of the files of the plugin's package: what was approved is what runs."""
    source = package_source(entry)
    folder = source.parent
    files = [source] if source.name != "__init__.py" else sorted(folder.rglob("*"))
    digest = hashlib.sha256()
    for file in files:
        if file.is_file() and "__pycache__" not in file.parts:
            content = file.read_bytes()
            digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
