"""One's own account, and the people of a board or the state."""

from typing import Any
from uuid import UUID

import pyotp
import segno
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm import sessions
from crm.access import Actor, Permission, Role, load, visible
from crm.accounts import actions, passkeys
from crm.accounts.actions import Invitation
from crm.accounts.forms import InvitationForm, NewPasswordForm, PreferencesForm, TotpForm
from crm.actions import reading
from crm.database import fetch, fetch_one, transaction
from crm.errors import Denied, Invalid, UserError
from crm.forms import BoundForm, form_for, read_form
from crm.sql import Sql
from crm.translation import _
from crm.web import AnyRequest, actor_of, needs, program_of, redirect, render, signed_in


class StepUpNeeded(Denied):
    code = "step_up"


def fresh(request: AnyRequest) -> None:
    """Risky acts ask again when the last proof is older than ten minutes."""
    if not actor_of(request).stepped_up:
        raise StepUpNeeded(_("Please confirm that it is you first: open “Confirm it is you” on your account page, then try again."))


@get("/account", guards=[signed_in])
async def show_account(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    return await _account(request, actor, form_for(NewPasswordForm))


async def _account(request: AnyRequest, actor: Actor, form: BoundForm, status: int = 200) -> Response[Any]:
    async with transaction(read_only=True):
        account = await fetch_one("select email, name, totp_sealed is not null as has_totp, language, density, kind, "
                                  "cardinality(recovery_hashes) as codes from account where id = $1", actor.account_id)  # fmt: skip
        keys = await fetch("select id, name, created_at, last_used_at from passkey where account_id = $1 "
                           "and removed_at is null order by created_at", actor.account_id)  # fmt: skip
        open_sessions = await sessions.listed(actor.account_id) if actor.account_id else []
    preferences = form_for(PreferencesForm, initial={"language": actor.language, "density": actor.density})
    return render(request, "pages/accounts/account.html", status=status, account=account, keys=keys, form=form,
                  open_sessions=open_sessions, preferences=preferences)  # fmt: skip


@post("/account/preferences", guards=[signed_in])
async def prefer(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    form = await read_form(PreferencesForm, request)
    if not form.validate():
        raise Invalid(_("Choose from the lists."))
    data = form.struct()
    await actions.prefer(actor, data.language, data.density)
    return redirect(request, "/account", say=_("Saved."))


@post("/account/password", guards=[signed_in])
async def change_password(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    fresh(request)
    form = await read_form(NewPasswordForm, request)
    if form.validate():
        try:
            await actions.change_password(actor, form.struct().password)
            return redirect(request, "/account", say=_("Your password is changed. Your other sessions have ended."))
        except Invalid as problem:
            form.refuse(problem)
    return await _account(request, actor, form, 422)


@get("/account/codes", guards=[signed_in])
async def show_totp(request: AnyRequest) -> Response[Any]:
    return _totp_page(request, actions.new_totp_secret(), form_for(TotpForm))


def _totp_page(request: AnyRequest, secret: str, form: BoundForm, status: int = 200) -> Response[Any]:
    uri = pyotp.TOTP(secret).provisioning_uri(
        name=actor_of(request).name, issuer_name=program_of(request).settings.agency_name
    )
    picture = segno.make_qr(uri).svg_data_uri(scale=5, omitsize=False)
    return render(request, "pages/accounts/totp.html", status=status, secret=secret, picture=picture, form=form)


@post("/account/codes", guards=[signed_in])
async def enable_totp(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    fresh(request)
    form = await read_form(TotpForm, request)
    if form.validate():
        data = form.struct()
        try:
            codes = await actions.enable_totp(actor, data.secret, data.code)
            return render(request, "pages/accounts/recovery.html", codes=codes)
        except Invalid as problem:
            form.problems.append(str(problem))
    return _totp_page(request, form["secret"].data or actions.new_totp_secret(), form, 422)


@post("/account/codes/off", guards=[signed_in])
async def disable_totp(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    fresh(request)
    await actions.disable_totp(actor)
    return redirect(request, "/account", say=_("Codes are switched off."))


@post("/account/passkeys/options", guards=[signed_in])
async def passkey_options(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    fresh(request)
    settings = program_of(request).settings
    return Response(await passkeys.start_registration(actor, settings.url, settings.agency_name), media_type="application/json")


@post("/account/passkeys", guards=[signed_in])
async def add_passkey(request: AnyRequest, actor: NamedDependency[Actor], name: FromQuery[str] = "") -> Response[Any]:
    answer = (await request.body()).decode("utf-8", "replace")
    await passkeys.finish_registration(actor, program_of(request).settings.url, name, answer)
    return Response({"next": "/account"})


@post("/account/passkeys/{passkey_id:uuid}/remove", guards=[signed_in])
async def remove_passkey(request: AnyRequest, actor: NamedDependency[Actor], passkey_id: FromPath[UUID]) -> Response[Any]:
    fresh(request)
    await passkeys.remove(actor, passkey_id)
    return redirect(request, "/account", say=_("The passkey is removed."))


@post("/account/sessions/{session_id:uuid}/close", guards=[signed_in])
async def close_session(request: AnyRequest, actor: NamedDependency[Actor], session_id: FromPath[UUID]) -> Response[Any]:
    await actions.close_session(actor, session_id)
    return redirect(request, "/account", say=_("That session has ended."))


@get("/people", guards=[needs(Permission.MANAGE_PEOPLE)])
async def list_people(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    mine = Role.STATE_ADMIN in actor.roles
    people = await fetch(
        Sql("select a.id, a.name, a.email, a.kind, a.disabled_at, a.last_signed_in_at, a.password_hash is not null as joined, "
            "array_agg(g.role || coalesce(', ' || b.name, ', ' || p.name, ', ' || e.name, '') order by g.role) "
            "filter (where g.id is not null) as roles from account a "
            "left join role_grant g on g.account_id = a.id and g.revoked_at is null left join board b on b.id = g.board_id "
            "left join partner p on p.id = g.partner_id left join employer e on e.id = g.employer_id "
            "where {} and ({} or g.board_id = any({})) group by a.id order by a.name limit 500",
            visible(actor, "account", "a"), mine, sorted(actor.managed_board_ids, key=str))  # fmt: skip
    )
    return render(request, "pages/accounts/people.html", people=people)


async def _choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    everything = Role.STATE_ADMIN in actor.roles
    boards = await fetch("select id, name from board where $1 or id = any($2) order by name", everything,
                         sorted(actor.managed_board_ids, key=str))  # fmt: skip
    partners = await fetch(Sql("select p.id, p.name from partner p where {} and p.archived_at is null order by p.name limit 500",
                               visible(actor, "partner", "p")))  # fmt: skip
    return {"board_id": [(str(b["id"]), b["name"]) for b in boards], "partner_id": [(str(p["id"]), p["name"]) for p in partners]}


@get("/people/invite", guards=[needs(Permission.MANAGE_PEOPLE)])
async def show_invite(
    request: AnyRequest, actor: NamedDependency[Actor], employer: FromQuery[UUID | None] = None
) -> Response[Any]:
    initial = {"employer_id": str(employer), "role": "employer_owner"} if employer else {}
    form = form_for(InvitationForm, initial=initial, choices=await _choices(actor))
    named = await load(actor, "employer", employer) if employer else None
    return render(request, "pages/accounts/invite.html", form=form, employer=named)


@post("/people/invite", guards=[needs(Permission.MANAGE_PEOPLE)])
async def invite(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    async with reading(actor):
        form = await read_form(InvitationForm, request, choices=await _choices(actor))
    if form.validate():
        data = form.struct()
        try:
            invitation = Invitation(
                email=data.email, name=data.name, role=Role(data.role), language=data.language,
                board_id=data.board_id if data.role.startswith("board") else None,
                partner_id=data.partner_id if data.role == "partner" else None,
                employer_id=data.employer_id if data.role.startswith("employer") else None,
            )  # fmt: skip
            _complete(invitation)
            await actions.invite(actor, invitation)
            return redirect(request, "/people", say=_("%(name)s is invited by mail.") % {"name": data.name})
        except UserError as problem:
            form.problems.append(str(problem))
    return render(request, "pages/accounts/invite.html", status=422, form=form, employer=None)


def _complete(invitation: Invitation) -> None:
    needed = {"board": invitation.board_id, "partner": invitation.partner_id, "employer": invitation.employer_id}
    kind = invitation.role.split("_")[0]
    if kind in needed and needed[kind] is None:
        raise Invalid(_("Choose the board, partner or employer that this role is for."))


@post("/people/{account_id:uuid}/disable", guards=[needs(Permission.MANAGE_PEOPLE)])
async def disable(request: AnyRequest, actor: NamedDependency[Actor], account_id: FromPath[UUID]) -> Response[Any]:
    fresh(request)
    await actions.disable(actor, account_id)
    return redirect(request, "/people", say=_("They can no longer sign in. Their work stays."),
                    undo=f"/people/{account_id}/enable")  # fmt: skip


@post("/people/{account_id:uuid}/enable", guards=[needs(Permission.MANAGE_PEOPLE)])
async def enable(request: AnyRequest, actor: NamedDependency[Actor], account_id: FromPath[UUID]) -> Response[Any]:
    fresh(request)
    await actions.enable(actor, account_id)
    return redirect(request, "/people", say=_("They can sign in again."))


HANDLERS = [
    show_account, prefer, change_password, show_totp, enable_totp, disable_totp, passkey_options, add_passkey,
    remove_passkey, close_session, list_people, show_invite, invite, disable, enable,
]  # fmt: skip
