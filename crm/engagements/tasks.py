"""What is to be done: add, change, finish, drop. A task that repeats is followed by the next when it is done."""

from datetime import date
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, may_work_for, require
from crm.actions import Act, acting
from crm.database import execute, fetch_value
from crm.engagements.forms import TaskForm
from crm.engagements.rules import next_due
from crm.errors import Conflict, Denied, Invalid
from crm.translation import _


async def add_task(actor: Actor, form: TaskForm, *, employer_id: UUID | None = None) -> UUID:
    require(actor, Permission.WORK_PIPELINE)
    board_id = actor.home_board
    if board_id is None:
        raise Invalid(_("A task belongs to a board, and you work for none."))
    _check(form)
    async with acting(actor, "task.added") as act:
        if employer_id is not None:
            await load(actor, "employer", employer_id)
        task_id: UUID = await fetch_value(
            "insert into task (board_id, employer_id, title, note, due, repeats, repeat_day, assignee_id, created_by) "
            "values ($1, $2, $3, $4, $5, $6, $7, coalesce($8::uuid, $9::uuid), $9) returning id",
            board_id, employer_id, form.title, form.note, form.due, form.repeats, form.due.day if form.due else None, form.assignee_id,
            actor.account_id,
        )  # fmt: skip
        act.record("task", task_id, board_id=board_id, employer_id=employer_id)
    return task_id


async def change_task(actor: Actor, task_id: UUID, form: TaskForm, version: int) -> None:
    """Raises `Conflict` when someone changed it meanwhile."""
    _check(form)
    async with acting(actor, "task.changed") as act:
        task = await _own(actor, task_id)
        if task["version"] != version:
            raise Conflict(_("Someone changed this task meanwhile. Look at it again."))
        after = {"title": form.title, "note": form.note, "due": form.due, "repeats": form.repeats, "assignee_id": form.assignee_id}
        before = {key: task[key] for key in after if task[key] != after[key]}
        if not before:
            act.unchanged()
            return
        await execute(
            "update task set title = $2, note = $3, due = $4, repeats = $5, assignee_id = $6, repeat_day = $7, version = version + 1 "
            "where id = $1",
            task_id, *after.values(), form.due.day if form.due else None,
        )  # fmt: skip
        _told(act, task, before=before, after={key: after[key] for key in before})


async def finish_task(actor: Actor, task_id: UUID, today: date, *, undo: bool = False) -> None:
    """Done, or not done after all: what follows a repeated task comes and goes with it."""
    async with acting(actor, "task.reopened" if undo else "task.done") as act:
        task = await _own(actor, task_id)
        if (task["done_at"] is None) is undo:
            act.unchanged()
            return
        await execute(
            "update task set done_at = case when $2 then null else now() end, done_by = case when $2 then null else $3::uuid end, "
            "version = version + 1 where id = $1",
            task_id, undo, actor.account_id,
        )  # fmt: skip
        if undo:
            await execute("update task set dropped_at = now(), version = version + 1 where follows_id = $1 and done_at is null", task_id)
        elif task["repeats"] and task["due"]:
            await execute(
                "insert into task (board_id, employer_id, engagement_id, title, note, due, repeats, repeat_day, assignee_id, created_by, "
                "follows_id) select board_id, employer_id, engagement_id, title, note, $2, repeats, repeat_day, assignee_id, $3, id "
                "from task where id = $1",
                task_id, next_due(task["due"], task["repeats"], task["repeat_day"] or task["due"].day, today), actor.account_id,
            )  # fmt: skip
        _told(act, task)


async def drop_task(actor: Actor, task_id: UUID, *, restore: bool = False) -> None:
    async with acting(actor, "task.restored" if restore else "task.dropped") as act:
        task = await _own(actor, task_id)
        await execute("update task set dropped_at = case when $2 then null else now() end, version = version + 1 where id = $1", task_id, restore)
        _told(act, task)


def _check(form: TaskForm) -> None:
    if form.repeats and form.due is None:
        message = _("A task that comes again needs the day on which it is due first.")
        raise Invalid(message, fields={"due": message})


async def _own(actor: Actor, task_id: UUID) -> dict[str, Any]:
    require(actor, Permission.WORK_PIPELINE)
    task = await load(actor, "task", task_id, for_update=True)
    if not may_work_for(actor, task["board_id"]):
        raise Denied(_("This task belongs to another board."))
    return task


def _told(act: Act, task: dict[str, Any], **change: Any) -> None:
    act.record("task", task["id"], board_id=task["board_id"], employer_id=task["employer_id"], **change)
