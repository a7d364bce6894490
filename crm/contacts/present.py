"""Who works where on a day. The one rule: begun by then, and not left before it, by the days of the agency."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from crm.access import Actor, visible
from crm.contacts.knowing import name_of
from crm.database import Record, fetch
from crm.days import agency_today
from crm.sql import TRUE, Sql
from crm.translation import _

MOST = 100


def works(alias: str, on: date | None = None) -> Sql:
    """A boolean piece of SQL: the affiliation `alias` holds on the day, or today. A day that no one knows stands in no one's way."""
    day = on or agency_today()
    return Sql(f"(({alias}.valid_from is null or {alias}.valid_from <= {{}}) and ({alias}.valid_to is null or {alias}.valid_to >= {{}}))", day, day)


def is_current(affiliation: Mapping[str, Any], on: date) -> bool:
    """The same of a row in hand."""
    begins, ends = affiliation["valid_from"], affiliation["valid_to"]
    return (begins is None or begins <= on) and (ends is None or ends >= on)


async def people_at(actor: Actor, employer_id: UUID, *, past: bool = False) -> list[Record]:
    """The people there, each once, the main contact first; `past`: after them those who left or have not begun."""
    here = works("f")
    return await fetch(
        Sql("select * from (select distinct on (c.id) c.id, c.given_name, c.family_name, c.email, f.id as affiliation_id, f.is_primary, {} as here "
            "from affiliation f join contact c on c.id = f.contact_id where f.employer_id = {} and c.archived_at is null and {} and {} and {} "
            f"order by c.id, here desc, f.is_primary desc, f.created_at) p order by here desc, is_primary desc, family_name, given_name, id limit {MOST}",
            here, employer_id, TRUE if past else here, visible(actor, "contact", "c"), visible(actor, "affiliation", "f"))  # fmt: skip
    )


async def choices(actor: Actor, employer_id: UUID, *, past: bool = False) -> list[tuple[str, str]]:
    """The same, for a form."""
    rows = await people_at(actor, employer_id, past=past)
    return [(str(row["id"]), _label(row)) for row in rows]


def _label(row: Record) -> str:
    name = name_of(row) or row["email"]
    return name if row["here"] else _("%(name)s (not there now)") % {"name": name}


async def is_at(contact_id: UUID, employer_id: UUID, *, past: bool = False) -> bool:
    """Is this person known at the employer: today, or (`past`) ever?"""
    return bool(await fetch(Sql("select 1 from affiliation f where f.contact_id = {} and f.employer_id = {} and {} limit 1",
                                contact_id, employer_id, TRUE if past else works("f"))))  # fmt: skip
