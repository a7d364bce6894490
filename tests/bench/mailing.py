"""A mailing: the database's time to queue it, and how fast it leaves, against aiosmtplib alone to the same server."""

import asyncio
import contextlib
import functools
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import policy
from pathlib import Path
from typing import Any
from uuid import UUID

import aiosmtplib
import asyncpg
from directory import directory, superuser
from host import person
from seed import Size

from crm.access import Actor
from crm.database import Record, fetch_one, fetch_value, transaction
from crm.engagements.pipeline import Filters
from crm.outreach import leaving, mailings, sending, templates
from crm.outreach.forms import MailingForm, TemplateForm
from crm.outreach.letters import compose, reader, way_out, written
from crm.program import Program
from crm.work import Job
from crm.worker import Worker

MONDAY = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # mailings rest at night and at weekends; the measuring does not
MANY, FEW = "onboard", "renew"  # the pipelines whose employers are written to
WORDS = TemplateForm(
    name="Spring", subject_en="Spring at {employer}",
    body_en="Dear {first_name},\n\n" + "Last year your team in {city} hosted two students. Would you again?\n" * 8 + "\n{sender}, {board}",
)  # fmt: skip
# Employers of the directory with two people each, on one board's pipeline.
ENGAGED = """
insert into engagement (employer_id, board_id, pipeline_id, stage_id)
select md5('e' || n)::uuid, $1, p.id, (select id from stage where pipeline_id = p.id order by position limit 1)
  from pipeline p, generate_series(1, $3::int) n where p.board_id is null and p.code = $2 on conflict do nothing
"""
EMPTY = """
delete from mailing_recipient; delete from mailing; delete from email_template;
delete from activity where engagement_id in (select g.id from engagement g join pipeline p on p.id = g.pipeline_id where p.code <> 'recruit');
delete from engagement where pipeline_id in (select id from pipeline where code <> 'recruit');
"""
ACTIVE = "select active_time from pg_stat_database where datname = current_database()"


async def measure(size: Size, folder: Path, *, queued: int, sent: int) -> dict[str, Any]:
    """Milliseconds of the database for each mail that is queued; mails a second, ours and aiosmtplib's."""
    async with sink() as port, directory(size, folder, CRM_SMTP_URL=f"smtp://127.0.0.1:{port}?tls=none", CRM_MAIL_FROM="bench@example.org") as program:
        _secret, actor = await person()
        owner = await asyncpg.connect(superuser(program))
        await owner.execute("update board set address = '1 Court Square' where id = $1", actor.home_board)
        for code, people in ((MANY, queued), (FEW, sent)):
            await owner.execute(ENGAGED, actor.home_board, code, people // 2)
        await owner.execute("analyze engagement")
        words = await templates.add(actor, WORDS)
        try:
            return await _queue(program, owner, actor, words, queued) | await _send(program, actor, words, port)
        finally:
            await owner.execute(f"set session_replication_role = replica; {EMPTY}")
            await owner.close()


async def _queue(program: Program, owner: asyncpg.Connection, actor: Actor, words: UUID, count: int) -> dict[str, Any]:
    before, started = await _active(owner), time.perf_counter()
    mailing, _waiting = await _prepared(program, actor, words, MANY)
    seconds = time.perf_counter() - started
    found = {"queued": count, "queue_seconds": seconds, "queue_ms": (await _active(owner) - before) / count}
    await mailings.hold(actor, mailing, for_good=True)
    return found


async def _active(connection: asyncpg.Connection) -> float:
    """Milliseconds in which statements ran, of all sessions; they tell it a second after they rest."""
    await asyncio.sleep(1.5)
    return float(await connection.fetchval(ACTIVE))


async def _prepared(program: Program, actor: Actor, words: UUID, pipeline: str) -> tuple[UUID, int]:
    """The draft, and how many wait for it; of those chosen, courtesy leaves some out."""
    mailing = await mailings.make(actor, MailingForm(name="Spring", template_id=words, who="all"), Filters(pipeline=pipeline))
    await _work_until(program, mailing, "draft")
    async with transaction(read_only=True):
        return mailing, (await mailings.counts(mailing))["queued"]


async def _send(program: Program, actor: Actor, words: UUID, port: int) -> dict[str, Any]:
    mailing, count = await _prepared(program, actor, words, FEW)
    async with transaction(read_only=True):
        row = await fetch_one("select * from mailing where id = $1", mailing)
        recipient = await fetch_one("select * from mailing_recipient where mailing_id = $1 limit 1", mailing)
        assert row is not None and recipient is not None
        letter = await _letter(row, recipient)
    kept, each = await _alone(letter, count, port), await _alone_each(letter, count, port)
    await mailings.start(actor, mailing, count)
    started = time.perf_counter()
    await _work_until(program, mailing, "done")
    seconds = time.perf_counter() - started
    return {"sent": count, "ours": count / seconds, "kept": count / kept, "each": count / each, "ratio": seconds / kept, "ratio_each": seconds / each}


async def _letter(mailing: Record, recipient: Record) -> bytes:
    """What one person gets, as bytes."""
    who = await reader(mailing["board_id"], recipient["employer_id"], recipient["contact_id"], mailing["made_by"])
    out = way_out(leaving.new_token())
    message = compose(written(mailing, "en", who, out), who, to=recipient["email"], out=out, message_id=f"<{recipient['id']}@example.org>",
                      date=MONDAY)  # fmt: skip
    return message.as_bytes(policy=policy.SMTP)


async def _alone(letter: bytes, count: int, port: int) -> float:
    """Seconds of aiosmtplib over one connection that is kept."""
    started = time.perf_counter()
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
        for _mail in range(count):
            await client.sendmail("bench@example.org", ["person@example.com"], letter)
    return time.perf_counter() - started


async def _alone_each(letter: bytes, count: int, port: int) -> float:
    """Seconds with a connection for each mail."""
    started = time.perf_counter()
    for _mail in range(count):
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            await client.sendmail("bench@example.org", ["person@example.com"], letter)
    return time.perf_counter() - started


async def _work_until(program: Program, mailing: UUID, state: str) -> None:
    """Our worker, until the mailing has come so far."""
    at_any_hour = functools.partial(sending.send, now=lambda: MONDAY)
    worker = Worker([Job(job.name, at_any_hour, job.attempts, job.timeout) if job.name == "outreach.send" else job
                     for job in program.plugins.jobs()], slots=program.settings.workers)  # fmt: skip
    running = asyncio.create_task(worker.run())
    try:
        while await _state(mailing) != state:
            await asyncio.sleep(0.05)
    finally:
        worker.stop()
        await running


async def _state(mailing: UUID) -> str:
    async with transaction(read_only=True):
        failed = await fetch_value("select reason from job where arguments ->> 'mailing_id' = $1 and state = 'failed'", str(mailing))
        if failed is not None:
            raise RuntimeError(f"The mailing failed: {failed}")
        return str(await fetch_value("select state from mailing where id = $1", mailing))


@contextlib.asynccontextmanager
async def sink() -> AsyncIterator[int]:
    """The port of a mail server in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__).parent / "sink.py"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()
