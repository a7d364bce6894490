"""Plugins written on the spot: a package and its metadata in a folder of the test's own."""

import sys
import textwrap
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from crm import plugins as plugins_module
from crm.plugins import Limits, PluginManager

MANIFEST = """
from crm.sdk import Manifest, hookimpl
manifest = Manifest(title="Test", description="A test.", capabilities=frozenset({"pages", "jobs"}))
"""


@pytest.fixture
def make_plugin(tmp_path, monkeypatch):
    """`make_plugin(name, code)` gives the entry point of an installed plugin with this code after its manifest."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def make(name, code="", *, before_code=MANIFEST, package=None, requires="crm>=0.1,<0.2", distribution=None, entry=None):
        package = package or f"crm_{name.lower().replace('-', '_')}"
        distribution = distribution or f"crm-{name}"
        (tmp_path / package).mkdir(exist_ok=True)
        (tmp_path / package / "__init__.py").write_text(before_code + textwrap.dedent(code), encoding="utf-8")
        metadata = tmp_path / f"{distribution.replace('-', '_')}-1.2.dist-info"
        metadata.mkdir()
        needs = f"Requires-Dist: {requires}\n" if requires else ""
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n{needs}")
        (metadata / "entry_points.txt").write_text(f"[crm]\n{name} = {entry or package}\n")
        return next(iter(Distribution.at(metadata).entry_points))

    yield make
    for module in set(sys.modules) - before:
        if Path(getattr(sys.modules[module], "__file__", None) or "/").is_relative_to(tmp_path):
            del sys.modules[module]


@pytest.fixture
def load(monkeypatch):
    """`load(*entries)` gives a loaded manager that knows only these plugins; short limits."""
    monkeypatch.setattr(plugins_module, "_active", [])

    def loaded(*entries, limits=None, **options):
        # hooks that hang wait on an event, so a short limit is enough; imports get the time of a busy machine
        manager = PluginManager(entries=lambda: list(entries), limits=limits or Limits(start=30, ask=30, tell=30), **options)
        manager.load()
        manager.prepare()
        return manager

    return loaded
