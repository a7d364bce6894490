"""The record: append-only rows, written with the change they tell of, sealed in a chain of blocks.

One sealer chains finished entries, so that writers never wait for each other. `verify` recomputes the chain
and names the first block that does not fit.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping
from contextvars import Context
from datetime import UTC
from typing import Any
from uuid import UUID

import msgspec

from crm.access import SYSTEM, Actor
from crm.audit_heads import Comparison, Head
from crm.database import Login, Record, execute, fetch, fetch_one, fetch_value, rows, transaction
from crm.log import request_id

SEALER = 0x61756469  # "audi": one sealer at a time
BLOCK = 1000
_COLUMNS = (
    "id, at, actor_kind, actor_id, actor_name, verb, outcome, subject_kind, subject_id, board_id, employer_id, "
    "before, after, request_id"
)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    verb: str
    subject_kind: str = ""
    subject_id: UUID | None = None
    board_id: UUID | None = None
    employer_id: UUID | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    outcome: str = "done"


async def write(actor: Actor, entries: Iterable[Entry]) -> None:
    """Add entries inside the open transaction."""
    listed = list(entries)
    fields = (
        [e.verb for e in listed], [e.outcome for e in listed], [e.subject_kind for e in listed],
        [e.subject_id for e in listed], [e.board_id for e in listed], [e.employer_id for e in listed],
        [_json(e.before) for e in listed], [_json(e.after) for e in listed],
    )  # fmt: skip
    await execute(
        "insert into audit_entry (actor_kind, actor_id, actor_name, request_id, verb, outcome, subject_kind, "
        "subject_id, board_id, employer_id, before, after) "
        "select $1, $2, $3, $4, r.verb, r.outcome, r.subject_kind, r.subject_id, r.board_id, r.employer_id, "
        "r.before::jsonb, r.after::jsonb "
        "from unnest($5::text[], $6::text[], $7::text[], $8::uuid[], $9::uuid[], $10::uuid[], $11::text[], "
        "$12::text[]) r (verb, outcome, subject_kind, subject_id, board_id, employer_id, before, after)",
        actor.kind, actor.account_id, actor.name, request_id(), *fields,
    )  # fmt: skip


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value, default=str, sort_keys=True)


async def record_denial(actor: Actor, verb: str, *, subject_kind: str = "", subject_id: UUID | None = None) -> None:
    """Put a refusal on record, committed before the answer leaves, whatever becomes of the request."""
    await _record_apart(actor, Entry(verb=verb, outcome="denied", subject_kind=subject_kind, subject_id=subject_id))


async def record_disclosure(actor: Actor, verb: str, **what: Any) -> None:
    """Put an export, a download or a bulk read on record before it leaves."""
    await _record_apart(actor, Entry(verb=verb, outcome="disclosed", **what))


async def _record_apart(actor: Actor, entry: Entry) -> None:
    async def apart() -> None:
        async with transaction(Login.RECORD):
            await write(actor, [entry])

    # an empty context: the request's own transaction is read-only, or about to be rolled back
    await asyncio.get_running_loop().create_task(apart(), context=Context())


async def seal(*, limit: int = BLOCK) -> int:
    """Chain waiting entries into the next block; the number sealed. Runs in the worker, one at a time."""
    async with transaction():
        if not await fetch_value("select pg_try_advisory_xact_lock($1)", SEALER):
            return 0
        found = await _take(limit)
        if not found:
            return 0
        last = await fetch_one("select number, hash from audit_block order by number desc limit 1")
        number = last["number"] + 1 if last else 1
        previous = last["hash"] if last else bytes(32)
        await execute(
            "insert into audit_block (number, entry_count, first_entry, last_entry, previous_hash, hash) "
            "values ($1, $2, $3, $4, $5, $6)",
            number, len(found), found[0]["id"], found[-1]["id"], previous, block_hash(number, previous, found),
        )  # fmt: skip
        await execute(
            "insert into audit_block_entry (entry_id, block_number) select unnest($1::bigint[]), $2",
            [row["id"] for row in found], number,
        )  # fmt: skip
        return len(found)


async def _take(limit: int) -> list[Record]:
    """The oldest waiting entries, which then wait no more. Reads what waits, however long the record is."""
    return await fetch(
        "with taken as (delete from audit_waiting where entry_id = any(array("
        "select entry_id from audit_waiting order by entry_id limit $1)) returning entry_id) "
        f"select {_COLUMNS} from taken join audit_entry e on e.id = taken.entry_id "
        # a sealer of the version before leaves what it sealed waiting
        "where not exists (select from audit_block_entry b where b.entry_id = taken.entry_id) order by id",
        limit,
    )


def block_hash(number: int, previous: bytes, entries: Iterable[Record]) -> bytes:
    """SHA-256 over the number, the previous block's hash and every entry in canonical JSON."""
    digest = hashlib.sha256(f"{number}\n".encode() + previous)
    for entry in entries:
        digest.update(_canonical(entry))
    return digest.digest()


def _canonical(entry: Record) -> bytes:
    fields = dict(entry)
    fields["at"] = entry["at"].astimezone(UTC).isoformat()
    return json.dumps(fields, default=str, sort_keys=True, separators=(",", ":")).encode() + b"\n"


class Verdict(msgspec.Struct, frozen=True):
    """What `verify` found: blocks, entries and kept heads read, entries not sealed yet, and the problems in words."""

    blocks: int
    entries: int
    unsealed: int
    head: str
    heads: int
    problems: list[str]


async def verify(*heads: Iterable[Head]) -> Verdict:
    """Recompute the whole chain, and compare it with lists of heads kept outside. In constant memory per block."""
    problems: list[str] = []
    kept = [Comparison(each) for each in heads]
    previous, expected, entries = bytes(32), 1, 0
    async with transaction(read_only=True):
        await execute("set local statement_timeout = 0")
        async for block in rows("select * from audit_block order by number"):
            problem, read = await _check_block(block, expected, previous)
            problems += problem
            for each in kept:
                problems += each.block(Head.of(block))
            entries += read
            previous, expected = block["hash"], block["number"] + 1
        for each in kept:
            problems += each.end()
        unsealed = await _check_unsealed(problems)
    return Verdict(expected - 1, entries, unsealed, previous.hex(), sum(each.read for each in kept), problems)


async def _check_unsealed(problems: list[str]) -> int:
    found = await fetch_one(
        "select count(*) as all, count(*) filter (where w.entry_id is null) as past, min(e.id) filter (where w.entry_id is null) "
        "as first from audit_entry e left join audit_waiting w on w.entry_id = e.id "
        "where not exists (select from audit_block_entry b where b.entry_id = e.id)"
    )
    assert found is not None
    if found["past"]:
        problems.append(f"{found['past']} entries, from number {found['first']} on, are in no block and do not wait for one.")
    return int(found["all"])


async def _check_block(block: Record, expected: int, previous: bytes) -> tuple[list[str], int]:
    problems = []
    if block["number"] != expected:
        problems.append(f"Block {expected} is missing; block {block['number']} follows.")
    if block["previous_hash"] != previous:
        problems.append(f"Block {block['number']} does not follow from the block before it.")
    found = await fetch(
        f"select {_COLUMNS} from audit_entry e join audit_block_entry b on b.entry_id = e.id "
        "where b.block_number = $1 order by e.id",
        block["number"],
    )
    if len(found) != block["entry_count"]:
        problems.append(f"Block {block['number']} holds {len(found)} entries; {block['entry_count']} were sealed.")
    elif block_hash(block["number"], block["previous_hash"], found) != block["hash"]:
        problems.append(f"An entry of block {block['number']} was changed after it was sealed.")
    elif (found[0]["id"], found[-1]["id"]) != (block["first_entry"], block["last_entry"]):
        problems.append(f"Block {block['number']} names other entries than it holds.")
    return problems, len(found)


__all__ = ["SYSTEM", "Entry", "Verdict", "record_denial", "record_disclosure", "seal", "verify", "write"]
