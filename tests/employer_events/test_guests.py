"""Guests of an event: a place is given once, however many answer, and an answer needs no account."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from icalendar import Calendar

from crm import mail
from crm.contacts import actions as contacts
from crm.contacts.forms import ContactForm
from crm.database import fetch, fetch_one, fetch_value, transaction
from crm.employer_events import answering, events, guests, listing, writing
from crm.employer_events.forms import GuestMailingForm, MatchForm, SignUpForm
from crm.engagements import courtesy
from crm.engagements.forms import StopForm
from crm.engagements.pipeline import Filters
from crm.errors import Conflict, Invalid, NotFound
from crm.outreach import mailings, preparing, sending, templates
from crm.outreach.forms import TemplateForm
from crm.templating import make_environment
from tests.employer_events.fair import ZONE, fair, invited, link_of, linked, outbox, over, row, says, the_event
from tests.outreach.running import job

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


async def test_an_invitation_is_a_mailing_with_a_link_for_each(desk, people, employers, postbox, browse):
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


async def test_no_token_is_kept_or_shown_in_clear(desk, people, employers, postbox):
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
