"""The door of the dropbox, by real LMTP and SMTP: what it answers 250 to is kept, once, whatever dies; the rest is refused by its code."""

import asyncio
import smtplib
import socket
import ssl
import subprocess
from email.policy import SMTP

import msgspec
import pytest

from crm import files
from crm.correspondence import addresses, keeping
from crm.correspondence import door as door_module
from crm.correspondence.door import listening
from crm.database import fetch_value, transaction
from crm.errors import Denied
from tests.correspondence.conftest import ledger, letter, outcomes
from tests.faults.crashing import Crash, crash_at

FROM_ERIN = letter("Erin Reyes <erins@work.example.com>", "alice@example.org")


async def test_what_is_answered_250_is_kept_byte_for_byte(desk, door):
    assert await door(FROM_ERIN, desk.alice) == {}
    [row] = await ledger()
    async with transaction(read_only=True):
        key = await fetch_value("select storage_key from stored_file where id = $1", row["file_id"])
    assert await files.read(key) == FROM_ERIN.as_bytes(policy=SMTP)
    assert (row["recipient"], row["size"] > 0) == ("log+…@crm.example", True)


@pytest.mark.parametrize("scheme", ["lmtp", "smtp"])
async def test_one_message_for_several_is_kept_for_each(desk, door, scheme):
    assert await door(FROM_ERIN, desk.alice, desk.charlie, scheme=scheme) == {}
    assert len(await ledger()) == 2


async def test_brought_again_it_is_kept_once(desk, door):
    for _time in range(3):
        assert await door(FROM_ERIN, desk.alice) == {}
    assert len(await ledger()) == 1


@pytest.mark.parametrize("to", ["someone@crm.example", "log+aaaaaaaaaaaaaaaaaaaa@crm.example", "log@elsewhere.example", "log+@crm.example", "x" * 300 + "@crm.example"])
async def test_only_our_own_addresses_are_taken_for(desk, door, to):
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        await door(FROM_ERIN, to)
    assert {code for code, _text in refused.value.recipients.values()} <= {550, 500}
    assert await ledger() == []


async def test_an_address_is_refused_from_the_moment_it_is_renewed_or_its_person_leaves(desk, door, people, superuser):
    await addresses.renew(people.alice)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        await door(FROM_ERIN, desk.alice)
    await superuser(f"update account set disabled_at = now() where id = '{people.charlie.account_id}'")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        await door(FROM_ERIN, desk.charlie)


async def test_no_one_but_staff_who_work_with_employers_has_an_address(desk, people):
    for person in (people.ana, people.walter, people.teresa, people.erin):
        with pytest.raises(Denied):
            await addresses.renew(person)


async def test_a_report_of_a_mail_system_has_no_sender_and_is_taken(desk, door):
    assert await door(letter("mailer-daemon@mx.example", "desk@agency.example"), "desk@agency.example", sender="") == {}
    assert len(await ledger()) == 1


async def test_too_large_a_message_is_refused_before_and_after_its_text(desk, door):
    large = letter("erins@work.example.com", "x", text="x" * 70 + "\n").as_bytes() + b"y" * 75 + (b"\r\n" + b"z" * 75) * 15_000
    with pytest.raises((smtplib.SMTPSenderRefused, smtplib.SMTPDataError)) as refused:
        await door(large, desk.alice)  # the client says its size
    assert refused.value.smtp_code == 552
    _context, port = door.lmtp
    answers = await asyncio.to_thread(_talk, port, [b"LHLO x", b"MAIL FROM:<a@b.example>", b"RCPT TO:<" + desk.alice.encode() + b">", b"DATA", large + b"\r\n.", b"QUIT"])
    assert answers[-2].startswith(b"552") and await ledger() == []


async def test_forty_megabytes_are_refused_at_the_usual_limit(desk, door):
    desk.configure(mail_in_limit_mb=25)
    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        await door(b"From: a@b.example\r\n\r\n" + (b"x" * 76 + b"\r\n") * 550_000, desk.alice)
    assert refused.value.smtp_code == 552


async def test_an_empty_message_is_refused(desk, door):
    with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPRecipientsRefused)):
        await door(b"", desk.alice)
    assert await ledger() == []


async def test_a_second_message_cannot_be_smuggled_inside_the_first(desk, door):
    """A lone dot between bare line feeds ends no message, so what follows it is text."""
    await door(FROM_ERIN, desk.charlie)  # so that it listens
    smuggled = b"From: erins@work.example.com\r\nMessage-ID: <outer@x>\r\n\r\nHello\n.\nMAIL FROM:<boss@state.example>\nRCPT TO:<" + desk.alice.encode() + \
        b">\nDATA\nFrom: boss@state.example\n\nsmuggled\n.\r\n\r\n."  # fmt: skip
    answers = await asyncio.to_thread(_talk, door.lmtp[1], [b"LHLO x", b"MAIL FROM:<a@b.example>", b"RCPT TO:<" + desk.alice.encode() + b">", b"DATA", smuggled, b"QUIT"])
    assert sum(answer.startswith(b"250 2.0.0") for answer in answers) == 1
    assert len(await ledger()) == 2


def _talk(port, lines):
    answers = []
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line, line.makefile("rb") as heard:
        answers.append(heard.readline())
        for each in lines:
            line.sendall(each + b"\r\n")
            while True:
                answer = heard.readline()
                if not answer or answer[3:4] != b"-":
                    break
            answers.append(answer)
    return answers


async def test_garbage_gets_an_answer_and_leaves_the_door_open(desk, door):
    await door(FROM_ERIN, desk.alice)
    answers = await asyncio.to_thread(_talk, door.lmtp[1], [b"\xff\xfe\x00", b"EHLO x", b"RCPT TO:<a>", b"GET / HTTP/1.1", b"QUIT"])
    assert all(answer[:1] in (b"5", b"2") for answer in answers)
    assert await door(letter("erins@work.example.com", "x", message_id="<two@x>"), desk.alice) == {}


async def test_whoever_says_nothing_is_hung_up_on(desk, monkeypatch):
    monkeypatch.setattr(door_module, "SECONDS", 0.2)
    async with listening(msgspec.structs.replace(desk.program.settings, mail_in_listen="lmtp://127.0.0.1:0")) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
        assert (await reader.readline()).startswith(b"220")
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()


async def test_too_many_guests_are_asked_to_come_later(desk, monkeypatch):
    monkeypatch.setattr(door_module, "MOST_GUESTS", 1)
    async with listening(msgspec.structs.replace(desk.program.settings, mail_in_listen="smtp://127.0.0.1:0")) as server:
        address = server.sockets[0].getsockname()
        first, line = await asyncio.open_connection(*address)
        assert (await first.readline()).startswith(b"220")
        second, other = await asyncio.open_connection(*address)
        assert (await second.readline()).startswith(b"421")
        line.close()
        await line.wait_closed()
        other.close()
        async with asyncio.timeout(10):
            while True:
                third, another = await asyncio.open_connection(*address)
                answer = await third.readline()
                another.close()
                if answer.startswith(b"220"):
                    break


async def test_with_a_certificate_mail_is_taken_by_tls_alone(desk, tmp_path):
    pem = tmp_path / "door.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")], check=True, capture_output=True)  # fmt: skip
    pem.write_text((tmp_path / "cert").read_text() + (tmp_path / "key").read_text())
    settings = msgspec.structs.replace(desk.program.settings, mail_in_listen="smtp://127.0.0.1:0", mail_in_certificate=pem)
    async with listening(settings) as server:
        port = server.sockets[0].getsockname()[1]

        def by(tls):
            with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
                if tls:
                    client.starttls(context=ssl.create_default_context(cafile=str(tmp_path / "cert")))
                client.sendmail("a@b.example", [desk.alice], FROM_ERIN.as_bytes())

        with pytest.raises(smtplib.SMTPException):
            await asyncio.to_thread(by, False)
        await asyncio.to_thread(by, True)
    assert len(await ledger()) == 1


async def test_wherever_it_dies_between_keeping_and_answering_nothing_is_lost_and_nothing_is_kept_twice(desk, door, people):
    """Each statement, commit and file's rename: the bringer hears no 250, brings it again, and it is there once."""
    async with transaction(read_only=True):
        taker = await addresses.taker_of(desk.alice, desk.program.settings)
    point = 0
    while True:
        point += 1
        message = letter("erins@work.example.com", "x", message_id=f"<{point}@x>").as_bytes(policy=SMTP)
        arrival = keeping.Arrival(mailbox_id=await mailbox(), body=message, received_at=await now(), recipient=taker.shown, account_id=taker.account_id)
        with crash_at(point) as crashing:
            try:
                await keeping.keep(arrival)
            except (Crash, Exception):
                assert crashing.where
        assert await door(message, desk.alice) == {}
        assert len(await ledger()) == point
        if not crashing.where:
            break
    assert point > 5
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from job where name = 'correspondence.file'") == point


async def mailbox():
    from crm.correspondence.mailboxes import door_id

    return await door_id()


async def now():
    async with transaction(read_only=True):
        return await fetch_value("select now()")


async def test_a_store_that_is_away_is_come_back_later(desk, door, monkeypatch):
    await door(FROM_ERIN, desk.charlie)
    monkeypatch.setattr(files._Open, "folder", files._Open.folder / "gone" / "deeper")
    with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException)) as refused:
        await door(letter("erins@work.example.com", "x", message_id="<3@x>"), desk.alice)
    assert "451" in str(refused.value)
    assert len(await ledger()) == 1


async def test_nothing_is_ever_answered_by_the_program(desk, door, work):
    """A loop needs two who answer."""
    for sender in ("desk@agency.example", "log@crm.example", desk.alice, "mailer-daemon@x.example"):
        await door(letter(sender, desk.alice, message_id=f"<{sender}>", Auto_Submitted="auto-replied"), desk.alice)
    await work()
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from mail_message") == 0
    assert {state for state, _reason in await outcomes()} <= {"ignored", "automatic"}


async def test_the_record_says_that_a_message_was_kept_and_nothing_of_what_it_says(desk, door, work):
    await door(FROM_ERIN, desk.alice)
    await work()
    async with transaction(read_only=True):
        told = await fetch_value("select string_agg(verb || coalesce(changes::text, ''), ' ') from (select verb, to_jsonb(e) as changes from audit_entry e) x")
    assert "email.kept" in told and "email.decided" in told
    assert "About spring" not in told and "two interns" not in told and desk.alice.split("+")[1].split("@")[0] not in told
