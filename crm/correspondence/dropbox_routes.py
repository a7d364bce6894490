"""A person's own dropbox address, among what they keep about themselves."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from crm.access import Actor, Permission
from crm.correspondence import addresses
from crm.translation import _
from crm.web import AnyRequest, needs, program_of, redirect, render

WORKS = [needs(Permission.WORK_PIPELINE)]


@get("/account/dropbox", guards=WORKS)
async def show_dropbox(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    settings = program_of(request).settings
    return render(request, "pages/correspondence/dropbox.html", own=await addresses.own_address(actor, settings), common=settings.mail_in_address)


@post("/account/dropbox", guards=WORKS)
async def renew(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    await addresses.renew(actor)
    return redirect(request, "/account/dropbox", say=_("This is your address now. Mail to the one before is refused."))


HANDLERS = [show_dropbox, renew]
