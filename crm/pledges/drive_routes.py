"""Pages of drives: all of them, and one with its funnel, its pace and its pledges."""

import io
from collections.abc import Mapping
from datetime import date
from typing import Any, get_args
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm import api, audit
from crm.access import Actor, Permission, load, may
from crm.actions import reading
from crm.errors import Conflict, Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.pledges import drives, listing
from crm.pledges.forms import DriveForm, Kind, Pay
from crm.pledges.listing import LARGEST_EXPORT, ROWS, Filters
from crm.pledges.rules import pace, weeks
from crm.spreadsheets.writing import write_csv
from crm.templating import label
from crm.translation import _, exact_day, language
from crm.web import AnyRequest, filtered, needs, read_filters, redirect, render, today

READS = [needs(Permission.SEE_PIPELINE)]
RUNS = [needs(Permission.MANAGE_PIPELINES)]


@get("/pledge-drives", guards=READS)
async def list_drives(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    return render(request, "pages/pledges/drives.html", drives=await drives.listed(actor), today=today(request), name=f"name_{language()}",
                  runs=may(actor, Permission.MANAGE_PIPELINES))  # fmt: skip


@get("/pledge-drives/new", guards=RUNS)
async def new_drive(request: AnyRequest) -> Response[str]:
    return render(request, "pages/pledges/drive_form.html", drive=None, form=form_for(DriveForm))


@post("/pledge-drives/new", guards=RUNS)
async def add_drive(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    form = await read_form(DriveForm, request)
    if form.validate():
        try:
            drive_id = await drives.add(actor, form.struct())
            return redirect(request, f"/pledge-drives/{drive_id}", say=_("The drive is ready for pledges."))
        except Invalid as problem:
            form.refuse(problem)
    return render(request, "pages/pledges/drive_form.html", status=422, drive=None, form=form)


@get("/pledge-drives/{drive_id:uuid}", guards=READS)
async def show_drive(request: AnyRequest, actor: NamedDependency[Actor], drive_id: FromPath[UUID]) -> Response[str]:
    filters = read_filters(request, Filters)
    drive = await load(actor, "pledge_drive", drive_id)
    everything, kinds, boards = await listing.sums(actor, drive_id)
    before = api.after(filters.after, date, UUID) if filters.after else None
    rows = await listing.pledges(actor, drive_id, filters, before=before, most=ROWS + 1)
    last = rows[ROWS - 1] if len(rows) > ROWS else None
    here, day = f"/pledge-drives/{drive_id}", today(request)
    return render(
        request, "pages/pledges/drive.html", block="shown", drive=drive, name=drive[f"name_{language()}"], everything=everything, kinds=kinds,
        boards=[] if drive["board_id"] else boards, filters=filters,
        pace=pace(drive["first_day"], drive["last_day"], drive["goal"], everything.slots, day),
        weeks=weeks(drive["first_day"], drive["last_day"], drive["goal"], await listing.by_day(actor, drive_id), day),
        rows=rows[:ROWS], after=filtered(here, filters, after=api.cursor([last["pledged_on"], last["id"]])) if last else "", today=day,
        here=here, narrowed=lambda **changes: filtered(here, Filters(), **changes), chips=_chips(here, filters, {each.board_id: each.board for each in boards}), all_kinds=get_args(Kind), pays=get_args(Pay),
        export=filtered(f"{here}/pledges.csv", filters), owns=may(actor, Permission.MANAGE_PIPELINES) and drives.is_own(actor, drive["board_id"]),
        works=may(actor, Permission.WORK_PIPELINE),
    )  # fmt: skip


def _chips(here: str, filters: Filters, boards: Mapping[UUID | None, str | None]) -> list[tuple[str, str]]:
    """What the list is narrowed to, in words, each with the address without it."""
    steps = {"matched": _("With slots matched"), "started": _("With slots started"), "completed": _("With slots completed"), "free": _("With slots still free")}
    said = {
        "q": f"“{filters.q}”", "kind": label(filters.kind), "pay": label(filters.pay),
        "step": steps.get(filters.step, ""), "state": _("Withdrawn"),
        "since": _("From %(day)s on") % {"day": filters.since and exact_day(filters.since)}, "until": _("Until %(day)s") % {"day": filters.until and exact_day(filters.until)},
        "board": boards.get(filters.board) or _("Of one board"),
    }  # fmt: skip
    return [(text, filtered(here, filters, **{key: None})) for key, text in said.items() if getattr(filters, key)]


@get("/pledge-drives/{drive_id:uuid}/pledges.csv", guards=READS)
async def export_pledges(request: AnyRequest, actor: NamedDependency[Actor], drive_id: FromPath[UUID]) -> Response[bytes]:
    """What the page shows, as a table."""
    filters = read_filters(request, Filters)
    await load(actor, "pledge_drive", drive_id)
    rows = await listing.pledges(actor, drive_id, filters, most=LARGEST_EXPORT)
    out = io.BytesIO()
    headers = [_("Employer"), _("City"), _("Board"), _("Kind of experience"), _("Slots"), _("Matched"), _("Started"), _("Completed"), _("Pay"),
               _("Paid by"), _("Worksite"), _("Contact"), _("Begins"), _("Ends"), _("From what age"), _("Who it is for"), _("Accessibility"),
               _("Pledged on"), _("Withdrawn because")]  # fmt: skip
    write_csv(out, headers, [
        [row["employer"], row["city"], row["board"], label(row["kind"]), row["slots"], row["matched"], row["started"], row["completed"],
         label(row["pay"]), row["payer"], row["site"], f"{row['given_name'] or ''} {row['family_name'] or ''}".strip(), row["first_day"],
         row["last_day"], row["least_age"], row["open_to"], row["access_note"], row["pledged_on"], label(row["withdraw_reason"])]
        for row in rows
    ])  # fmt: skip
    await audit.record_disclosure(actor, "pledges.exported", subject_kind="pledge_drive", subject_id=drive_id)
    return Response(
        out.getvalue(), media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="pledges.csv"', "cache-control": "no-store"},
    )  # fmt: skip


@get("/pledge-drives/{drive_id:uuid}/edit", guards=RUNS)
async def edit_drive(request: AnyRequest, actor: NamedDependency[Actor], drive_id: FromPath[UUID]) -> Response[str]:
    drive = await load(actor, "pledge_drive", drive_id)
    return render(request, "pages/pledges/drive_form.html", drive=drive,
                  form=form_for(DriveForm, initial={name: drive[name] for name in (*drives.FIELDS, "version")}))  # fmt: skip


@post("/pledge-drives/{drive_id:uuid}/edit", guards=RUNS)
async def save_drive(request: AnyRequest, actor: NamedDependency[Actor], drive_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(DriveForm, request)
    if form.validate():
        try:
            await drives.change(actor, drive_id, form.struct())
            return redirect(request, f"/pledge-drives/{drive_id}", say=_("Saved."))
        except (Invalid, Conflict) as problem:
            _told(form, problem)
    async with reading(actor):
        drive = await load(actor, "pledge_drive", drive_id)
    return render(request, "pages/pledges/drive_form.html", status=422, drive=drive, form=form)


def _told(form: BoundForm, problem: Invalid | Conflict) -> None:
    if isinstance(problem, Invalid):
        form.refuse(problem)
    else:
        form.problems.append(str(problem))


@post("/pledge-drives/{drive_id:uuid}/put-away", guards=RUNS)
async def put_away(request: AnyRequest, actor: NamedDependency[Actor], drive_id: FromPath[UUID]) -> Response[Any]:
    await drives.put_away(actor, drive_id)
    return redirect(request, "/pledge-drives", say=_("It is put away. Its pledges stay."), undo=f"/pledge-drives/{drive_id}/restore")


@post("/pledge-drives/{drive_id:uuid}/restore", guards=RUNS)
async def restore(request: AnyRequest, actor: NamedDependency[Actor], drive_id: FromPath[UUID]) -> Response[Any]:
    await drives.put_away(actor, drive_id, restore=True)
    return redirect(request, f"/pledge-drives/{drive_id}", say=_("It is back."))


HANDLERS = [list_drives, new_drive, add_drive, show_drive, export_pledges, edit_drive, save_drive, put_away, restore]
