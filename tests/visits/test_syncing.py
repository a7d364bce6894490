"""Drafts of a phone: each is there once, whatever is sent again; what two changed is shown to a person, and nothing is lost."""

import asyncio
from uuid import UUID, uuid4

import pytest

from crm.employers import merging
from crm.engagements import tasks as to_do
from crm.engagements.forms import TaskForm
from tests.editing import EditForm
from tests.visits.conftest import CLOCK, lines, one, run, tasks, visits

# ── once ──


async def test_a_draft_is_there_once_however_often_it_is_sent(phone, people, employers):
    alices = phone(people.alice)
    draft = alices.type(employers.erins, next_step="Send the plan")
    for heard in (False, False, True, True):
        [taken] = await alices.send(draft, heard=heard)
        assert taken.state == "saved"
    assert (len(await visits()), len(await lines(employers.erins)), len(await tasks(employers.erins))) == (1, 1, 1)


async def test_also_when_two_tabs_send_it_at_once(phone, people, employers):
    alices = phone(people.alice)
    draft = alices.type(employers.erins)
    await asyncio.gather(*(alices.send(draft, heard=False) for _tab in range(6)))
    assert len(await visits()) == 1 and len(await lines(employers.erins)) == 1


async def test_one_that_cannot_be_taken_keeps_no_other_back(phone, people, employers):
    alices = phone(people.alice)
    good, bad, last = alices.type(employers.erins), alices.type(employers.erins, at="late"), alices.type(employers.franks)
    taken = await alices.send(good, bad, last)
    assert [each.state for each in taken] == ["saved", "look", "saved"]
    assert taken[1].fields.keys() == {"at"}
    alices.change(bad, at="16:00")
    assert [each.state for each in await alices.send(bad)] == ["saved"]
    assert len(await visits()) == 3


async def test_typed_on_while_the_first_answer_was_lost_it_is_a_change_and_no_conflict(phone, people, employers):
    alices = phone(people.alice)
    draft = alices.type(employers.erins, notes="Two slots")
    await alices.send(draft, heard=False)
    alices.change(draft, notes="Two slots, maybe three", next_step="Ask again")
    assert [each.state for each in await alices.send(draft)] == ["saved"]
    [visit] = await visits()
    assert visit["notes"] == "Two slots, maybe three" and [task["title"] for task in await tasks(employers.erins)] == ["Ask again"]


async def test_the_same_name_of_a_draft_on_anothers_phone_is_another_visit(phone, people, employers):
    shared = uuid4()
    for name in ("alice", "bob"):
        theirs = phone(getattr(people, name))
        await theirs.send(theirs.type(employers.erins, draft_id=shared, notes=name))
    assert [visit["notes"] for visit in await visits()] == ["alice", "bob"]


# ── what cannot be read ──


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 5000, b"{}", b'{"payload": 1}', b'{"payload": 1, "drafts": [{}]}',
                                  b'{"payload": 1, "drafts": [], "more": 1}', b'{"payload": 1, "drafts": [{"draft_id": "x", "values": {}}]}'])  # fmt: skip
async def test_what_no_device_of_ours_sends_is_refused_in_words(phone, people, body):
    browser = phone(people.alice).browser
    token = (await browser.get("/visits/data")).json()["token"]
    answer = await browser.post("/visits/sync", content=body, headers={"x-csrf-token": token, "accept": "application/json", "content-type": "application/json"})
    assert answer.status_code in {400, 422} and "stay on it" in answer.json()["detail"]


async def test_a_form_of_a_release_to_come_keeps_its_visits(phone, people, employers):
    browser = phone(people.alice).browser
    token = (await browser.get("/visits/data")).json()["token"]
    answer = await browser.post("/visits/sync", json={"payload": 2, "drafts": []}, headers={"x-csrf-token": token, "accept": "application/json"})
    assert answer.status_code == 422 and "another version" in answer.json()["detail"]


async def test_without_the_token_of_the_session_nothing_is_taken(phone, people, employers):
    alices, bobs = phone(people.alice), phone(people.bob)
    token = (await bobs.browser.get("/visits/data")).json()["token"]
    for headers in ({}, {"x-csrf-token": token}, {"x-csrf-token": "x"}):
        answer = await alices.browser.post("/visits/sync", json={"payload": 1, "drafts": []}, headers={"accept": "application/json", **headers})
        assert answer.status_code == 403


async def test_an_ended_session_is_told_apart_from_a_refusal(browse, people):
    answer = await browse().get("/visits/data", headers={"accept": "application/json"})
    assert answer.status_code == 401


# ── what changed meanwhile ──


async def test_an_employer_merged_meanwhile_leads_to_the_one_that_is_kept(phone, people, employers):
    alices = phone(people.alice)
    draft = alices.type(employers.erins)
    await merging.merge(people.alice, employers.franks, employers.erins, {})
    [taken] = await alices.send(draft)
    assert (taken.state, taken.employer["name"]) == ("saved", "Frank's Garage")
    assert len(await lines(employers.franks)) == 1


async def test_an_employer_archived_meanwhile_is_asked_for(phone, people, employers):
    alices = phone(people.alice)
    draft = alices.type(employers.erins)
    await run("update employer set archived_at = now() where id = $1", employers.erins)
    [taken] = await alices.send(draft)
    assert taken.state == "choose" and "Choose another one" in taken.detail and await visits() == []
    alices.change(draft, employer_id=str(employers.franks))
    assert [each.state for each in await alices.send(draft)] == ["saved"]


@pytest.mark.parametrize("employer", ["", "not-one", "00000000-0000-4000-8000-000000000001"])
async def test_without_an_employer_it_waits_for_one(phone, people, employers, employer):
    alices = phone(people.alice)
    [taken] = await alices.send(alices.type(employer))
    assert taken.state == "choose"


async def test_a_visit_taken_off_the_timeline_meanwhile_is_said_to_be(phone, people, employers):
    alices = phone(people.alice)
    draft = alices.type(employers.erins)
    await alices.send(draft)
    [line] = await lines(employers.erins)
    await alices.browser.submit(f"/activities/{line['id']}/remove", page="/today")
    alices.change(draft, notes="More")
    [taken] = await alices.send(draft)
    assert taken.state == "look" and "taken off the timeline" in taken.detail


async def test_a_task_done_by_a_colleague_meanwhile_is_done(phone, people, employers):
    task = await to_do.add_task(people.bob, TaskForm(title="Visit them"), employer_id=employers.erins)
    await to_do.finish_task(people.bob, task, CLOCK.today)
    alices = phone(people.alice)
    [taken] = await alices.send(alices.type(employers.erins, task_id=str(task), task_done="true"))
    assert taken.state == "saved"
    [kept] = await tasks(employers.erins)
    assert kept["done_by"] == people.bob.account_id


# ── two devices ──


@pytest.fixture
async def two(phone, people, employers):
    """A visit that Alice logged with her phone, changed by her on another device meanwhile: notes and outcome."""
    alices = phone(people.alice)
    draft = alices.type(employers.erins, next_step="Send the plan")
    await alices.send(draft)
    [visit] = await visits()
    form = await EditForm(alices.browser, f"/visits/{visit['id']}/edit").open()
    assert (await form.save(notes="Three slots", outcome="fine", on="2026-11-20")).status_code == 303
    return alices, draft, visit["id"]


async def test_different_fields_are_both_kept(two):
    alices, draft, _visit_id = two
    alices.change(draft, seen_safe="yes", next_step="Send the plan in Spanish")
    assert [each.state for each in await alices.send(draft)] == ["saved"]
    [visit] = await visits()
    assert (visit["notes"], visit["outcome"], visit["seen"], visit["next_title"]) == ("Three slots", "fine", {"seen_safe": "yes"}, "Send the plan in Spanish")


async def test_the_same_field_is_settled_by_a_person_who_sees_both(two):
    alices, draft, _visit_id = two
    alices.change(draft, notes="Four slots", seen_safe="yes")
    [taken] = await alices.send(draft)
    assert taken.state == "differs"
    [visit] = await visits()
    assert visit["notes"] == "Three slots" and visit["seen"] == {}, "nothing is overwritten before"
    page = (await alices.browser.get(taken.link)).text
    assert "Three slots" in page and "Four slots" in page and "The place is safe and supportive" in page
    assert "differs from what someone else saved" in (await alices.browser.get("/visits")).text
    version = page.partition('name="version" value="')[2].partition('"')[0]

    assert (await alices.browser.submit(taken.link, page=taken.link, version=version)).status_code == 422
    assert (await alices.browser.submit(taken.link, page=taken.link, version=version, notes="mine")).status_code == 303
    [visit] = await visits()
    assert (visit["notes"], visit["outcome"], visit["seen"]) == ("Four slots", "fine", {"seen_safe": "yes"})
    assert "already" in (await alices.browser.get(taken.link)).text


async def test_sent_again_after_it_was_settled_it_asks_no_more(two):
    alices, draft, _visit_id = two
    alices.change(draft, notes="Four slots")
    [taken] = await alices.send(draft, heard=False)
    again = (await alices.send(draft, heard=False))[0]
    assert again.link == taken.link, "one proposal for one draft"
    page = (await alices.browser.get(taken.link)).text
    version = page.partition('name="version" value="')[2].partition('"')[0]
    await alices.browser.submit(taken.link, page=taken.link, version=version, notes="theirs")
    assert [each.state for each in await alices.send(draft)] == ["saved"]
    [visit] = await visits()
    assert visit["notes"] == "Three slots"
    assert (await alices.browser.get("/visits/data")).json()["unsettled"] == []


async def test_what_changes_while_a_person_decides_is_looked_at_again(two):
    alices, draft, visit_id = two
    alices.change(draft, notes="Four slots")
    [taken] = await alices.send(draft)
    page = (await alices.browser.get(taken.link)).text
    version = page.partition('name="version" value="')[2].partition('"')[0]
    form = await EditForm(alices.browser, f"/visits/{visit_id}/edit").open()
    await form.save(notes="Five slots", on="2026-11-20")
    answer = await alices.browser.submit(taken.link, page=taken.link, version=version, notes="mine")
    assert answer.status_code == 422 and "Look at it again" in answer.text and "Five slots" in answer.text


async def test_a_next_task_that_a_colleague_moved_is_not_overwritten(two, people, employers):
    alices, draft, _visit_id = two
    [task] = await tasks(employers.erins)
    await to_do.change_task(people.bob, task["id"], TaskForm(title="Send the plan to Rosa", assignee_id=people.bob.account_id), task["version"])
    alices.change(draft, next_step="Bring the plan")
    [taken] = await alices.send(draft)
    assert taken.state == "differs"
    page = (await alices.browser.get(taken.link)).text
    assert "Send the plan to Rosa" in page and "Bring the plan" in page
    version = page.partition('name="version" value="')[2].partition('"')[0]
    await alices.browser.submit(taken.link, page=taken.link, version=version, next_step="mine")
    [task] = await tasks(employers.erins)
    assert (task["title"], task["assignee_id"]) == ("Bring the plan", people.bob.account_id)


async def test_a_task_that_a_colleague_dropped_stays_dropped_until_a_person_says_it_is_done(phone, people, employers):
    task = await to_do.add_task(people.bob, TaskForm(title="Visit them"), employer_id=employers.erins)
    await to_do.drop_task(people.bob, task)
    alices = phone(people.alice)
    [taken] = await alices.send(alices.type(employers.erins, task_id=str(task), task_done="true"))
    assert taken.state == "differs" and len(await lines(employers.erins)) == 1
    page = (await alices.browser.get(taken.link)).text
    version = page.partition('name="version" value="')[2].partition('"')[0]
    assert (await alices.browser.submit(taken.link, page=taken.link, version=version, task_done="mine")).status_code == 303
    kept = await one("select * from task where id = $1", task)
    assert kept["dropped_at"] is None and kept["done_at"] is not None


async def test_a_conflict_in_the_page_itself_shows_both_and_keeps_what_was_typed(two, browse, people):
    alices, _draft, visit_id = two
    form = await EditForm(alices.browser, f"/visits/{visit_id}/edit").open()
    other = await EditForm(browse(people.bob), f"/visits/{visit_id}/edit").open()
    await other.save(notes="Bob's notes", on="2026-11-20")
    answer = await form.save(notes="Alice's notes", on="2026-11-20")
    assert answer.status_code == 409 and "Bob&#39;s notes" in answer.text and "Alice&#39;s notes" in answer.text
    assert (await form.save(notes="Alice's notes", on="2026-11-20")).status_code == 303
    [visit] = await visits()
    assert visit["notes"] == "Alice's notes" and visit["updated_by"] == people.alice.account_id


async def test_another_boards_proposal_is_out_of_reach(two, browse, people):
    alices, draft, _visit_id = two
    alices.change(draft, notes="Four slots")
    [taken] = await alices.send(draft)
    charlie = browse(people.charlie)
    assert (await charlie.get(taken.link)).status_code == 404
    assert (await charlie.submit(taken.link, page="/today", version=1, notes="mine")).status_code == 404
    assert UUID(taken.link.rpartition("/")[2])
