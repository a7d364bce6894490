"""Say how many establishments there are, and ask for a new count."""

from datetime import date
from uuid import UUID

from crm.access import Actor, Permission, Role, load, require
from crm.actions import acting
from crm.database import fetch_value
from crm.errors import Denied, Invalid, NotFound
from crm.reporting import showing
from crm.reporting.forms import TotalForm
from crm.translation import _, lazy_
from crm.worded import worded


async def enter_total(actor: Actor, form: TotalForm, today: date) -> UUID:
    """Of a board's area, or of the state. An earlier entry stays on record; the latest counts."""
    if Role.STATE_ADMIN not in actor.roles:
        raise Denied(_("The state office says how many establishments there are."))
    if form.as_of > today:
        message = _("This day is still to come.")
        raise Invalid(message, fields={"as_of": message})
    async with acting(actor, "establishments.totalled") as act:
        if form.board_id is not None:
            await load(actor, "board", form.board_id)
        total_id: UUID = await fetch_value(
            "insert into establishment_total (board_id, establishments, source, as_of, entered_by) values ($1, $2, $3, $4, $5) returning id",
            form.board_id, form.establishments, form.source, form.as_of, actor.account_id,
        )  # fmt: skip
        act.record("establishment_total", total_id, board_id=form.board_id, after={"establishments": form.establishments, "source": form.source,
                                                                                   "as_of": form.as_of})  # fmt: skip
    return total_id


async def ask_for_count(actor: Actor) -> UUID:
    """Count anew in the background, for all; one that waits already is enough."""
    require(actor, Permission.SEE_PIPELINE)
    async with acting(actor, "report.asked") as act:
        job_id = await act.enqueue("reporting.count", {}, title=worded(lazy_("Count the reports")), line="reporting.count")
        act.record("report", None)
    return job_id


async def ask_for_paper(actor: Actor, board_id: UUID | None, language: str) -> UUID:
    """The report as a PDF, made in the background; its job."""
    require(actor, Permission.SEE_PIPELINE)
    board_id = showing.whose(actor, board_id)
    if not showing.sees(actor, board_id):
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    async with acting(actor, "report.paper_asked") as act:
        given = {"board_id": str(board_id) if board_id else None, "language": language}
        job_id = await act.enqueue("reporting.paper", given, title=worded(lazy_("Make the report as a PDF")), board_id=board_id)
        act.record("report", board_id, board_id=board_id)
    return job_id
