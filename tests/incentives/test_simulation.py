"""A proposed program over many hires: exact sums, limits that hold over an employer's hires, small groups hidden, bad rows named with their lines."""

import csv
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import crm_massachusetts
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from crm.cli import cli
from crm.incentives.simulator import hire_files, simulation
from crm.incentives.simulator.small_groups import LEAST, hidden

HOME = Path(crm_massachusetts.__file__).parent
GOOD = {"tax_year_begins": "2025-01-01", "apprentice_registered": "yes", "apprentice_occupation_listed": "yes", "apprentice_workplace_ma": "yes", "apprentice_days": "300", "apprentice_years_claimed": "0"}


def hire(wages, employer="Acme", region="Boston", **more):
    return {"employer": employer, "region": region, **GOOD, "tax_year_wages": wages, **more}


@pytest.fixture
def asked(tmp_path):
    """`asked(rows, *words)` tries the Massachusetts apprentice credit, or what the words name, over these rows."""

    def run(rows, *words):
        file = tmp_path / "hires.csv"
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        words = words if words and not str(words[0]).startswith("--") else ("ma-ratc", *words)
        return CliRunner().invoke(cli, ["incentives", "simulate", *map(str, words), "--hires", str(file), "--json"], catch_exceptions=True)

    return run


def shown(result):
    assert result.exit_code == 0, result.exception
    return json.loads(result.stdout)


@pytest.fixture
def draft(tmp_path):
    """The credit with another cap, as an analyst writes it: the program's file, and beside it the one number that differs."""
    (tmp_path / "parameters/ma_ratc").mkdir(parents=True)
    (tmp_path / "parameters/ma_ratc/cap.yaml").write_text((HOME / "parameters/ma_ratc/cap.yaml").read_text().replace("4800", "6000"))
    file = tmp_path / "draft.yaml"
    file.write_text((HOME / "programs/ma-ratc.yaml").read_text())
    return file


def test_cost_hires_and_employers_are_counted_to_the_cent(asked):
    [found] = shown(asked([hire("9000.50"), hire("9600"), hire("20000", "Beta"), hire("8000", "Beta", apprentice_registered="no")]))["programs"]

    assert (found["cost"], found["reached"], found["employers"], found["not_eligible"], found["unknown"]) == ("14100.25", 3, 2, 1, 0)


def test_the_limit_of_an_employer_holds_over_its_hires(asked):
    [found] = shown(asked([hire("20000") for _ in range(25)] + [hire("20000", "Beta")]))["programs"]

    assert (found["cost"], found["before_limits"], found["shut_out"], found["reached"]) == ("104800.00", "124800.00", 4, 22)


def test_what_all_employers_together_get_bounds_the_cost(asked):
    [found] = shown(asked([hire("20000", f"E{place}") for place in range(600)]))["programs"]

    assert found["cost"] == "2500000.00"
    assert found["pools"][0]["claimed"] == "2880000.00"


def test_hires_of_whom_something_is_not_known_are_counted_by_the_fact_that_is_missing(asked):
    [found] = shown(asked([hire(""), hire("", apprentice_days=""), hire("9000")]))["programs"]

    assert (found["reached"], found["unknown"], found["missing"]) == (1, 2, {"tax_year_wages": 1, "apprentice_days": 1})


def test_a_row_that_does_not_fit_is_a_finding_with_its_line_and_counts_for_nothing(asked):
    found = shown(asked([hire("9000"), hire("-5"), hire("9000", apprentice_days="many")]))

    assert found["rows"] == 1
    assert [(each["line"], each["text"].split(":")[0]) for each in found["findings"]] == [(3, "tax_year_wages"), (4, "apprentice_days")]


def test_groups_of_fewer_than_ten_are_hidden_and_one_more_so_that_they_cannot_be_reckoned(asked):
    rows = [hire("9000", f"E{n}", region) for region, count in (("Boston", 30), ("Cape", 12), ("Islands", 3)) for n in range(count)]
    [found] = shown(asked(rows))["programs"]

    assert [(each["group"], each["hires"], each["cost"]) for each in found["groups"]["region"]] == [("Boston", 30, "135000.00"), ("Cape", None, None), ("Islands", None, None)]


def test_two_drafts_are_compared_over_the_same_hires(asked, draft):
    found = shown(asked([hire("8000"), hire("20000"), hire("20000", "Beta")], draft, "--against", "ma-ratc"))

    assert [each["cost"] for each in found["programs"]] == ["16000.00", "13600.00"]
    assert found["difference"] == {"cost": "2400.00", "reached": 0, "employers": 0, "more": 2, "less": 0}


@pytest.mark.parametrize(("rows", "words", "says"), [
    ([{"wages": "1"}], (), "line 1: the column 'wages' is no fact"), ([hire("1")], ("no.yaml",), "'no.yaml' is neither a file nor an installed program"),
    ([hire("1")], ("ma-rattc",), "Did you mean 'ma-ratc'?"),
])  # fmt: skip
def test_what_does_not_fit_is_named(asked, rows, words, says):
    result = asked(rows, *words)

    assert result.exit_code == 1
    assert says in str(result.exception or "") + result.output


def test_a_line_with_too_many_values_is_a_finding(tmp_path):
    file = tmp_path / "hires.csv"
    file.write_text("employer,tax_year_wages\nAcme, Inc.,9000\nBeta,9000\n")
    from crm.incentives import installed
    from crm.plugins import PluginManager

    PluginManager().load()
    found = hire_files.read(file, installed.library())

    assert [line for line, _text in found.findings] == [2]
    assert [row.line for row in found.rows] == [3]


def test_several_processes_find_what_one_finds(tmp_path):
    file = tmp_path / "hires.csv"
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(hire("1")))
        writer.writeheader()
        writer.writerows(hire(str(3000 + place), f"E{place % 70}", f"R{place % 3}") for place in range(5000))
    from crm.incentives import installed
    from crm.plugins import PluginManager

    PluginManager().load()
    read, tried = hire_files.read(file, installed.library()), simulation.Tried((HOME,), ("ma-ratc", "ma-detc"))
    one, two = simulation.simulate(tried, read, processes=1), simulation.simulate(tried, read, processes=2)

    assert [(each.cost, each.reached, each.amounts, each.groups) for each in one.programs] == [(each.cost, each.reached, each.amounts, each.groups) for each in two.programs]
    assert one.programs[0].before_limits == sum((min(Decimal(3000 + place) / 2, Decimal(4800)) for place in range(5000)), Decimal(0))


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 40)))
def test_no_hidden_group_can_be_reckoned_from_the_sum_of_all(counts):
    small = hidden(counts)

    assert all(count == 0 or count >= LEAST for group, count in counts.items() if group not in small)
    if small and len([count for count in counts.values() if count]) > len(small):
        assert len(small) >= 2
        assert sum(Counter(counts)[group] for group in small) >= LEAST
