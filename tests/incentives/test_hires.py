"""A hire, what is told of it, and what all programs make of it: nothing is asked twice, nothing secret lies open, every answer can be taken back."""

import hashlib
import json
from datetime import date, timedelta

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute, fetch, fetch_one, fetch_value, transaction
from crm.employers import merging
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.incentives import actions, changing, hires, installed, screening, told
from crm.incentives.forms import HireForm
from crm.incentives.outside import links
from crm.incentives.secrecy import holds_number

TODAY = date(2025, 10, 6)
# a person of a family on TANF, whose first year is known; what the law asks of the employer is told
WOTC = {"wotc_group": "A", "tanf_months": "12", "wotc_certificate": "no", "related_to_owner": "no", "majority_owner": "no", "worked_here_before": "no",
        "replaces_striker": "no", "half_pay_for_business": "yes", "leased_to_client": "no", "form_8850_sent": "2025-10-10", "first_year_hours": "420",
        "first_year_wages": "9000", "ojt_wages": "0", "tanf_supplement": "0", "farm_work": "no"}  # fmt: skip


async def known(who, hire):
    async with transaction(read_only=True):
        return await told.of(await hires.one(who, hire))


async def screened(who, hire, *, outside=False, today=TODAY):
    async with transaction(read_only=True):
        row = await hires.one(who, hire)
        return screening.screened(row, await told.of(row), today, outside=outside)


def program_in(found, name):
    return next(each for each in found.programs if each["program"] == name)


# ── what is known ──


async def test_what_records_know_is_not_asked(hire, people, employers):
    async with acting(SYSTEM, "employer.counted") as act:
        await execute("update employer set employee_count = 12 where id = $1", employers.erins)
        act.record("employer", employers.erins)
    found = await known(people.alice, hire)
    assert {key: (each.value, each.source) for key, each in found.items()} == {"work_start": (date(2025, 10, 1), "record"), "employee_count": (12, "record")}
    assert {"work_start", "employee_count"}.isdisjoint(fact.key for fact in (await screened(people.alice, hire)).questions)


async def test_each_answer_stands_with_its_source_and_who_told_it_when(hire, people):
    await hires.tell(people.alice, hire, {"worked_here_before": "no", "wotc_group": "A"})
    found = await known(people.alice, hire)
    assert (found["worked_here_before"].value, found["worked_here_before"].source, found["worked_here_before"].by) == (False, "questionnaire", "Alice")
    assert (found["wotc_group"].source, found["wotc_group"].is_secret) == ("learner", True)


async def test_what_is_confidential_or_known_by_the_person_is_sealed_and_in_no_record(hire, people):
    await hires.tell(people.alice, hire, WOTC)
    async with transaction(read_only=True):
        rows = await fetch("select key, value, value_sealed from hire_fact where hire_id = $1", hire)
        records = await fetch("select after from audit_entry where subject_id = $1", hire)
    secret = {key for key in WOTC if told.is_secret(installed.library().facts[key])}
    assert secret == {"wotc_group", "tanf_months"}
    assert {row["key"] for row in rows if row["value_sealed"] is not None} == secret
    assert all(row["value"] is None for row in rows if row["key"] in secret)
    assert records[-1]["after"]["wotc_group"] == "told, sealed" and records[-1]["after"]["first_year_hours"] == "420"


@pytest.mark.parametrize("text", ["123-45-6789", "SSN 123456789", "123 45 6789 R.L.", "(123.45.6789)"])
async def test_a_social_security_number_is_never_kept(program, people, employers, text):
    for field in ("label", "job_title"):
        with pytest.raises(Invalid, match="Social Security number") as refused:
            await hires.add(people.alice, employers.erins, HireForm(**{"label": "R.L.", field: text}))
        assert set(refused.value.fields) == {field}


@pytest.mark.parametrize("text", ["R.L.", "12-3456789", "Hire 7 of 2025", "508-555-0100", "5085550100"])
def test_what_only_looks_a_little_like_one_is_kept(text):
    assert not holds_number(text)


async def test_a_wrong_answer_is_said_beside_its_question_and_then_nothing_is_kept(hire, people):
    with pytest.raises(Invalid) as refused:
        await hires.tell(people.alice, hire, {"first_year_hours": "9999", "worked_here_before": "no", "nonsense": "1"})
    assert set(refused.value.fields) == {"first_year_hours", "nonsense"}
    assert "worked_here_before" not in await known(people.alice, hire)


async def test_answers_that_contradict_each_other_are_refused(hire, people):
    await hires.tell(people.alice, hire, {"birth_date": "2000-01-01"})
    with pytest.raises(Invalid) as refused:
        await hires.tell(people.alice, hire, {"age_at_hire": "40"})
    assert set(refused.value.fields) == {"age_at_hire"}


async def test_an_answer_is_changed_forgotten_and_taken_back(hire, people):
    await hires.tell(people.alice, hire, {"first_year_hours": "420"})
    await hires.tell(people.alice, hire, {"first_year_hours": "380"})
    await hires.take_back(people.alice, hire, "first_year_hours")
    assert (await known(people.alice, hire))["first_year_hours"].value == 420
    await hires.forget(people.alice, hire, "first_year_hours")
    assert "first_year_hours" not in await known(people.alice, hire)
    await hires.take_back(people.alice, hire, "first_year_hours")
    assert (await known(people.alice, hire))["first_year_hours"].value == 420
    await hires.tell(people.alice, hire, {"wotc_group": "A"})
    await hires.tell(people.alice, hire, {"wotc_group": "G"})
    await hires.take_back(people.alice, hire, "wotc_group")
    assert (await known(people.alice, hire))["wotc_group"].value == "A"


async def test_another_boards_hire_does_not_exist_for_them(hire, people):
    with pytest.raises(NotFound):
        await known(people.charlie, hire)
    for act in (hires.tell(people.charlie, hire, {"farm_work": "no"}), hires.forget(people.charlie, hire, "farm_work"), hires.put_away(people.charlie, hire)):
        with pytest.raises(NotFound):
            await act
    with pytest.raises(Denied):
        await hires.tell(people.walter, hire, {"farm_work": "no"})


async def test_two_who_change_a_hire_do_not_overwrite_each_other(hire, people):
    form = HireForm(label="R.L.", starts_on=date(2025, 10, 2), version=1)
    await hires.change(people.alice, hire, form)
    with pytest.raises(Conflict):
        await hires.change(people.bob, hire, HireForm(label="R.M.", version=1))


async def test_a_merge_of_employers_takes_hires_along_and_brings_them_back(hire, people, employers):
    merge = await merging.merge(people.alice, employers.franks, employers.erins, {})
    async with transaction(read_only=True):
        assert await fetch_value("select employer_id from hire where id = $1", hire) == employers.franks
    await merging.undo(people.alice, merge)
    async with transaction(read_only=True):
        assert await fetch_value("select employer_id from hire where id = $1", hire) == employers.erins


# ── what comes of it ──


async def test_a_hire_of_a_target_group_brings_its_credit(hire, people):
    await hires.tell(people.alice, hire, WOTC)
    found = await screened(people.alice, hire)
    wotc = program_in(found, "us-wotc")
    assert (wotc["place"], wotc["amount"], wotc["headline"]) == ("ready", "2400.00", "$2,400")
    assert [due["date"] for due in wotc["deadlines"]] == ["2025-10-29"]  # 28 days after the first
    assert found.stack["best"]["total"] == "2400.00"
    assert ("us-wotc", "2025-10-29") in [(due["program"], due["date"]) for due in found.deadlines]


async def test_after_the_law_lapsed_it_waits_and_says_what_it_would_bring(program, people, employers):
    hire = await hires.add(people.alice, employers.erins, HireForm(label="R.L.", starts_on=date(2026, 2, 2)))
    await hires.tell(people.alice, hire, WOTC | {"form_8850_sent": "2026-02-10"})
    found = await screened(people.alice, hire, today=date(2026, 2, 3))
    wotc = program_in(found, "us-wotc")
    assert (wotc["place"], wotc["amount"], wotc["headline"]) == ("waiting", "0.00", "$2,400 if the law is renewed")
    assert found.stack is None and found.renewed["best"]["total"] == "2400.00"


async def test_what_is_not_met_says_what_it_would_bring_were_it_met(hire, people):
    await hires.tell(people.alice, hire, WOTC | {"worked_here_before": "yes"})
    wotc = program_in(await screened(people.alice, hire), "us-wotc")
    assert (wotc["place"], wotc["headline"], wotc["could"], wotc["could_most"]) == ("no", "Nothing for this hire", True, "2400.00")


async def test_first_is_asked_what_settles_the_most_programs_and_nothing_for_those_that_ended(hire, people):
    found = await screened(people.alice, hire, today=date(2026, 11, 23))
    asked = [fact.key for fact in found.questions]
    assert set(asked[:2]) == {"wotc_group", "apprentice_registered"}  # none of the groups, and no: each ends two programs at once
    assert asked.index("apprentice_registered") < asked.index("tax_year_begins")  # what may end a program comes before the day on which its law rests
    assert "wages_year_begins" not in asked  # the empowerment zone credit, which ended


async def test_what_was_left_open_comes_after_the_rest_and_then_again(hire, people):
    found = await screened(people.alice, hire)
    asked, later = changing.next_questions(found, "", [], set())
    put_off = changing.kept_for_later("", ",".join(fact.key for fact in asked), {asked[0].key: "2025-01-01"})
    assert put_off == [fact.key for fact in asked[1:]]
    again, _later = changing.next_questions(found, "", put_off, set())
    assert not {fact.key for fact in again} & set(put_off)
    every = [fact.key for fact in found.questions]
    again, later = changing.next_questions(found, "", every, set())
    assert [fact.key for fact in again] == every[: screening.ASKED_AT_ONCE] and later == every[screening.ASKED_AT_ONCE :]


async def test_a_change_is_seen_before_it_is_kept(hire, people):
    await hires.tell(people.alice, hire, WOTC)
    async with transaction(read_only=True):
        row = await hires.one(people.alice, hire)
        found = changing.differences(row, await told.of(row), hires.answers({"first_year_hours": "380"}), {"first_year_hours"}, TODAY)
    assert [(each.title, each.before, each.after) for each in found if "Work Opportunity" in each.title] == [
        ("Work Opportunity Tax Credit", "$2,400", "$1,500")]  # fmt: skip
    assert (await known(people.alice, hire))["first_year_hours"].value == 420


# ── for others ──


async def test_outside_the_board_no_secret_fact_and_no_reason_of_a_group_is_told(hire, people):
    facts = installed.library().facts
    for group in [choice.value for choice in facts["wotc_group"].choices]:
        await hires.tell(people.alice, hire, WOTC | {"wotc_group": group})
        found = await screened(people.alice, hire, outside=True)
        said = json.dumps(found.places)
        for program_id, program in installed.library().programs.items():
            shown = next((each for each in found.programs if each["program"] == program_id), None)
            if shown is None:
                continue
            told_of = {condition.id for condition in program.conditions
                       if not any(told.is_secret(facts[key]) for key in condition.asks)}  # fmt: skip
            assert {each["id"] for each in shown["conditions"]} <= told_of
            assert not [key for key in shown["missing"] if told.is_secret(facts[key])]
        assert "TANF for at least" not in said and "veteran served" not in said


async def test_a_link_shows_the_screening_until_its_day_and_can_be_taken_back(hire, people, browse):
    await hires.tell(people.alice, hire, WOTC)
    secret = await links.make(people.alice, hire, 14, date.today())
    async with transaction(read_only=True):
        row = await fetch_one("select * from screening_link")
    assert row["secret_hash"] == hashlib.sha256(secret.encode()).digest() and secret not in str(dict(row))
    answer = await browse(None).get(f"/screenings/{secret}")
    assert answer.status_code == 200 and "$2,400" in answer.text
    assert "noindex" in answer.headers["x-robots-tag"] and answer.headers["referrer-policy"] == "no-referrer" and answer.headers["cache-control"] == "no-store"
    assert "TANF for at least" not in answer.text and "A: family on TANF" not in answer.text
    chosen = browse(None)
    chosen.cookies.set("crm-language", "es")
    assert "Crédito tributario por oportunidad de trabajo" in (await chosen.get(f"/screenings/{secret}")).text
    async with transaction(read_only=True):
        await links.opened(secret, date.today() + timedelta(days=14))
        with pytest.raises(NotFound):
            await links.opened(secret, date.today() + timedelta(days=15))
        with pytest.raises(NotFound):
            await links.opened("x" * 43, date.today())
    await links.revoke(people.alice, row["id"])
    assert (await browse(None).get(f"/screenings/{secret}")).status_code == 404


async def test_a_link_does_not_outlive_its_hire(hire, people):
    secret = await links.make(people.alice, hire, 14, TODAY)
    await hires.put_away(people.alice, hire)
    async with transaction(read_only=True):
        with pytest.raises(NotFound):
            await links.opened(secret, TODAY)


async def test_auditors_see_that_it_was_told_and_not_what(hire, people, browse):
    await hires.tell(people.alice, hire, WOTC)
    page = (await browse(people.walter).get(f"/hires/{hire}")).text
    assert "On file, sealed" in page and "A: family on TANF" not in page and "Show the sealed answers" not in page


async def test_who_reads_sealed_answers_is_on_record(hire, people, browse):
    await hires.tell(people.alice, hire, WOTC)
    alice, page = browse(people.alice), f"/hires/{hire}"
    assert "A: family on TANF" not in (await alice.get(page)).text
    answer = await alice.submit(f"{page}/sealed", page=page)
    assert "A: family on TANF" in answer.text
    async with transaction(read_only=True):
        assert await fetch_value("select outcome from audit_entry where verb = 'hire.secrets_read' and subject_id = $1", hire) == "disclosed"


# ── on paper ──


async def test_the_paper_is_made_once_and_belongs_to_the_board(hire, people, program, employers):
    await hires.tell(people.alice, hire, WOTC)
    estimate, _job = await actions.save_estimate(people.alice, hire, TODAY)
    await program.worker().run_until_idle()
    async with transaction(read_only=True):
        kept = await fetch_one("select * from stored_file where kind = $1", f"estimate:{estimate}")
        row = await fetch_one("select * from estimate where id = $1", estimate)
    assert kept is not None and kept["employer_id"] is None
    assert row["facts"] == {} and "TANF" not in json.dumps(row["result"]) and b"TANF" not in row["content_sealed"]
