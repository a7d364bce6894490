"""When a board's area changes, its establishments follow."""

from datetime import date
from typing import Any
from uuid import UUID

from crm.access import load
from crm.actions import reading
from crm.boards import areas, assigning, municipalities
from crm.work import Job, RunningJob


async def assign(job: RunningJob, *, on: str) -> dict[str, Any]:
    async with job.acting("boards.assigned") as act:
        changed = await assigning.assign_all_boards(date.fromisoformat(on))
        if changed:
            act.record("boards", None, after={"establishments": changed, "on": on})
        else:
            act.unchanged()  # as when it runs a second time
    return {"changed": changed}


async def assign_place(job: RunningJob, *, territory_id: str) -> dict[str, Any]:
    """Assign again what lies in a place that was corrected. Runs twice without doubling."""
    async with reading(job.actor):
        place = await load(job.actor, "territory", UUID(territory_id))
    async with job.acting("boards.assigned") as act:
        changed = await assigning.assign_in(place["state"], place["kind"], place["place_key"], place["valid_from"])
        if changed:
            act.record("territory", place["id"], board_id=place["board_id"], after={"establishments": changed})
        else:
            act.unchanged()
    return {"changed": changed}


JOBS = [Job(areas.JOB, assign), Job(municipalities.JOB, assign_place)]
