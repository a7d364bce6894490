"""A mail to many: made from the filters of a pipeline, looked at, started, paused, stopped; what is uncertain is decided by a person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, may_work_for, require, visible
from crm.actions import Act, acting
from crm.database import Record, execute, fetch, fetch_value
from crm.engagements import pipeline
from crm.errors import Conflict, Denied, Invalid
from crm.mail import current_settings
from crm.outreach.forms import MailingForm
from crm.outreach.leaving import mail_is_not_set_up, no_address
from crm.sql import Sql
from crm.translation import _, lazy_
from crm.worded import worded

TYPED_ABOVE = 50  # more mails than this leave only when their number was typed
PAGE = 100


async def make(actor: Actor, form: MailingForm, filters: pipeline.Filters) -> UUID:
    """A draft from one's board's pipeline; who gets it is worked out in the background."""
    require(actor, Permission.WORK_PIPELINE)
    board_id = filters.board or actor.home_board
    if board_id is None or not may_work_for(actor, board_id):
        raise Denied(_("You write for your own board."))
    async with acting(actor, "mailing.made") as act:
        return await keep(act, board_id, form.name, form.template_id, chosen(filters, form.who))


def chosen(filters: pipeline.Filters, who: str) -> dict[str, Any]:
    """The filters of a pipeline and who at each employer, as a mailing keeps them."""
    kept = {name: getattr(filters, name) for name in ("pipeline", "owner", "due", "waiting", "sector", "q")}
    return kept | {"stage": filters.stage and str(filters.stage), "who": who}


async def keep(act: Act, board_id: UUID, name: str, template_id: UUID, whom: Mapping[str, Any], *, event_id: UUID | None = None) -> UUID:
    """A draft with the words of a template, inside the open action; to the guests of an event, where one is named."""
    words = await load(act.actor, "email_template", template_id)
    mailing_id: UUID = await fetch_value(
        "insert into mailing (board_id, name, subject_en, body_en, subject_es, body_es, chosen, event_id, made_by) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id",
        board_id, name, words["subject_en"], words["body_en"], words["subject_es"], words["body_es"], dict(whom), event_id, act.actor.account_id,
    )  # fmt: skip
    act.record("mailing", mailing_id, board_id=board_id, after={"name": name})
    await act.enqueue("outreach.prepare", {"mailing_id": str(mailing_id)}, title=worded(lazy_("Mailing: %(name)s"), name=name),
                      key=f"mailing:{mailing_id}", board_id=board_id)  # fmt: skip
    return mailing_id


async def start(actor: Actor, mailing_id: UUID, typed: int) -> None:
    """Let it leave. Above a number, how many mails that are must be typed."""
    async with acting(actor, "mailing.started") as act:
        mailing = await own(actor, mailing_id)
        if mailing["state"] not in ("draft", "paused"):
            raise Conflict(_("This mailing has left already, or was stopped. Look at it again."))
        waiting = (await counts(mailing_id)).get("queued", 0)
        if not waiting:
            raise Invalid(_("No one is left to write to."))
        if mailing["state"] == "draft" and waiting > TYPED_ABOVE and typed != waiting:
            message = _("This will write to %(count)s people. Type that number to let it leave.") % {"count": waiting}
            raise Invalid(message, fields={"count": message})
        if not await fetch_value("select address from board where id = $1", mailing["board_id"]):
            raise Invalid(no_address())
        if not current_settings().smtp_url:
            raise Invalid(mail_is_not_set_up())
        await execute("update mailing set state = 'sending', started_at = coalesce(started_at, now()) where id = $1", mailing_id)
        await let_leave(act, mailing)
        act.record("mailing", mailing_id, board_id=mailing["board_id"], before={"state": mailing["state"]}, after={"state": "sending", "mails": waiting})


async def let_leave(act: Act, mailing: Mapping[str, Any], *, opening: datetime | None = None) -> None:
    """Add the work that sends it, after what is at it already: a job that is just ending is no reason for having none."""
    line = f"mailing:{mailing['id']}"
    await act.enqueue("outreach.send", {"mailing_id": str(mailing["id"])}, title=worded(lazy_("Mailing: %(name)s"), name=mailing["name"]), line=line,
                      key=f"{line}:{opening:%Y%m%d}" if opening else None, board_id=mailing["board_id"], run_after=opening)  # fmt: skip


async def hold(actor: Actor, mailing_id: UUID, *, for_good: bool = False) -> None:
    """Pause it, or stop it: the mail that is being sent ends, no other begins."""
    async with acting(actor, "mailing.stopped" if for_good else "mailing.paused") as act:
        mailing = await own(actor, mailing_id)
        if mailing["state"] not in (("draft", "sending", "paused", "preparing") if for_good else ("sending",)):
            raise Conflict(_("This mailing has ended. Look at it again."))
        state = "stopped" if for_good else "paused"
        await execute("update mailing set state = $2, ended_at = case when $2 = 'stopped' then now() end where id = $1", mailing_id, state)
        if for_good:
            await execute("update mailing_recipient set state = 'stopped' where mailing_id = $1 and state = 'queued'", mailing_id)
        act.record("mailing", mailing_id, board_id=mailing["board_id"], before={"state": mailing["state"]}, after={"state": state})


async def counts(mailing_id: UUID) -> dict[str, int]:
    rows = await fetch("select state, count(*) as count from mailing_recipient where mailing_id = $1 group by 1", mailing_id)
    return {row["state"]: row["count"] for row in rows}


async def recipients(actor: Actor, mailing_id: UUID, state: str, after: UUID | None) -> list[Record]:
    return await fetch(
        Sql(f"select r.*, e.name as employer_name, c.given_name, c.family_name from mailing_recipient r "
            f"join employer e on e.id = r.employer_id and {{}} join contact c on c.id = r.contact_id and {{}} "
            f"where r.mailing_id = {{}} and ({{}} = '' or r.state = {{}}) and ({{}}::uuid is null or r.id > {{}}) and {{}} order by r.id limit {PAGE}",
            visible(actor, "employer", "e"), visible(actor, "contact", "c"), mailing_id, state, state, after, after,
            visible(actor, "mailing_recipient", "r"))  # fmt: skip
    )


async def own(actor: Actor, mailing_id: UUID) -> dict[str, Any]:
    require(actor, Permission.WORK_PIPELINE)
    mailing = await load(actor, "mailing", mailing_id, for_update=True)
    if not may_work_for(actor, mailing["board_id"]):
        raise Denied(_("You write for your own board."))
    return mailing
