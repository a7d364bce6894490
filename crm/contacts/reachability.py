"""What mail systems say of addresses: one that sends mail back, or whose reader complained, gets none until a person clears it."""

from uuid import UUID

from crm.access import Actor, Permission, load, require
from crm.actions import Act, acting
from crm.database import execute, fetch_value

# the weightiest mark that stands on the address of the contact `c`
STANDING_MARK = ("(select m.id, m.kind, m.lasting, m.reason, m.at from address_mark m where m.address = lower(c.email) and m.cleared_at is null "
                 "order by m.lasting desc, m.at desc limit 1)")  # fmt: skip


async def mark(act: Act, address: str, kind: str, *, lasting: bool, reason: str, email_id: UUID | None = None) -> UUID:
    """Inside the open action. A mark that says the same is not doubled."""
    known: UUID | None = await fetch_value(
        "select id from address_mark where address = $1 and kind = $2 and lasting = $3 and cleared_at is null limit 1", address.lower(), kind, lasting
    )
    if known is not None:
        return known
    made: UUID = await fetch_value(
        "insert into address_mark (address, kind, lasting, reason, email_id) values ($1, $2, $3, $4, $5) returning id",
        address.lower(), kind, lasting, reason[:400], email_id,
    )  # fmt: skip
    act.record("address_mark", made, after={"kind": kind, "lasting": lasting})
    return made


async def clear(actor: Actor, mark_id: UUID, *, undo: bool = False) -> None:
    """A person knows better: the address takes mail."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "address_mark.restored" if undo else "address_mark.cleared") as act:
        await load(actor, "address_mark", mark_id, for_update=True)
        changed = await execute(
            "update address_mark set cleared_at = case when $2 then null else now() end, cleared_by = case when $2 then null else $3::uuid end "
            "where id = $1 and (cleared_at is null) <> $2", mark_id, undo, actor.account_id,
        )  # fmt: skip
        if changed:
            act.record("address_mark", mark_id)
        else:
            act.unchanged()
