"""One's own account: name and language, password, passkeys, codes from an app, sessions."""

from typing import Any
from uuid import UUID

import pyotp
import segno
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm import sessions
from crm.access import Actor
from crm.accounts import own, passkeys
from crm.accounts.devices import device
from crm.accounts.forms import DensityForm, NewPasswordForm, PreferencesForm, TotpForm
from crm.accounts.stepping_up import asking_first, fresh
from crm.database import fetch, fetch_one, transaction
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.translation import _
from crm.web import AnyRequest, program_of, redirect, render, set_flash, signed_in, stood_on

RISKY = [signed_in, fresh]


@get("/account", guards=[signed_in])
async def show_account(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    return await _account(request, actor)


async def _account(
    request: AnyRequest, actor: Actor, *, password: BoundForm | None = None, preferences: BoundForm | None = None, status: int = 200
) -> Response[Any]:
    assert actor.account_id
    async with transaction(read_only=True):
        account = await fetch_one("select email, name, totp_sealed is not null as has_totp, language, density, kind, "
                                  "cardinality(recovery_hashes) as codes from account where id = $1", actor.account_id)  # fmt: skip
        keys = await fetch("select id, name, created_at, last_used_at from passkey where account_id = $1 "
                           "and removed_at is null order by created_at", actor.account_id)  # fmt: skip
        open_sessions = await sessions.listed(actor.account_id)
    known = {"name": actor.name, "language": actor.language, "density": actor.density}
    return render(
        request, "pages/accounts/account.html", status=status, account=account, keys=keys, open_sessions=open_sessions, device=device,
        form=password or form_for(NewPasswordForm), preferences=preferences or form_for(PreferencesForm, initial=known),
    )  # fmt: skip


@post("/account/preferences", guards=[signed_in])
async def prefer(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    form = await read_form(PreferencesForm, request)
    if not form.validate():
        return await _account(request, actor, preferences=form, status=422)
    data = form.struct()
    await own.prefer(actor, name=data.name, language=data.language, density=data.density)
    return redirect(request, "/account", say=_("Saved."))


@post("/account/density", guards=[signed_in])
async def choose_density(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """How close the rows of lists stand, chosen on a list."""
    form = await read_form(DensityForm, request)
    if not form.validate():
        raise Invalid(_("Choose how close the rows stand."))
    await own.prefer(actor, language=actor.language, density=form.struct().density)
    return redirect(request, stood_on(request, "/employers") or "/account")


@post("/account/password", guards=RISKY)
async def change_password(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    form = await read_form(NewPasswordForm, request)
    if form.validate():
        try:
            await own.change_password(actor, form.struct().password)
            return redirect(request, "/account", say=_("Your password is changed. Your other sessions have ended."))
        except Invalid as problem:
            form.refuse(problem)
    return await _account(request, actor, password=form, status=422)


@get("/account/codes", guards=[signed_in])
async def show_totp(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    return asking_first(request) or _totp_page(request, actor, own.new_totp_secret(), form_for(TotpForm))


def _totp_page(request: AnyRequest, actor: Actor, secret: str, form: BoundForm, status: int = 200) -> Response[Any]:
    uri = pyotp.TOTP(secret).provisioning_uri(name=actor.name, issuer_name=program_of(request).settings.agency_name)
    # in the page itself: an address of its own would need the secret in it, or kept before it is confirmed
    picture = segno.make_qr(uri).svg_data_uri(scale=5, omitsize=False)
    return render(request, "pages/accounts/totp.html", status=status, secret=secret, picture=picture, form=form)


@post("/account/codes", guards=RISKY)
async def enable_totp(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    form = await read_form(TotpForm, request)
    if form.validate():
        data = form.struct()
        try:
            return render(request, "pages/accounts/recovery.html", codes=await own.enable_totp(actor, data.secret, data.code))
        except Invalid as problem:
            form.problems.append(str(problem))
    secret = own.new_totp_secret() if form["secret"].errors or not form["secret"].data else form["secret"].data
    return _totp_page(request, actor, secret, form, 422)


@post("/account/codes/off", guards=RISKY)
async def disable_totp(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    await own.disable_totp(actor)
    return redirect(request, "/account", say=_("Codes are switched off."))


@post("/account/passkeys/options", guards=RISKY)
async def passkey_options(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    settings = program_of(request).settings
    return Response(await passkeys.start_registration(actor, settings.url, settings.agency_name), media_type="application/json")


@post("/account/passkeys", guards=RISKY)
async def add_passkey(request: AnyRequest, actor: NamedDependency[Actor], name: FromQuery[str] = "") -> Response[Any]:
    answer = (await request.body()).decode("utf-8", "replace")
    await passkeys.finish_registration(actor, program_of(request).settings.url, name, answer)
    response: Response[Any] = Response({"next": "/account"})
    set_flash(request, response, _("The passkey is added."))
    return response


@post("/account/passkeys/{passkey_id:uuid}/remove", guards=RISKY)
async def remove_passkey(request: AnyRequest, actor: NamedDependency[Actor], passkey_id: FromPath[UUID]) -> Response[Any]:
    await passkeys.remove(actor, passkey_id)
    return redirect(request, "/account", say=_("The passkey is removed."))


@post("/account/sessions/{session_id:uuid}/close", guards=[signed_in])
async def close_session(request: AnyRequest, actor: NamedDependency[Actor], session_id: FromPath[UUID]) -> Response[Any]:
    await own.close_session(actor, session_id)
    return redirect(request, "/account", say=_("That session has ended."))


HANDLERS = [
    show_account, prefer, choose_density, change_password, show_totp, enable_totp, disable_totp, passkey_options, add_passkey,
    remove_passkey, close_session,
]  # fmt: skip
