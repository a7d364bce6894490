"""How long what a person told, and the papers that prove it, are kept: until nothing was done for a hire for so many days. A case that is underway keeps them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from crm.actions import Act
from crm.database import Record, execute, fetch, fetch_one
from crm.housekeeping import forget_files
from crm.mail import current_settings
from crm.sql import Sql
from crm.work import RunningJob

PART = 100  # hires in one action
ENDED = ("paid", "denied", "withdrawn")

# of hires without a case that is underway: when something was last done for them
_LAST = """
    select h.id, h.employer_id, h.board_id, greatest(h.updated_at, (select max(greatest(f.told_at, f.replaced_at)) from hire_fact f where f.hire_id = h.id),
        (select max(c.updated_at) from incentive_case c where c.hire_id = h.id)) as last from hire h
    where not exists (select from incentive_case c where c.hire_id = h.id and c.state <> all({}))
"""
_SEALED = """
    (exists (select from hire_fact f where f.hire_id = h.id and f.value_sealed is not null)
    or exists (select from estimate e where e.hire_id = h.id and e.content_sealed is not null)
    or exists (select from incentive_case c join case_file k on k.case_id = c.id where c.hire_id = h.id))
"""


async def until(hire_id: UUID) -> date | None:
    """The day on which the sealed answers of a hire and its cases' papers go, if nothing is done until then; None while a case is underway."""
    found = await fetch_one(Sql(f"{_LAST} and h.id = {{}}", list(ENDED), hire_id))
    return None if found is None else (found["last"] + timedelta(days=current_settings().answer_days)).date()


async def forget(job: RunningJob, *, now: datetime | None = None) -> dict[str, Any]:
    """In parts, each an action of its own; run again after it died, it goes on with what is left. The record keeps how much went, never what."""
    before = (now or datetime.now(UTC)) - timedelta(days=current_settings().answer_days)
    total = 0
    while True:
        async with job.acting("hire.answers_forgotten") as act:
            rows = await fetch(Sql(f"select l.* from ({_LAST} and {_SEALED}) l join hire h on h.id = l.id where l.last < {{}} order by l.id limit {PART} "
                                   "for update of h skip locked", list(ENDED), before))  # fmt: skip
            for row in rows:
                await _forget(act, row)
            if not rows:
                act.unchanged()
        total += len(rows)
        await job.progress(total, None, "")
        if len(rows) < PART:
            return {"hires": total}


async def _forget(act: Act, hire: Record) -> None:
    answers = await execute("update hire_fact set value_sealed = null, replaced_at = coalesce(replaced_at, now()) where hire_id = $1 and value_sealed is not null",
                            hire["id"])  # fmt: skip
    estimates = await execute("update estimate set content_sealed = null where hire_id = $1 and content_sealed is not null", hire["id"])
    papers = await fetch("delete from case_file k using incentive_case c where c.id = k.case_id and c.hire_id = $1 returning k.file_id", hire["id"])
    files = await fetch("delete from stored_file where id = any($1) returning storage_key", [row["file_id"] for row in papers])
    await forget_files(act, [row["storage_key"] for row in files])
    act.record("hire", hire["id"], board_id=hire["board_id"], employer_id=hire["employer_id"],
               after={"answers": answers, "estimates": estimates, "files": len(files)})  # fmt: skip
