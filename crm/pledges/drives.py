"""A season's drive, of a board or of the state: begin, change, put away."""

from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, Role, load, may_manage, require, visible
from crm.actions import acting
from crm.database import Record, execute, fetch, fetch_value, update_row
from crm.days import agency_today
from crm.errors import Conflict, Denied, Invalid
from crm.pledges.forms import DriveForm
from crm.sql import FALSE, Sql
from crm.translation import _

FIELDS = ("name_en", "name_es", "first_day", "last_day", "goal")


async def listed(actor: Actor) -> list[Record]:
    """Drives with their slots so far, those that end last first."""
    return await fetch(
        Sql("select d.*, b.name as board, t.* from pledge_drive d left join board b on b.id = d.board_id cross join lateral "
            "(select count(*) as pledges, coalesce(sum(p.slots), 0) as slots, coalesce(sum(p.completed), 0) as completed "
            "from pledge p where p.drive_id = d.id and p.withdrawn_at is null and {}) t where {} "
            "order by d.archived_at is not null, d.last_day desc, d.name_en limit 100",
            visible(actor, "pledge", "p"), visible(actor, "pledge_drive", "d"))  # fmt: skip
    )


async def open_to(actor: Actor, kept: UUID | None = None) -> list[Record]:
    """Drives to which the actor can add a pledge, those that run or come next first; and the one that a pledge is in already."""
    return await fetch(
        Sql("select d.* from pledge_drive d where {} and (d.archived_at is null or {}) order by d.last_day < {}, "
            "d.first_day > {}, d.last_day limit 50",
            visible(actor, "pledge_drive", "d"), Sql("d.id = {}", kept) if kept else FALSE, agency_today(), agency_today())  # fmt: skip
    )


def is_own(actor: Actor, board_id: UUID | None) -> bool:
    """A board's drive is its managers', the state's is the state office's."""
    return may_manage(actor, board_id) if board_id else Role.STATE_ADMIN in actor.roles


async def add(actor: Actor, form: DriveForm) -> UUID:
    """A drive of one's board; of the state, for the state office."""
    require(actor, Permission.MANAGE_PIPELINES)
    _check(form)
    async with acting(actor, "pledge_drive.added") as act:
        drive_id: UUID = await fetch_value(
            "insert into pledge_drive (board_id, name_en, name_es, first_day, last_day, goal, made_by) values ($1, $2, $3, $4, $5, $6, $7) returning id",
            actor.home_board, *_values(form).values(), actor.account_id,
        )  # fmt: skip
        act.record("pledge_drive", drive_id, board_id=actor.home_board, after=_values(form))
    return drive_id


async def change(actor: Actor, drive_id: UUID, form: DriveForm) -> None:
    """Raises `Conflict` when someone changed it meanwhile."""
    _check(form)
    async with acting(actor, "pledge_drive.changed") as act:
        old = await _own(actor, drive_id)
        if old["version"] != form.version:
            raise Conflict(_("Someone changed this drive meanwhile. Look at it again."))
        after = _values(form)
        before = {key: old[key] for key in after if old[key] != after[key]}
        if not before:
            act.unchanged()
            return
        changed = {key: after[key] for key in before}
        await update_row("pledge_drive", drive_id, changed)
        act.record("pledge_drive", drive_id, board_id=old["board_id"], before=before, after=changed)


async def put_away(actor: Actor, drive_id: UUID, *, restore: bool = False) -> None:
    """Off the lists to choose from. Its pledges stay, and stay counted."""
    async with acting(actor, "pledge_drive.restored" if restore else "pledge_drive.put_away") as act:
        old = await _own(actor, drive_id)
        if (old["archived_at"] is None) is restore:
            act.unchanged()
            return
        await execute("update pledge_drive set archived_at = case when $2 then null else now() end, version = version + 1 where id = $1", drive_id, restore)
        act.record("pledge_drive", drive_id, board_id=old["board_id"])


def _values(form: DriveForm) -> dict[str, Any]:
    return {name: getattr(form, name) for name in FIELDS}


def _check(form: DriveForm) -> None:
    if form.last_day < form.first_day:
        message = _("The last day comes before the first.")
        raise Invalid(message, fields={"last_day": message})
    if (form.last_day - form.first_day).days > 1100:
        message = _("A drive lasts three years at most.")
        raise Invalid(message, fields={"last_day": message})


async def _own(actor: Actor, drive_id: UUID) -> dict[str, Any]:
    require(actor, Permission.MANAGE_PIPELINES)
    drive = await load(actor, "pledge_drive", drive_id, for_update=True)
    if not is_own(actor, drive["board_id"]):
        raise Denied(_("This drive is the state's, or another board's. Ask those who run it."))
    return drive
