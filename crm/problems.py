"""What goes wrong, as a kind page for people or problem+json for programs. Never a traceback."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import asyncpg
import structlog
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from crm.errors import Denied, TooMany, Unavailable, UserError, is_full
from crm.translation import _, lazy_
from crm.web import HTML, AnyRequest, is_htmx, page_context, wants_json

log = structlog.get_logger("crm.web")

TITLES = {
    400: lazy_("Bad request"), 401: lazy_("Sign in"), 403: lazy_("Not allowed"), 404: lazy_("Not found"),
    405: lazy_("Method not allowed"), 409: lazy_("Conflict"), 412: lazy_("Changed meanwhile"), 413: lazy_("Too large"),
    415: lazy_("Not a kind that we read"), 422: lazy_("Please check"), 428: lazy_("Say which version"),
    429: lazy_("Too many requests"), 500: lazy_("Something went wrong"), 503: lazy_("Not available"),
}  # fmt: skip


def handlers() -> ExceptionHandlersMap:
    return {
        UserError: _told,
        HTTPException: _http,
        asyncpg.PostgresConnectionError: _away,
        asyncpg.OperatorInterventionError: _away,  # given up, stopped or restarted in the middle
        asyncpg.InsufficientResourcesError: _away,
        asyncpg.DiskFullError: _full,
        asyncpg.LockNotAvailableError: _away,
        asyncpg.ReadOnlySQLTransactionError: _away,
        ConnectionError: _away,
        TimeoutError: _away,
        OSError: _full,
        UnicodeDecodeError: _unreadable,
        RecursionError: _unreadable,
        Exception: _unexpected,
    }


def _told(request: AnyRequest, problem: UserError) -> Response[Any]:
    if isinstance(problem, Denied):
        # the middleware puts it on record before the answer leaves
        request.scope["state"]["denied"] = f"{request.method} {request.url.path[:200]}"
    if isinstance(problem, Unavailable):
        log.warning("unavailable", problem=type(problem.__cause__ or problem).__name__)
    wait = problem.wait if isinstance(problem, TooMany) else 5
    return respond(request, problem.status, problem.code, str(problem), problem.fields, wait=wait, more=problem.more)


def _http(request: AnyRequest, problem: HTTPException) -> Response[Any]:
    status = problem.status_code
    unread = _("We could not read this request. Load the page again and try once more.")
    if wants_json(request):
        unread = _("This request could not be read: a part of it is missing or malformed.")
    told = {
        404: _("This page does not exist, or it is not yours to see."),
        405: _("This address does not take that kind of request."),
        413: _("This is larger than we take."),
    }.get(status, unread)
    if status >= 500:
        return _unexpected(request, problem)
    return respond(request, status, "http", told, headers=problem.headers if status == 405 else None)


def _away(request: AnyRequest, problem: Exception) -> Response[Any]:
    log.warning("database_away", problem=type(problem).__name__)
    return respond(request, 503, "unavailable", _("The database does not answer just now. Try again in a moment."))


def _full(request: AnyRequest, problem: Exception) -> Response[Any]:
    if not is_full(problem):
        return _unexpected(request, problem)
    log.error("disk_full", problem=type(problem).__name__)
    return respond(request, 503, "disk_full", _("The disk is full, so this could not be kept, and nothing was changed. "
                                                "Tell your administrator to make room, then try again."))  # fmt: skip


def _unreadable(request: AnyRequest, problem: Exception) -> Response[Any]:
    return respond(request, 400, "unreadable", _("We could not read this request. Load the page again and try once more."))


def _unexpected(request: AnyRequest, problem: Exception) -> Response[Any]:
    log.error("request_failed", exc_info=problem, path=request.scope.get("path_template", ""))
    return respond(
        request, 500, "unexpected",
        _("Something went wrong on our side, and nothing was changed. If it happens again, tell your administrator "
          "this number: %(number)s") % {"number": request.scope["state"].get("request_id", "")},
    )  # fmt: skip


def respond(
    request: AnyRequest, status: int, code: str, message: str, fields: dict[str, str] | None = None, *, wait: int = 5,
    headers: Mapping[str, str] | None = None, more: Mapping[str, Any] | None = None,
) -> Response[Any]:
    headers = {**(headers or {}), **({"retry-after": str(wait)} if status in {429, 503} else {})}
    if wants_json(request):
        if status == 401:
            headers["www-authenticate"] = "Bearer"
        body = {"type": "about:blank", "title": TITLES.get(status, "Problem"), "status": status, "code": code,
                "detail": message, "request_id": request.scope["state"].get("request_id", "")}  # fmt: skip
        if fields:
            body["fields"] = fields
        body |= more or {}
        return Response(body, status_code=status, media_type="application/problem+json", headers=headers)
    return _page(request, status, message, headers)


def _page(request: AnyRequest, status: int, message: str, headers: dict[str, str]) -> Response[Any]:
    """A whole page; for htmx the message alone, which site.js puts where people see it."""
    if status == 401 and not is_htmx(request) and request.method == "GET":
        from litestar.response import Redirect

        return Redirect(f"/sign-in?next={quote(request.url.path)}", status_code=303)
    template = "pages/errors/fragment.html" if is_htmx(request) else "pages/errors/problem.html"
    context = page_context(request) | {"status": status, "message": message, "title": _(TITLES.get(status, "Problem"))}
    text = request.app.state.templates.get_template(template).render(context)
    return Response(text, status_code=status, media_type=HTML, headers=headers)

