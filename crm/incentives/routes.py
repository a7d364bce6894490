"""The questionnaire, the answer with its steps, and the PDF. Answers travel in forms, never in an address."""

from contextlib import suppress
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm import audit, files
from crm.access import Actor, Permission, load
from crm.actions import reading
from crm.errors import Invalid
from crm.forms import clean
from crm.incentives import actions, installed
from crm.incentives.wording import as_shown, text
from crm.incentives.wording import told as said
from crm.translation import _
from crm.web import AnyRequest, needs, redirect, render, signed_in
from crm.web import download as sent
from crm.web import program_of as running

ASKED_AT_ONCE = 3


def _today(request: AnyRequest) -> date:
    return datetime.now(ZoneInfo(running(request).settings.time_zone)).date()


def _page(
    request: AnyRequest, employer: dict[str, Any], program_id: str, given: dict[str, str], as_of: date, status: int = 200
) -> Response[str]:
    program = actions.program_of(program_id)
    facts, problems = actions.facts_of(given)
    found = actions.make(program, {key: value for key, value in facts.items() if key not in problems}, as_of)
    library = installed.library()
    asked = [*problems, *(key for key in found.missing if key not in problems)][:ASKED_AT_ONCE]
    return render(
        request, "pages/incentives/estimate.html", block="answer", status=status, employer=employer, program=program,
        estimate=as_shown(found, library), asked=[library.facts[key] for key in asked], problems=problems, given=given,
        told=[(library.facts[key], said(library.facts[key], value)) for key, value in facts.items()], as_of=as_of, text=text,
        left=len(found.missing), complete=not found.missing and not problems,
    )  # fmt: skip


@get("/employers/{employer_id:uuid}/incentives/{program_id:str}", guards=[needs(Permission.ESTIMATE)])
async def show(
    request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID], program_id: FromPath[str]
) -> Response[str]:
    employer = await load(actor, "employer", employer_id)
    return _page(request, employer, program_id, {}, _today(request))


async def _given(request: AnyRequest) -> tuple[dict[str, str], date, str]:
    """The answers, the as-of day, and which button was pressed."""
    data = await request.form()
    values = {name: str(clean(value)) for name, value in data.multi_items() if isinstance(value, str)}
    try:
        as_of = date.fromisoformat(values.get("as_of", "")) if values.get("as_of") else _today(request)
    except ValueError as problem:
        raise Invalid(_("The day is not one: write it as 2026-11-23.")) from problem
    forget = values.pop("forget", "")
    values.pop(forget, None)
    return {k: v for k, v in values.items() if k not in {"_token", "as_of", "act"}}, as_of, values.get("act", "")


@post("/employers/{employer_id:uuid}/incentives/{program_id:str}", guards=[needs(Permission.ESTIMATE)], status_code=200)
async def answer(
    request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID], program_id: FromPath[str]
) -> Response[Any]:
    given, as_of, act = await _given(request)
    if act == "pdf":
        with suppress(Invalid):  # the page below says what is wrong with an answer
            _estimate_id, job_id = await actions.save_estimate(actor, employer_id, program_id, given, as_of)
            return redirect(request, f"/jobs/{job_id}", say=_("The PDF is being made. It hangs on the timeline then."))
    async with reading(actor):
        employer = await load(actor, "employer", employer_id)
    return _page(request, employer, program_id, given, as_of)


@get("/files/{file_id:uuid}", guards=[signed_in])
async def download(request: AnyRequest, actor: NamedDependency[Actor], file_id: FromPath[UUID]) -> Response[bytes]:
    """A stored file, for those who may see it; that it was fetched is on record."""
    row = await load(actor, "stored_file", file_id)
    body = await files.read(row["storage_key"])
    await audit.record_disclosure(actor, "file.downloaded", subject_kind="file", subject_id=file_id, employer_id=row["employer_id"])
    return sent(body, row["name"], row["media_type"])


HANDLERS = [show, answer, download]
