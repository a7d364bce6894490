"""Stop and start jobs, switch plugins, keep their settings."""

from typing import Any
from uuid import UUID

import msgspec

from crm import work
from crm.access import Actor, Permission, Role, load, require
from crm.actions import acting
from crm.database import execute, fetch_value
from crm.errors import Conflict
from crm.plugins import Plugin
from crm.translation import _


async def stop_job(actor: Actor, job_id: UUID) -> None:
    """Stop a job: one's own, or any for the state office."""
    async with acting(actor, "job.stopped") as act:
        job = await load(actor, "job", job_id)
        _may_steer(actor, job)
        if not await work.stop(job_id):
            raise Conflict(_("This work has ended already."))
        act.record("job", job_id, after={"name": job["name"]})


async def retry_job(actor: Actor, job_id: UUID) -> None:
    async with acting(actor, "job.retried") as act:
        job = await load(actor, "job", job_id)
        _may_steer(actor, job)
        if not await work.retry(job_id):
            raise Conflict(_("Only work that failed or was stopped can be started again."))
        act.record("job", job_id, after={"name": job["name"]})


def _may_steer(actor: Actor, job: dict[str, Any]) -> None:
    if job["account_id"] != actor.account_id and Role.STATE_ADMIN not in actor.roles:
        require(actor, Permission.MANAGE_PLUGINS)


async def switch_plugin(actor: Actor, plugin: Plugin, *, enabled: bool) -> None:
    """Switch a plugin on or off for the installation. It takes effect at the next start."""
    require(actor, Permission.MANAGE_PLUGINS)
    async with acting(actor, "plugin.switched") as act:
        await execute(
            "insert into plugin_state (name, enabled, changed_by) values ($1, $2, $3) on conflict (name) do update "
            "set enabled = excluded.enabled, changed_at = now(), changed_by = excluded.changed_by",
            plugin.name, enabled, actor.account_id,
        )  # fmt: skip
        act.record("plugin", None, after={"plugin": plugin.name, "enabled": enabled})


async def keep_settings(actor: Actor, plugin: Plugin, settings: msgspec.Struct) -> None:
    require(actor, Permission.MANAGE_PLUGINS)
    async with acting(actor, "plugin.settings_changed") as act:
        before = await fetch_value("select settings from plugin_state where name = $1", plugin.name)
        await execute(
            "insert into plugin_state (name, settings, changed_by) values ($1, $2, $3) on conflict (name) do update "
            "set settings = excluded.settings, changed_at = now(), changed_by = excluded.changed_by",
            plugin.name, msgspec.to_builtins(settings), actor.account_id,
        )  # fmt: skip
        act.record("plugin", None, before=before or {}, after=msgspec.to_builtins(settings))


