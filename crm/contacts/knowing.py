"""Is someone known at this employer already? By mail address, phone and name, with the reason in words."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct
from rapidfuzz import fuzz

from crm.access import Actor, visible
from crm.database import Record, fetch
from crm.errors import Conflict
from crm.folding import fold
from crm.sql import Sql
from crm.translation import _

ALIKE = 88  # of 100: names that differ by a letter or two, or stand in another order
RELATED = 70  # with the same phone


class Known(Struct, frozen=True):
    """Someone there: their role and person, and why they may be who is added."""

    person: Record
    why: str


class KnownThere(Conflict):
    """Someone like this is at the employer already."""

    def __init__(self, found: list[Known]) -> None:
        names = "; ".join(f"{name_of(known.person)} ({known.why})" for known in found)
        super().__init__(_("Someone like this is at this employer already: %(names)s. Say that this is another person to add them.") % {"names": names})
        self.found = found
        self.more = {"candidates": [{"id": str(known.person["id"]), "name": name_of(known.person), "score": ALIKE, "reasons": [known.why]} for known in found]}


async def known_at(actor: Actor, employer_id: UUID, values: Mapping[str, Any]) -> list[Known]:
    """Of those who are or were at the employer, and whom the actor may see."""
    rows = await fetch(
        Sql("select f.id, f.role, f.valid_to, c.given_name, c.family_name, c.email, c.phone from affiliation f join contact c on c.id = f.contact_id "
            "where f.employer_id = {} and c.archived_at is null and {} and {} order by f.valid_to is not null, f.id limit 500",
            employer_id, visible(actor, "affiliation", "f"), visible(actor, "contact", "c"))  # fmt: skip
    )
    return [Known(row, why) for row in rows if (why := _why(row, values))]


def _why(row: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    alike = fuzz.token_sort_ratio(fold(name_of(row)), fold(name_of(values)))
    if values["email"] and row["email"].casefold() == values["email"].casefold():
        return _("same email")
    if values["phone"] and row["phone"] == values["phone"] and alike >= RELATED:
        return _("same phone and a similar name")
    return _("similar name") if alike >= ALIKE and name_of(values) else ""


def name_of(row: Mapping[str, Any]) -> str:
    """As people say it; empty where no name is known."""
    return f"{row['given_name']} {row['family_name']}".strip()
