"""Proposed programs as people upload them: read by the same check as `crm rules check`, kept as text, and laid on disk where they are tried."""

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crm.engagements.attachments import Upload
from crm.errors import Invalid
from crm.incentives import installed
from crm.rulebook import revisions
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.library import Library
from crm.rulebook.programs import Program
from crm.translation import _

LARGEST = 200_000  # bytes of a file; the longest program that is installed has 30,000
MOST_FILES = 40
_NUMBERS = re.compile(r"^values:", re.MULTILINE)  # a file of a number of law has them, a program has none
_LAW = re.compile(r"\blaw\.(\w+(?:\.\w+)*)")


def read(uploads: Sequence[Upload]) -> dict[str, Any]:
    """A draft as it is kept: a program's file, and beside it files of numbers of law that it brings.

    Raises `Invalid` with file, line, what was found and what is allowed.
    """
    if len(uploads) > MOST_FILES:
        raise Invalid(_("A draft has %(most)s files at most: the program, and its numbers that differ.") % {"most": MOST_FILES})
    texts = [(each.name, _text(each)) for each in uploads]
    programs = [(name, text) for name, text in texts if not _NUMBERS.search(text)]
    if len(programs) != 1:
        found = ", ".join(name for name, _text in programs) or _("none")
        raise Invalid(_("A draft is one program's file, and files of its numbers. Programs among yours: %(found)s.") % {"found": found})
    [(name, text)] = programs
    named = sorted({each.replace(".", "/") for each in _LAW.findall(text)})
    numbers = [[_number(each, named), each, content] for each, content in texts if each != name]
    digest = hashlib.sha256("\0".join(content for _name, content in texts).encode()).hexdigest()
    draft = {"name": name, "text": text, "numbers": numbers, "sha256": digest}
    with on_disk([draft]) as [place]:
        _library, program = opened(place, draft)
    return draft | {"program": program.id, "title": dict(program.name), "jurisdiction": program.jurisdiction}


def _text(upload: Upload) -> str:
    name = upload.name
    if not name.lower().endswith((".yaml", ".yml")):
        raise Invalid(_("%(file)s: rules are YAML files, as draft.yaml.") % {"file": name})
    if len(upload.content) > LARGEST:
        said = {"file": name, "size": len(upload.content) // 1000, "most": LARGEST // 1000}
        raise Invalid(_("%(file)s: this file has %(size)s kB; a file of rules has %(most)s kB at most.") % said)
    try:
        return upload.content.decode("utf-8-sig").replace("\0", "\N{REPLACEMENT CHARACTER}")
    except UnicodeDecodeError:
        raise Invalid(_("%(file)s: this file is not UTF-8 text. Save it as UTF-8.") % {"file": name}) from None


def _number(name: str, named: Sequence[str]) -> str:
    """Which number of law a file holds: its name is that of one that the program names, or the end of it."""
    own = name.rsplit(".", 1)[0].removeprefix("law.").replace(".", "/")
    fitting = [each for each in named if each == own] or [each for each in named if each.endswith("/" + own)]
    if len(fitting) != 1:
        example = (named[0] if named else "program/cap").replace("/", ".")
        raise Invalid(_("%(file)s: call it after the number of law that the program names, as %(example)s.yaml. It names: %(named)s.") % {
            "file": name, "example": example, "named": ", ".join("law." + each.replace("/", ".") for each in named) or _("none")})  # fmt: skip
    return fitting[0]


def of_installed(program: Program) -> dict[str, Any]:
    """An installed program, to compare a draft with."""
    return {"name": "", "text": "", "numbers": [], "sha256": "", "program": program.id, "title": dict(program.name), "jurisdiction": program.jurisdiction}


@contextmanager
def on_disk(drafts: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Path | str, ...]]:
    """Where each draft lies for as long as it is tried, in a folder of its own; of an installed program its id."""
    with tempfile.TemporaryDirectory() as folder:
        places: list[Path | str] = []
        for place, draft in enumerate(drafts):
            if not draft["text"]:
                places.append(draft["program"])
                continue
            file = Path(folder) / str(place) / "draft.yaml"
            file.parent.mkdir()
            file.write_text(draft["text"], encoding="utf-8")
            for law, _name, text in draft["numbers"]:
                number_file = file.parent / "parameters" / f"{law}.yaml"
                number_file.parent.mkdir(parents=True, exist_ok=True)
                number_file.write_text(text, encoding="utf-8")
            places.append(file)
        yield tuple(places)


def opened(place: Path | str, draft: Mapping[str, Any]) -> tuple[Library, Program]:
    """The rules with the draft in the place of what has its ids and names, and its program. Raises `Invalid`, under the names that its person knows."""
    try:
        if isinstance(place, Path):
            return revisions.drafted(installed.packages(), place)
        return installed.library(), installed.library().programs[place]
    except RuleFileError as problem:
        assert isinstance(place, Path)
        names = {place: draft["name"]} | {place.parent / "parameters" / f"{law}.yaml": name for law, name, _text in draft["numbers"]}
        name = names.get(problem.file, problem.file.name)
        where = _("%(file)s, line %(line)s") % {"file": name, "line": problem.line} if problem.line else name
        raise Invalid(f"{where}: {problem.problem}") from problem
    except KeyError as problem:
        raise Invalid(_("No program of that name is installed. Its plugin may be switched off.")) from problem
