"""Tasks that no one typed: what features and plugins say falls due, kept as tasks that follow their day."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from msgspec import Struct

from crm.actions import Act
from crm.database import fetch, transaction
from crm.engagements.rules import Derived, Duty, derive
from crm.mail import current_settings
from crm.obligations import Obligation, Obligations
from crm.plugins import active
from crm.translation import _, lazy_, long_day, speaking
from crm.worded import worded
from crm.work import Job, RunningJob

log = structlog.get_logger("crm.obligations")

PART = 500  # employers at a time
LIMIT = 60.0  # seconds that one kind has for a part
Key = tuple[UUID, UUID, str]  # board, employer, and the kind of obligation with its key


class Place(Struct, frozen=True):
    """A board on whose pipeline an employer stands, and who looks after the employer there."""

    board_id: UUID
    owner_id: UUID | None


async def derive_all(job: RunningJob, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> dict[str, Any]:
    """Every employer on a pipeline, part by part. Run twice, the second finds nothing to do."""
    today = now().astimezone(ZoneInfo(current_settings().time_zone)).date()
    after: UUID | None = None
    done, changed, left_out = 0, 0, set[str]()
    while part := await _part(after):
        made, failed = await _derive(job, part, today)
        done, changed, left_out, after = done + len(part), changed + made, left_out | failed, part[-1]
        await job.progress(done, message=_("Looking for what falls due"))
    return {"employers": done, "tasks": changed, "left_out": sorted(left_out)}


async def derive_one(job: RunningJob, *, employer_id: str) -> dict[str, Any]:
    """One employer, when something changed there."""
    today = datetime.now(UTC).astimezone(ZoneInfo(current_settings().time_zone)).date()
    changed, left_out = await _derive(job, [UUID(employer_id)], today)
    return {"tasks": changed, "left_out": sorted(left_out)}


async def ask_for(act: Act, employer_id: UUID) -> None:
    """Within an action that changed what may fall due: look again soon."""
    await act.enqueue("engagements.derive", {"employer_id": str(employer_id)}, title=worded(lazy_("What falls due")), line=f"derive:{employer_id}")


async def _part(after: UUID | None) -> list[UUID]:
    async with transaction(read_only=True):
        found = await fetch(
            "select distinct employer_id from engagement where archived_at is null and ($1::uuid is null or employer_id > $1) "
            "order by employer_id limit $2", after, PART,
        )  # fmt: skip
    return [row["employer_id"] for row in found]


async def _derive(job: RunningJob, employers: Sequence[UUID], today: date) -> tuple[int, set[str]]:
    """How many tasks changed, and the kinds that could not be asked."""
    duties, failed = [], set()
    for kind in active().obligations:
        answered = await _ask(kind, employers, today)
        if answered is None:
            failed.add(kind.name)
        else:
            duties += [(kind.name, each) for each in answered]
    async with job.acting("task.derived") as act:
        # one look at an employer at a time, so that two do not add the same task
        await fetch("select id from employer where id = any($1) order by id for no key update", list(employers))
        places = await _places(employers)
        wanted = {(place.board_id, each.employer_id, f"{kind}:{each.key}"): (each, place)
                  for kind, each in duties for place in _whose(each, places)}  # fmt: skip
        known, twice = await _known(employers, failed)
        changes = derive({key: Duty(each.due) for key, (each, _place) in wanted.items()}, known)
        languages = await _languages({_assignee(*wanted[key]) for key in changes.added})
        for key in changes.added:
            await _add(act, key, *wanted[key], languages)
        for key in changes.moved:
            await _move(act, known[key], wanted[key][0].due)
        for task in [*(known[key] for key in changes.gone), *twice]:
            await _withdraw(act, task)
        if not act.entries:
            act.unchanged()
        return len(act.entries), failed


async def _ask(kind: Obligations, employers: Sequence[UUID], today: date) -> list[Obligation] | None:
    """What one kind answers for these employers; None when it fails, so that the tasks it has stay as they are."""
    try:
        async with transaction(read_only=True), asyncio.timeout(LIMIT):
            answered = await kind.gather(employers, today)
        if not isinstance(answered, list) or not all(isinstance(each, Obligation) for each in answered):
            raise TypeError(f"'{kind.name}' must answer a list of Obligation")
    except Exception as problem:  # noqa: BLE001  (whatever one kind raises, the others go on)
        log.warning("obligations_left_out", kind=kind.name, problem=type(problem).__name__)
        return None
    asked = set(employers)
    return [each for each in answered if each.employer_id in asked]


async def _places(employers: Sequence[UUID]) -> dict[UUID, list[Place]]:
    rows = await fetch(
        "select distinct on (employer_id, board_id) employer_id, board_id, owner_id from engagement "
        "where employer_id = any($1) and archived_at is null order by employer_id, board_id, owner_id is null, updated_at desc", list(employers),
    )  # fmt: skip
    found: dict[UUID, list[Place]] = {}
    for row in rows:
        found.setdefault(row["employer_id"], []).append(Place(row["board_id"], row["owner_id"]))
    return found


def _whose(each: Obligation, places: dict[UUID, list[Place]]) -> Iterable[Place]:
    there = places.get(each.employer_id, [])
    if each.board_id is None:
        return there
    return [next((place for place in there if place.board_id == each.board_id), Place(each.board_id, None))]


def _assignee(each: Obligation, place: Place) -> UUID | None:
    return each.assignee_id or place.owner_id


async def _known(employers: Sequence[UUID], failed: set[str]) -> tuple[dict[Key, Derived], list[Derived]]:
    """The newest task of each duty, and open ones that a merge of employers left beside it; without kinds that could not be asked."""
    rows = await fetch(
        "select id, board_id, employer_id, obligation, obligation_due, done_at is null and dropped_at is null as open from task "
        "where employer_id = any($1) and obligation <> '' order by created_at desc, id", list(employers),
    )  # fmt: skip
    newest: dict[Key, Derived] = {}
    twice = []
    for row in rows:
        task = Derived(row["id"], row["obligation_due"], row["open"])
        if row["obligation"].partition(":")[0] in failed:
            continue
        if newest.setdefault((row["board_id"], row["employer_id"], row["obligation"]), task) is not task and task.open:
            twice.append(task)
    return newest, twice


async def _languages(accounts: set[UUID | None]) -> dict[UUID, str]:
    rows = await fetch("select id, language from account where id = any($1)", [each for each in accounts if each])
    return {row["id"]: row["language"] for row in rows}


async def _add(act: Act, key: Key, each: Obligation, place: Place, languages: dict[UUID, str]) -> None:
    board_id, employer_id, obligation = key
    assignee = _assignee(each, place)
    with speaking(languages.get(assignee, "en") if assignee else "en"):
        values = {name: long_day(value) if isinstance(value, date) else value for name, value in each.values.items()}
        title, why = _(each.title) % values, _(each.why) % values if each.why else ""
    note = f"{why} ({each.citation})" if why and each.citation else why or each.citation
    [made] = await fetch(
        "insert into task (board_id, employer_id, title, note, due, assignee_id, obligation, obligation_due) "
        "values ($1, $2, $3, $4, $5, $6, $7, $5) returning id", board_id, employer_id, title, note, each.due, assignee, obligation,
    )  # fmt: skip
    act.record("task", made["id"], board_id=board_id, employer_id=employer_id, after={"obligation": obligation, "due": each.due})


async def _move(act: Act, task: Derived, due: date) -> None:
    [moved] = await fetch("update task set due = $2, obligation_due = $2, version = version + 1 where id = $1 returning board_id, employer_id",
                          task.id, due)  # fmt: skip
    act.record("task", task.id, board_id=moved["board_id"], employer_id=moved["employer_id"], before={"due": task.due}, after={"due": due})


async def _withdraw(act: Act, task: Derived) -> None:
    [gone] = await fetch("update task set dropped_at = now(), version = version + 1 where id = $1 returning board_id, employer_id", task.id)
    act.record("task", task.id, board_id=gone["board_id"], employer_id=gone["employer_id"], after={"dropped": "no longer due"})


JOBS = [Job("engagements.derive_all", derive_all, attempts=3, timeout=3600), Job("engagements.derive", derive_one, attempts=5, timeout=120)]
