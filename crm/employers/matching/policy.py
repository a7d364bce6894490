"""What the state office wants done, for each way in, where someone looks like an employer who is here already."""

from collections.abc import Mapping
from typing import Literal, cast, get_args
from uuid import UUID

from crm.access import Actor, Permission, require
from crm.actions import acting
from crm.database import execute, execute_many, fetch, fetch_value

Source = Literal["staff", "api", "list", "portal", "mail", "plugin"]
Policy = Literal["block", "warn", "queue"]
SOURCES: tuple[Source, ...] = get_args(Source)
STRICTNESS: tuple[Policy, ...] = ("queue", "warn", "block")


async def policy_of(source: Source) -> Policy:
    return cast(Policy, await fetch_value("select policy from match_policy where source = $1", source))


def stricter(first: Policy, second: Policy) -> Policy:
    return max(first, second, key=STRICTNESS.index)


async def policies() -> dict[str, str]:
    return {row["source"]: row["policy"] for row in await fetch("select source, policy from match_policy")}


async def set_policies(actor: Actor, wanted: Mapping[str, str]) -> None:
    require(actor, Permission.MANAGE_PLUGINS)
    async with acting(actor, "match_policy.changed") as act:
        await execute("select from match_policy for update")
        before = await policies()
        changed = {source: policy for source, policy in wanted.items() if before[source] != policy}
        if not changed:
            act.unchanged()
            return
        rows: list[tuple[str, str, UUID | None]] = [(source, policy, actor.account_id) for source, policy in changed.items()]
        await execute_many("update match_policy set policy = $2, changed_by = $3, changed_at = now() where source = $1", rows)
        act.record("match_policy", None, before={source: before[source] for source in changed}, after=changed)
