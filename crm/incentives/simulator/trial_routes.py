"""Pages of the state office: try a proposed program over past hires or a file, alone or against another, and in the shadow of the one that is installed."""

import asyncio
import io
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from crm import audit
from crm.access import Actor, Permission, load, visible
from crm.actions import reading
from crm.database import Record, fetch, fetch_one
from crm.engagements.attachments import Upload
from crm.errors import Invalid, NotFound
from crm.forms import BoundForm, form_for, read_form
from crm.incentives import hires, installed
from crm.incentives.law_changes import change_wording
from crm.incentives.simulator import drafts, past_hires, shadowing, trial_panels, trials
from crm.incentives.simulator.hire_files import LABELS, columns_of
from crm.incentives.wording import text
from crm.spreadsheets.writing import write_csv
from crm.sql import Sql
from crm.translation import _, lazy_, money
from crm.web import AnyRequest, download, needs, read_filters, redirect, render

TRIES = [needs(Permission.TRY_RULES)]
SHOWN = 50  # trials that a page lists
FILES = {"draft", "other", "hires"}


class TrialForm(Struct, forbid_unknown_fields=True, kw_only=True):
    year: Annotated[str, Meta(title=lazy_("Hires of which year"), max_length=4)] = ""
    against: Annotated[str, Meta(title=lazy_("Or an installed program"), max_length=80)] = ""


class Columns(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which program; empty for all."""

    program: Annotated[str, Meta(max_length=80)] = ""


def _programs() -> list[tuple[str, str]]:
    """Id and name of each installed program, by name."""
    return sorted(((program.id, text(program.name)) for program in installed.library().programs.values()), key=lambda each: each[1])


async def _choices(kind: str) -> dict[str, list[tuple[str, str]]]:
    return {"year": [(str(year), str(year)) for year in await past_hires.years()], "against": _programs() if kind == trials.SIMULATION else []}


async def _uploads(request: AnyRequest) -> dict[str, list[Upload]]:
    """By the name of their field, where any were chosen."""
    data = await request.form()
    came = {name: [each for each in data.getall(name, []) if isinstance(each, UploadFile) and each.filename] for name in FILES}
    return {name: [Upload(each.filename[:200], await each.read()) for each in listed] for name, listed in came.items() if listed}


async def _list_page(request: AnyRequest, actor: Actor, kind: str, form: BoundForm | None = None) -> Response[str]:
    """The form, and the trials of the office, the last first."""
    found = await fetch(
        Sql("select t.id, t.drafts, t.year, t.file_id, t.made_at, t.finished_at, a.name as by, j.state from rule_trial t left join account a on a.id = t.made_by "
            f"left join job j on j.id = t.job_id where t.kind = {{}} and {{}} order by t.made_at desc limit {SHOWN}", kind, visible(actor, "rule_trial", "t"))  # fmt: skip
    )
    page = "pages/incentives/simulator.html" if kind == trials.SIMULATION else "pages/incentives/shadows.html"
    return render(request, page, status=422 if form else 200, form=form or form_for(TrialForm, choices=await _choices(kind)), trials=found, text=text)


async def _start(request: AnyRequest, actor: Actor, kind: str) -> Response[Any]:
    async with reading(actor):
        form = await read_form(TrialForm, request, beside=FILES, choices=await _choices(kind))
    if form.validate():
        try:
            trial_id = await _asked(actor, kind, form.struct(), await _uploads(request))
            return redirect(request, f"{trials.ROOMS[kind]}/{trial_id}")
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _list_page(request, actor, kind, form)


async def _asked(actor: Actor, kind: str, form: TrialForm, files: Mapping[str, list[Upload]]) -> UUID:
    """Raises `Invalid` for what is missing or does not fit."""
    if "draft" not in files:
        raise Invalid(_("Choose the files of the proposed program."))
    if "other" in files and form.against:
        raise Invalid(_("Compare with a second draft or with an installed program, not with both."))
    if kind == trials.SIMULATION and ("hires" in files) == bool(form.year):
        raise Invalid(_("Choose a year of recorded hires, or a CSV of hires, one of the two."))
    listed = [await asyncio.to_thread(drafts.read, each) for name in ("draft", "other") if (each := files.get(name))]
    known = installed.library().programs
    if kind == trials.SHADOW and listed[0]["program"] not in known:
        raise Invalid(_("%(file)s: no program '%(program)s' is installed, so there is nothing to compare it with. Try it in the simulator.") % {
            "file": listed[0]["name"], "program": listed[0]["program"]})  # fmt: skip
    if form.against:
        listed.append(drafts.of_installed(known[form.against]))
    return await trials.start(actor, kind, listed, year=int(form.year) if form.year else None, hires=files.get("hires", [None])[0])


async def _trial(actor: Actor, trial_id: UUID, kind: str) -> tuple[dict[str, Any], Record | None, str]:
    """The trial, its job, and who asked for it."""
    trial = await load(actor, "rule_trial", trial_id)
    if trial["kind"] != kind:
        raise NotFound(_(hires.GONE))
    job = await fetch_one("select id, state, progress_done, progress_total, message, reason, account_id from job where id = $1", trial["job_id"])
    person = await fetch_one("select name from account where id = $1", trial["made_by"])
    return trial, job, person["name"] if person else ""


# ── the simulator ──


@get("/incentives/simulator", guards=TRIES)
async def show_simulator(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    return await _list_page(request, actor, trials.SIMULATION)


@post("/incentives/simulator", guards=TRIES)
async def start_simulation(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    return await _start(request, actor, trials.SIMULATION)


@get("/incentives/simulator/columns", guards=TRIES)
async def show_columns(request: AnyRequest) -> Response[str]:
    """What a CSV of hires may hold: for one program, or for all."""
    library, asked = installed.library(), read_filters(request, Columns).program
    if asked and asked not in library.programs:
        raise Invalid(_("No program of that name is installed. Its plugin may be switched off."))
    facts = columns_of(library, library.programs[asked]) if asked else list(library.facts.values())
    return render(request, "pages/incentives/columns.html", labels=LABELS, facts=facts, text=text, asked=asked, programs=_programs())


@get("/incentives/simulator/{trial_id:uuid}", guards=TRIES)
async def show_simulation(request: AnyRequest, actor: NamedDependency[Actor], trial_id: FromPath[UUID]) -> Response[str]:
    trial, job, by = await _trial(actor, trial_id, trials.SIMULATION)
    done = trial["finished_at"] is not None
    return render(request, "pages/incentives/simulation.html", block="state", trial=trial, job=job, by=by, text=text, mine=trial["made_by"] == actor.account_id,
                  panels=trial_panels.panels(trial) if done else [], letters=trial_panels.LETTERS)  # fmt: skip


@get("/incentives/simulator/{trial_id:uuid}/table.csv", guards=TRIES)
async def download_simulation(actor: NamedDependency[Actor], trial_id: FromPath[UUID]) -> Response[bytes]:
    trial, _job, _by = await _trial(actor, trial_id, trials.SIMULATION)
    if trial["finished_at"] is None:
        raise NotFound(_("This is not worked out yet."))
    body = io.BytesIO()
    write_csv(body, trial_panels.heads(), trial_panels.rows(trial))
    await audit.record_disclosure(actor, "rules.trial_exported", subject_kind="rule_trial", subject_id=trial_id)
    return download(body.getvalue(), f"{trial['drafts'][0]['program']}-{trial['made_at']:%Y-%m-%d}.csv", "text/csv; charset=utf-8")


# ── the shadow ──


@get("/incentives/shadow", guards=TRIES)
async def show_shadows(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    return await _list_page(request, actor, trials.SHADOW)


@post("/incentives/shadow", guards=TRIES)
async def start_shadow(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    return await _start(request, actor, trials.SHADOW)


@get("/incentives/shadow/{shadow_id:uuid}", guards=TRIES)
async def show_shadow(request: AnyRequest, actor: NamedDependency[Actor], shadow_id: FromPath[UUID]) -> Response[str]:
    trial, job, by = await _trial(actor, shadow_id, trials.SHADOW)
    reads = shadowing.reads_answers(actor)
    return render(
        request, "pages/incentives/shadow.html", block="state", trial=trial, job=job, by=by, text=text, reads=reads, most=shadowing.MOST, said=lambda found: change_wording.answer_said(found, money),
        mine=trial["made_by"] == actor.account_id, reason=change_wording.reason_read, kind=change_wording.kind_said,
        lines=await shadowing.lines(actor, trial) if trial["finished_at"] and reads else [], facts=installed.library().facts, day=date.fromisoformat(trial["result"]["day"]) if trial["finished_at"] else None,
    )  # fmt: skip


HANDLERS = [show_simulator, start_simulation, show_columns, show_simulation, download_simulation, show_shadows, start_shadow, show_shadow]
