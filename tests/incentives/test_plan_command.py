"""`crm incentives stack` on a plan of many hires: a file with the employer's facts and a list of hires, without a database."""

import json

import pytest
import yaml
from click.testing import CliRunner

from crm.cli import cli

EMPLOYER = {"tax_year_begins": "2025-01-01", "apprentice_workplace_ma": True, "related_to_owner": False, "majority_owner": False, "half_pay_for_business": True,
            "leased_to_client": False, "farm_work": False, "replaces_striker": False, "worked_here_before": False, "tanf_supplement": 0}  # fmt: skip
WELDER = {"work_start": "2025-03-03", "first_year_hours": 1800, "first_year_wages": 36000, "tax_year_wages": 30000, "apprentice_registered": True,
          "apprentice_occupation_listed": True, "apprentice_days": 300, "apprentice_years_claimed": 0}  # fmt: skip
TRAINEE = {"name": "Ana", "work_start": "2025-04-07", "first_year_hours": 800, "first_year_wages": 14000, "wotc_group": "E", "form_8850_sent": "2025-04-07",
           "wotc_certificate": True, "wioa_participant": True, "ojt_contract_signed": "2025-04-01", "ojt_trainees_kept": True, "ojt_suits": True,
           "displaces_worker": False, "ojt_rate_raised": False, "ojt_contract_hours": 480, "ojt_contract_most": 20000, "hourly_wage": 18, "ojt_hours": 480}  # fmt: skip
PLAN = {"employer": EMPLOYER, "hires": [{"name": "Welders", "people": 25, **WELDER}, TRAINEE]}
PROGRAMS = ("--program", "ma-ratc", "--program", "us-wotc", "--program", "us-wioa-ojt", "--as-of", "2025-06-01")


@pytest.fixture
def asked(tmp_path):
    """`asked(plan, *options)` runs the command on a file with this plan."""

    def run(plan, *options):
        file = tmp_path / "plan.yaml"
        file.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False), encoding="utf-8")
        return CliRunner().invoke(cli, ["incentives", "stack", "--facts", str(file), *options], catch_exceptions=True)

    return run


def test_a_plan_says_what_each_hire_brings_what_limits_leave_and_that_none_is_better(asked):
    result = asked(PLAN, *PROGRAMS, "--json")
    best = json.loads(result.stdout)["best"]
    claims = [claim for hire in best["hires"] for claim in hire["claims"]]

    assert (best["total"], best["at_most"], best["proved"]) == ("106464.00", "106464.00", True)
    assert sum(float(claim["amount"]) for claim in claims) == 106464  # 100,000 for apprentices, 4,320 for the training, 2,144 for the trainee's other wages
    assert sum(float(claim["amount"]) for claim in claims if claim["program"] == "ma-ratc") == 100000
    assert {blocked["rule"] for hire in best["hires"] for blocked in hire["blocked"]} == {"employer_year", "wages_excluded"}
    assert best["cost_per_hour"] == {"without": "19.96", "with": "17.63"}


def test_the_same_for_people_has_hires_that_come_out_alike_in_one_line(asked):
    lines = asked(PLAN, *PROGRAMS).output.splitlines()

    assert "Welders (20 ×): ma-ratc 4800.00" in lines
    assert "Welders (4 ×): 4800.00 of ma-ratc is lost: One employer gets at most this in a calendar year. (M.G.L. c.63 §38HH)" in lines
    assert "Ana: us-wioa-ojt 4320.00, us-wotc 2144.00" in lines
    assert "No lawful plan brings more." in lines
    assert "Without us-wioa-ojt: 102400.00, 4064.00 less." in lines
    assert any(line.startswith("2025-05-05: Form 8850") for line in lines)


def test_it_is_said_in_spanish_too(asked):
    lines = asked(PLAN, *PROGRAMS, "--language", "es").output.splitlines()

    assert "Ningún plan legal aporta más." in lines
    assert any("Un empleador recibe como máximo esto en un año calendario." in line for line in lines)


def test_what_is_not_known_of_a_hire_is_asked_and_stays_out_of_the_plan(asked):
    hires = [{"name": "Luis", **{key: value for key, value in WELDER.items() if key != "tax_year_wages"}}, {"name": "Eva", **WELDER}]
    found = json.loads(asked({"employer": EMPLOYER, "hires": hires}, "--program", "ma-ratc", "--json").stdout)

    assert found["best"]["total"] == "4800.00"
    assert (found["undecided"], found["questions"]) == ([{"hire": "Luis", "programs": ["ma-ratc"]}], ["tax_year_wages"])


def test_a_hire_may_say_otherwise_than_the_employer(asked):
    later = {"name": "Eva", **WELDER, "tax_year_begins": "2026-01-01"}
    found = json.loads(asked({"employer": EMPLOYER, "hires": [{"people": 21, **WELDER}, later]}, "--program", "ma-ratc", "--json").stdout)

    assert found["best"]["total"] == "104800.00"  # a year has its own limit


@pytest.mark.parametrize(("plan", "says"), [
    ({"hires": []}, "a plan has 'employer:' with facts, and 'hires:'"), ({"hires": [{"work_strt": 1}]}, "hire 1, work_strt: there is no fact 'work_strt'. Did you mean 'work_start'?"),
    ({"hires": [{"people": 0}]}, "hire 1, people: '0' is no number of people. Write a whole number from 1 to 1,000."), ({"hires": [{"people": "many"}]}, "'many' is no number of people"),
    ({"hires": [{"people": 2, "person": "Ana"}]}, "one person does not stand for 2 people"), ({"hires": [{"people": 600}, {"people": 600}]}, "at most 1,000 people"),
    ({"hires": [{}], "employr": {}}, "'employr' has no place in a plan"), ({"employer": {"employee_count": -1}, "hires": [{}]}, "employer, employee_count: '-1' cannot be"),
    ({"employer": [], "hires": "Ana"}, "a plan has 'employer:'"),
])  # fmt: skip
def test_what_does_not_fit_in_a_plan_is_named_with_its_place(asked, plan, says):
    result = asked(plan)

    assert result.exit_code == 1
    assert says in str(result.exception or "") + result.output


def test_what_was_claimed_before_is_taken_off_the_limit_and_said_with_its_source(asked):
    before = [{"program": "ma-ratc", "year": 2025, "amount": "40000", "people": 9, "source": "Form RATC of March"}]
    told = json.loads(asked(PLAN | {"already": before}, *PROGRAMS, "--json").stdout)
    claims = [claim for hire in told["best"]["hires"] for claim in hire["claims"] if claim["program"] == "ma-ratc"]
    assert sum(float(claim["amount"]) for claim in claims) == 60000 and told["best"]["proved"]
    assert told["already"][0] | {"title": ""} == {"program": "ma-ratc", "title": "", "year": 2025, "amount": "40000", "person": "", "people": 9, "source": "Form RATC of March"}
    assert "Claimed before, off the limits: 40000 of ma-ratc in 2025 (Form RATC of March)" in asked(PLAN | {"already": before}, *PROGRAMS).output.splitlines()


def test_where_no_one_knows_how_much_nothing_is_left_and_it_says_so(asked):
    told = asked(PLAN | {"already": [{"program": "ma-ratc", "year": 2025, "amount": "unknown"}]}, *PROGRAMS).output
    assert "not known of ma-ratc in 2025" in told and "nothing is taken to be left under its limits" in told
    assert "Welders (25 ×): 4800.00 of ma-ratc is lost" in told


@pytest.mark.parametrize(("before", "said"), [
    ([{"program": "us-wotk", "year": 2025, "amount": 1}], "There is no program 'us-wotk'"), ([{"program": "us-wotc", "year": 2025}], "already 1:"),
    ([{"program": "us-wotc", "year": 2025, "amount": -1}], "Write program, year, and the amount"), ("all of it", "'already:' is a list"),
])  # fmt: skip
def test_what_was_claimed_before_is_read_with_care(asked, before, said):
    result = asked(PLAN | {"already": before}, *PROGRAMS)
    assert result.exit_code and said in str(result.exception or result.output)
