"""An agency's form filled in for a case, to be completed, signed and sent by a person. For the board alone, since it tells sealed answers."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from crm import pdf_forms
from crm.access import Actor, load
from crm.actions import acting, reading
from crm.audit import Entry
from crm.database import fetch_value
from crm.employers.fein import open_fein
from crm.errors import Conflict, NotFound
from crm.incentives import hires, installed, told
from crm.incentives.actions import program_of
from crm.incentives.claims import case_papers, cases
from crm.incentives.official_forms import blank_forms, form_filling
from crm.incentives.official_forms.blank_forms import BlankForm
from crm.incentives.official_forms.form_filling import Filled, Source
from crm.phones import display_phone
from crm.translation import _, lazy_
from crm.worded import worded
from crm.work import RunningJob

KIND = "case_form"  # of its stored file, with the job that made it
FEIN = "employer.fein"


async def ask_for(actor: Actor, case_id: UUID, blank_id: UUID, today: date) -> UUID:
    """Fill it in in a job, whose id is given back. That sealed answers and the FEIN are read is on record before they leave."""
    async with acting(actor, "case.form_asked") as act:
        case = await cases.own(actor, case_id)
        blank = await _in_use(actor, blank_id, case["program"])
        about = {"board_id": case["board_id"], "employer_id": case["employer_id"]}
        used, hidden = {line.source for line in blank.lines}, await _hidden(actor, case)
        sealed = {source.key for source in form_filling.sources(program_of(case["program"])).values() if source.secret}
        if used & sealed - hidden:
            act.entries.append(Entry(verb="hire.secrets_read", outcome="disclosed", subject_kind="hire", subject_id=case["hire_id"], **about))
        if FEIN in used - hidden:
            act.entries.append(Entry(verb="employer.fein_shown", outcome="disclosed", subject_kind="employer", subject_id=case["employer_id"], **about))
        act.record("incentive_case", case_id, **about, after={"form": blank.title, "edition": blank.edition})
        return await act.enqueue(
            "incentives.fill_form", {"case_id": str(case_id), "blank_id": str(blank_id), "as_of": today.isoformat()},
            title=worded(lazy_("Filled in: %(form)s"), form=blank.title), board_id=case["board_id"],
        )  # fmt: skip


async def fill_form(job: RunningJob, *, case_id: str, blank_id: str, as_of: str) -> dict[str, Any]:
    """Runs twice without doubling: a job keeps one file. What a person may not see when it runs stays empty."""
    async with reading(job.actor):
        blank = await blank_forms.one(job.actor, UUID(blank_id))

    async def write() -> bytes:
        async with reading(job.actor):
            case = await cases.readable(job.actor, UUID(case_id))
            found = await for_case(job.actor, case, blank, date.fromisoformat(as_of))
            pdf = await blank_forms.body(blank)
        await job.progress(1, 2, _("Filling in the form"))
        return await pdf_forms.filled(pdf, found.texts, found.marks)

    name = re.sub(r"\W+", "-", blank.title.lower()).strip("-")[:60]
    return await case_papers.made(job, UUID(case_id), KIND, "case.form_filled", f"{name or 'form'}-{as_of}.pdf", write)


async def _in_use(actor: Actor, blank_id: UUID, program: str) -> BlankForm:
    blank = await blank_forms.one(actor, blank_id)
    if blank.program != program:
        raise NotFound(_(hires.GONE))
    if blank.removed:
        raise Conflict(_("This form was replaced by a later edition or taken out of use. Load the page again."))
    return blank


async def for_case(actor: Actor, case: Mapping[str, Any], blank: BlankForm, day: date) -> Filled:
    """What goes into the form, and what stays empty."""
    known = form_filling.sources(program_of(case["program"]))
    return form_filling.filled(blank.fields, blank.lines, await _values(actor, case, day), known, await _hidden(actor, case, known))


async def _hidden(actor: Actor, case: Mapping[str, Any], known: Mapping[str, Source] | None = None) -> frozenset[str]:
    """Sources whose values are not for this person."""
    employer = await load(actor, "employer", case["employer_id"])
    sealed = () if told.sees_secrets(actor) else (key for key, source in (known or form_filling.sources(program_of(case["program"]))).items() if source.secret)
    return frozenset(sealed) | (frozenset() if "fein_sealed" in employer else frozenset({FEIN}))


async def _values(actor: Actor, case: Mapping[str, Any], day: date) -> dict[str, Any]:
    hire = await hires.one(actor, case["hire_id"])
    employer = await load(actor, "employer", case["employer_id"])
    site = await load(actor, "establishment", hire["establishment_id"]) if hire["establishment_id"] else {}
    fein = employer.get("fein_sealed")
    return {
        **installed.library().completed(told.values_of(await told.of(hire))),
        **{f"employer.{part}": employer.get(part) for part in ("name", "city", "state", "zip")}, "employer.phone": display_phone(employer.get("phone") or ""),
        FEIN: open_fein(fein, employer["id"]) if fein else None,
        **{f"site.{part}": site.get(part) for part in ("name", "line1", "line2", "city", "state", "zip")}, "site.phone": display_phone(site.get("phone") or ""),
        "hire.job_title": hire["job_title"], "hire.state": told.place_of(hire), "case.board": hire["board"], "case.today": day,
        "case.owner": await fetch_value("select name from account where id = $1", case["owner_id"]),
    }  # fmt: skip
