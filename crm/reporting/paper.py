"""The dashboard on paper: the same panels as the page, made once for the same figures, language and day."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm import documents, files
from crm.access import Actor, Permission, load, require
from crm.actions import reading
from crm.database import fetch_value
from crm.documents import Document
from crm.errors import Invalid, NotFound
from crm.reporting import showing
from crm.reporting.panels import panels
from crm.reporting.showing import Dashboard, Drive, Week
from crm.translation import _, lazy_, speaking
from crm.work import RunningJob


def _sample() -> dict[str, Any]:
    kinds = ("call", "email", "visit", "meeting", "event", "note", "letter")
    weeks = [Week(date(2026, 9, 7 + 7 * place), dict.fromkeys(kinds, 2 + place), 7 * (2 + place)) for place in range(3)]
    stages: list[Mapping[str, Any]] = [{"id": "", "name_en": name, "name_es": name, "pipeline_en": "Recruit employers", "pipeline_es": "Captar empleadores", "stage": count,
               "moved_in": 2, "moved_out": 1, "long": 1, "days": 12} for name, count in (("New", 12), ("Interested", 7), ("Hosting", 4))]  # fmt: skip
    slots = {"pledged": 42, "matched": 14, "started": 9, "completed": 3}
    found = Dashboard(
        counted_at=datetime(2026, 11, 23, 10, tzinfo=UTC), pipelines=[stages], weeks=weeks, hours={"half": Decimal("5.5"), "most": Decimal("31.0")},
        numbers={"answered": 20, "waiting": 3, "overdue": 4, "served": 60, "repeat": 21, "unplaced": 5}, employers={"new": 9, "kept": 31, "back": 4, "lapsed": 7},
        repeat=Decimal("35.0"), penetration=Decimal("1.2"), levels={"5": 3, "4": 8, "3": 14, "2": 20, "1": 9, "0": 6}, level_moves={"up": 5, "down": 2, "first": 3},
        total={"establishments": 5000, "source": "County Business Patterns 2023", "as_of": date(2025, 6, 26)},
        drives=[Drive(id=UUID(int=1), name="Summer 2027", first_day=date(2026, 11, 1), last_day=date(2027, 3, 31), goal=60, slots={"": slots, "internship": slots})],
    )  # fmt: skip
    return context(found, "Harborview", date(2026, 11, 23))


def context(found: Dashboard, whose: str, today: date) -> dict[str, Any]:
    """What the template shows; numbers lead nowhere on paper."""
    counted = found.counted_at.isoformat() if found.counted_at else ""
    return {"whose": whose, "counted_at": counted, "panels": panels(found, today, lambda measure, part="": "")}


REPORT = Document(name="report", title=lazy_("Report"), template="documents/report.html", css="documents/report.css", sample=_sample)


async def made(actor: Actor, board_id: UUID | None, language: str, today: date) -> tuple[str, UUID | None, dict[str, Any]]:
    """Under what kind its file is kept, the file where it was made already, and what stands in it. Raises `Denied`, `NotFound`, `Invalid`."""
    require(actor, Permission.SEE_PIPELINE)
    with speaking(language):
        async with reading(actor):
            if not showing.sees(actor, board_id):
                raise NotFound(_("This page does not exist, or it is not yours to see."))
            whose = (await load(actor, "board", board_id))["name"] if board_id else _("The whole state")
            found = await showing.dashboard(actor, board_id, today)
            if found.counted_at is None:
                raise Invalid(_("No figures have been counted yet. Press “Count anew”, then try again."))
            kind = f"report:{board_id or 'state'}:{language}:{found.counted_at.isoformat()}:{today}"
            known: UUID | None = await fetch_value("select id from stored_file where kind = $1", kind)
            return kind, known, context(found, whose, today)


async def file_of(job: RunningJob, actor: Actor, board_id: UUID | None, language: str, today: date) -> UUID:
    """The file of the report as this person may see it now. Runs twice without doubling: the same report is kept once."""
    kind, known, content = await made(actor, board_id, language, today)
    if known is not None:
        return known
    rendered = await documents.render(REPORT, content, language)
    stored = await files.put(rendered.bytes, "pdf")
    async with job.acting("report.printed") as act:
        again: UUID | None = await fetch_value("select id from stored_file where kind = $1", kind)
        if again is not None:
            act.unchanged()
            return again
        file_id = await files.keep(stored, f"{content['whose']} {today}.pdf", kind, board_id=board_id, account_id=actor.account_id)
        act.record("file", file_id, board_id=board_id, after={"fingerprint": rendered.sha256, "for": str(actor.account_id)})
    return file_id
