"""A visit is logged by an ordinary form: once, on the timeline, with its task done and what comes next as a task."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from crm.database import fetch, transaction
from crm.days import agency_today
from crm.engagements import activities
from crm.engagements import tasks as to_do
from crm.engagements.forms import TaskForm
from tests.editing import EditForm
from tests.visits.conftest import SEEN, lines, one, run, tasks, visits

FORM = "/visits/new"


@pytest.fixture
def alice(browse, people):
    return browse(people.alice)


async def test_a_visit_is_a_line_on_the_timeline_in_words(alice, employers):
    answer = await alice.submit(FORM, draft_id=uuid4(), employer_id=employers.erins, **SEEN, seen_safe="yes", seen_mentor="no")
    assert answer.headers["location"] == f"/employers/{employers.erins}"
    [line] = await lines(employers.erins)
    assert (line["kind"], line["direction"], line["at"].isoformat()) == ("visit", "out", "2026-11-20T19:05:00+00:00")
    assert line["summary"] == "We agreed what comes next. Two slots in spring"
    assert line["body"] == "Two slots in spring\n\nSeen: The place is safe and supportive.\nNot there yet: The learner has a mentor."
    assert "Two slots in spring" in (await alice.get(f"/employers/{employers.erins}")).text


async def test_others_hear_of_it_and_it_is_on_record(alice, people, employers):
    await alice.submit(FORM, draft_id=uuid4(), employer_id=employers.erins, **SEEN)
    [line] = await lines(employers.erins)
    async with transaction(read_only=True):
        told = await fetch("select name, subject from event where name = 'activity_logged'")
        kept = await fetch("select verb, subject_kind, board_id, employer_id from audit_entry where verb = 'visit.logged' order by subject_kind")
    assert told[0]["subject"]["activity_id"] == str(line["id"])
    assert [(row["subject_kind"], row["board_id"], row["employer_id"]) for row in kept] == [
        ("activity", min(people.alice.board_ids), employers.erins), ("visit", min(people.alice.board_ids), employers.erins)]  # fmt: skip


async def test_sent_twice_it_is_there_once(alice, employers):
    """A double press, or a page that is loaded again."""
    sent = {"draft_id": uuid4(), "employer_id": employers.erins, **SEEN, "next_step": "Send the plan"}
    for _time in range(3):
        assert (await alice.submit(FORM, **sent)).status_code == 303
    assert (len(await visits()), len(await lines(employers.erins)), len(await tasks(employers.erins))) == (1, 1, 1)


async def test_its_task_is_done_and_what_comes_next_is_a_task(alice, people, employers):
    task = await to_do.add_task(people.alice, TaskForm(title="Visit them"), employer_id=employers.erins)
    page = (await alice.get(f"{FORM}?employer={employers.erins}&task={task}")).text
    assert "Visit them" in page and str(task) in page
    await alice.submit(FORM, draft_id=uuid4(), employer_id=employers.erins, task_id=task, task_done="true", **SEEN, next_step="Send the plan", next_due="2026-12-01")
    first, following = await tasks(employers.erins)
    assert first["done_at"] is not None
    assert (following["title"], following["due"], following["assignee_id"]) == ("Send the plan", date(2026, 12, 1), people.alice.account_id)


async def test_a_day_to_come_is_no_visit_yet(alice, employers):
    answer = await alice.submit(FORM, draft_id=uuid4(), employer_id=employers.erins, **SEEN | {"on": (date.today() + timedelta(days=2)).isoformat()})
    assert answer.status_code == 422 and "This day is still to come" in answer.text and "Two slots in spring" in answer.text
    assert await visits() == []


@pytest.mark.parametrize("wrong", [{"at": "25:00"}, {"outcome": "great"}, {"contact_id": "00000000-0000-4000-8000-000000000001"}, {"on": "yesterday"}, {"nonsense": "1"}, {"task_id": "x"}])
async def test_what_is_wrong_is_said_and_what_was_typed_stays(alice, employers, wrong):
    answer = await alice.submit(FORM, **{"draft_id": uuid4(), "employer_id": employers.erins, **SEEN, **wrong})
    assert answer.status_code == 422 and "Two slots in spring" in answer.text and "Please check" in answer.text
    assert await lines(employers.erins) == []


async def test_a_task_about_another_employer_is_refused(alice, people, employers):
    other = await to_do.add_task(people.alice, TaskForm(title="Elsewhere"), employer_id=employers.franks)
    answer = await alice.submit(FORM, draft_id=uuid4(), employer_id=employers.erins, task_id=other, task_done="true", **SEEN)
    assert answer.status_code == 422 and "about another employer" in answer.text


async def test_someone_whom_they_met_is_one_of_theirs(alice, employers):
    async def person(name, employer):
        contact = (await one("select gen_random_uuid() as id"))["id"]
        await run("insert into contact (id, given_name) values ($1, $2)", contact, name)
        await run("insert into affiliation (contact_id, employer_id) values ($1, $2)", contact, employer)
        return contact

    rosa, hugo = await person("Rosa", employers.erins), await person("Hugo", employers.franks)
    page = (await alice.get(f"{FORM}?employer={employers.erins}")).text
    assert "Rosa" in page and "Hugo" not in page
    assert (await alice.submit(FORM, draft_id=uuid4(), employer_id=employers.erins, contact_id=hugo, **SEEN)).status_code == 422
    assert (await alice.submit(FORM, draft_id=uuid4(), employer_id=employers.erins, contact_id=rosa, **SEEN)).status_code == 303
    assert [line["contact_id"] for line in await lines(employers.erins)] == [rosa]


async def test_an_employer_that_was_merged_leads_to_the_one_that_is_kept(alice, people, employers):
    from crm.employers import merging

    await merging.merge(people.alice, employers.franks, employers.erins, {})
    assert "Frank&#39;s Garage" in (await alice.get(f"{FORM}?employer={employers.erins}")).text
    await alice.submit(FORM, draft_id=uuid4(), employer_id=employers.erins, **SEEN)
    assert len(await lines(employers.franks)) == 1


async def test_an_employer_that_is_archived_is_said_to_be_gone(alice, employers):
    await run("update employer set archived_at = now() where id = $1", employers.erins)
    answer = await alice.get(f"{FORM}?employer={employers.erins}", follow_redirects=True)
    assert "is not in the directory any more" in answer.text and answer.url.path == "/visits"


async def test_the_start_page_shows_what_is_due_and_whom_one_was_with(alice, browse, people, employers):
    await to_do.add_task(people.alice, TaskForm(title="Visit them", due=agency_today()), employer_id=employers.erins)
    await activities.log_activity(people.alice, employers.franks, _call(), zone="UTC", today=date.today())
    await alice.submit(FORM, draft_id=uuid4(), employer_id=employers.erins, **SEEN)
    page = (await alice.get("/visits")).text
    assert page.index("Due today") < page.index("Visit them") < page.index("Lately") < page.index("Frank&#39;s Garage") < page.index("Your visits of the last")
    theirs = (await browse(people.charlie).get("/visits")).text
    assert "Visit them" not in theirs and "Frank" not in theirs


def _call():
    from crm.engagements.forms import ActivityForm

    return ActivityForm(kind="call", summary="Asked")


async def test_any_employer_is_found_by_a_part_of_its_name(alice, employers):
    page = (await alice.get("/visits?q=garage")).text
    assert f"/visits/new?employer={employers.franks}" in page


async def test_a_visit_is_changed_with_its_line_and_its_next_task(alice, employers):
    await alice.submit(FORM, draft_id=uuid4(), employer_id=employers.erins, **SEEN, next_step="Send the plan")
    [visit] = await visits()
    form = await EditForm(alice, f"/visits/{visit['id']}/edit").open()
    answer = await form.save(outcome="problem", notes="The saw has no guard", at="09:30", next_step="Ask about the guard", on="2026-11-20")
    assert answer.status_code == 303, answer.text
    [line] = await lines(employers.erins)
    assert line["summary"] == "Something must be put right. The saw has no guard" and line["at"].isoformat() == "2026-11-20T14:30:00+00:00"
    assert [task["title"] for task in await tasks(employers.erins)] == ["Ask about the guard"]


async def test_no_one_of_another_board_reads_or_changes_it(browse, people, alice, employers):
    await alice.submit(FORM, draft_id=uuid4(), employer_id=employers.erins, **SEEN)
    [visit] = await visits()
    charlie = browse(people.charlie)
    assert (await charlie.get(f"/visits/{visit['id']}/edit")).status_code == 404
    assert (await charlie.submit(f"/visits/{visit['id']}/edit", page="/today", **SEEN, version=1)).status_code == 404


async def test_a_visit_that_was_taken_off_the_timeline_is_gone_here_too(alice, employers):
    await alice.submit(FORM, draft_id=uuid4(), employer_id=employers.erins, **SEEN)
    [visit] = await visits()
    await alice.submit(f"/activities/{visit['activity_id']}/remove", page="/today")
    assert (await alice.get(f"/visits/{visit['id']}/edit")).status_code == 404
    assert "Your visits of the last" not in (await alice.get("/visits")).text
    await alice.submit(f"/activities/{visit['activity_id']}/restore", page="/today")
    assert (await alice.get(f"/visits/{visit['id']}/edit")).status_code == 200


async def test_a_line_that_someone_wrote_anew_keeps_its_words(alice, people, employers):
    from crm.engagements.forms import ActivityForm

    await alice.submit(FORM, draft_id=uuid4(), employer_id=employers.erins, **SEEN)
    [line] = await lines(employers.erins)
    said = ActivityForm(kind="visit", summary="Met the owner's brother", body="He decides.", direction="out", outcome="interested")
    await activities.change_activity(people.alice, line["id"], said, line["version"], zone="UTC", today=date.today())
    [visit] = await visits()
    form = await EditForm(alice, f"/visits/{visit['id']}/edit").open()
    assert (await form.save(outcome="refused", on="2026-11-20")).status_code == 303
    [line] = await lines(employers.erins)
    assert (line["summary"], line["body"], line["outcome"]) == ("Met the owner's brother", "He decides.", "declined")
