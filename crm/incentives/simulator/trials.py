"""Trials of proposed rules: ask for one, and simulate one in a job. A trial keeps its drafts, its actor, its versions, and sums alone."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from crm import files
from crm.access import SYSTEM, Actor, Permission, load, require, visible
from crm.actions import acting, reading
from crm.audit import Entry
from crm.database import execute, insert_many
from crm.employers.importing.uploads import on_disk
from crm.engagements.attachments import Upload
from crm.errors import Invalid
from crm.incentives import installed, told
from crm.incentives.secrecy import is_secret
from crm.incentives.simulator import drafts, hire_files, past_hires, trial_results
from crm.incentives.simulator.hire_files import HireFile
from crm.incentives.simulator.simulation import Simulation, Tried, simulated
from crm.rulebook.library import Library
from crm.rulebook.programs import Program
from crm.sql import TRUE
from crm.translation import _, lazy_
from crm.worded import worded
from crm.work import RunningJob

KEPT = "tried_hires"  # the kind of a stored file of hires; see who sees it in crm/employers/tables.py
SIMULATION, SHADOW = "simulation", "shadow"
JOBS = {SIMULATION: "incentives.simulate", SHADOW: "incentives.shadow"}
ROOMS = {SIMULATION: "/incentives/simulator", SHADOW: "/incentives/shadow"}


async def start(actor: Actor, kind: str, listed: Sequence[Mapping[str, Any]], *, year: int | None, hires: Upload | None = None) -> UUID:
    """Keep a trial of these drafts and run it in a job. Raises `Invalid` for a file of hires that cannot be read."""
    require(actor, Permission.TRY_RULES)
    stored = None
    if hires is not None:
        await asyncio.to_thread(_checked, listed, hires)
        stored = await files.put(hires.content, "csv")
    trial_id, opens = uuid4(), hires is None and visible(actor, "hire_fact") is TRUE and told.sees_secrets(actor)
    async with acting(actor, "rules.tried") as act:
        file_id = await files.keep(stored, hires.name, KEPT, account_id=actor.account_id) if stored and hires else None
        job_id = await act.enqueue(JOBS[kind], {"trial_id": str(trial_id)}, title=worded(lazy_("Try %(program)s"), program=listed[0]["title"]))
        values = {"id": trial_id, "kind": kind, "drafts": [dict(each) for each in listed], "year": year, "file_id": file_id, "reads_sealed": opens,
                  "job_id": job_id, "made_by": actor.account_id}  # fmt: skip
        await insert_many("rule_trial", tuple(values), [tuple(values.values())])
        act.record("rule_trial", trial_id, after={"kind": kind, "year": year, "file": file_id, "drafts": [[each["program"], each["name"], each["sha256"]] for each in listed]})
        if opens:
            act.entries.append(Entry(verb="hire.secrets_read", outcome="disclosed", subject_kind="rule_trial", subject_id=trial_id))
    return trial_id


def _checked(listed: Sequence[Mapping[str, Any]], hires: Upload) -> None:
    with drafts.on_disk(listed) as places, tempfile.NamedTemporaryFile(suffix=".csv") as copy:
        copy.write(hires.content)
        copy.flush()
        libraries = [drafts.opened(place, each)[0] for place, each in zip(places, listed, strict=True)]
        hire_files.read(Path(copy.name), *libraries, named=hires.name)


async def simulate(job: RunningJob, *, trial_id: str) -> dict[str, Any]:
    """Runs twice without doubling: a trial has one result, and the same hires bring the same."""
    trial = await begun(job, trial_id)
    if trial["finished_at"]:
        return answered(trial)
    with drafts.on_disk(trial["drafts"]) as places:
        opened = [await asyncio.to_thread(drafts.opened, place, each) for place, each in zip(places, trial["drafts"], strict=True)]
        file = await _uploaded(trial, opened) if trial["file_id"] else await _recorded(job, trial, opened)
        rows = simulated(Tried(installed.packages(), places), file, processes=1)  # the server has others to serve
        while not isinstance(found := await asyncio.to_thread(next, rows), Simulation):
            await job.progress(found, len(file.rows), _("Working out each hire"))
    result = trial_results.told(found, recorded=not trial["file_id"]) | {"group": group_of(opened)}
    await finish(job, trial, result)
    return answered(trial)


async def begun(job: RunningJob, trial_id: str) -> dict[str, Any]:
    """The trial, of whoever may still try rules."""
    require(job.actor, Permission.TRY_RULES)
    await job.progress(0, None, _("Reading the hires"))
    async with reading(job.actor):
        return await load(job.actor, "rule_trial", UUID(trial_id))


def answered(trial: Mapping[str, Any]) -> dict[str, Any]:
    return {"url": f"{ROOMS[trial['kind']]}/{trial['id']}"}


async def finish(job: RunningJob, trial: Mapping[str, Any], result: Mapping[str, Any], detail: bytes | None = None) -> None:
    async with job.acting("rules.trial_finished") as act:
        kept = dict(result) | {"versions": installed.versions()}
        if await execute("update rule_trial set result = $2, detail_sealed = $3, finished_at = now() where id = $1 and finished_at is null", trial["id"], kept, detail):
            act.record("rule_trial", trial["id"])
        else:
            act.unchanged()


def group_of(opened: Sequence[tuple[Library, Program]]) -> str:
    """The key of the first question of these programs that tells apart groups of people; empty for none."""
    asked = [library.facts[key] for library, program in opened for key in program.facts if key in library.facts]
    return next((fact.key for fact in asked if fact.kind == "choice" and is_secret(fact)), "")


async def _uploaded(trial: Mapping[str, Any], opened: Sequence[tuple[Library, Program]]) -> HireFile:
    async with reading(SYSTEM):
        stored = await load(SYSTEM, "stored_file", trial["file_id"])  # the trial is theirs to see, its file is not theirs to download
    async with on_disk(stored) as path:
        return await asyncio.to_thread(hire_files.read, path, *(library for library, _program in opened), named=stored["name"])


async def _recorded(job: RunningJob, trial: Mapping[str, Any], opened: Sequence[tuple[Library, Program]]) -> HireFile:
    states, total, done = {program.jurisdiction for _library, program in opened}, await past_hires.count(trial["year"]), 0
    found: list[Any] = []
    async for looked, part in past_hires.parts(trial["year"], states, but_sealed=not trial["reads_sealed"]):
        done, found = done + looked, [*found, *part]
        await job.progress(done, total, _("Reading the hires"))
    if not found:
        raise Invalid(_("No hire is recorded for that year where this program holds."))
    return past_hires.as_file(found, group_of(opened))
