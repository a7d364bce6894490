"""One mail to many: who gets it, what it says, that no one gets it twice, and the way out of it."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import msgspec
import pytest

from crm import housekeeping, mail
from crm.access import SYSTEM
from crm.actions import acting
from crm.contacts import actions as contacts
from crm.contacts.forms import ContactForm
from crm.database import execute, execute_many, fetch, fetch_value, transaction
from crm.engagements import activities, courtesy
from crm.engagements.forms import ActivityForm, ClaimForm, StopForm
from crm.engagements.pipeline import Filters
from crm.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from crm.outreach import deciding, mailings, preparing, sending
from crm.outreach.forms import MailingForm
from crm.templating import make_environment
from crm.work import Job
from crm.worker import Worker
from tests.outreach.running import job

MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


async def ready(who, desk, *, name="Spring", filters=None, to="main"):
    """A mailing that is prepared."""
    mailing = await mailings.make(who, MailingForm(name=name, template_id=desk.words, who=to), filters or Filters())
    await preparing.prepare(await job(mailing, "outreach.prepare"), mailing_id=str(mailing))
    return mailing


async def leave(mailing, *, at=MONDAY):
    return await sending.send(await job(mailing), mailing_id=str(mailing), now=lambda: at)


async def states(mailing):
    async with transaction(read_only=True):
        rows = await fetch("select r.state, r.reason, c.given_name from mailing_recipient r join contact c on c.id = r.contact_id where mailing_id = $1", mailing)
    return {row["given_name"]: (row["state"], row["reason"]) for row in rows}


async def test_each_gets_it_in_their_language_from_the_board_with_a_way_out(desk, people, postbox):
    mailing = await ready(people.alice, desk)
    await mailings.start(people.alice, mailing, 0)
    await leave(mailing)

    erin, frank = sorted(postbox.arrived, key=lambda message: message["To"])
    assert (erin["Subject"], frank["Subject"]) == ("Spring at Erin's Bakery", "Primavera en Frank's Garage")
    assert erin["From"] == "North <desk@agency.example>" and erin["Reply-To"] == "alice@example.org"
    text = erin.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert text.startswith("Dear Erin,\n\ncome in.\nAlice") and "1 Court Square" in text
    page = erin.get_body(("html",)).get_content()
    assert "<img" not in page and "1 Court Square" in page
    out = erin["List-Unsubscribe"].strip()[1:-1]
    assert out.startswith("http://crm.test/unsubscribe/") and out in text and out in page
    assert erin["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert await states(mailing) == {"Erin": ("sent", ""), "Francisco": ("sent", "")}
    async with transaction(read_only=True):
        lines = await fetch("select kind, direction, summary from activity where kind = 'email' order by summary")
        assert [tuple(line) for line in lines] == [("email", "out", "Primavera en Frank's Garage"), ("email", "out", "Spring at Erin's Bakery")]
        assert await fetch_value("select state from mailing where id = $1", mailing) == "done"


async def test_it_leaves_over_one_connection(desk, people, postbox):
    mailing = await ready(people.alice, desk)
    await mailings.start(people.alice, mailing, 0)
    await leave(mailing)
    assert len(postbox.arrived) == 2 and len(postbox.connections) == 1


async def test_who_must_not_be_written_to_is_left_out_with_the_reason(desk, people, employers, boards, postbox):
    await courtesy.stop(people.alice, StopForm(reason="No mail please", channel="email"), contact_id=desk.erins)
    await courtesy.claim(people.charlie, employers.franks, ClaimForm(), days=14)
    found = await states(await ready(people.alice, desk))
    assert {name: state for name, (state, _reason) in found.items()} == {"Erin": "left_out", "Francisco": "left_out"}
    assert "No mail please" in found["Erin"][1] and "South leads the conversation" in found["Francisco"][1]


async def test_the_months_budget_stops_a_boards_mailing(desk, people, employers, boards, superuser):
    """Board B's mailing to an employer that others approached, and the record shows who was left out."""
    for code in ("west", "east"):
        async with acting(SYSTEM, "board.made") as act:
            board = await fetch_value("insert into board (code, name, public_name) values ($1, $1, $1) returning id", code)
            act.record("board", board)
        other = msgspec.structs.replace(people.charlie, board_ids=frozenset({board}))
        await activities.log_activity(other, employers.erins, ActivityForm(kind="call", summary="Hello", direction="out"), zone="UTC", today=datetime.now(UTC).date())
    found = await states(await ready(people.alice, desk))
    assert found["Erin"][0] == "left_out" and "2 other boards approached" in found["Erin"][1]
    assert found["Francisco"][0] == "queued"


async def test_a_missing_field_leaves_a_person_out_before_anything_leaves(desk, people, superuser):
    await superuser(f"update contact set given_name = '' where id = '{desk.erins}'")
    found = await states(await ready(people.alice, desk))
    assert found[""] == ("left_out", "The field {first_name} is empty for this person.")


async def test_a_wish_that_comes_after_it_was_prepared_is_honoured(desk, people, postbox):
    mailing = await ready(people.alice, desk)
    await mailings.start(people.alice, mailing, 0)
    await courtesy.stop(people.alice, StopForm(reason="Moved away"), contact_id=desk.erins)
    await leave(mailing)
    assert [message["To"] for message in postbox.arrived] == ["franks@work.example.com"]
    assert (await states(mailing))["Erin"][0] == "left_out"


async def test_a_person_at_several_employers_is_written_to_once(desk, people, employers):
    await contacts.add_contact(people.alice, employers.franks, ContactForm(given_name="Erin", email="erins@work.example.com"))
    found = await states(await ready(people.alice, desk, to="all"))
    assert {name: state for name, (state, _reason) in found.items()} == {"Erin": "queued", "Francisco": "queued"}


async def test_the_filters_of_the_pipeline_choose(desk, people):
    assert set(await states(await ready(people.alice, desk, filters=Filters(q="erin")))) == {"Erin"}
    assert set(await states(await ready(people.alice, desk, filters=Filters(owner="none")))) == set()


async def test_a_large_one_leaves_only_when_its_number_is_typed(desk, people, monkeypatch, postbox):
    monkeypatch.setattr(mailings, "TYPED_ABOVE", 1)
    mailing = await ready(people.alice, desk)
    for typed in (0, 1, 3):
        with pytest.raises(Invalid, match="This will write to 2 people"):
            await mailings.start(people.alice, mailing, typed)
    await mailings.start(people.alice, mailing, 2)
    await leave(mailing)
    assert len(postbox.arrived) == 2
    with pytest.raises(Conflict):
        await mailings.start(people.alice, mailing, 2)


async def test_it_does_not_leave_without_the_boards_postal_address(desk, people, superuser):
    mailing = await ready(people.alice, desk)
    await superuser("update board set address = ''")
    with pytest.raises(Invalid, match="postal address"):
        await mailings.start(people.alice, mailing, 0)


async def test_without_a_mail_server_it_does_not_start_and_no_one_has_failed(desk, people, postbox):
    mailing = await ready(people.alice, desk)
    await mailings.start(people.alice, mailing, 0)
    mail.start(make_environment(desk.program.settings), msgspec.structs.replace(desk.program.settings, smtp_url=""))
    with pytest.raises(Unavailable, match="CRM_SMTP_URL"):
        await leave(mailing)
    assert {state for state, _reason in (await states(mailing)).values()} == {"queued"}
    await mailings.hold(people.alice, mailing)
    with pytest.raises(Invalid, match="CRM_SMTP_URL"):
        await mailings.start(people.alice, mailing, 0)
    mail.start(make_environment(desk.program.settings), desk.program.settings)
    await mailings.start(people.alice, mailing, 0)
    await leave(mailing)
    assert len(postbox.arrived) == 2


async def test_at_night_it_waits_and_goes_on_in_the_morning(desk, people, postbox):
    mailing = await ready(people.alice, desk)
    await mailings.start(people.alice, mailing, 0)
    await leave(mailing, at=datetime(2026, 11, 27, 23, 30, tzinfo=UTC))  # Friday, half past six
    assert postbox.arrived == []
    async with transaction(read_only=True):
        again = await fetch_value("select run_after from job where name = 'outreach.send' and state = 'queued' order by run_after desc limit 1")
    assert again == datetime(2026, 11, 30, 13, 0, tzinfo=UTC)
    await leave(mailing, at=datetime(2026, 11, 30, 13, 0, tzinfo=UTC))
    assert len(postbox.arrived) == 2


async def test_paused_and_stopped_it_leaves_no_more(desk, people, postbox):
    mailing = await ready(people.alice, desk)
    await mailings.start(people.alice, mailing, 0)
    await mailings.hold(people.alice, mailing)
    await leave(mailing)
    assert postbox.arrived == []
    await mailings.start(people.alice, mailing, 0)
    await mailings.hold(people.alice, mailing, for_good=True)
    await leave(mailing)
    assert postbox.arrived == []
    assert {state for state, _reason in (await states(mailing)).values()} == {"stopped"}


async def test_paused_and_started_again_while_its_work_is_ending_it_still_leaves(desk, people, postbox):
    mailing = await ready(people.alice, desk)
    await mailings.start(people.alice, mailing, 0)
    worker = Worker([Job("outreach.send", partial(sending.send, now=lambda: MONDAY))])
    async with transaction():  # the first work has looked, and found it paused; its end isn't written yet
        await execute("update job set state = 'running', attempt = 1, lease_until = now() + interval '1 minute' where name = 'outreach.send'")
    await mailings.hold(people.alice, mailing)
    await mailings.start(people.alice, mailing, 0)
    await worker.run_until_idle()
    assert postbox.arrived == []  # one after the other
    async with transaction():
        await execute("update job set state = 'done' where name = 'outreach.send' and state = 'running'")
    await worker.run_until_idle()
    assert len(postbox.arrived) == 2
    async with transaction(read_only=True):
        assert await fetch_value("select state from mailing where id = $1", mailing) == "done"


@pytest.mark.parametrize(("answer", "state"), [("550 no such person", "failed"), ("break", "uncertain")])
async def test_what_was_refused_and_what_no_one_can_know_is_said(desk, people, postbox, answer, state):
    postbox.answers = [answer]
    mailing = await ready(people.alice, desk, filters=Filters(q="erin"))
    await mailings.start(people.alice, mailing, 0)
    await leave(mailing)
    assert (await states(mailing))["Erin"][0] == state


async def test_come_back_later_is_tried_again_and_then_given_up(desk, people, postbox):
    postbox.answers = ["451 greylisted", "250 OK"]
    mailing = await ready(people.alice, desk, filters=Filters(q="erin"))
    await mailings.start(people.alice, mailing, 0)
    await leave(mailing)
    assert (await states(mailing))["Erin"][0] == "sent"
    assert len({message["Message-ID"] for message in postbox.arrived}) == 1


async def test_an_uncertain_one_waits_for_a_person(desk, people, postbox):
    postbox.answers = ["break"]
    mailing = await ready(people.alice, desk, filters=Filters(q="erin"))
    await mailings.start(people.alice, mailing, 0)
    await leave(mailing)
    await leave(mailing)
    assert len(postbox.arrived) == 1
    async with transaction(read_only=True):
        recipient = await fetch_value("select id from mailing_recipient where mailing_id = $1", mailing)
    with pytest.raises(NotFound):
        await deciding.decide(people.charlie, recipient, "again", MONDAY)
    await deciding.decide(people.alice, recipient, "again", MONDAY)
    await leave(mailing)
    assert len(postbox.arrived) == 2 and (await states(mailing))["Erin"][0] == "sent"
    with pytest.raises(Conflict):
        await deciding.decide(people.alice, recipient, "leave", MONDAY)


async def test_no_other_board_touches_or_sees_it(desk, people, browse):
    mailing = await ready(people.alice, desk)
    for tried in (lambda: mailings.start(people.charlie, mailing, 0), lambda: mailings.hold(people.charlie, mailing)):
        with pytest.raises((NotFound, Denied)):
            await tried()
    assert (await browse(people.charlie).get(f"/mailings/{mailing}")).status_code == 404


# ── the way out ──


async def way_out(postbox):
    return "/unsubscribe/" + postbox.arrived[0]["List-Unsubscribe"].strip().rpartition("/")[2][:-1]


@pytest.fixture
async def out(desk, people, postbox):
    mailing = await ready(people.alice, desk, filters=Filters(q="erin"))
    await mailings.start(people.alice, mailing, 0)
    await leave(mailing)
    return await way_out(postbox)


async def left_out(desk, people, who):
    return (await states(await ready(who, desk, filters=Filters(q="erin")))).get("Erin", ("none",))[0]


async def test_one_press_in_the_mail_program_ends_all_mail(out, desk, people, client):
    answer = await client.post(out, data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.text) == (200, "OK")
    assert await left_out(desk, people, people.alice) == "left_out"
    async with transaction(read_only=True):
        assert await fetch_value("select how || ':' || given from consent") == "link:false"


async def test_a_scanner_that_opens_the_link_changes_nothing(out, desk, people, client):
    for _time in range(3):
        assert (await client.get(out)).status_code == 200
        assert (await client.head(out)).status_code in (200, 405)
    assert await left_out(desk, people, people.alice) == "queued"


async def test_the_page_offers_this_board_every_board_and_back_again(out, desk, people, client, boards, employers):
    assert "North wrote to erins@work.example.com" in (await client.get(out)).text
    assert "no more mail from North" in (await client.post(out, data={"wish": "board"})).text
    assert await left_out(desk, people, people.alice) == "left_out"
    async with transaction(read_only=True):
        south = await courtesy.findings(boards.south, employers.erins, desk.erins, "email", budget=2, today=datetime.now(UTC).date())
    assert south == []
    assert "You get mail again" in (await client.post(out, data={"wish": "again"})).text
    assert await left_out(desk, people, people.alice) == "queued"
    assert (await client.post(out, data={"wish": "everything"})).status_code == 422


async def test_the_way_out_does_not_end(out, client, superuser):
    await superuser("update mailing_recipient set sent_at = sent_at - interval '2 years'")
    await superuser("update mailing set made_at = made_at - interval '2 years', ended_at = ended_at - interval '2 years'")
    await housekeeping.tidy()
    assert (await client.get(out)).status_code == 200


async def test_a_link_that_is_none_of_ours_says_so(desk, client):
    for path in ("/unsubscribe/" + "x" * 32, "/unsubscribe/%00", "/unsubscribe/ñ"):
        assert (await client.get(path)).status_code == 404
        assert (await client.post(path, data={"List-Unsubscribe": "One-Click"})).status_code == 404


# ── whatever dies ──

WORKER = """
import asyncio, json, sys
from datetime import UTC, datetime
from crm.outreach import sending
from crm.program import assembled, database
from crm.embedded import Addresses
from crm.database import Login
from crm.settings import settings_from
from crm import sealing, work

work.LEASE, work.HEARTBEAT = 2, 1
from crm import worker as workers
from crm.work import Job
workers.SWEEP = 0.1

async def main():
    given = json.loads(sys.argv[1])
    settings = settings_from(given["environ"])
    addresses = Addresses({Login(k): v for k, v in given["addresses"].items()}, "")
    async with database(addresses, size=5), assembled(settings, addresses, valkey=False) as program:
        monday = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
        async def send(job, **more):
            return await sending.send(job, now=lambda: monday, **more)
        await workers.Worker([Job("outreach.send", send, attempts=100)]).run()

asyncio.run(main())
"""


async def test_killed_at_any_moment_no_one_is_written_to_twice(desk, people, employers, boards, postbox, database, tmp_path):
    """kill -9 again and again in the middle: no duplicates; sent, uncertain and waiting are all there are."""
    from crm.testing.figures import note, soaking

    many, kills = (2000, 10) if soaking() else (300, 3)
    async with acting(SYSTEM, "test.many") as act:
        people_made = [(UUID(int=number), f"person{number}@work.example.com") for number in range(1, many + 1)]
        await execute_many("insert into contact (id, given_name, email) values ($1, 'Pat', $2)", people_made)
        await execute_many("insert into affiliation (contact_id, employer_id) values ($1, $2)", [(key, employers.erins) for key, _mail in people_made])
        act.record("contact", None)
    mailing = await ready(people.alice, desk, filters=Filters(q="erin"), to="all")
    total = len(await recipients_of(mailing))
    assert total == many + 1
    await mailings.start(people.alice, mailing, total)
    import json

    given = json.dumps({"addresses": {str(key): value for key, value in database.addresses.items()}, "environ": {
        "CRM_DATA": str(tmp_path / "data"), "CRM_URL": "http://crm.test", "CRM_SECRET_KEY": "0" * 64, "CRM_LOG_LEVEL": "error",
        "CRM_SMTP_URL": postbox.url, "CRM_MAIL_FROM": "desk@agency.example"}})  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    for strike in range(kills + 1):
        worker = subprocess.Popen([sys.executable, "-c", WORKER, given], env=kept)
        goal = total if strike == kills else (strike + 1) * total // (kills + 2)
        try:
            async with asyncio.timeout(120):
                while len(postbox.arrived) < goal and await waits(mailing):
                    await asyncio.sleep(0.01)
                while strike == kills and await waits(mailing):
                    await asyncio.sleep(0.02)
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()

    arrived = [message["To"] for message in postbox.arrived]
    assert len(arrived) == len(set(arrived))
    found = await recipients_of(mailing)
    by_state = {state: [row["email"] for row in found if row["state"] == state] for state in {row["state"] for row in found}}
    assert set(by_state) <= {"sent", "uncertain"} and len(found) == total
    assert set(by_state["sent"]) <= set(arrived) <= set(by_state["sent"]) | set(by_state.get("uncertain", ()))
    assert len(by_state.get("uncertain", ())) <= kills
    note("mails of mailings under kill -9", total)
    note("mails twice", 0)


async def recipients_of(mailing):
    async with transaction(read_only=True):
        return await fetch("select state, email from mailing_recipient where mailing_id = $1", mailing)


async def waits(mailing):
    async with transaction(read_only=True):
        return await fetch_value("select exists (select from mailing_recipient where mailing_id = $1 and state in ('queued', 'sending'))", mailing)
