"""A mailbox on an IMAP server, in plain calls that block: run in a thread. Every call has an end, and the whole visit too.

The standard library's client, for a message must be kept byte for byte as the server gives it. The mailbox is opened to be read
alone (EXAMINE), and a message is asked for without marking it as seen.
"""

import imaplib
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from msgspec import Struct

from crm.errors import Unavailable
from crm.translation import _

SECONDS = 30.0  # for one answer
VISIT = 600.0  # for the whole visit


class Address(Struct, frozen=True):
    host: str
    port: int
    user: str
    password: str
    folder: str
    tls: str  # tls, starttls, none
    authority: str  # a file of certificates that are trusted besides; empty for the machine's

    @property
    def name(self) -> str:
        return f"{self.user} · {self.host} · {self.folder}"


class Message(Struct, frozen=True):
    uid: int
    size: int
    received_at: datetime
    body: bytes = b""


def address_of(url: str) -> Address:
    """imaps://user:password@host:port/folder?ca=FILE, or imap:// with ?tls=starttls or none."""
    parts = urlsplit(url)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    tls = "tls" if parts.scheme == "imaps" else asked.get("tls", "starttls")
    return Address(parts.hostname or "", parts.port or (993 if tls == "tls" else 143), unquote(parts.username or ""), unquote(parts.password or ""),
                   unquote(parts.path.lstrip("/")) or "INBOX", tls, asked.get("ca", ""))  # fmt: skip


class Visit:
    """An open mailbox. `cut` ends whatever it waits for, from any thread."""

    def __init__(self, address: Address, *, seconds: float = SECONDS, whole: float = VISIT, writes: bool = False) -> None:
        self.address, self.seconds, self.writes = address, seconds, writes
        self.overdue = False
        self._sockets: list[socket.socket] = []
        self._clock = threading.Timer(whole, self.cut)
        self._clock.daemon = True
        self.client: imaplib.IMAP4 | None = None
        self.uid_validity = self.there = 0

    def open(self) -> None:
        """Raises `Unavailable` in words, as every call does."""
        self._clock.start()
        with self._told():
            self.client = self._connected()
            self.client.login(self.address.user, self.address.password)
            state, answer = self.client.select(_quoted(self.address.folder), readonly=not self.writes)
            if state != "OK":
                raise Unavailable(_("The mail server has no folder %(folder)s for this person.") % {"folder": self.address.folder})
            self.there = int(answer[0] or b"0")
            self.uid_validity = int(self.client.response("UIDVALIDITY")[1][0] or b"0")

    def after(self, uid: int) -> list[int]:
        """The numbers of what came after it, in order."""
        with self._told():
            answer = self._ask("SEARCH", f"UID {uid + 1}:*")
            found = {int(number) for line in answer if isinstance(line, bytes) for number in line.split()}
        return sorted(number for number in found if number > uid)

    def head(self, uid: int) -> Message | None:
        """Its size and when it arrived; None when it is gone meanwhile."""
        with self._told():
            answer = b" ".join(each for each in self._ask("FETCH", str(uid), "(UID RFC822.SIZE INTERNALDATE)") if isinstance(each, bytes))
        size = re.search(rb"RFC822\.SIZE (\d{1,15})\b", answer)
        if size is None:
            return None
        moment = imaplib.Internaldate2tuple(answer)
        return Message(uid, int(size[1]), datetime.fromtimestamp(time.mktime(moment), UTC) if moment else datetime.now(UTC))

    def body(self, uid: int, most: int) -> bytes:
        """Its bytes, of which no more than `most` are asked for."""
        with self._told():
            answer = self._ask("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{most}>)")
            return next((each[1] for each in answer if isinstance(each, tuple) and b"BODY[]" in each[0]), b"")

    def delete(self, uids: list[int]) -> None:
        """These alone, where the server can: without UIDPLUS they are marked as deleted and left to their owner."""
        with self._told():
            assert self.client is not None
            alone = b"UIDPLUS" in b" ".join(self.client.capability()[1]).upper()
            for start in range(0, len(uids), 100):
                some = ",".join(map(str, uids[start : start + 100]))
                self._ask("STORE", some, r"+FLAGS.SILENT (\Deleted)")
                if alone:
                    self._ask("EXPUNGE", some)

    def close(self) -> None:
        if self.client is not None:
            with suppress(imaplib.IMAP4.error, OSError, ValueError):
                self.client.logout()

    def cut(self, *, late: bool = True) -> None:
        self._clock.cancel()
        self.overdue = self.overdue or late
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            with suppress(OSError):
                each.close()

    # ── within ──

    def _connected(self) -> imaplib.IMAP4:
        context = ssl.create_default_context(cafile=self.address.authority or None)
        remember, tls = self._sockets.append, self.address.tls == "tls"

        class Client(imaplib.IMAP4):
            def _create_socket(self, timeout: float | None) -> socket.socket:
                made = super()._create_socket(timeout)  # type: ignore[misc]
                remember(made)
                if not tls:
                    return made  # type: ignore[no-any-return]
                made = context.wrap_socket(made, server_hostname=self.host)
                remember(made)
                return made

        client = Client(self.address.host, self.address.port, timeout=self.seconds)
        if self.address.tls == "starttls":
            client.starttls(context)
            remember(client.sock)
        return client

    def _ask(self, command: str, *arguments: str) -> list[Any]:
        assert self.client is not None
        state, answer = self.client.uid(command, *arguments)
        if state != "OK":
            raise Unavailable(_("The mail server refused: %(answer)s") % {"answer": _shown(answer)})
        return [each for each in answer if each is not None]

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What goes wrong, in words. A garbled answer breaks the standard client in many ways."""
        try:
            yield
        except Unavailable:
            raise
        except ssl.SSLCertVerificationError as problem:
            raise Unavailable(_("The mail server's certificate is not trusted: %(problem)s.") % {"problem": problem.verify_message}) from problem
        except TimeoutError as problem:
            raise Unavailable(_("The mail server does not answer in time.")) from problem
        except (OSError, imaplib.IMAP4.abort) as problem:
            said = _("The mail server does not answer in time.") if self.overdue else _("The connection to the mail server broke.")
            raise Unavailable(said) from problem
        except imaplib.IMAP4.error as problem:
            raise Unavailable(_("The mail server refused: %(answer)s") % {"answer": _shown(problem.args)}) from problem
        except (ValueError, TypeError, IndexError, KeyError, AttributeError, MemoryError, OverflowError, AssertionError) as problem:
            raise Unavailable(_("The mail server answers what no one can read.")) from problem


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _shown(answer: Any) -> str:
    first = answer[0] if answer else ""
    text = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
    return "".join(letter for letter in text if letter.isprintable())[:200]
