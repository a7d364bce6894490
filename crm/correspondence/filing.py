"""Read a kept message and put it where it belongs. Done twice, or asked for again, it ends the same."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm import files
from crm.actions import Act
from crm.correspondence import reports
from crm.correspondence.gathering import Gathered, known_of
from crm.correspondence.messages import Content, Part
from crm.correspondence.reading import read
from crm.correspondence.rules import Filing, decide
from crm.database import Record, execute, execute_many, fetch_one, fetch_value, transaction
from crm.errors import Invalid
from crm.files import StoredFile
from crm.mail import current_settings
from crm.work import Job, RunningJob

ENDINGS = {"jpeg": "jpg"}


class Attached(Struct, frozen=True):
    """A file of a message, stored, or why it is not."""

    part: Part
    stored: StoredFile | None = None
    note: str = ""


async def file_email(job: RunningJob, *, email_id: str) -> dict[str, Any]:
    """One that was decided meanwhile is left as it is."""
    kept = UUID(email_id)
    async with transaction(read_only=True):
        row = await fetch_one("select f.storage_key, exists (select from email_part p where p.email_id = e.id) as read_before "
                              "from email e join stored_file f on f.id = e.file_id where e.id = $1 and e.state = 'kept'", kept)  # fmt: skip
    if row is None:
        return {"url": f"/emails/{kept}"}
    content = await read(await files.read(row["storage_key"]))
    attached = [] if row["read_before"] else [await _attach(part) for part in content.parts]
    async with job.acting("email.decided", ends=True) as act:
        email = await fetch_one("select * from email where id = $1 and state = 'kept' for update", kept)
        if email is None:
            act.unchanged()
        else:
            await _decide(act, email, content, attached)
    return {"url": f"/emails/{kept}"}


async def _attach(part: Part) -> Attached:
    """Kept as a file of its own where it is of a kind that is known to be harmless; else it stays in the message alone."""
    ending = PurePath(part.name).suffix.lower().removeprefix(".")
    kind = ENDINGS.get(ending, ending)
    if kind not in files.ALLOWED or kind == "eml":
        return Attached(part, note="kind")
    try:
        return Attached(part, await files.put(part.body, kind))
    except Invalid:
        return Attached(part, note="content")


async def _decide(act: Act, email: Record, content: Content, attached: list[Attached]) -> None:
    found = await known_of(email, content, current_settings())
    decision = decide(content, found.facts)
    reason, values, board_id = decision.reason, decision.values, decision.board_id
    if content.report is not None and decision.state in ("bounce", "complaint"):
        reason, values, board_id = await reports.apply(act, email["id"], content.report)
    await execute(
        "update email set state = $2, reason = $3, reason_values = $4, direction = $5, board_id = $6, sender = $7, sender_name = $8, recipients = $9, "
        "proof = $10, message_id = $11, thread = $12, content_hash = $13, duplicate_of = $14, decided_at = now(), decided_by = null, "
        "version = version + 1 where id = $1",
        email["id"], decision.state, reason, dict(values), decision.direction, board_id, content.sender.address, content.sender.name,
        _named(content), found.proof, content.message_id, (content.references or [content.message_id])[0], content.hash or None, found.facts.seen_as,
    )  # fmt: skip
    await _keep_words(email["id"], content, attached)
    await _keep_readers(email, found, board_id)
    for filing in decision.filings:
        await put_on_timeline(act, email["id"], filing, direction=decision.direction, by=found.facts.owner or found.facts.writer)
    act.record("email", email["id"], board_id=board_id, after={"state": decision.state, "reason": reason, "filed": len(decision.filings)})


def _named(content: Content) -> list[str]:
    """To whom it went, without the secret of anyone's dropbox address."""
    name, _at, domain = current_settings().mail_in_address.lower().partition("@")
    return [party.address for party in content.to if not (domain and party.address.startswith(f"{name}+") and party.address.endswith(f"@{domain}"))]


async def _keep_words(email_id: UUID, content: Content, attached: list[Attached]) -> None:
    await execute(
        "insert into email_text (id, subject, body) values ($1, $2, $3) on conflict (id) do update set subject = $2, body = $3",
        email_id, content.subject, content.text,
    )  # fmt: skip
    for position, each in enumerate(attached):
        file_id = await files.keep(each.stored, each.part.name, "email") if each.stored else None
        await execute(
            "insert into email_part (email_id, position, name, media_type, size, file_id, note) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
            email_id, position, each.part.name, each.part.media_type, len(each.part.body), file_id, each.note,
        )  # fmt: skip


async def _keep_readers(email: Record, found: Gathered, board_id: UUID | None) -> None:
    """Who took part. What was written to no one in particular is for the board that it concerns."""
    ids = [email["id"], *([found.facts.seen_as] if found.facts.seen_as else [])]
    rows: list[tuple[UUID, UUID | None, UUID | None, str]] = [(each, account, None, how) for each in ids for account, how in found.readers.items()]
    if not found.readers and board_id is not None:
        rows.append((email["id"], None, board_id, "got"))
    await execute_many("insert into email_reader (email_id, account_id, board_id, how) values ($1, $2, $3, $4) on conflict do nothing", rows)
    if found.facts.writer and found.facts.writer == found.facts.owner:
        await execute("update email_reader set seen_at = now() where email_id = $1 and account_id = $2 and how = 'wrote'", email["id"], found.facts.writer)


async def put_on_timeline(act: Act, email_id: UUID, filing: Filing, *, direction: str, by: UUID | None) -> UUID:
    """That it happened: who, when, which way. What it says stays with the message."""
    row: Mapping[str, Any] | None = await fetch_one("select sender, sender_name, recipients, received_at from email where id = $1", email_id)
    assert row is not None
    parties = [row["sender_name"] or row["sender"], ", ".join(row["recipients"][:3])]
    activity_id: UUID = await fetch_value(
        "insert into activity (employer_id, board_id, contact_id, engagement_id, kind, direction, summary, body, at, logged_by) "
        "values ($1, $2, $3, (select id from engagement where employer_id = $1 and board_id = $2 and archived_at is null "
        "order by updated_at desc limit 1), 'email', $4, $5, '', $6, $7) returning id",
        filing.employer_id, filing.board_id, filing.contact_id, direction, " → ".join(filter(None, parties))[:200], row["received_at"], by,
    )  # fmt: skip
    await execute("insert into email_filing (email_id, activity_id) values ($1, $2)", email_id, activity_id)
    act.event("activity_logged", activity_id=activity_id, employer_id=filing.employer_id)
    return activity_id


JOBS = [Job("correspondence.file", file_email, attempts=5, timeout=180)]
