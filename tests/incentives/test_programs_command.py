"""`crm rules programs`: every number of the table is what the rule files say."""

import json
from pathlib import Path

from click.testing import CliRunner

from crm.cli import cli
from crm.rulebook import reading

PLUGINS = Path(__file__).parents[2] / "plugins"


def run(*words):
    result = CliRunner().invoke(cli, ["rules", "programs", *words])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_every_installed_program_is_there_with_its_cases_as_they_stand_in_the_files():
    found = {row["program"]: row for row in json.loads(run("--json", "--as-of", "2026-11-23"))["programs"]}
    told = {file.stem: [case.get("kind", "derived") for case in reading.read(file)["cases"]] for file in PLUGINS.glob("*/tests/cases/*.yaml")}

    assert sorted(found) == sorted(file.stem for file in PLUGINS.glob("*/crm_*/programs/*.yaml"))
    assert {name: (row["cases"], row["official"]) for name, row in found.items()} == {name: (len(kinds), kinds.count("official")) for name, kinds in told.items()}


def test_the_status_is_that_of_the_day():
    assert [next(row["status"] for row in json.loads(run("--json", "--as-of", day))["programs"] if row["program"] == "us-wotc") for day in ("2025-12-31", "2026-01-01")] == ["active", "hiatus"]


def test_the_table_ends_with_its_sums():
    lines = run("--as-of", "2026-11-23").splitlines()

    assert lines[0].split() == ["PROGRAM", "STATE", "STATUS", "SINCE", "CASES", "OFFICIAL", "NUMBERS", "TO", "REVIEW", "REVIEW", "STATUS"]
    assert lines[-1].startswith(f"{len(lines) - 3} programs, federal and of ")
