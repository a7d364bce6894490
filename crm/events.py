"""The outbox: an event is a row, written in the transaction of the change that it tells of.

The worker tells it: one job for each listener, so that a listener's failure is its own and is tried again.
A row is marked when its jobs exist; what a dying worker left unmarked is found by the next sweep.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from crm.access import Actor
from crm.database import execute, fetch, transaction


class Event(msgspec.Struct, frozen=True):
    """What happened: a name in the past tense and the ids it is about."""

    name: str
    subject: Mapping[str, Any]
    id: int = 0


async def write(actor: Actor, events: list[Event]) -> None:
    """Add events inside the open transaction."""
    await execute(
        "insert into event (name, subject, actor_id) select r.name, r.subject::jsonb, $1 "
        "from unnest($2::text[], $3::text[]) r (name, subject)",
        actor.account_id, [e.name for e in events], [json.dumps(dict(e.subject), default=str) for e in events],
    )  # fmt: skip


async def tell(listeners: Mapping[str, list[str]], *, batch: int = 50) -> int:
    """Turn untold events into one job for each listener; the number of events.

    `listeners` maps an event's name to the names of the plugins that want it. Rows that another worker holds
    are skipped, and a row is marked in the transaction that makes its jobs, so nothing is told twice or lost.
    """
    async with transaction():
        found = await fetch(
            "select id, name, subject, actor_id from event where told_at is null order by id "
            "for update skip locked limit $1",
            batch,
        )
        jobs = [
            (f"event:{row['id']}:{plugin}", json.dumps({"event": row["id"], "name": row["name"],
             "subject": row["subject"], "plugin": plugin}), f"{plugin} hears of {row['name']}", row["actor_id"])
            for row in found
            for plugin in listeners.get(row["name"], [])
        ]  # fmt: skip
        if jobs:
            await _enqueue(jobs)
        await execute("update event set told_at = now() where id = any($1)", [row["id"] for row in found])
        return len(found)


async def _enqueue(jobs: list[tuple[str, str, str, UUID | None]]) -> None:
    keys, arguments, titles, accounts = (list(column) for column in zip(*jobs, strict=True))
    await execute(
        "insert into job (name, title, arguments, key, actor_kind, account_id) "
        "select 'events.tell', r.title, r.arguments::jsonb, r.key, 'plugin', r.account_id "
        "from unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) r (key, arguments, title, account_id) "
        "on conflict do nothing",
        keys, arguments, titles, accounts,
    )  # fmt: skip
