"""Every write is an action: one transaction with its rows, its audit entry, its events and its jobs.

    async with acting(actor, "engagement.moved") as act:
        ...
        act.record("engagement", engagement_id, board_id=board, before={"stage": a}, after={"stage": b})
        act.event("stage_moved", engagement_id=engagement_id)
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from crm import audit, events, work
from crm.access import Actor
from crm.database import current, in_transaction, transaction
from crm.worded import Worded


class Act:
    """What an action did, gathered until it commits."""

    def __init__(self, actor: Actor, verb: str) -> None:
        self.actor = actor
        self.verb = verb
        self.entries: list[audit.Entry] = []
        self.events: list[events.Event] = []
        self.nothing = False

    def record(
        self,
        kind: str,
        subject_id: UUID | None,
        *,
        board_id: UUID | None = None,
        employer_id: UUID | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        verb: str | None = None,
    ) -> None:
        """What was changed, from what to what. Only the fields that changed."""
        self.entries.append(
            audit.Entry(
                verb=verb or self.verb, subject_kind=kind, subject_id=subject_id, board_id=board_id,
                employer_id=employer_id, before=before, after=after,
            )  # fmt: skip
        )

    def event(self, name: str, **subject: Any) -> None:
        """Something happened that others may want to hear of. Ids only, never values."""
        self.events.append(events.Event(name, subject))

    def unchanged(self) -> None:
        """The action found that there was nothing to do, so there is nothing to record."""
        self.nothing = True

    async def enqueue(self, name: str, arguments: Mapping[str, Any], *, title: str | Worded, key: str | None = None,
                      line: str | None = None, board_id: UUID | None = None, run_after: datetime | None = None) -> UUID:  # fmt: skip
        """Add a job that starts after the commit, or later; see `work.add` for what `key` and `line` do."""
        return await work.add(self.actor, name, arguments, title=title, key=key, line=line, board_id=board_id, run_after=run_after)


@asynccontextmanager
async def acting(actor: Actor, verb: str) -> AsyncIterator[Act]:
    """Open an action. It must record what it did, or say that it was `unchanged`."""
    act = Act(actor, verb)
    async with transaction(actor.login, session_secret=actor.session_secret) as opened:
        yield act
        if not act.entries and not act.nothing:
            raise RuntimeError(f"The action '{verb}' ends without a record of what it changed.")
        if act.entries:
            await audit.write(actor, act.entries)
        if act.events:
            await events.write(actor, act.events)
            opened.after_commit.append(work.ring)


@asynccontextmanager
async def reading(actor: Actor) -> AsyncIterator[None]:
    """A READ ONLY transaction with the actor's login; inside an open transaction, that one."""
    if in_transaction() and current().login is actor.login:
        yield
        return
    async with transaction(actor.login, read_only=True, session_secret=actor.session_secret):
        yield


__all__ = ["Act", "acting", "reading"]
