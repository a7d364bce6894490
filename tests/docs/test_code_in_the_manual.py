"""The code in the manual runs: files with a title are written, Python runs beside them, commands exist."""

import re
import shlex
from pathlib import Path

import click
import pytest

from crm.cli import cli
from crm.rulebook.library import Library
from crm.testing import cases

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w*)(?: title=\"([^\"]+)\")?\n(.*?)^```", re.M | re.S)


def blocks(page, language):
    return [(title, code) for kind, title, code in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.name)
def test_python_runs(page, tmp_path, monkeypatch):
    write_files(page, tmp_path)
    monkeypatch.chdir(tmp_path)
    names = {}
    for _title, code in blocks(page, "python"):
        exec(compile(code, str(page), "exec"), names)  # the manual is ours


def write_files(page, folder):
    for title, text in blocks(page, "yaml"):
        (folder / title).parent.mkdir(parents=True, exist_ok=True)
        (folder / title).write_text(text, encoding="utf-8")


def test_the_rules_of_the_manual_give_what_their_cases_say(tmp_path):
    write_files(ROOT / "docs/extend/rules.md", tmp_path)
    library = Library()
    library.add(tmp_path)
    told = list(cases.cases(tmp_path / "tests/cases"))
    assert told
    for program, case in told:
        cases.check(library, program, case)


def commands():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for line in [line for _title, code in blocks(page, "") for line in code.splitlines()] + re.findall(r"`(crm [^`]+)`", text):
            if line.startswith("crm "):
                yield pytest.param(line, id=f"{page.name}: {line}")


@pytest.mark.parametrize("line", commands())
def test_a_command_of_the_manual_exists_with_its_options(line):
    command, words = cli, shlex.split(line)[1:]
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        name = words.pop(0)
        command = command.get_command(click.Context(command), name)
        assert command, f"There is no command '{name}'."
    known = {option for parameter in command.params for option in parameter.opts}
    assert [word for word in words if word.startswith("--") and word.partition("=")[0] not in known] == []
