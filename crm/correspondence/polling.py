"""Look into the mailboxes again and again: fetch what is new, keep it, move on. Nothing is skipped without a line in the ledger."""

import asyncio
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

import structlog

from crm.correspondence import mailboxes
from crm.correspondence.door import listening
from crm.correspondence.imap import SECONDS, VISIT, Visit, address_of
from crm.correspondence.keeping import Arrival, keep, pass_by
from crm.errors import Unavailable, UserError
from crm.settings import Settings

log = structlog.get_logger("crm.mail_in")

MEGABYTE = 1024 * 1024
AT_ONCE = 200  # messages in one look; the next one goes on


async def look(url: str, settings: Settings, *, seconds: float = SECONDS, whole: float = VISIT) -> int:
    """Fetch what is new in one mailbox; how many were kept. What goes wrong is written on the mailbox, never raised."""
    address = address_of(url)
    mailbox = await mailboxes.mailbox_id(address.name)
    visit = Visit(address, seconds=seconds, whole=whole, writes=settings.imap_delete)
    kept, problem = 0, ""
    try:
        await asyncio.to_thread(visit.open)
        kept = await _fetch(mailbox, visit, settings)
        await asyncio.to_thread(visit.close)
    except UserError as trouble:
        problem = str(trouble)
        log.warning("mailbox_not_read", problem=type(trouble).__name__)
    finally:
        visit.cut(late=False)  # also where the program stops: the thread must not wait on
    await mailboxes.looked(mailbox, problem)
    return kept


async def _fetch(mailbox: UUID, visit: Visit, settings: Settings) -> int:
    began = await mailboxes.begin(mailbox, visit.uid_validity, visit.there)
    kept, most, done = 0, settings.mail_in_limit_mb * MEGABYTE, []
    for uid in (await asyncio.to_thread(visit.after, began["last_uid"]))[:AT_ONCE]:
        head = await asyncio.to_thread(visit.head, uid)
        if head is None:
            continue  # deleted by its owner between two questions
        body = b"" if head.size > most else await asyncio.to_thread(visit.body, uid, most + 1)
        arrival = Arrival(mailbox_id=mailbox, body=body, received_at=head.received_at, uid=uid, uid_validity=visit.uid_validity)
        if head.size > most or len(body) > most:
            await pass_by(arrival, head.size, reason="too_large")
        elif not body.strip():
            await pass_by(arrival, head.size, reason="empty")
        else:
            kept += await keep(arrival) is not None
            done.append(uid)
    if settings.imap_delete and done:
        await asyncio.to_thread(visit.delete, done)
    return kept


async def watch(url: str, settings: Settings) -> None:
    """One mailbox, until it is cancelled. A database that is away is waited for."""
    while True:
        try:
            await look(url, settings)
        except (Unavailable, OSError) as problem:
            log.warning("mailbox_not_read", problem=type(problem).__name__)
        except Exception:
            log.exception("mailbox_not_read")
        await asyncio.sleep(settings.imap_every)


async def _keep_open(settings: Settings) -> None:
    await mailboxes.retire_others([address_of(url).name for url in settings.imap_urls])
    if settings.mail_in_listen:
        await mailboxes.door_id()
        async with listening(settings):
            await asyncio.Event().wait()


def take_mail_in(settings: Settings) -> list[Coroutine[Any, Any, None]]:
    """The door and each mailbox, each to run until it is cancelled."""
    return [_keep_open(settings), *(watch(url, settings) for url in settings.imap_urls)]
