"""`crm rules check`: rules that cannot be read, cases that do not come out, cases that are missing; with file and line."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from crm.incentives.command_line.commands import rules
from tests.rulebook.conftest import FACTS, PARAMETER, PROGRAM

CASE = "  - {{name: {name}, facts: {{start: '{start}', age: '{age}', pay: '{pay}'}}, amount: '{amount}', eligible: '{eligible}'}}\n"
WHOLE = [
    ("the first day", "2020-01-01", 18, 1000, 500, "yes"), ("too young", "2020-01-01", 17, 1000, 0, "no"),
    ("at the cap", "2020-01-01", 18, 2000, 1000, "yes"), ("above the cap", "2020-01-01", 20, 3000, 1000, "yes"),
    ("the day before", "2023-12-31", 20, 1000, 500, "yes"), ("the day of the new share", "2024-01-01", 20, 1000, 250, "yes"),
    ("the last day", "2024-12-31", 20, 1000, 250, "yes"), ("the end", "2025-01-01", 20, 1000, 0, "no"),
]  # fmt: skip
TWO = PROGRAM.replace(
    "conditions:", "  - {since: 2025-01-01, state: sunset, says: {en: Ended., es: Terminado.}, citation: The Act §9}\nconditions:"
)


@pytest.fixture
def check(make_plugin, tmp_path):
    """`check(cases, {path: text})` runs the command on a plugin with these cases and files."""

    def checked(told, files=None):
        make_plugin("stated", package="crm_stated")
        sound = {
            "facts.yaml": FACTS, "programs/test.yaml": TWO,
            "parameters/rate.yaml": PARAMETER.format(description="R", unit="rate", values="  2020-01-01: 0.50\n  2024-01-01: 0.25"),
            "parameters/cap.yaml": PARAMETER.format(description="Cap", unit="USD", values="  2020-01-01: 1000"),
        }  # fmt: skip
        for path, text in (sound | (files or {})).items():
            file = tmp_path / "crm_stated" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        text = told if isinstance(told, str) else "program: test\ncases:\n" + "".join(
            CASE.format(name=name, start=start, age=age, pay=pay, amount=amount, eligible=eligible)
            for name, start, age, pay, amount, eligible in told
        )  # fmt: skip
        (tmp_path / "tests/cases").mkdir(parents=True, exist_ok=True)
        (tmp_path / "tests/cases/test.yaml").write_text(text, encoding="utf-8")
        return CliRunner().invoke(rules, ["check", "stated"])

    return checked


def test_ends_well_when_every_edge_has_its_case(check):
    result = check(WHOLE)

    assert (result.exit_code, result.output) == (0, "test: 1 conditions, 8 cases, verified\n")


@pytest.mark.parametrize(
    ("without", "where", "says"),
    [
        ("too young", "programs/test.yaml:12", "in which only the condition 'adult' is not met"),
        ("at the cap", "programs/test.yaml:15", "in which another part just reaches law.cap (the step 'credit')"),
        ("above the cap", "programs/test.yaml:15", "in which law.cap is the least (the step 'credit')"),
        ("the day before", "parameters/rate.yaml:5", "'rate' needs a case on 2023-12-31"),
        ("the day of the new share", "parameters/rate.yaml:5", "'rate' needs a case on 2024-01-01"),
        ("the last day", "programs/test.yaml:10", "needs a case on 2024-12-31 (the status 'sunset')"),
        ("the end", "programs/test.yaml:10", "needs a case on 2025-01-01 (the status 'sunset')"),
    ],
)  # fmt: skip
def test_names_the_place_and_the_case_that_is_missing(check, without, where, says):
    result = check([case for case in WHOLE if case[0] != without])

    assert result.exit_code == 1
    assert [line for line in result.output.splitlines() if f"crm_stated/{where}: " in line and says in line], result.output
    assert result.output.endswith("1 to mend.\n")


def test_asks_for_a_case_just_at_the_edge_of_a_condition(check):
    older = [(name, start, 19 if age == 18 else age, *rest) for name, start, age, *rest in WHOLE]

    assert "needs a case in which 'age' is just 18 (the condition 'adult')" in check(older).output


@pytest.mark.parametrize(
    ("slip", "says"),
    [
        (("wrong", "2024-01-01", 20, 1000, 300, "yes"), "the case 'wrong' does not come out: the amount is 250.00"),
        (("wrong", "2024-01-01", 20, 1000, 250, "no"), "does not come out: eligible is 'yes', and the case says 'no'"),
        (("wrong", "soon", 20, 1000, 250, "yes"), "does not come out: start: 'soon' is no day"),
    ],
)
def test_names_a_case_that_does_not_come_out(check, slip, says):
    result = check([*WHOLE, slip])

    assert result.exit_code == 1
    assert "tests/cases/test.yaml:11: the case 'wrong' does not come out" in result.output
    assert says in result.output


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("program: test\ncases:\n  - {name: a, facts: {aeg: '1'}, amount: '0', eligible: 'no'}\n", "there is no fact 'aeg'. Did you mean 'age'?"),
        ("program: tset\ncases:\n  - {name: a, facts: {age: '1'}, amount: '0', eligible: 'no'}\n", "there is no program 'tset'. Did you mean 'test'?"),
        ("program: test\ncases:\n  - {name: a, fatcs: {}, amount: '0', eligible: 'no'}\n", "test.yaml, line 3: unknown key 'fatcs'. Did you mean 'facts'?"),
        ("program: test\ncases:\n  - {name: a, facts: {age: '1'}, amount: '0', eligible: 'no', kind: official}\n", "line 3: an official example names its source"),
        ("program: test\ncases:\n  - {name: a, facts: {age: '1'}, amount: '0', eligible: 'perhaps'}\n", "line 3: 'eligible' is 'perhaps'"),
    ],
)  # fmt: skip
def test_names_a_slip_in_a_case(check, text, says):
    result = check(text)

    assert result.exit_code == 1
    assert says in result.output


@pytest.mark.parametrize(("share", "says"), [(500, []), (400, ["the case 'parted' does not come out: by year it is 1: 500.00"])])
def test_a_case_may_part_the_amount_by_year(check, share, says):
    case = "program: test\ncases:\n  - {name: parted, facts: {start: '2020-01-01', age: '18', pay: '1000'}, amount: '500', eligible: 'yes', by_year: {1: '%s'}}\n"

    output = check(case % share).output

    assert [line.partition(": ")[2] for line in output.splitlines() if "does not come out" in line] == says


LATER = """\
conditions:
  - {id: limit, when: exists(law.limit), fact: age, at_most: 60, sentence: {en: At most 60., es: Hasta 60.}, citation: The Act §5}
"""
AT_LIMIT = [("at 60", "2023-01-01", 60, 1000, 500, "yes"), ("past 60", "2023-01-01", 61, 1000, 0, "no")]
FIRST_DAY = ("the first day", "2022-01-01", 60, 1000, 500, "yes")


@pytest.mark.parametrize(("more", "output"), [([], "'limit' needs a case on 2022-01-01"), ([FIRST_DAY], "test: 2 conditions, 11 cases, verified")])
def test_a_number_of_law_that_switches_a_condition_on_needs_a_case_on_its_first_day(check, more, output):
    limit = PARAMETER.format(description="Limit", unit="years", values="  2022-01-01: 1")

    result = check([*WHOLE, *AT_LIMIT, *more], {"programs/test.yaml": TWO.replace("conditions:\n", LATER), "parameters/limit.yaml": limit})

    assert output in result.output


def test_a_tier_that_begins_at_nothing_has_no_case_below_it(check):
    tiers = PARAMETER.format(description="R", unit="rate", values="  2020-01-01: [{from: 0, is: 0.50}]")
    tiered = TWO.replace("law.rate * pay", "tier(law.rate, age) * pay")

    output = check(WHOLE, {"parameters/rate.yaml": tiers, "programs/test.yaml": tiered}).output

    assert "a tier begins" not in output


def test_names_a_slip_in_a_rule(check):
    result = check(WHOLE, {"parameters/cap.yaml": "description: {en: Cap, es: Tope}\nunti: USD\nvalues: {2020-01-01: 1}\nreference: []\n"})

    assert result.exit_code == 1
    assert "parameters/cap.yaml, line 2: unknown key 'unti'. Did you mean 'unit'?" in result.output


def test_a_parameter_that_no_program_uses_is_named(check):
    spare = PARAMETER.format(description="Spare", unit="USD", values="  2020-01-01: 1")

    assert "spare.yaml:1: no program uses the parameter 'spare'" in check(WHOLE, {"parameters/spare.yaml": spare}).output


def test_refuses_a_plugin_that_is_not_there():
    result = CliRunner().invoke(rules, ["check", "nowhere"])

    assert result.exit_code == 2
    assert "No plugin 'nowhere' is installed" in result.output


def test_the_plugins_that_come_with_the_program_have_every_case():
    files = sorted((Path(__file__).parents[2] / "plugins").glob("*/crm_*/programs/*.yaml"))

    result = CliRunner().invoke(rules, ["check", *sorted({file.parents[2].name for file in files})])

    assert result.exit_code == 0, result.output
    assert sorted(line.split(":")[0] for line in result.output.splitlines()) == sorted(file.stem for file in files)
