"""Who works for a board: those whom work can be given to."""

from uuid import UUID

from crm.database import fetch


async def colleagues(board_id: UUID) -> list[tuple[str, str]]:
    """Account id and name, by name, as the choices of a form."""
    rows = await fetch(
        "select distinct a.id, a.name from account a join role_grant g on g.account_id = a.id and g.revoked_at is null "
        "where g.board_id = $1 and a.disabled_at is null order by a.name",
        board_id,
    )
    return [(str(row["id"]), row["name"]) for row in rows]
