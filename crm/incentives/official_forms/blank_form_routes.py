"""Pages on which the state office sets up the agencies' fillable forms."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission
from crm.actions import reading
from crm.errors import Conflict, Invalid
from crm.forms import BoundForm, clean, form_for, read_form
from crm.incentives import installed
from crm.incentives.actions import program_of
from crm.incentives.forms import BlankFormForm
from crm.incentives.official_forms import blank_forms, form_filling
from crm.incentives.official_forms.blank_forms import BlankForm
from crm.incentives.official_forms.form_filling import AS_IT_IS, HOW, Line
from crm.incentives.wording import text
from crm.translation import _
from crm.web import AnyRequest, download, needs, redirect, render

SEES = [needs(Permission.SEE_SETTINGS)]
MANAGES = [needs(Permission.MANAGE_FIELDS)]
UPLOAD, PARTS = "pdf", ("source", "how", "part")
IS = "="  # between the key of a fact and the answer that ticks a box


@get("/official-forms", guards=SEES)
async def list_forms(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    return await _list(request, actor, form_for(BlankFormForm, choices={"which": _which()}))


async def _list(request: AnyRequest, actor: Actor, form: BoundForm, status: int = 200) -> Response[str]:
    programs = installed.library().programs
    names = {each.id: text(each.name) for each in programs.values()}
    return render(request, "pages/incentives/blank_forms.html", status=status, form=form, blanks=await blank_forms.in_use(actor), names=names, upload=UPLOAD)


def _which() -> list[tuple[str, str]]:
    found = [(f"{program.id}:{form.title}", f"{text(program.name)}: {form.title}") for program in installed.library().programs.values() for form in program.forms]
    return [("", "—"), *sorted(found, key=lambda each: each[1])]


@post("/official-forms", guards=MANAGES)
async def take_in(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    form = await read_form(BlankFormForm, request, beside={UPLOAD}, choices={"which": _which()})
    if form.validate():
        given, came = form.struct(), (await request.form()).get(UPLOAD)
        try:
            if not isinstance(came, UploadFile) or not came.filename:
                raise Invalid(_("Choose a file."))
            program, _colon, title = given.which.partition(":")
            blank_id, earlier = await blank_forms.take_in(actor, program, title, given.edition, came.filename, await came.read())
            undo = f"/official-forms/{earlier}/put-back" if earlier else f"/official-forms/{blank_id}/take-out"
            return redirect(request, f"/official-forms/{blank_id}", say=_("The form is there. Say now what goes into which field."), undo=undo)
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _list(request, actor, form, 422)


@get("/official-forms/{blank_form_id:uuid}", guards=SEES)
async def show_form(request: AnyRequest, actor: NamedDependency[Actor], blank_form_id: FromPath[UUID]) -> Response[str]:
    blank = await blank_forms.one(actor, blank_form_id)
    return _page(request, blank, {each.key: each for each in blank.lines})


def _page(
    request: AnyRequest, blank: BlankForm, lines: dict[tuple[str, str], Line], wrong: dict[str, str] | None = None, problem: str = "", status: int = 200
) -> Response[str]:
    program = program_of(blank.program)
    known = form_filling.sources(program)
    return render(
        request, "pages/incentives/blank_form.html", status=status, blank=blank, program=program, lines=lines, known=known, how={key: _(words) for key, (words, _kind) in HOW.items()},
        name_of=form_filling.name_of, by_hand=form_filling.is_by_hand, text=text, wrong=wrong or {}, problem=problem, IS=IS, AS_IT_IS=AS_IT_IS,
        mapped=sum(each.key in lines for each in blank.fields),
    )  # fmt: skip


@post("/official-forms/{blank_form_id:uuid}", guards=MANAGES)
async def map_fields(request: AnyRequest, actor: NamedDependency[Actor], blank_form_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        blank = await blank_forms.one(actor, blank_form_id)
    given = {name: str(clean(value)).strip()[:200] for name, value in (await request.form()).multi_items() if isinstance(value, str)}
    if stray := set(given) - {f"{part}-{place}" for part in PARTS for place in range(len(blank.fields))} - {"version", "_token"}:
        raise Invalid(_("This form has a field that we do not know: %(field)s. Load the page again.") % {"field": min(stray)[:60]})
    lines, version = _lines(blank, given), given.get("version", "")
    try:
        await blank_forms.map_fields(actor, blank_form_id, int(version) if version.isdecimal() and len(version) < 9 else 0, lines)
        return redirect(request, f"/official-forms/{blank_form_id}", say=_("Saved. Look at the preview before someone uses it."))
    except Invalid as problem:
        wrong, said = problem.fields, str(problem)
        if not wrong:
            raise
    except Conflict as problem:
        wrong, said = {}, str(problem)
    async with reading(actor):
        return _page(request, await blank_forms.one(actor, blank_form_id), {each.key: each for each in lines}, wrong, said, 422)


def _lines(blank: BlankForm, given: dict[str, str]) -> list[Line]:
    """What the form says of each field of which it says something. What went into fields that are gone goes with them."""
    found = []
    for place, field in enumerate(blank.fields):
        source, is_, equals = given.get(f"source-{place}", "").partition(IS)
        if not source:
            continue
        if field.kind == "box":
            found.append(Line(field.name, field.on, source, equals=equals))
        else:
            found.append(Line(field.name, "", source + is_ + equals, given.get(f"how-{place}") or AS_IT_IS, given.get(f"part-{place}", "")))
    return found


@get("/official-forms/{blank_form_id:uuid}/preview.pdf", guards=SEES)
async def preview(actor: NamedDependency[Actor], blank_form_id: FromPath[UUID]) -> Response[bytes]:
    """The form with invented data in it."""
    return download(await blank_forms.preview(actor, blank_form_id), "preview.pdf", "application/pdf")


@post("/official-forms/{blank_form_id:uuid}/take-out", guards=MANAGES)
async def take_out(request: AnyRequest, actor: NamedDependency[Actor], blank_form_id: FromPath[UUID]) -> Response[Any]:
    await blank_forms.take_out(actor, blank_form_id)
    return redirect(request, "/official-forms", say=_("The form is out of use. What was filled in with it stays."), undo=f"/official-forms/{blank_form_id}/put-back")


@post("/official-forms/{blank_form_id:uuid}/put-back", guards=MANAGES)
async def put_back(request: AnyRequest, actor: NamedDependency[Actor], blank_form_id: FromPath[UUID]) -> Response[Any]:
    await blank_forms.put_back(actor, blank_form_id)
    return redirect(request, f"/official-forms/{blank_form_id}", say=_("This edition is in use again."))


HANDLERS = [list_forms, take_in, show_form, map_fields, preview, take_out, put_back]
