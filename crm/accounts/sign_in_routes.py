"""Pages for signing in. A link is shown by GET and consumed by POST; one answer for all that fails."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm.access import Actor
from crm.accounts import accepting, links, own, passkeys, sign_in
from crm.accounts.forms import (
    CodeForm,
    FirstAdminForm,
    InvitationCodeForm,
    LinkCodeForm,
    LinkForm,
    NewPasswordForm,
    SignInForm,
    StepUpForm,
)
from crm.accounts.sign_in import SignedIn, Visitor
from crm.errors import Conflict, Invalid, SignInNeeded, TooMany
from crm.forms import BoundForm, form_for, read_form
from crm.translation import LANGUAGES, _
from crm.web import (
    AnyRequest,
    actor_of,
    drop_session,
    keep_language,
    keep_session,
    program_of,
    redirect,
    render,
    signed_in,
)

PUBLIC = {"public": True}


def visitor(request: AnyRequest) -> Visitor:
    return Visitor(request.client.host if request.client else "", request.headers.get("user-agent", ""))


def local(path: str) -> str:
    """A path of ours to go on to; anything else is the start. Browsers drop tabs and turn backslashes."""
    ours = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if ours else "/"


def _page(request: AnyRequest, name: str, form: BoundForm, *, status: int = 200, **context: Any) -> Response[Any]:
    return render(request, f"pages/accounts/{name}.html", status=status, form=form, **context)


async def _close_earlier(request: AnyRequest) -> None:
    """The session that this browser had, also one that still waits for its code and so has no actor."""
    if (session := request.scope["state"].get("session")) is not None:
        await sign_in.sign_out(actor_of(request), session.session_id)


async def _entered(request: AnyRequest, entered: SignedIn, onward: str = "") -> Response[Any]:
    await _close_earlier(request)
    response = redirect(request, local(onward) if entered.complete else f"/sign-in/code?next={quote(local(onward))}")
    keep_session(request, response, entered.secret)
    return response


@get("/sign-in", opt=PUBLIC)
async def show(request: AnyRequest, next: FromQuery[str] = "") -> Response[Any]:  # noqa: A002
    return _page(request, "sign_in", form_for(SignInForm, initial={"next": local(next)}), link_form=form_for(LinkForm))


@post("/sign-in", opt=PUBLIC)
async def enter(request: AnyRequest) -> Response[Any]:
    form = await read_form(SignInForm, request)
    status = 422
    if form.validate():
        data = form.struct()
        try:
            return await _entered(request, await sign_in.with_password(data.email, data.password, visitor(request)), data.next)
        except (Invalid, TooMany) as problem:
            status = problem.status
            form.problems.append(str(problem))
    return _page(request, "sign_in", form, status=status, link_form=form_for(LinkForm))


@get("/sign-in/code", opt=PUBLIC)
async def show_code(request: AnyRequest, next: FromQuery[str] = "") -> Response[Any]:  # noqa: A002
    return _page(request, "code", form_for(CodeForm, initial={"next": local(next)}))


@post("/sign-in/code", opt=PUBLIC)
async def enter_code(request: AnyRequest) -> Response[Any]:
    secret = request.scope["state"].get("session_secret", "")
    form = await read_form(CodeForm, request)
    if not secret:
        raise SignInNeeded(_("This took too long. Please sign in again."))
    status = 422
    if form.validate():
        data = form.struct()
        try:
            fresh = await sign_in.second_factor(secret, data.code, visitor(request))
            response = redirect(request, local(data.next))
            keep_session(request, response, fresh)
            return response
        except (Invalid, TooMany) as problem:
            status = problem.status
            form.problems.append(str(problem))
    return _page(request, "code", form, status=status)


@post("/sign-in/link", opt=PUBLIC)
async def ask_for_link(request: AnyRequest) -> Response[Any]:
    """The same answer whether the address is known or not."""
    form = await read_form(LinkForm, request)
    if form.validate():
        email = form.struct().email
        await links.ask(email, request.scope["state"].get("visit", ""), visitor(request))
        return _page(request, "link_sent", form_for(LinkCodeForm, initial={"email": email}))
    return _page(request, "sign_in", form_for(SignInForm), status=422, link_form=form)


@get("/sign-in/link-code", opt=PUBLIC)
async def show_link_code(request: AnyRequest) -> Response[Any]:
    return _page(request, "link_sent", form_for(LinkCodeForm))


@get("/sign-in/link/{token:str}", opt=PUBLIC)
async def show_link(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    await accepting.person_of(token, "sign_in")
    return render(request, "pages/accounts/link.html", token=token)


@post("/sign-in/link/{token:str}", opt=PUBLIC)
async def use_link(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    return await _entered(request, await links.with_link(token, request.scope["state"].get("visit"), visitor(request)))


@post("/sign-in/link-code", opt=PUBLIC)
async def use_link_code(request: AnyRequest) -> Response[Any]:
    form = await read_form(LinkCodeForm, request)
    status = 422
    if form.validate():
        data = form.struct()
        try:
            return await _entered(request, await links.with_link_code(data.email, data.code, visitor(request)))
        except (Invalid, TooMany) as problem:
            status = problem.status
            form.problems.append(str(problem))
    return _page(request, "link_sent", form, status=status)


@get("/sign-in/first/{token:str}", opt=PUBLIC)
async def show_first(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    person = await accepting.person_of(token, "first_admin")
    return _page(request, "first", form_for(FirstAdminForm, initial=person or {}))


@post("/sign-in/first/{token:str}", opt=PUBLIC)
async def make_first(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    form = await read_form(FirstAdminForm, request)
    if form.validate():
        data = form.struct()
        try:
            email = await accepting.accept_first(token, data.email, data.name, data.password)
            return await _entered(request, await sign_in.with_password(email, data.password, visitor(request)))
        except Invalid as problem:
            form.refuse(problem)
        except (Conflict, TooMany) as problem:
            form.problems.append(str(problem))
    return _page(request, "first", form, status=422)


@get("/sign-in/invitation/{token:str}", opt=PUBLIC)
async def show_invitation(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    await accepting.person_of(token, "invitation")
    return _page(request, "invitation", form_for(NewPasswordForm))


@post("/sign-in/invitation/{token:str}", opt=PUBLIC)
async def accept(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    form = await read_form(NewPasswordForm, request)
    if form.validate():
        try:
            await accepting.accept(token, form.struct().password)
            return redirect(request, "/sign-in", say=_("Your password is set. Sign in with it now."))
        except Invalid as problem:
            form.refuse(problem)
    return _page(request, "invitation", form, status=422)


@get("/sign-in/invitation-code", opt=PUBLIC)
async def show_invitation_code(request: AnyRequest) -> Response[Any]:
    return _page(request, "invitation_code", form_for(InvitationCodeForm))


@post("/sign-in/invitation-code", opt=PUBLIC)
async def accept_by_code(request: AnyRequest) -> Response[Any]:
    form = await read_form(InvitationCodeForm, request)
    if form.validate():
        data = form.struct()
        try:
            await accepting.accept_by_code(data.email, data.code, data.password)
            return redirect(request, "/sign-in", say=_("Your password is set. Sign in with it now."))
        except Invalid as problem:
            form.refuse(problem)
    return _page(request, "invitation_code", form, status=422)


@post("/sign-in/passkey/options", opt=PUBLIC)
async def passkey_options(request: AnyRequest) -> Response[str]:
    return Response(await passkeys.start_sign_in(program_of(request).settings.url), media_type="application/json")


@post("/sign-in/passkey", opt=PUBLIC)
async def enter_with_passkey(request: AnyRequest, next: FromQuery[str] = "") -> Response[Any]:  # noqa: A002
    answer = (await request.body()).decode("utf-8", "replace")
    entered = await passkeys.finish_sign_in(program_of(request).settings.url, answer, visitor(request))
    await _close_earlier(request)
    response: Response[Any] = Response({"next": local(next)})
    keep_session(request, response, entered.secret)
    return response


@post("/sign-out", opt=PUBLIC)
async def leave(request: AnyRequest) -> Response[Any]:
    """The page has taken its own person's drafts away; it says `keep` where visits of others wait on the device."""
    keep = (await request.form()).get("keep") == "drafts"
    await _close_earlier(request)
    response = redirect(request, "/sign-in", say=_("You are signed out."))
    drop_session(request, response, keep_drafts=keep)
    return response


@get("/step-up", guards=[signed_in])
async def show_step_up(request: AnyRequest, next: FromQuery[str] = "") -> Response[Any]:  # noqa: A002
    return _page(request, "step_up", form_for(StepUpForm, initial={"next": local(next)}))


@post("/step-up", guards=[signed_in])
async def step_up(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    form = await read_form(StepUpForm, request)
    status = 422
    if form.validate():
        data = form.struct()
        try:
            fresh = await sign_in.step_up(actor, data.password, data.code, visitor(request))
            response = redirect(request, local(data.next))
            keep_session(request, response, fresh)
            return response
        except (Invalid, TooMany) as problem:
            status = problem.status
            form.problems.append(str(problem))
    return _page(request, "step_up", form, status=status)


@post("/language", opt=PUBLIC)
async def choose_language(request: AnyRequest) -> Response[Any]:
    data = await request.form()
    chosen = str(data.get("language", "en"))
    actor = actor_of(request)
    if chosen not in LANGUAGES:
        chosen = "en"
    response = redirect(request, local(str(data.get("next", "/"))))
    keep_language(request, response, chosen)
    if actor.is_signed_in:
        await own.prefer(actor, language=chosen, density=actor.density)
    return response


HANDLERS = [
    show, enter, show_code, enter_code, ask_for_link, show_link_code, show_link, use_link, use_link_code, show_first, make_first,
    show_invitation, accept, show_invitation_code, accept_by_code, passkey_options, enter_with_passkey, leave, show_step_up,
    step_up, choose_language,
]  # fmt: skip
