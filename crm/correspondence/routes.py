"""Pages of mail that came in: the ledger, one message, and what a person decides of it."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm import audit, files
from crm.access import Actor, Permission, load
from crm.actions import reading
from crm.boards.colleagues import colleagues
from crm.correspondence import deciding, ledger
from crm.correspondence.forms import AsideForm, FileForm, SharedWithForm
from crm.correspondence.ledger import PAGE, STATES, Filters
from crm.correspondence.wording import NOTES, PROOFS, sentence
from crm.database import Record, fetch_one
from crm.employers.searching import Filters as EmployerFilters
from crm.employers.searching import list_employers
from crm.errors import Invalid, NotFound
from crm.forms import BoundForm, form_for, read_form
from crm.translation import _
from crm.web import AnyRequest, filtered, needs, program_of, read_filters, redirect, render

SEES = [needs(Permission.SEE_PIPELINE)]
WORKS = [needs(Permission.WORK_PIPELINE)]
MOST_FOUND = 8


@get("/emails", guards=SEES)
async def show_ledger(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    filters = read_filters(request, Filters)
    rows = await ledger.messages(actor, filters)
    last = rows[-1] if len(rows) == PAGE else None
    return render(
        request, "pages/correspondence/ledger.html", filters=filters, rows=rows, boxes=await ledger.mailboxes(actor), sentence=sentence,
        states=[(state, filtered("/emails", filters, state=state, before=None, before_id=None)) for state in ("", *STATES)],
        url=lambda **changes: filtered("/emails", Filters(**changes)), set_up=_set_up(request),
        older=filtered("/emails", filters, before=last["kept_at"].isoformat(), before_id=last["id"]) if last else "",
    )  # fmt: skip


def _set_up(request: AnyRequest) -> bool:
    settings = program_of(request).settings
    return bool(settings.mail_in_listen or settings.imap_urls)


@get("/emails/{email_id:uuid}", guards=SEES)
async def show_email(request: AnyRequest, actor: NamedDependency[Actor], email_id: FromPath[UUID], q: FromQuery[str] = "") -> Response[str]:
    return await _page(request, actor, email_id, q=q[:200])


async def _page(
    request: AnyRequest, actor: Actor, email_id: UUID, *, q: str = "", form: BoundForm | None = None, sharing: BoundForm | None = None
) -> Response[str]:
    email = await load(actor, "email", email_id)
    words = await ledger.words(actor, email_id)
    decides = words is not None and email["state"] in deciding.OPEN and await deciding.may_decide(actor, email_id)
    found = await list_employers(actor, EmployerFilters(q=q)) if decides and q.strip() else None
    shown = sharing or form_for(SharedWithForm, initial={"with_whom": "board"})
    return render(
        request, "pages/correspondence/email.html", status=422 if form or sharing else 200, email=email, words=words, decides=decides, q=q,
        parts=await ledger.parts(actor, email_id), filings=await ledger.filings(actor, email_id), readers=await ledger.readers(email_id),
        shares=await ledger.shares(actor, email["thread"]), suggestions=await ledger.suggestions(actor, email) if decides else [],
        found=found.rows[:MOST_FOUND] if found else [], why=sentence(email["reason"], email["reason_values"]), proof=PROOFS[email["proof"]], notes=NOTES,
        form=form, sharing=shown, whom=await _whom(actor), took_part=await _took_part(actor, email_id),
    )  # fmt: skip


async def _took_part(actor: Actor, email_id: UUID) -> Record | None:
    return await fetch_one("select seen_at from email_reader where email_id = $1 and account_id = $2", email_id, actor.account_id)


async def _whom(actor: Actor) -> list[tuple[str, str]]:
    """With whom one may share: one's board, or a colleague there."""
    if actor.home_board is None:
        return []
    people = [(key, name) for key, name in await colleagues(actor.home_board) if key != str(actor.account_id)]
    return [("board", _("Everyone of my board")), *people]


@get("/emails/{email_id:uuid}/original", guards=SEES)
async def download_original(request: AnyRequest, actor: NamedDependency[Actor], email_id: FromPath[UUID]) -> Response[bytes]:
    """The bytes as they came, for those who may read it; that they were fetched is on record."""
    email = await load(actor, "email", email_id)
    await load(actor, "email_text", email_id)
    return await _file(actor, email["file_id"], email_id, f"{email_id}.eml")


@get("/email-parts/{email_part_id:uuid}", guards=SEES)
async def download_part(request: AnyRequest, actor: NamedDependency[Actor], email_part_id: FromPath[UUID]) -> Response[bytes]:
    part = await load(actor, "email_part", email_part_id)
    return await _file(actor, part["file_id"], part["email_id"], part["name"])


async def _file(actor: Actor, file_id: UUID | None, email_id: UUID, name: str) -> Response[bytes]:
    row = await fetch_one("select storage_key, media_type from stored_file where id = $1 and kind = 'email'", file_id)
    if row is None:
        raise NotFound(_("This file is not kept by itself. Download the whole message instead."))
    body = await files.read(row["storage_key"])
    await audit.record_disclosure(actor, "email.downloaded", subject_kind="email", subject_id=email_id)
    kept = "".join(c for c in name if c.isalnum() or c in "-_. ").encode("ascii", "ignore").decode() or "file"
    return Response(body, media_type=row["media_type"],
                    headers={"content-disposition": f'attachment; filename="{kept}"', "cache-control": "no-store"})  # fmt: skip


@post("/emails/{email_id:uuid}/file", guards=WORKS)
async def file_email(request: AnyRequest, actor: NamedDependency[Actor], email_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(FileForm, request)
    if form.validate():
        try:
            await deciding.file_by_hand(actor, email_id, form.struct())
            return redirect(request, f"/emails/{email_id}", say=_("Filed."), undo=f"/emails/{email_id}/back")
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _page(request, actor, email_id, form=form)


@post("/emails/{email_id:uuid}/aside", guards=WORKS)
async def put_aside(request: AnyRequest, actor: NamedDependency[Actor], email_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        await load(actor, "email", email_id)
    form = await read_form(AsideForm, request)
    if not form.validate():
        raise Invalid(_("Choose whether to put it aside or to quarantine it."))
    await deciding.put_aside(actor, email_id, form.struct())
    said = _("Quarantined.") if form.struct().to == "quarantined" else _("Put aside.")
    return redirect(request, f"/emails/{email_id}", say=said, undo=f"/emails/{email_id}/back")


@post("/emails/{email_id:uuid}/back", guards=WORKS)
async def bring_back(request: AnyRequest, actor: NamedDependency[Actor], email_id: FromPath[UUID]) -> Response[Any]:
    await deciding.bring_back(actor, email_id)
    return redirect(request, f"/emails/{email_id}", say=_("It waits for a decision again."))


@post("/emails/{email_id:uuid}/again", guards=WORKS)
async def read_again(request: AnyRequest, actor: NamedDependency[Actor], email_id: FromPath[UUID]) -> Response[Any]:
    await deciding.read_again(actor, email_id)
    return redirect(request, f"/emails/{email_id}", say=_("It is being read again. Load the page in a moment."))


@post("/emails/{email_id:uuid}/seen", guards=WORKS)
async def look_at(request: AnyRequest, actor: NamedDependency[Actor], email_id: FromPath[UUID]) -> Response[Any]:
    await deciding.look_at(actor, email_id)
    return redirect(request, "/today", say=_("Looked at."), undo=f"/emails/{email_id}/unseen")


@post("/emails/{email_id:uuid}/unseen", guards=WORKS)
async def look_later(request: AnyRequest, actor: NamedDependency[Actor], email_id: FromPath[UUID]) -> Response[Any]:
    await deciding.look_at(actor, email_id, undo=True)
    return redirect(request, "/today", say=_("It is among the new ones again."))


@post("/emails/{email_id:uuid}/shares", guards=WORKS)
async def share(request: AnyRequest, actor: NamedDependency[Actor], email_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(SharedWithForm, request)
    if form.validate():
        try:
            today = datetime.now(ZoneInfo(program_of(request).settings.time_zone)).date()
            share_id = await deciding.share(actor, email_id, form.struct(), today)
            return redirect(request, f"/emails/{email_id}", say=_("They may read along now."), undo=f"/email-shares/{share_id}/end")
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _page(request, actor, email_id, sharing=form)


@post("/email-shares/{email_share_id:uuid}/end", guards=WORKS)
async def end_share(request: AnyRequest, actor: NamedDependency[Actor], email_share_id: FromPath[UUID]) -> Response[Any]:
    await deciding.end_share(actor, email_share_id)
    return redirect(request, "/emails", say=_("They no longer read along."))


HANDLERS = [
    show_ledger, show_email, download_original, download_part, file_email, put_aside, bring_back, read_again, look_at, look_later, share, end_share,
]  # fmt: skip
