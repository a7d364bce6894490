"""The area of a board: the regions it belongs to and the places it serves, each from a day to a day."""

from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from crm.access import Actor, Permission, load, require
from crm.actions import Act, acting
from crm.boards import assigning
from crm.boards.forms import PlaceForm, RegionForm
from crm.boards.known_places import known_place
from crm.boards.reaching import require_management
from crm.database import execute, fetch_one, fetch_value
from crm.errors import Invalid
from crm.translation import _, lazy_, long_day
from crm.worded import worded

JOB = "boards.assign"


def _check_days(first: date, last: date | None) -> None:
    if last is not None and last < first:
        message = _("The last day is before the first.")
        raise Invalid(message, fields={"valid_to": message})


async def join_region(actor: Actor, board_id: UUID, form: RegionForm, *, state: str) -> UUID:
    """Put the board into a region of this kind and name; the membership's id. A region that is new is made."""
    require(actor, Permission.EDIT_BOARDS)
    require_management(actor, board_id)
    _check_days(form.valid_from, form.valid_to)
    async with acting(actor, "board.region_joined") as act:
        await load(actor, "board", board_id, for_update=True)
        region_id = await fetch_value(
            "insert into region (kind, state, code, name, source, review_status) values ($1, $2, fold($3), $3, '', 'entered') "
            "on conflict (kind, state, code) do update set name = region.name returning id",
            form.kind, state, form.name,
        )  # fmt: skip
        taken = await fetch_one(
            "select valid_from, valid_to from board_region where board_id = $1 and region_id = $2 "
            "and valid_from <= coalesce($4, 'infinity'::date) and coalesce(valid_to, 'infinity') >= $3 limit 1",
            board_id, region_id, form.valid_from, form.valid_to,
        )  # fmt: skip
        if taken is not None:
            message = _("The board is in this region on some of these days already: %(days)s.") % {"days": _span(taken)}
            raise Invalid(message, fields={"valid_from": message})
        joined: UUID = await fetch_value(
            "insert into board_region (board_id, region_id, valid_from, valid_to) values ($1, $2, $3, $4) returning id",
            board_id, region_id, form.valid_from, form.valid_to,
        )  # fmt: skip
        act.record("board_region", joined, board_id=board_id,
                   after={"kind": form.kind, "name": form.name, "valid_from": form.valid_from, "valid_to": form.valid_to})  # fmt: skip
    return joined


async def leave_region(actor: Actor, membership_id: UUID, last: date) -> UUID:
    """End a membership on a day; the board's id."""
    require(actor, Permission.EDIT_BOARDS)
    async with acting(actor, "board.region_left") as act:
        old = await load(actor, "board_region", membership_id, for_update=True)
        board_id: UUID = old["board_id"]
        require_management(actor, board_id)
        _check_days(old["valid_from"], last)
        await execute("update board_region set valid_to = $2 where id = $1", membership_id, last)
        act.record("board_region", membership_id, board_id=board_id, before={"valid_to": old["valid_to"]}, after={"valid_to": last})
    return board_id


async def serve_place(actor: Actor, board_id: UUID, form: PlaceForm, *, state: str, today: date, zone: str) -> UUID:
    """Let the board serve a place; the territory's id. Establishments there follow on the first day.

    Raises `Invalid` for a place that is not known, and for one that a board serves on some of these days.
    """
    require(actor, Permission.EDIT_BOARDS)
    require_management(actor, board_id)
    _check_days(form.valid_from, form.valid_to)
    async with acting(actor, "territory.added") as act:
        await execute("lock table territory in share row exclusive mode")  # two people must not enter one place at once
        await load(actor, "board", board_id)
        place = await known_place(form.kind, form.name, state, form.valid_from)
        await _refuse_overlap(form, state, place.key)
        territory_id: UUID = await fetch_value(
            "insert into territory (board_id, kind, name, place_key, county, state, valid_from, valid_to, source, "
            "review_status, changed_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'entered', $10) returning id",
            board_id, form.kind, place.name, place.key, place.county, state, form.valid_from, form.valid_to, form.source,
            actor.account_id,
        )  # fmt: skip
        act.record("territory", territory_id, board_id=board_id,
                   after={"kind": form.kind, "name": place.name, "valid_from": form.valid_from, "valid_to": form.valid_to})  # fmt: skip
        await assigning.assign_in(state, form.kind, place.key, today)
        await _assign_later(act, [form.valid_from, form.valid_to], today, zone)
    return territory_id


async def _refuse_overlap(form: PlaceForm, state: str, place_key: str) -> None:
    taken = await fetch_one(
        "select t.valid_from, t.valid_to, b.name from territory t join board b on b.id = t.board_id "
        "where t.kind = $1 and t.state = $2 and t.place_key = $3 "
        "and t.valid_from <= coalesce($5, 'infinity'::date) and coalesce(t.valid_to, 'infinity') >= $4 "
        "order by t.valid_to desc nulls first limit 1",
        form.kind, state, place_key, form.valid_from, form.valid_to,
    )  # fmt: skip
    if taken is not None:
        message = _(
            "%(board)s serves this place on some of these days: %(days)s. End that entry first, or choose other days."
        ) % {"board": taken["name"], "days": _span(taken)}
        raise Invalid(message, fields={"name": message})


async def stop_serving(actor: Actor, territory_id: UUID, last: date, *, today: date, zone: str) -> UUID:
    """End a territory on a day; the board's id. Establishments there are assigned anew on the day after."""
    require(actor, Permission.EDIT_BOARDS)
    async with acting(actor, "territory.ended") as act:
        await execute("lock table territory in share row exclusive mode")
        old = await load(actor, "territory", territory_id, for_update=True)
        board_id: UUID = old["board_id"]
        require_management(actor, board_id)
        _check_days(old["valid_from"], last)
        if old["valid_to"] is not None and old["valid_to"] < today:
            raise Invalid(_("This entry has ended already."))
        await execute(
            "update territory set valid_to = $2, review_status = 'entered', changed_by = $3 where id = $1",
            territory_id, last, actor.account_id,
        )  # fmt: skip
        act.record("territory", territory_id, board_id=board_id, before={"valid_to": old["valid_to"]}, after={"valid_to": last})
        await assigning.assign_in(old["state"], old["kind"], old["place_key"], today)
        await _assign_later(act, [None, last], today, zone)
    return board_id


async def _assign_later(act: Act, days: list[date | None], today: date, zone: str) -> None:
    """A job for each day still to come on which this entry begins or has just ended."""
    first, last = days
    changes = [first, date.fromordinal(last.toordinal() + 1) if last else None]
    for day in changes:
        if day is not None and day > today:
            await act.enqueue(JOB, {"on": day.isoformat()}, title=worded(lazy_("Areas of boards as of %(day)s"), day=day),
                              key=f"{JOB}:{day}", run_after=datetime.combine(day, time(), ZoneInfo(zone)))  # fmt: skip


def _span(entry: object) -> str:
    first, last = entry["valid_from"], entry["valid_to"]  # type: ignore[index]
    if last is None:
        return _("since %(day)s") % {"day": long_day(first)}
    return f"{long_day(first)} – {long_day(last)}"
