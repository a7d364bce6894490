"""A year of work on the pipeline: engagements in all stages, moves, calls, visits, tasks."""

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm.database import copy_into, execute, fetch
from crm.demonstration.words import CALLS, DECLINED, NEXT_STEPS, NOTES, TASKS, TEMPLATES, VISITS
from crm.engagements import levels

HERE = ZoneInfo("America/New_York")
# how many of a hundred employers on the pipeline stand where
SHARES = {
    "identified": 20, "contacted": 16, "met": 10, "interested": 10, "pledged": 9, "onboarding": 7, "ready": 7,
    "hosting": 8, "renewing": 3, "paused": 3, "declined": 5, "lapsed": 2,
}  # fmt: skip
MET = ("visit", "meeting")
OUTCOMES, OUTCOME_SHARES = ("", "interested", "hired", "posted", "gave_feedback", "supported"), (40, 25, 10, 12, 8, 5)


async def make_history(chance: random.Random, boards: dict[str, UUID], people: dict[str, UUID], now: datetime) -> None:
    stages = await fetch("select s.* from stage s join pipeline p on p.id = s.pipeline_id and p.board_id is null "
                         "where p.code = 'recruit' order by s.position")  # fmt: skip
    by_code = {stage["code"]: stage for stage in stages}
    owners: dict[UUID, list[UUID | None]] = {boards["Central"]: [people["alice@example.org"], people["bob@example.org"]],
              boards["Boston"]: [people["charlie@example.org"]]}  # fmt: skip
    nobody: list[UUID | None] = [None]
    employers = await fetch("select id, board_id, created_at from employer where board_id is not null order by id")
    activities: list[tuple[Any, ...]] = []
    moves: list[tuple[Any, ...]] = []
    for employer in employers:
        if chance.random() < 0.82:
            code = chance.choices(list(SHARES), weights=list(SHARES.values()))[0]
            await _engage(chance, employer, by_code, code, owners.get(employer["board_id"], nobody), now, activities, moves)
    outcomes = random.Random(5)  # apart, so that all else stays as it was
    await copy_into("activity", ("employer_id", "board_id", "engagement_id", "kind", "summary", "body", "at", "logged_by", "outcome"),
                    [(*row, outcomes.choices(OUTCOMES, OUTCOME_SHARES)[0] if row[3] in MET else "") for row in activities])  # fmt: skip
    await levels.refresh([employer["id"] for employer in employers], str(HERE))
    await copy_into("stage_move", ("engagement_id", "from_stage_id", "to_stage_id", "at", "moved_by"), moves)
    await execute("update employer e set status = 'active' where status <> 'active' and exists (select from engagement g "
                  "join stage s on s.id = g.stage_id where g.employer_id = e.id and s.kind = 'open' and s.position >= 4)")  # fmt: skip
    await _tasks(chance, now)
    for name, *texts in TEMPLATES:
        await execute("insert into email_template (name, subject_en, body_en, subject_es, body_es) values ($1, $2, $3, $4, $5)", name, *texts)


async def _engage(
    chance: random.Random, employer: Any, stages: dict[str, Any], code: str, owners: list[UUID | None], now: datetime,
    activities: list[tuple[Any, ...]], moves: list[tuple[Any, ...]],
) -> None:  # fmt: skip
    stage, owner = stages[code], chance.choice(owners)
    since = at_work(now - timedelta(days=chance.randint(1, 120), hours=chance.randint(0, 9)))
    step = chance.choice(NEXT_STEPS)
    rows = await fetch(
        "insert into engagement (employer_id, board_id, pipeline_id, stage_id, stage_since, reason, owner_id, next_step, "
        "next_step_due, slots, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $5) "
        "returning id",
        employer["id"], employer["board_id"], stage["pipeline_id"], stage["id"], since,
        chance.choice(DECLINED) if stage["kind"] != "open" else "", owner, step,
        at_work(now + timedelta(days=chance.randint(-6, 21))).date() if step else None,
        chance.choice((1, 2, 3, 4)) if stage["position"] in range(5, 10) else 0,
        min(since, employer["created_at"]),
    )  # fmt: skip
    engagement_id = rows[0]["id"]
    passed = [s for s in stages.values() if s["kind"] == "open" and s["position"] <= stage["position"]][:9]
    if stage["kind"] != "open":
        passed = [*list(stages.values())[:2], stage]
    for index, (before, after) in enumerate(zip([None, *passed], passed, strict=False)):
        at = at_work(since - timedelta(days=(len(passed) - 1 - index) * chance.randint(8, 30)))
        moves.append((engagement_id, before["id"] if before else None, after["id"], at, owner))
        activities.append((employer["id"], employer["board_id"], engagement_id, "stage_move", after["code"], "", at, owner))
        if index and chance.random() < 0.9:
            activities.append(_logged(chance, employer, engagement_id, at_work(at - timedelta(hours=chance.randint(2, 40))), owner))


def at_work(at: datetime) -> datetime:
    """The same day or the Friday before, between nine and five in Massachusetts."""
    local = at.astimezone(HERE)
    local -= timedelta(days=max(0, local.weekday() - 4))
    return local if 9 <= local.hour < 17 else local.replace(hour=9 + local.hour % 8)


def _logged(chance: random.Random, employer: Any, engagement_id: UUID, at: datetime, owner: UUID | None) -> tuple[Any, ...]:
    kind = chance.choices(("call", "visit", "note", "email", "meeting"), weights=(45, 15, 15, 20, 5))[0]
    lines = {"call": CALLS, "email": CALLS, "visit": VISITS, "meeting": VISITS, "note": NOTES}[kind]
    return (employer["id"], employer["board_id"], engagement_id, kind, chance.choice(lines), "", at, owner)


async def _tasks(chance: random.Random, now: datetime) -> None:
    rows = await fetch(
        "select id, employer_id, board_id, owner_id, next_step, next_step_due from engagement "
        "where next_step <> '' and owner_id is not null order by id limit 60"
    )
    for row in rows:
        await execute(
            "insert into task (board_id, employer_id, engagement_id, title, due, assignee_id, created_by) "
            "values ($1, $2, $3, $4, $5, $6, $6)",
            row["board_id"], row["employer_id"], row["id"], chance.choice(TASKS), row["next_step_due"], row["owner_id"],
        )  # fmt: skip
