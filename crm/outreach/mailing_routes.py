"""Pages of mailings: make one from what a pipeline shows, look at it, let it leave, watch it, decide what is uncertain."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm.access import Actor, Permission, load, may_work_for, visible
from crm.actions import reading
from crm.database import Record, fetch, fetch_one
from crm.engagements.pipeline import Filters
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.mail import current_settings
from crm.outreach import deciding, mailings, sampling, templates
from crm.outreach.audiences import more_values
from crm.outreach.forms import DecisionForm, MailingForm, StartMailingForm
from crm.outreach.leaving import clock
from crm.outreach.letters import reader, way_out, written
from crm.outreach.rules import closed_until, next_opening
from crm.sql import Sql
from crm.translation import _
from crm.web import AnyRequest, filtered, needs, read_filters, redirect, render

WORKS = [needs(Permission.WORK_PIPELINE)]


@get("/mailings", guards=WORKS)
async def list_mailings(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    rows = await fetch(
        Sql("select m.*, b.name as board, a.name as by, (select count(*) from mailing_recipient r where r.mailing_id = m.id and r.state = 'sent') as sent, "
            "(select count(*) from mailing_recipient r where r.mailing_id = m.id and r.state = 'uncertain') as uncertain, "
            "(select count(*) from mailing_recipient r where r.mailing_id = m.id and r.state = 'queued') as queued "
            "from mailing m join board b on b.id = m.board_id left join account a on a.id = m.made_by where {} order by m.made_at desc limit 100",
            visible(actor, "mailing", "m"))  # fmt: skip
    )
    return render(request, "pages/outreach/mailings.html", mailings=rows)


@get("/mailings/new", guards=WORKS)
async def new_mailing(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    """To those whom the pipeline's filters in the address show."""
    filters = read_filters(request, Filters)
    return await _new_page(request, actor, filters, form_for(MailingForm, choices=await _choices(actor)))


async def _choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    return {"template_id": [(str(row["id"]), row["name"]) for row in await templates.listed(actor)]}


async def _new_page(request: AnyRequest, actor: Actor, filters: Filters, form: BoundForm, status: int = 200) -> Response[str]:
    return render(request, "pages/outreach/new.html", status=status, form=form, any_words=bool(await templates.listed(actor)),
                  action=filtered("/mailings/new", msgspec.structs.replace(filters, view="board")),
                  back=filtered("/pipeline", filters))  # fmt: skip


@post("/mailings/new", guards=WORKS)
async def make_mailing(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    filters = read_filters(request, Filters)
    async with reading(actor):
        form = await read_form(MailingForm, request, choices=await _choices(actor))
    if form.validate():
        mailing_id = await mailings.make(actor, form.struct(), filters)
        return redirect(request, f"/mailings/{mailing_id}")
    async with reading(actor):
        return await _new_page(request, actor, filters, form, 422)


@get("/mailings/{mailing_id:uuid}", guards=WORKS)
async def show_mailing(
    request: AnyRequest, actor: NamedDependency[Actor], mailing_id: FromPath[UUID], show: FromQuery[str] = "", after: FromQuery[UUID | None] = None
) -> Response[str]:
    return await _page(request, actor, mailing_id, show=show, after=after)


async def _page(
    request: AnyRequest, actor: Actor, mailing_id: UUID, *, form: BoundForm | None = None, show: str = "", after: UUID | None = None
) -> Response[str]:
    mailing = await load(actor, "mailing", mailing_id)
    counts = await mailings.counts(mailing_id)
    rows = await mailings.recipients(actor, mailing_id, show[:20], after)
    first = await fetch_one("select * from mailing_recipient where mailing_id = $1 and state <> 'left_out' order by id limit 1", mailing_id)
    now, zone = clock(), current_settings().time_zone
    opens = next_opening(now, zone) if mailing["state"] == "sending" else now
    return render(
        request, "pages/outreach/mailing.html", block="state", opens=opens if opens > now else None, closed=closed_until(now, opens, zone), status=422 if form else 200, mailing=mailing, counts=counts, rows=rows, show=show,
        sample=await _sample(mailing, first) if first else None, form=form or form_for(StartMailingForm),
        typed_above=mailings.TYPED_ABOVE, works=may_work_for(actor, mailing["board_id"]), page=mailings.PAGE,
    )  # fmt: skip


async def _sample(mailing: dict[str, Any], recipient: Record) -> dict[str, str]:
    """How it reads for the first who gets it."""
    who = await reader(mailing["board_id"], recipient["employer_id"], recipient["contact_id"], mailing["made_by"],
                           await more_values(mailing, recipient["language"], "…"))  # fmt: skip
    mail = written(mailing, recipient["language"], who, way_out("…"))
    return {"to": recipient["email"], "subject": mail.letter.subject, "text": mail.letter.text}


@post("/mailings/{mailing_id:uuid}/start", guards=WORKS)
async def start(request: AnyRequest, actor: NamedDependency[Actor], mailing_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(StartMailingForm, request)
    if form.validate():
        try:
            await mailings.start(actor, mailing_id, form.struct().count)
            return redirect(request, f"/mailings/{mailing_id}", say=_("It leaves now, on working days from eight to six."))
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _page(request, actor, mailing_id, form=form)


@post("/mailings/{mailing_id:uuid}/sample", guards=WORKS)
async def send_sample(request: AnyRequest, actor: NamedDependency[Actor], mailing_id: FromPath[UUID]) -> Response[Any]:
    return redirect(request, f"/mailings/{mailing_id}", say=sampling.told(await sampling.of_mailing(actor, mailing_id)))


@post("/mailings/{mailing_id:uuid}/pause", guards=WORKS)
async def pause(request: AnyRequest, actor: NamedDependency[Actor], mailing_id: FromPath[UUID]) -> Response[Any]:
    await mailings.hold(actor, mailing_id)
    return redirect(request, f"/mailings/{mailing_id}", say=_("Paused. The mail that was under way may still leave."))


@post("/mailings/{mailing_id:uuid}/stop", guards=WORKS)
async def stop(request: AnyRequest, actor: NamedDependency[Actor], mailing_id: FromPath[UUID]) -> Response[Any]:
    await mailings.hold(actor, mailing_id, for_good=True)
    return redirect(request, f"/mailings/{mailing_id}", say=_("Stopped for good. Who was left gets nothing."))


@post("/mailing-recipients/{recipient_id:uuid}/decide", guards=WORKS)
async def decide(request: AnyRequest, actor: NamedDependency[Actor], recipient_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        await load(actor, "mailing_recipient", recipient_id)
    form = await read_form(DecisionForm, request)
    if not form.validate():
        raise Invalid(_("Choose whether to write again or to leave it."))
    url = await deciding.decide(actor, recipient_id, form.struct().decision, datetime.now(UTC))
    return redirect(request, url, say=_("Decided."))


HANDLERS = [list_mailings, new_mailing, make_mailing, show_mailing, start, send_sample, pause, stop, decide]
