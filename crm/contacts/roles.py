"""A person's roles: begun, one beside another, brought back. Each has its days, and no two of one kind overlap."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, require
from crm.actions import acting
from crm.contacts.forms import RoleForm
from crm.contacts.present import is_current
from crm.database import Record, execute, fetch, fetch_one, fetch_value, update_row
from crm.days import agency_today
from crm.errors import Conflict, Invalid
from crm.translation import _, exact_day

# one role at one worksite, over the same days
SAME = ("{0}.employer_id = {1}.employer_id and {0}.establishment_id is not distinct from {1}.establishment_id and fold({0}.role) = fold({1}.role) "
        "and daterange({0}.valid_from, {0}.valid_to, '[]') && daterange({1}.valid_from, {1}.valid_to, '[]')")  # fmt: skip


async def add_role(actor: Actor, contact_id: UUID, employer_id: UUID, form: RoleForm) -> UUID:
    """They work there too, beside all that they do already; the affiliation's id."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "contact.role_added") as act:
        person = await locked(actor, contact_id)
        employer = await load(actor, "employer", employer_id)
        if employer["archived_at"] is not None:
            raise Invalid(_("%(name)s is archived. Bring it back first.") % {"name": employer["name"]})
        role_id, _displaced = await begin(person["id"], employer_id, form)
        await update_row("contact", person["id"], {})
        act.record("contact", person["id"], employer_id=employer_id, after={"role": form.role, "valid_from": form.valid_from, "valid_to": form.valid_to})
        act.event("employer_changed", employer_id=employer_id)
    return role_id


async def bring_back(actor: Actor, affiliation_id: UUID) -> dict[str, Any]:
    """A role that was ended by mistake goes on, with no last day; the role."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "contact.role_resumed") as act:
        role = await locked_role(actor, affiliation_id)
        if role["valid_to"] is None:
            act.unchanged()
            return role
        await check_alone(role["contact_id"], role["employer_id"], role | {"valid_to": None}, but=affiliation_id)
        await update_row("affiliation", affiliation_id, {"valid_to": None})
        await update_row("contact", role["contact_id"], {})
        act.record("contact", role["contact_id"], employer_id=role["employer_id"], before={"valid_to": role["valid_to"]}, after={"valid_to": None})
        act.event("employer_changed", employer_id=role["employer_id"])
    return role


async def locked(actor: Actor, contact_id: UUID) -> dict[str, Any]:
    """The person, held before any of their roles is, by everyone: so no two changes wait for each other."""
    person = await load(actor, "contact", contact_id, for_update=True)
    if person["archived_at"] is not None:
        raise Conflict(_("This person is archived or was joined with another. Look at them again."))
    return person


async def locked_role(actor: Actor, affiliation_id: UUID) -> dict[str, Any]:
    """A role, with its person held before it."""
    role = await load(actor, "affiliation", affiliation_id)
    await locked(actor, role["contact_id"])
    return await load(actor, "affiliation", affiliation_id, for_update=True)


async def begin(contact_id: UUID, employer_id: UUID, role: RoleForm) -> tuple[UUID, list[UUID]]:
    """Inside the open action: a new row; its id, and the ids of those who are the main contact no more."""
    values = {name: getattr(role, name) for name in ("establishment_id", "role", "is_primary", "may_sign", "supervises_minors", "valid_from", "valid_to")}
    check_days(values)
    await check_site(employer_id, role.establishment_id)
    await check_alone(contact_id, employer_id, values)
    displaced = await displace(employer_id) if role.is_primary else []
    made: UUID = await fetch_value(
        "insert into affiliation (contact_id, employer_id, establishment_id, role, is_primary, may_sign, supervises_minors, valid_from, valid_to) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id", contact_id, employer_id, *values.values(),
    )  # fmt: skip
    return made, displaced


async def displace(employer_id: UUID, but: UUID | None = None) -> list[UUID]:
    """There is one main contact at a time."""
    found = await fetch("update affiliation set is_primary = false where employer_id = $1 and is_primary and id is distinct from $2 returning id", employer_id, but)
    return [row["id"] for row in found]


async def stand_in_again(displaced: list[UUID], employer_id: UUID) -> None:
    """The main contact of before, where there is no other by now."""
    await execute("update affiliation set is_primary = true where id = any($1) and not exists "
                  "(select from affiliation where employer_id = $2 and is_primary)", displaced, employer_id)  # fmt: skip


def check_days(values: Mapping[str, Any]) -> None:
    if values["valid_from"] and values["valid_to"] and values["valid_to"] < values["valid_from"]:
        message = _("They left before they came. Check the two days.")
        raise Invalid(message, fields={"valid_to": message})


async def check_site(employer_id: UUID, establishment_id: UUID | None) -> None:
    if establishment_id is not None and not await fetch_value(
        "select exists (select from establishment where id = $1 and employer_id = $2)", establishment_id, employer_id
    ):
        message = _("This site belongs to another employer.")
        raise Invalid(message, fields={"establishment_id": message})


async def check_alone(contact_id: UUID, employer_id: UUID, values: Mapping[str, Any], *, but: UUID | None = None) -> None:
    """Raises `Invalid` where the person has the same role at the same worksite on one of these days already."""
    found = await fetch_one(
        "select f.role, f.valid_from, f.valid_to from affiliation f cross join (select $2::uuid as employer_id, $3::uuid as establishment_id, "
        "$4::text as role, $5::date as valid_from, $6::date as valid_to) n "
        f"where f.contact_id = $1 and f.id is distinct from $7 and {SAME.format('f', 'n')} order by f.valid_to desc nulls first limit 1",
        contact_id, employer_id, values["establishment_id"], values["role"], values["valid_from"], values["valid_to"], but,
    )  # fmt: skip
    if found is not None:
        message = _("They have this role there already, %(days)s. Change that one, name another role or worksite, or choose days that do not overlap.") % {
            "days": span_of(found)}  # fmt: skip
        raise Invalid(message, fields={"valid_from": message})


def span_of(role: Mapping[str, Any]) -> str:
    """From when to when, in words."""
    begins, ends = role["valid_from"], role["valid_to"]
    if begins and ends:
        return _("from %(first)s to %(last)s") % {"first": exact_day(begins), "last": exact_day(ends)}
    if begins:
        return _("since %(day)s") % {"day": exact_day(begins)} if begins <= agency_today() else _("from %(day)s on") % {"day": exact_day(begins)}
    return _("until %(day)s") % {"day": exact_day(ends)} if ends else _("with no days given")


async def current_roles(contact_id: UUID, employer_id: UUID, on: date) -> list[Record]:
    """The person's roles at one employer that hold on the day, held for a change. The person is held already."""
    rows = await fetch("select * from affiliation where contact_id = $1 and employer_id = $2 order by id for update", contact_id, employer_id)
    return [row for row in rows if is_current(row, on)]
