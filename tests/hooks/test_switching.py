"""Off, missing, approved, set: how a plugin stands."""

import sys

import pytest

from crm.manifests import granted_in_words
from crm.plugins import settings_of

SETTINGS = """
from msgspec import Struct
from crm.sdk import Manifest
class Settings(Struct, frozen=True):
    most: int = 5
manifest = Manifest(title="Test", description="A test.", settings=Settings)
"""


def test_reads_the_manifest_of_a_plugin_that_is_off_without_running_it(make_plugin, load):
    manager = load(make_plugin("ohio", "raise ValueError"), switched_off={"ohio"})

    ohio = manager.plugin("ohio")
    assert (ohio.state, ohio.reason) == ("off", "")
    assert ohio.manifest.title == "Test"
    assert ohio.capabilities == ["jobs", "pages"]
    assert "crm_ohio" not in sys.modules


def test_starts_without_plugins(make_plugin, load):
    manager = load(make_plugin("ohio", "raise ValueError"), no_plugins=True)

    assert manager.plugin("ohio").state == "off"
    assert manager.plugin("employers").state == "on"


def test_names_a_plugin_that_was_used_and_is_gone(load):
    manager = load(settings={"ohio": {}})

    assert manager.plugin("ohio").state == "missing"
    assert "not installed" in manager.plugin("ohio").reason


def test_runs_what_was_approved(make_plugin, load):
    entry = make_plugin("ohio")
    approved = load(entry).plugin("ohio").fingerprint()

    assert load(entry, approved={"ohio": approved}).plugin("ohio").state == "on"


@pytest.mark.parametrize("change", ["edit", "add", "rename", "remove"])
def test_does_not_run_what_was_changed_since(change, make_plugin, load, tmp_path):
    entry = make_plugin("ohio")
    data = tmp_path / "crm_ohio" / "rate.yaml"
    data.write_text("rate: 0.50")
    approved = load(entry).plugin("ohio").fingerprint()

    changes = {"edit": lambda: data.write_text("rate: 0.51"), "add": lambda: data.with_name("b.yaml").write_text(""),
               "rename": lambda: data.rename(data.with_name("c.yaml")), "remove": data.unlink}  # fmt: skip
    changes[change]()

    ohio = load(entry, approved={"ohio": approved}).plugin("ohio")
    assert ohio.state == "quarantined"
    assert "differ from those that were approved" in ohio.reason


def test_gives_a_plugin_its_settings(make_plugin, load):
    load(make_plugin("ohio", before_code=SETTINGS), settings={"ohio": {"most": 7}})

    assert settings_of("ohio").most == 7


def test_quarantines_a_plugin_whose_settings_do_not_fit(make_plugin, load):
    ohio = load(make_plugin("ohio", before_code=SETTINGS), settings={"ohio": {"most": "many"}}).plugin("ohio")

    assert ohio.state == "quarantined"
    assert "$.most" in ohio.reason


def test_refuses_settings_that_can_be_changed(make_plugin, load):
    code = SETTINGS.replace("Struct, frozen=True", "Struct")

    assert "frozen struct" in load(make_plugin("ohio", before_code=code)).plugin("ohio").reason


APP = """
from piccolo.columns import Varchar
from piccolo.conf.apps import AppConfig
from piccolo.table import Table
class Site(Table, tablename="{table}"):
    name = Varchar()
APP_CONFIG = AppConfig(app_name="{app}", migrations_folder_path={folder!r}, table_classes=[Site])
"""


@pytest.mark.parametrize(("app", "table", "reason"), [
    ("ohio", "ohio_site", ""), ("crm", "ohio_site", "Call it 'ohio'"), ("ohio", "employer", "'ohio_employer'"),
])  # fmt: skip
def test_finds_the_tables_of_a_plugin_and_wants_its_name_on_them(app, table, reason, make_plugin, load, tmp_path):
    entry = make_plugin("ohio")
    folder = tmp_path / "crm_ohio" / "piccolo_migrations"
    folder.mkdir()
    (folder.parent / "piccolo_app.py").write_text(APP.format(app=app, table=table, folder=str(folder)))

    manager = load(entry)

    assert reason in manager.plugin("ohio").reason
    assert manager.plugin("ohio").tables == ([] if reason else ["ohio_site"])
    assert len(manager.piccolo_apps()) == (0 if reason else 1)


def test_finds_folders_of_data(make_plugin, load, tmp_path):
    entry = make_plugin("ohio")
    (tmp_path / "crm_ohio" / "programs").mkdir()

    assert load(entry).folders("programs") == [("ohio", tmp_path / "crm_ohio" / "programs")]


def test_says_in_plain_words_what_is_granted():
    words = granted_in_words({"reads:employer", "mail"})

    assert words[:2] == ["sends mail", "reads the table employer"]
    assert "can read and do all that the program can" in words[-1]
