"""Mail is sent once, or it is said that no one can know."""

import email
from email import policy
from uuid import uuid4

import msgspec
import pytest

from crm import mail, smtp
from crm.access import SYSTEM
from crm.database import execute, fetch_value, transaction
from crm.errors import Invalid, Unavailable
from crm.mail_connections import Connection
from crm.settings import SettingsError, settings_from
from crm.work import RunningJob


@pytest.fixture
def send():
    async def run(mail_id):
        await mail.send_queued(RunningJob(uuid4(), "mail.send", 1, SYSTEM), mail_id=str(mail_id))

    return run


async def test_a_mail_arrives_with_text_and_page(sending, postbox, write_to, row_of):
    mail_id = await write_to()

    await sending.worker().run_until_idle()

    [envelope] = postbox.arrived
    message = email.message_from_bytes(envelope.content, policy=policy.default)
    row = await row_of(mail_id)
    assert row["state"] == "sent" and row["sent_at"]
    assert envelope.rcpt_tos == ["ana@example.org"] and envelope.mail_from == "desk@agency.example"
    assert message["Message-ID"] == row["message_id"]
    assert "http://crm.test/sign-in/invitation/secret" in message.get_body(("plain",)).get_content()
    assert "http://crm.test/sign-in/invitation/secret" in message.get_body(("html",)).get_content()
    assert "<style" not in message.get_body(("html",)).get_content()


SECRETS = ("secret", "K7QM-2P")


async def test_a_link_waits_sealed_and_is_forgotten_once_it_is_sent(sending, postbox, write_to, row_of, send):
    mail_id = await write_to()
    waiting = dict(await row_of(mail_id))
    assert waiting["sealed"] and not any(word in str(waiting) for word in SECRETS)

    await send(mail_id)

    assert b"/sign-in/invitation/secret" in postbox.arrived[0].content
    row = dict(await row_of(mail_id))
    assert row["sealed"] is None and not any(word in str(row) for word in SECRETS)


@pytest.mark.parametrize("answer", ["550 No such person", "break"])
async def test_a_link_that_will_not_be_sent_again_is_forgotten(sending, postbox, write_to, row_of, send, answer):
    postbox.to_data = [answer]
    mail_id = await write_to()
    await send(mail_id)
    assert (await row_of(mail_id))["sealed"] is None


async def test_a_mail_sealed_with_another_key_is_said_to_have_failed(sending, postbox, write_to, row_of, send):
    mail_id = await write_to()
    async with transaction():
        await execute("update mail_message set sealed = set_byte(sealed, 20, 255 - get_byte(sealed, 20)) where id = $1", mail_id)
    await send(mail_id)

    row = await row_of(mail_id)
    assert row["state"] == "failed" and "CRM_SECRET_KEY" in row["reason"] and postbox.arrived == []


async def test_no_administrator_reads_a_link_that_goes_out(program, sending, people, browse, write_to):
    await write_to()
    page = (await browse(people.sam).get("/mail")).text
    assert "Ana" in page and "for its reader alone" in page
    assert not any(word in page for word in SECRETS)


async def test_what_waited_before_a_server_was_set_is_not_shown_any_more(program, postbox, people, browse, write_to):
    await write_to()
    assert "K7QM-2P" in (await browse(people.sam).get("/mail")).text

    program.settings = msgspec.structs.replace(program.settings, smtp_url=postbox.url)
    page = (await browse(people.sam).get("/mail")).text
    assert "for its reader alone" in page and not any(word in page for word in SECRETS)


async def test_without_a_server_it_waits_on_the_mail_page(program, write_to, row_of):
    row = await row_of(await write_to())

    assert row["state"] == "outbox"
    assert "K7QM-2P" in row["text_body"]


async def test_what_is_rolled_back_is_not_sent(sending, postbox, write_to):
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await write_to()
            raise ZeroDivisionError

    await sending.worker().run_until_idle()
    assert postbox.arrived == []


async def test_sending_twice_sends_once(sending, postbox, write_to, send):
    mail_id = await write_to()

    await send(mail_id)
    await send(mail_id)

    assert len(postbox.arrived) == 1


async def test_a_death_while_sending_is_shown_and_not_sent_again(sending, postbox, write_to, row_of, send):
    mail_id = await write_to()
    async with transaction():
        await execute("update mail_message set state = 'sending' where id = $1", mail_id)

    await send(mail_id)

    assert postbox.arrived == []
    assert (await row_of(mail_id))["state"] == "uncertain"


async def test_a_connection_that_breaks_after_the_text_is_uncertain(sending, postbox, write_to, row_of, send):
    postbox.to_data = ["break"]
    mail_id = await write_to()

    await send(mail_id)
    await send(mail_id)

    row = await row_of(mail_id)
    assert row["state"] == "uncertain" and "may have arrived" in row["reason"]
    assert len(postbox.arrived) == 1


@pytest.mark.parametrize("step", ["to_rcpt", "to_data"])
async def test_a_refusal_for_now_is_tried_again(sending, postbox, write_to, row_of, send, step):
    setattr(postbox, step, ["451 Try later"])
    mail_id = await write_to()

    with pytest.raises(Unavailable, match="451 Try later"):
        await send(mail_id)
    assert (await row_of(mail_id))["state"] == "queued"

    await send(mail_id)
    assert (await row_of(mail_id))["state"] == "sent"
    assert len(postbox.arrived) == 1


@pytest.mark.parametrize("step", ["to_rcpt", "to_data"])
async def test_a_refusal_for_good_is_said(sending, postbox, write_to, row_of, send, step):
    setattr(postbox, step, ["550 No such person"])
    mail_id = await write_to()

    await send(mail_id)

    row = await row_of(mail_id)
    assert row["state"] == "failed"
    assert row["reason"] == "The mail server refused it. (550 No such person)"


async def test_a_server_that_is_away_keeps_the_mail_queued(sending, write_to, row_of, send):
    mail_id = await write_to()
    gone = smtp.compose(dict(await row_of(mail_id)), sending.settings)

    done = await Connection("smtp://127.0.0.1:1?tls=none").deliver(gone, sender="desk@agency.example", to="ana@example.org")

    assert done.state == "again" and "does not answer" in done.reason


async def test_never_sends_in_clear_where_encryption_is_asked_for(sending, postbox, write_to, row_of):
    message = smtp.compose(dict(await row_of(await write_to())), sending.settings)

    done = await Connection(postbox.url.replace("none", "starttls")).deliver(message, sender="desk@agency.example", to="ana@example.org")

    assert done.state == "again" and postbox.arrived == []


async def test_an_address_with_an_accent_arrives(sending, postbox, write_to, send):
    await send(await write_to(to="José@example.org"))

    assert postbox.arrived[0].rcpt_tos == ["José@example.org"]


@pytest.mark.parametrize("to", ["", "nobody", "a@b@c", "ana@example.org\nBcc: all@example.org", "ana@localhost"])
async def test_refuses_what_is_no_address(sending, write_to, to):
    with pytest.raises(Invalid):
        await write_to(to=to)

    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from mail_message") == 0


async def test_a_name_cannot_add_a_header(sending, postbox, write_to, send):
    await send(await write_to(name="Ana\r\nBcc: all@example.org"))

    message = email.message_from_bytes(postbox.arrived[0].content, policy=policy.default)
    assert message["Bcc"] is None
    assert message["Subject"] == "Your invitation to Employer Desk"


@pytest.mark.parametrize("url", ["mail.example.org", "smtp://", "smtp://host:x", "http://host", "smtp://host?tls=maybe"])
def test_refuses_a_server_address_that_is_none(url):
    with pytest.raises(SettingsError, match="CRM_SMTP_URL"):
        smtp.server(url)


def test_reads_a_server_address():
    found = smtp.server("smtp://ana%40example.org:p%3Aw@mail.example.org?tls=tls")

    assert found["username"] == "ana@example.org" and found["password"] == "p:w"
    assert found["port"] == 465 and found["use_tls"] and not found["start_tls"]


def test_refuses_a_sender_that_is_none(tmp_path):
    settings = settings_from({"CRM_DATA": str(tmp_path), "CRM_MAIL_FROM": "Desk <desk@agency.example>"})

    with pytest.raises(SettingsError, match="CRM_MAIL_FROM"):
        smtp.sender(settings)


@pytest.mark.parametrize(
    ("name", "context"),
    [
        ("invitation", {"name": "Ana", "invited_by": "Bob", "path": "/p", "code": "K7QM-2P"}),
        ("magic_link", {"name": "Ana", "path": "/p", "code": "K7QM-2P"}),
        ("security_notice", {"name": "Ana", "what": "Your password was changed."}),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
async def test_every_mail_has_a_subject_a_text_and_a_page(program, name, context, language):
    letter = mail.rendered(name, language, context)

    assert letter.subject and "\n" not in letter.subject
    assert "Ana" in letter.text and "<" not in letter.text
    assert f'<html lang="{language}"' in letter.page


async def test_what_people_are_called_is_escaped_on_the_page_and_plain_in_the_text(program):
    letter = mail.rendered("security_notice", "en", {"name": "<b>A&B</b>", "what": "x"})

    assert "&lt;b&gt;A&amp;B" in letter.page
    assert "<b>A&B</b>" in letter.text
