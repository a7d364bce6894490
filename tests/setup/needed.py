"""Print the part of a constraints file, hashes included, that the wheels in a folder need at run time.

Usage: needed.py constraints.txt FOLDER. Read from the environment that it runs in, so run it where everything of the
constraints file is installed.
"""

import re
import sys
import zipfile
from email.parser import Parser
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def pins(constraints: str) -> dict[str, str]:
    """Each pin with its hashes, by name."""
    blocks = re.findall(r"^[A-Za-z0-9].*?(?=^[A-Za-z0-9]|\Z)", constraints, re.MULTILINE | re.DOTALL)
    return {canonicalize_name(re.split(r"[=\[ ]", block, maxsplit=1)[0]): block.rstrip() for block in blocks}


def needs_of(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as opened:
        name = next(each for each in opened.namelist() if each.endswith(".dist-info/METADATA"))
        return Parser().parsestr(opened.read(name).decode()).get_all("Requires-Dist", [])


def closure(wheels: list[Path]) -> set[str]:
    own = {canonicalize_name(wheel.name.split("-", maxsplit=1)[0]) for wheel in wheels}
    found: set[tuple[str, str]] = set()
    waiting = [(text, "") for wheel in wheels for text in needs_of(wheel)]
    while waiting:
        text, extra = waiting.pop()
        need = Requirement(text)
        name = canonicalize_name(need.name)
        if name in own or (need.marker and not need.marker.evaluate({"extra": extra})):
            continue
        for wanted in {"", *need.extras}:
            if (name, wanted) not in found:
                found.add((name, wanted))
                waiting += [(each, wanted) for each in requires(name) or []]
    return {name for name, _ in found}


def needed(constraints: Path, folder: Path) -> str:
    pinned = pins(constraints.read_text(encoding="utf-8"))
    names = closure(sorted(folder.glob("*.whl")))
    missing = sorted(names - set(pinned))
    if missing:
        raise SystemExit(f"{constraints}: no pin for {', '.join(missing)}. Compile it again: see docs/develop/dependencies.md")
    return "\n".join(pinned[name] for name in sorted(names)) + "\n"


if __name__ == "__main__":
    sys.stdout.write(needed(Path(sys.argv[1]), Path(sys.argv[2])))
