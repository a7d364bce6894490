"""Make the keys of what was written without them: by a program of an earlier version, or by a plugin."""

from crm.database import execute_many, fetch
from crm.employers.matching.keys import name_keys
from crm.work import RunningJob

PART = 2_000


async def make_keys(job: RunningJob) -> int:
    """Of all that lack them, in parts; how many."""
    total = 0
    while True:
        async with job.acting("employers.keyed") as act:
            rows = await fetch("select id, name, dbas, former_names from employer where not keyed order by id limit $1 for update skip locked", PART)
            made = [(row["id"], *name_keys(row["name"], row["dbas"], row["former_names"])) for row in rows]
            await execute_many("update employer set match_key = $2, other_keys = $3, keyed = true where id = $1", made)
            act.unchanged()
        total += len(rows)
        if len(rows) < PART:
            return total
