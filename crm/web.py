"""What routes use: render a page or a part of it, redirect, say something once, guard, read the visitor."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import Environment
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.response import Redirect
from litestar.types import Guard

from crm import csrf
from crm.access import NOBODY, Actor, ActorKind, Permission, may, require
from crm.errors import NotFound, SignInNeeded
from crm.filters import Kind, chosen, filters_of
from crm.plugins import active
from crm.program import Program
from crm.translation import _, language

FLASH = "crm-flash"
HTML = "text/html"
API_DOCS = "/api/v1/docs"  # a page for people among the addresses for programs
AnyRequest = Request[Any, Any, Any]


def needs(permission: Permission) -> Guard:
    """A guard: the right that a route asks for stands in its decorator."""

    # async: Litestar runs a plain guard in a thread, which costs more than some queries
    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        require(actor_of(connection), permission)

    guard.permission = permission  # type: ignore[attr-defined]
    return guard


async def signed_in(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard: anyone who has signed in."""
    if not actor_of(connection).is_signed_in:
        raise SignInNeeded(_("Please sign in to see this page."))


async def at_work(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard: staff and partners, not employers."""
    await signed_in(connection, handler)
    if actor_of(connection).kind is ActorKind.EMPLOYER:
        raise NotFound(_("This page does not exist, or it is not yours to see."))


def actor_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    found: Actor = connection.scope["state"].get("actor", NOBODY)
    return found


def program_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Program:
    found: Program = connection.app.state.program
    return found


def today(request: AnyRequest) -> date:
    """The day in the agency's zone."""
    return datetime.now(ZoneInfo(program_of(request).settings.time_zone)).date()


def provide_actor(request: AnyRequest) -> Actor:
    return actor_of(request)


def read_filters(request: AnyRequest, kind: type[Kind]) -> Kind:
    """A page's filters out of its address. Raises `Invalid` for one that is unknown, wrong or given twice."""
    return filters_of(request.query_params.multi_items(), kind)


def filtered(path: str, filters: msgspec.Struct, **changes: Any) -> str:
    """The address of a list with these filters changed, from its first page."""
    kept = chosen(filters, **changes)
    return path + (f"?{urlencode(kept, doseq=True)}" if kept else "")


def stood_on(request: AnyRequest, pages: str) -> str:
    """The page that a button stood on, as it was narrowed, where its path is one of `pages` (a pattern); empty for any other."""
    came = urlsplit(request.headers.get("referer", ""))
    return urlunsplit(("", "", came.path, came.query, "")) if re.fullmatch(pages, came.path) else ""


def is_htmx(request: AnyRequest) -> bool:
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-boosted") != "true"


def wants_json(request: AnyRequest) -> bool:
    path = request.url.path
    return (path.startswith("/api/") and path != API_DOCS) or "application/json" in request.headers.get("accept", "")


def render(request: AnyRequest, template: str, *, block: str = "", status: int = 200, **context: Any) -> Response[str]:
    """A page; with `block`, that part of it for htmx. `context` is what the template names."""
    environment: Environment = request.app.state.templates
    found = environment.get_template(template)
    values = page_context(request) | context
    if block and is_htmx(request):
        # a block alone runs none of its page's imports
        values["ui"] = environment.get_template("macros/page.html").make_module(values)
        values["forms"] = environment.get_template("macros/forms.html").make_module(values)
        text = "".join(found.blocks[block](found.new_context(values)))
    else:
        text = found.render(values)
    response = Response(text, media_type=HTML, status_code=status)
    response.headers["vary"] = "hx-request"
    if FLASH in request.cookies:
        response.delete_cookie(FLASH)
    return response


def page_context(request: AnyRequest) -> dict[str, Any]:
    """What every page may use."""
    actor = actor_of(request)
    state = request.scope["state"]
    program = program_of(request)
    return {
        "actor": actor,
        "path": request.url.path,
        "language": language(),
        "navigation": [item for item in active().navigation if may(actor, item.permission)],
        "may": lambda name: may(actor, Permission(name)),
        "form_token": csrf.token(program.settings.secret_key, state.get("holder", "")),
        "flash": read_flash(request),
        "request_id": state.get("request_id", ""),
        "is_htmx": is_htmx(request),
    }


def redirect(request: AnyRequest, url: str, *, say: str = "", undo: str = "") -> Response[Any]:
    """Go to a page after a change, and say there what was done, with the way to undo it."""
    if is_htmx(request):
        response: Response[Any] = Response("", status_code=200, media_type=HTML, headers={"hx-redirect": url})
    else:
        response = Redirect(url, status_code=303)
    if say:
        set_flash(request, response, say, undo)
    return response


def download(body: bytes, name: str, media_type: str) -> Response[bytes]:
    """A file to keep: never shown inside a page of ours, and never kept by what lies between."""
    safe = "".join(c for c in name if c.isascii() and (c.isalnum() or c in "-_. ")).strip(" .") or "file"
    return Response(body, media_type=media_type,
                    headers={"content-disposition": f'attachment; filename="{safe}"', "cache-control": "no-store"})  # fmt: skip


def keep_language(request: AnyRequest, response: Response[Any], chosen: str) -> None:
    """The browser's choice, for pages before a sign-in."""
    response.set_cookie("crm-language", chosen, httponly=True, samesite="lax", path="/", max_age=31536000,
                        secure=is_https(request))  # fmt: skip


def set_flash(request: AnyRequest, response: Response[Any], say: str, undo: str = "") -> None:
    body = base64.urlsafe_b64encode(json.dumps([say, undo]).encode()).decode()
    response.set_cookie(
        FLASH, f"{body}.{_signature(program_of(request).settings.secret_key, body)}", httponly=True, samesite="lax", max_age=60, path="/",
        secure=is_https(request),
    )  # fmt: skip


def read_flash(request: AnyRequest) -> dict[str, str] | None:
    body, _, signature = request.cookies.get(FLASH, "").partition(".")
    signed = [_signature(key, body).encode() for key in program_of(request).settings.secret_keys]
    if not body or not any(hmac.compare_digest(signature.encode(), each) for each in signed):
        return None
    try:
        say, undo = json.loads(base64.urlsafe_b64decode(body))
    except (ValueError, binascii.Error):
        return None
    return {"say": say, "undo": undo}


def _signature(key: str, body: str) -> str:
    return hmac.new(key.encode(), f"flash {body}".encode(), hashlib.sha256).hexdigest()[:32]


def is_https(request: AnyRequest) -> bool:
    return program_of(request).settings.url.startswith("https://")


def session_cookie(https: bool) -> str:
    return "__Host-crm" if https else "crm-session"


def visit_cookie(https: bool) -> str:
    return "__Host-crm-visit" if https else "crm-visit"


def keep_session(request: AnyRequest, response: Response[Any], secret: str) -> None:
    """Put the session's secret into the browser."""
    https = is_https(request)
    response.set_cookie(session_cookie(https), secret, httponly=True, samesite="lax", path="/", secure=https)


def drop_session(request: AnyRequest, response: Response[Any], *, keep_drafts: bool = False) -> None:
    """Take the session out of the browser, and all that it keeps of us; `keep_drafts` leaves what waits there of other accounts."""
    response.delete_cookie(session_cookie(is_https(request)), path="/")
    response.headers["clear-site-data"] = '"cache"' if keep_drafts else '"cache", "storage"'
