"""One's own calendar link and morning mail."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission
from crm.actions import acting, reading
from crm.database import execute, fetch_value
from crm.engagements import agenda, calendar_feed
from crm.engagements.pipelines import stage_name
from crm.errors import Invalid
from crm.translation import _, speaking
from crm.web import AnyRequest, needs, program_of, redirect, render

WORKS = [needs(Permission.WORK_PIPELINE)]


@get("/tasks/reminders", guards=WORKS)
async def show_reminders(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    return await _page(request, actor)


async def _page(request: AnyRequest, actor: Actor, link: str = "") -> Response[str]:
    digest = await fetch_value("select digest from account where id = $1", actor.account_id)
    return render(request, "pages/engagements/reminders.html", since=await calendar_feed.linked(actor), link=link, digest=digest,
                  mails=bool(program_of(request).settings.smtp_url))  # fmt: skip


@post("/tasks/reminders/calendar", guards=WORKS)
async def make_link(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """The page once, with the link in it: it is kept as a hash alone."""
    secret = await calendar_feed.make(actor)
    async with reading(actor):
        return await _page(request, actor, f"{program_of(request).settings.url}/calendars/{secret}/tasks.ics")


@post("/tasks/reminders/calendar/off", guards=WORKS)
async def take_link_back(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    await calendar_feed.take_back(actor)
    return redirect(request, "/tasks/reminders", say=_("The link is taken back. Calendars that know it read nothing any more."))


@post("/tasks/reminders/mail", guards=WORKS)
async def switch_mail(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    typed = (await request.form()).get("digest", "")
    if typed not in ("on", "off"):
        raise Invalid(_("Choose whether the mail comes."))
    async with acting(actor, "account.preferred") as act:
        changed = await execute("update account set digest = $2, version = version + 1 where id = $1 and digest <> $2",
                                actor.account_id, typed == "on")  # fmt: skip
        if changed:
            act.record("account", actor.account_id, after={"digest": typed == "on"})
        else:
            act.unchanged()
    return redirect(request, "/tasks/reminders", say=_("Saved."))


@get("/calendars/{token:str}/tasks.ics", opt={"public": True})
async def read_calendar(request: AnyRequest, token: FromPath[str]) -> Response[bytes]:
    """For a calendar that polls: what the person who holds the link would see."""
    actor = await calendar_feed.whose(token)
    settings = program_of(request).settings
    with speaking(actor.language):
        content = calendar_feed.calendar(await agenda.items(actor, stage_name()), name=f"{settings.agency_name}: {actor.name}", url=settings.url)
    return Response(content, media_type="text/calendar; charset=utf-8", headers={"cache-control": "no-store", "x-robots-tag": "noindex"})


HANDLERS = [show_reminders, make_link, take_link_back, switch_mail, read_calendar]
