"""The head of the record goes to the auditors, where no one who owns the database can change it; files that no row names go."""

from typing import Any

from crm import files, mail
from crm.access import SYSTEM, Role
from crm.actions import acting
from crm.database import fetch, fetch_one
from crm.work import Job, RunningJob


async def mail_head(job: RunningJob) -> dict[str, Any]:
    """One mail to each auditor."""
    async with acting(SYSTEM, "record.head_mailed") as act:
        head = await fetch_one("select number, encode(hash, 'hex') as hash from audit_block order by number desc limit 1")
        auditors = await fetch(
            "select id, email, name, language from account where disabled_at is null and not demonstration and id in "
            "(select account_id from role_grant where role = $1 and revoked_at is null) order by id",
            Role.AUDITOR,
        )
        if head is None or not auditors:
            act.unchanged()
            return {"mails": 0}
        told = {"head": f"{head['number']}:{head['hash']}"}
        for person in auditors:
            await mail.queue_mail(
                act, "record_head", to=str(person["email"]), language=person["language"], account_id=person["id"],
                context={"name": person["name"], **told},
            )  # fmt: skip
        act.record("audit_block", None, after={**told, "mails": len(auditors)})
        return {"mails": len(auditors)}


async def forget_files(job: RunningJob, *, keys: list[str]) -> dict[str, Any]:
    """Their rows are gone. Runs twice without harm: one that is gone already is no problem."""
    for key in keys:
        await files.delete(key)
    return {"files": len(keys)}


JOBS = [Job("record.mail_head", mail_head, attempts=3, timeout=120), Job("files.forget", forget_files, attempts=5, timeout=600)]
