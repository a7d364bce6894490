"""Papers that a job makes of a case: each once a job, kept beside the evidence and proving nothing."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from crm import files
from crm.actions import reading
from crm.database import fetch_value
from crm.incentives.claims import cases
from crm.work import RunningJob


async def made(job: RunningJob, case_id: UUID, kind: str, verb: str, name: str, write: Callable[[], Awaitable[bytes]]) -> dict[str, Any]:
    """The paper's address: of a run before, where there was one; else of what `write` gives, kept under this name. Raises as `cases.own` does."""
    async with reading(job.actor):
        known = await _paper_of(kind, job.id)
    if known is not None:
        return {"url": f"/case-files/{known}"}
    stored = await files.put(await write(), "pdf")
    async with job.acting(verb) as act:
        case = await cases.own(job.actor, case_id)
        again = await _paper_of(kind, job.id)
        if again is not None:
            act.unchanged()
            return {"url": f"/case-files/{again}"}
        file_id = await files.keep(stored, name, f"{kind}:{job.id}", board_id=case["board_id"], account_id=job.actor.account_id)
        kept_id = await fetch_value("insert into case_file (case_id, board_id, file_id, added_by) values ($1, $2, $3, $4) returning id",
                                    case["id"], case["board_id"], file_id, job.actor.account_id)  # fmt: skip
        # without the fingerprint: of so few answers they could be guessed from it
        act.record("incentive_case", case["id"], board_id=case["board_id"], employer_id=case["employer_id"], after={"file": file_id})
    return {"url": f"/case-files/{kept_id}"}


async def _paper_of(kind: str, job_id: UUID) -> UUID | None:
    found: UUID | None = await fetch_value("select f.id from case_file f join stored_file s on s.id = f.file_id where s.kind = $1", f"{kind}:{job_id}")
    return found
