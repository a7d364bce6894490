"""Papers over several cases: the calendar of days to keep of a hire or an employer, and an employer's year. No confidential answer is in them, and not why; names of programs can hint at a group."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm import documents, files
from crm.access import Actor, Permission, load, may_work_for, require
from crm.actions import acting, reading
from crm.database import Record, execute, fetch_value
from crm.errors import Denied, Invalid
from crm.incentives import hires, installed, screening, told
from crm.incentives.claims import case_listing
from crm.incentives.claims.case_listing import OPEN, program_name
from crm.incentives.documents import CALENDAR, YEAR
from crm.incentives.earlier_claims import claimed_elsewhere, earlier, limit_wording
from crm.incentives.wording import counted, text
from crm.rulebook.claimed import Earlier
from crm.sql import Sql
from crm.templating import label
from crm.translation import _, language, lazy_, month_of, speaking
from crm.worded import Worded, columns, worded
from crm.work import RunningJob

MOST_HIRES = 100  # of an employer, the newest first; each is screened anew
KEPT = "incentive_overview"  # the kind of the stored file, with the job that made it
AMOUNTS = ("estimated", "certified", "paid")


async def ask_for(actor: Actor, employer_id: UUID, today: date, *, hire_id: UUID | None = None, year: int | None = None) -> UUID:
    """The summary of that year, or without one the calendar of the hire or of all hires, made in a job whose id is given back."""
    require(actor, Permission.ESTIMATE)
    async with acting(actor, "incentives.paper_asked") as act:
        employer = await load(actor, "employer", employer_id)
        board_id = (await hires.own(actor, hire_id))["board_id"] if hire_id else actor.home_board or employer.get("board_id")
        if board_id is None:
            raise Invalid(_("The paper is kept by a board, and neither you nor this employer has one."))
        if not may_work_for(actor, board_id):
            raise Denied(_("Only a board keeps such papers, and you work for none."))
        given = {"employer_id": str(employer_id), "hire_id": str(hire_id) if hire_id else None, "board_id": str(board_id), "year": year,
                 "as_of": today.isoformat(), "language": actor.language}  # fmt: skip
        act.record("employer", employer_id, board_id=board_id, employer_id=employer_id, after={"year": year, "hire": hire_id})
        title = worded(lazy_("PDF: %(program)s for %(employer)s"), program=worded(str(YEAR.title if year else CALENDAR.title)), employer=employer["name"])
        return await act.enqueue("incentives.render_overview", given, title=title, board_id=board_id)


async def render_overview(
    job: RunningJob, *, employer_id: str, hire_id: str | None, board_id: str, year: int | None, as_of: str, language: str = "en"
) -> dict[str, Any]:
    """Runs twice without doubling: a job keeps one file."""
    day, document = date.fromisoformat(as_of), YEAR if year else CALENDAR
    async with reading(job.actor):
        known = await _file_of(job.id)
        if known is not None:
            return {"url": f"/files/{known}"}
        with speaking(language):
            content = await (year_on_paper(job.actor, UUID(employer_id), year, day) if year
                             else calendar_on_paper(job.actor, UUID(employer_id), day, UUID(hire_id) if hire_id else None))  # fmt: skip
    await job.progress(1, 3, _("Writing the document"))
    rendered = await documents.render(document, content, language)
    await job.progress(2, 3, _("Storing it"))
    stored = await files.put(rendered.bytes, "pdf")
    async with job.acting("incentives.paper_made") as act:
        again = await _file_of(job.id)
        if again is not None:
            act.unchanged()
            return {"url": f"/files/{again}"}
        file_id = await files.keep(stored, f"{document.name}-{year or as_of}.pdf", f"{KEPT}:{job.id}", board_id=UUID(board_id), account_id=job.actor.account_id)
        await execute("insert into activity (employer_id, board_id, kind, summary, summary_words, file_id, logged_by) values ($1, $2, 'document', $3, $4, $5, $6)",
                      UUID(employer_id), UUID(board_id), *columns(_summary(document, year)), file_id, job.actor.account_id)  # fmt: skip
        act.record("employer", UUID(employer_id), board_id=UUID(board_id), employer_id=UUID(employer_id), after={"file": file_id, "fingerprint": rendered.sha256})
    return {"url": f"/files/{file_id}"}


def _summary(document: documents.Document, year: int | None) -> Worded:
    title = worded(str(document.title))
    return worded(lazy_("%(title)s %(year)s (PDF)"), title=title, year=year) if year else worded(lazy_("%(title)s (PDF)"), title=title)


async def _file_of(job_id: UUID) -> UUID | None:
    found: UUID | None = await fetch_value("select id from stored_file where kind = $1", f"{KEPT}:{job_id}")
    return found


# ── the calendar ──


async def calendar_on_paper(actor: Actor, employer_id: UUID, today: date, hire_id: UUID | None) -> dict[str, Any]:
    """The days to keep by month, of one hire or of the employer's newest; as those who see no secrets would see them."""
    employer = await load(actor, "employer", employer_id)
    rows: Sequence[Record] = [await hires.one(actor, hire_id)] if hire_id else await hires.of_employer(actor, employer_id, MOST_HIRES + 1)
    known = await told.of_many(rows[:MOST_HIRES])
    cases = {(row["hire_id"], row["program"]): row["state"] for row in await case_listing.of_employer(actor, employer_id) if row["state"] != "withdrawn"}
    days = [due for hire in rows[:MOST_HIRES] for due in await asyncio.to_thread(_days_of, hire, known[hire["id"]], await earlier.of(hire), cases, today, language())]
    return {"employer": employer["name"], "hire": rows[0]["label"] if hire_id else "", "as_of": today.isoformat(), "months": by_month(days),
            "most": MOST_HIRES if len(rows) > MOST_HIRES else 0}  # fmt: skip


def _days_of(hire: Mapping[str, Any], known: Mapping[str, told.Known], before: Earlier, cases: Mapping[Any, str], today: date, spoken: str) -> list[dict[str, Any]]:
    """What is still to be done: nothing of a case that was sent, and what is past only of one that is being prepared."""
    with speaking(spoken):
        library = installed.library()
        facts = library.completed(told.values_of(known))
        found = []
        for due in screening.screened(hire, known, today, outside=True, before=before).deadlines:
            state = cases.get((hire["id"], due["program"]))
            past = due["date"] < today.isoformat()
            if state not in (None, "preparing") or (past and state is None):
                continue
            rule = next((each for each in library.programs[due["program"]].deadlines if str(each.day(facts)) == due["date"]), None)
            found.append({"date": due["date"], "who": hire["label"], "program": due["title"], "what": due["what"], "citation": due["citation"], "past": past,
                          "counted": counted(rule, facts) if rule else "", "case": label(f"case_{state}") if state else ""})  # fmt: skip
        return found


def by_month(days: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The days in their order, under the name of their month."""
    months: dict[str, list[dict[str, Any]]] = {}
    for each in sorted(days, key=lambda each: (each["date"], each["who"], each["program"])):
        months.setdefault(each["date"][:7], []).append(each)
    return [{"month": month_of(date.fromisoformat(f"{name}-01")), "days": listed} for name, listed in months.items()]


# ── the year ──


async def year_on_paper(actor: Actor, employer_id: UUID, year: int, today: date) -> dict[str, Any]:
    """The cases of those who began work in the year; where that day is not known, of the year in which the case was opened."""
    employer = await load(actor, "employer", employer_id)
    rows = await case_listing.of_employer(actor, employer_id, Sql("extract(year from coalesce(h.starts_on, c.made_at::date)) = {}", year))
    listed = [{"who": row["label"], "program": program_name(row["program"]), "state": label(f"case_{row['state']}"), "since": row["state_since"].isoformat(),
               **{name: None if row[name] is None else str(row[name]) for name in AMOUNTS},
               "open": row["state"] in OPEN, "due": row["due"].isoformat() if row["due"] else "", "past": bool(row["due"] and row["due"] < today)}
              for row in rows]  # fmt: skip
    board = claimed_elsewhere.keeper(actor, employer)
    limits = [{"program": text(before.program.name), "said": limit_wording.left_said(left), "citation": left.limit.citation if left.limit else "",
               "elsewhere": [{"amount": None if row["amount"] is None else str(row["amount"]), "source": row["source"], "on_day": row["on_day"].isoformat()} for row in before.told]}
              for before in (await earlier.of_employer(actor, employer_id, board, year) if board else []) for left in before.left]  # fmt: skip
    counting = [row for row in rows if row["state"] != "withdrawn"]
    return {"employer": employer["name"], "year": str(year), "as_of": today.isoformat(), "cases": listed, "open": [each for each in listed if each["open"]],
            "limits": limits,
            "totals": {name: str(sum((row[name] for row in counting if row[name] is not None), Decimal(0))) for name in AMOUNTS}}  # fmt: skip
