"""What a history of jobs, effects and events says that it must not. Plain functions over plain rows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class History:
    """`asked`: job id -> its number; `jobs`, `effects`, `events` and `hearings` as the database holds them at the end."""

    asked: Mapping[Any, int]
    jobs: Iterable[Mapping[str, Any]] = ()
    effects: Iterable[Mapping[str, Any]] = ()
    events: Iterable[Mapping[str, Any]] = ()
    hearings: Iterable[Mapping[str, Any]] = ()
    listeners: Iterable[str] = field(default_factory=tuple)


def problems(history: History) -> list[str]:
    return [*_jobs(history), *_effects(history), *_order(history), *_events(history)]


def _jobs(history: History) -> list[str]:
    state = {job["id"]: job["state"] for job in history.jobs}
    return [f"job {number} is {state.get(job_id, 'gone')}" for job_id, number in history.asked.items() if state.get(job_id) != "done"]


def _effects(history: History) -> list[str]:
    happened = Counter(effect["number"] for effect in history.effects)
    last = {history.asked.get(job["id"]): job["attempt"] for job in history.jobs}
    return [
        *(f"the effect of job {number} happened {happened[number]} times" for number in history.asked.values() if happened[number] != 1),
        *(f"attempt {effect['attempt']} of job {effect['number']} wrote, though attempt {last.get(effect['number'])} held it"
          for effect in history.effects if effect["attempt"] != last.get(effect["number"])),
    ]  # fmt: skip


def _order(history: History) -> list[str]:
    """Effects on one record come in the order in which they were asked."""
    latest: dict[Any, int] = {}
    wrong = []
    for effect in history.effects:
        if effect["number"] < latest.get(effect["record"], -1):
            wrong.append(f"record {effect['record']}: {effect['number']} came after {latest[effect['record']]}")
        latest[effect["record"]] = effect["number"]
    return wrong


def _events(history: History) -> list[str]:
    heard = Counter((hearing["event_id"], hearing["plugin"]) for hearing in history.hearings)
    return [
        *(f"event {event['id']} was not told" for event in history.events if event["told_at"] is None),
        *(f"{listener} heard event {event['id']} {heard[event['id'], listener]} times"
          for event in history.events for listener in history.listeners if heard[event["id"], listener] != 1),
    ]  # fmt: skip
