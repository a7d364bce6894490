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


async def change_own_employer(actor: Actor, employer_id: UUID, form: OwnEmployerForm) -> None:
    """Raises `Conflict` when the board changed it meanwhile."""
    require(actor, Permission.EDIT_IN_PORTAL)
    site = tidy_website(form.website)
    after = {"name": form.name, "employee_count": form.employee_count, "website": site.url, "domain": site.domain,
             "phone": tidy_phone(form.phone).number}  # fmt: skip
    async with acting(actor, "employer.changed") as act:
        old = await load(actor, "employer", employer_id)
        if old["version"] != form.version:
            raise Conflict(_("Your board changed this meanwhile. Load the page again; what you typed is still here."))
        own = await in_portal(actor, employer_id)
        old |= own.shown
        given = own.given(form)
        changed = {key: value for key, value in (after | given).items() if old[key] != value}
        if not changed:
            act.unchanged()
            return
        follows = _names(old, form.name) if "name" in changed else {}
        if not await update_row("employer", employer_id, own.plain(changed) | follows, version=form.version):
            raise Conflict(_("Your board changed this meanwhile. Load the page again; what you typed is still here."))
        await own.keep(actor, employer_id, {name: value for name, value in given.items() if name in changed})
        act.record("employer", employer_id, employer_id=employer_id, before=own.recorded({k: old[k] for k in changed}), after=own.recorded(changed))
        act.event("employer_changed", employer_id=employer_id)


def _names(old: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What follows from a new name: the former one is kept, and by which keys the employer is matched."""
    former = former_names(old["name"], name, old["former_names"])
    key, others = name_keys(name, old["dbas"], former)
    return {"former_names": former, "match_key": key, "other_keys": others}
