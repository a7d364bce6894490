"""The towns of the state: which county and board each is in, how we know it, and correcting one in place."""

from datetime import date
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, may_manage, require, visible
from crm.actions import Act, acting
from crm.boards.forms import MunicipalityCorrection
from crm.database import Record, fetch, fetch_value
from crm.errors import Denied, Invalid
from crm.folding import fold
from crm.places import counties
from crm.sql import Sql
from crm.translation import _, lazy_
from crm.worded import worded

JOB = "boards.assign_place"
TO_REVIEW = ("recalled", "second_hand")


async def listed(
    actor: Actor, state: str, *, name: str = "", board_id: UUID | None = None, county: str = "", review: bool = False,
    only: UUID | None = None,
) -> list[Record]:
    """The towns as they stand today, by name; `only` that one."""
    rows: list[Record] = await fetch(
        Sql(
            "select t.*, b.name as board_name, a.name as changed_by_name from territory t join board b on b.id = t.board_id "
            "left join account a on a.id = t.changed_by where t.kind = 'municipality' and t.state = {} and t.valid_to is null "
            "and ({} = '' or t.place_key like {} || '%') and ({}::uuid is null or t.board_id = {}) and ({} = '' or t.county = {}) "
            "and (not {} or t.review_status = any({})) and ({}::uuid is null or t.id = {}) and {} order by t.name limit 1000",
            state, fold(name), fold(name), board_id, board_id, county, county, review, list(TO_REVIEW), only, only,
            visible(actor, "territory", "t"),
        )  # fmt: skip
    )
    return rows


def county_names(state: str, on: date) -> list[str]:
    return sorted(county.name.removesuffix(" County") for county in counties(state, on))


async def would_move(actor: Actor, place: dict[str, Any], board_id: UUID) -> int:
    """How many worksites go to that board with the town. Those that staff set by hand stay."""
    if place["board_id"] == board_id:
        return 0
    found: int = await fetch_value(
        Sql(
            "select count(*) from establishment e where e.board_territory_id = {} and e.board_set_by is null and {}",
            place["id"], visible(actor, "establishment", "e"),
        )  # fmt: skip
    )
    return found


async def require_correction(actor: Actor, place: dict[str, Any], board_id: UUID) -> None:
    """Raises for those who manage neither board, for an entry that has ended, and for what is no town."""
    require(actor, Permission.EDIT_BOARDS)
    if not (may_manage(actor, place["board_id"]) or may_manage(actor, board_id)):
        raise Denied(_("Only the managers of the two boards concerned, or the state office, correct a town."))
    if place["valid_to"] is not None or place["kind"] != "municipality":
        raise Invalid(_("This entry has ended already. Correct the one that holds today."))


async def correct(actor: Actor, territory_id: UUID, form: MunicipalityCorrection, *, today: date) -> UUID:
    """A town's board and county from today on; the new entry's id. The old one stays, ended; a job moves the worksites.

    A network's data that come again leave an entry of staff as it is.
    """
    require(actor, Permission.EDIT_BOARDS)
    async with acting(actor, "territory.corrected") as act:
        old = await load(actor, "territory", territory_id, for_update=True)
        await require_correction(actor, old, form.board_id)
        await load(actor, "board", form.board_id)
        if form.county not in county_names(old["state"], today):
            raise Invalid("", fields={"county": _("The state has no such county.")})
        return await _replace(act, old, form, today)


async def _replace(act: Act, old: dict[str, Any], form: MunicipalityCorrection, today: date) -> UUID:
    await fetch_value(
        "update territory set valid_to = greatest($2::date - 1, valid_from) where id = $1 returning id", old["id"], today
    )
    new_id: UUID = await fetch_value(
        "insert into territory (board_id, kind, name, place_key, county, state, valid_from, source, review_status, "
        "note, changed_by) values ($1, $2, $3, $4, $5, $6, $7, $8, 'entered', $9, $10) returning id",
        form.board_id, old["kind"], old["name"], old["place_key"], form.county, old["state"], today, form.source, form.note,
        act.actor.account_id,
    )  # fmt: skip
    act.record("territory", new_id, board_id=form.board_id,
               before={key: old[key] for key in ("board_id", "county", "review_status", "source")},
               after={"board_id": form.board_id, "county": form.county, "review_status": "entered", "source": form.source,
                      "note": form.note})  # fmt: skip
    act.event("territory_corrected", territory_id=new_id)
    await act.enqueue(JOB, {"territory_id": str(new_id)}, title=worded(lazy_("Worksites in %(place)s"), place=old["name"]),
                      key=f"{JOB}:{new_id}", board_id=form.board_id)  # fmt: skip
    return new_id
