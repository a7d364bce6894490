"""What a person decides of a message: where it belongs, that it belongs nowhere, that it is read again, who reads along."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, Role, load, may, require
from crm.actions import acting
from crm.correspondence.filing import put_on_timeline
from crm.correspondence.forms import AsideForm, FileForm, SharedWithForm
from crm.correspondence.keeping import enqueue
from crm.correspondence.rules import Filing
from crm.database import Record, execute, fetch, fetch_value
from crm.errors import Conflict, Denied, Invalid
from crm.translation import _

OPEN = ("filed", "waiting", "ignored", "automatic", "bounce", "complaint", "quarantined")  # a person may decide anew


async def file_by_hand(actor: Actor, email_id: UUID, form: FileForm) -> None:
    """Where a person says that it belongs; whatever was before is taken off the timeline."""
    async with acting(actor, "email.filed_by_hand") as act:
        email = await _mine(actor, email_id)
        await load(actor, "employer", form.employer_id)
        await _check_contact(form)
        board_id = actor.home_board or await _only_board(form.employer_id)
        await _take_off(email_id)
        writer = actor.account_id if form.direction == "out" else email["account_id"]
        await put_on_timeline(act, email_id, Filing(form.employer_id, form.contact_id, board_id), direction=form.direction, by=writer)
        await _settle(actor, email_id, "filed", "by_hand", direction=form.direction, board_id=board_id)
        await execute(
            "insert into email_reader (email_id, board_id, how) select $1, $2, 'filed' where not exists (select from email_reader where email_id = $1)",
            email_id, board_id,
        )  # fmt: skip
        act.record("email", email_id, board_id=board_id, employer_id=form.employer_id, before={"state": email["state"]}, after={"state": "filed"})


async def _check_contact(form: FileForm) -> None:
    if form.contact_id is not None and not await fetch_value(
        "select exists (select from affiliation where contact_id = $1 and employer_id = $2)", form.contact_id, form.employer_id
    ):
        message = _("This person is not known at this employer. Add them there first.")
        raise Invalid(message, fields={"contact_id": message})


async def _only_board(employer_id: UUID) -> UUID:
    boards: list[Record] = await fetch("select distinct board_id from engagement where employer_id = $1 and archived_at is null", employer_id)
    if len(boards) != 1:
        raise Invalid(_("It must be clear which board works with this employer. Ask that board to file it, or start the work there first."))
    only: UUID = boards[0]["board_id"]
    return only


async def put_aside(actor: Actor, email_id: UUID, form: AsideForm) -> None:
    """It belongs nowhere, or no one should open it. It is taken off the timeline and kept."""
    async with acting(actor, "email.put_aside") as act:
        email = await _mine(actor, email_id)
        await _take_off(email_id)
        await _settle(actor, email_id, form.to, "put_aside")
        act.record("email", email_id, board_id=email["board_id"], before={"state": email["state"]}, after={"state": form.to})


async def bring_back(actor: Actor, email_id: UUID) -> None:
    """Off the timeline and among those that wait for a person."""
    async with acting(actor, "email.brought_back") as act:
        email = await _mine(actor, email_id)
        if email["state"] == "waiting":
            act.unchanged()
            return
        await _take_off(email_id)
        await _settle(actor, email_id, "waiting", "brought_back")
        act.record("email", email_id, board_id=email["board_id"], before={"state": email["state"]}, after={"state": "waiting"})


async def read_again(actor: Actor, email_id: UUID) -> None:
    """From its bytes, as the directory is now."""
    async with acting(actor, "email.read_again") as act:
        email = await _mine(actor, email_id, but=("duplicate",))
        await _take_off(email_id)
        await _settle(actor, email_id, "kept", "")
        await enqueue(act, email_id)
        act.record("email", email_id, board_id=email["board_id"], before={"state": email["state"]}, after={"state": "kept"})


async def look_at(actor: Actor, email_id: UUID, *, undo: bool = False) -> None:
    """The actor has seen it, or wants it among the new ones again."""
    async with acting(actor, "email.unseen" if undo else "email.seen") as act:
        await load(actor, "email_text", email_id)
        changed = await execute(
            "update email_reader set seen_at = case when $4 then null else now() end where email_id = $1 and (account_id = $2 or board_id = any($3)) "
            "and (seen_at is null) <> $4", email_id, actor.account_id, sorted(actor.board_ids, key=str), undo,
        )  # fmt: skip
        if changed:
            act.record("email", email_id)
        else:
            act.unchanged()


async def may_decide(actor: Actor, email_id: UUID) -> bool:
    """Who took part; and of what came to no one, the state office."""
    took: bool = await fetch_value(
        "select exists (select from email_reader where email_id = $1 and (account_id = $2 or board_id = any($3))) "
        "or $4 and not exists (select from email_reader where email_id = $1)",
        email_id, actor.account_id, sorted(actor.board_ids, key=str), Role.STATE_ADMIN in actor.roles,
    )  # fmt: skip
    return took and may(actor, Permission.WORK_PIPELINE)


async def _mine(actor: Actor, email_id: UUID, *, but: tuple[str, ...] = ()) -> dict[str, Any]:
    require(actor, Permission.WORK_PIPELINE)
    email = await load(actor, "email", email_id, for_update=True)
    if email["state"] not in (*OPEN, *but):
        raise Conflict(_("Nothing can be decided of this message now. Look at it again."))
    await load(actor, "email_text", email_id)
    if not await may_decide(actor, email_id):
        raise Denied(_("You may read along; those who took part decide."))
    return email


async def _take_off(email_id: UUID) -> None:
    await execute("update activity set removed_at = now(), version = version + 1 where removed_at is null and id in "
                  "(select activity_id from email_filing where email_id = $1)", email_id)  # fmt: skip
    await execute("delete from email_filing where email_id = $1", email_id)


async def _settle(actor: Actor, email_id: UUID, state: str, reason: str, *, direction: str | None = None, board_id: UUID | None = None) -> None:
    await execute(
        "update email set state = $2, reason = $3, reason_values = '{}', direction = coalesce($4, direction), board_id = coalesce($5, board_id), "
        "decided_at = now(), decided_by = $6, version = version + 1 where id = $1", email_id, state, reason, direction, board_id, actor.account_id,
    )  # fmt: skip


# ── who reads along ──


async def share(actor: Actor, email_id: UUID, form: SharedWithForm, today: date) -> UUID:
    """Let a colleague or one's board read this conversation, as far as one took part in it oneself, until a day."""
    require(actor, Permission.WORK_PIPELINE)
    if not today <= form.until <= today + timedelta(days=366):
        message = _("Choose a day within the next year.")
        raise Invalid(message, fields={"until": message})
    async with acting(actor, "email.shared") as act:
        thread = await _own_thread(actor, email_id)
        board_id = actor.home_board if form.with_whom == "board" else None
        account_id = None if board_id else await _colleague(actor, form.with_whom)
        share_id: UUID = await fetch_value(
            "insert into email_share (thread, account_id, board_id, purpose, until, made_by) values ($1, $2, $3, $4, $5, $6) returning id",
            thread, account_id, board_id, form.purpose, form.until, actor.account_id,
        )  # fmt: skip
        act.record("email_share", share_id, board_id=actor.home_board, after={"with": account_id or board_id, "until": form.until})
    return share_id


async def _own_thread(actor: Actor, email_id: UUID) -> str:
    email = await load(actor, "email", email_id)
    if not await fetch_value("select exists (select from email_reader where email_id = $1 and account_id = $2)", email_id, actor.account_id):
        raise Denied(_("Only someone who took part lets others read along."))
    if not email["thread"]:
        raise Invalid(_("This message does not say which conversation it belongs to, so it cannot be shared."))
    return str(email["thread"])


async def _colleague(actor: Actor, chosen: str) -> UUID:
    found: UUID | None = await fetch_value(
        "select a.id from account a where a.id::text = $1 and a.id <> $3 and a.disabled_at is null and exists (select from role_grant g "
        "where g.account_id = a.id and g.revoked_at is null and g.board_id = any($2))", chosen, sorted(actor.board_ids, key=str), actor.account_id,
    )  # fmt: skip
    if found is None:
        message = _("Choose a colleague of your board.")
        raise Invalid(message, fields={"with_whom": message})
    return found


async def end_share(actor: Actor, share_id: UUID) -> None:
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "email.share_ended") as act:
        row = await load(actor, "email_share", share_id, for_update=True)
        if row["made_by"] != actor.account_id:
            raise Denied(_("Only the person who shares it ends it."))
        if row["revoked_at"] is not None:
            act.unchanged()
            return
        await execute("update email_share set revoked_at = now() where id = $1", share_id)
        act.record("email_share", share_id, board_id=actor.home_board)
