"""The nightly job of added fields, as the worker runs it."""

from uuid import uuid4

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import fetch_value
from crm.fields.jobs import forget
from crm.work import RunningJob


async def night():
    async with acting(SYSTEM, "test.job") as act:
        job = await fetch_value("insert into job (id, name, title, arguments, actor_kind, state, attempt, lease_until) values "
                                "($1, 'fields.forget', 'x', '{}', 'system', 'running', 1, now() + interval '1 minute') returning id", uuid4())  # fmt: skip
        act.record("job", job)
    return await forget(RunningJob(job, "fields.forget", 1, SYSTEM))
