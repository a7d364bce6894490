"""Mail: rendered from templates, kept as a row, sent by a job. What is uncertain is said, never sent twice.

A link that signs someone in is for its reader alone: it waits sealed until it is sent, and is then forgotten.
Without CRM_SMTP_URL mail goes nowhere: it is read on the mail page, links and all, which production refuses.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from email.utils import make_msgid
from typing import Any
from uuid import UUID, uuid4

import css_inline
from jinja2 import Environment
from msgspec import Struct, json

from crm import sealing
from crm.actions import Act
from crm.database import execute, fetch_one, transaction
from crm.email_addresses import normalise_email
from crm.errors import Invalid, Unavailable
from crm.mail_connections import Connection, MailServer
from crm.settings import Settings
from crm.smtp import Delivery, compose, sender, server
from crm.translation import _, speaking
from crm.work import RunningJob

WITH_LINK = frozenset({"invitation", "magic_link", "event_guest", "report", "learner_link"})
UNSAID = {"path": "/…", "code": "…"}  # in their place
_environment: list[tuple[Environment, Settings]] = []
_servers: list[MailServer] = []


class Letter(Struct, frozen=True):
    """A mail in words."""

    subject: str
    text: str
    page: str


def start(environment: Environment, settings: Settings) -> None:
    """Keep what mails are rendered with. Called at start. Raises `SettingsError` where no mail could leave."""
    if settings.smtp_url:
        server(settings.smtp_url)
        sender(settings)
    stop()
    _environment[:] = [(environment, settings)]
    _servers[:] = [MailServer(settings.smtp_url)]


def stop() -> None:
    """Leave the mail server. Called at the end."""
    for each in _servers:
        each.close()


def connection() -> AbstractAsyncContextManager[Connection]:
    """To the mail server, for one mail: taken before the mail is marked as being sent, so that none waits in that state."""
    return _servers[0].connection()


def current_settings() -> Settings:
    """Those that mails are made with."""
    return _environment[0][1]


def rendered(template: str, language: str, context: Mapping[str, Any]) -> Letter:
    """`emails/<template>` in the language of its reader."""
    environment, settings = _environment[0]
    values = {"agency": settings.agency_name, "site": settings.url, "language": language, **context}
    with speaking(language):
        subject, text, page = (
            environment.get_template(f"emails/{template}.{part}").render(values) for part in ("subject.txt", "txt", "html")
        )
    # one line: a line break would start a header of the writer's choice
    return Letter(" ".join(subject.split()), text.strip(), css_inline.inline(page, load_remote_stylesheets=False))


async def queue_mail(
    act: Act, template: str, *, to: str, language: str, context: Mapping[str, Any], account_id: UUID | None = None
) -> UUID:
    """Render a mail and keep it inside the open action; its job sends it after the commit."""
    _rendered, settings = _environment[0]
    address = normalise_email(to, test_environment=settings.mode == "development")
    if not address.address:
        raise Invalid(address.note or _("There is no mail address."))
    mail_id, sealed = uuid4(), None
    letter = rendered(template, language, context)
    if settings.smtp_url and template in WITH_LINK:
        sealed = sealing.seal(json.encode(letter).decode(), "mail_message", "sealed", mail_id)
        letter = rendered(template, language, {**context, **UNSAID})
    domain = settings.mail_from.rpartition("@")[2] or "localhost"
    await execute(
        "insert into mail_message (id, to_address, subject, text_body, html_body, sealed, language, template, message_id, "
        "state, account_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        mail_id, address.address, letter.subject, letter.text, letter.page, sealed, language, template,
        make_msgid(domain=domain), "queued" if settings.smtp_url else "outbox", account_id,
    )  # fmt: skip
    if settings.smtp_url:
        await act.enqueue("mail.send", {"mail_id": str(mail_id)}, title=f"Mail: {template}", key=f"mail:{mail_id}")
    return mail_id


async def send_queued(job: RunningJob, *, mail_id: str) -> None:
    """Send one mail. The state *sending* is committed before the socket is used for it, so a death in between is seen."""
    async with connection() as server:
        row = await _claim(UUID(mail_id))
        if row is None:
            return
        done = await _sent(row, server)
    async with transaction():
        await execute(
            "update mail_message set state = $2, reason = $3, sent_at = case when $2 = 'sent' then now() end, "
            "sealed = case when $2 = 'queued' then sealed end where id = $1",
            UUID(mail_id), "queued" if done.state == "again" else done.state, done.reason,
        )  # fmt: skip
    if done.state == "again":
        raise Unavailable(done.reason)


async def _sent(row: dict[str, Any], server: Connection) -> Delivery:
    settings = current_settings()
    try:
        message = compose(_opened(row), settings)
    except sealing.SealBroken as problem:
        return Delivery("failed", str(problem))
    return await server.deliver(message, sender=settings.mail_from, to=row["to_address"])


async def _claim(mail_id: UUID) -> dict[str, Any] | None:
    """The mail, now marked as being sent; None when it is not to be sent any more."""
    async with transaction():
        claimed = await fetch_one(
            "update mail_message set state = 'sending' where id = $1 and state = 'queued' returning *", mail_id
        )
        if claimed is not None:
            return dict(claimed)
        # it was being sent when the worker died: no one can know whether it arrived
        await execute(
            "update mail_message set state = 'uncertain', reason = $2, sealed = null where id = $1 and state = 'sending'",
            mail_id, _("The worker stopped while it was being sent; it may have arrived."),
        )  # fmt: skip
    return None


def _opened(row: dict[str, Any]) -> dict[str, Any]:
    """The mail as its reader gets it. Raises `SealBroken`."""
    if row["sealed"] is None:
        return row
    letter = json.decode(sealing.open_sealed(row["sealed"], "mail_message", "sealed", row["id"]), type=Letter)
    return row | {"text_body": letter.text, "html_body": letter.page}
