"""Make the PDF of an estimate and hang it on the timeline."""

from typing import Any
from uuid import UUID

from crm import documents, files
from crm.access import load
from crm.actions import reading
from crm.database import execute, fetch_value
from crm.incentives.documents import ESTIMATE
from crm.translation import _, speaking
from crm.work import RunningJob


async def render_estimate(job: RunningJob, *, estimate_id: str, language: str = "en") -> dict[str, Any]:
    """Runs twice without doubling: the file of an estimate is kept once."""
    async with reading(job.actor):
        row = await load(job.actor, "estimate", UUID(estimate_id))
        employer = await load(job.actor, "employer", row["employer_id"])
        known = await _file_of(estimate_id)
    if known is not None:
        return {"url": f"/files/{known}"}
    await job.progress(1, 3, _("Writing the document"))
    context = {
        "employer": {"name": employer["name"]}, "establishment": None, "as_of": row["as_of"].isoformat(), "about": [],
        "estimates": [row["result"]], "prepared_by": None,
    }  # fmt: skip
    with speaking(language):
        rendered = await documents.render(ESTIMATE, context, language)
    await job.progress(2, 3, _("Storing it"))
    stored = await files.put(rendered.bytes, "pdf")
    async with job.acting("estimate.printed") as act:
        again = await _file_of(estimate_id)
        if again is not None:
            act.unchanged()
            return {"url": f"/files/{again}"}
        name = f"{row['result']['program']}-{row['as_of']}.pdf"
        file_id = await files.keep(stored, name, f"estimate:{estimate_id}", employer_id=row["employer_id"],
                                   board_id=row["board_id"], account_id=job.actor.account_id)  # fmt: skip
        await execute(
            "insert into activity (employer_id, board_id, kind, summary, file_id, logged_by) values ($1, $2, 'document', $3, $4, $5)",
            row["employer_id"], row["board_id"], f"{row['result']['title']} (PDF)", file_id, job.actor.account_id,
        )  # fmt: skip
        act.record("estimate", UUID(estimate_id), board_id=row["board_id"], employer_id=row["employer_id"],
                   after={"file": str(file_id), "fingerprint": rendered.sha256})  # fmt: skip
    return {"url": f"/files/{file_id}"}


async def _file_of(estimate_id: str) -> UUID | None:
    found: UUID | None = await fetch_value("select id from stored_file where kind = $1", f"estimate:{estimate_id}")
    return found


