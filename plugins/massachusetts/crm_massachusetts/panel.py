"""The panel on the employer page: which board, in which region, why, and how to reach it."""

from typing import Any
from uuid import UUID

from crm.sdk import Actor, Panel, Sql, agency_today, fetch, lazy_, visible


async def gather(actor: Actor, employer_id: UUID) -> dict[str, Any] | None:
    """The boards of the employer's sites in Massachusetts that the actor may see; None for an employer of elsewhere."""
    rows = await fetch(
        Sql(
            "select distinct on (b.id) b.id, b.name, b.public_name, b.website, b.phone, b.email, b.network, r.name as region, "
            "s.city, t.name as place, t.review_status, t.source, s.board_set_reason "
            "from establishment s join board b on b.id = s.board_id "
            "left join board_region br on br.board_id = b.id and {} between br.valid_from "
            "and coalesce(br.valid_to, 'infinity') and {} "
            "and br.region_id in (select id from region where kind = 'planning') "
            "left join region r on r.id = br.region_id and {} "
            "left join territory t on t.id = s.board_territory_id and {} "
            "where s.employer_id = {} and s.archived_at is null and s.state = 'MA' and {} and {} "
            "order by b.id, s.is_primary desc",
            agency_today(), visible(actor, "board_region", "br"), visible(actor, "region", "r"), visible(actor, "territory", "t"), employer_id,
            visible(actor, "establishment", "s"), visible(actor, "board", "b"),
        )  # fmt: skip
    )
    return {"boards": rows} if rows else None


PANEL = Panel("massachusetts.network", lazy_("Connecting Activities"), "massachusetts/panels/network.html", gather, order=10)
