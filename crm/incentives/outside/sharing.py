"""Whether the employer's people see a hire in their portal. It is shared by staff alone, and never by itself."""

from uuid import UUID

from crm.access import Actor
from crm.actions import acting
from crm.database import execute
from crm.incentives import hires, installed
from crm.incentives.secrecy import employer_may_know


async def share(actor: Actor, hire_id: UUID, *, end: bool = False) -> None:
    """Show it to the employer, or no more."""
    async with acting(actor, "hire.unshared" if end else "hire.shared") as act:
        hire = await hires.own(actor, hire_id)
        if (hire["shared_at"] is None) is end:
            act.unchanged()
            return
        await execute("update hire set shared_at = case when $2 then null else now() end, shared_by = $3, version = version + 1, updated_at = now() where id = $1",
                      hire_id, end, actor.account_id)  # fmt: skip
        if not end:  # by today's rules: what may be seen was told when it was kept, by the rules of then
            seen = [key for key, fact in installed.library().facts.items() if employer_may_know(fact)]
            await execute("update hire_fact set employer_sees = (key = any($2) and value_sealed is null) where hire_id = $1 and replaced_at is null "
                          "and employer_sees is distinct from (key = any($2) and value_sealed is null)", hire_id, seen)  # fmt: skip
        act.record("hire", hire_id, board_id=hire["board_id"], employer_id=hire["employer_id"], after={"shared": not end})
