"""A connection serves many mails, one at a time; whatever a mail server does to it, no mail is lost and none leaves twice."""

import asyncio
import contextlib
import ssl
import subprocess
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from crm import mail, mail_connections, smtp
from crm.database import fetch_value, transaction
from crm.mail_connections import MailServer


class Server(SMTP):
    """Does at each step what its book of `odd` things says for that step; "drop" hangs up, "hang" never answers."""

    def __init__(self, book, **more):
        super().__init__(book, **more)
        self.book, self.mails = book, 0
        book.connections.append(self)

    async def odd(self, step):
        """Whether the step was dealt with here."""
        answer = self.book.odd[step].pop(0) if self.book.odd.get(step) else None
        if answer == "drop":
            self.transport.abort()
        elif answer == "hang":
            await asyncio.Event().wait()
        elif answer is not None:
            await self.push(answer)
        return answer is not None

    async def smtp_MAIL(self, arg):  # noqa: N802
        if not await self.odd("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg):  # noqa: N802
        if not await self.odd("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg):  # noqa: N802
        if await self.odd("DATA"):
            return
        if self.book.odd.get("text"):
            await self.push("354 Go on")
            await self._reader.readline()
            await self.odd("text")
            return
        await super().smtp_DATA(arg)
        self.mails += 1
        if self.mails == self.book.closes_after:
            self.transport.close()


class Book:
    """What arrived, over which connections, and how many mails were under way at once."""

    def __init__(self):
        self.arrived, self.connections, self.odd = [], [], {}
        self.closes_after, self.under_way, self.most = 0, 0, 0
        self.signed_in = 0

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        answer = self.odd["end"].pop(0) if self.odd.get("end") else "250 OK"
        if answer in ("drop", "hang") or answer.startswith("250"):
            self.arrived.append((envelope.rcpt_tos[0], envelope.content))
        if answer == "drop":
            server.transport.abort()
        if answer == "hang":
            await asyncio.Event().wait()
        return answer

    def authenticate(self, server, session, envelope, mechanism, data):
        self.signed_in += 1
        return AuthResult(success=data.password == b"sesame", handled=False)


@contextlib.asynccontextmanager
async def serving(book, *, ssl=None, **more):  # noqa: A002
    listening = await asyncio.get_running_loop().create_server(lambda: Server(book, enable_SMTPUTF8=True, **more), "127.0.0.1", 0, ssl=ssl)
    yield listening.sockets[0].getsockname()[1]
    listening.close()


@pytest.fixture
async def book():
    made = Book()
    async with serving(made) as port:
        made.url = f"smtp://127.0.0.1:{port}?tls=none"
        yield made


@pytest.fixture
async def server(book):
    """Our side."""
    made = MailServer(book.url)
    yield made
    made.close()


async def send(server, to="ana@example.org", text="Hello"):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "desk@agency.example", "ana@example.org", "Hello"
    message.set_content(text)
    async with server.connection() as connection:
        return await connection.deliver(message, sender="desk@agency.example", to=to)


async def states(server, count):
    return [(await send(server, f"p{number}@example.org")).state for number in range(count)]


def people(count):
    return [f"p{number}@example.org" for number in range(count)]


async def test_mails_one_after_the_other_leave_over_one_connection(server, book):
    assert await states(server, 5) == ["sent"] * 5
    assert [to for to, _text in book.arrived] == people(5)
    assert len(book.connections) == 1


async def test_many_at_once_have_a_few_connections_and_each_its_own(server, book):
    done = await asyncio.gather(*(send(server, f"p{number}@example.org", f"For {number}") for number in range(20)))

    assert {each.state for each in done} == {"sent"}
    assert sorted(book.arrived) == sorted((to, text) for to, text in book.arrived if f"For {to[1:].partition('@')[0]}\r\n".encode() in text)
    assert sorted(to for to, _text in book.arrived) == sorted(people(20))
    assert book.most <= len(book.connections) == mail_connections.AT_ONCE


async def test_a_server_that_closes_after_three_mails_is_called_again(server, book):
    book.closes_after = 3
    assert await states(server, 7) == ["sent"] * 7
    assert [to for to, _text in book.arrived] == people(7)
    assert len(book.connections) == 3


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", ["drop", "421 Too many mails over this connection"])
async def test_what_is_lost_before_the_text_leaves_on_a_new_connection(server, book, step, answer):
    await send(server)
    book.odd[step] = [answer]

    assert (await send(server, "bob@example.org")).state == "sent"
    assert [to for to, _text in book.arrived] == ["ana@example.org", "bob@example.org"]
    assert len(book.connections) == 2


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", ["drop", "421 Come back later"])
async def test_a_server_that_hangs_up_on_the_new_one_too_is_away(server, book, step, answer):
    await send(server)
    book.odd[step] = [answer, answer]

    done = await send(server, "bob@example.org")
    assert done.state == "again" and "does not answer" in done.reason
    assert len(book.arrived) == 1 and len(book.connections) == 2
    assert (await send(server, "bob@example.org")).state == "sent"


@pytest.mark.parametrize("step", ["text", "end"])
async def test_what_is_lost_once_the_text_left_us_is_uncertain(server, book, step):
    """We cannot see how much of it the server took."""
    await send(server)
    book.odd[step] = ["drop"]

    done = await send(server, "bob@example.org")
    assert done.state == "uncertain" and "may have arrived" in done.reason
    assert len(book.connections) == 1
    assert (await send(server, "cid@example.org")).state == "sent"
    assert [to for to, _text in book.arrived].count("bob@example.org") == (step == "end")


@pytest.mark.parametrize(("step", "state"), [("MAIL", "again"), ("RCPT", "again"), ("DATA", "again"), ("text", "uncertain"), ("end", "uncertain")])
async def test_a_server_that_hangs_is_left_in_time_and_its_late_answer_belongs_to_no_other_mail(server, book, monkeypatch, step, state):
    monkeypatch.setattr(smtp, "SECONDS", 0.2)
    await send(server)
    book.odd[step] = ["hang"]

    assert (await send(server, "bob@example.org")).state == state
    assert (await send(server, "cid@example.org")).state == "sent"
    assert len(book.connections) == 2


@pytest.mark.parametrize(("answer", "state"), [("450 Slow down", "again"), ("550 No such person", "failed")])
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "end"])
async def test_a_refused_mail_leaves_the_connection_to_the_next(server, book, step, answer, state):
    book.odd[step] = [answer]

    done = await send(server, "bob@example.org")
    assert done.state == state and answer in done.reason
    assert (await send(server)).state == "sent"
    assert [to for to, _text in book.arrived] == ["ana@example.org"] and len(book.connections) == 1


async def test_an_answer_that_means_nothing_is_uncertain(server, book):
    book.odd["end"] = ["354 More"]
    assert (await send(server)).state == "uncertain"


async def test_a_mail_that_was_broken_off_takes_its_connection_with_it(server, book):
    await send(server)
    book.odd["MAIL"] = ["hang"]
    broken = asyncio.create_task(send(server, "bob@example.org"))
    while book.odd["MAIL"]:
        await asyncio.sleep(0)
    broken.cancel()
    with pytest.raises(asyncio.CancelledError):
        await broken

    assert (await send(server, "cid@example.org")).state == "sent"
    assert [to for to, _text in book.arrived] == ["ana@example.org", "cid@example.org"] and len(book.connections) == 2


async def test_a_connection_that_no_mail_needs_is_closed(server, book, monkeypatch):
    monkeypatch.setattr(mail_connections, "IDLE", 0.01)
    await send(server)
    [first] = book.connections
    async with asyncio.timeout(5):
        while first.transport is not None and not first.transport.is_closing():
            await asyncio.sleep(0.01)

    assert (await send(server)).state == "sent" and len(book.connections) == 2


async def test_after_many_mails_a_new_one_is_opened(server, book, monkeypatch):
    monkeypatch.setattr(mail_connections, "MAILS", 2)
    assert await states(server, 5) == ["sent"] * 5
    assert len(book.connections) == 3


async def test_dots_and_line_ends_arrive_as_they_were_written(server, book):
    await send(server, text=".\n..two\nplain\n")
    assert book.arrived[0][1].endswith(b"\r\n\r\n.\r\n..two\r\nplain\r\n")


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """One for 127.0.0.1 that this process trusts; the server's side of it."""
    cert, key = tmp_path / "cert", tmp_path / "key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the server does not see that it was encrypted from the start
@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_encryption_and_sign_in_happen_once_for_a_connection(certificate, tls):
    book, more = Book(), {"auth_required": True}
    if tls == "starttls":
        more |= {"tls_context": certificate, "require_starttls": True}
    more |= {"authenticator": book.authenticate, "auth_require_tls": tls == "starttls"}
    async with serving(book, ssl=certificate if tls == "tls" else None, **more) as port:
        server = MailServer(f"smtp://desk:sesame@127.0.0.1:{port}?tls={tls}")
        assert await states(server, 4) == ["sent"] * 4
        assert len(book.connections) == book.signed_in == 1
        assert book.connections[0].transport.get_extra_info("sslcontext") is not None

        book.odd["MAIL"] = ["drop"]
        assert await states(server, 2) == ["sent"] * 2
        assert len(book.connections) == book.signed_in == 2
        server.close()


async def test_a_wrong_password_is_said_and_the_mail_waits(certificate):
    book = Book()
    async with serving(book, tls_context=certificate, require_starttls=True, auth_required=True, authenticator=book.authenticate) as port:
        done = await send(MailServer(f"smtp://desk:wrong@127.0.0.1:{port}?tls=starttls"))
    assert done.state == "again" and "CRM_SMTP_URL" in done.reason and book.arrived == []


async def test_each_mail_is_committed_as_being_sent_before_the_server_hears_of_it(sending, postbox, write_to, row_of):
    """Also when the connection was there already."""
    seen = []

    async def look(server, session, envelope, address, options):
        async with transaction(read_only=True):
            seen.append(await fetch_value("select state from mail_message where id = $1", waiting))
        envelope.mail_from = address
        return "250 OK"

    postbox.handle_MAIL = look
    for _mail in range(3):
        waiting = await write_to()
        await sending.worker().run_until_idle()
        assert (await row_of(waiting))["state"] == "sent"
    assert seen == ["sending"] * 3 and len({id(each) for each in postbox.arrived}) == 3
    mail.stop()
