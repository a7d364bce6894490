"""`crm incentives estimate`: from a file of facts to amounts with their steps, without a database."""

import json

import pytest
from click.testing import CliRunner

from crm.cli import cli

WHOLE = {"work_start": "2025-03-03", "wotc_group": "A", "first_year_hours": 900, "first_year_wages": "14000", "ojt_wages": 0,
         "tanf_supplement": 0, "wotc_certificate": True, "related_to_owner": False, "majority_owner": False, "worked_here_before": "no",
         "replaces_striker": False, "half_pay_for_business": True, "leased_to_client": False, "form_8850_sent": "2025-03-03"}  # fmt: skip


@pytest.fixture
def asked(tmp_path):
    """`asked(facts, *options)` runs the command on a file with these facts."""

    def run(facts, *options, command="estimate"):
        file = tmp_path / "facts"
        file.write_text(facts if isinstance(facts, str) else json.dumps(facts), encoding="utf-8")
        return CliRunner().invoke(cli, ["incentives", command, "--facts", str(file), *options], catch_exceptions=True)

    return run


def only(result):
    assert result.exit_code == 0, result.output
    [found] = json.loads(result.stdout)["estimates"]
    return found


def test_an_estimate_says_amount_status_conditions_days_steps_and_law(asked):
    found = only(asked(WHOLE, "--program", "us-wotc", "--as-of", "2025-06-01", "--json"))

    assert (found["program"], found["status"], found["eligible"], found["amount"], found["potential_amount"]) == ("us-wotc", "active", "yes", "2400.00", None)
    assert found["by_year"] == {"1": "2400.00"}
    assert found["missing"] == []
    assert all(set(each) >= {"id", "state", "citation"} for each in found["conditions"])
    assert [each["date"] for each in found["deadlines"]] == ["2025-03-31"]
    assert [(each["formula"], each["result"]) for each in found["trace"]][-2:] == [("40% × $6,000", "$2,400"), ("$2,400", "$2,400")]
    assert found["citations"]


def test_a_lapsed_law_gives_nothing_now_and_says_what_it_would(asked):
    found = only(asked(WHOLE | {"work_start": "2026-01-01", "form_8850_sent": "2026-01-20"}, "--program", "us-wotc", "--json"))

    assert (found["status"], found["amount"], found["potential_amount"]) == ("hiatus", "0.00", "2400.00")


def test_unknown_facts_are_asked_for_by_their_keys_and_the_amount_has_bounds(asked):
    some = {key: value for key, value in WHOLE.items() if key not in {"first_year_wages", "ojt_wages"}} | {"first_year_hours": None}
    found = only(asked(some, "--program", "us-wotc", "--json"))

    assert (found["eligible"], found["amount"], found["at_most"]) == ("unknown", None, "2400.00")
    assert found["missing"] == ["first_year_hours", "first_year_wages", "ojt_wages"]


def test_screens_the_federal_programs_and_those_of_a_state(asked):
    programs = {each["program"] for each in json.loads(asked(WHOLE, "--state", "Massachusetts", "--json").stdout)["estimates"]}

    assert {"us-wotc", "us-wotc-exempt", "ma-ratc"} <= programs
    assert all(name.startswith(("us-", "ma-")) for name in programs)


def test_what_no_one_looked_up_is_said_to_be_not_known(asked):
    result = asked({"application_date": "2025-06-01", "award_amount": 5000, "tn_student_age": 16}, "--program", "tn-qwbl")

    assert "tn-qwbl: not known. The rule before January 1, 2026 is not stated here. Ask the agency." in result.output


def test_yaml_is_read_as_well_and_a_question_is_put_once_for_all_programs(asked):
    result = asked("work_start: 2025-03-03\nwotc_group: B-a\n", "--state", "MA")

    assert result.exit_code == 0
    assert result.output.count("Still to ask: first_year_hours:") == 1


@pytest.mark.parametrize(("facts", "says"), [
    ({"work_strt": "2025-03-03"}, "there is no fact 'work_strt'. Did you mean 'work_start'?"), ({"first_year_wages": -5}, "'-5' cannot be: it must be zero or more"),
    ({"first_year_hours": 9000}, "at most 8784 hours. Check the unit."), ({"work_start": "3/3/2025"}, "'3/3/2025' is no day. Write it as 2025-10-01."),
    ({"wotc_group": "Z"}, "'Z' is not one of: A, B-a"), ({"age_at_hire": 20, "birth_date": "2000-02-29", "work_start": "2025-02-28"}, "'20' contradicts the other answers, from which follows 24"),
    ({"first_year_wages": [1]}, "is no number"), ('{"work_start": "2025-03-03", "work_start": "2026-01-01"}', "'work_start' stands twice"),
    ("work_start: 2025-03-03\nwork_start: 2026-01-01\n", "stands twice"), ('{"first_year_wages": NaN}', "cannot be"), ("{", "this is not JSON"), ("", "starts with keys"),
])  # fmt: skip
def test_what_does_not_fit_is_named_with_what_to_write(asked, facts, says):
    result = asked(facts, "--program", "us-wotc")

    assert result.exit_code == 1
    assert says in str(result.exception or "") + result.output


@pytest.mark.parametrize(("options", "says"), [(("--program", "us-wotcc"), "Did you mean 'us-wotc'?"), (("--state", "Narnia"), "'Narnia' is no state")])
def test_an_unknown_program_or_state_is_named(asked, options, says):
    result = asked(WHOLE, *options)

    assert result.exit_code == 1
    assert says in str(result.exception or "") + result.output


PERIODS = [{"first_day": "2025-03-03", "last_day": "2025-12-31", "hours": "700", "wages": "10500"}, {"first_day": "2026-01-01", "last_day": "2026-03-02", "hours": 200, "wages": "3500.00"}]


def test_hours_and_wages_follow_from_periods(asked):
    without = {key: value for key, value in WHOLE.items() if not key.startswith("first_year")}
    found = only(asked(without | {"periods": PERIODS}, "--program", "us-wotc", "--json"))

    assert found["amount"] == "2400.00"


@pytest.mark.parametrize(("periods", "says"), [
    (PERIODS[:1] * 2, "no hour counts twice"), ([{"first_day": "2025-03-03"}], "Each has first_day, last_day"), ([{**PERIODS[0], "hours": "-1"}], "below zero"),
    ([{**PERIODS[0], "first_day": "2025-01-01"}], "before work begins on 2025-03-03"), (PERIODS, "contradicts the periods, from which follows 900"),
])  # fmt: skip
def test_periods_that_cannot_be_are_named(asked, periods, says):
    result = asked(WHOLE | {"periods": periods, "first_year_hours": 40}, "--program", "us-wotc")

    assert result.exit_code == 1
    assert says in str(result.exception or "") + result.output


def test_a_plan_says_what_is_claimed_together_and_what_an_hour_costs(asked):
    result = asked(WHOLE, "--program", "us-wotc", "--as-of", "2025-06-01", "--json", command="stack")
    found = json.loads(result.stdout)

    assert [(claim["program"], claim["amount"]) for claim in found["best"]["claims"]] == [("us-wotc", "2400.00")]
    assert found["best"]["cost_per_hour"] == {"without": "15.56", "with": "12.89"}
    assert found["weighed"] == 1


# ── what was claimed before ──

WELDER = {"work_start": "2025-03-03", "tax_year_begins": "2025-01-01", "apprentice_registered": True, "apprentice_occupation_listed": True, "apprentice_workplace_ma": True,
          "apprentice_days": 300, "apprentice_years_claimed": 0, "tax_year_wages": 30000}  # fmt: skip


def before(amount, **more):
    return [{"program": "ma-ratc", "year": 2025, "amount": amount, "source": "Form of March", **more}]


def test_what_was_claimed_before_leaves_the_rest_with_its_reason_as_a_step(asked):
    found = only(asked(WELDER | {"already": before("97000", people=20)}, "--program", "ma-ratc", "--as-of", "2025-06-01", "--json"))
    assert (found["amount"], found["before_limits"], found["used_up"]) == ("3000.00", "4800.00", False)
    assert found["left"][0] | {"said": "", "citation": ""} == {"level": "employer_year", "year": 2025, "people": False, "most": "100000", "used": "97000", "left": "3000", "cut": "1800.00",
                                                             "told": True, "citation": "", "said": "", "note": ""}  # fmt: skip
    limit, last = found["trace"][-2:]
    assert (limit["what"], limit["formula"], limit["result"]) == (
        "One employer gets at most this in a calendar year. Less what was claimed before for 2025", "$100,000 − $97,000", "$3,000")  # fmt: skip
    assert limit["citation"] and (last["what"], last["result"]) == ("Of $4,800 there is left", "$3,000")
    assert sum(float(step["adds"]) for step in found["trace"] if step["adds"]) == 3000


def test_it_is_said_in_a_line_and_in_spanish(asked):
    told = WELDER | {"already": before("97000")}
    assert asked(told, "--program", "ma-ratc", "--as-of", "2025-06-01").output.splitlines() == [
        "ma-ratc: 3000.00", "  One employer gets at most this in a calendar year. That is $100,000. Claimed before for 2025: $97,000. Left: $3,000."]  # fmt: skip
    spanish = asked(told, "--program", "ma-ratc", "--as-of", "2025-06-01", "--language", "es").output
    assert "Son $100,000. Reclamado antes por 2025: $97,000. Queda: $3,000." in spanish


def test_where_nothing_is_left_it_says_no_and_why(asked):
    lines = asked(WELDER | {"already": before("100000")}, "--program", "ma-ratc", "--as-of", "2025-06-01").output.splitlines()
    assert lines[0] == "ma-ratc: no. Nothing is left for this hire." and lines[1].endswith("Left: $0.")


def test_where_no_one_said_what_was_claimed_it_warns_where_that_can_matter(asked):
    found = only(asked(WELDER, "--program", "ma-ratc", "--as-of", "2025-06-01", "--json"))
    assert (found["amount"], found["left"][0]["told"]) == ("4800.00", False)
    assert found["warnings"][-1] == (
        "One employer gets at most this in a calendar year. What was claimed elsewhere for 2025 is not known and is not taken off. "
        "The amount here would be less only if that was more than $95,200.")  # fmt: skip
    for quiet in (WELDER | {"already": before("0", people=0)}, WELDER | {"apprentice_registered": False}):
        assert "is not known" not in " ".join(only(asked(quiet, "--program", "ma-ratc", "--as-of", "2025-06-01", "--json"))["warnings"])
    assert "claimed elsewhere" not in asked(WHOLE, "--program", "us-wotc").output  # which has no such limit


def test_an_amount_claimed_before_that_is_not_known_is_not_guessed(asked):
    told = WELDER | {"already": before("unknown")}
    found = only(asked(told, "--program", "ma-ratc", "--as-of", "2025-06-01", "--json"))
    assert (found["eligible"], found["amount"], found["at_least"], found["at_most"], found["left"][0]["used"]) == ("yes", None, "0.00", "4800.00", None)
    assert "at most 4800.00, since not all that was claimed before is known" in asked(told, "--program", "ma-ratc", "--as-of", "2025-06-01").output


def test_what_was_claimed_for_this_person_is_not_claimed_again(asked):
    told = WELDER | {"person": "Ana", "already": before("4800", person="Ana")}
    lines = asked(told, "--program", "ma-ratc", "--as-of", "2025-06-01").output
    assert "For one person a program counts once a year. For this person it was claimed before for 2025." in lines


def test_what_is_best_together_counts_what_is_left(asked):
    assert asked(WELDER | {"already": before("97000")}, "--program", "ma-ratc", "--as-of", "2025-06-01", command="stack").output.splitlines()[0] == "ma-ratc: 3000.00"


@pytest.mark.parametrize(("told", "says"), [
    ({"already": "all"}, "'already:' is a list"), ({"already": before("-1")}, "already 1:"), ({"already": before("1", program="us-wotk")}, "There is no program 'us-wotk'"),
    ({"person": ["Ana"]}, "'person:' is a name"),
])  # fmt: skip
def test_what_was_claimed_before_is_read_with_care(asked, told, says):
    for command in ("estimate", "stack"):
        result = asked(WELDER | told, command=command)
        assert result.exit_code == 1 and says in str(result.exception or "") + result.output
