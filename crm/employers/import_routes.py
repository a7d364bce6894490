"""Pages of imports: choose a file, correct the columns, look at the difference, write, take back."""

import asyncio
import tempfile
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm import audit, files
from crm.access import Actor, Permission, load, visible
from crm.actions import Act, acting, reading
from crm.database import execute, fetch
from crm.employers.columns import EMPLOYER_FIELDS
from crm.employers.importing import actions, bringing
from crm.employers.importing.uploads import on_disk, upload_of
from crm.errors import Conflict, Invalid
from crm.field_values import said
from crm.fields import importing
from crm.sql import Sql
from crm.translation import _, lazy_
from crm.web import AnyRequest, needs, redirect, render
from crm.worded import worded

SHOWN = 50


@get("/imports", guards=[needs(Permission.IMPORT)])
async def list_imports(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    rows = await fetch(
        Sql("select b.*, a.name as by_name from import_batch b left join account a on a.id = b.account_id where {} "
            "order by b.created_at desc limit 50", visible(actor, "import_batch", "b"))  # fmt: skip
    )
    return render(request, "pages/imports/list.html", imports=rows, problem="")


@post("/imports", guards=[needs(Permission.IMPORT)])
async def upload(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """Keep the file, guess its columns, and start the check."""
    found = (await request.form()).get("file")
    if not isinstance(found, UploadFile) or not found.filename:
        raise Invalid(_("Choose a CSV or XLSX file first."))
    body = await found.read()
    name = Path(found.filename).name[:120]
    kind = "xlsx" if body[:4] == b"PK\x03\x04" else "csv"
    try:
        import_id = await _start(actor, body, name, kind)
    except Invalid as problem:
        async with reading(actor):
            return render(request, "pages/imports/list.html", status=422, imports=[], problem=str(problem))
    return redirect(request, f"/imports/{import_id}")


async def _start(actor: Actor, body: bytes, name: str, kind: str) -> UUID:
    with tempfile.NamedTemporaryFile(suffix=f".{kind}") as copy:
        await asyncio.to_thread(copy.write, body)
        copy.flush()
        prepared = await actions.prepare(actor, Path(copy.name), name)
    stored = await files.put(body, kind)
    async with acting(actor, "import.uploaded") as act:
        import_id = await actions.keep(act, prepared)
        file_id = await files.keep(stored, name, "import", board_id=actor.home_board, account_id=actor.account_id)
        job_id = await act.enqueue("employers.check_import", {"import_id": str(import_id)},
                                   title=worded(lazy_("Check %(file)s"), file=name), line=f"import:{import_id}")  # fmt: skip
        await execute("update import_batch set file_id = $2, job_id = $3, state = 'checking' where id = $1",
                      import_id, file_id, job_id)  # fmt: skip
    return import_id


@get("/imports/{import_id:uuid}", guards=[needs(Permission.IMPORT)])
async def show(
    request: AnyRequest, actor: NamedDependency[Actor], import_id: FromPath[UUID], outcome: FromQuery[str] = ""
) -> Response[str]:
    batch = await load(actor, "import_batch", import_id)
    jobs = await fetch("select * from job where id = $1", batch["job_id"]) if batch["job_id"] else []
    rows = await fetch(
        "select row_number, name, state, facts, notes, outcome, reason, before, after, employer_id from import_row "
        f"where import_id = $1 and ($2 = '' or outcome = $2) order by row_number limit {SHOWN}",
        import_id, outcome,
    )  # fmt: skip
    added = await importing.offered(actor)
    titles = {field.name: str(field.title) for field in (*EMPLOYER_FIELDS, *importing.columns(added))}
    return render(
        request, "pages/imports/show.html", block="state", batch=batch, job=jobs[0] if jobs else None, rows=rows,
        fields=list(titles.items()), outcome=outcome, titles=titles, said={importing.name_of(field): partial(said, field) for field in added},
        brought=bringing.told, unsaid=bringing.UNSAID,
    )  # fmt: skip


@post("/imports/{import_id:uuid}/columns", guards=[needs(Permission.IMPORT)])
async def choose_columns(request: AnyRequest, actor: NamedDependency[Actor], import_id: FromPath[UUID]) -> Response[Any]:
    data = await request.form()
    async with reading(actor):
        batch = await load(actor, "import_batch", import_id)
        known = {field.name for field in (*EMPLOYER_FIELDS, *importing.columns(await importing.offered(actor)))}
    mapping = {}
    for place, header in enumerate(batch["headers"]):
        chosen = str(data.get(f"column-{place}", ""))
        mapping[header] = chosen if chosen in known else ""
    update = str(data.get("update", "fill"))
    async with acting(actor, "import.asked") as act:
        await actions.choose_columns(act, import_id, mapping, update=update if update in actions.UPDATES else "fill")
        await _enqueue(act, import_id, "employers.check_import", _("Check %(file)s") % {"file": batch["file_name"]}, "checking")
    return redirect(request, f"/imports/{import_id}")


async def _enqueue(act: Act, import_id: UUID, name: str, title: str, state: str) -> None:
    """The next step of an import, after the one that may still run."""
    job_id = await act.enqueue(name, {"import_id": str(import_id)}, title=title, line=f"import:{import_id}")
    await execute("update import_batch set job_id = $2, state = $3 where id = $1", import_id, job_id, state)
    act.record("import", import_id, after={"job": name})


@post("/imports/{import_id:uuid}/run", guards=[needs(Permission.IMPORT)])
async def run(request: AnyRequest, actor: NamedDependency[Actor], import_id: FromPath[UUID]) -> Response[Any]:
    async with acting(actor, "import.asked") as act:
        batch = await load(actor, "import_batch", import_id, for_update=True)
        if batch["state"] != "checked":
            raise Conflict(_("Check the file first, and look at what it would change."))
        await _enqueue(act, import_id, "employers.run_import", _("Import %(file)s") % {"file": batch["file_name"]}, "importing")
    return redirect(request, f"/imports/{import_id}")


@post("/imports/{import_id:uuid}/revert", guards=[needs(Permission.IMPORT)])
async def revert(request: AnyRequest, actor: NamedDependency[Actor], import_id: FromPath[UUID]) -> Response[Any]:
    async with acting(actor, "import.asked") as act:
        batch = await load(actor, "import_batch", import_id)
        if batch["state"] != "imported":
            raise Conflict(_("This import was not written, so there is nothing to take back."))
        job_id = await act.enqueue("employers.revert_import", {"import_id": str(import_id)},
                                   title=worded(lazy_("Take back %(file)s"), file=batch["file_name"]), line=f"import:{import_id}")  # fmt: skip
        await execute("update import_batch set job_id = $2 where id = $1", import_id, job_id)
        act.record("import", import_id)
    return redirect(request, f"/imports/{import_id}")


@get("/imports/{import_id:uuid}/rejects.csv", guards=[needs(Permission.IMPORT)])
async def rejects(request: AnyRequest, actor: NamedDependency[Actor], import_id: FromPath[UUID]) -> Response[bytes]:
    """The rejected rows as they came, with what to mend; the mended file can be imported again."""
    batch = await load(actor, "import_batch", import_id)
    async with on_disk(await upload_of(actor, batch)) as path:
        out = await actions.rejects(actor, import_id, path)
    await audit.record_disclosure(actor, "import.rejects_exported", subject_kind="import", subject_id=import_id)
    return Response(
        out, media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="to-mend.csv"', "cache-control": "no-store"},
    )  # fmt: skip


HANDLERS = [list_imports, upload, show, choose_columns, run, revert, rejects]
