"""Risky acts ask again when the last proof is older than ten minutes."""

from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from crm.errors import Denied
from crm.translation import _
from crm.web import AnyRequest, actor_of, redirect


class StepUpNeeded(Denied):
    code = "step_up"


def fresh(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard of what is risky. Stands after the guard that says who may."""
    if not actor_of(connection).stepped_up:
        raise StepUpNeeded(_("Please confirm that it is you first: open “Confirm it is you” on your account page, then try again."))


def asking_first(request: AnyRequest) -> Response[Any] | None:
    """To the page that asks again, and back here; None when that was done."""
    if actor_of(request).stepped_up:
        return None
    return redirect(request, f"/step-up?next={quote(request.url.path)}")
