"""For guests, who have no account. A GET changes nothing, for mail scanners fetch links."""

from datetime import UTC, datetime
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from crm.database import Record, transaction
from crm.employer_events import answering
from crm.employer_events.calendar import calendar
from crm.employer_events.forms import AnswerForm, SignUpForm
from crm.employer_events.routes import calendar_file
from crm.employer_events.wording import about, title, where
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.translation import language, speaking
from crm.web import AnyRequest, program_of, render

PUBLIC = {"public": True}


@get("/rsvp/{token:str}", opt=PUBLIC)
async def show_answer(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    guest, event = await answering.whose(token, now=datetime.now(UTC))
    with speaking(guest["language"]):
        typed = {"answer": guest["answer"] if guest["answer"] in ("yes", "maybe", "no") else "yes", "people": guest["people"], "names": guest["names"],
                 "access_needs": guest["access_needs"]}  # fmt: skip
        return _page(request, token, guest, event, form_for(AnswerForm, initial=typed))


def _page(request: AnyRequest, token: str, guest: Record, event: Record, form: BoundForm, *, kept: str = "", status: int = 200) -> Response[str]:
    speaks = guest["language"]
    return render(request, "pages/events/rsvp.html", status=status, guest=guest, event=event, form=form, token=token, kept=kept,
                  title=title(event, speaks), about=about(event, speaks), where=where(event))  # fmt: skip


@post("/rsvp/{token:str}", opt=PUBLIC, status_code=200)
async def keep_answer(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    now, kept = datetime.now(UTC), ""
    async with transaction(read_only=True):
        guest, _event = await answering.whose(token, now=now)
    with speaking(guest["language"]):
        form = await read_form(AnswerForm, request)
        if form.validate():
            kept = await answering.answer(token, form.struct(), now=now)
        async with transaction(read_only=True):
            guest, event = await answering.whose(token, now=now)
        return _page(request, token, guest, event, form, kept=kept, status=200 if kept else 422)


@get("/rsvp/{token:str}/event.ics", opt=PUBLIC)
async def guest_calendar(request: AnyRequest, token: FromPath[str]) -> Response[bytes]:
    guest, event = await answering.whose(token, now=datetime.now(UTC))
    return calendar_file(calendar(event, guest["language"], program_of(request).settings.url))


@get("/come/{code:str}", opt=PUBLIC)
async def show_sign_up(request: AnyRequest, code: FromPath[str]) -> Response[str]:
    return _sign_up(request, await answering.open_for_all(code, now=datetime.now(UTC)), form_for(SignUpForm))


def _sign_up(request: AnyRequest, event: Record, form: BoundForm, *, sent: bool = False, status: int = 200) -> Response[str]:
    speaks = language()
    return render(request, "pages/events/sign_up.html", status=status, event=event, form=form, sent=sent, title=title(event, speaks), about=about(event, speaks),
                  where=where(event))  # fmt: skip


@post("/come/{code:str}", opt=PUBLIC, status_code=200)
async def sign_up(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    now, sent = datetime.now(UTC), False
    async with transaction(read_only=True):
        event = await answering.open_for_all(code, now=now)
    form = await read_form(SignUpForm, request)
    if form.validate():
        try:
            await answering.sign_up(code, form.struct(), language=language(), now=now)
            sent = True
        except Invalid as problem:
            form.refuse(problem)
    return _sign_up(request, event, form, sent=sent, status=200 if sent else 422)


HANDLERS = [show_answer, keep_answer, guest_calendar, show_sign_up, sign_up]
