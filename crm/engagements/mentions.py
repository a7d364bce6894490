"""Colleagues who are named in an activity: they see it on their day, and hear of it in the morning mail."""

from collections.abc import Sequence
from uuid import UUID

from crm.access import Actor, load, visible
from crm.actions import Act, acting
from crm.database import Record, execute, fetch
from crm.engagements.rules import mentioned
from crm.errors import Invalid
from crm.sql import Sql
from crm.translation import _

MOST = 50


async def readers(board_id: UUID | None) -> list[Record]:
    """Who works for the board, and so reads its timelines."""
    return await fetch(
        "select distinct a.id, a.name from account a join role_grant g on g.account_id = a.id and g.revoked_at is null "
        "where g.board_id = $1 and g.role in ('board_manager', 'board_staff') and a.disabled_at is null order by a.name",
        board_id,
    )


async def tell(act: Act, activity_id: UUID, board_id: UUID | None, texts: Sequence[str], chosen: UUID | None) -> None:
    """Keep whom the texts name and who was chosen, inside the open action; no one is told twice of one activity.

    Only who reads the board's timelines can be named. Raises `Invalid` where someone else was chosen.
    """
    if chosen is None and not any("@" in text for text in texts):
        return
    people = {row["id"]: row["name"] for row in await readers(board_id)}
    if chosen is not None and chosen not in people:
        message = _("This person does not read your board's timelines.")
        raise Invalid(message, fields={"mention_id": message})
    named = {person for text in texts for person in mentioned(text, people)} | ({chosen} if chosen else set())
    for person in sorted(named - {act.actor.account_id}, key=str):
        await execute(
            "insert into activity_mention (activity_id, account_id, made_by) values ($1, $2, $3) on conflict do nothing",
            activity_id, person, act.actor.account_id,
        )  # fmt: skip


async def waiting(actor: Actor) -> list[Record]:
    """What the actor was named in and has not put away, newest first: as long as they may read it."""
    return await fetch(
        Sql(
            "select m.id, m.made_at, y.id as activity_id, y.kind, y.summary, y.body, y.employer_id, e.name as employer_name, a.name as by_name "
            "from activity_mention m join activity y on y.id = m.activity_id and y.removed_at is null and {} "
            "join employer e on e.id = y.employer_id and {} left join account a on a.id = m.made_by "
            f"where m.account_id = {{}} and m.seen_at is null and {{}} order by m.made_at desc, m.id limit {MOST}",
            visible(actor, "activity", "y"), visible(actor, "employer", "e"), actor.account_id, visible(actor, "activity_mention", "m"),
        )
    )  # fmt: skip


async def put_away(actor: Actor, mention_id: UUID, *, again: bool = False) -> None:
    """Seen; or, with `again`, not seen after all."""
    async with acting(actor, "mention.kept" if again else "mention.seen") as act:
        mention = await load(actor, "activity_mention", mention_id, for_update=True)
        await execute("update activity_mention set seen_at = case when $2 then null else now() end where id = $1", mention_id, again)
        act.record("activity", mention["activity_id"])
