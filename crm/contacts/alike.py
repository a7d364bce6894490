"""Two rows that are likely one person: the same mail address, or the same phone and the same name. Looked up, never stored."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm.access import Actor, visible
from crm.database import Record, fetch
from crm.sql import Sql
from crm.translation import _

MOST = 100
_LIVE = "l.archived_at is null and r.archived_at is null and l.id <> r.id"
_APART = "not exists (select from contact_apart p where p.left_id = least(l.id, r.id) and p.right_id = greatest(l.id, r.id))"
_PLACES = "(select string_agg(distinct e.name, ', ' order by e.name) from affiliation f join employer e on e.id = f.employer_id and {} where f.contact_id = %s.id and {})"


def _pairs(where: Sql) -> Sql:
    """Each pair once for each way in which they are alike, so that each has its index."""
    return Sql(
        f"select l.id as left_id, r.id as right_id, 'email' as why from contact l join contact r on r.email = l.email where l.email <> '' and {_LIVE} and {{}} "
        "union all select l.id, r.id, 'phone' from contact l join contact r on r.phone = l.phone and r.search_text = l.search_text "
        f"where l.phone <> '' and l.search_text <> '' and {_LIVE} and {{}}", where, where,
    )  # fmt: skip


async def waiting(actor: Actor) -> list[Record]:
    """The pairs that no one has decided about yet, by name."""
    return await _told(actor, Sql("l.id < r.id"))


async def of(actor: Actor, contact_id: UUID) -> list[Record]:
    """Those who may be the same as one person, who stands on the left."""
    return await _told(actor, Sql("l.id = {}", contact_id))


async def _told(actor: Actor, where: Sql) -> list[Record]:
    places = [Sql(_PLACES % side, visible(actor, "employer", "e"), visible(actor, "affiliation", "f")) for side in "lr"]
    return await fetch(
        Sql("select p.left_id, p.right_id, p.why, l.given_name as left_given, l.family_name as left_family, r.given_name as right_given, "
            "r.family_name as right_family, {} as left_places, {} as right_places from (select left_id, right_id, min(why) as why from ({}) each_pair "
            f"group by 1, 2) p join contact l on l.id = p.left_id and {{}} join contact r on r.id = p.right_id and {{}} where {_APART} "
            f"order by l.search_text, l.id, r.id limit {MOST}",
            *places, _pairs(where), visible(actor, "contact", "l"), visible(actor, "contact", "r"))  # fmt: skip
    )


def why(found: Mapping[str, Any]) -> str:
    return _("same email") if found["why"] == "email" else _("same phone and name")
