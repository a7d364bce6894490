"""Mailboxes that are read by IMAP, on a real server: each message once, in order, whatever dies; a server that hangs or talks garbage is said."""

import asyncio
import secrets
import threading
from pathlib import Path

import pytest

from crm import alerts
from crm.correspondence import mailboxes, polling
from crm.correspondence.imap import address_of
from crm.database import fetch, fetch_one, transaction
from crm.measuring import measure
from tests.correspondence import dovecot
from tests.correspondence.conftest import ledger, letter, outcomes, timeline
from tests.faults.crashing import Crash, crash_at

ERIN, ALICE = "Erin Reyes <erins@work.example.com>", "Alice <alice@example.org>"
MISSING = f"{dovecot.PROGRAM} is not there: `make imapd`, or: sudo apt-get install --yes --no-install-recommends dovecot-imapd"


@pytest.fixture(scope="module")
def server():
    if not Path(dovecot.PROGRAM).exists():
        pytest.fail(MISSING)
    with dovecot.running() as running:
        yield running


@pytest.fixture
def box(server):
    """The name of a mailbox that no other test uses."""
    return f"box{secrets.token_hex(4)}"


@pytest.fixture
def look(desk, server, box):
    async def once(url="", **limits):
        return await polling.look(url or server.url(box), desk.program.settings, **limits)

    return once


async def state(box="", kind="imap"):
    async with transaction(read_only=True):
        return await fetch_one("select * from mailbox where kind = $1 and name like '%' || $2 || '%' order by made_at desc limit 1", kind, box)


async def test_each_message_is_kept_once_and_the_next_look_goes_on(desk, server, box, look, work):
    await asyncio.to_thread(server.deliver, box, letter(ERIN, ALICE), letter(ERIN, ALICE, message_id="<two@x>", text="Two"))
    assert (await look(), await look()) == (2, 0)
    await asyncio.to_thread(server.deliver, box, letter(ERIN, ALICE, message_id="<three@x>", text="Three"))
    assert await look() == 1
    await work()
    assert [row["uid"] for row in await ledger()] == [1, 2, 3]
    assert await outcomes() == [("filed", "from_known")] * 3
    row = await state(box)
    assert (row["problem"], row["there"], row["last_uid"]) == ("", 3, 3) and row["good_at"]


async def test_the_mailbox_is_only_read(desk, server, box, look):
    await asyncio.to_thread(server.deliver, box, letter(ERIN, ALICE))
    await look()
    assert [set(flags) & {b"\\Seen", b"\\Deleted"} for flags in await asyncio.to_thread(server.flags, box)] == [set()]


async def test_set_so_what_was_kept_is_deleted_and_what_was_not_stays(desk, server, box, look):
    desk.configure(imap_delete=True)
    await asyncio.to_thread(server.deliver, box, letter(ERIN, ALICE), letter(ERIN, ALICE, message_id="<l@x>", text="x" * 70 + "\n" * 1_100_000))
    assert await look() == 1
    assert len(await asyncio.to_thread(server.flags, box)) == 1
    assert [row["state"] for row in await ledger()] == ["kept", "skipped"]


async def test_a_reply_by_the_mailbox_is_filed_as_one(desk, server, box, look, work, mailed, people):
    """What stops a sequence: an activity of kind email, direction in, of the person."""
    ours = await mailed()
    await asyncio.to_thread(server.deliver, box, letter(ERIN, "desk@agency.example", In_Reply_To=ours, References=ours))
    await look()
    await work()
    [line] = await timeline()
    assert (line["kind"], line["direction"], line["contact_id"]) == ("email", "in", desk.erins)


async def test_too_large_a_message_is_passed_by_with_a_line_that_says_so(desk, server, box, look, work, browse, people):
    await asyncio.to_thread(server.deliver, box, letter(ERIN, ALICE, text="x" * 70 + "\n" * 1_100_000), letter(ERIN, ALICE, message_id="<after@x>"))
    assert await look() == 1
    await work()
    assert await outcomes() == [("skipped", "too_large"), ("filed", "from_known")]
    assert "It is larger than the program takes in. It is still in the mailbox." in (await browse(people.sam).get("/emails?state=skipped")).text
    assert await look() == 0


async def test_forty_megabytes_are_never_fetched(desk, server, box, look):
    desk.configure(mail_in_limit_mb=25)
    await asyncio.to_thread(server.deliver, box, b"From: a@b.example\r\n\r\n" + (b"x" * 76 + b"\r\n") * 550_000)
    assert await look() == 0
    [row] = await ledger()
    assert (row["state"], row["size"] > 40_000_000, row["file_id"]) == ("skipped", True, None)


async def test_a_server_that_counts_anew_is_read_anew_and_nothing_is_kept_twice(desk, server, box, look):
    await asyncio.to_thread(server.deliver, box, letter(ERIN, ALICE), letter(ERIN, ALICE, message_id="<two@x>", text="Two"))
    await look()
    before = await state(box)
    await asyncio.to_thread(server.forget_numbers, box)
    await asyncio.to_thread(server.deliver, box, letter(ERIN, ALICE, message_id="<three@x>", text="Three"))
    assert await look() == 1
    assert (await state(box))["uid_validity"] != before["uid_validity"] and len(await ledger()) == 3


async def test_wherever_it_dies_the_next_look_ends_it(desk, server, box, look):
    """At each statement, commit and file's rename of a look that keeps one message."""
    point = 0
    while True:
        point += 1
        await asyncio.to_thread(server.deliver, box, letter(ERIN, ALICE, message_id=f"<{point}@x>"))
        with crash_at(point) as crashing:
            try:
                await look()
            except (Crash, Exception):
                assert crashing.where
        await look()
        assert len(await ledger()) == point
        if not crashing.where:
            break
    assert point > 8


async def test_two_at_once_keep_each_message_once(desk, server, box, look):
    await asyncio.to_thread(server.deliver, box, *(letter(ERIN, ALICE, message_id=f"<{number}@x>") for number in range(5)))
    kept = await asyncio.gather(*(look() for _time in range(3)))
    assert sum(kept) == 5 and len(await ledger()) == 5


async def test_read_and_empty_is_not_said_to_be_well(desk, server, box, look, browse, people):
    await look()
    page = (await browse(people.sam).get("/emails")).text
    assert "Read, and empty" in page and "Is it the right folder?" in page


# ── what a server may do wrong ──


async def test_a_wrong_password_and_an_unknown_folder_are_said(desk, server, box, look, browse, people):
    await look(server.url(box).replace(dovecot.quote(dovecot.PASSWORD), "wrong"))
    assert "refused" in (await state(box))["problem"]
    await look(server.url(box, "Nowhere"))
    assert (await state("Nowhere"))["problem"] == "The mail server has no folder Nowhere for this person."
    page = (await browse(people.sam).get("/emails")).text
    assert "Not read" in page and "Never read yet" in page and dovecot.PASSWORD not in page


async def test_a_certificate_that_no_one_vouches_for_is_not_trusted(desk, server, box, look):
    await look(server.url(box).partition("?")[0])
    assert "certificate is not trusted" in (await state(box))["problem"]


@pytest.fixture
async def odd():
    """`await odd(answers)`: a server that says these, whatever it is asked, and then nothing; its address."""
    opened = []

    async def serve(*said, then=""):
        async def talk(reader, writer):
            for each in said:
                writer.write(each)
                await writer.drain()
                if not await reader.readline():
                    return
            if then == "trickle":
                while not reader.at_eof():
                    writer.write(b"*")
                    await asyncio.sleep(0.05)
            await reader.read()
            writer.close()

        listening = await asyncio.start_server(talk, "127.0.0.1", 0)
        opened.append(listening)
        return f"imap://user:pass@127.0.0.1:{listening.sockets[0].getsockname()[1]}/INBOX?tls=none"

    yield serve
    for listening in opened:
        listening.close()


async def test_a_server_that_says_nothing_is_given_up(desk, odd, look):
    async with asyncio.timeout(10):
        await look(await odd(), seconds=0.3)
    assert (await state())["problem"] == "The mail server does not answer in time."


async def test_a_server_that_says_it_bit_by_bit_for_ever_is_given_up(desk, odd, look):
    async with asyncio.timeout(10):
        await look(await odd(b"* OK hello\r\n", then="trickle"), seconds=5, whole=0.5)
    assert (await state())["problem"] == "The mail server does not answer in time."


OK = b"* OK IMAP4rev1\r\n"
GARBAGE = {
    "no greeting": [b"HTTP/1.1 400 Bad Request\r\n"], "zeros": [b"\0" * 3000 + b"\r\n"], "bye": [b"* BYE no\r\n"],
    "an endless line": [b"* OK " + b"x" * 1_200_000 + b"\r\n"],
    "a literal without end": [OK, b"* CAPABILITY IMAP4rev1\r\n* 1 FETCH {999999999999}\r\n"],
    "the wrong tag": [OK, b"ZZZZ99 OK done\r\n"], "half a literal": [OK, b"* {12\r\n\xff\xfe\r\n"],
}  # fmt: skip


@pytest.mark.parametrize("what", GARBAGE)
async def test_garbage_from_a_server_is_said_and_nothing_falls(desk, odd, look, what):
    async with asyncio.timeout(20):
        assert await look(await odd(*GARBAGE[what]), seconds=0.5) == 0
    row = await state()
    assert row["problem"].startswith(("The mail server", "The connection to the mail server broke")) and row["good_at"] is None


async def test_no_one_is_there(desk, look):
    await look("imap://user:pass@127.0.0.1:1/INBOX?tls=none", seconds=2)
    assert (await state())["problem"] == "The connection to the mail server broke."


async def test_no_thread_waits_on_after_a_look_is_cancelled(desk, odd, look):
    before = threading.active_count()
    task = asyncio.ensure_future(look(await odd(OK), seconds=20))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10):
        while threading.active_count() > before + 1:  # the pool's own thread stays, idle
            await asyncio.sleep(0.02)


async def test_an_operator_hears_of_a_mailbox_that_is_not_read(desk, program, look, superuser, server, box):
    await look(await unused(), seconds=1)
    await superuser("update mailbox set made_at = now() - interval '31 minutes'")
    assert "mail_in_late" in {each.name for each in alerts.standing(await measure(program))}
    await mailboxes.retire_others([address_of(server.url(box)).name])
    assert "mail_in_late" not in {each.name for each in alerts.standing(await measure(program))}


async def unused():
    return "imap://user:pass@127.0.0.1:1/INBOX?tls=none"


async def test_the_password_is_nowhere_in_the_database(desk, server, box, look):
    await look()
    async with transaction(read_only=True):
        rows = await fetch("select to_jsonb(m)::text as row from mailbox m union all select to_jsonb(a)::text from audit_entry a")
    assert not any(dovecot.PASSWORD in row["row"] or "pass" in row["row"] and "sesame" in row["row"] for row in rows)
