"""What makes the visit form an app of its own on a phone: its frame without data, what it keeps, how it sends."""

import json
import re
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from msgspec import Struct

from crm import audit, csrf
from crm.access import NOBODY, Actor
from crm.engagements.pipelines import stage_name
from crm.forms import form_for
from crm.templating import BUILT, asset
from crm.translation import _
from crm.visits import around, syncing
from crm.visits.forms import VisitForm
from crm.visits.routes import WORKS, clock_of, on_device
from crm.visits.rules import CHECKLIST, OUTCOMES
from crm.web import AnyRequest, program_of, read_filters, render, today

PUBLIC = {"public": True}
SCOPE = "/visits"
SHELL = "/visits/shell"
WORKER = "visits-worker.js"
# what the form looks and works with; their names change with their content, so a new release replaces all of it
BUILT_PARTS = ("site.css", "htmx.js", "site.js", "visits-store.js", "visits.js", "img/icons.svg", "img/mark.svg")
FONTS = tuple(f"/static/fonts/public-sans/PublicSans-{weight}.woff2" for weight in ("Regular", "SemiBold", "Bold"))


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the device asks for names too, and one more employer to carry along: the one whose form is open."""

    names: bool = False
    employer: UUID | None = None


@get(SHELL, guards=WORKS)
async def shell(request: AnyRequest) -> Response[str]:
    """The frame that a device keeps: form and lists without anyone's name or data in them."""
    choices = {"employer_id": [("", "—")], "establishment_id": [], "contact_id": [], "outcome": [(code, _(text)) for code, text in OUTCOMES.items()]}
    form = form_for(VisitForm, choices=choices)
    form["employer_id"].flags.required = False  # of someone new, it is chosen once there is a connection
    return render(request, "pages/visits/shell.html", form=form, checklist=CHECKLIST, actor=NOBODY, navigation=[], form_token="", flash=None,
                  may=lambda _name: False, **on_device(request))  # fmt: skip


@get("/visits/data", guards=WORKS)
async def data(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[dict[str, Any]]:
    """Who is here, the token to send with, what is settled; and, where asked for, the names that the device keeps for some days."""
    settings = program_of(request).settings
    told: dict[str, Any] = {
        "account": str(actor.account_id), "token": csrf.token(settings.secret_key, request.scope["state"].get("holder", "")),
        "days": settings.visit_days, "unsettled": [str(row["draft_id"]) for row in await around.unsettled(actor)],
    }  # fmt: skip
    wanted = read_filters(request, Wanted)
    if wanted.names and settings.visit_days:
        told |= await _names(actor, today(request), wanted.employer)
        await audit.record_disclosure(actor, "visits.names_kept")
    return Response(told)


async def _names(actor: Actor, day: date, also: UUID | None) -> dict[str, Any]:
    """What is due and whom someone was with lately: names and towns, as the form shows them; nothing else."""
    due, recent = await around.due(actor, day, stage_name()), await around.recent(actor)
    listed = [each for each in dict.fromkeys([also, *(item.employer_id for item in due), *(row["id"] for row in recent)]) if each]
    return {
        "employers": await around.carried(actor, listed[: around.MOST_CARRIED], day),
        "due": [{"employer": str(item.employer_id), "task": str(item.id) if item.kind == "task" else "", "title": item.title} for item in due],
    }  # fmt: skip


@post("/visits/sync", guards=WORKS, status_code=200)
async def sync(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[dict[str, Any]]:
    """Take the device's drafts, each by itself: sent again, each is there once."""
    sent = syncing.read(await request.body())
    clock = clock_of(request)
    return Response({"taken": [await syncing.take(actor, draft, clock) for draft in sent.drafts]})


@get("/visits/worker.js", opt=PUBLIC, sync_to_thread=False)
def worker(request: AnyRequest) -> Response[str]:
    """The script between the form and the network. It names what it keeps, so that each release is a script of its own."""
    release = {"files": [*map(asset, BUILT_PARTS), *FONTS, *_marks(), "/agency.css", "/visits/manifest.webmanifest"], "shell": SHELL}
    text = f"const RELEASE = {json.dumps(release)};\n" + (BUILT / asset(WORKER).removeprefix("/static/")).read_text(encoding="utf-8")
    return Response(text, media_type="text/javascript; charset=utf-8", headers={"service-worker-allowed": SCOPE})


@cache
def _marks() -> list[str]:
    """The small pictures that the style draws with: of a choice, a status, a way back."""
    style = (BUILT / asset("site.css").removeprefix("/static/")).read_text(encoding="utf-8")
    return sorted({f"/static/{path}" for path in re.findall(r"""url\(["']?\./(img/[^"')]+)""", style)})


@get("/visits/manifest.webmanifest", opt=PUBLIC, sync_to_thread=False)
def manifest(request: AnyRequest) -> Response[str]:
    """How a phone installs the form: name, icon, start."""
    settings = program_of(request).settings
    icons = [{"src": asset(f"img/visit-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"} for size in (192, 512)]
    told = {"id": SCOPE, "name": _("Visits") + f" · {settings.agency_name}", "short_name": _("Visits"), "start_url": SCOPE, "scope": SCOPE,
            "display": "standalone", "background_color": "#f7f7f5", "theme_color": settings.accent_color, "icons": icons}  # fmt: skip
    return Response(json.dumps(told), media_type="application/manifest+json")


HANDLERS = [shell, data, sync, worker, manifest]
