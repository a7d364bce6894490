"""A letter of a sequence on paper, hung on the employer's timeline."""

from typing import Any
from uuid import UUID

from crm import documents, files
from crm.database import execute, fetch_one, fetch_value, transaction
from crm.documents import Document
from crm.outreach.rules import EXAMPLE
from crm.translation import lazy_
from crm.work import Job, RunningJob


def _sample() -> dict[str, Any]:
    return {
        "subject": "Welcome, Harborview Bakery", "body": "Dear Ana,\n\nthank you for your time on the phone. We look forward to our visit.\n\nAlice",
        "to": [f"{EXAMPLE['first_name']} {EXAMPLE['last_name']}", EXAMPLE["employer"], "1 Main Street", "Worcester, MA 01608"],
        "board": "Central", "address": "1 Court Square, Worcester, MA 01608", "dated": "2026-11-23",
    }  # fmt: skip


LETTER = Document(name="letter", title=lazy_("Letter"), template="documents/letter.html", css="documents/letter.css", sample=_sample)


async def write(job: RunningJob, *, done_id: str) -> dict[str, Any]:
    """Runs twice without doubling: the file of a letter is kept once."""
    async with transaction(read_only=True):
        row = await fetch_one(
            "select d.letter, s.title, n.employer_id, n.board_id, n.contact_id, n.engagement_id, n.made_by from enrolment_step d "
            "join enrolment n on n.id = d.enrolment_id join sequence_step s on s.id = d.step_id where d.id = $1", UUID(done_id),
        )  # fmt: skip
        known = await fetch_value("select id from stored_file where kind = $1", f"letter:{done_id}")
    if row is None or known is not None:
        return {"url": f"/files/{known}"} if known else {}
    letter = row["letter"]
    rendered = await documents.render(LETTER, letter, letter["language"])
    stored = await files.put(rendered.bytes, "pdf")
    async with job.acting("letter.written", ends=True) as act:
        file_id = await files.keep(stored, f"{row['title']}.pdf", f"letter:{done_id}", employer_id=row["employer_id"], board_id=row["board_id"],
                                   account_id=row["made_by"])  # fmt: skip
        await execute(
            "insert into activity (employer_id, board_id, contact_id, engagement_id, kind, summary, file_id, logged_by) "
            "values ($1, $2, $3, $4, 'document', $5, $6, $7)",
            row["employer_id"], row["board_id"], row["contact_id"], row["engagement_id"], f"{row['title']} (PDF)", file_id, row["made_by"],
        )  # fmt: skip
        act.record("file", file_id, board_id=row["board_id"], employer_id=row["employer_id"], after={"fingerprint": rendered.sha256})
    return {"url": f"/files/{file_id}"}


JOBS = [Job("outreach.letter", write, attempts=4, timeout=120)]
