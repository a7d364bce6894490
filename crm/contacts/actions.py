"""Add and change people at employers. A job change ends one affiliation and keeps it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, require
from crm.actions import acting
from crm.contacts import roles
from crm.contacts.forms import ContactForm, RoleForm
from crm.contacts.knowing import KnownThere, known_at
from crm.database import fetch_value, update_row
from crm.email_addresses import normalise_email
from crm.errors import Invalid
from crm.fields.own import asked_by
from crm.phones import tidy_phone

_ROLE = ("establishment_id", "role", "is_primary", "may_sign", "supervises_minors", "valid_from", "valid_to")


def tidied(form: ContactForm) -> dict[str, Any]:
    """The person's values as they are stored. Raises `Invalid` naming the field."""
    problems: dict[str, str] = {}
    email = normalise_email(form.email, test_environment=True) if form.email else None
    if email is not None and not email.address:
        problems["email"] = email.note
    if problems:
        raise Invalid(" ".join(problems.values()), fields=problems)
    roles.check_days({"valid_from": form.valid_from, "valid_to": form.valid_to})
    phone = tidy_phone(form.phone) if form.phone else None
    return {
        "given_name": form.given_name, "family_name": form.family_name, "email": email.address if email else "",
        "phone": phone.number if phone else "", "phone_extension": phone.extension if phone else "",
        "language": form.language, "channel": form.channel, "do_not_contact": form.do_not_contact, "note": form.note,
    }  # fmt: skip


async def add_contact(actor: Actor, employer_id: UUID, form: ContactForm, *, anyway: bool = False) -> UUID:
    """A person at an employer; the person's id. Someone known elsewhere by the same address is found, not doubled.

    Raises `KnownThere` for someone like those at the employer, unless someone says that it is another (`anyway`).
    """
    contact_id, _affiliation_id = await add_affiliation(actor, employer_id, form, anyway=anyway)
    return contact_id


async def add_affiliation(actor: Actor, employer_id: UUID, form: ContactForm, *, anyway: bool = False) -> tuple[UUID, UUID]:
    """As `add_contact`; the ids of the person and of their affiliation."""
    require(actor, Permission.EDIT_EMPLOYERS)
    values = tidied(form)
    async with acting(actor, "contact.added") as act:
        await load(actor, "employer", employer_id)
        if not anyway and (known := await known_at(actor, employer_id, values)):
            raise KnownThere(known)
        contact_id = values["email"] and await fetch_value(
            "select id from contact where email = $1 and archived_at is null order by created_at limit 1", values["email"]
        )
        if not contact_id:
            names = ", ".join(values)
            places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
            contact_id = await fetch_value(f"insert into contact ({names}) values ({places}) returning id", *values.values())
        else:
            await roles.locked(actor, contact_id)
        affiliation_id, _displaced = await roles.begin(contact_id, employer_id, role_of(form))
        own = await asked_by(actor, form, "contact", contact_id)
        # what someone known already has is not emptied by a form that did not show it
        added = own.filled(own.given(form))
        await own.keep(actor, contact_id, added)
        act.record("contact", contact_id, employer_id=employer_id, after={"role": form.role} | own.recorded(added))
        act.event("employer_changed", employer_id=employer_id)
    return UUID(str(contact_id)), affiliation_id


def role_of(form: ContactForm) -> RoleForm:
    """What the form says of the role alone."""
    return RoleForm(**{name: getattr(form, name) for name in _ROLE})


async def change_contact(actor: Actor, affiliation_id: UUID, form: ContactForm) -> list[str]:
    """Change what this person changed of someone and their role at this employer; what others changed and was kept.

    Raises `EditConflict` when both changed one field.
    """
    require(actor, Permission.EDIT_EMPLOYERS)
    values = tidied(form) | {key: getattr(form, key) for key in _ROLE}
    async with acting(actor, "contact.changed") as act:
        affiliation = await roles.locked_role(actor, affiliation_id)
        person = await load(actor, "contact", affiliation["contact_id"])
        await roles.check_site(affiliation["employer_id"], form.establishment_id)
        now = dict(person) | {key: affiliation[key] for key in _ROLE}
        own = await asked_by(actor, form, "contact", person["id"])
        mine, kept, added = own.merged(now, values, form, derived=frozenset({"phone_extension"}))
        now |= own.shown
        if not mine:
            act.unchanged()
            return kept
        if mine.keys() & set(_ROLE):
            await roles.check_alone(person["id"], affiliation["employer_id"], affiliation | {key: mine[key] for key in mine.keys() & set(_ROLE)}, but=affiliation_id)
        await _keep_changes(affiliation, own.plain(mine))
        await own.keep(actor, person["id"], added)
        act.record("contact", person["id"], employer_id=affiliation["employer_id"], before=own.recorded({key: now[key] for key in mine}),
                   after=own.recorded(mine))  # fmt: skip
        act.event("employer_changed", employer_id=affiliation["employer_id"])
    return kept


async def _keep_changes(affiliation: Mapping[str, Any], mine: Mapping[str, Any]) -> None:
    """The person's version grows with their role's too: the form shows both, and one number says whether it is stale."""
    role = {key: value for key, value in mine.items() if key in _ROLE}
    await update_row("contact", affiliation["contact_id"], {key: value for key, value in mine.items() if key not in _ROLE})
    if role.get("is_primary"):
        await roles.displace(affiliation["employer_id"], but=affiliation["id"])
    if role:
        await update_row("affiliation", affiliation["id"], role)
