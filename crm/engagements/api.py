"""The pipeline and what was done, for programs."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from crm import api
from crm.access import Actor, Permission, load
from crm.actions import reading
from crm.api_creating import once
from crm.database import fetch_value
from crm.engagements import actions, activities
from crm.engagements import pipeline as views
from crm.engagements import timeline as story
from crm.engagements.forms import ActivityForm, Kind, Outcome, StageMoveForm
from crm.engagements.pipelines import RECRUIT, pipelines, stages
from crm.engagements.pipelines import pipeline as pipeline_of
from crm.errors import NotFound
from crm.translation import _
from crm.web import AnyRequest, program_of, today

TAG = "Pipeline"


class Stage(Struct, frozen=True, kw_only=True):
    """A step of the pipeline. `kind` says whether it is open, done, paused, declined or lapsed."""

    id: UUID
    code: str
    name_en: str
    name_es: str
    position: int
    kind: str
    needs: Annotated[list[str], Meta(description="What must be on file before an employer stands here")]
    expected_days: Annotated[int | None, Meta(description="Longer than this is worth a look")]


class Pipeline(Struct, frozen=True, kw_only=True):
    """A way with stages. `board_id` is empty for those that the state gives to every board."""

    id: UUID
    board_id: UUID | None
    code: str
    name_en: str
    name_es: str
    position: int


class Engagement(Struct, frozen=True, kw_only=True):
    """One board's relationship with one employer."""

    id: UUID
    employer_id: UUID
    name: Annotated[str, Meta(description="The employer's")]
    city: str
    board_id: UUID
    pipeline_id: UUID
    stage_id: UUID
    stage_since: datetime
    reason: str
    owner: Annotated[str | None, Meta(description="Who looks after them")]
    next_step: str
    next_step_due: date | None
    slots: int
    version: int


class NewEngagement(Struct, frozen=True, kw_only=True):
    board_id: Annotated[UUID | None, Meta(description="Left out, your own board's pipeline")] = None
    pipeline: Annotated[str, Meta(description="The pipeline's code", max_length=60)] = RECRUIT


class StageMove(Struct, frozen=True, kw_only=True):
    """Where it goes. Some stages want a reason."""

    stage_id: UUID
    reason: Annotated[str, Meta(max_length=500)] = ""


class Activity(Struct, frozen=True, kw_only=True):
    """Something that was done, or that happened."""

    id: UUID
    employer_id: UUID
    board_id: UUID | None
    contact_id: UUID | None
    engagement_id: UUID | None
    kind: str
    establishment_id: Annotated[UUID | None, Meta(description="The worksite it was at")]
    direction: str
    summary: str
    body: str
    outcome: Annotated[str, Meta(description="What came of it; empty where no one said")]
    service_code: Annotated[str, Meta(description="Which service it was; empty where it was none")]
    at: datetime
    by_name: str | None
    updated_at: Annotated[datetime | None, Meta(description="When it was changed last; null where it says what it said at first")]
    version: int


class NewActivity(Struct, frozen=True, kw_only=True):
    """A call, a visit, a note … It goes on your own board's timeline."""

    kind: Kind
    summary: Annotated[str, Meta(description="In one line", min_length=1, max_length=200)]
    body: Annotated[str, Meta(max_length=10000)] = ""
    on: Annotated[date | None, Meta(description="Left out, today")] = None
    direction: Annotated[Literal["", "in", "out"], Meta(description="Who got in touch: they did (in) or we did (out)")] = ""
    contact_id: Annotated[UUID | None, Meta(description="The person, as `person_id` of a contact")] = None
    establishment_id: Annotated[UUID | None, Meta(description="The worksite. Left out, the employer's only one")] = None
    outcome: Annotated[Outcome, Meta(description="What came of it")] = ""
    service_code: Annotated[str, Meta(description="Which service it was. Left out, the kind decides; “-” is none", max_length=40)] = ""


class ActivityQuery(Struct, frozen=True):
    kind: Annotated[str, Meta(description="Only of this kind", max_length=20)] = ""
    service: Annotated[str, Meta(description="Only with this service code", max_length=40)] = ""
    since: Annotated[date | None, Meta(description="From this day on, in the agency's zone")] = None
    until: Annotated[date | None, Meta(description="Up to this day")] = None
    after: api.After = ""


class StageQuery(Struct, frozen=True):
    pipeline: Annotated[str, Meta(description="The pipeline's code", max_length=60)] = RECRUIT


class EngagementQuery(Struct, frozen=True):
    pipeline: Annotated[str, Meta(description="The pipeline's code", max_length=60)] = RECRUIT
    stage: Annotated[UUID | None, Meta(description="Only those in this stage")] = None
    after: api.After = ""


@api.lists("/boards/{board_id:uuid}/pipelines", Permission.SEE_PIPELINE, TAG, "List a board's pipelines")
async def list_pipelines(request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID]) -> api.Page[Pipeline]:
    """The pipelines that the board works with, in order, all on one page."""
    await load(actor, "board", board_id)
    return api.Page([api.shown(Pipeline, row) for row in await pipelines(board_id)], None)


@api.lists("/boards/{board_id:uuid}/stages", Permission.SEE_PIPELINE, TAG, "List a board's stages", query=StageQuery)
async def list_stages(request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID]) -> api.Page[Stage]:
    """The stages of the board's pipeline, in order, all on one page."""
    await load(actor, "board", board_id)
    listed = await stages(board_id, api.query_of(request, StageQuery).pipeline)
    return api.Page([api.shown(Stage, row) for row in listed], None)


@api.lists("/boards/{board_id:uuid}/engagements", Permission.SEE_PIPELINE, TAG, "List a board's engagements", query=EngagementQuery)
async def list_engagements(
    request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID]
) -> api.Page[Engagement]:
    """Those that moved last come first."""
    await load(actor, "board", board_id)
    query = api.query_of(request, EngagementQuery)
    before = api.after(query.after, datetime, UUID) if query.after else None
    chosen = await pipeline_of(board_id, query.pipeline)
    rows = await views.rows(actor, board_id, chosen["id"], views.Filters(stage=query.stage), today(request), before=before,
                            most=api.PAGE + 1)  # fmt: skip
    return api.page(rows, Engagement, "stage_since", "id")


@api.reads("/engagements/{engagement_id:uuid}", Permission.SEE_PIPELINE, TAG, "Read an engagement")
async def read_engagement(actor: NamedDependency[Actor], engagement_id: FromPath[UUID]) -> Response[Engagement]:
    """One engagement, with its version as ETag."""
    return await _engagement(actor, engagement_id)


async def _engagement(actor: Actor, engagement_id: UUID, **more: Any) -> Response[Engagement]:
    async with reading(actor):
        row = await views.card(actor, engagement_id)
    if row is None:
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    return api.answer(api.shown(Engagement, row), row["version"], **more)


@api.creates("/employers/{employer_id:uuid}/engagements", Permission.WORK_PIPELINE, TAG, "Start an engagement")
async def start_engagement(
    request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID], data: NewEngagement
) -> Response[Engagement]:
    """Puts the employer on the pipeline, in its first stage. Where it is already, that engagement comes back."""
    made, again = await once(request, actor, lambda: actions.start(actor, employer_id, data.board_id, data.pipeline))
    return await _engagement(actor, made, status=201, again=again)


@api.changes("/engagements/{engagement_id:uuid}/stage", Permission.WORK_PIPELINE, TAG, "Move an engagement to a stage")
async def move_engagement(
    request: AnyRequest, actor: NamedDependency[Actor], engagement_id: FromPath[UUID], data: StageMove
) -> Response[Engagement]:
    """A stage that it cannot be in yet is a 422 that says why."""
    async with api.changing(request, actor, "engagement", engagement_id) as row:
        form = StageMoveForm(stage_id=data.stage_id, reason=data.reason, version=row["version"])
        await actions.move(actor, engagement_id, form)
    return await _engagement(actor, engagement_id)


@api.lists("/employers/{employer_id:uuid}/activities", Permission.SEE_PIPELINE, TAG, "List activities", query=ActivityQuery)
async def list_activities(
    request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]
) -> api.Page[Activity]:
    """What was done with an employer, newest first: of the boards whose notes you may see."""
    await load(actor, "employer", employer_id)
    query = api.query_of(request, ActivityQuery)
    filters = story.Filters(**msgspec.structs.asdict(query))
    rows, after = await story.timeline(actor, story.Subject("employer", employer_id), filters, program_of(request).settings.time_zone, recorded=False)
    items = [api.shown(Activity, row, id=row["activity_id"], by_name=row["account_name"]) for row in rows]
    return api.Page(items, after or None)


@api.creates("/employers/{employer_id:uuid}/activities", Permission.WORK_PIPELINE, TAG, "Log an activity")
async def log_activity(
    request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID], data: NewActivity
) -> Response[Activity]:
    """A call, a visit, a note … of your own board."""
    form = ActivityForm(**msgspec.structs.asdict(data))
    zone = program_of(request).settings.time_zone
    made, again = await once(
        request, actor, lambda: activities.log_activity(actor, employer_id, form, zone=zone, today=today(request))
    )
    async with reading(actor):
        row = await load(actor, "activity", made)
        name = await fetch_value("select name from account where id = $1", row["logged_by"])
    return api.answer(api.shown(Activity, row, by_name=name), row["version"], status=201, again=again)


HANDLERS = [
    list_pipelines, list_stages, list_engagements, read_engagement, start_engagement, move_engagement, list_activities, log_activity,
]  # fmt: skip
