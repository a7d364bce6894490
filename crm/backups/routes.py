"""The page of backups: what was saved, when it was last proven."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from crm.access import Actor, Permission, visible
from crm.backups import actions
from crm.backups.journal import reached
from crm.database import fetch
from crm.sql import Sql
from crm.translation import _
from crm.web import AnyRequest, needs, program_of, redirect, render


@get("/backups", guards=[needs(Permission.SEE_SETTINGS)])
async def list_backups(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    rows = await fetch(
        Sql("select b.* from backup b where b.dropped_at is null and {} order by b.taken_at desc limit 100",
            visible(actor, "backup", "b"))  # fmt: skip
    )
    proven = next((row["drilled_at"] for row in rows if row["drilled_at"] and not row["problems"]), None)
    return render(request, "pages/backups/list.html", backups=rows, proven=proven, journal=reached(program_of(request).settings.journal_folder))


@post("/backups", guards=[needs(Permission.MANAGE_PLUGINS)])
async def ask(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    job_id = await actions.ask_for_one(actor)
    return redirect(request, f"/jobs/{job_id}", say=_("It runs in the background."))


HANDLERS = [list_backups, ask]
