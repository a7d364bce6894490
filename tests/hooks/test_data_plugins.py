"""A plugin of data alone: a folder with a manifest and rules. Nothing in it runs, and a file that could is refused by name."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from crm.manifests import DATA_MANIFEST
from crm.new_plugin import new_plugin, write_plugin
from tests.rulebook.conftest import FACTS, PARAMETER, PROGRAM

MANIFEST = "title: Data\ndescription: Rules of a state.\n"


@pytest.fixture
def data_plugin(make_plugin, tmp_path):
    """`data_plugin({path: text})` gives the entry point of a plugin of data alone with sound rules and these files."""

    def make(files=None, manifest=MANIFEST):
        entry = make_plugin("stated", package="crm_stated")
        folder = tmp_path / "crm_stated"
        (folder / "__init__.py").unlink()
        sound = {
            DATA_MANIFEST: manifest, "facts.yaml": FACTS, "programs/test.yaml": PROGRAM,
            "parameters/rate.yaml": PARAMETER.format(description="R", unit="rate", values="  2020-01-01: 0.50"),
            "parameters/cap.yaml": PARAMETER.format(description="C", unit="USD", values="  2020-01-01: 1000"),
        }  # fmt: skip
        for path, text in (sound | (files or {})).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            if text is not None:
                (folder / path).write_text(text, encoding="utf-8")
        return entry

    return make


def test_its_rules_are_there_and_it_asks_for_nothing(data_plugin, load):
    manager = load(data_plugin())
    plugin = manager.plugin("stated")

    assert (plugin.state, plugin.reason) == ("on", "")
    assert (plugin.hooks, plugin.capabilities, plugin.manifest.data_alone) == ([], [], True)
    assert "test" in manager.rules.programs


@pytest.mark.parametrize("path", ["rules.py", "programs/extra.pyc", "speedups.so", "piccolo_migrations/0001.sql", "run.sh"])
def test_a_file_that_is_no_data_is_refused_by_name(data_plugin, load, path):
    plugin = load(data_plugin({path: "raise SystemExit"})).plugin("stated")

    assert plugin.state == "quarantined"
    assert f"'{path}' is no data" in plugin.reason


@pytest.mark.parametrize(("manifest", "says"), [
    ("title: Data\n", "'description' is missing"), ("title: Data\ndescription: D.\ncapabilities: [mail]\n", "unknown key 'capabilities'"),
    ("title: ''\ndescription: D.\n", "'title' is nothing"), ("- no\n", "starts with keys"),
])  # fmt: skip
def test_a_slip_in_its_manifest_is_named(data_plugin, load, manifest, says):
    plugin = load(data_plugin(manifest=manifest)).plugin("stated")

    assert plugin.state == "quarantined"
    assert says in plugin.reason


def test_one_byte_changed_is_not_what_was_approved(data_plugin, load, tmp_path):
    entry = data_plugin()
    approved = {"stated": load(entry).plugin("stated").fingerprint()}
    (tmp_path / "crm_stated/parameters/cap.yaml").write_text("changed", encoding="utf-8")

    plugin = load(entry, approved=approved).plugin("stated")

    assert "differ from those that were approved" in plugin.reason


@pytest.mark.parametrize("how", [[], ["-e"]], ids=["built", "editable"])
def test_a_new_one_is_written_without_python_installs_and_its_rules_and_cases_are_sound(tmp_path, how):
    folder = write_plugin("rhode_island", tmp_path / "plugins", data_alone=True)
    site = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation",
         "--disable-pip-version-check", "--target", site, *how, folder], check=True,
    )  # fmt: skip

    # as Python finds what is installed: also the folders that an editable install names
    start = f"import site; site.addsitedir({str(site)!r}); from crm.cli import cli; cli(['rules', 'check', 'rhode_island'])"
    checked = subprocess.run([sys.executable, "-c", start], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=tmp_path, check=False)

    assert not list(folder.rglob("*.py"))
    assert checked.returncode == 0, checked.stdout
    assert ("rhode_island-example: 1 conditions, 7 cases, recalled" if how else "Its cases are not installed here") in checked.stdout


def test_says_what_to_do_next_without_python(tmp_path):
    result = CliRunner().invoke(new_plugin, ["ohio", "--data", "--into", str(tmp_path)])

    assert "crm rules check ohio" in result.output
