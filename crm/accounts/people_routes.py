"""The people of a board or the state: who works here, inviting, roles, disabling."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm.access import Actor, Permission, Role, load, visible
from crm.accounts import actions
from crm.accounts.accepting import checked_email
from crm.accounts.actions import Invitation, managed_grants
from crm.accounts.forms import InvitationForm
from crm.accounts.stepping_up import asking_first, fresh
from crm.actions import reading
from crm.database import Record, fetch
from crm.errors import Invalid, UserError
from crm.forms import BoundForm, choice_label, form_for, read_form
from crm.sql import Sql
from crm.translation import _
from crm.web import AnyRequest, needs, redirect, render

MANAGES = [needs(Permission.MANAGE_PEOPLE)]
MOST = 500


@get("/people", guards=MANAGES)
async def list_people(request: AnyRequest, actor: NamedDependency[Actor], q: FromQuery[str] = "") -> Response[Any]:
    everyone = Role.STATE_ADMIN in actor.roles
    looked_for = f"%{q.strip()[:100]}%"
    people = await fetch(
        Sql("select a.id, a.name, a.email, a.kind, a.disabled_at, a.last_signed_in_at, "
            "a.password_hash is not null or a.last_signed_in_at is not null as joined from account a "
            "where {} and (a.name ilike {} or a.email::text ilike {}) and ({} or exists (select from role_grant g "
            "where g.account_id = a.id and g.revoked_at is null and {})) order by a.name, a.id limit {}",
            visible(actor, "account", "a"), looked_for, looked_for, everyone, managed_grants(actor), MOST)  # fmt: skip
    )
    return render(request, "pages/accounts/people.html", people=people, grants=await _grants(actor, people), q=q, most=MOST)


async def _grants(actor: Actor, people: list[Record]) -> dict[UUID, list[Record]]:
    """The roles of each person, and whether the actor may take them."""
    found: dict[UUID, list[Record]] = {person["id"]: [] for person in people}
    for grant in await fetch(
        Sql("select g.id, g.account_id, g.role, coalesce(b.name, p.name, e.name, '') as place, {} as mine from role_grant g "
            "left join board b on b.id = g.board_id left join partner p on p.id = g.partner_id "
            "left join employer e on e.id = g.employer_id and {} "
            "where g.account_id = any({}) and g.revoked_at is null order by g.role, place",
            managed_grants(actor), visible(actor, "employer", "e"), list(found))  # fmt: skip
    ):
        found[grant["account_id"]].append(grant)
    return found


async def _choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """What the actor may choose: a manager their own boards and these boards' partners."""
    everything = Role.STATE_ADMIN in actor.roles
    own = sorted(actor.managed_board_ids, key=str)
    boards = await fetch("select id, name from board where $1 or id = any($2) order by name", everything, own)
    partners = await fetch(
        Sql("select p.id, p.name from partner p where {} and ({} or p.board_id = any({})) and p.archived_at is null "
            "order by p.name limit {}", visible(actor, "partner", "p"), everything, own, MOST)  # fmt: skip
    )
    roles = [role for role in Role if everything or not role.startswith(("state", "auditor"))]
    return {
        "board_id": [(str(b["id"]), b["name"]) for b in boards],
        "partner_id": [(str(p["id"]), p["name"]) for p in partners],
        "role": [(role.value, choice_label(role)) for role in roles],
    }


async def _page(
    request: AnyRequest, actor: Actor, form: BoundForm, employer_id: UUID | None, status: int = 200
) -> Response[Any]:
    employer = await load(actor, "employer", employer_id) if employer_id else None
    return render(request, "pages/accounts/invite.html", status=status, form=form, employer=employer)


@get("/people/invite", guards=MANAGES)
async def show_invite(
    request: AnyRequest, actor: NamedDependency[Actor], employer: FromQuery[UUID | None] = None
) -> Response[Any]:
    if (asking := asking_first(request)) is not None:
        return asking
    initial = {"employer_id": str(employer), "role": "employer_owner"} if employer else {"role": "board_staff"}
    return await _page(request, actor, form_for(InvitationForm, initial=initial, choices=await _choices(actor)), employer)


@post("/people/invite", guards=[*MANAGES, fresh])
async def invite(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    async with reading(actor):
        form = await read_form(InvitationForm, request, choices=await _choices(actor))
    employer_id: UUID | None = None
    if form.validate():
        data = form.struct()
        employer_id = data.employer_id
        try:
            await actions.invite(actor, _invitation(data))
            return redirect(request, "/people", say=_("%(name)s is invited by mail.") % {"name": data.name})
        except Invalid as problem:
            form.refuse(problem)
        except UserError as problem:
            form.problems.append(str(problem))
    async with reading(actor):
        return await _page(request, actor, form, employer_id, 422)


def _invitation(data: InvitationForm) -> Invitation:
    """Only the place that the role is for. Raises `Invalid` when it is missing."""
    kind = data.role.split("_")[0]
    places = {"board": data.board_id, "partner": data.partner_id, "employer": data.employer_id}
    if kind in places and places[kind] is None:
        told = _("Choose the board, partner or employer that this role is for.")
        raise Invalid(told, fields={f"{kind}_id": told} if kind != "employer" else {})
    return Invitation(
        email=checked_email(data.email), name=data.name, role=Role(data.role), language=data.language,
        **{f"{kind}_id": places[kind]} if kind in places else {},
    )  # fmt: skip


@post("/people/{account_id:uuid}/invite", guards=[*MANAGES, fresh])
async def invite_again(request: AnyRequest, actor: NamedDependency[Actor], account_id: FromPath[UUID]) -> Response[Any]:
    await actions.invite_again(actor, account_id)
    return redirect(request, "/people", say=_("A new link is on its way to them."))


@post("/people/{account_id:uuid}/disable", guards=[*MANAGES, fresh])
async def disable(request: AnyRequest, actor: NamedDependency[Actor], account_id: FromPath[UUID]) -> Response[Any]:
    await actions.disable(actor, account_id)
    return redirect(request, "/people", say=_("They can no longer sign in. Their work stays."),
                    undo=f"/people/{account_id}/enable")  # fmt: skip


@post("/people/{account_id:uuid}/enable", guards=[*MANAGES, fresh])
async def enable(request: AnyRequest, actor: NamedDependency[Actor], account_id: FromPath[UUID]) -> Response[Any]:
    await actions.enable(actor, account_id)
    return redirect(request, "/people", say=_("They can sign in again."))


@post("/people/grants/{grant_id:uuid}/revoke", guards=[*MANAGES, fresh])
async def revoke(request: AnyRequest, actor: NamedDependency[Actor], grant_id: FromPath[UUID]) -> Response[Any]:
    await actions.revoke(actor, grant_id)
    return redirect(request, "/people", say=_("The role is taken back."))


HANDLERS = [list_people, show_invite, invite, invite_again, disable, enable, revoke]
