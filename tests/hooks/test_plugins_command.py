"""`crm plugins`: what is installed and how it stands, as a table and as JSON."""

import json

from click.testing import CliRunner

from crm.plugin_commands import described, plugins, table


def test_lists_name_version_state_hooks_tables_and_capabilities(make_plugin, load):
    manager = load(make_plugin("ohio", "@hookimpl\ndef panels():\n    return []\n"), make_plugin("utah", "raise ValueError('x')"))

    lines = table([described(plugin) for plugin in manager.plugins if not plugin.core]).splitlines()

    assert lines[0].split() == ["NAME", "VERSION", "STATE", "HOOKS", "TABLES", "CAPABILITIES"]
    assert lines[1].split() == ["ohio", "1.2", "on", "panels", "-", "jobs,", "pages"]
    assert lines[2].split()[:3] == ["utah", "1.2", "quarantined"]
    assert "utah: Its import raised ValueError: x" in lines


def test_answers_in_json_when_the_database_is_away(monkeypatch, tmp_path):
    monkeypatch.setenv("CRM_DATABASE_URL", "postgresql://crm_owner:x@127.0.0.1:1/crm")
    monkeypatch.setenv("CRM_REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("CRM_DATA", str(tmp_path))

    result = CliRunner().invoke(plugins, ["--json", "--core"])

    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert answer["switches_unknown"]
    assert {"name", "version", "state", "hooks", "tables", "capabilities"} <= answer["plugins"][0].keys()
    assert "employers" in [plugin["name"] for plugin in answer["plugins"]]
