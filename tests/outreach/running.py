"""A job as a worker holds it, for work that a test does itself at a moment of its own."""

from uuid import uuid4

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute, fetch_value
from crm.work import RunningJob


async def job(mailing, name="outreach.send"):
    async with acting(SYSTEM, "test.job") as act:
        job_id = await fetch_value(
            "insert into job (id, name, title, arguments, actor_kind, state, attempt, lease_until, account_id) "
            "values ($1, $2, 'x', '{}', 'system', 'running', 1, now() + interval '1 minute', null) returning id", uuid4(), name,
        )  # fmt: skip
        await execute("update job set state = 'done' where name = $1 and id <> $2 and key is not null", name, job_id)
        act.record("job", job_id)
    return RunningJob(job_id, name, 1, SYSTEM)
