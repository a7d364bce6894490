"""A proposed version of an installed program in the shadow of it: run over recorded hires, as cases of theirs know them, before a person switches.

Sums are told to all who may try rules. Each changed answer with its reasons is kept sealed, for those who may read what is told of a hire.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from crm import sealing
from crm.access import Actor, Permission, hidden_fields, may, visible
from crm.database import fetch, transaction
from crm.incentives import installed, told
from crm.incentives.claims import cases
from crm.incentives.simulator import drafts, past_hires, trials
from crm.incentives.simulator.small_groups import LEAST, hidden
from crm.mail import current_settings
from crm.rulebook import revisions
from crm.rulebook.changes import Answer
from crm.rulebook.differences import Difference
from crm.rulebook.facts import FactError
from crm.rulebook.library import Library
from crm.sql import Sql
from crm.work import RunningJob

MOST = 500  # changed answers that are kept one by one


class Found(Struct):
    """What came of a part: how many answers were compared, those that changed, and how many could not be given."""

    looked: int
    changed: list["Line"]
    unread: int


class Line(Struct, frozen=True):
    """A changed answer; `case` is the claim whose facts it rests on, where there is one."""

    hire: UUID
    case: UUID | None
    before: Answer | None
    after: Answer | None
    reasons: tuple[Difference, ...]


async def shadow(job: RunningJob, *, trial_id: str) -> dict[str, Any]:
    """Runs twice without doubling: a trial has one result."""
    trial = await trials.begun(job, trial_id)
    if trial["finished_at"]:
        return trials.answered(trial)
    [draft], day = trial["drafts"], datetime.now(UTC).astimezone(ZoneInfo(current_settings().time_zone)).date()
    total, done, found = await past_hires.count(trial["year"]), 0, Found(0, [], 0)
    with drafts.on_disk([draft]) as [place]:
        new, program = await asyncio.to_thread(drafts.opened, place, draft)
        async for looked, part in past_hires.parts(trial["year"], {program.jurisdiction}, but_sealed=not trial["reads_sealed"]):
            facts = await _facts(part, program.id, with_cases=trial["reads_sealed"])
            more = await asyncio.to_thread(compared, installed.library(), new, program.id, facts, day)
            found = Found(found.looked + more.looked, found.changed + more.changed, found.unread + more.unread)
            done += looked
            await job.progress(done, total)
    detail = json.dumps(msgspec.to_builtins(found.changed[:MOST])) if trial["reads_sealed"] else ""
    await trials.finish(job, trial, counted(found) | {"day": day.isoformat()}, sealing.seal(detail, "rule_trial", "detail", trial["id"]) if detail else None)
    return trials.answered(trial)


async def _facts(part: past_hires.Part, program_id: str, *, with_cases: bool) -> list[tuple[UUID, UUID | None, Mapping[str, Any]]]:
    """Of each hire the facts that its case rests on; where there is none, or its facts are sealed, what is told now."""
    kept: dict[UUID, tuple[UUID, Mapping[str, Any]]] = {}
    if with_cases:
        async with transaction(read_only=True):
            for row in await fetch("select id, hire_id, estimate_id from incentive_case where program = $1 and state <> 'withdrawn' and hire_id = any($2)",
                                   program_id, [hire["id"] for hire, _known in part]):  # fmt: skip
                if found := await cases.kept_facts(row["estimate_id"]):
                    kept[row["hire_id"]] = (row["id"], found[0])
    return [(hire["id"], *kept.get(hire["id"], (None, told.values_of(known)))) for hire, known in part]


def compared(old: Library, new: Library, program_id: str, facts: Sequence[tuple[UUID, UUID | None, Mapping[str, Any]]], day: date) -> Found:
    """Old and new answers to the same facts, on that day."""
    found = Found(0, [], 0)
    for hire, case, values in facts:
        try:
            for each in revisions.changed(old, new, str(hire), lambda _library, told=values: told, day, [program_id]):  # type: ignore[misc]
                found.changed.append(Line(hire, case, each.before, each.after, each.differences))
            found.looked += 1
        except FactError:  # facts that contradict each other; both rules say so
            found.unread += 1
    return found


def counted(found: Found) -> dict[str, Any]:
    """What may be told to all: counts, none of fewer than ten."""
    counts = {"changed": len(found.changed), "same": found.looked - len(found.changed)}
    small = hidden(counts)
    reasons = Counter((each.kind, each.name) for line in found.changed for each in line.reasons)
    return {
        "looked": found.looked, "unread": found.unread, **{name: None if name in small else count for name, count in counts.items()},
        "reasons": [[kind, name, None if small or count < LEAST else count] for (kind, name), count in sorted(reasons.items(), key=lambda each: (-each[1], each[0]))],
    }  # fmt: skip


def reads_answers(actor: Actor) -> bool:
    """Whether someone may read answer by answer what changed."""
    return may(actor, Permission.ESTIMATE) and told.sees_secrets(actor) and "detail_sealed" not in hidden_fields(actor, "rule_trial")


async def lines(actor: Actor, trial: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Line]]:
    """The changed answers of hires that the actor may see now, with their labels and employers."""
    if not reads_answers(actor) or trial["detail_sealed"] is None:
        return []
    found = list(_opened(trial))
    rows = await fetch(
        Sql("select h.id, h.label, h.job_title, e.name as employer, b.name as board from hire h join employer e on e.id = h.employer_id and {} "
            "join board b on b.id = h.board_id where h.id = any({}) and {}",
            visible(actor, "employer", "e"), [each.hire for each in found], visible(actor, "hire", "h"))  # fmt: skip
    )
    seen = {row["id"]: row for row in rows}
    return [(seen[each.hire], each) for each in found if each.hire in seen]


def _opened(trial: Mapping[str, Any]) -> Iterator[Line]:
    yield from msgspec.convert(json.loads(sealing.open_sealed(trial["detail_sealed"], "rule_trial", "detail", trial["id"])), list[Line], strict=False)
