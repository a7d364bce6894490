"""First: the plugin is installed, found and runs. Then: it keeps to what every plugin keeps to."""

from crm.testing.conformance import installed, problems


def test_is_installed_and_found():
    plugin = installed("massachusetts")

    assert plugin.state == "on", plugin.reason
    assert plugin.hooks == ["fields", "networks", "panels"]


def test_conforms():
    assert problems("massachusetts") == []
