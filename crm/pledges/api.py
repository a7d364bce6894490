"""Drives and pledges, for programs."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from crm import api
from crm.access import Actor, Permission, load, visible
from crm.database import fetch
from crm.errors import NotFound
from crm.pledges import listing
from crm.sql import Sql
from crm.translation import _
from crm.web import AnyRequest

TAG = "Pledges"


class PledgeDrive(Struct, frozen=True, kw_only=True):
    """A season in which slots are asked for. `board_id` is empty for the state's, in which every board counts."""

    id: UUID
    board_id: UUID | None
    name_en: str
    name_es: str
    first_day: date
    last_day: date
    goal: Annotated[int, Meta(description="In slots")]
    version: int


class Pledge(Struct, frozen=True, kw_only=True):
    """Slots that an employer promised, and how many were matched, started and completed."""

    id: UUID
    drive_id: UUID
    board_id: UUID
    employer_id: UUID
    employer: str
    establishment_id: UUID | None
    contact_id: UUID | None
    kind: str
    slots: int
    matched: int
    started: int
    completed: int
    pay: Annotated[str, Meta(description="unsettled, employer_pays, program_pays, both_pay or unpaid")]
    payer: str
    first_day: date | None
    last_day: date | None
    least_age: int | None
    open_to: str
    access_note: str
    pledged_on: date
    withdrawn: bool
    version: int


class DriveQuery(Struct, frozen=True):
    after: api.After = ""


class PledgeQuery(Struct, frozen=True):
    kind: Annotated[str, Meta(description="Only of this kind", max_length=20)] = ""
    withdrawn: Annotated[bool, Meta(description="Those withdrawn, instead of those that stand")] = False
    after: api.After = ""


@api.lists("/pledge-drives", Permission.SEE_PIPELINE, TAG, "List pledge drives", query=DriveQuery)
async def list_pledge_drives(request: AnyRequest, actor: NamedDependency[Actor]) -> api.Page[PledgeDrive]:
    """Your own board's and the state's, those that end last first."""
    query = api.query_of(request, DriveQuery)
    start = Sql("(d.last_day, d.id) < ({}, {})", *api.after(query.after, date, UUID)) if query.after else Sql("true")
    rows = await fetch(
        Sql("select d.* from pledge_drive d where {} and {} order by d.last_day desc, d.id desc limit {}",
            start, visible(actor, "pledge_drive", "d"), api.PAGE + 1)  # fmt: skip
    )
    return api.page(rows, PledgeDrive, "last_day", "id")


@api.lists("/pledge-drives/{drive_id:uuid}/pledges", Permission.SEE_PIPELINE, TAG, "List a drive's pledges", query=PledgeQuery)
async def list_pledges(request: AnyRequest, actor: NamedDependency[Actor], drive_id: FromPath[UUID]) -> api.Page[Pledge]:
    """Newest first."""
    await load(actor, "pledge_drive", drive_id)
    query = api.query_of(request, PledgeQuery)
    before = api.after(query.after, date, UUID) if query.after else None
    filters = listing.Filters(kind=query.kind, state="withdrawn" if query.withdrawn else "")
    rows = await listing.pledges(actor, drive_id, filters, before=before, most=api.PAGE + 1)
    return api.page([{**row, "withdrawn": row["withdrawn_at"] is not None} for row in rows], Pledge, "pledged_on", "id")


@api.reads("/pledges/{pledge_id:uuid}", Permission.SEE_PIPELINE, TAG, "Read a pledge")
async def read_pledge(actor: NamedDependency[Actor], pledge_id: FromPath[UUID]) -> Response[Pledge]:
    """One pledge, with its version as ETag."""
    row = await listing.one(actor, pledge_id)
    if row is None:
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    return api.answer(api.shown(Pledge, row, withdrawn=row["withdrawn_at"] is not None), row["version"])


HANDLERS = [list_pledge_drives, list_pledges, read_pledge]
