"""What is to be done: whose, by when, again; in the app, by a morning mail, and in a person's own calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from crm import mail
from crm.accounts import actions as accounts
from crm.database import fetch, fetch_one, fetch_value, transaction
from crm.engagements import actions, agenda, calendar_feed, digest, tasks
from crm.engagements.forms import NextStepForm, TaskForm
from crm.engagements.rules import next_due
from crm.errors import Conflict, Denied, Invalid, NotFound

TODAY = date(2026, 11, 23)  # a Monday


async def row(task_id):
    async with transaction(read_only=True):
        return await fetch_one("select * from task where id = $1", task_id)


async def open_titles(actor, **filters):
    async with transaction(read_only=True):
        return [task["title"] for task in await agenda.tasks(actor, agenda.Filters(**filters))]


# ── again and again ──


@pytest.mark.parametrize(
    ("due", "repeats", "today", "then"),
    [
        ("2026-11-23", "daily", "2026-11-23", "2026-11-24"), ("2026-11-20", "daily", "2026-11-23", "2026-11-24"),
        ("2026-11-23", "weekly", "2026-11-23", "2026-11-30"), ("2026-11-02", "weekly", "2026-11-23", "2026-11-30"),
        ("2026-11-30", "weekly", "2026-11-23", "2026-12-07"), ("2026-01-31", "monthly", "2026-02-01", "2026-02-28"),
        ("2026-11-30", "quarterly", "2026-11-23", "2027-02-28"), ("2024-02-29", "yearly", "2024-02-29", "2025-02-28"),
        ("2020-02-29", "yearly", "2023-03-01", "2024-02-29"), ("2026-12-31", "monthly", "2026-12-31", "2027-01-31"),
    ],
)  # fmt: skip
def test_the_next_day_of_what_repeats(due, repeats, today, then):
    due, today, then = (date.fromisoformat(each) for each in (due, today, then))
    assert next_due(due, repeats, due.day, today) == then


def test_the_last_of_a_month_stays_the_last():
    days, due = [], date(2026, 1, 31)
    for _time in range(4):
        due = next_due(due, "monthly", 31, due)
        days.append(due)
    assert days == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]


@given(due=st.dates(date(2000, 1, 1), date(2100, 1, 1)), late=st.integers(0, 2000),
       repeats=st.sampled_from(["daily", "weekly", "monthly", "quarterly", "yearly"]))  # fmt: skip
def test_the_next_day_is_to_come_and_no_later_than_one_turn(due, late, repeats):
    today = due + timedelta(days=late)
    found = next_due(due, repeats, due.day, today)
    longest = {"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 92, "yearly": 366}[repeats]
    assert today < found <= today + timedelta(days=longest)


async def test_done_brings_the_next_and_undo_takes_it_away(people, employers, program):
    first = await tasks.add_task(people.alice, TaskForm(title="Ask about summer", due=TODAY, repeats="weekly"), employer_id=employers.erins)
    await tasks.finish_task(people.alice, first, TODAY)
    async with transaction(read_only=True):
        [following] = await fetch("select * from task where follows_id = $1", first)
    kept = ("title", "employer_id", "assignee_id", "repeats", "board_id")
    assert [following[key] for key in kept] == [(await row(first))[key] for key in kept]
    assert following["due"] == TODAY + timedelta(days=7)

    await tasks.finish_task(people.alice, first, TODAY, undo=True)
    assert await open_titles(people.alice) == ["Ask about summer"]
    await tasks.finish_task(people.alice, first, TODAY)
    assert await open_titles(people.alice) == ["Ask about summer"]
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from task where follows_id = $1 and dropped_at is null", first) == 1


async def test_done_twice_brings_one(people, program):
    first = await tasks.add_task(people.alice, TaskForm(title="Call", due=TODAY, repeats="daily"))
    for _time in range(2):
        await tasks.finish_task(people.alice, first, TODAY)
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from task") == 2


async def test_what_repeats_needs_its_first_day(people, program):
    with pytest.raises(Invalid, match="due first"):
        await tasks.add_task(people.alice, TaskForm(title="Call", repeats="daily"))


# ── whose, and what becomes of them ──


async def test_the_lists_are_mine_my_boards_and_no_ones(people, program):
    await tasks.add_task(people.alice, TaskForm(title="Alice's"))
    await tasks.add_task(people.alice, TaskForm(title="Bob's", assignee_id=people.bob.account_id))
    await tasks.add_task(people.charlie, TaskForm(title="Charlie's"))
    assert await open_titles(people.alice) == ["Alice's"]
    assert set(await open_titles(people.alice, whose="board")) == {"Alice's", "Bob's"}
    assert await open_titles(people.bob) == ["Bob's"]


async def test_what_is_no_ones_is_its_own_boards_alone(people, program):
    task = await tasks.add_task(people.alice, TaskForm(title="Anyone?"))
    await tasks.change_task(people.alice, task, TaskForm(title="Anyone?"), 1)
    assert [await open_titles(who, whose="none") for who in (people.bob, people.charlie)] == [["Anyone?"], []]


async def test_a_dropped_task_is_off_every_list_and_comes_back(people, employers, program, browse):
    task = await tasks.add_task(people.alice, TaskForm(title="Send flyer", due=TODAY), employer_id=employers.erins)
    await tasks.drop_task(people.bob, task)
    assert await open_titles(people.alice) == []
    assert await open_titles(people.alice, state="dropped") == ["Send flyer"]
    assert "Send flyer" not in (await browse(people.alice).get(f"/employers/{employers.erins}")).text
    await tasks.drop_task(people.alice, task, restore=True)
    assert await open_titles(people.alice) == ["Send flyer"]


async def test_two_who_change_one_task_lose_nothing(people, program):
    task = await tasks.add_task(people.alice, TaskForm(title="Send flyer"))
    await tasks.change_task(people.alice, task, TaskForm(title="Send the new flyer"), 1)
    with pytest.raises(Conflict):
        await tasks.change_task(people.bob, task, TaskForm(title="Send both flyers"), 1)
    assert (await row(task))["title"] == "Send the new flyer"


@pytest.mark.parametrize("verb", ["change", "finish", "drop"])
async def test_no_one_else_touches_a_boards_tasks(people, program, verb):
    task = await tasks.add_task(people.alice, TaskForm(title="Send flyer"))
    tried = {"change": lambda: tasks.change_task(people.charlie, task, TaskForm(title="x"), 1),
             "finish": lambda: tasks.finish_task(people.charlie, task, TODAY), "drop": lambda: tasks.drop_task(people.charlie, task)}  # fmt: skip
    with pytest.raises((NotFound, Denied)):
        await tried[verb]()


# ── my day ──


async def test_a_day_has_tasks_and_next_steps_in_their_groups(people, employers, program):
    engagement = await actions.start(people.alice, employers.erins)
    await actions.plan(people.alice, engagement, NextStepForm(next_step="Visit", next_step_due=TODAY, owner_id=people.alice.account_id, version=1))
    for title, due in (("Late", TODAY - timedelta(days=1)), ("Soon", TODAY + timedelta(days=7)), ("Later", TODAY + timedelta(days=8)), ("Some day", None)):
        await tasks.add_task(people.alice, TaskForm(title=title, due=due))
    async with transaction(read_only=True):
        groups = agenda.grouped(await agenda.items(people.alice, "name_en"), TODAY)
    assert {name: [item.title for item in items] for name, items in groups.items()} == {
        "overdue": ["Late"], "today": ["Visit"], "week": ["Soon"], "later": ["Later"], "undated": ["Some day"]}  # fmt: skip


async def test_the_page_adds_changes_and_finishes(people, browse):
    page = browse(people.alice)
    assert (await page.submit("/tasks", title="Order name tags")).status_code == 303
    assert "Order name tags" in (await page.get("/today")).text
    wrong = await page.submit("/tasks", title="", repeats="weekly")
    assert (wrong.status_code, "Please fill this in" in wrong.text) == (422, True)
    async with transaction(read_only=True):
        task = await fetch_value("select id from task")
    saved = await page.submit(f"/tasks/{task}/edit", title="Order 40 name tags", version="1")
    assert saved.status_code == 303
    stale = await page.submit(f"/tasks/{task}/edit", title="Order 50 name tags", version="1")
    assert stale.status_code == 422 and "Order 50 name tags" in stale.text and 'name="version" value="2"' in stale.text
    await page.submit(f"/tasks/{task}/done")
    assert "Nothing is waiting" in (await page.get("/today")).text


# ── the morning mail ──


@pytest.fixture
async def mailing(program):
    """The program with mail that leaves; what waits to be sent."""
    settings = program.settings
    environment, _old = mail._environment[0]
    from msgspec.structs import replace

    mail._environment[:] = [(environment, replace(settings, smtp_url="smtp://localhost:1", time_zone="America/New_York"))]
    yield
    mail._environment[:] = [(environment, settings)]


async def mails():
    async with transaction(read_only=True):
        return await fetch("select * from mail_message where template = 'digest' order by to_address")


def at(text):
    return lambda: datetime.fromisoformat(text).replace(tzinfo=UTC)


async def test_a_morning_mail_says_how_much_with_whom_and_not_what(people, employers, mailing):
    await tasks.add_task(people.alice, TaskForm(title="Ask about Maria's diabetes", due=TODAY), employer_id=employers.erins)
    await tasks.add_task(people.alice, TaskForm(title="Old", due=TODAY - timedelta(days=3)))
    assert await digest.send(None, now=at("2026-11-23T12:30")) == {"mails": 1}
    [sent] = await mails()
    assert (sent["to_address"], sent["subject"]) == ("alice@example.org", "1 overdue, 1 due today")
    assert "Erin's Bakery: 1" in sent["text_body"] and "/today" in sent["text_body"]
    assert "Maria" not in sent["text_body"] + sent["html_body"]


async def test_it_comes_once_a_day_on_working_days_and_only_with_something_due(people, mailing):
    await tasks.add_task(people.alice, TaskForm(title="Some day", due=TODAY + timedelta(days=30)))
    assert await digest.send(None, now=at("2026-11-23T12:30")) == {"mails": 0}
    await tasks.add_task(people.alice, TaskForm(title="Soon", due=TODAY + timedelta(days=3)))
    assert [(await digest.send(None, now=at("2026-11-23T13:00")))["mails"], (await digest.send(None, now=at("2026-11-23T13:00")))["mails"]] == [1, 0]
    assert await digest.send(None, now=at("2026-11-28T12:30")) == {"mails": 0}  # a Saturday
    assert await digest.send(None, now=at("2026-11-24T03:00")) == {"mails": 0}  # still Monday in Boston
    assert await digest.send(None, now=at("2026-11-24T12:30")) == {"mails": 1}


async def test_who_does_without_or_may_no_longer_gets_none(people, mailing, browse):
    for who in (people.alice, people.bob):
        await tasks.add_task(who, TaskForm(title="Call", due=TODAY))
    assert (await browse(people.alice).submit("/tasks/reminders/mail", digest="off")).status_code == 303
    await accounts.disable(people.sam, people.bob.account_id)
    assert await digest.send(None, now=at("2026-11-23T12:30")) == {"mails": 0}


# ── in a calendar ──


async def read(browse, secret):
    return await browse().get(f"/calendars/{secret}/tasks.ics")


async def test_a_calendar_reads_the_days_by_its_link(people, employers, browse):
    await tasks.add_task(people.alice, TaskForm(title="Send flyer, soon", due=TODAY, note="Line 1\nLine 2"), employer_id=employers.erins)
    await tasks.add_task(people.alice, TaskForm(title="Some day"))
    await tasks.add_task(people.bob, TaskForm(title="Bob's", due=TODAY))
    answer = await read(browse, await calendar_feed.make(people.alice))

    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["cache-control"] == "no-store"
    [event] = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (event["summary"], event["dtstart"].dt, event["dtend"].dt) == ("Send flyer, soon (Erin's Bakery)", TODAY, TODAY + timedelta(days=1))
    assert event["description"] == "Line 1\nLine 2"
    assert event["url"] == f"http://crm.test/employers/{employers.erins}"


async def test_an_event_keeps_its_name_from_one_reading_to_the_next(people, browse):
    task = await tasks.add_task(people.alice, TaskForm(title="Send flyer", due=TODAY))
    secret = await calendar_feed.make(people.alice)
    names = []
    for version, due in ((1, TODAY), (2, TODAY + timedelta(days=1))):
        names.append([event["uid"] for event in Calendar.from_ical((await read(browse, secret)).content).walk("VEVENT")])
        await tasks.change_task(people.alice, task, TaskForm(title="Send flyer", due=due + timedelta(days=1), assignee_id=people.alice.account_id),
                                version)  # fmt: skip
    assert names[0] == names[1]


async def test_a_link_ends_when_it_is_taken_back_made_anew_or_its_person_goes(people, browse):
    first = await calendar_feed.make(people.alice)
    second = await calendar_feed.make(people.alice)
    assert [(await read(browse, each)).status_code for each in (first, second, "x" * 43)] == [404, 200, 404]
    await calendar_feed.take_back(people.alice)
    assert (await read(browse, second)).status_code == 404
    third = await calendar_feed.make(people.alice)
    await accounts.disable(people.sam, people.alice.account_id)
    assert (await read(browse, third)).status_code == 404


async def test_the_link_is_shown_once_and_kept_as_a_hash(people, browse, superuser):
    page = browse(people.alice)
    shown = (await page.submit("/tasks/reminders/calendar")).text
    secret = shown.partition("/calendars/")[2].partition("/tasks.ics")[0]
    assert len(secret) == 43 and (await read(browse, secret)).status_code == 200
    assert secret not in (await page.get("/tasks/reminders")).text
