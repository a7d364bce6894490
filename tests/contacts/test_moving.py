"""Someone changes jobs: one action with all that follows, kept in the history of both employers, taken back as one."""

from datetime import date, timedelta

import pytest

from crm.contacts import actions, consent, moving, roles
from crm.contacts.forms import ConsentForm, ContactForm, JobChangeForm, RoleForm
from crm.database import execute, fetch, fetch_one, fetch_value, transaction
from crm.days import agency_today
from crm.employers.matching.admitting import LikelyDuplicate
from crm.engagements import actions as engagements
from crm.engagements import tasks, timeline
from crm.errors import Conflict, Denied, Invalid
from tests.contacts.conftest import roles_of

TODAY = date(2026, 11, 23)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


async def leaves(people, rosa, **form):
    return await moving.change_job(people.alice, rosa.role, JobChangeForm(**{"left_on": YESTERDAY} | form), today=TODAY)


async def open_tasks():
    async with transaction(read_only=True):
        return await fetch("select * from task where dropped_at is null and done_at is null")


async def shape():
    """All that a job change may touch, but for the numbers of versions and what only grows."""
    async with transaction(read_only=True):
        found = {}
        for table in ("affiliation", "enrolment", "mailing_recipient", "consent", "contact_stop"):
            rows = await fetch(f"select to_jsonb(t) - 'version' - 'updated_at' as row from {table} t order by id")
            found[table] = [row["row"] for row in rows]
        found["contact"] = [row["row"] for row in await fetch("select to_jsonb(t) - 'version' - 'updated_at' as row from contact t order by id")]
        return found


async def test_ends_one_role_and_begins_the_other_and_keeps_both(rosa, people, employers):
    done = await leaves(people, rosa, employer_id=employers.franks, role="Shift lead", may_sign=True)
    old, new = await roles_of(rosa.id)
    assert (old["valid_to"], old["role"], new["name"], new["role"], new["may_sign"]) == (YESTERDAY, "Baker", "Frank's Garage", "Shift lead", True)
    assert new["valid_from"] == TODAY  # the day after the last one
    assert done.contact_id == rosa.id


async def test_both_employers_hear_of_it_on_their_timelines_and_so_does_the_persons(rosa, people, employers):
    await leaves(people, rosa, employer_id=employers.franks)

    async def told(kind, id):
        async with transaction(read_only=True):
            lines, _more = await timeline.timeline(people.alice, timeline.Subject(kind, id), timeline.Filters(), "America/New_York")
        return [line["verb"] for line in lines if line["verb"]]

    assert "contact.left" in await told("employer", employers.erins)
    assert "contact.joined" in await told("employer", employers.franks)
    assert {"contact.left", "contact.joined"} <= set(await told("contact", rosa.id))


async def test_the_old_employer_has_no_main_contact_and_whoever_looks_after_it_gets_a_task(rosa, people, employers):
    await engagements.start(people.alice, employers.erins)
    done = await leaves(people, rosa)
    [task] = await open_tasks()
    assert task["title"] == "Find a new main contact at Erin's Bakery"
    assert "Rosa Lima" in task["note"]
    assert done.without_main
    assert [role["is_primary"] for role in await roles_of(rosa.id)] == [False]


async def test_of_an_employer_that_no_board_works_with_there_is_no_task(rosa, people):
    await leaves(people, rosa)
    assert await open_tasks() == []


async def test_who_leaves_on_a_day_to_come_is_there_until_then(rosa, people, employers, browse):
    await leaves(people, rosa, left_on=date.today() + timedelta(days=9))
    page = (await browse(people.alice).get(f"/contacts/{rosa.id}")).text
    assert "Changed jobs" in page  # they still are there
    assert [role["is_primary"] for role in await roles_of(rosa.id)] == [True]
    async with transaction(read_only=True):
        assert await fetch_value("select valid_to > current_date from affiliation where contact_id = $1", rosa.id)


async def test_what_they_agreed_to_and_asked_for_stays_with_them(rosa, people, employers):
    await consent.record(people.alice, rosa.id, ConsentForm(given="no", channel="phone", how="said", words="Do not call me"))
    await leaves(people, rosa, employer_id=employers.franks)
    async with transaction(read_only=True):
        assert await fetch_value("select given from consent where contact_id = $1", rosa.id) is False


async def test_all_roles_at_the_employer_end_unless_only_one_did(rosa, people, employers):
    await roles.add_role(people.alice, rosa.id, employers.erins, RoleForm(role="Trainer"))
    await leaves(people, rosa, only_this=True)
    assert [(role["role"], role["valid_to"]) for role in await roles_of(rosa.id)] == [("Baker", YESTERDAY), ("Trainer", None)]
    trainer = (await roles_of(rosa.id))[1]
    await moving.change_job(people.alice, trainer["id"], JobChangeForm(left_on=YESTERDAY), today=TODAY)
    assert [role["valid_to"] for role in await roles_of(rosa.id)] == [YESTERDAY, YESTERDAY]


async def test_goes_to_an_employer_that_is_new(rosa, people):
    await leaves(people, rosa, new_name="Hill Works", new_city="Worcester", new_state="MA", role="Cook")
    assert [role["name"] for role in await roles_of(rosa.id)] == ["Erin's Bakery", "Hill Works"]


async def test_a_new_employer_that_is_here_already_is_named_and_nothing_changes(rosa, people):
    before = await shape()
    with pytest.raises(LikelyDuplicate, match="Frank's Garage"):
        await leaves(people, rosa, new_name="Frank's Garage", new_city="Worcester", new_state="MA")
    assert await shape() == before


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        ({"left_on": date(2019, 1, 1)}, "left_on", "left before they came"),
        ({"role": "Cook"}, "new_name", "Say which employer"),
        ({"email": "rosa at home", "new_name": "Hill Works"}, "email", "."),
        ({"new_name": "X"}, "new_name", "At least 2"),
    ],
    ids=["before they came", "no employer", "no mail address", "no name"],
)  # fmt: skip
async def test_refuses_with_the_field_and_changes_nothing(rosa, people, form, field, words):
    async with transaction():
        await execute("update affiliation set valid_from = '2020-01-01' where id = $1", rosa.role)
    before = await shape()
    with pytest.raises(Invalid, match=words) as refused:
        await leaves(people, rosa, **form)
    assert field in refused.value.fields
    assert await shape() == before


async def test_refuses_a_role_that_ended_or_was_changed_meanwhile(rosa, people):
    with pytest.raises(Conflict, match="changed this role meanwhile"):
        await leaves(people, rosa, version=7)
    await leaves(people, rosa)
    with pytest.raises(Conflict, match="ended on"):
        await leaves(people, rosa)


async def test_who_may_not_edit_is_refused(rosa, people):
    with pytest.raises(Denied):
        await moving.change_job(people.ana, rosa.role, JobChangeForm(left_on=YESTERDAY), today=TODAY)


# ── taken back ──


async def test_is_taken_back_as_one(rosa, people, employers):
    await engagements.start(people.alice, employers.erins)
    await actions.add_contact(people.alice, employers.franks, ContactForm(given_name="Luis", is_primary=True))
    before = await shape()
    done = await leaves(people, rosa, employer_id=employers.franks, role="Cook", is_primary=True, email="rosa@franks.example.org", phone="508-555-0177")
    assert await shape() != before
    await moving.undo(people.bob, done.id)
    assert await shape() == before
    assert await open_tasks() == []
    with pytest.raises(Conflict, match="taken back already"):
        await moving.undo(people.alice, done.id)


async def test_an_employer_that_was_made_for_it_goes_off_the_lists_unless_someone_worked_with_it(rosa, people):
    async def archived():
        async with transaction(read_only=True):
            return await fetch_value("select archived_at is not null from employer where name = 'Hill Works'")

    done = await leaves(people, rosa, new_name="Hill Works", new_city="Worcester", new_state="MA")
    await moving.undo(people.alice, done.id)
    assert await archived()


@pytest.mark.parametrize("what", ["old role", "new role", "email"])
async def test_is_refused_where_someone_changed_a_part_since_and_nothing_is_undone(rosa, people, employers, what):
    done = await leaves(people, rosa, employer_id=employers.franks, email="rosa@franks.example.org")
    old, new = await roles_of(rosa.id)
    role = {"old role": old, "new role": new, "email": new}[what]
    async with transaction(read_only=True):
        person = await fetch_one("select * from contact where id = $1", rosa.id)
    typed = {"given_name": "Rosa", "family_name": "Lima", "email": person["email"], "phone": person["phone"], "version": person["version"],
             **{name: role[name] for name in ("role", "is_primary", "valid_from", "valid_to")}}  # fmt: skip
    await actions.change_contact(people.bob, role["id"], ContactForm(**typed | ({"email": "rosa.lima@franks.example.org"} if what == "email" else {"role": "Owner"})))
    before = await shape()
    with pytest.raises(Conflict, match="since, so this cannot be taken back as one"):
        await moving.undo(people.alice, done.id)
    assert await shape() == before


async def test_a_task_that_was_done_stays(rosa, people, employers):
    await engagements.start(people.alice, employers.erins)
    done = await leaves(people, rosa)
    await tasks.finish_task(people.alice, (await open_tasks())[0]["id"], TODAY)
    await moving.undo(people.alice, done.id)
    async with transaction(read_only=True):
        assert await fetch_value("select dropped_at is null and done_at is not null from task")


# ── pages ──


async def test_from_the_employers_page_one_says_that_they_left_and_where_they_are(rosa, people, employers, browse):
    page = browse(people.alice)
    url = f"/affiliations/{rosa.role}/left"
    assert url in (await page.get(f"/employers/{employers.erins}")).text
    found = (await page.get(url, params={"q": "frank"}, headers={"hx-request": "true"})).text
    assert f"{url}?employer={employers.franks}" in found
    assert "<h1>" not in found
    assert "Now at Frank&#39;s Garage" in (await page.get(f"{url}?employer={employers.franks}")).text
    answer = await page.submit(url, left_on="2026-06-30", employer_id=str(employers.franks), role="Cook")
    assert answer.headers["location"] == f"/contacts/{rosa.id}"
    shown = (await page.get(f"/contacts/{rosa.id}")).text
    assert shown.index("Frank&#39;s Garage") < shown.index("Erin&#39;s Bakery")
    async with transaction(read_only=True):
        change = await fetch_value("select id from job_change")
    assert (await page.submit(f"/job-changes/{change}/undo")).headers["location"] == f"/contacts/{rosa.id}"
    assert len(await roles_of(rosa.id)) == 1


async def test_the_form_comes_back_with_what_was_typed(rosa, people, browse):
    page = browse(people.alice)
    url = f"/affiliations/{rosa.role}/left"
    assert "Legal name of the new employer" in (await page.get(f"{url}?new=yes")).text
    answer = await page.submit(url, left_on="2026-06-30", new_name="", new_city="Lynn", role="Cook")
    assert answer.status_code == 422
    assert "Lynn" in answer.text
    assert "Please fill this in." in answer.text


async def test_the_employers_page_says_that_no_one_is_the_main_contact(rosa, people, employers, browse):
    page = browse(people.alice)
    assert "No main contact now" not in (await page.get(f"/employers/{employers.erins}")).text
    await leaves(people, rosa, left_on=agency_today() - timedelta(days=1))
    assert "No main contact now" in (await page.get(f"/employers/{employers.erins}")).text


# ── for programs ──


async def test_a_program_changes_a_job_and_reads_all_roles(rosa, people, employers, browse):
    from tests.web.api import ROOT, is_problem, token_of

    program = browse()
    headers = {"authorization": f"Bearer {await token_of(people.alice)}", "idempotency-key": "one"}
    body = {"left_on": "2026-06-30", "employer_id": str(employers.franks), "role": "Cook"}
    made = await program.post(f"{ROOT}/contacts/{rosa.role}/job-changes", json=body, headers=headers)
    assert made.status_code == 201
    again = await program.post(f"{ROOT}/contacts/{rosa.role}/job-changes", json=body, headers=headers)
    assert (again.json(), again.headers["idempotency-replayed"]) == (made.json(), "true")
    assert (made.json()["now"]["role"], made.json()["now"]["valid_from"]) == ("Cook", "2026-07-01")
    listed = (await program.get(f"{ROOT}/people/{rosa.id}/contacts", headers=headers)).json()["items"]
    assert {(role["employer_id"], role["role"], role["valid_to"]) for role in listed} == {
        (str(employers.erins), "Baker", "2026-06-30"), (str(employers.franks), "Cook", None)}
    refused = await program.post(f"{ROOT}/contacts/{rosa.role}/job-changes", json=body, headers=headers | {"idempotency-key": "two"})
    is_problem(refused, 409, "conflict")


async def test_a_program_takes_a_change_of_jobs_back_as_the_page_does(rosa, people, employers, browse):
    from tests.web.api import ROOT, is_problem, token_of

    program = browse()
    headers = {"authorization": f"Bearer {await token_of(people.alice)}"}
    listed = f"{ROOT}/people/{rosa.id}/contacts"
    before = (await program.get(listed, headers=headers)).json()["items"]
    body = {"left_on": "2026-06-30", "employer_id": str(employers.franks), "role": "Cook"}
    made = (await program.post(f"{ROOT}/contacts/{rosa.role}/job-changes", json=body, headers=headers)).json()
    assert made["undone_at"] is None

    undo = f"{ROOT}/job-changes/{made['id']}/undo"
    undone = await program.post(undo, headers=headers | {"idempotency-key": "back"})
    assert undone.status_code == 201 and undone.json()["undone_at"] and undone.json()["now"] is None
    again = await program.post(undo, headers=headers | {"idempotency-key": "back"})
    assert (again.json(), again.headers["idempotency-replayed"]) == (undone.json(), "true")
    is_problem(await program.post(undo, headers=headers), 409, "conflict")
    after = (await program.get(listed, headers=headers)).json()["items"]
    assert [(role["id"], role["role"], role["valid_to"], role["is_primary"]) for role in after] == [
        (role["id"], role["role"], role["valid_to"], role["is_primary"]) for role in before]
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from audit_entry where verb = 'contact.move_undone'") > 0
