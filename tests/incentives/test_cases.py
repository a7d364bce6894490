"""A case from the estimate to the money: what stands against each step is said, every move has who, when and why, and the last can be undone."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import fetch, fetch_one, fetch_value, transaction
from crm.employers import merging
from crm.engagements import actions as engagements
from crm.engagements.attachments import Upload
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.incentives import hires, installed
from crm.incentives.claims import case_listing, cases, duties, rechecking, rules
from crm.incentives.claims.case_listing import Filters
from crm.incentives.forms import EvidenceForm, HireForm, MoveForm
from crm.plugins import active
from crm.rulebook.estimates import estimate
from crm.rulebook.library import Library
from crm.views.exporting import export
from tests.incentives.test_hires import WOTC

TODAY = date(2025, 10, 6)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


async def row(case):
    async with transaction(read_only=True):
        return await fetch_one("select * from incentive_case where id = $1", case)


async def moved(who, case, to, *, today=TODAY, **fields):
    return await cases.move(who, case, MoveForm(to=to, version=(await row(case))["version"], **fields), today)


async def evidence(who, case, *, signed=True):
    await cases.attach(who, case, EvidenceForm(note="Form 8850", signed=signed), [Upload("8850.pdf", PDF)])


async def codes(case, on=TODAY):
    async with transaction(read_only=True):
        return [each.code for each in await cases.against_submitting(await row(case), on, on)]


# ── the way of a case ──


@given(st.lists(st.sampled_from(rules.STATES), max_size=12))
def test_every_way_leads_on_or_ends_with_the_money(way):
    state = "preparing"
    for to in way:
        if to in rules.NEXT[state]:
            state = to
    assert state == "paid" or rules.NEXT[state]


async def test_it_opens_with_its_estimate_its_owner_and_its_first_day_to_keep(case, people):
    found = await row(case)
    assert (found["state"], found["estimated"], found["due"], found["owner_id"]) == (
        "preparing", Decimal("2400.00"), date(2025, 10, 29), people.alice.account_id)  # fmt: skip


async def test_where_there_is_one_already_one_is_led_to_it(case, hire, people, browse):
    assert await cases.open_case(people.bob, hire, "us-wotc", TODAY) == (case, False)
    bob, page = browse(people.bob), f"/hires/{hire}/programs/us-wotc"
    answer = await bob.submit(f"{page}/case", page=page)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case}")
    assert "There is a case of this program for this hire already" in (await bob.get(f"/cases/{case}")).text


async def test_from_preparing_to_paid_with_who_when_and_why(case, people):
    await evidence(people.alice, case)
    await moved(people.alice, case, "submitted", on_day=date(2025, 10, 6))
    await moved(people.bob, case, "denied", today=date(2025, 12, 1), reason="Group not proven")
    await moved(people.alice, case, "appealed", today=date(2025, 12, 5))
    await moved(people.alice, case, "certified", today=date(2026, 1, 10), amount=Decimal("2400"))
    await moved(people.alice, case, "paid", today=date(2026, 4, 15), amount=Decimal("2350.50"))
    found = await row(case)
    assert (found["state"], found["state_since"], found["certified"], found["paid"], found["due"]) == (
        "paid", date(2026, 4, 15), Decimal("2400.00"), Decimal("2350.50"), None)  # fmt: skip
    async with transaction(read_only=True):
        story = await fetch("select m.to_state, m.on_day, m.reason, a.name from case_move m join account a on a.id = m.made_by order by m.made_at")
    assert [tuple(each) for each in story[:2]] == [
        ("submitted", date(2025, 10, 6), "", "Alice"), ("denied", date(2025, 12, 1), "Group not proven", "Bob")]  # fmt: skip


@pytest.mark.parametrize(("on", "told"), [(date(2025, 10, 29), "In time"), (date(2025, 10, 30), "Past")])
async def test_a_day_that_was_kept_is_not_called_past(case, people, browse, on, told):
    await evidence(people.alice, case)
    await moved(people.alice, case, "submitted", today=date(2025, 11, 3), on_day=on, all_the_same=True, reason="Sent on paper")
    browser, hire = browse(people.alice), (await row(case))["hire_id"]
    for address in (f"/cases/{case}", f"/hires/{hire}/programs/us-wotc"):
        page = (await browser.get(address)).text
        assert {word for word in ("In time", "Past") if f"</span>{word}</span>" in page} == {told}, address
    dates = (await browser.get(f"/hires/{hire}")).text.partition('id="dates"')[2].partition("</section>")[0]
    assert f"</span>{told}</span> <strong>By October 29, 2025" in dates


async def test_the_last_move_is_undone_and_no_other(case, people):
    await evidence(people.alice, case)
    first = await moved(people.alice, case, "submitted")
    second = await moved(people.alice, case, "certified", amount=Decimal("2400"))
    with pytest.raises(Conflict, match="last move"):
        await cases.undo_move(people.alice, first)
    await cases.undo_move(people.alice, second)
    found = await row(case)
    assert (found["state"], found["certified"]) == ("submitted", None)
    await cases.undo_move(people.alice, first)
    found = await row(case)
    assert (found["state"], found["due"]) == ("preparing", date(2025, 10, 29))
    with pytest.raises(Conflict):
        await cases.undo_move(people.alice, first)


@pytest.mark.parametrize(
    ("to", "fields", "field"),
    [("withdrawn", {}, "reason"), ("withdrawn", {"reason": "SSN 123-45-6789"}, "reason"), ("submitted", {"on_day": TODAY + timedelta(days=1)}, "on_day"),
     ("withdrawn", {"reason": "x", "amount": Decimal(-1)}, "amount"), ("withdrawn", {"reason": "x", "amount": Decimal("NaN")}, "amount")],
)
async def test_what_is_missing_of_a_move_is_said_beside_its_field(case, people, to, fields, field):
    with pytest.raises(Invalid) as refused:
        await moved(people.alice, case, to, **fields)
    assert set(refused.value.fields) == {field}
    assert (await row(case))["state"] == "preparing"


async def test_no_state_is_skipped_and_no_one_moves_what_another_moved(case, people):
    with pytest.raises(Conflict, match="cannot move there"):
        await moved(people.alice, case, "paid", amount=Decimal(1))
    with pytest.raises(Conflict, match="Someone changed"):
        await cases.move(people.alice, case, MoveForm(to="withdrawn", reason="x", version=99), TODAY)


async def test_what_was_withdrawn_can_be_taken_up_again_and_meanwhile_opened_anew(case, hire, people):
    await moved(people.alice, case, "withdrawn", reason="They left")
    await moved(people.alice, case, "preparing")
    assert (await row(case))["due"] == date(2025, 10, 29)
    await moved(people.alice, case, "withdrawn", reason="They left")
    await cases.open_case(people.alice, hire, "us-wotc", TODAY)


# ── what stands against submitting ──


async def test_nothing_is_submitted_without_the_signed_form(case, people):
    assert await codes(case) == ["missing_evidence", "missing_signature"]
    with pytest.raises(Invalid, match="Something stands against it"):
        await moved(people.alice, case, "submitted")
    await evidence(people.alice, case, signed=False)
    assert await codes(case) == ["missing_signature"]
    await evidence(people.alice, case)
    assert await codes(case) == []
    await moved(people.alice, case, "submitted")


@pytest.mark.parametrize(("on", "code"), [(date(2025, 10, 29), []), (date(2025, 10, 30), ["past_deadline"])])
async def test_the_28th_day_is_in_time_and_the_next_is_late(case, people, on, code):
    await evidence(people.alice, case)
    assert await codes(case, on) == code


async def test_an_answer_that_is_missing_or_a_condition_that_is_not_met_is_named(case, hire, people):
    await evidence(people.alice, case)
    await hires.forget(people.alice, hire, "first_year_hours")
    assert await codes(case) == ["missing_fact"]
    await hires.tell(people.alice, hire, {"first_year_hours": "420", "worked_here_before": "yes"})
    assert await codes(case) == ["condition_not_met"]


async def test_it_is_submitted_all_the_same_with_a_reason_that_stays(case, people):
    with pytest.raises(Invalid):
        await moved(people.alice, case, "submitted", all_the_same=True)
    await moved(people.alice, case, "submitted", all_the_same=True, reason="The agency has the paper")
    async with transaction(read_only=True):
        [kept] = await fetch("select against, reason from case_move")
    assert tuple(kept) == (["missing_evidence", "missing_signature"], "The agency has the paper")


async def test_a_lapsed_law_does_not_keep_a_request_from_being_sent(program, people, employers):
    hire = await hires.add(people.alice, employers.erins, HireForm(label="R.L.", starts_on=date(2026, 2, 2)))
    await hires.tell(people.alice, hire, WOTC | {"form_8850_sent": "2026-02-10"})
    case, _new = await cases.open_case(people.alice, hire, "us-wotc", date(2026, 2, 3))
    await evidence(people.alice, case)
    assert await codes(case, date(2026, 2, 10)) == []
    assert (await row(case))["estimated"] == Decimal("2400.00")  # what it would be, were the law renewed


def test_each_code_has_its_case(program):
    library = installed.library()
    wotc = library.programs["us-wotc"]
    found = estimate(wotc, {"work_start": date(2030, 1, 1)}, TODAY)
    listed = rules.preflight(found, library.facts, date(2030, 3, 1), files=0, signed=0)
    assert {each.code for each in listed} == {"missing_fact", "past_deadline", "missing_evidence", "missing_signature"}
    assert set(rules.CODES) >= {each.code for each in listed}


# ── evidence and steps ──


async def test_evidence_is_the_boards_and_can_be_taken_off_and_put_back(case, people, browse):
    await evidence(people.alice, case)
    async with transaction(read_only=True):
        kept = await fetch_one("select f.id, s.employer_id, s.board_id from case_file f join stored_file s on s.id = f.file_id")
    assert kept["employer_id"] is None and kept["board_id"] is not None
    answer = await browse(people.alice).get(f"/case-files/{kept['id']}")
    assert answer.content == PDF and "attachment" in answer.headers["content-disposition"]
    for who in (people.charlie, people.walter, people.ana):
        assert (await browse(who).get(f"/case-files/{kept['id']}")).status_code in {403, 404}
    await cases.take_off(people.alice, kept["id"])
    assert (await browse(people.alice).get(f"/case-files/{kept['id']}")).status_code == 404
    await cases.take_off(people.alice, kept["id"], restore=True)
    assert (await browse(people.alice).get(f"/case-files/{kept['id']}")).status_code == 200
    with pytest.raises(Invalid):
        await cases.attach(people.alice, case, EvidenceForm(), [Upload("tool.exe", b"MZ")])


async def test_a_step_is_ticked_and_opened_again(case, people):
    first = next(iter(rules.checklist(installed.library().programs["us-wotc"])))
    await cases.tick(people.alice, case, first, done=True)
    await cases.tick(people.alice, case, first, done=False)
    async with transaction(read_only=True):
        assert await fetch_value("select done_at from case_item where item = $1", first) is None
    with pytest.raises(Invalid):
        await cases.tick(people.alice, case, "nonsense", done=True)


async def test_another_boards_case_does_not_exist_for_them(case, people):
    for act in (moved(people.charlie, case, "withdrawn", reason="x"), cases.take_over(people.charlie, case, TODAY)):
        with pytest.raises(NotFound):
            await act
    with pytest.raises(Denied):
        await moved(people.walter, case, "withdrawn", reason="x")


async def test_a_merge_of_employers_takes_cases_along_and_brings_them_back(case, people, employers):
    merge = await merging.merge(people.alice, employers.franks, employers.erins, {})
    assert (await row(case))["employer_id"] == employers.franks
    await merging.undo(people.alice, merge)
    assert (await row(case))["employer_id"] == employers.erins


# ── days to keep ──


async def task_of(program, employer):
    await program.worker().run_until_idle()
    async with transaction(read_only=True):
        return [tuple(each) for each in await fetch(
            "select t.title, t.due, a.name, t.done_at is null and t.dropped_at is null as open from task t left join account a on a.id = t.assignee_id "
            "where t.employer_id = $1 and t.obligation like 'incentives.cases:%' order by t.created_at", employer)]  # fmt: skip


async def test_the_28_days_are_a_task_of_the_owner_that_follows_the_first_day_and_goes_when_it_is_sent(case, hire, people, employers, program):
    await engagements.start(people.alice, employers.erins)
    said = "Incentive case: Form 8850 with ETA Form 9061 or 9062 at the state workforce agency"
    assert await task_of(program, employers.erins) == [(said, date(2025, 10, 29), "Alice", True)]
    version = await _version(hire)
    await hires.change(people.alice, hire, HireForm(label="R.L.", job_title="Baker", starts_on=date(2025, 10, 3), version=version))
    assert await task_of(program, employers.erins) == [(said, date(2025, 10, 31), "Alice", True)]
    assert (await row(case))["due"] == date(2025, 10, 31)
    await evidence(people.alice, case)
    await moved(people.alice, case, "submitted")
    assert await task_of(program, employers.erins) == [(said, date(2025, 10, 31), "Alice", False)]


async def _version(hire):
    async with transaction(read_only=True):
        return await fetch_value("select version from hire where id = $1", hire)


async def test_a_case_without_a_first_day_has_nothing_due(program, people, employers):
    hire = await hires.add(people.alice, employers.erins, HireForm(label="R.L."))
    await cases.open_case(people.alice, hire, "us-wotc", TODAY)
    async with transaction(read_only=True):
        assert await duties.falling_due([employers.erins], TODAY) == []


# ── what changes ──


@pytest.fixture
def law(tmp_path, program, monkeypatch):
    """A small program of one's own, whose law can be made anew: `law(since, state)`."""

    def make(amount):
        folder = tmp_path / str(amount)
        for name in ("parameters/bonus", "programs"):
            (folder / name).mkdir(parents=True)
        (folder / "parameters/bonus/most.yaml").write_text(
            f"description: {{en: The bonus., es: El bono.}}\nunit: USD\nvalues:\n  2020-01-01: {amount}\nreference:\n  - {{title: 'Act 1'}}\n")
        (folder / "programs/bonus.yaml").write_text(
            "id: us-bonus\nname: {en: Bonus, es: Bono}\njurisdiction: US\nkind: grant\nagency: Agency\nlaw: Act 1\ndate_key: work_start\n"
            "status:\n  - {since: 2020-01-01, state: active, says: {en: In force., es: Vigente.}, citation: Act 1}\nconditions: []\n"
            "amount:\n  - {step: bonus, is: law.bonus.most, what: {en: The bonus, es: El bono}, citation: Act 1}\nreference:\n  - {title: 'Act 1'}\n")
        library = Library()
        library.add(folder)
        monkeypatch.setitem(active().__dict__, "_rules", library)

    return make


async def test_a_law_that_changed_since_is_found_by_night_and_can_be_taken_over(law, hire, people, program):
    law(1000)
    case, _new = await cases.open_case(people.alice, hire, "us-bonus", TODAY)
    assert await night(program) == (1, 0)
    law(1500)
    assert await night(program) == (1, 1)
    assert await night(program) == (1, 0)  # run twice, the second finds nothing to do
    async with transaction(read_only=True):
        listed = await case_listing.cases(people.alice, Filters(law="changed"), TODAY)
        found = await rechecking.answer_now("us-bonus", (await _row(case))["estimate_id"])
    assert [each["id"] for each in listed] == [case]
    assert (found.then["amount"], found.now["amount"], found.known_on) == ("1000.00", "1500.00", TODAY)
    await cases.take_over(people.alice, case, TODAY)
    after = await row(case)
    assert (after["estimated"], after["law_changed_on"]) == (Decimal("1500.00"), None)
    assert await night(program) == (1, 0)


async def _row(case):
    return await fetch_one("select * from incentive_case where id = $1", case)


async def night(program):
    async with acting(SYSTEM, "test.night") as act:
        job = await act.enqueue("incentives.recheck", {}, title="x")
        act.record("job", job)
    await program.worker().run_until_idle()
    async with transaction(read_only=True):
        done = await fetch_one("select state, result from job where id = $1", job)
    assert done["state"] == "done"
    return done["result"]["cases"], done["result"]["marked"]


async def test_a_changed_answer_is_no_changed_law(case, hire, people, program):
    await hires.tell(people.alice, hire, {"first_year_hours": "380"})
    assert await night(program) == (1, 0)
    assert (await row(case))["estimated"] == Decimal("2400.00")
    await cases.take_over(people.alice, case, TODAY)
    assert (await row(case))["estimated"] == Decimal("1500.00")


# ── the list ──


@pytest.fixture
async def several(program, people, employers):
    """Three cases: due soon, due later, and one without a day."""
    found = []
    for label, start in (("later", date(2025, 11, 1)), ("soon", date(2025, 10, 1)), ("none", None)):
        hire = await hires.add(people.alice, employers.erins, HireForm(label=label, starts_on=start))
        found.append((await cases.open_case(people.alice, hire, "us-wotc", TODAY))[0])
    return SimpleNamespace(later=found[0], soon=found[1], none=found[2])


async def listed(who, today=TODAY, **fields):
    async with transaction(read_only=True):
        return [each["label"] for each in await case_listing.cases(who, Filters(**fields), today)]


async def test_the_first_day_to_keep_stands_first_and_filters_narrow(several, people):
    assert await listed(people.alice) == ["soon", "later", "none"]
    assert await listed(people.alice, due="month") == ["soon"]
    assert await listed(people.alice, today=date(2025, 10, 30), due="past") == ["soon"]
    assert await listed(people.alice, today=date(2026, 1, 10), age="90") == ["soon", "later", "none"]
    assert await listed(people.alice, age="30") == []
    await moved(people.alice, several.none, "withdrawn", reason="x")
    assert await listed(people.alice) == ["soon", "later"] and await listed(people.alice, state="withdrawn") == ["none"]
    assert await listed(people.bob, whose="mine") == [] and await listed(people.charlie, state="all") == []
    assert await listed(people.alice, program="us-44") == [] and await listed(people.alice, q="bakery") == ["soon", "later"]


async def test_pages_of_the_list_join_without_a_gap(several, people):
    async with transaction(read_only=True):
        first = await case_listing.cases(people.alice, Filters(), TODAY, most=1)
        rest = await case_listing.cases(people.alice, Filters(), TODAY, after=case_listing.read(case_listing.written(first[0])))
    assert [each["label"] for each in (*first, *rest)] == ["soon", "later", "none"]
    with pytest.raises(Invalid):
        case_listing.read("nonsense")


async def test_the_days_to_keep_go_into_a_calendar(several, people, browse):
    text = (await browse(people.alice).get("/cases/calendar.ics")).text.replace("\r\n ", "")
    assert text.count("BEGIN:VEVENT") == 2 and "DTSTART;VALUE=DATE:20251029" in text and "SUMMARY:Work Opportunity Tax Credit: soon\\, " in text
    assert "BEGIN:VEVENT" not in (await browse(people.charlie).get("/cases/calendar.ics")).text
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from audit_entry where verb = 'list.exported' and outcome = 'disclosed'") == 2


async def test_the_list_leaves_as_a_file_with_what_it_shows(several, people):
    async with transaction(read_only=True):
        body = (await export(people.alice, case_listing.CASES, "due=month", "csv", today=TODAY, zone="America/New_York")).decode()
    lines = body.strip().splitlines()
    assert len(lines) == 2 and "soon" in lines[1] and "Work Opportunity Tax Credit" in lines[1] and "Being prepared" in lines[1]
