"""Places: who has one, who waits, who moves up. Inside an open action that holds the event."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm.actions import Act
from crm.database import execute, fetch, fetch_value
from crm.employer_events.forms import AnswerForm
from crm.employer_events.rules import Wait, moves_up
from crm.employer_events.telling import tell


async def take_answer(act: Act, event: Mapping[str, Any], guest: Mapping[str, Any], form: AnswerForm) -> str:
    """Keep an answer; what became of a yes: a place, or the wait list. Places that it frees go to those who wait."""
    answer = "waiting" if form.answer == "yes" and not await _fits(event, guest, form.people) else form.answer
    await execute(
        "update event_guest set answer = $2, people = $3, names = $4, access_needs = $5, removed_at = null, answered_at = now(), updated_at = now(), "
        "version = version + 1, waiting_since = case when $2 = 'waiting' then coalesce(waiting_since, now()) end where id = $1",
        guest["id"], answer, form.people, form.names, form.access_needs,
    )  # fmt: skip
    act.record("event_guest", guest["id"], board_id=event["board_id"], employer_id=guest["employer_id"], before={"answer": guest["answer"]},
               after={"answer": answer, "people": form.people})  # fmt: skip
    await move_up(act, event)
    return answer


async def _fits(event: Mapping[str, Any], guest: Mapping[str, Any], people: int) -> bool:
    """One who has places keeps them; who waits already is not passed by one who comes later."""
    if event["capacity"] is None:
        return True
    mine = guest["people"] if guest["answer"] == "yes" and guest["removed_at"] is None else 0
    if people <= mine:
        return True
    taken = await fetch_value("select seats from employer_event where id = $1", event["id"])
    waiting = await fetch_value("select exists (select from event_guest where event_id = $1 and answer = 'waiting' and removed_at is null and id <> $2)",
                                event["id"], guest["id"])  # fmt: skip
    return bool(taken - mine + people <= event["capacity"]) and (bool(mine) or not waiting)


async def move_up(act: Act, event: Mapping[str, Any]) -> None:
    """Free places to those who wait, in their order; each hears of it."""
    if event["cancelled_at"] is not None or event["closed_at"] is not None:
        return
    waiting = await fetch("select * from event_guest where event_id = $1 and answer = 'waiting' and removed_at is null order by waiting_since, id", event["id"])
    if not waiting:
        return
    taken: int = await fetch_value("select seats from employer_event where id = $1", event["id"])
    free = sum(row["people"] for row in waiting) if event["capacity"] is None else event["capacity"] - taken
    by_id = {row["id"]: row for row in waiting}
    for guest_id in moves_up([Wait(row["id"], row["people"]) for row in waiting], free):
        guest = by_id[UUID(str(guest_id))]
        await execute("update event_guest set answer = 'yes', waiting_since = null, updated_at = now(), version = version + 1 where id = $1", guest["id"])
        act.record("event_guest", guest["id"], board_id=event["board_id"], employer_id=guest["employer_id"], after={"answer": "yes"}, verb="event_guest.moved_up")
        await tell(act, event, guest, "moved_up")
