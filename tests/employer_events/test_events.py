"""Events for employers: when they are, who sees them, who came on the day and what stands on the timeline once, and what is forgotten."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import housekeeping
from crm.database import execute, fetch, fetch_value, transaction
from crm.employer_events import answering, events, guests, listing, telling
from crm.employer_events.forms import MatchForm, SignUpForm, WalkInForm
from crm.employer_events.rules import Wait, moment_of, moves_up, reminder_day
from crm.engagements import courtesy
from crm.engagements.forms import StopForm
from crm.errors import Conflict, Denied, Invalid
from tests.employer_events.fair import ZONE, fair, invited, linked, outbox, over, row, says, the_event
from tests.outreach.running import job

# ── when ──


@pytest.mark.parametrize(
    ("day", "clock", "utc"),
    [("2027-03-14", "01:30", "06:30"), ("2027-03-14", "02:30", None), ("2027-03-14", "03:00", "07:00"),
     ("2027-11-07", "01:30", "05:30"), ("2027-11-07", "02:00", "07:00"), ("2027-07-01", "9:05", "13:05")],
)  # fmt: skip
def test_clocks_that_change(day, clock, utc):
    found = moment_of(date.fromisoformat(day), clock, ZONE)
    assert (found and f"{found.astimezone(UTC):%H:%M}") == utc


@pytest.mark.parametrize(
    ("event", "reminder"),
    [("2026-12-10", "2026-12-08"), ("2026-12-07", "2026-12-03"), ("2026-12-08", "2026-12-04"), ("2026-12-12", "2026-12-10"), ("2026-12-13", "2026-12-10")],
)
def test_two_working_days_before(event, reminder):
    assert reminder_day(date.fromisoformat(event)) == date.fromisoformat(reminder)


@given(st.lists(st.integers(1, 5), max_size=8), st.integers(0, 12))
def test_who_waits_moves_up_in_order_as_far_as_places_reach(sizes, free):
    waiting = [Wait(number, people) for number, people in enumerate(sizes)]
    up = moves_up(waiting, free)
    assert up == sorted(up) and sum(sizes[number] for number in up) <= free
    left = free - sum(sizes[number] for number in up)
    assert all(sizes[number] > left for number in range(len(sizes)) if number not in up)


# ── a fair of the north ──


async def test_an_event_says_what_is_wrong_with_its_time_and_place(desk, people):
    for field, fields in (("ends", {"begins": "11:00", "ends": "09:00"}), ("begins", {"on": date(2027, 3, 14), "begins": "02:30", "ends": "05:00"}),
                          ("place", {"place": ""}), ("ends_on", {"ends_on": date(2029, 1, 1)})):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            await events.add(people.alice, fair(**fields), zone=ZONE)
        assert set(refused.value.fields) == {field}
    with pytest.raises(Invalid, match="you work for none"):
        await events.add(people.sam, fair(), zone=ZONE)


async def test_other_boards_see_it_only_when_it_is_shown_and_never_who_comes(desk, people, employers, browse):
    await invited(desk, people, employers)
    charlie = browse(people.charlie)
    assert (await charlie.get(f"/events/{desk.event}")).status_code == 404
    await events.change(people.alice, desk.event, fair(capacity=2, shown_to="boards", version=1), zone=ZONE)
    page = (await charlie.get(f"/events/{desk.event}")).text
    assert "Spring fair" in page and "Francisco" not in page and "erins@" not in page
    with pytest.raises(Denied):
        await events.cancel(people.charlie, desk.event, "x", now=datetime.now(UTC))


# ── on the day, and after it ──


async def test_one_press_checks_in_and_one_takes_it_back(desk, people, employers, browse):
    found = await invited(desk, people, employers)
    browser = browse(people.alice)
    token = await browser.token(f"/events/{desk.event}/check-in")
    pressed = await browser.post(f"/event-guests/{found.erin}/came", headers={"hx-request": "true", "x-csrf-token": token})
    assert pressed.status_code == 200 and f'id="guest-{found.erin}"' in pressed.text and "1 here" in pressed.text and "<html" not in pressed.text
    assert (await row(found.erin))["came_at"]
    plain = await browser.submit(f"/event-guests/{found.erin}/not-here", page="/events")
    assert plain.status_code == 303 and (await row(found.erin))["came_at"] is None


async def test_closing_writes_a_line_for_each_who_came_once_and_opening_takes_it_back(desk, people, employers):
    found = await invited(desk, people, employers)
    with pytest.raises(Invalid, match="has not begun"):
        await events.close(people.alice, desk.event, now=datetime.now(UTC))
    await over(desk)
    await guests.check_in(people.alice, found.erin)
    stray = await guests.walk_in(people.alice, desk.event, WalkInForm(given_name="Stray", company="Garage"))
    now = datetime.now(UTC)
    assert await events.close(people.alice, desk.event, now=now) == 1
    assert await events.close(people.alice, desk.event, now=now) == 0
    await guests.match(people.alice, stray, MatchForm(employer_id=employers.franks))

    async def lines():
        async with transaction(read_only=True):
            return sorted([(each["name"], each["summary"]) for each in await fetch(
                "select e.name, y.summary from activity y join employer e on e.id = y.employer_id where y.kind = 'event' and y.removed_at is null")])  # fmt: skip

    both = [("Erin's Bakery", "Spring fair"), ("Frank's Garage", "Spring fair")]
    assert await lines() == both
    with pytest.raises(Conflict):
        await guests.check_in(people.alice, found.frank)
    await events.open_again(people.alice, desk.event)
    assert await lines() == []
    await guests.check_in(people.alice, found.erin, undo=True)
    await events.close(people.alice, desk.event, now=now)
    assert await lines() == [both[1]]
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from event where name = 'activity_logged'") == 2
        assert {name: count for name, count in (await listing.counts(people.alice, desk.event)).items() if name in ("came", "all")} == {"came": 1, "all": 3}


async def test_a_walk_in_with_a_known_address_is_known(desk, people, employers):
    await over(desk)
    guest = await guests.walk_in(people.alice, desk.event, WalkInForm(given_name="Erin", email="ERINS@work.example.com"))
    found = await row(guest)
    assert (found["contact_id"], found["employer_id"]) == (desk.erins, employers.erins) and found["came_at"]
    assert await guests.walk_in(people.alice, desk.event, WalkInForm(given_name="Erin", email="erins@work.example.com")) in (guest,)


# ── reminders, cancelling, forgetting ──


def at(moment):
    return lambda: moment


async def test_those_who_said_yes_are_reminded_once_two_working_days_before(desk, people, employers):
    found = await invited(desk, people, employers)
    await says(await linked(found.erin), "yes")
    starts = (await the_event(desk))["starts_at"]
    due = datetime.combine(reminder_day(starts.date()), starts.timetz()).replace(hour=14)
    before = len(await outbox())
    running = await job(desk.event, "employer_events.remind")
    assert await telling.remind(running, now=at(due - timedelta(days=1))) == {"mails": 0}
    assert await telling.remind(running, now=at(due)) == {"mails": 1}
    assert await telling.remind(running, now=at(due + timedelta(hours=1))) == {"mails": 0}
    assert [to for to, _s, _t in (await outbox())[before:]] == ["erins@work.example.com"]


async def test_a_wish_for_no_contact_holds_for_a_reminder(desk, people, employers):
    found = await invited(desk, people, employers)
    await says(await linked(found.erin), "yes")
    await courtesy.stop(people.alice, StopForm(reason="No more"), contact_id=desk.erins)
    starts = (await the_event(desk))["starts_at"]
    due = datetime.combine(reminder_day(starts.date()), starts.timetz()).replace(hour=14)
    assert await telling.remind(await job(desk.event, "employer_events.remind"), now=at(due)) == {"mails": 0}


async def test_who_comes_hears_of_a_cancellation_unless_it_is_taken_back(desk, people, employers):
    found = await invited(desk, people, employers)
    await says(await linked(found.erin), "maybe")
    now, before = datetime.now(UTC), len(await outbox())
    await events.cancel(people.alice, desk.event, "Snow", now=now)
    async with transaction(read_only=True):
        assert await fetch_value("select run_after from job where name = 'employer_events.tell_cancelled'") == now + events.TOLD_AFTER
    await events.restore(people.alice, desk.event)
    running = await job(desk.event, "x")
    assert await telling.tell_cancelled(running, event_id=str(desk.event)) == {"mails": 0}
    await events.cancel(people.alice, desk.event, "Snow", now=now)
    assert await telling.tell_cancelled(running, event_id=str(desk.event)) == {"mails": 1}
    assert await telling.tell_cancelled(running, event_id=str(desk.event)) == {"mails": 0}
    ((to, subject, text),) = (await outbox())[before:]
    assert to == "erins@work.example.com" and subject == "Cancelled: Spring fair" and "Snow" in text


async def test_what_someone_needs_is_seen_by_the_organizers_alone_and_forgotten_after(desk, people, employers, browse):
    found = await invited(desk, people, employers)
    await says(await linked(found.erin), "yes", access_needs="A quiet corner")
    page = f"/events/{desk.event}"
    assert "A quiet corner" in (await browse(people.alice).get(page)).text
    for who in (people.ana, people.walter, people.sam):
        assert "A quiet corner" not in (await browse(who).get(page)).text
    assert "A quiet corner" not in (await browse(people.alice).get(f"{page}/guests.csv")).text
    await housekeeping.tidy()
    assert (await row(found.erin))["access_needs"] == "A quiet corner"
    async with transaction():
        await execute("update employer_event set starts_at = now() - interval '3 days', ends_at = now() - interval '2 days'")
    await housekeeping.tidy()
    assert (await row(found.erin))["access_needs"] == ""


async def test_a_sign_up_that_no_one_confirmed_goes_after_a_week(desk):
    for email in ("old@example.com", "new@example.com"):
        await answering.sign_up(desk.code, SignUpForm(given_name="N", family_name="C", company="x", email=email), language="en", now=datetime.now(UTC))
    async with transaction():
        await execute("update event_guest set updated_at = now() - interval '8 days' where email = 'old@example.com'")
    await housekeeping.tidy()
    async with transaction(read_only=True):
        assert await fetch_value("select array_agg(email::text) from event_guest") == ["new@example.com"]


async def test_the_list_runs_no_formula_and_its_export_is_on_record(desk, people, employers, browse):
    await guests.walk_in(people.alice, desk.event, WalkInForm(given_name="=1+1", company="x"))
    answer = await browse(people.alice).get(f"/events/{desk.event}/guests.csv")
    (line,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert line["First name"] == "'=1+1"
    async with transaction(read_only=True):
        assert await fetch_value("select actor_name from audit_entry where verb = 'event_guests.exported' and outcome = 'disclosed'") == "Alice"


async def test_the_employers_page_tells_of_its_events(desk, people, employers, browse):
    await invited(desk, people, employers)
    page = (await browse(people.alice).get(f"/employers/{employers.erins}/panels")).text
    assert "Spring fair" in page and f"/employers/{employers.erins}/invite" in page


async def test_pages_of_a_hundred_guests(desk, people, boards, superuser, browse):
    await superuser("insert into event_guest (event_id, board_id, given_name, family_name, source) select $1, $2, 'A' || n % 3, 'Same', 'walk_in' "
                    "from generate_series(1, 230) n", desk.event, boards.north)  # fmt: skip
    browser, seen, address = browse(people.alice), [], f"/events/{desk.event}"
    while address:
        page = (await browser.get(address)).text
        seen += re.findall(r"/event-guests/([\w-]+)/answer", page)
        address = page.rpartition(">Next page")[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&") if "Next page" in page else ""
    assert len(seen) == 230 == len(set(seen))


async def test_who_is_invited_or_walks_in_again_after_being_taken_off_pushes_no_one_out(desk, people, employers):
    found = await invited(desk, people, employers)
    await says(await linked(found.erin), "yes", 2)
    await guests.take_off(people.alice, found.erin)
    await says(await linked(found.frank), "yes", 2)
    assert await guests.invite(people.alice, desk.event, employers.erins, desk.erins) == found.erin
    assert (await row(found.erin))["answer"] == "waiting"
    await guests.take_off(people.alice, found.erin)
    assert await guests.walk_in(people.alice, desk.event, WalkInForm(given_name="Erin", email="erins@work.example.com")) == found.erin
    assert (await row(found.erin))["came_at"] and (await the_event(desk))["seats"] == 2


async def test_a_stranger_who_was_taken_off_and_walks_in_is_here_once(desk, people):
    first = await guests.walk_in(people.alice, desk.event, WalkInForm(given_name="Nia", email="nia@boats.example.com"))
    await guests.take_off(people.alice, first)
    assert await guests.walk_in(people.alice, desk.event, WalkInForm(given_name="Nia", email="nia@boats.example.com")) == first
    assert (await row(first))["removed_at"] is None
