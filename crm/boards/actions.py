"""Boards and territories: bring in a network's dated data, correct a place, add partners."""

from datetime import date, timedelta
from uuid import UUID

from crm.access import Actor, Permission, load, may_work_for, require
from crm.actions import Act, acting
from crm.boards import assigning
from crm.boards.forms import TerritoryCorrection
from crm.database import Record, execute, execute_many, fetch, fetch_one, fetch_value
from crm.errors import Denied, Invalid
from crm.rulebook.networks import Network
from crm.translation import _


async def adopt_network(actor: Actor, network: Network) -> int:
    """Bring a network's boards, regions and territories in; the number of territories that changed.

    What staff corrected stays. Running it again with the same data changes nothing.
    """
    require(actor, Permission.EDIT_TERRITORIES)
    async with acting(actor, "network.adopted") as act:
        boards = await _adopt_boards(network)
        await _adopt_regions(network, boards)
        changed = await _adopt_territories(network, boards)
        await execute_many(
            "insert into place_alias (state, alias_key, place_key) values ($1, fold($2), fold($3)) on conflict do nothing",
            [(network.state, alias, name) for alias, name in network.aliases.items()],
        )
        if not changed:
            act.unchanged()
            return 0
        await assigning.assign_all_boards()
        act.record("network", None, after={"network": network.id, "boards": len(boards), "territories": changed})
        act.event("network_adopted", network=network.id)
    return changed


async def _adopt_boards(network: Network) -> dict[str, UUID]:
    for board in network.boards:
        await execute(
            "insert into board (code, name, public_name, network, website, source, review_status) "
            "values ($1, $2, $3, $4, $5, $6, $7) on conflict (code) do update set "
            "name = excluded.name, public_name = excluded.public_name, source = excluded.source, "
            "website = case when board.website = '' then excluded.website else board.website end "
            "where board.review_status <> 'entered' and (board.name, board.public_name, board.source) is distinct from "
            "(excluded.name, excluded.public_name, excluded.source)",
            board.code, board.name, board.public_name, network.name, board.url, board.source, board.review_status,
        )  # fmt: skip
    rows = await fetch("select code, id from board where code = any($1)", [board.code for board in network.boards])
    return {row["code"]: row["id"] for row in rows}


async def _adopt_regions(network: Network, boards: dict[str, UUID]) -> None:
    for board in network.boards:
        region_id = await fetch_value(
            "insert into region (kind, state, code, name, source) values ('planning', $1, fold($2), $2, $3) "
            "on conflict (kind, state, code) do update set name = excluded.name returning id",
            network.state, board.region, network.source,
        )  # fmt: skip
        await execute(
            "insert into board_region (board_id, region_id, valid_from) select $1, $2, $3 where not exists "
            "(select from board_region where board_id = $1 and region_id = $2)",
            boards[board.code], region_id, network.valid_from,
        )  # fmt: skip


async def _adopt_territories(network: Network, boards: dict[str, UUID]) -> int:
    current = {
        (row["kind"], row["place_key"]): row
        for row in await fetch(
            "select distinct on (kind, place_key) * from territory where state = $1 and "
            "(valid_to is null or review_status = 'entered') order by kind, place_key, valid_to desc nulls first",
            network.state,
        )
    }
    fresh = []
    for place in network.territories:
        place_key = await fetch_value("select fold($1)", place.name) if not place.name.isascii() else place.name.lower()
        known = current.get((place.kind, place_key))
        if known is not None and (known["review_status"] == "entered" or known["board_id"] == boards[place.board]):
            continue
        if known is not None:
            await _end(known, place.valid_from)
        fresh.append(
            (boards[place.board], place.kind, place.name, place_key, place.county, network.state, place.valid_from,
             place.valid_to, place.source, place.review_status)
        )  # fmt: skip
    await execute_many(
        "insert into territory (board_id, kind, name, place_key, county, state, valid_from, valid_to, source, "
        "review_status) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        fresh,
    )
    return len(fresh)


async def _end(territory: Record, successor_from: date) -> None:
    last = max(successor_from - timedelta(days=1), territory["valid_from"])
    await execute("update territory set valid_to = $2 where id = $1", territory["id"], last)


async def correct_territory(actor: Actor, territory_id: UUID, form: TerritoryCorrection, today: date) -> UUID:
    """Give a place to another board, or confirm its board, from a day on; the new row's id. The old one stays, ended."""
    require(actor, Permission.EDIT_TERRITORIES)
    async with acting(actor, "territory.corrected") as act:
        old = await load(actor, "territory", territory_id, for_update=True)
        if old["valid_to"] is not None:
            raise Invalid(_("This entry has ended already. Correct the one that holds today."))
        if not (may_work_for(actor, old["board_id"]) or may_work_for(actor, form.board_id)):
            raise Denied(_("Only the two boards concerned, or the state office, correct a place."))
        await load(actor, "board", form.board_id)
        new_id = await _replace(act, old, form, today)
        await assigning.reassign(old["id"], new_id)
        act.record("territory", new_id, board_id=form.board_id,
                   before={"board_id": old["board_id"], "review_status": old["review_status"]},
                   after={"board_id": form.board_id, "review_status": "entered", "note": form.note})  # fmt: skip
        act.event("territory_corrected", territory_id=new_id)
    return new_id


async def _replace(act: Act, old: dict, form: TerritoryCorrection, today: date) -> UUID:  # type: ignore[type-arg]
    await execute("update territory set valid_to = greatest($2::date - 1, valid_from) where id = $1", old["id"], today)
    new_id: UUID = await fetch_value(
        "insert into territory (board_id, kind, name, place_key, county, state, valid_from, source, review_status, "
        "note, changed_by) values ($1, $2, $3, $4, $5, $6, $7, $8, 'entered', $9, $10) returning id",
        form.board_id, old["kind"], old["name"], old["place_key"], old["county"], old["state"], today,
        form.source, form.note, act.actor.account_id,
    )  # fmt: skip
    return new_id


async def board_by_code(actor: Actor, code: str) -> Record:
    """The board of this code. Raises `Invalid` naming the codes there are."""
    found = await fetch_one("select * from board where code = $1", code)
    if found is None:
        codes = await fetch("select code from board order by code")
        raise Invalid(
            _("No board has the code '%(code)s'. There are: %(codes)s.")
            % {"code": code, "codes": ", ".join(row["code"] for row in codes) or _("none yet")}
        )
    return found
