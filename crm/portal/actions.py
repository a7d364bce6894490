"""What employers change themselves, with the portal's own login."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, require
from crm.actions import acting
from crm.database import update_row
from crm.employers.matching.keys import former_names, name_keys
from crm.errors import Conflict
from crm.fields.own import in_portal
from crm.phones import tidy_phone
from crm.portal.forms import OwnEmployerForm
from crm.translation import _
from crm.web_addresses import tidy_website

DERIVED = frozenset({"domain"})


async def change_own_employer(actor: Actor, employer_id: UUID, form: OwnEmployerForm) -> list[str]:
    """Change what this person changed; the names of fields that the board changed meanwhile and that were kept.

    Raises `EditConflict` when both changed one field to different values.
    """
    require(actor, Permission.EDIT_IN_PORTAL)
    site = tidy_website(form.website)
    values = {"name": form.name, "employee_count": form.employee_count, "website": site.url, "domain": site.domain,
              "phone": tidy_phone(form.phone).number}  # fmt: skip
    async with acting(actor, "employer.changed") as act:
        now = await load(actor, "employer", employer_id)
        own = await in_portal(actor, employer_id)
        mine, kept, added = own.merged(now, values, form, derived=DERIVED)
        if not mine:
            act.unchanged()
            return kept
        now |= own.shown
        follows = _names(now, form.name) if "name" in mine else {}
        if not await update_row("employer", employer_id, own.plain(mine) | follows, version=now["version"]):
            raise Conflict(_("Your board changed this at the same moment. Save again."))
        await own.keep(actor, employer_id, added)
        act.record("employer", employer_id, employer_id=employer_id, before=own.recorded({name: now[name] for name in mine}), after=own.recorded(mine))
        act.event("employer_changed", employer_id=employer_id)
    return kept


def _names(old: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What follows from a new name: the former one is kept, and by which keys the employer is matched."""
    former = former_names(old["name"], name, old["former_names"])
    key, others = name_keys(name, old["dbas"], former)
    return {"former_names": former, "match_key": key, "other_keys": others}
