"""A hire in the employer's portal: only where staff share it, and nothing in it rests on what the person or the board alone can tell."""

import asyncpg
import pytest

from crm.database import Login, execute, fetch, fetch_one, fetch_value, transaction
from crm.errors import Denied, NotFound
from crm.incentives import hires, installed, told
from crm.incentives.asking import PREFIX
from crm.incentives.claims import cases
from crm.incentives.forms import AskForm, HireForm, MoveForm
from crm.incentives.outside import in_portal, learner, sharing
from crm.incentives.secrecy import employer_may_know
from tests.incentives.test_cases import evidence
from tests.incentives.test_hires import TODAY, WOTC, known

SECRET = {"wotc_group": "A", "tanf_months": "12", "birth_date": "2001-02-03", "wotc_certificate": "yes", "wioa_participant": "yes", "bonding_at_risk": "yes"}


@pytest.fixture
async def shared(hire, people):
    await sharing.share(people.alice, hire)
    return hire


async def seen(who, hire, today=TODAY):
    async with transaction(who.login, read_only=True, session_secret=who.session_secret):
        return await in_portal.shown(who, hire, today)


async def listed(who):
    async with transaction(who.login, read_only=True, session_secret=who.session_secret):
        return [row["label"] for row in await in_portal.of_visitor(who)]


# ── who sees it ──


async def test_it_is_shared_by_staff_alone_and_never_by_itself(hire, people, browse):
    assert await listed(people.erin) == []
    with pytest.raises(NotFound):
        await seen(people.erin, hire)
    for who, refused in ((people.charlie, NotFound), (people.walter, Denied), (people.erin, Denied)):
        with pytest.raises(refused):
            await sharing.share(who, hire)
    await sharing.share(people.alice, hire)
    assert await listed(people.erin) == ["R.L."] and await listed(people.frank) == []
    assert "R.L." in (await browse(people.erin).get("/portal")).text
    await hires.put_away(people.alice, hire)
    assert await listed(people.erin) == []
    await hires.put_away(people.alice, hire, restore=True)
    await sharing.share(people.alice, hire, end=True)
    assert (await browse(people.erin).get(f"/portal/hires/{hire}")).status_code == 404


async def test_the_portals_login_reaches_no_further_even_with_raw_sql(shared, people):
    other = await hires.add(people.alice, (await fetch_employer(people.frank)), HireForm(label="F.F."))
    await sharing.share(people.alice, other)
    await hires.tell(people.alice, shared, WOTC | SECRET)
    await cases.open_case(people.alice, shared, "us-wotc", TODAY)
    async with transaction(Login.PORTAL, read_only=True, session_secret=people.erin.session_secret):
        assert await fetch_value("select array_agg(label) from hire") == ["R.L."]
        keys = await fetch_value("select array_agg(key) from hire_fact")
        assert set(keys) == {key for key in WOTC | SECRET if employer_may_know(installed.library().facts[key])}
        assert await fetch_value("select count(*) from incentive_case") == 0  # it is being prepared
    for attack in ("select * from hire_fact", "select value_sealed from hire_fact", "select * from incentive_case", "select * from case_move", "select * from learner_link",
                   "select * from estimate", "insert into hire_fact (hire_id, board_id, key, source) select id, board_id, 'x', 'employer' from hire",
                   "update hire set shared_at = now()", "update hire_fact set employer_sees = true", "delete from hire"):  # fmt: skip
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction(Login.PORTAL, session_secret=people.erin.session_secret):
                await fetch(attack)


async def fetch_employer(who):
    return next(iter(who.employer_ids))


async def test_a_sealed_answer_cannot_be_marked_as_seen(shared, people):
    await hires.tell(people.alice, shared, SECRET)
    with pytest.raises(asyncpg.CheckViolationError):
        async with transaction():
            await execute("update hire_fact set employer_sees = true where key = 'wotc_group'")


async def test_what_was_told_before_the_rule_was_there_is_seen_from_the_day_it_is_shared(hire, people):
    await hires.tell(people.alice, hire, {"hourly_wage": "18", "wioa_participant": "yes"})
    async with transaction():
        await execute("update hire_fact set employer_sees = false")
    await sharing.share(people.alice, hire)
    assert [each.fact.key for each in (await seen(people.erin, hire)).known if each.source != "record"] == ["hourly_wage"]


# ── what they see ──


async def test_whatever_is_known_of_the_person_the_page_is_the_same(shared, people, browse):
    """The proof that nothing of the person can be read or reckoned from it."""
    ordinary = {key: value for key, value in WOTC.items() if employer_may_know(installed.library().facts[key])}
    await hires.tell(people.alice, shared, ordinary)
    erin, page = browse(people.erin), f"/portal/hires/{shared}"
    before = body_of(await erin.get(page))
    for told_now in (SECRET, {"wotc_group": "J", "tanf_months": "0"}, {"wotc_group": "none", "bonding_at_risk": "no", "wioa_participant": "no"}):
        await hires.tell(people.alice, shared, told_now)
        assert body_of(await erin.get(page)) == before
    link = await learner.ask(people.alice, shared, AskForm(), TODAY)
    await learner.answer(link, {"snap_six_months": "yes"}, TODAY)
    assert body_of(await erin.get(page)) == before


def body_of(answer):
    assert answer.status_code == 200
    return answer.text.partition("<main")[2].partition("</main>")[0].replace(answer.text.partition('name="_token" value="')[2].partition('"')[0], "")


async def test_programs_amounts_between_bounds_days_and_who_answers_what_is_open(shared, people):
    found = (await seen(people.erin, shared)).found
    wotc = next(each for each in found.programs if each["program"] == "us-wotc")
    assert wotc["headline"].startswith("Up to $") and wotc["amount"] is None and wotc["open_person"] and wotc["open_own"]
    assert [due["date"] for due in wotc["deadlines"]] == ["2025-10-29"]
    assert found.questions and all(fact.known_by == "employer" and fact.sensitivity == "ordinary" for fact in found.questions)


async def test_a_case_is_seen_from_the_day_it_was_submitted(shared, people):
    await hires.tell(people.alice, shared, WOTC)
    case, _new = await cases.open_case(people.alice, shared, "us-wotc", TODAY)
    assert (await seen(people.erin, shared)).cases == []
    await evidence(people.alice, case)
    await cases.move(people.alice, case, MoveForm(to="submitted", version=1), TODAY)
    found = await seen(people.erin, shared)
    assert [(row["program"], row["state"], str(row["estimated"])) for row in found.cases] == [("us-wotc", "submitted", "2400.00")]
    assert "us-wotc" not in {each["program"] for each in found.found.programs}


# ── what they answer ──


async def test_they_answer_what_is_theirs_and_who_did_is_on_record(shared, people, browse):
    erin, page = browse(people.erin), f"/portal/hires/{shared}"
    answers = {"first_year_hours": "420", "wotc_group": "A", "wioa_participant": "yes", "farm_work": "perhaps"}
    answer = await erin.submit(page, page=page, asked="first_year_hours,farm_work", later="", **{PREFIX + key: value for key, value in answers.items()})
    assert answer.status_code == 422 and "Choose one of the answers." in answer.text
    found = await known(people.alice, shared)
    assert set(found) & set(answers) == {"first_year_hours"}
    assert (found["first_year_hours"].source, found["first_year_hours"].by) == ("employer", people.erin.name)
    async with transaction(read_only=True):
        entry = await fetch_one("select * from audit_entry where verb = 'hire.told_in_portal'")
    assert entry["after"] == {"first_year_hours": "420", "account": str(people.erin.account_id), "name": people.erin.name}
    await erin.submit(page, page=page, asked="", later="", **{PREFIX + "first_year_hours": "380"})
    assert (await known(people.alice, shared))["first_year_hours"].value == 380


async def test_what_staff_told_they_do_not_change(shared, people, browse):
    await hires.tell(people.alice, shared, {"first_year_hours": "420"})
    await browse(people.erin).submit(f"/portal/hires/{shared}", page=f"/portal/hires/{shared}", **{PREFIX + "first_year_hours": "1"})
    assert (await known(people.alice, shared))["first_year_hours"].value == 420


async def test_another_employer_and_one_without_the_right_answer_nothing(shared, people, browse):
    assert (await browse(people.frank).submit(f"/portal/hires/{shared}", page="/portal", **{PREFIX + "first_year_hours": "1"})).status_code in (403, 404)
    with pytest.raises(Denied):
        await in_portal.answer(people.frank, shared, {"first_year_hours": "1"})
    assert "first_year_hours" not in await known(people.alice, shared)
    assert told.values_of(await known(people.alice, shared)).keys() == {"work_start"}
