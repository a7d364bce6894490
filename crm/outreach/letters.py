"""What one reader gets: the words in their language, filled, with the board's address and the way out below."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm.database import fetch_one
from crm.mail import Letter, current_settings, rendered
from crm.outreach.rules import filled
from crm.smtp import sender


class Reader(Struct, frozen=True):
    """Who reads, and who writes to them."""

    values: Mapping[str, str]  # of the fields
    address: str  # the board's, on paper
    reply_to: str


class Written(Struct, frozen=True):
    letter: Letter
    language: str


async def reader(board_id: UUID, employer_id: UUID, contact_id: UUID, account_id: UUID | None, more: Mapping[str, str] | None = None) -> Reader:
    """A person at an employer, to whom someone of the board writes; `more` values fill further fields."""
    row = await fetch_one(
        "select c.given_name as first_name, c.family_name as last_name, e.name as employer, e.city, coalesce(nullif(b.public_name, ''), b.name) "
        "as board, coalesce(a.name, '') as sender, b.address, coalesce(a.email, nullif(b.email, ''), '') as reply_to "
        "from contact c, employer e, board b left join account a on a.id = $4 where c.id = $3 and e.id = $2 and b.id = $1",
        board_id, employer_id, contact_id, account_id,
    )  # fmt: skip
    assert row is not None
    values = {key: str(value) for key, value in row.items()}
    address, reply_to = values.pop("address"), values.pop("reply_to")
    return Reader(values | dict(more or {}), address, reply_to)


def words(source: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Subject and text in the reader's language; English where there are no others."""
    if language == "es" and source["body_es"]:
        return source["subject_es"], source["body_es"]
    return source["subject_en"], source["body_en"]


def context_of(source: Mapping[str, Any], language: str, who: Reader, out: str) -> dict[str, str]:
    """What the template of mails to employers names; the way out is the address `out`."""
    subject, body = (filled(text, who.values) for text in words(source, language))
    return {"subject": subject, "body": body, "board": who.values["board"], "address": who.address, "out": out}


def written(source: Mapping[str, Any], language: str, who: Reader, out: str) -> Written:
    """The mail to one person. `source` has the words in both languages."""
    spoken = "es" if language == "es" and source["body_es"] else "en"
    return Written(rendered("mailing", spoken, context_of(source, language, who, out)), spoken)


def compose(mail: Written, who: Reader, *, to: str, out: str, message_id: str, date: datetime) -> EmailMessage:
    """The message to one person. Without tracking, and with a text for every reader."""
    settings = current_settings()
    message = EmailMessage()
    message["From"] = Address(who.values["board"], addr_spec=str(sender(settings).addr_spec))
    message["Reply-To"] = who.reply_to or settings.mail_from
    name, _at, domain = to.rpartition("@")
    message["To"] = Address(username=name, domain=domain)
    message["Subject"] = mail.letter.subject
    message["Date"] = date
    message["Message-ID"] = message_id
    message["List-Unsubscribe"] = f"<{out}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Content-Language"] = mail.language
    message.set_content(mail.letter.text)
    message.add_alternative(mail.letter.page, subtype="html")
    return message


def way_out(token: str) -> str:
    """The address at which a reader ends our mail."""
    return f"{current_settings().url}/unsubscribe/{token}"


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
