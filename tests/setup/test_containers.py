"""The container files say what the program is: its settings, its commands, its libraries of Debian."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from ruamel.yaml import YAML

from crm.cli import CORE
from crm.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = YAML(typ="safe").load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
SETTINGS = {f"CRM_{field.name.upper()}" for field in msgspec.structs.fields(Settings)}
OURS = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "crm"}
# The password of the owner's login is the database's affair.
DATABASE_ONLY = {"CRM_OWNER_PASSWORD"}


def test_every_setting_named_exists():
    named = {name for service in OURS.values() for name in service["environment"]}
    named |= set(re.findall(r"CRM_[A-Z_]+(?==)", CONTAINERFILE))
    assert named
    assert named <= SETTINGS
    told = set(re.findall(r"CRM_[A-Z_]+", (ROOT / "compose.yaml").read_text(encoding="utf-8")))
    assert told <= SETTINGS | DATABASE_ONLY


def test_runs_the_web_the_worker_and_the_migration_on_both_servers():
    assert set(COMPOSE["services"]) == {"database", "valkey", "migrate", "web", "worker"}
    assert {service["command"][1] for service in OURS.values()} == {"web", "work", "migrate"}
    for service in OURS.values():
        assert {"CRM_DATABASE_URL", "CRM_REDIS_URL"} <= set(service["environment"])


@pytest.mark.parametrize("command", [service["command"] for service in OURS.values()], ids=" ".join)
def test_every_command_exists(command):
    assert command[0] == "crm"
    assert command[1] in CORE


def test_the_owner_of_the_database_is_no_superuser():
    database = COMPOSE["services"]["database"]
    assert "POSTGRES_USER" not in database["environment"]
    made = COMPOSE["configs"]["owner"]["content"]
    assert "create role crm_owner login createrole" in made
    assert "superuser" not in made.replace("no superuser", "")


def test_no_secret_has_a_default():
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    assert re.findall(r"\$\{[A-Z_]*(?:PASSWORD|SECRET)[A-Z_]*(?::?-|\})", text) == []


def test_the_image_has_a_python_that_the_program_takes_and_what_the_makefile_installs():
    least = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    python = re.search(r"FROM python:3\.(\d+)", CONTAINERFILE)
    assert python
    assert int(python[1]) >= int(least.rpartition(".")[2])
    system = re.search(r"debian\.sh (libpango.*)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert system
    assert system[1].split()[0] in CONTAINERFILE
    assert set(system[1].split()) <= set(re.findall(r"[\w.-]+", CONTAINERFILE))


def test_the_image_takes_every_need_of_the_core_from_the_constraints():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.M))
    needs = {re.split(r"[<>=\[ ]", need, maxsplit=1)[0].lower() for need in project["dependencies"]}
    assert needs <= pinned


def test_the_constraints_name_no_index_and_no_folder():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert re.findall(r"https?:|file:/|--(?:extra-)?index|--find-links|^/|@ ", text, re.M) == []
    pins = re.findall(r"^\S+==[^\n]*(?:\n[ ]+--hash[^\n]*)*", text, re.M)
    assert pins
    assert [pin.splitlines()[0] for pin in pins if "--hash=sha256:" not in pin] == []
