"""The story of an employer, a worksite or a person, with its filters."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission, load, visible
from crm.contacts.knowing import name_of
from crm.database import fetch
from crm.engagements import services
from crm.engagements import timeline as story
from crm.engagements.pipelines import stage_name
from crm.engagements.timeline import KINDS, RECORDED, Filters, Subject
from crm.sql import Sql
from crm.templating import label
from crm.translation import _, exact_day
from crm.web import AnyRequest, filtered, is_htmx, needs, program_of, read_filters, render

SEES = [needs(Permission.SEE_PIPELINE)]


@get("/employers/{employer_id:uuid}/timeline", guards=SEES)
async def of_employer(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[str]:
    employer = await load(actor, "employer", employer_id)
    return await _page(request, actor, Subject("employer", employer_id), employer["name"], employer=employer)


@get("/establishments/{establishment_id:uuid}", guards=SEES)
async def of_establishment(request: AnyRequest, actor: NamedDependency[Actor], establishment_id: FromPath[UUID]) -> Response[str]:
    site = await load(actor, "establishment", establishment_id)
    employer = await load(actor, "employer", site["employer_id"])
    title = site["name"] or f"{employer['name']}, {site['city']}"
    return await _page(request, actor, Subject("establishment", establishment_id), title, employer=employer, site=site)


@get("/contacts/{person_id:uuid}/timeline", guards=[*SEES, needs(Permission.SEE_CONTACTS)])
async def of_person(request: AnyRequest, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Response[str]:
    person = await load(actor, "contact", person_id)
    return await _page(request, actor, Subject("contact", person_id), name_of(person), person=person)


async def _page(request: AnyRequest, actor: Actor, subject: Subject, title: str, **more: Any) -> Response[str]:
    filters = read_filters(request, Filters)
    url = request.url.path
    lines, after = await story.timeline(actor, subject, filters, program_of(request).settings.time_zone)
    codes = services.names(await services.known())
    context: dict[str, Any] = {"timeline": lines, "codes": codes, "after": after, "story_url": filtered(url, filters), "told": story.told, "stage_name": stage_name(), "filters": filters,
               "subject": subject, "title": title}  # fmt: skip
    if is_htmx(request) and filters.after:
        return render(request, "pages/engagements/lines.html", **context, **more)
    people = await _people(actor, subject)
    boards = await fetch(Sql("select b.id, b.name from board b where {} order by b.name", visible(actor, "board", "b")))
    return render(
        request, "pages/engagements/story.html", block="shown", kinds=[(kind, kind_name(kind)) for kind in KINDS], people=people, boards=boards,
        url=url, chips=_chips(url, filters, people, {row["id"]: row["name"] for row in boards}, codes), **context, **more,
    )  # fmt: skip


def kind_name(kind: str) -> str:
    return label(f"line_{kind}" if kind in RECORDED else kind)


async def _people(actor: Actor, subject: Subject) -> dict[UUID, str]:
    """Who logged something in what the actor may see of this story."""
    rows = await fetch(
        Sql(f"select a.id, a.name from account a where a.id in (select y.logged_by from activity y where y.{subject.kind}_id = {{}} "
            "and y.removed_at is null and {}) order by a.name limit 100", subject.id, story.seen(actor, "y"))  # fmt: skip
    )
    return {row["id"]: row["name"] for row in rows}


def _chips(url: str, filters: Filters, people: dict[UUID, str], boards: dict[UUID, str], codes: dict[str, str]) -> list[tuple[str, str]]:
    """What it is narrowed to, in words, each with the address without it."""
    said = {
        "kind": kind_name(filters.kind), "who": people.get(filters.who, _("Someone else")) if filters.who else "",
        "board": boards.get(filters.board, "") if filters.board else "", "service": codes.get(filters.service, filters.service),
        "since": _("from %(day)s") % {"day": exact_day(filters.since)} if filters.since else "",
        "until": _("until %(day)s") % {"day": exact_day(filters.until)} if filters.until else "", "q": f"“{filters.q}”",
    }  # fmt: skip
    return [(text, filtered(url, filters, **{key: None})) for key, text in said.items() if getattr(filters, key)]


HANDLERS = [of_employer, of_establishment, of_person]
