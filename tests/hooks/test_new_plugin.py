"""`crm new-plugin` writes a plugin that is found, conforms and passes its own tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from crm.errors import UserError
from crm.new_plugin import new_plugin, write_plugin


def test_the_new_plugin_installs_and_passes_its_own_tests(tmp_path):
    folder = write_plugin("rhode_island", tmp_path)
    site = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation",
         "--disable-pip-version-check", "--target", site, folder], check=True,
    )  # fmt: skip

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": str(site)}, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout
    assert "12 passed" in ran.stdout


def test_leaves_nothing_in_the_home_folder(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))

    write_plugin("ohio", tmp_path / "plugins")

    assert list(home.iterdir()) == []


def test_says_what_to_do_next(tmp_path):
    result = CliRunner().invoke(new_plugin, ["ohio", "--into", str(tmp_path)])

    assert result.exit_code == 0
    assert f"pip install -e {tmp_path / 'crm-ohio'}" in result.output
    assert not [file for file in (tmp_path / "crm-ohio").rglob("*") if "cookiecutter" in file.name]


@pytest.mark.parametrize(("name", "says"), [
    ("Rhode-Island", "For example 'rhode_island'"), ("employers", "a part of the program"), ("..", "cannot be a plugin's name"),
    ("a/b", "cannot be"), ("1st_plugin", "For example 'st_plugin'"),
])  # fmt: skip
def test_refuses_a_name(name, says, tmp_path):
    with pytest.raises(UserError, match=says):
        write_plugin(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_leaves_a_folder_that_is_there_as_it_is(tmp_path):
    mine = tmp_path / "crm-ohio" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine")

    with pytest.raises(UserError, match="is there already"):
        write_plugin("ohio", tmp_path)
    assert list(Path(mine.parent).iterdir()) == [mine]


def test_says_what_to_install_without_cookiecutter(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "cookiecutter.main", None)

    with pytest.raises(UserError, match=r"pip install 'crm\[develop\]'"):
        write_plugin("ohio", tmp_path)
