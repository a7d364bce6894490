"""Mail that comes back and complaints: addresses are marked and get no mail, where the report is of a mail of ours; a person clears a mark."""

from datetime import date

import pytest

from crm.contacts import reachability
from crm.database import fetch, fetch_one, fetch_value, transaction
from crm.engagements import courtesy
from crm.errors import Denied
from tests.correspondence.conftest import ledger, letter, outcomes

DSN = """From: MAILER-DAEMON@mx.example
To: desk@agency.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <{number}@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 23 Nov 2026 10:00:00 -0500

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--b
Content-Type: {returned}

From: North <desk@agency.example>
To: {address}
Subject: Spring
Message-ID: {ours}

--b--
"""
ARF = """From: feedback@provider.example
To: desk@agency.example
Subject: complaint
Message-ID: <arf@provider.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an email abuse report.

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Provider/1.0
Version: 1
Original-Rcpt-To: <erins@work.example.com>

--b
Content-Type: message/rfc822

From: North <desk@agency.example>
Message-ID: {ours}
Subject: Spring

Hello
--b--
"""


def dsn(ours, *, action="failed", status="5.1.1", address="erins@work.example.com", said="550 no such person", returned="message/rfc822", number=1):
    text = DSN.format(ours=ours, action=action, status=status, address=address, said=said, returned=returned, number=number)
    return text.encode().replace(b"\n", b"\r\n")


@pytest.fixture
def bring(door, work):
    async def brought(message):
        await door(message, "desk@agency.example", sender="")
        await work()
        return (await ledger())[-1]

    return brought


async def marked():
    async with transaction(read_only=True):
        return [(row["address"], row["kind"], row["lasting"]) for row in await fetch("select * from address_mark where cleared_at is null order by at")]


async def recipient():
    async with transaction(read_only=True):
        row = await fetch_one("select state, reason from mailing_recipient")
    return row["state"], row["reason"]


async def stands_against(desk, boards, employers, channel="email"):
    async with transaction(read_only=True):
        found = await courtesy.findings(boards.north, employers.erins, desk.erins, channel, budget=2, today=date(2026, 11, 26))
        return [courtesy.sentence(finding) for finding in found]


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
async def test_what_came_back_for_good_marks_the_address_and_stops_mail_to_it(desk, bring, mailed, boards, employers, browse, people, returned):
    row = await bring(dsn(await mailed(), returned=returned))
    assert (row["state"], row["reason"], row["board_id"]) == ("bounce", "bounced", boards.north)
    assert await marked() == [("erins@work.example.com", "bounce", True)]
    assert await recipient() == ("bounced", "5.1.1 550 no such person")
    [told] = await stands_against(desk, boards, employers)
    assert told.startswith("Mail to this person's address comes back, since")
    assert await stands_against(desk, boards, employers, "phone") == []
    page = (await browse(people.alice).get(f"/employers/{employers.erins}")).text
    assert "Mail comes back since" in page and "5.1.1 550 no such person" in page
    assert "came back for good: 5.1.1 550 no such person" in (await browse(people.alice).get("/emails?state=bounce")).text


async def test_what_came_back_for_now_is_said_and_stops_nothing(desk, bring, mailed, boards, employers):
    row = await bring(dsn(await mailed(), status="4.2.2", said="452 mailbox full"))
    assert row["reason"] == "bounced_for_now"
    assert await marked() == [("erins@work.example.com", "bounce", False)] and (await recipient())[0] == "bounced"
    assert await stands_against(desk, boards, employers) == []


async def test_what_is_only_late_changes_nothing(desk, bring, mailed):
    row = await bring(dsn(await mailed(), action="delayed", status="4.4.1"))
    assert row["reason"] == "report_delayed" and await marked() == [] and (await recipient())[0] == "sent"


async def test_a_report_that_anyone_could_have_written_marks_no_one(desk, bring, mailed):
    """Who does not know the number of our mail cannot take an address from us."""
    await mailed()
    for number, ours in enumerate(("<made-up@agency.example>", "", "<x>")):
        row = await bring(dsn(ours, number=number))
        assert (row["state"], row["reason"]) == ("bounce", "report_unknown")
    assert await marked() == [] and (await recipient())[0] == "sent"


async def test_a_report_marks_the_address_that_we_wrote_to_whatever_it_names(desk, bring, mailed):
    await bring(dsn(await mailed(), address="someone.else@work.example.com"))
    assert await marked() == [("erins@work.example.com", "bounce", True)]


async def test_the_same_report_twice_marks_once(desk, bring, mailed):
    ours = await mailed()
    await bring(dsn(ours))
    await bring(dsn(ours, number=2))
    assert len(await marked()) == 1


async def test_a_complaint_is_a_no_in_the_ledger_of_consent(desk, bring, mailed, boards, employers):
    row = await bring(ARF.format(ours=await mailed()).encode().replace(b"\n", b"\r\n"))
    assert (row["state"], row["reason"]) == ("complaint", "complained")
    async with transaction(read_only=True):
        line = await fetch_one("select * from consent")
    assert (line["contact_id"], line["given"], line["channel"], line["purpose"]) == (desk.erins, False, "email", "outreach")
    assert await marked() == [("erins@work.example.com", "complaint", True)]
    assert any("said no to contact by email" in told for told in await stands_against(desk, boards, employers))


async def test_a_person_clears_a_mark_and_undoes_that(desk, bring, mailed, boards, employers, browse, people):
    await bring(dsn(await mailed()))
    async with transaction(read_only=True):
        mark = await fetch_value("select id from address_mark")
    page, alice = f"/employers/{employers.erins}", browse(people.alice)
    assert (await alice.submit(f"/address-marks/{mark}/clear", page=page)).status_code == 303
    assert await marked() == [] and await stands_against(desk, boards, employers) == []
    assert "Mail comes back" not in (await alice.get(page)).text
    await alice.submit(f"/address-marks/{mark}/restore", page=page)
    assert len(await marked()) == 1
    with pytest.raises(Denied):
        await reachability.clear(people.ana, mark)


async def test_another_address_of_the_person_is_not_marked(desk, bring, mailed, boards, employers, superuser):
    await bring(dsn(await mailed()))
    await superuser(f"update contact set email = 'new@work.example.com' where id = '{desk.erins}'")
    assert await stands_against(desk, boards, employers) == []


@pytest.mark.parametrize("spoil", [("Final-Recipient", "X-Nothing"), ("message/delivery-status", "text/plain"), ("Action: failed", "Action: \xff"), ("boundary=\"b\"", "boundary=\"c\"")])
async def test_a_damaged_report_is_kept_and_marks_nothing_by_mistake(desk, bring, mailed, spoil):
    await bring(dsn(await mailed()).decode().replace(*spoil).encode("latin-1"))
    assert (await ledger())[-1]["state"] in ("bounce", "automatic", "quarantined")
    assert await bring(letter("erins@work.example.com", "desk@agency.example"))
    assert (await outcomes())[-1][0] in ("filed", "waiting")
