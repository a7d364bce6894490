"""The agencies' fillable forms: taken in once for each program and form, with what goes into which field. The state office does that."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct

from crm import files, pdf_forms
from crm.access import Actor, Permission, load, require, visible
from crm.actions import acting
from crm.database import execute, fetch, fetch_one, insert_many
from crm.errors import Conflict, Invalid, NotFound
from crm.incentives import hires
from crm.incentives.actions import program_of
from crm.incentives.official_forms import form_filling
from crm.incentives.official_forms.form_filling import Line
from crm.pdf_forms import Field
from crm.rulebook.programs import Program
from crm.sql import Sql
from crm.translation import _

KIND = "blank_form"  # of its stored file


class BlankForm(Struct, frozen=True):
    """A form in use or one that was; `gone` are lines whose fields this edition no longer has."""

    id: UUID
    program: str
    title: str
    edition: str
    file_id: UUID
    fields: tuple[Field, ...]
    lines: tuple[Line, ...]
    version: int
    made_at: Any
    by: str
    removed: bool

    @property
    def gone(self) -> list[Line]:
        there = {each.key for each in self.fields}
        return [each for each in self.lines if each.key not in there]


_SELECT = ("select b.*, a.name as by from blank_form b left join account a on a.id = b.made_by where ")


def _read(row: Mapping[str, Any]) -> BlankForm:
    return BlankForm(row["id"], row["program"], row["title"], row["edition"], row["file_id"], msgspec.convert(row["fields"], tuple[Field, ...]),
                     msgspec.convert(row["mapping"], tuple[Line, ...]), row["version"], row["made_at"], row["by"] or "", row["removed_at"] is not None)  # fmt: skip


async def one(actor: Actor, blank_id: UUID) -> BlankForm:
    """Raises `NotFound`."""
    row = await fetch_one(Sql(f"{_SELECT} b.id = {{}} and {{}}", blank_id, visible(actor, "blank_form", "b")))
    if row is None:
        raise NotFound(_(hires.GONE))
    return _read(row)


async def in_use(actor: Actor, program: str = "") -> list[BlankForm]:
    """Those of a program, or of all."""
    asked = Sql("b.program = {}", program) if program else Sql("true")
    rows = await fetch(Sql(f"{_SELECT} b.removed_at is null and {{}} and {{}} order by b.program, b.title limit 500", asked, visible(actor, "blank_form", "b")))
    return [_read(row) for row in rows]


async def take_in(actor: Actor, program_id: str, title: str, edition: str, name: str, pdf: bytes) -> tuple[UUID, UUID | None]:
    """The form, in the place of an earlier edition, whose lines it takes over; both ids. Raises `Invalid` for a PDF that cannot be filled in."""
    require(actor, Permission.MANAGE_FIELDS)
    if title not in {form.title for form in program_of(program_id).forms}:
        raise Invalid(_("Choose a form of a program from the list."))
    fields = await pdf_forms.fields_of(pdf)
    stored = await files.put(pdf, "pdf")
    async with acting(actor, "form.taken_in") as act:
        earlier = await fetch_one("update blank_form set removed_at = now() where program = $1 and title = $2 and removed_at is null returning id, mapping", program_id, title)
        blank_id = uuid4()
        file_id = await files.keep(stored, PurePath(name.replace("\\", "/")).name[-120:], KIND, account_id=actor.account_id)
        values = {"id": blank_id, "program": program_id, "title": title, "edition": edition, "file_id": file_id, "fields": msgspec.to_builtins(fields),
                  "mapping": earlier["mapping"] if earlier else [], "made_by": actor.account_id}  # fmt: skip
        await insert_many("blank_form", tuple(values), [tuple(values.values())])
        act.record("blank_form", blank_id, after={"program": program_id, "form": title, "edition": edition, "fields": len(fields)})
    return blank_id, earlier["id"] if earlier else None


async def map_fields(actor: Actor, blank_id: UUID, version: int, lines: Sequence[Line]) -> None:
    """What goes into which field. Raises `Invalid` with what is wrong beside each field's place, and `Conflict`."""
    require(actor, Permission.MANAGE_FIELDS)
    async with acting(actor, "form.mapped") as act:
        row = await load(actor, "blank_form", blank_id, for_update=True)
        if row["version"] != version:
            raise Conflict(_("Someone changed this form meanwhile. Look at it again."))
        old, fields = msgspec.convert(row["mapping"], tuple[Line, ...]), msgspec.convert(row["fields"], tuple[Field, ...])
        if wrong := problems(program_of(row["program"]), fields, lines):
            raise Invalid(_("Some fields cannot be filled in like this."), fields={f"source-{place}": what for place, what in wrong.items()})
        if tuple(lines) == old:
            act.unchanged()
            return
        await execute("update blank_form set mapping = $2, version = version + 1, updated_at = now() where id = $1", blank_id, msgspec.to_builtins(lines))
        act.record("blank_form", blank_id, before=_said(old), after=_said(lines))


def problems(program: Program, fields: Sequence[Field], lines: Iterable[Line]) -> dict[int, str]:
    """What is wrong, by the place of the field."""
    known, places = form_filling.sources(program), {each.key: place for place, each in enumerate(fields)}
    found = {places[line.key]: form_filling.problem_of(line, fields[places[line.key]], known) for line in lines if line.key in places}
    return {place: what for place, what in found.items() if what}


def _said(lines: Iterable[Line]) -> dict[str, str]:
    return {" ".join(filter(None, line.key)): " ".join(filter(None, (line.source, line.how, line.part, line.equals))) for line in lines}


async def take_out(actor: Actor, blank_id: UUID) -> None:
    """Out of use; papers that were made with it stay."""
    require(actor, Permission.MANAGE_FIELDS)
    async with acting(actor, "form.taken_out") as act:
        row = await load(actor, "blank_form", blank_id, for_update=True)
        if row["removed_at"] is not None:
            act.unchanged()
            return
        await execute("update blank_form set removed_at = now() where id = $1", blank_id)
        act.record("blank_form", blank_id, before={"form": row["title"], "edition": row["edition"]})


async def put_back(actor: Actor, blank_id: UUID) -> None:
    """In use again, in the place of the edition that is."""
    require(actor, Permission.MANAGE_FIELDS)
    async with acting(actor, "form.put_back") as act:
        row = await load(actor, "blank_form", blank_id, for_update=True)
        if row["removed_at"] is None:
            act.unchanged()
            return
        await execute("update blank_form set removed_at = now() where program = $1 and title = $2 and removed_at is null", row["program"], row["title"])
        await execute("update blank_form set removed_at = null where id = $1", blank_id)
        act.record("blank_form", blank_id, after={"form": row["title"], "edition": row["edition"]})


async def preview(actor: Actor, blank_id: UUID) -> bytes:
    """The form filled with invented values, every box that may be ticked ticked."""
    blank = await one(actor, blank_id)
    values, lines = form_filling.invented(program_of(blank.program), blank.lines)
    found = form_filling.filled(blank.fields, lines, values, form_filling.sources(program_of(blank.program)))
    return await pdf_forms.filled(await body(blank), found.texts, found.marks)


async def body(blank: BlankForm) -> bytes:
    row = await fetch_one("select storage_key from stored_file where id = $1", blank.file_id)
    assert row is not None
    return await files.read(row["storage_key"])
