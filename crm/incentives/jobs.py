"""Make the PDF of an estimate and hang it on the timeline."""

import json
from typing import Any
from uuid import UUID

from crm import documents, files, sealing
from crm.access import load
from crm.actions import reading
from crm.database import execute, fetch_value
from crm.errors import NotFound
from crm.incentives import told
from crm.incentives.documents import ESTIMATE
from crm.incentives.screening import PLACES
from crm.translation import _, lazy_, speaking
from crm.worded import columns, worded
from crm.work import RunningJob


async def render_estimate(job: RunningJob, *, estimate_id: str, language: str = "en") -> dict[str, Any]:
    """Runs twice without doubling: the file of an estimate is kept once."""
    async with reading(job.actor):
        row = await load(job.actor, "estimate", UUID(estimate_id))
        hire = await told.row(row["hire_id"])
        known = await _file_of(estimate_id)
    if known is not None:
        return {"url": f"/files/{known}"}
    if row["content_sealed"] is None:
        raise NotFound(_("The time of what this estimate rests on is over: it was taken away. Make a new estimate."))
    await job.progress(1, 3, _("Writing the document"))
    content = json.loads(sealing.open_sealed(row["content_sealed"], "estimate", "content", row["id"]))
    with speaking(language):
        rendered = await documents.render(ESTIMATE, _on_paper(hire, content, row["as_of"].isoformat()), language)
    await job.progress(2, 3, _("Storing it"))
    stored = await files.put(rendered.bytes, "pdf")
    async with job.acting("estimate.printed") as act:
        again = await _file_of(estimate_id)
        if again is not None:
            act.unchanged()
            return {"url": f"/files/{again}"}
        # without the employer's name, so that it is the board's: what staff keep is not the portal's
        file_id = await files.keep(stored, f"incentives-{row['as_of']}.pdf", f"estimate:{estimate_id}", board_id=row["board_id"],
                                   account_id=job.actor.account_id)  # fmt: skip
        await execute(
            "insert into activity (employer_id, board_id, kind, summary, summary_words, file_id, logged_by) values ($1, $2, 'document', $3, $4, $5, $6)",
            row["employer_id"], row["board_id"], *columns(worded(lazy_("Incentive estimate for %(label)s (PDF)"), label=hire["label"])), file_id, job.actor.account_id,
        )  # fmt: skip
        act.record("estimate", UUID(estimate_id), board_id=row["board_id"], employer_id=row["employer_id"],
                   after={"file": str(file_id), "fingerprint": rendered.sha256})  # fmt: skip
    return {"url": f"/files/{file_id}"}


def _on_paper(hire: Any, content: dict[str, Any], as_of: str) -> dict[str, Any]:
    """All programs that may bring something in a table; those with an amount, or with a day to keep, step by step."""
    listed = [each for place in PLACES[:4] for each in content["places"][place]]
    about = [{"what": _("Hire"), "answer": ", ".join(filter(None, (hire["label"], hire["job_title"])))}]
    return {
        "employer": {"name": hire["employer"]}, "establishment": {"name": hire["site"], "address": ""} if hire["site"] else None, "as_of": as_of,
        "about": about, "estimates": listed, "detailed": [each for each in listed if each["eligible"] == "yes" or each["deadlines"] or each.get("used_up")],
        "stack": content["stack"] or content["renewed"], "if_renewed": content["stack"] is None, "prepared_by": None,
    }  # fmt: skip


async def _file_of(estimate_id: str) -> UUID | None:
    found: UUID | None = await fetch_value("select id from stored_file where kind = $1", f"estimate:{estimate_id}")
    return found
