"""What a message says, as plain data: the bytes in, who wrote to whom, the text, what hangs on it.

Runs in a process of its own (`python -m crm.correspondence.messages`) with limits on memory and processor time, for the bytes
are a stranger's: whatever they do to the reader, the program goes on. The message on standard input, msgpack on the output.
"""

import hashlib
import re
import resource
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.headerregistry import AddressHeader
from email.message import EmailMessage, Message
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import Any

from msgspec import Struct, msgpack

MEMORY, PROCESSOR_SECONDS = 1024 * 1024 * 1024, 20
MOST_ADDRESSES, MOST_PARTS, MOST_TEXT, MOST_REFERENCES = 100, 20, 200_000, 50
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")
_NAMED_IN_TEXT = re.compile(r"^[\s>*_]*(?:From|De)[*_]*\s*:[^\n]{0,200}?([\w.+'-]{1,64}@[\w.-]{1,190}\w)", re.MULTILINE | re.IGNORECASE)


class Party(Struct, frozen=True):
    name: str
    address: str  # in small letters


class Part(Struct, frozen=True):
    """A file that hangs on it."""

    name: str
    media_type: str
    body: bytes


class Outcome(Struct, frozen=True):
    """What a mail system says of one recipient (RFC 3464)."""

    address: str
    action: str
    status: str
    said: str


class Report(Struct, frozen=True):
    """A message of a mail system: not delivered, or complained about (RFC 5965)."""

    kind: str  # bounce, complaint
    message_id: str  # of the mail that it is about
    outcomes: list[Outcome]


class Content(Struct, frozen=True, kw_only=True):
    problem: str = ""  # why it cannot be read
    sender: Party = Party("", "")
    to: list[Party] = []
    subject: str = ""
    date: str = ""
    text: str = ""
    parts: list[Part] = []
    parts_left: int = 0
    message_id: str = ""
    references: list[str] = []  # oldest first
    automatic: bool = False  # an answer that no person wrote
    mass: bool = False  # from a list, or one of many
    authentication: str = ""  # the topmost Authentication-Results
    report: Report | None = None
    named: list[str] = []  # addresses that a forwarded message names as its writer
    hash: bytes = b""  # of what it says, without the way that it took


def read(body: bytes) -> Content:
    """Never raises: what cannot be read says so."""
    try:
        return _read(message_from_bytes(body, policy=policy.default))
    except RecursionError:
        return Content(problem="nested")
    except Exception as problem:  # noqa: BLE001 - the standard library's readers fall over garbage in many ways
        return Content(problem=type(problem).__name__)


def _read(message: EmailMessage) -> Content:
    senders, to = _parties(message, "from"), [*_parties(message, "to"), *_parties(message, "cc")][:MOST_ADDRESSES]
    message_ids, report = _ids(message, "message-id"), _report(message)
    if not senders and not message_ids and not to and report is None:
        return Content(problem="headers")
    text = _text(message)
    references = list(dict.fromkeys([*_ids(message, "references"), *_ids(message, "in-reply-to")]))[-MOST_REFERENCES:]
    files = list(_files(message))
    sender, subject, date = senders[0] if senders else Party("", ""), _header(message, "subject", 300), _header(message, "date", 100)
    told = "\n".join([sender.address, subject, date, *message_ids[:1], " ".join(text.split()), *(part.name for part in files)])
    return Content(
        sender=sender, to=to, subject=subject, date=date, text=text, parts=files[:MOST_PARTS], parts_left=len(files[MOST_PARTS:]),
        message_id=message_ids[0] if message_ids else "", references=references, automatic=_is_automatic(message), mass=_is_mass(message),
        authentication=_header(message, "authentication-results", 4000), report=report, named=_named(message, text),
        hash=hashlib.sha256(told.encode()).digest(),
    )  # fmt: skip


# ── heads ──


def tidy(text: str, most: int) -> str:
    return _CONTROLS.sub("", text.encode("utf-8", "replace").decode("utf-8"))[:most].strip()


def _raw(message: Message, name: str) -> list[str]:
    """As it stands, for what the policy's reader falls over."""
    return [str(value) for key, value in message.raw_items() if key.lower() == name]


def _header(message: Message, name: str, most: int) -> str:
    try:
        found = message[name]
        value = "" if found is None else str(found)
    except Exception:  # noqa: BLE001
        value = next(iter(_raw(message, name)), "")
    return " ".join(tidy(value, most * 2).split())[:most]


def _parties(message: Message, name: str) -> list[Party]:
    found: list[tuple[str, str]] = []
    try:
        for header in message.get_all(name, []):
            if isinstance(header, AddressHeader):
                found += [(each.display_name, each.addr_spec) for each in header.addresses]
    except Exception:  # noqa: BLE001
        found = getaddresses(_raw(message, name), strict=True)
    parties = [Party(tidy(who, 100), tidy(address, 254).lower()) for who, address in found[:MOST_ADDRESSES]]
    return [party for party in parties if re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", party.address)]


def _ids(message: Message, name: str) -> list[str]:
    return _MESSAGE_ID.findall(" ".join(_raw(message, name)))


def _is_automatic(message: Message) -> bool:
    submitted = _header(message, "auto-submitted", 60).lower().partition(";")[0].strip()
    return (submitted not in ("", "no") or bool(_raw(message, "x-autoreply")) or bool(_raw(message, "x-autorespond"))
            or _header(message, "precedence", 40).lower() == "auto_reply")  # fmt: skip


def _is_mass(message: Message) -> bool:
    return bool(_raw(message, "list-id")) or bool(_raw(message, "list-unsubscribe")) or _header(message, "precedence", 40).lower() in ("bulk", "list", "junk")


# ── text and files ──


def _text(message: EmailMessage) -> str:
    """Plain where there is plain, else the page without its markup. Nothing is fetched."""
    body = message.get_body(("plain", "html")) if not message.get_content_type().startswith("multipart/report") else _first_text(message)
    if body is None:
        return ""
    text = _content(body)
    if body.get_content_type() == "text/html":
        text = text_of_page(text)
    lines = [line.rstrip() for line in tidy(text.replace("\r\n", "\n").replace("\r", "\n"), MOST_TEXT).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _first_text(message: Message) -> Any:
    return next((part for part in message.walk() if part.get_content_type() == "text/plain"), None)


def _content(part: Message) -> str:
    try:
        return str(part.get_content())  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 - an unknown character set, half a code
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload or "")


class _Page(HTMLParser):
    BREAKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "blockquote", "table", "ul", "ol", "hr"})
    UNSAID = frozenset({"script", "style", "head", "title", "template"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.unsaid = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unsaid += tag in self.UNSAID
        self.pieces.append("\n" if tag in self.BREAKS else "")

    def handle_endtag(self, tag: str) -> None:
        self.unsaid = max(0, self.unsaid - (tag in self.UNSAID))
        self.pieces.append("\n" if tag in self.BREAKS and tag != "br" else "")

    def handle_data(self, data: str) -> None:
        if not self.unsaid:
            self.pieces.append(re.sub(r"\s+", " ", data))


def text_of_page(page: str) -> str:
    """The words of a page, a line for each of its blocks."""
    reader = _Page()
    reader.feed(page[: MOST_TEXT * 5])
    reader.close()
    return "\n".join(line.strip() for line in "".join(reader.pieces).split("\n"))


def _files(message: EmailMessage) -> Iterator[Part]:
    if message.get_content_type().startswith("multipart/report"):
        return
    for part in message.walk():
        name = part.get_filename()
        if part.is_multipart() or (name is None and part.get_content_disposition() != "attachment"):
            continue
        payload = part.get_payload(decode=True)
        yield Part(tidy(name or "", 120).replace("/", "_").replace("\\", "_") or "unnamed", part.get_content_type()[:100],
                   payload if isinstance(payload, bytes) else b"")  # fmt: skip


def _named(message: EmailMessage, text: str) -> list[str]:
    """Who wrote what was forwarded: the message that hangs on it, else the first line that names a writer."""
    for part in message.walk():
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            inner: Any = part.get_payload()
            return [party.address for party in _parties(inner[0], "from")] if isinstance(inner, list) and inner else []
    found = _NAMED_IN_TEXT.search(text[:20_000])
    return [found[1].lower()] if found else []


# ── what mail systems say ──


def _report(message: EmailMessage) -> Report | None:
    kind = str(message.get_param("report-type") or "").lower() if message.get_content_type() == "multipart/report" else ""
    if kind not in ("delivery-status", "feedback-report"):
        return None
    outcomes: list[Outcome] = []
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            outcomes += [outcome for block in part.get_payload() if (outcome := _outcome(block))]
        elif part.get_content_type() == "message/feedback-report":
            outcomes += _complained(part)
    return Report("bounce" if kind == "delivery-status" else "complaint", _about(message), outcomes[:MOST_ADDRESSES])


def _outcome(block: Any) -> Outcome | None:
    recipient = _header(block, "original-recipient", 300) or _header(block, "final-recipient", 300)
    address = recipient.rpartition(";")[2].strip().strip("<>").lower()
    if "@" not in address:
        return None
    return Outcome(address[:254], _header(block, "action", 20).lower(), _header(block, "status", 20).partition(" ")[0], _header(block, "diagnostic-code", 300))


def _complained(part: Message) -> list[Outcome]:
    text = "".join(str(each) for each in part.get_payload()) if part.is_multipart() else _content(part)
    found = re.findall(r"^(?:Original-Rcpt-To|Removal-Recipient):\s*<?([^\s<>]+@[^\s<>]+?)>?\s*$", text, re.MULTILINE | re.IGNORECASE)
    kind = re.search(r"^Feedback-Type:\s*(\w{1,30})", text, re.MULTILINE | re.IGNORECASE)
    return [Outcome(address.lower()[:254], "complained", "", kind[1].lower() if kind else "abuse") for address in dict.fromkeys(found)]


def _about(message: EmailMessage) -> str:
    """The Message-ID of the mail that came back, whole or its head alone."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822" and part.is_multipart():
            inner: Any = part.get_payload()
            return next(iter(_ids(inner[0], "message-id")), "")
        if kind == "text/rfc822-headers":
            head = message_from_bytes(_content(part).encode("utf-8", "replace"), policy=policy.default)
            return next(iter(_ids(head, "message-id")), "")
    return ""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(msgpack.encode(read(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
