"""`crm rules changed` and `crm rules shadow`: what of the law changed, and what a new pack would change, from files and without a database."""

import json
from pathlib import Path

import crm_massachusetts
import pytest
from click.testing import CliRunner

from crm.cli import cli
from tests.incentives.test_estimate_command import WHOLE

HOME = Path(crm_massachusetts.__file__).parent
CASES = HOME.parent / "tests" / "cases"
APPRENTICE = {"tax_year_begins": "2025-01-01", "apprentice_registered": "yes", "apprentice_occupation_listed": "yes", "apprentice_workplace_ma": "yes",
              "apprentice_days": "180", "apprentice_years_claimed": "0", "tax_year_wages": "20000"}  # fmt: skip


def run(*words):
    return CliRunner().invoke(cli, ["rules", *map(str, words)], catch_exceptions=True)


@pytest.fixture
def facts(tmp_path):
    file = tmp_path / "past" / "Eva.json"
    file.parent.mkdir()
    file.write_text(json.dumps(APPRENTICE))
    return file


@pytest.fixture
def pack(tmp_path):
    """A folder with one changed number: the most for one apprentice."""
    file = tmp_path / "pack" / "parameters" / "ma_ratc" / "cap.yaml"
    file.parent.mkdir(parents=True)
    file.write_text((HOME / "parameters/ma_ratc/cap.yaml").read_text().replace("4800", "6000"))
    return tmp_path / "pack"


def test_what_changed_is_listed_with_its_day_programs_and_citation():
    found = json.loads(run("changed", "--since", "2026-01-15", "--json").stdout)["changes"]
    payment = next(each for each in found if each["name"] == "us_amaif/payment")

    assert (payment["programs"], payment["day"], payment["when"], payment["before"], payment["after"]) == (["us-amaif"], "2026-01-28", "in_force", "", "3500")
    assert all(each["citation"] and each["text"] for each in found)
    assert "us_amaif/payment [us-amaif]: none → 3500, in force since January 28, 2026." in run("changed", "--since", "2026-01-15").output


@pytest.mark.parametrize(("language", "says"), [
    ("en", ["tn_jtc_disability/full_time [tn-jtc-disability]: Verified → Second-hand, needs review, in force since July 1, 2025.",
            "al-apprentice: Active → Lapsed, waiting for renewal, in force",
            "tn-jtc-disability: The credit is in force. Its rules for earlier tax years were not looked up. → The credit is in force. The section was reissued"]),
    ("es", ["tn_jtc_disability/full_time [tn-jtc-disability]: Verificado → De segunda mano", "vigente desde el 1 de julio de 2025",
            "tn-jtc-disability: El crédito está vigente. No se consultaron sus reglas"]),
])  # fmt: skip
def test_where_the_value_stayed_the_same_what_really_changed_is_said(language, says):
    output = run("changed", "--since", "2025-06-01", "--language", language).output
    assert [each for each in says if each not in output] == []
    lines = [line.split(", in force since")[0].split(", vigente desde")[0].partition(": ")[2] for line in output.splitlines()]
    assert [line for line in lines if len(set(line.split(" → "))) == 1] == []


def test_answers_and_reasons_are_said_in_spanish_words(tmp_path):
    file = tmp_path / "Ana.json"
    file.write_text(json.dumps(WHOLE | {"work_start": "2026-01-05", "form_8850_sent": "2026-01-05"}))
    output = run("changed", "--since", "2025-12-01", "--facts", file, "--language", "es").output
    assert "us-wotc: 2400.00 → 0.00 (2400.00 si estuviera vigente)" in output
    assert "ninguno → se pregunta." in output
    assert "el estado: Activo → Vencido, a la espera de renovación." in output


def test_old_answers_that_are_not_what_they_were_are_listed_with_the_reason(tmp_path):
    file = tmp_path / "Ana.json"
    file.write_text(json.dumps(WHOLE | {"work_start": "2026-01-05", "form_8850_sent": "2026-01-05"}))
    found = json.loads(run("changed", "--since", "2025-12-01", "--facts", file, "--json").stdout)
    answer = next(each for each in found["answers"] if each["program"] == "us-wotc")

    assert (answer["before"], answer["after"]) == ("2400.00", "0.00 (2400.00 if in force)")
    assert [(each["kind"], each["before"], each["after"]) for each in answer["reasons"]] == [("status", "active", "hiatus")]


def test_a_new_pack_runs_beside_the_installed_one_and_changes_nothing(facts, pack):
    result = run("shadow", pack, "--facts", facts)

    assert result.exit_code == 0
    assert "Eva.json: ma-ratc: 4800.00 → 6000.00" in result.output
    assert "the number of law ma_ratc/cap: 4800 → 6000." in result.output
    assert "1 answer differs, in 1 cases that were looked at." in result.output


def test_a_folder_of_cases_is_read_whole_and_said_in_spanish(pack):
    result = run("shadow", pack, "--cases", CASES, "--language", "es")

    assert "el número de la ley ma_ratc/cap: 4800 → 6000." in result.output
    assert "Cambian 2 respuestas" in result.output


def test_a_case_that_the_new_pack_cannot_read_is_named_and_the_others_go_on(tmp_path, facts):
    (facts.parent / "odd.json").write_text(json.dumps({"tax_year_wages": -1}))
    result = run("shadow", HOME, "--cases", facts.parent)

    assert result.exit_code == 1
    assert "odd.json, tax_year_wages: '-1' cannot be" in result.output
    assert "0 answers differ, in 2 cases" in result.output


@pytest.mark.parametrize(("words", "says"), [
    (("changed", "--since", "2999-01-01"), "2999-01-01 is still to come"), (("shadow", HOME), "Name past cases"), (("shadow", CASES, "--cases", CASES), "neither programs, nor parameters"),
    (("shadow", HOME, "--cases", HOME / "parameters" / "ma_ratc"), "there is no fact 'description'"), (("changed", "--since", "2026-01-01", "--facts", "no.json"), "cannot be read as text"),
])  # fmt: skip
def test_what_does_not_fit_is_named(words, says):
    result = run(*words)

    assert result.exit_code != 0
    assert says in str(result.exception or "") + result.output
