"""Pages of cases: the list, one case with what is next, its moves, its checklist and its evidence."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm import audit, files
from crm.access import Actor, Permission, may, may_work_for, visible
from crm.actions import reading
from crm.boards.colleagues import colleagues
from crm.database import Record, fetch
from crm.engagements.attachments import Upload
from crm.errors import Conflict, Invalid, NotFound
from crm.forms import BoundForm, form_for, read_form
from crm.incentives import hires, installed, screening, told
from crm.incentives.claims import case_listing, cases, packets, rechecking, rules
from crm.incentives.claims.case_calendar import calendar
from crm.incentives.claims.case_listing import CASES, ROWS, Filters
from crm.incentives.earlier_claims import earlier
from crm.incentives.forms import EvidenceForm, MoveForm, OwnerForm
from crm.incentives.hire_routes import READS, WORKS
from crm.incentives.official_forms import blank_forms, filled_forms
from crm.incentives.wording import text
from crm.sql import Sql
from crm.translation import _
from crm.views import showing
from crm.views.showing import every_board
from crm.web import AnyRequest, download, filtered, program_of, read_filters, redirect, render, today

UPLOADS = "files"


# ── the list ──


@get("/cases", guards=READS)
async def list_cases(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    filters, day = read_filters(request, Filters), today(request)
    found = await case_listing.cases(actor, filters, day, most=ROWS + 1, after=case_listing.read(filters.after))
    programs = sorted(((program.id, text(program.name)) for program in installed.library().programs.values()), key=lambda each: each[1])
    return render(
        request, "pages/incentives/cases.html", block="shown", rows=found[:ROWS], filters=filters, today=day, programs=programs, states=rules.STATES,
        after=filtered("/cases", filters, after=case_listing.written(found[ROWS - 1])) if len(found) > ROWS else "", name=case_listing.program_name,
        amount=case_listing.amount_of, days=rules.days_in_state, narrowed=filtered("/cases", filters) != "/cases", ics=filtered("/cases/calendar.ics", filters),
        changed=filtered("/cases", Filters(), state="all", law="changed"), saved=await showing.tabs(actor, CASES, filters, await every_board()),
    )  # fmt: skip


@get("/cases/calendar.ics", guards=READS)
async def download_calendar(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[bytes]:
    """The days to keep of the cases that the list shows; that it was taken along is on record."""
    filters = read_filters(request, Filters)
    found = await case_listing.cases(actor, filters, today(request), most=case_listing.AT_ONCE)
    body = calendar(found, program_of(request).settings.url)
    await audit.record_disclosure(actor, "list.exported", subject_kind="list", after={"list": CASES.name, "format": "ics", "rows": len(found)})
    return download(body, "cases.ics", "text/calendar; charset=utf-8")


# ── one ──


@post("/hires/{hire_id:uuid}/programs/{program_id:str}/case", guards=WORKS)
async def open_case(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID], program_id: FromPath[str]) -> Response[Any]:
    case_id, new = await cases.open_case(actor, hire_id, program_id, today(request))
    say = _("The case is open. Its days to keep are tasks of yours now.") if new else _("There is a case of this program for this hire already: this one.")
    return redirect(request, f"/cases/{case_id}", say=say)


@get("/cases/{case_id:uuid}", guards=READS)
async def show_case(request: AnyRequest, actor: NamedDependency[Actor], case_id: FromPath[UUID]) -> Response[str]:
    return await _page(request, actor, case_id, form_for(MoveForm))


async def _one(actor: Actor, case_id: UUID) -> Record:
    found = await case_listing.rows(actor, Sql("c.id = {}", case_id), Sql("c.id"))
    if not found:
        raise NotFound(_(hires.GONE))
    return found[0]


async def _page(request: AnyRequest, actor: Actor, case_id: UUID, form: BoundForm, status: int = 200) -> Response[str]:
    case, day = await _one(actor, case_id), today(request)
    hire = await hires.one(actor, case["hire_id"])
    program, inside = installed.library().programs.get(case["program"]), told.sees_secrets(actor)
    shown = screening.of_program(program, hire, await told.of(hire), day, outside=not inside, before=await earlier.of(hire)) if program else None
    works = may(actor, Permission.ESTIMATE) and may_work_for(actor, case["board_id"])
    moves = await fetch(
        Sql("select m.*, a.name as by, u.name as undone_by_name from case_move m left join account a on a.id = m.made_by left join account u "
            "on u.id = m.undone_by where m.case_id = {} and {} order by m.made_at desc limit 200", case_id, visible(actor, "case_move", "m"))  # fmt: skip
    )
    evidence = await fetch(
        Sql("select f.*, s.name, s.size, s.kind, a.name as by from case_file f join stored_file s on s.id = f.file_id left join account a on a.id = f.added_by "
            "where f.case_id = {} and f.removed_at is null and {} order by f.added_at", case_id, visible(actor, "case_file", "f"))  # fmt: skip
    )
    ticked = await fetch(Sql("select i.item, i.done_at, a.name as by from case_item i left join account a on a.id = i.done_by where i.case_id = {} "
                             "and i.done_at is not null and {}", case_id, visible(actor, "case_item", "i")))  # fmt: skip
    people = await colleagues(case["board_id"])
    forms = [(blank, await filled_forms.for_case(actor, case, blank, day)) for blank in await blank_forms.in_use(actor, program.id)] if program and works else []
    return render(
        request, "pages/incentives/case.html", status=status, case=case, hire=hire, program=program, estimate=shown, works=works, moves=moves,
        evidence=[each for each in evidence if each["kind"] == cases.KEPT], papers=[each for each in evidence if each["kind"] != cases.KEPT],
        steps=rules.checklist(program) if program else {}, ticked={row["item"]: row for row in ticked}, form=form, text=text, today=day,
        name=case_listing.program_name(case["program"]), forms_to_fill=forms, next_states=rules.NEXT[case["state"]], reasoned=rules.REASONED, with_amount=rules.WITH_AMOUNT,
        against=await _against(case, inside, day), law=await rechecking.answer_now(case["program"], case["estimate_id"]),
        sent=await case_listing.sent_on(actor, case["hire_id"]),
        days=rules.days_in_state(case["state_since"], day), last=next((each["id"] for each in moves if each["undone_at"] is None), None),
        evidence_form=form_for(EvidenceForm), owner_form=form_for(OwnerForm, choices={"owner_id": people}, initial={"owner_id": str(case["owner_id"] or "")}),
    )  # fmt: skip


async def _against(case: Record, inside: bool, day: Any) -> list[dict[str, Any]]:
    """What stands against submitting today, in words; for those who see no secrets by its codes alone."""
    if case["state"] != "preparing":
        return []
    found = await cases.against_submitting(case, day, day)
    return [{"code": each.code, "what": text(dict(each.says)) if each.says and inside else "", "citation": each.citation, "day": each.day} for each in found]


@post("/cases/{case_id:uuid}/move", guards=WORKS)
async def move_case(request: AnyRequest, actor: NamedDependency[Actor], case_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        case = await _one(actor, case_id)
    form = await read_form(MoveForm, request)
    if form.validate():
        try:
            move_id = await cases.move(actor, case_id, form.struct(), today(request))
            return redirect(request, f"/cases/{case_id}", say=_("The case moved on."), undo=f"/case-moves/{move_id}/undo")
        except Invalid as problem:
            form.refuse(problem)
        except Conflict as problem:
            form.problems.append(str(problem))
    async with reading(actor):
        return await _page(request, actor, case["id"], form, 422)


@post("/case-moves/{case_move_id:uuid}/undo", guards=WORKS)
async def undo_move(request: AnyRequest, actor: NamedDependency[Actor], case_move_id: FromPath[UUID]) -> Response[Any]:
    case_id = await cases.undo_move(actor, case_move_id)
    return redirect(request, f"/cases/{case_id}", say=_("The move is undone."))


@post("/cases/{case_id:uuid}/steps/{item:str}/done", guards=WORKS)
async def step_done(request: AnyRequest, actor: NamedDependency[Actor], case_id: FromPath[UUID], item: FromPath[str]) -> Response[Any]:
    await cases.tick(actor, case_id, item, done=True)
    return redirect(request, f"/cases/{case_id}#steps", say=_("Done."), undo=f"/cases/{case_id}/steps/{item}/open")


@post("/cases/{case_id:uuid}/steps/{item:str}/open", guards=WORKS)
async def step_open(request: AnyRequest, actor: NamedDependency[Actor], case_id: FromPath[UUID], item: FromPath[str]) -> Response[Any]:
    await cases.tick(actor, case_id, item, done=False)
    return redirect(request, f"/cases/{case_id}#steps", say=_("The step is open again."), undo=f"/cases/{case_id}/steps/{item}/done")


@post("/cases/{case_id:uuid}/owner", guards=WORKS)
async def give_case(request: AnyRequest, actor: NamedDependency[Actor], case_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        case = await _one(actor, case_id)
        people = await colleagues(case["board_id"])
    form = await read_form(OwnerForm, request, choices={"owner_id": people})
    if not form.validate():
        raise Invalid(_("Choose someone of the board."))
    await cases.hand_over(actor, case_id, form.struct().owner_id)
    return redirect(request, f"/cases/{case_id}", say=_("Handed over."))


@post("/cases/{case_id:uuid}/estimate", guards=WORKS)
async def estimate_anew(request: AnyRequest, actor: NamedDependency[Actor], case_id: FromPath[UUID]) -> Response[Any]:
    await cases.take_over(actor, case_id, today(request))
    return redirect(request, f"/cases/{case_id}", say=_("The case rests on today's answer now. The one before stays on file."))


# ── on paper ──


@post("/cases/{case_id:uuid}/packet", guards=WORKS)
async def print_packet(request: AnyRequest, actor: NamedDependency[Actor], case_id: FromPath[UUID]) -> Response[Any]:
    job_id = await packets.ask_for(actor, case_id, today(request))
    return redirect(request, f"/jobs/{job_id}", say=_("The packet is being made. It hangs on the case then."))


@post("/cases/{case_id:uuid}/forms/{blank_form_id:uuid}", guards=WORKS)
async def fill_in_form(request: AnyRequest, actor: NamedDependency[Actor], case_id: FromPath[UUID], blank_form_id: FromPath[UUID]) -> Response[Any]:
    job_id = await filled_forms.ask_for(actor, case_id, blank_form_id, today(request))
    return redirect(request, f"/jobs/{job_id}", say=_("The form is being filled in. It hangs on the case then."))


# ── evidence ──


@post("/cases/{case_id:uuid}/evidence", guards=WORKS)
async def add_evidence(request: AnyRequest, actor: NamedDependency[Actor], case_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        await _one(actor, case_id)
    form = await read_form(EvidenceForm, request, beside={UPLOADS})
    if not form.validate():
        raise Invalid(_("Say in a few words what it is."))
    came = (await request.form()).getall(UPLOADS, [])
    uploads = [Upload(each.filename, await each.read()) for each in came if isinstance(each, UploadFile) and each.filename]
    await cases.attach(actor, case_id, form.struct(), uploads)
    return redirect(request, f"/cases/{case_id}#evidence", say=_("The evidence is kept."))


@post("/case-files/{case_file_id:uuid}/remove", guards=WORKS)
async def remove_evidence(request: AnyRequest, actor: NamedDependency[Actor], case_file_id: FromPath[UUID]) -> Response[Any]:
    case_id = await cases.take_off(actor, case_file_id)
    return redirect(request, f"/cases/{case_id}#evidence", say=_("The file is taken off."), undo=f"/case-files/{case_file_id}/restore")


@post("/case-files/{case_file_id:uuid}/restore", guards=WORKS)
async def restore_evidence(request: AnyRequest, actor: NamedDependency[Actor], case_file_id: FromPath[UUID]) -> Response[Any]:
    case_id = await cases.take_off(actor, case_file_id, restore=True)
    return redirect(request, f"/cases/{case_id}#evidence", say=_("The file is back."))


@get("/case-files/{case_file_id:uuid}", guards=READS)
async def fetch_evidence(actor: NamedDependency[Actor], case_file_id: FromPath[UUID]) -> Response[bytes]:
    """A file of a case; that it was fetched is on record."""
    found, stored = await cases.fetched(actor, case_file_id)
    body = await files.read(stored["storage_key"])
    await audit.record_disclosure(actor, "file.downloaded", subject_kind="file", subject_id=found["file_id"], board_id=found["board_id"],
                                  employer_id=found["employer_id"])  # fmt: skip
    return download(body, stored["name"], stored["media_type"])


HANDLERS = [
    list_cases, download_calendar, open_case, show_case, move_case, undo_move, step_done, step_open, give_case, estimate_anew, print_packet, fill_in_form, add_evidence, remove_evidence,
    restore_evidence, fetch_evidence,
]  # fmt: skip
