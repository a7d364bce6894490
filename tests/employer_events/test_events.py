"""Events for employers: a place is given once, an answer needs no account, and who came stands on the timeline once."""

import asyncio
import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from crm import housekeeping, mail
from crm.access import SYSTEM
from crm.actions import acting
from crm.contacts import actions as contacts
from crm.contacts.forms import ContactForm
from crm.database import execute, fetch, fetch_one, fetch_value, transaction
from crm.employer_events import answering, events, guests, listing, telling, writing
from crm.employer_events.forms import AnswerForm, EventForm, GuestMailingForm, MatchForm, SignUpForm, WalkInForm
from crm.employer_events.rules import Wait, moment_of, moves_up, reminder_day
from crm.engagements import actions as engagements
from crm.engagements import courtesy
from crm.engagements.forms import StopForm
from crm.engagements.pipeline import Filters
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.outreach import mailings, preparing, sending, templates
from crm.outreach.forms import TemplateForm
from crm.templating import make_environment
from tests.outreach.conftest import postbox  # noqa: F401
from tests.outreach.running import job

ZONE = "America/New_York"


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


def fair(**fields):
    start = datetime.now(UTC).date() + timedelta(days=20)
    return EventForm(**{"kind": "career_fair", "title_en": "Spring fair", "title_es": "Feria", "on": start, "begins": "09:00", "ends": "11:00",
                        "place": "1 Court Square", **fields})  # fmt: skip


@pytest.fixture
async def desk(program, people, employers, boards, superuser):
    """A program that sends, both employers on the north's pipeline, a person at each, an event with two places."""
    await superuser("update board set address = '1 Court Square, Worcester, MA 01608'")
    program.settings = msgspec.structs.replace(program.settings, time_zone=ZONE)
    mail.start(make_environment(program.settings), program.settings)
    found = {}
    for key, name, language in (("erins", "Erin", "en"), ("franks", "Francisco", "es")):
        await engagements.start(people.alice, getattr(employers, key))
        found[key] = await contacts.add_contact(people.alice, getattr(employers, key),
                                                ContactForm(given_name=name, email=f"{key}@work.example.com", language=language))  # fmt: skip
    event = await events.add(people.alice, fair(capacity=2, sign_up=True), zone=ZONE)
    async with transaction(read_only=True):
        code = await fetch_value("select sign_up_code from employer_event where id = $1", event)
    return SimpleNamespace(program=program, event=event, code=code, **found)


async def invited(desk, people, employers):
    return SimpleNamespace(
        erin=await guests.invite(people.alice, desk.event, employers.erins, desk.erins),
        frank=await guests.invite(people.alice, desk.event, employers.franks, desk.franks))  # fmt: skip


async def row(guest):
    async with transaction(read_only=True):
        return await fetch_one("select * from event_guest where id = $1", guest)


async def the_event(desk):
    async with transaction(read_only=True):
        return await fetch_one("select * from employer_event where id = $1", desk.event)


async def outbox():
    async with transaction(read_only=True):
        return [(row["to_address"], row["subject"], row["text_body"]) for row in await fetch("select * from mail_message where template = 'event_guest' order by created_at, id")]


async def link_of(address):
    return re.findall(r"/rsvp/([\w-]+)", next(text for to, _subject, text in reversed(await outbox()) if to == address))[0]


async def over(desk):
    async with transaction():
        await execute("update employer_event set starts_at = now() - interval '3 hours', ends_at = now() - interval '1 hour' where id = $1", desk.event)


async def linked(guest):
    """A link of theirs, as a mail of ours carries it."""
    found = await row(guest)
    async with acting(SYSTEM, "test.linked") as act:
        event = await fetch_one("select * from employer_event where id = $1", found["event_id"])
        await telling.tell(act, event, found, "reminder")
        act.record("event_guest", guest)
    return await link_of(found["email"])


async def says(secret, answer, people=1, **more):
    return await answering.answer(secret, AnswerForm(answer=answer, people=people, **more), now=datetime.now(UTC))


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


# ── inviting ──


async def test_those_whom_the_pipeline_shows_are_invited_once_and_taken_back_together(desk, people):
    now = datetime.now(UTC)
    chosen = mailings.chosen(Filters(), "main")
    count, at = await guests.invite_many(people.alice, desk.event, chosen, now=now)
    assert count == 2 and (await guests.invite_many(people.alice, desk.event, chosen, now=now + timedelta(seconds=1)))[0] == 0
    async with transaction(read_only=True):
        listed = await listing.guests(people.alice, desk.event, listing.Filters())
    assert [(each["given_name"], each["employer"], each["language"]) for each in listed] == [("Erin", "Erin's Bakery", "en"), ("Francisco", "Frank's Garage", "es")]
    assert await outbox() == []
    secret = await linked(listed[0]["id"])
    await says(secret, "yes")
    assert await guests.take_off_many(people.alice, desk.event, at) == 1  # who has answered stays


async def test_the_undo_of_the_page_takes_them_back(desk, people, browse):
    browser = browse(people.alice)
    answer = await browser.submit("/events/invite", page="/events/invite", event_id=str(desk.event), who="main")
    page = (await browser.get(answer.headers["location"])).text
    undo = re.search(r'action="(/events/[\w-]+/uninvite/\d+)"', page).group(1)
    await browser.submit(undo, page="/events")
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from event_guest") == 0


async def test_an_invitation_is_a_mailing_with_a_link_for_each(desk, people, employers, postbox, browse):  # noqa: F811
    await invited(desk, people, employers)
    await courtesy.stop(people.alice, StopForm(reason="No mail please", channel="email"), contact_id=desk.franks)
    words = await templates.add(people.alice, TemplateForm(
        name="Invitation", subject_en="{event}", body_en="Dear {first_name}, {when} at {where}. Answer: {rsvp}", subject_es="{event}", body_es="{rsvp}"))  # fmt: skip
    desk.program.settings = msgspec.structs.replace(desk.program.settings, smtp_url=postbox.url, mail_from="desk@agency.example")
    mail.start(make_environment(desk.program.settings), desk.program.settings)
    mailing = await writing.write(people.alice, desk.event, GuestMailingForm(template_id=words, whom="not_written"))
    await preparing.prepare(await job(mailing, "outreach.prepare"), mailing_id=str(mailing))
    page = (await browse(people.alice).get(f"/mailings/{mailing}")).text
    assert "No mail please" in page and "Spring fair" in page
    await mailings.start(people.alice, mailing, 0)
    await sending.send(await job(mailing), mailing_id=str(mailing), now=lambda: datetime(2026, 11, 30, 15, tzinfo=UTC))
    (erin,) = postbox.arrived
    assert erin["Subject"] == "Spring fair" and erin["To"] == "erins@work.example.com"
    text = erin.get_body(("plain",)).get_content()
    assert "9:00" in text and "1 Court Square" in text
    secret = re.search(r"/rsvp/([\w-]+)", text).group(1)
    assert await says(secret, "yes") == "yes"
    async with transaction(read_only=True):
        assert [line["summary"] for line in await fetch("select summary from activity where kind = 'email'")] == ["Spring fair"]
        again = await writing._people({"event_id": desk.event, "chosen": {"whom": "not_written"}})
    assert [each["first_name"] for each in again] == ["Francisco"]


# ── answering without an account ──


async def test_a_scanner_changes_nothing_and_a_guest_answers_in_their_language(desk, people, employers, client):
    found = await invited(desk, people, employers)
    secret = await linked(found.frank)
    for _each in range(3):
        page = await client.get(f"/rsvp/{secret}")
    assert page.status_code == 200 and "Feria" in page.text and "Sí" in page.text and page.headers["referrer-policy"] == "no-referrer"
    assert (await row(found.frank))["answer"] == ""
    assert re.findall(r'(?:src|href|action)="https?://(?!crm\.test)', page.text) == []
    answer = await client.submit(f"/rsvp/{secret}", page=f"/rsvp/{secret}", answer="yes", people="2", names="Ana", access_needs="A ramp")
    assert answer.status_code == 200 and "Gracias" in answer.text and "¿Viene?" in answer.text
    kept = await row(found.frank)
    assert (kept["answer"], kept["people"], kept["names"], kept["access_needs"]) == ("yes", 2, "Ana", "A ramp")
    assert (await client.submit(f"/rsvp/{secret}", page=f"/rsvp/{secret}", answer="perhaps")).status_code == 422
    entry = Calendar.from_ical((await client.get(f"/rsvp/{secret}/event.ics")).content).walk("VEVENT")[0]
    assert (str(entry["summary"]), entry["dtstart"].dt) == ("Feria", (await the_event(desk))["starts_at"])


async def test_a_link_ends_when_it_is_taken_back_and_when_the_event_is_over(desk, people, employers, client):
    found = await invited(desk, people, employers)
    secret = await linked(found.erin)
    await guests.take_off(people.alice, found.erin)
    gone, guessed = await client.get(f"/rsvp/{secret}"), await client.get(f"/rsvp/{'x' * 32}")
    assert gone.status_code == guessed.status_code == 404
    await guests.take_off(people.alice, found.erin, restore=True)
    assert (await client.get(f"/rsvp/{secret}")).status_code == 200
    await over(desk)
    assert (await client.get(f"/rsvp/{secret}")).status_code == 404
    with pytest.raises(NotFound):
        await says(secret, "yes")


async def test_no_token_is_kept_or_shown_in_clear(desk, people, employers, postbox):  # noqa: F811
    desk.program.settings = msgspec.structs.replace(desk.program.settings, smtp_url=postbox.url, mail_from="desk@agency.example")
    mail.start(make_environment(desk.program.settings), desk.program.settings)
    found = await invited(desk, people, employers)
    with pytest.raises(IndexError):
        await linked(found.erin)  # what the mail page shows has no link
    assert "/rsvp" not in (await outbox())[0][2]


async def test_places_are_given_once_however_many_answer_at_once(desk, people, employers):
    secrets = []
    for number in range(8):
        contact = await contacts.add_contact(people.alice, employers.erins, ContactForm(given_name=f"P{number}", email=f"p{number}@work.example.com"))
        secrets.append(await linked(await guests.invite(people.alice, desk.event, employers.erins, contact)))
    became = await asyncio.gather(*(says(secret, "yes") for secret in secrets))
    assert sorted(became) == ["waiting"] * 6 + ["yes"] * 2
    assert (await the_event(desk))["seats"] == 2


async def test_the_wait_list_moves_up_in_order_and_each_hears_of_it(desk, people, employers):
    found = await invited(desk, people, employers)
    erin, frank = await linked(found.erin), await linked(found.frank)
    assert await says(erin, "yes", 2) == "yes"
    assert await says(frank, "yes", 1) == "waiting"
    assert await says(erin, "yes", 1) == "yes"  # one place is free
    assert (await row(found.frank))["answer"] == "yes"
    to, subject, text = (await outbox())[-1]
    assert to == "franks@work.example.com" and "Feria" in subject and "/rsvp/" in text
    with pytest.raises(Invalid, match="2 places are taken"):
        await events.change(people.alice, desk.event, fair(capacity=1, version=1), zone=ZONE)
    assert await says(erin, "yes", 2) == "waiting"  # more than there are: the place is given back, and waits with the other


async def test_more_places_let_those_who_wait_in(desk, people, employers):
    found = await invited(desk, people, employers)
    await says(await linked(found.erin), "yes", 2)
    await says(await linked(found.frank), "yes", 3)
    await events.change(people.alice, desk.event, fair(capacity=5, version=1), zone=ZONE)
    assert (await row(found.frank))["answer"] == "yes" and (await the_event(desk))["seats"] == 5


async def test_who_is_back_on_the_list_does_not_push_another_out(desk, people, employers):
    found = await invited(desk, people, employers)
    await says(await linked(found.erin), "yes", 2)
    await guests.take_off(people.alice, found.erin)
    await says(await linked(found.frank), "yes", 1)
    await guests.take_off(people.alice, found.erin, restore=True)
    assert (await row(found.erin))["answer"] == "waiting" and (await the_event(desk))["seats"] == 1


# ── signing up ──


async def test_a_stranger_signs_up_confirms_by_mail_and_waits_to_be_known(desk, people, employers, client, browse):
    answer = await client.submit(f"/come/{desk.code}", page=f"/come/{desk.code}", given_name="Nia", family_name="Cole", company="Erin's", email=" nia@Boats.example.com")
    assert answer.status_code == 200 and "One more step" in answer.text
    assert await says(await link_of("nia@boats.example.com"), "yes") == "yes"
    async with transaction(read_only=True):
        (nia,) = await listing.guests(people.alice, desk.event, listing.Filters(state="unknown"))
    assert nia["contact_id"] is None and nia["company"] == "Erin's"
    page = (await browse(people.alice).get(f"/event-guests/{nia['id']}/match")).text
    assert "Erin&#39;s Bakery" in page and "It is Erin" in page
    await guests.match(people.alice, nia["id"], MatchForm(employer_id=employers.erins))
    async with transaction(read_only=True):
        assert await fetch_value("select c.email from event_guest g join contact c on c.id = g.contact_id where g.id = $1", nia["id"]) == "nia@boats.example.com"
    with pytest.raises(Conflict):
        await guests.match(people.alice, nia["id"], MatchForm(employer_id=employers.franks))


async def test_who_is_known_by_the_address_is_known_once_it_is_proven(desk, people, employers):
    await answering.sign_up(desk.code, SignUpForm(given_name="E", family_name="B", company="x", email="erins@work.example.com"), language="en", now=datetime.now(UTC))
    async with transaction(read_only=True):
        assert await fetch_value("select contact_id from event_guest") is None
    await says(await link_of("erins@work.example.com"), "yes")
    async with transaction(read_only=True):
        assert tuple(await fetch_one("select contact_id, employer_id from event_guest")) == (desk.erins, employers.erins)


async def test_the_page_answers_alike_and_writes_to_an_address_once(desk, people, employers, browse, client):
    await invited(desk, people, employers)
    texts = set()
    for email in ("erins@work.example.com", "nobody@example.com", "nobody@example.com"):
        answer = await client.submit(f"/come/{desk.code}", page=f"/come/{desk.code}", given_name="N", family_name="C", company="x", email=email)
        texts.add(re.sub(r'[\w-]{30,}|number of this request.*|form-token" content="[^"]*"', "", answer.text, flags=re.I))
    assert len(texts) == 1
    assert sorted(to for to, _subject, _text in await outbox()) == ["erins@work.example.com", "nobody@example.com"]


async def test_an_event_that_is_not_open_has_no_page(desk, people, client):
    await events.change(people.alice, desk.event, fair(capacity=2, version=1), zone=ZONE)
    assert (await client.get(f"/come/{desk.code}")).status_code == 404
    with pytest.raises(NotFound):
        await answering.sign_up(desk.code, SignUpForm(given_name="N", family_name="C", company="x", email="n@example.com"), language="en", now=datetime.now(UTC))


async def test_who_tries_too_often_waits(desk, browse):
    browser = browse(address="198.51.100.9")
    token = await browser.token(f"/come/{desk.code}")
    statuses = [(await browser.post(f"/come/{desk.code}", data={"_token": token, "email": "x"})).status_code for _each in range(desk.program.settings.sign_in_rate + 1)]
    assert statuses[0] == 422 and statuses[-1] == 429


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
