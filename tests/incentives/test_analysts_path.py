"""The way of an analyst who knows YAML and no Python, as docs/extend/plugins.md tells it: from nothing to an answer, over three mistakes."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from crm import plugins
from crm.cli import cli

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/extend/plugins.md").read_text(encoding="utf-8").partition("## Of data alone")[2].partition("\n## ")[0]
FACTS = re.search(r"```yaml\n(.*?)```", PAGE, re.S).group(1)


@pytest.fixture
def crm(tmp_path, monkeypatch):
    """`crm(*words)` runs the command in a folder of its own, with what is installed there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRM_DATA", str(tmp_path / "var"))
    monkeypatch.setattr(plugins, "_active", [])

    def run(*words, **environ):
        return CliRunner().invoke(cli, words, env=environ)

    return run


def install(folder, name, monkeypatch):
    """What `pip install -e` does, without a second of pip: the folder on the path, and the metadata from pyproject.toml beside it."""
    package, told = f"crm_{name}", (folder / "pyproject.toml").read_text(encoding="utf-8")
    info = folder / f"{package}-0.1.0.dist-info"
    info.mkdir()
    needs = re.search(r'dependencies = \["(.+?)"\]', told).group(1)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: crm-{name}\nVersion: 0.1.0\nRequires-Dist: {needs}\n")
    (info / "entry_points.txt").write_text(f"[crm]\n{name} = {package}\n")
    monkeypatch.syspath_prepend(str(folder))


def slip(file, right, wrong):
    text = file.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")


def test_from_nothing_to_an_answer_over_three_mistakes(crm, tmp_path, monkeypatch):
    # 1. Begin
    assert crm("new-plugin", "ohio", "--data").exit_code == 0
    home = tmp_path / "plugins/crm-ohio"
    install(home, "ohio", monkeypatch)
    assert crm("rules", "check", "ohio").stdout == "ohio-example: 1 conditions, 7 cases, recalled\n"

    # 2. Write the law, with a slip in each of three files
    program, rate, cases = home / "crm_ohio/programs/ohio-example.yaml", home / "crm_ohio/parameters/ohio/rate.yaml", home / "tests/cases/ohio-example.yaml"
    slip(program, "at_least: 15", "at_last: 15")
    slip(rate, "0.25", "25%")
    slip(cases, "amount: '1500'", "amount: '1600'")
    promised = [line.removesuffix("…").strip() for line in re.search(r"```text\n(.*?)```", PAGE, re.S).group(1).splitlines()]

    for file, wrong, right in ((rate, "25%", "0.25"), (program, "at_last", "at_least"), (cases, "'1600'", "'1500'")):
        checked = crm("rules", "check", "ohio")
        says = [line for line in checked.stderr.splitlines() if line.startswith(f"plugins/crm-ohio/{file.relative_to(home)}")]
        assert checked.exit_code == 1
        assert [line for line in says if any(line.startswith(each) for each in promised)] == says, checked.stderr
        assert len(says) == 1
        slip(file, wrong, right)
    assert crm("rules", "check", "ohio").exit_code == 0

    # 3. Shadow it: off, it answers nothing; the shadow says what would come
    past = tmp_path / "past/ana.yaml"
    past.parent.mkdir()
    past.write_text(FACTS, encoding="utf-8")
    off = {"CRM_PLUGINS_OFF": "ohio"}
    assert "There is no program 'ohio-example'" in str(crm("incentives", "estimate", "--facts", str(past), "--program", "ohio-example", **off).exception)
    shadowed = crm("rules", "shadow", "plugins/crm-ohio", "--cases", "past", **off)
    assert "past/ana.yaml: ohio-example: none → 1500.00" in shadowed.stdout
    assert "1 answer differs, in 1 cases" in shadowed.stdout

    # 4. Switch it on
    assert crm("incentives", "estimate", "--facts", str(past), "--program", "ohio-example").stdout == "ohio-example: 1500.00\n"
