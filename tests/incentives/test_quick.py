"""The quick estimate without an account: what it asks, what it shows, and that it keeps nothing."""

import random
from datetime import date

import pytest

from crm.database import fetch, fetch_value, transaction
from crm.incentives import changing, installed, quick, screening
from crm.incentives.asking import PREFIX
from crm.incentives.earlier_claims import asked as asked_before
from crm.incentives.secrecy import employer_may_know
from crm.rulebook.ordering import ordered
from crm.rulebook.screening import programs_for
from tests.incentives.test_claimed_before import WELDER

TODAY = date(2025, 10, 6)
OJT_FREE = {"work_start": "2025-10-01"}
SECRET = {"wotc_group": "A", "tanf_months": "18", "birth_date": "2004-05-05", "tribal_member_or_spouse": "yes", "wioa_participant": "yes"}


def worked(typed=None, state="MA", later=(), today=TODAY):
    return quick.work_out(state, typed or {}, list(later), today)


def answered_blindly(seed, state="MA"):
    """Answers to all that is asked, until nothing is; every fact that was asked on the way."""
    chance, typed, asked = random.Random(seed), {}, []
    for _round in range(60):
        found = worked(typed, state)
        fresh = [fact for fact in found.asked if fact.key not in asked]
        if not fresh:
            break
        for fact in fresh:
            asked.append(fact.key)
            options = {"yes_no": ["yes", "no"], "date": ["2025-10-01", "2025-01-01"], "choice": [each.value for each in fact.choices]}
            typed[fact.key] = chance.choice(options.get(fact.kind) or [str(fact.least or 1), str(fact.most or 40)])
    return found, asked


# ── what is asked ──


@pytest.mark.parametrize("state", ["MA", "SC", "TN", "WA", "CO", "WV", "TX", "NY", ""])
async def test_nothing_is_asked_that_only_the_person_can_tell(program, state):
    facts = installed.library().facts
    for seed in range(4):
        _found, asked = answered_blindly(seed, state)
        assert asked
        for fact in map(facts.get, asked):
            assert fact.known_by != "learner" and fact.sensitivity == "ordinary" and (fact.about != "person" or fact.known_by != "board")


async def test_a_few_at_a_time_and_the_most_useful_first(program):
    found = worked()
    waiting = [each for each in _estimates({}) if screening.place_of(each) != "ended"]
    open_ones = ordered(waiting, {key: fact for key, fact in installed.library().facts.items() if employer_may_know(fact)})
    assert [fact.key for fact in found.asked] == changing.soon(open_ones)[: screening.ASKED_AT_ONCE]


def _estimates(values):
    from crm.rulebook.estimates import estimate

    library = installed.library()
    return [estimate(each, library.completed(values), TODAY) for each in programs_for(library, {"MA"})]


async def test_what_a_visitor_sends_beside_what_is_asked_counts_for_nothing(program):
    plain = worked(OJT_FREE)
    cheated = worked(OJT_FREE | SECRET | {"nonsense": "1"})
    assert cheated == plain and not set(cheated.given) & set(SECRET)


# ── what is shown ──


async def test_a_number_or_its_bounds_or_what_is_missing(program):
    shown = {each["program"]: each for each in worked(OJT_FREE).found.programs}
    wotc = shown["us-wotc"]
    assert wotc["headline"].startswith("Up to $") and wotc["amount"] is None
    assert wotc["open_person"] and wotc["open_own"]
    assert wotc["status"] == "active" and wotc["citations"]
    lapsed = {each["program"]: each for each in worked({"work_start": "2026-12-01"}, today=date(2026, 11, 23)).found.programs}["us-wotc"]
    assert (lapsed["place"], lapsed["status"]) == ("waiting", "hiatus") and lapsed["status_sentence"]


async def test_an_amount_that_rests_on_nothing_secret_comes_out_whole(program):
    found, _asked = answered_blindly(0, "MA")
    settled = [each for each in found.found.programs if each["eligible"] != "unknown"]
    assert settled and not found.asked


async def test_a_wrong_answer_is_said_beside_its_question_and_the_others_stand(program):
    found = worked(OJT_FREE | {"first_year_hours": "99999"})
    assert set(found.problems) == {"first_year_hours"} and found.asked[0].key == "first_year_hours"
    assert found.given["first_year_hours"] == "99999" and [fact.key for fact in found.told] == ["work_start"]


async def test_each_state_has_its_own_programs_and_none_has_those_of_another(program):
    for state in ("MA", "SC", "AL", "XX", ""):
        places = {installed.library().programs[each["program"]].jurisdiction for each in worked(state=state).found.programs}
        assert "US" in places and places <= {"US", state}


# ── what was claimed before ──

RATC = "c-ma-ratc-2025-amount"


def claiming(fields, answers=WELDER):
    told = asked_before.read(fields)
    found = quick.work_out("MA", answers, [], TODAY, before=told.earlier).found
    return {each["program"]: each for each in found.programs}["ma-ratc"], {each.name: each for each in asked_before.questions(found.programs, told)}


async def test_it_is_asked_once_the_amount_is_certain_otherwise(program):
    shown, questions = claiming({}, WELDER | {"tax_year_wages": ""})
    assert shown["eligible"] == "unknown" and shown["limits_open"] and questions == {}
    shown, questions = claiming({})
    assert (shown["amount"], list(questions)) == ("4800.00", [RATC])
    assert "would be less only if that was more than $95,200" in questions[RATC].why


async def test_what_is_told_is_taken_off_and_can_be_changed(program):
    shown, questions = claiming({RATC: "$97,000"})
    assert (shown["amount"], shown["limits_open"], questions[RATC].typed) == ("3000.00", False, "$97,000")
    assert questions[RATC].why.endswith("Claimed before for 2025: $97,000. Left: $3,000.")
    assert claiming({RATC: "0"})[0]["limits_open"] is False
    shown, questions = claiming({RATC: "250000"})
    assert shown["used_up"] and questions[RATC].typed


@pytest.mark.parametrize("typed", ["lots", "-1", "NaN", "1e30", "0.001"])
async def test_what_cannot_be_is_said_beside_it_and_counts_for_nothing(program, typed):
    shown, questions = claiming({RATC: typed})
    assert shown["amount"] == "4800.00" and questions[RATC].problem and questions[RATC].typed == typed


@pytest.mark.parametrize("name", ["c-ma-ratc-2024-amount", "c-us-wotc-2025-amount", "c-nothing-2025-amount", "c-ma-ratc-2025-rate", "c-ma-ratc-25-amount"])
async def test_what_is_not_asked_changes_nothing(program, name):
    assert claiming({name: "100000"})[0]["amount"] == "4800.00" and list(claiming({name: "100000"})[1]) == [RATC]


def test_people_and_all_years_are_told_apart(program):
    """A law that counts people of a year and money of all years: each answer falls under its own limit."""
    claims = asked_before.read({"c-nd-intern-2026-people": "3", "c-nd-intern-all-amount": "2500"}).earlier.claims
    assert {(each.year, each.amount, each.people) for each in claims} == {(2026, 0, 3), (asked_before.NO_YEAR, 2500, 0)}


async def test_the_page_asks_says_and_keeps_it_in_both_languages(browse):
    visitor = browse(None)
    fields = {PREFIX + key: value for key, value in WELDER.items()}
    page = await visitor.submit("/incentives", page="/incentives", state="MA", **fields)
    assert f'name="{RATC}"' in page.text and "The amounts hold if nothing was claimed before." in page.text
    page = await visitor.submit("/incentives", page="/incentives", state="MA", language="es", **fields, **{RATC: "97000"})
    assert f'name="{RATC}" value="97000"' in page.text and "Reclamado antes por 2025: $97,000. Queda: $3,000." in page.text and "$3,000" in page.text
    wrong = await visitor.submit("/incentives", page="/incentives", state="MA", **fields, **{RATC: "<b>lots</b>"})
    assert wrong.status_code == 422 and "&lt;b&gt;lots" in wrong.text and "<b>lots" not in wrong.text


# ── the page ──


async def test_what_was_left_open_comes_later(browse):
    visitor = browse(None)
    first = await visitor.submit("/incentives", page="/incentives", state="MA", asked="work_start,tax_year_begins", later="", **{PREFIX + "work_start": "2025-10-01"})
    assert first.status_code == 200 and 'name="later" value="tax_year_begins"' in first.text
    assert 'name="f-tax_year_begins"' not in first.text


async def test_the_other_language_keeps_the_answers(browse):
    visitor = browse(None)
    page = await visitor.submit("/incentives", page="/incentives", state="SC", language="es", **{PREFIX + "work_start": "2025-10-01"})
    assert '<html lang="es">' in page.text and 'value="2025-10-01"' in page.text and "Preguntas siguientes" in page.text
    assert '<html lang="es">' in (await visitor.get("/incentives")).text


async def test_visitors_find_it_where_they_sign_in(browse, people):
    assert 'href="/incentives"' in (await browse(None).get("/sign-in")).text
    assert 'href="/incentives"' in (await browse(people.erin).get("/portal")).text


@pytest.mark.parametrize("day", ["0001-01-01", "1900-01-01", "9999-12-31"])
async def test_any_day_gets_an_answer(browse, day):
    fields = {PREFIX + fact.key: day for fact in installed.library().facts.values() if fact.kind == "date" and employer_may_know(fact)}
    for state in ("MA", "SC", "CA"):
        answer = await browse(None).submit("/incentives", page="/incentives", state=state, **fields)
        assert answer.status_code in (200, 422)


async def test_nothing_is_stored_and_nothing_leaves_but_in_the_page(browse, capfd):
    """Whatever is answered: every table is as before, no cookie and no address holds an answer, and no log line does."""
    visitor, chance = browse(None), random.Random(7)
    token = await visitor.token("/incentives")
    before, cookies = await _rows(), dict(visitor.cookies)
    facts = [fact for fact in installed.library().facts.values() if fact.kind == "money"]
    for _try in range(25):
        fields = {PREFIX + fact.key: "77123.45" for fact in chance.sample(facts, 8)}
        answer = await visitor.post("/incentives", data={"_token": token, "state": "MA", "asked": "", "later": "", **fields}, headers={"hx-request": "true"})
        assert answer.status_code in (200, 422) and "location" not in answer.headers and "set-cookie" not in answer.headers
    assert await _rows() == before and dict(visitor.cookies) == cookies
    assert "77123" not in "".join(capfd.readouterr())


async def _rows():
    """How often rows of each table were written since the database began, with how many there are."""
    async with transaction(read_only=True):
        names = [row["name"] for row in await fetch("select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1")]
        return {name: await fetch_value(f"select count(*) || ' ' || coalesce(max(xmin::text::bigint), 0) from {name}") for name in names}


async def test_it_is_counted_as_other_pages_for_visitors():
    from crm.limiting import COSTLY

    assert "/incentives".startswith(COSTLY)
