"""Set up pipelines: the state's for every board, and a board's own. What was used stays readable; it is put away, never removed."""

import re
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, may, require
from crm.actions import Act, acting
from crm.boards.reaching import require_management
from crm.database import execute, fetch, fetch_one, fetch_value
from crm.engagements.forms import PipelineForm, StageForm
from crm.engagements.rules import NEEDS
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.folding import fold
from crm.translation import _

START = (("open", "New", "Nuevo"), ("done", "Done", "Hecho"), ("paused", "Paused", "En pausa"), ("declined", "Declined", "No acepta"))


def require_design(actor: Actor, board_id: UUID | None) -> None:
    """The state's pipelines are the state's to change; a board's are its managers'. Raises `Denied`."""
    require(actor, Permission.MANAGE_PIPELINES)
    if board_id is not None:
        require_management(actor, board_id)
    elif not may(actor, Permission.MANAGE_PLUGINS):
        raise Denied(_("This pipeline is the state's. Make it your board's own to change it."))


async def add_pipeline(actor: Actor, board_id: UUID | None, form: PipelineForm) -> UUID:
    """A pipeline with four stages to begin with; its id."""
    require_design(actor, board_id)
    async with acting(actor, "pipeline.added") as act:
        if board_id is not None:
            await load(actor, "board", board_id)
        code = await _free_code(form.name_en, "select code from pipeline where board_id is not distinct from $1", board_id)
        pipeline_id: UUID = await fetch_value(
            "insert into pipeline (board_id, code, name_en, name_es, position) values ($1, $2, $3, $4, "
            "(select coalesce(max(position), 0) + 1 from pipeline)) returning id",
            board_id, code, form.name_en, form.name_es,
        )  # fmt: skip
        for position, (kind, english, spanish) in enumerate(START, start=1):
            await execute(
                "insert into stage (pipeline_id, code, name_en, name_es, position, kind) values ($1, $2, $3, $4, $5, $6)",
                pipeline_id, english.lower(), english, spanish, position, kind,
            )  # fmt: skip
        act.record("pipeline", pipeline_id, board_id=board_id, after={"code": code, "name_en": form.name_en, "name_es": form.name_es})
    return pipeline_id


async def rename_pipeline(actor: Actor, pipeline_id: UUID, form: PipelineForm) -> None:
    async with acting(actor, "pipeline.renamed") as act:
        pipeline = await _designed(actor, pipeline_id)
        await execute("update pipeline set name_en = $2, name_es = $3 where id = $1", pipeline_id, form.name_en, form.name_es)
        _changed(act, "pipeline", pipeline, {"name_en": form.name_en, "name_es": form.name_es}, pipeline["board_id"])


async def put_away_pipeline(actor: Actor, pipeline_id: UUID) -> None:
    """Raises `Conflict` while employers stand on it."""
    async with acting(actor, "pipeline.put_away") as act:
        pipeline = await _designed(actor, pipeline_id)
        if standing := await fetch_value("select count(*) from engagement where pipeline_id = $1 and archived_at is null", pipeline_id):
            raise Conflict(_("%(count)s employers stand on this pipeline. It can be put away when none does.") % {"count": standing})
        await execute("update pipeline set archived_at = now() where id = $1", pipeline_id)
        act.record("pipeline", pipeline_id, board_id=pipeline["board_id"])


async def make_own(actor: Actor, pipeline_id: UUID, board_id: UUID) -> UUID:
    """A copy of a state's pipeline as the board's own, onto which its employers go, each in the same stage."""
    require_design(actor, board_id)
    async with acting(actor, "pipeline.copied") as act:
        await load(actor, "board", board_id)
        source = await fetch_one("select * from pipeline where id = $1 and board_id is null and archived_at is null", pipeline_id)
        if source is None:
            raise NotFound(_("This page does not exist, or it is not yours to see."))
        if await fetch_value("select exists (select from pipeline where board_id = $1 and code = $2)", board_id, source["code"]):
            raise Conflict(_("Your board has its own pipeline in the place of this one already."))
        own: UUID = await fetch_value(
            "insert into pipeline (board_id, code, name_en, name_es, position) "
            "select $2, code, name_en, name_es, position from pipeline where id = $1 returning id",
            pipeline_id, board_id,
        )  # fmt: skip
        await execute(
            "insert into stage (pipeline_id, code, name_en, name_es, position, kind, needs, expected_days) "
            "select $2, code, name_en, name_es, position, kind, needs, expected_days from stage "
            "where pipeline_id = $1 and archived_at is null",
            pipeline_id, own,
        )  # fmt: skip
        moved = await execute(
            "update engagement g set pipeline_id = $2, stage_id = n.id, version = g.version + 1, updated_at = now() "
            "from stage s join stage n on n.pipeline_id = $2 and n.code = s.code "
            "where g.stage_id = s.id and s.pipeline_id = $1 and g.board_id = $3",
            pipeline_id, own, board_id,
        )  # fmt: skip
        # undo of a move and the funnel follow the stages of the pipeline on which the employers stand now
        for column in ("from_stage_id", "to_stage_id"):
            await execute(
                f"update stage_move m set {column} = n.id from stage s join stage n on n.pipeline_id = $2 and n.code = s.code, "
                f"engagement g where m.{column} = s.id and s.pipeline_id = $1 and g.id = m.engagement_id and g.board_id = $3",
                pipeline_id, own, board_id,
            )  # fmt: skip
        act.record("pipeline", own, board_id=board_id, after={"copied_from": pipeline_id, "engagements": moved})
    return own


async def add_stage(actor: Actor, pipeline_id: UUID, form: StageForm) -> UUID:
    async with acting(actor, "stage.added") as act:
        pipeline = await _designed(actor, pipeline_id)
        code = await _free_code(form.name_en, "select code from stage where pipeline_id = $1", pipeline_id)
        stage_id: UUID = await fetch_value(
            "insert into stage (pipeline_id, code, name_en, name_es, position, kind, needs, expected_days) "
            "values ($1, $2, $3, $4, (select coalesce(max(position), 0) + 1 from stage where pipeline_id = $1), $5, $6, $7) returning id",
            pipeline_id, code, form.name_en, form.name_es, form.kind, needs_of(form), form.expected_days,
        )  # fmt: skip
        await _order(pipeline_id, stage_id, form.position)
        act.record("stage", stage_id, board_id=pipeline["board_id"], after={"code": code, "name_en": form.name_en})
    return stage_id


async def change_stage(actor: Actor, stage_id: UUID, form: StageForm) -> None:
    async with acting(actor, "stage.changed") as act:
        stage, pipeline = await _stage(actor, stage_id)
        after = {"name_en": form.name_en, "name_es": form.name_es, "kind": form.kind, "needs": needs_of(form),
                 "expected_days": form.expected_days}  # fmt: skip
        await execute(
            "update stage set name_en = $2, name_es = $3, kind = $4, needs = $5, expected_days = $6 where id = $1",
            stage_id, *after.values(),
        )  # fmt: skip
        await _order(stage["pipeline_id"], stage_id, form.position)
        _changed(act, "stage", stage, after, pipeline["board_id"])


async def put_away_stage(actor: Actor, stage_id: UUID) -> None:
    """Raises `Conflict` while employers stand in it, and for the last stage that is open."""
    async with acting(actor, "stage.put_away") as act:
        stage, pipeline = await _stage(actor, stage_id)
        if standing := await fetch_value("select count(*) from engagement where stage_id = $1 and archived_at is null", stage_id):
            raise Conflict(_("%(count)s employers stand in this stage. Move them first.") % {"count": standing})
        others = await fetch_value(
            "select count(*) from stage where pipeline_id = $1 and id <> $2 and archived_at is null and kind = 'open'",
            stage["pipeline_id"], stage_id,
        )  # fmt: skip
        if not others:
            raise Conflict(_("A pipeline needs an open stage in which employers begin."))
        await execute("update stage set archived_at = now() where id = $1", stage_id)
        act.record("stage", stage_id, board_id=pipeline["board_id"])


def needs_of(form: StageForm) -> list[str]:
    return [need for need in NEEDS if getattr(form, f"needs_{need}")]


async def _designed(actor: Actor, pipeline_id: UUID) -> dict[str, Any]:
    pipeline = await load(actor, "pipeline", pipeline_id, for_update=True)
    if pipeline["archived_at"] is not None:
        raise NotFound(_("This pipeline was put away."))
    require_design(actor, pipeline["board_id"])
    return pipeline


async def _stage(actor: Actor, stage_id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    stage = await load(actor, "stage", stage_id)
    if stage["archived_at"] is not None:
        raise NotFound(_("This stage was put away."))
    return stage, await _designed(actor, stage["pipeline_id"])


async def _order(pipeline_id: UUID, stage_id: UUID, position: int) -> None:
    """The stage in its place, the others around it in their order."""
    rows = await fetch("select id from stage where pipeline_id = $1 and archived_at is null and id <> $2 order by position, id", pipeline_id, stage_id)
    order = [row["id"] for row in rows]
    order.insert(min(position, len(order) + 1) - 1, stage_id)
    await execute("update stage s set position = o.place from unnest($1::uuid[]) with ordinality o (id, place) where s.id = o.id", order)


async def _free_code(name: str, taken: str, *owner: Any) -> str:
    """A code from the English name, that no other has."""
    used = {row["code"] for row in await fetch(taken, *owner)}
    base = re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")[:40]
    if not base:
        raise Invalid(_("Give it a name with letters."), fields={"name_en": _("Give it a name with letters.")})
    return next(code for code in (base, *(f"{base}_{number}" for number in range(2, len(used) + 3))) if code not in used)


def _changed(act: Act, kind: str, old: dict[str, Any], after: dict[str, Any], board_id: UUID | None) -> None:
    before = {key: old[key] for key in after if old[key] != after[key]}
    act.record(kind, old["id"], board_id=board_id, before=before, after={key: after[key] for key in before})
