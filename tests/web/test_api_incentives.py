"""Estimates by the API: the same answers as the commands give, and nothing of what was sent is kept."""

import json

import pytest
from click.testing import CliRunner

from crm.access import SYSTEM
from crm.actions import acting
from crm.cli import cli
from crm.database import execute, fetch_one, transaction
from crm.incentives.api_shapes import MOST_HIRES
from tests.incentives.test_plan_command import EMPLOYER, PLAN, WELDER
from tests.web.api import is_problem

HIRE = {"wotc_group": "A", "work_start": "2025-03-03", "first_year_hours": 420, "first_year_wages": 9000.5}


@pytest.fixture
def commanded(tmp_path):
    """`commanded("estimate", facts, *options)`: what the command says, as JSON."""

    def run(command, told, *options):
        file = tmp_path / "told.json"
        file.write_text(json.dumps(told), encoding="utf-8")
        result = CliRunner().invoke(cli, ["incentives", command, "--facts", str(file), *options, "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


async def test_an_estimate_is_the_commands_to_the_letter(api, commanded):
    program = await api("alice")
    answer = await program.post("/incentives/estimates", json={"facts": HIRE, "as_of": "2025-06-01", "known_as_of": "2025-05-01", "states": ["MA"]})
    assert answer.status_code == 200, answer.text
    assert answer.json() == commanded("estimate", HIRE, "--as-of", "2025-06-01", "--known-as-of", "2025-05-01", "--state", "MA")
    [wotc] = [each for each in answer.json()["estimates"] if each["program"] == "us-wotc"]
    assert (wotc["eligible"], wotc["amount"]) == ("unknown", None)
    assert "worked_here_before" in wotc["missing"]


async def test_programs_can_be_named(api):
    program = await api("alice")
    found = (await program.post("/incentives/estimates", json={"facts": HIRE, "programs": ["us-wotc"]})).json()["estimates"]
    assert [each["program"] for each in found] == ["us-wotc"]
    refused = is_problem(await program.post("/incentives/estimates", json={"facts": HIRE, "programs": ["us-wotk"]}), 422, "invalid")
    assert "Did you mean 'us-wotc'?" in refused["fields"]["programs"]
    assert "no state" in is_problem(await program.post("/incentives/estimates", json={"facts": {}, "states": ["Zz"]}), 422, "invalid")["fields"]["states"]


async def test_what_to_claim_for_one_hire_is_the_commands_to_the_letter(api, commanded):
    told = {**EMPLOYER, **WELDER}
    answer = await (await api("alice")).post("/incentives/stacks", json={"facts": told, "as_of": "2025-06-01", "states": ["MA"], "if_renewed": True})
    assert answer.json() == commanded("stack", told, "--as-of", "2025-06-01", "--state", "MA", "--if-renewed")


async def test_a_plan_is_the_commands_to_the_letter(api, commanded):
    answer = await (await api("alice")).post("/incentives/stacks", json={**PLAN, "as_of": "2025-06-01", "states": ["MA"]})
    assert answer.json() == commanded("stack", PLAN, "--as-of", "2025-06-01", "--state", "MA")
    assert answer.json()["best"]["proved"]


async def test_what_was_claimed_before_comes_off_the_limits_as_in_the_command(api, commanded):
    plan = {**PLAN, "already": [{"program": "ma-ratc", "year": 2025, "amount": "99000", "people": "9", "source": "Form of March"}]}
    answer = await (await api("alice")).post("/incentives/stacks", json={**plan, "as_of": "2025-06-01", "states": ["MA"]})
    assert answer.json() == commanded("stack", plan, "--as-of", "2025-06-01", "--state", "MA")
    assert answer.json()["already"][0]["people"] == 9 and answer.json()["best"]["proved"]


async def test_for_one_hire_too_it_comes_off_as_in_the_command(api, commanded):
    told = {**EMPLOYER, **WELDER}
    before = {"already": [{"program": "ma-ratc", "year": 2025, "amount": "99000", "people": "9", "person": "", "source": "Form of March"}], "person": "Ana"}
    program = await api("alice")
    for command, path in (("estimate", "estimates"), ("stack", "stacks")):
        answer = await program.post(f"/incentives/{path}", json={"facts": told, **before, "as_of": "2025-06-01", "states": ["MA"]})
        assert answer.json() == commanded(command, {**told, **before}, "--as-of", "2025-06-01", "--state", "MA")


async def test_each_fact_that_is_wrong_is_named_with_what_was_found_and_what_is_allowed(api):
    told = {"work_start": "tomorrow", "wotc_group": "Z", "farm_work": "maybe", "wurk_start": 1, "birth_date": "9999-12-31"}
    problem = is_problem(await (await api("alice")).post("/incentives/estimates", json={"facts": told}), 422, "invalid")
    assert set(problem["fields"]) == {f"facts.{key}" for key in told}
    assert problem["fields"]["facts.work_start"] == "'tomorrow' is no day. Write it as 2025-10-01."
    assert "not one of: A, " in problem["fields"]["facts.wotc_group"]
    assert "Did you mean 'work_start'?" in problem["fields"]["facts.wurk_start"]


async def test_in_a_plan_the_hire_is_named_too_and_a_mistake_of_the_employer_once(api):
    asked = {"employer": {"farm_work": "maybe"}, "hires": [WELDER, {"work_start": "tomorrow"}, {"people": "many"}]}
    problem = is_problem(await (await api("alice")).post("/incentives/stacks", json=asked), 422, "invalid")
    assert set(problem["fields"]) == {"employer.farm_work", "hires.2.work_start", "hires.3.people"}


@pytest.mark.parametrize(("asked", "field"), [
    ({}, "facts"), ({"facts": {}, "hires": [{}]}, "facts"), ({"facts": {}, "employer": {"farm_work": False}}, "employer"), ({"hires": []}, "hires"),
    ({"hires": [{"people": MOST_HIRES}, {}]}, "hires"), ({"hires": [{}] * (MOST_HIRES + 1)}, "hires"), ({"facts": {}, "colour": "blue"}, "colour"),
    ({"facts": {}, "already": [{"program": "us-wotk", "year": 2025, "amount": "1"}]}, "already.1.program"), ({"hires": [{}], "person": "Ana"}, "person"),
    ({"hires": [{}], "already": [{"program": "us-wotk", "year": 2025, "amount": "1"}]}, "already.1.program"),
])  # fmt: skip
async def test_a_question_that_is_none_or_too_large_is_refused(api, asked, field):
    assert field in is_problem(await (await api("alice")).post("/incentives/stacks", json=asked), 422, "invalid")["fields"]


async def test_the_vocabulary_is_that_of_the_rules(api):
    program = await api("alice")
    facts = {each["key"]: each for each in (await program.get("/incentives/facts")).json()["items"]}
    programs = {each["id"]: each for each in (await program.get("/incentives/programs", params={"state": "MA"})).json()["items"]}
    assert facts["wotc_group"]["kind"] == "choice"
    assert facts["wotc_group"]["sensitivity"] == "confidential"
    assert set(facts) >= set(programs["ma-ratc"]["facts"])
    assert {each["jurisdiction"] for each in programs.values()} == {"US", "MA"}


async def test_nothing_that_is_sent_is_kept(api):
    program = await api("alice", "read")
    await program.get("/boards")  # the token's first use is noted
    before = await rows()
    assert (await program.post("/incentives/estimates", json={"facts": HIRE})).status_code == 200
    assert (await program.post("/incentives/stacks", json={"facts": HIRE})).status_code == 200
    assert await rows() == before


async def rows():
    async with transaction(read_only=True):
        return tuple(await fetch_one("select (select count(*) from estimate), (select count(*) from hire_fact), (select count(*) from audit_entry), "
                                     "(select count(*) from event)"))  # fmt: skip


@pytest.mark.parametrize("who", ["ana", "walter", "teresa"])
async def test_who_may_not_estimate_is_refused(api, who):
    is_problem(await (await api(who)).post("/incentives/estimates", json={"facts": {}}), 403, "denied")


async def test_sentences_are_in_the_language_of_the_person(api, people):
    async with acting(SYSTEM, "account.changed") as act:
        await execute("update account set language = 'es' where id = $1", people.alice.account_id)
        act.record("account", people.alice.account_id)
    answer = await (await api("alice")).post("/incentives/estimates", json={"facts": HIRE, "programs": ["us-wotc"]})
    assert "Crédito" in answer.json()["estimates"][0]["title"]
