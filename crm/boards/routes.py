"""Pages of boards and their places."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm.access import Actor, Permission, load, may, may_manage, may_work_for, visible
from crm.boards import actions
from crm.boards.forms import TerritoryCorrection
from crm.database import fetch, fetch_one
from crm.errors import Invalid, NotFound
from crm.forms import form_for, read_form
from crm.plugins import active
from crm.sql import Sql
from crm.translation import _
from crm.web import AnyRequest, needs, program_of, redirect, render, today


@get("/boards", guards=[needs(Permission.SEE_DIRECTORY)])
async def list_boards(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    rows = await fetch(
        Sql(
            "select b.*, coalesce((select string_agg(r.name, ', ' order by r.kind <> 'planning', r.name) from board_region br "
            "join region r on r.id = br.region_id where br.board_id = b.id and {} between br.valid_from "
            "and coalesce(br.valid_to, 'infinity')), '') as region, "
            "(select count(*) from territory t where t.board_id = b.id and {} between t.valid_from "
            "and coalesce(t.valid_to, 'infinity')) as places, "
            "(select count(*) from territory t where t.board_id = b.id and t.valid_to is null "
            "and t.review_status in ('recalled', 'second_hand')) as to_review, "
            "(select count(*) from partner p where p.board_id = b.id and p.archived_at is null and {}) as partners "
            "from board b where {} order by b.name",
            today(request), today(request), visible(actor, "partner", "p"), visible(actor, "board", "b"),
        )  # fmt: skip
    )
    brought = {row["network"] for row in rows}
    offered = [network for network in active().networks() if network.name not in brought] if may(actor, Permission.MANAGE_PLUGINS) else []
    return render(request, "pages/boards/list.html", boards=rows, offered=offered)


@post("/networks/{name:str}/adopt", guards=[needs(Permission.MANAGE_PLUGINS)])
async def adopt(request: AnyRequest, actor: NamedDependency[Actor], name: FromPath[str]) -> Response[Any]:
    """Bring in the boards and places of a network that a plugin knows."""
    network = next((each for each in active().networks() if each.id == name), None)
    if network is None:
        raise NotFound(_("No plugin that is on knows this network."))
    changed = await actions.adopt_network(actor, network)
    return redirect(request, "/boards", say=_("%(count)s places came in.") % {"count": changed})


@get("/boards/{board_id:uuid}", guards=[needs(Permission.SEE_DIRECTORY)])
async def show_board(
    request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID], review: FromQuery[bool] = False
) -> Response[str]:
    board = await load(actor, "board", board_id)
    today = datetime.now(ZoneInfo(program_of(request).settings.time_zone)).date()
    places = await fetch(
        "select t.*, a.name as changed_by_name from territory t left join account a on a.id = t.changed_by "
        "where t.board_id = $1 and coalesce(t.valid_to, 'infinity') >= $3 "
        "and (not $2 or t.review_status in ('recalled', 'second_hand')) order by t.name, t.valid_from limit 500",
        board_id, review, today,
    )  # fmt: skip
    regions = await fetch(
        "select r.name, r.kind, br.valid_from, br.valid_to from board_region br join region r on r.id = br.region_id "
        "where br.board_id = $1 and $2 between br.valid_from and coalesce(br.valid_to, 'infinity') order by r.kind, r.name",
        board_id, today,
    )  # fmt: skip
    partners = await fetch(
        Sql("select * from partner p where p.board_id = {} and p.archived_at is null and {} order by p.name limit 200",
            board_id, visible(actor, "partner", "p"))  # fmt: skip
    )
    return render(request, "pages/boards/show.html", board=board, places=places, regions=regions, partners=partners,
                  review=review, may_correct=may(actor, Permission.EDIT_TERRITORIES), today=today,
                  manages=may(actor, Permission.EDIT_BOARDS) and may_manage(actor, board_id))  # fmt: skip


async def _choices() -> dict[str, list[tuple[str, str]]]:
    boards = await fetch("select id, name from board order by name")
    return {"board_id": [(str(board["id"]), board["name"]) for board in boards]}


@get("/territories/{territory_id:uuid}/correct", guards=[needs(Permission.EDIT_TERRITORIES)])
async def show_correction(
    request: AnyRequest, actor: NamedDependency[Actor], territory_id: FromPath[UUID]
) -> Response[str]:
    place = await load(actor, "territory", territory_id)
    form = form_for(TerritoryCorrection, initial={"board_id": str(place["board_id"])}, choices=await _choices())
    return await _correction_page(request, actor, place, form)


async def _correction_page(
    request: AnyRequest, actor: Actor, place: dict[str, Any], form: Any, status: int = 200
) -> Response[str]:
    board = await fetch_one("select id, name from board where id = $1", place["board_id"])
    earlier = await fetch(
        "select t.*, b.name as board_name from territory t join board b on b.id = t.board_id "
        "where t.kind = $1 and t.state = $2 and t.place_key = $3 order by t.valid_from desc, t.created_at desc limit 20",
        place["kind"], place["state"], place["place_key"],
    )  # fmt: skip
    return render(request, "pages/boards/correct.html", status=status, place=place, board=board, earlier=earlier, form=form,
                  may_correct=may_work_for(actor, place["board_id"]))  # fmt: skip


@post("/territories/{territory_id:uuid}/correct", guards=[needs(Permission.EDIT_TERRITORIES)])
async def correct(
    request: AnyRequest, actor: NamedDependency[Actor], territory_id: FromPath[UUID]
) -> Response[Any]:
    from crm.actions import reading

    async with reading(actor):
        place = await load(actor, "territory", territory_id)
        form = await read_form(TerritoryCorrection, request, choices=await _choices())
    today = datetime.now(ZoneInfo(program_of(request).settings.time_zone)).date()
    if form.validate():
        try:
            data = form.struct()
            await actions.correct_territory(actor, territory_id, data, today)
            say = _("%(place)s is corrected from today on. Its employers follow.") % {"place": place["name"]}
            return redirect(request, f"/boards/{data.board_id}", say=say)
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _correction_page(request, actor, place, form, 422)


HANDLERS = [list_boards, adopt, show_board, show_correction, correct]
