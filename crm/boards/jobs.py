"""On the day on which a board's area changes, its establishments follow."""

from datetime import date
from typing import Any

from crm.boards import areas, assigning
from crm.work import Job, RunningJob


async def assign(job: RunningJob, *, on: str) -> dict[str, Any]:
    async with job.acting("boards.assigned") as act:
        changed = await assigning.assign_all_boards(date.fromisoformat(on))
        act.record("boards", None, after={"establishments": changed, "on": on})
    return {"changed": changed}


JOBS = [Job(areas.JOB, assign)]
