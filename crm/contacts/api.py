"""People at employers, for programs."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType

from crm import api
from crm.access import Actor, Permission, hidden_fields, load, visible
from crm.actions import reading
from crm.api_creating import once
from crm.contacts import actions, moving
from crm.contacts.forms import ContactForm, JobChangeForm, NewContactForm
from crm.database import fetch, transaction
from crm.days import agency_today
from crm.errors import NotFound
from crm.fields.api import Sent, Values, named
from crm.fields.own import own
from crm.fields.showing import by_key
from crm.sql import Sql, both
from crm.translation import _
from crm.web import AnyRequest

TAG = "Contacts"
Language = Literal["en", "es"]
Channel = Literal["email", "phone", "text", "letter"]
Short = Annotated[str, Meta(max_length=100)]
GivenName = Annotated[str, Meta(min_length=1, max_length=100)]


class Contact(Struct, frozen=True, kw_only=True):
    """A person in their role at one employer. `person_id` is the same wherever else they are known."""

    id: UUID
    person_id: UUID
    employer_id: UUID
    given_name: str
    family_name: str
    role: str
    email: str
    phone: str
    phone_extension: str
    language: Language
    channel: Channel
    establishment_id: UUID | None
    is_primary: bool
    may_sign: bool
    supervises_minors: bool
    valid_from: date | None
    valid_to: date | None
    do_not_contact: bool
    note: str | UnsetType = UNSET
    fields: Values
    updated_at: datetime
    version: int


class NewContact(Struct, frozen=True, kw_only=True):
    """A person to add. Someone known by the same email is found, not doubled."""

    given_name: GivenName
    family_name: Short = ""
    role: Short = ""
    email: Annotated[str, Meta(max_length=254)] = ""
    phone: Annotated[str, Meta(max_length=40)] = ""
    language: Language = "en"
    channel: Channel = "email"
    establishment_id: UUID | None = None
    is_primary: bool = False
    may_sign: bool = False
    supervises_minors: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    do_not_contact: bool = False
    note: Annotated[str, Meta(max_length=2000)] = ""
    fields: Sent = {}
    anyway: Annotated[bool, Meta(description="Add them although someone like them is at this employer already")] = False


class ContactChange(Struct, frozen=True, kw_only=True):
    """Only what is given is changed."""

    given_name: GivenName | UnsetType = UNSET
    family_name: Short | UnsetType = UNSET
    role: Short | UnsetType = UNSET
    email: Annotated[str, Meta(max_length=254)] | UnsetType = UNSET
    phone: Annotated[str, Meta(max_length=40)] | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    channel: Channel | UnsetType = UNSET
    establishment_id: UUID | None | UnsetType = UNSET
    is_primary: bool | UnsetType = UNSET
    may_sign: bool | UnsetType = UNSET
    supervises_minors: bool | UnsetType = UNSET
    valid_from: date | None | UnsetType = UNSET
    valid_to: date | None | UnsetType = UNSET
    do_not_contact: bool | UnsetType = UNSET
    note: Annotated[str, Meta(max_length=2000)] | UnsetType = UNSET
    fields: Sent | UnsetType = UNSET


class NewJobChange(Struct, frozen=True, kw_only=True):
    """Someone left, and where they work now, if that is known. A new employer is added first, by its own operation."""

    left_on: Annotated[date, Meta(description="The last day; they count as there until it is over")]
    only_this: Annotated[bool, Meta(description="End this role alone, not all that they have at the employer")] = False
    employer_id: Annotated[UUID | None, Meta(description="Where they are now")] = None
    role: Short = ""
    establishment_id: UUID | None = None
    begins: Annotated[date | None, Meta(description="The first day there; without it, the day after the last one")] = None
    email: Annotated[str, Meta(max_length=254, description="Their new address; without it, as it was")] = ""
    phone: Annotated[str, Meta(max_length=40, description="Their new phone; without it, as it was")] = ""
    is_primary: bool = False
    may_sign: bool = False
    supervises_minors: bool = False


class JobChange(Struct, frozen=True, kw_only=True):
    """What was kept. `contact_id` is the role that ended, `now` the one that was begun; `undone_at` says when all of it was taken back."""

    id: UUID
    person_id: UUID
    contact_id: UUID
    left_on: date
    now: Contact | None
    made_at: datetime
    undone_at: datetime | None = None


class ContactQuery(Struct, frozen=True):
    after: api.After = ""


async def _contacts(actor: Actor, where: Sql) -> list[dict[str, Any]]:
    """Affiliations with their people: the affiliation is what the API calls a contact, for it has the role."""
    rows = await fetch(
        Sql("select c.*, f.*, f.contact_id as person_id, c.version as version from affiliation f "
            "join contact c on c.id = f.contact_id where c.archived_at is null and {} and {} and {} "
            f"order by f.id limit {api.PAGE + 1}",
            where, visible(actor, "affiliation", "f"), visible(actor, "contact", "c"))  # fmt: skip
    )
    values = await by_key(actor, "contact", [row["person_id"] for row in rows])
    return [dict(row) | {"fields": values.get(row["person_id"], {})} for row in rows]


def _shown(actor: Actor, row: Mapping[str, Any]) -> Contact:
    hidden = hidden_fields(actor, "contact")
    return api.shown(Contact, {name: value for name, value in row.items() if name not in hidden})


@api.lists("/employers/{employer_id:uuid}/contacts", Permission.SEE_CONTACTS, TAG, "List contacts", query=ContactQuery)
async def list_contacts(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> api.Page[Contact]:
    """The people at an employer, those who left among them."""
    await load(actor, "employer", employer_id)
    query = api.query_of(request, ContactQuery)
    start = Sql("f.id > {}", *api.after(query.after, UUID)) if query.after else Sql("true")
    rows = await _contacts(actor, both([Sql("f.employer_id = {}", employer_id), start]))
    more = api.cursor([rows[api.PAGE - 1]["id"]]) if len(rows) > api.PAGE else None
    return api.Page([_shown(actor, row) for row in rows[: api.PAGE]], more)


@api.reads("/contacts/{contact_id:uuid}", Permission.SEE_CONTACTS, TAG, "Read a contact")
async def read_contact(actor: NamedDependency[Actor], contact_id: FromPath[UUID]) -> Response[Contact]:
    """One person in their role at one employer, with the version as ETag."""
    return await _contact(actor, contact_id)


async def _contact(actor: Actor, contact_id: UUID, **more: Any) -> Response[Contact]:
    async with reading(actor):
        rows = await _contacts(actor, Sql("f.id = {}", contact_id))
    if not rows:
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    return api.answer(_shown(actor, rows[0]), rows[0]["version"], **more)


@api.creates("/employers/{employer_id:uuid}/contacts", Permission.EDIT_EMPLOYERS, TAG, "Add a contact")
async def create_contact(
    request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID], data: NewContact
) -> Response[Contact]:
    """A person in their role at this employer. Someone like them who is there already is a 409 that names them."""
    async with reading(actor):
        kind, added = (await own(actor, "contact")).sent(NewContactForm, data.fields, new=True)
    form = kind(**{name: value for name, value in msgspec.structs.asdict(data).items() if name != "fields"}, **added)

    async def create() -> UUID:
        with named():
            return (await actions.add_affiliation(actor, employer_id, form, anyway=form.anyway))[1]

    contact_id, again = await once(request, actor, create)
    return await _contact(actor, contact_id, status=201, again=again)


@api.changes("/contacts/{contact_id:uuid}", Permission.EDIT_EMPLOYERS, TAG, "Change a contact")
async def change_contact(
    request: AnyRequest, actor: NamedDependency[Actor], contact_id: FromPath[UUID], data: ContactChange
) -> Response[Contact]:
    """Changes the fields that are given. The name and how to reach them change wherever the person is known."""
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET and name != "fields"}
    async with transaction(actor.login, session_secret=actor.session_secret):
        # held in the order in which the action holds them
        role = await load(actor, "affiliation", contact_id)
        async with api.changing(request, actor, "contact", role["contact_id"]) as person:
            role = await load(actor, "affiliation", contact_id, for_update=True)
            now = person | role | {"version": person["version"]}
            names = [field.name for field in msgspec.structs.fields(ContactForm) if field.name != "base"]
            kind, added = (await own(actor, "contact", role["contact_id"])).sent(ContactForm, data.fields or {})
            with named():
                await actions.change_contact(actor, contact_id, kind(**{name: now[name] for name in names} | given | added))
    return await _contact(actor, contact_id)


@api.lists("/people/{person_id:uuid}/contacts", Permission.SEE_CONTACTS, TAG, "List a person's roles", query=ContactQuery)
async def list_roles(request: AnyRequest, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> api.Page[Contact]:
    """Everywhere a person works or worked, whichever employer it is. The id of one who was joined with another leads to that one."""
    person = await load(actor, "contact", person_id)
    query = api.query_of(request, ContactQuery)
    start = Sql("f.id > {}", *api.after(query.after, UUID)) if query.after else Sql("true")
    rows = await _contacts(actor, both([Sql("f.contact_id = {}", person["merged_into"] or person_id), start]))
    more = api.cursor([rows[api.PAGE - 1]["id"]]) if len(rows) > api.PAGE else None
    return api.Page([_shown(actor, row) for row in rows[: api.PAGE]], more)


@api.creates("/contacts/{contact_id:uuid}/job-changes", Permission.EDIT_EMPLOYERS, TAG, "Change jobs")
async def create_job_change(
    request: AnyRequest, actor: NamedDependency[Actor], contact_id: FromPath[UUID], data: NewJobChange
) -> Response[JobChange]:
    """Ends the role and begins another, in one change with all that follows; both stay in the person's history."""
    form = JobChangeForm(**msgspec.structs.asdict(data))

    async def create() -> UUID:
        return (await moving.change_job(actor, contact_id, form, today=agency_today(), source="api")).id

    return await _job_change(actor, *await once(request, actor, create))


@api.creates("/job-changes/{job_change_id:uuid}/undo", Permission.EDIT_EMPLOYERS, TAG, "Take back a change of jobs")
async def undo_job_change(request: AnyRequest, actor: NamedDependency[Actor], job_change_id: FromPath[UUID]) -> Response[JobChange]:
    """All as it was before, with the sequences that ended. Where someone has changed a part of it since, a 409 says which."""

    async def undo() -> UUID:
        await moving.undo(actor, job_change_id)
        return job_change_id

    return await _job_change(actor, *await once(request, actor, undo))


async def _job_change(actor: Actor, change_id: UUID, again: bool) -> Response[JobChange]:
    async with reading(actor):
        made = await load(actor, "job_change", change_id)
        now = await _contacts(actor, Sql("f.id = {}", made["begun_id"])) if made["begun_id"] else []
    shown = JobChange(id=change_id, person_id=made["contact_id"], contact_id=made["left_id"], left_on=made["left_on"],
                      now=_shown(actor, now[0]) if now else None, made_at=made["made_at"], undone_at=made["undone_at"])  # fmt: skip
    return api.answer(shown, 2 if made["undone_at"] else 1, status=201, again=again)


HANDLERS = [list_roles, create_job_change, undo_job_change, list_contacts, read_contact, create_contact, change_contact]
