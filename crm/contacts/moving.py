"""Someone leaves an employer, perhaps for another: one action, taken back as one.

The person stays one, with what they agreed to and asked for; what they did where they were stays there.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm.access import Actor, Permission, load, may, require, visible
from crm.actions import Act, acting
from crm.contacts import roles
from crm.contacts.forms import JobChangeForm, RoleForm
from crm.contacts.knowing import name_of
from crm.database import Record, execute, fetch, fetch_one, fetch_value, update_row
from crm.email_addresses import normalise_email
from crm.employers.actions import archive_employer, create_employer
from crm.employers.forms import NewEmployerForm
from crm.employers.matching.policy import Source
from crm.engagements import tasks
from crm.engagements.forms import TaskForm
from crm.errors import Conflict, Invalid
from crm.outreach import following
from crm.phones import tidy_phone
from crm.sql import Sql
from crm.translation import _, exact_day


class Changed(Struct, frozen=True):
    """A job change by its id, and what to say of it besides: whether the employer that was left has no main contact now."""

    id: UUID
    contact_id: UUID
    without_main: bool
    stopped: int  # sequences that ended


async def change_job(actor: Actor, affiliation_id: UUID, form: JobChangeForm, *, today: date, source: Source = "staff") -> Changed:
    """End a role, or all that the person has at that employer, and begin another elsewhere where the form names one.

    Raises `Invalid`, `Conflict` and `LikelyDuplicate`; then nothing has changed.
    """
    require(actor, Permission.EDIT_EMPLOYERS)
    _check(form)
    async with acting(actor, "contact.left") as act:
        role = await roles.locked_role(actor, affiliation_id)
        person = await load(actor, "contact", role["contact_id"])
        employer = await load(actor, "employer", role["employer_id"])
        if form.version and form.version != role["version"]:
            raise Conflict(_("Someone changed this role meanwhile. Look at it again."))
        if role["valid_to"] is not None and role["valid_to"] < today:
            raise Conflict(_("This role ended on %(day)s already. Bring it back first, or change its days.") % {"day": exact_day(role["valid_to"])})
        there = await roles.current_roles(person["id"], employer["id"], today)
        ending = [each for each in there if each["id"] == affiliation_id or not form.only_this] or [role]
        kept: dict[str, Any] = {"ended": [await _end(each, form.left_on, today) for each in ending]}
        gone = form.left_on < today and len(ending) >= len(there)
        kept["enrolments"] = await _stop_sequences(act, person["id"], employer["id"]) if gone else []
        without_main = any(each["is_primary"] for each in ending)
        kept["task"] = await _ask_for_main(actor, employer, person, form.left_on, today) if without_main else None
        act.record("contact", person["id"], employer_id=employer["id"], before={"valid_to": role["valid_to"]},
                   after={"left_on": form.left_on, "roles": len(ending)})  # fmt: skip
        act.event("employer_changed", employer_id=employer["id"])
        begun_id = await _begin(act, person, form, kept, source)
        kept["person"] = await _reach(person, form)
        change_id: UUID = await fetch_value(
            "insert into job_change (contact_id, left_id, left_on, begun_id, rows, made_by) values ($1, $2, $3, $4, $5, $6) returning id",
            person["id"], affiliation_id, form.left_on, begun_id, kept, actor.account_id,
        )  # fmt: skip
    return Changed(change_id, person["id"], without_main, len(kept["enrolments"]))


def _check(form: JobChangeForm) -> None:
    problems = {}
    if form.employer_id and form.new_name.strip():
        problems["new_name"] = _("Choose an employer, or name a new one; not both.")
    if form.new_name.strip() and len(form.new_name.strip()) < 2:
        problems["new_name"] = _("At least %(count)s characters.") % {"count": 2}
    if not form.employer_id and not form.new_name.strip() and (form.begins or form.role.strip()):
        problems["new_name"] = _("Say which employer this is at.")
    if form.email and not (found := normalise_email(form.email, test_environment=True)).address:
        problems["email"] = found.note
    if form.anyway and len(form.reason.strip()) < 3:
        problems["reason"] = _("Say how you know that it is another employer.")
    if problems:
        raise Invalid(" ".join(problems.values()), fields=problems)


async def _end(role: Mapping[str, Any], left_on: date, today: date) -> dict[str, Any]:
    """What is needed to take it back. Until the last day is over someone stays the main contact."""
    if role["valid_from"] and left_on < role["valid_from"]:
        message = _("They left before they came, on %(day)s. Check the day.") % {"day": exact_day(role["valid_from"])}
        raise Invalid(message, fields={"left_on": message})
    after = {"valid_to": left_on, "is_primary": role["is_primary"] and left_on >= today}
    await update_row("affiliation", role["id"], after)
    return {"id": role["id"], "valid_to": role["valid_to"], "is_primary": role["is_primary"], "version": role["version"] + 1}


async def _stop_sequences(act: Act, contact_id: UUID, employer_id: UUID) -> list[dict[str, Any]]:
    """Those that write to them about the employer that they left, of every board."""
    kept = []
    for each in await fetch("select * from enrolment where contact_id = $1 and employer_id = $2 and state in ('active', 'paused') "
                            "order by id for update", contact_id, employer_id):  # fmt: skip
        queued = await fetch("select id from mailing_recipient where enrolment_id = $1 and state = 'queued'", each["id"])
        await following.end(act, each, "gone")
        kept.append({"id": each["id"], "state": each["state"], "due_at": each["due_at"], "queued": [row["id"] for row in queued]})
    return kept


async def _ask_for_main(actor: Actor, employer: Mapping[str, Any], person: Mapping[str, Any], left_on: date, today: date) -> UUID | None:
    """A task for whoever looks after the employer, where the board of the actor works with it."""
    if not may(actor, Permission.WORK_PIPELINE):
        return None
    engaged = await fetch_one(
        "select g.id, a.id as owner_id from engagement g left join account a on a.id = g.owner_id and a.disabled_at is null "
        "where g.employer_id = $1 and g.board_id = $2 and g.archived_at is null order by g.updated_at desc limit 1", employer["id"], actor.home_board,
    )  # fmt: skip
    if engaged is None:
        return None
    note = _("%(person)s was the main contact; their last day is %(day)s.") % {"person": name_of(person), "day": exact_day(left_on)}
    form = TaskForm(title=(_("Find a new main contact at %(name)s") % {"name": employer["name"]})[:200], note=note, due=max(left_on, today), assignee_id=engaged["owner_id"])
    return await tasks.add_task(actor, form, employer_id=employer["id"])


async def _begin(act: Act, person: Mapping[str, Any], form: JobChangeForm, kept: dict[str, Any], source: Source) -> UUID | None:
    """The new role, at an employer that is known or one that is new."""
    employer_id = form.employer_id
    if form.new_name.strip():
        new = NewEmployerForm(name=form.new_name.strip(), city=form.new_city, state=form.new_state, anyway=form.anyway, reason=form.reason)
        employer_id = await create_employer(act.actor, new, source=source)
        kept["made_employer"] = employer_id
    if employer_id is None:
        return None
    employer = await load(act.actor, "employer", employer_id)
    if employer["archived_at"] is not None:
        message = _("%(name)s is archived. Bring it back first.") % {"name": employer["name"]}
        raise Invalid(message, fields={"new_name": message})
    role = RoleForm(
        establishment_id=form.establishment_id, role=form.role, is_primary=form.is_primary, may_sign=form.may_sign,
        supervises_minors=form.supervises_minors, valid_from=form.begins or min(form.left_on, date.max - timedelta(days=1)) + timedelta(days=1),
    )  # fmt: skip
    begun_id, kept["displaced"] = await roles.begin(person["id"], employer_id, role)
    act.record("contact", person["id"], employer_id=employer_id, verb="contact.joined", after={"role": role.role, "valid_from": role.valid_from})
    act.event("employer_changed", employer_id=employer_id)
    return begun_id


async def _reach(person: Mapping[str, Any], form: JobChangeForm) -> dict[str, Any]:
    """How to reach them now; what was before and is after."""
    after: dict[str, Any] = {}
    if form.email:
        after["email"] = normalise_email(form.email, test_environment=True).address
    if form.phone:
        phone = tidy_phone(form.phone)
        after |= {"phone": phone.number, "phone_extension": phone.extension}
    after = {name: value for name, value in after.items() if value != person[name]}
    await update_row("contact", person["id"], after)
    return {"before": {name: person[name] for name in after}, "after": after}


async def undo(actor: Actor, change_id: UUID) -> dict[str, Any]:
    """All as it was before; the job change. Raises `Conflict` with the reason where someone has changed a part of it since."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "contact.move_undone") as act:
        made = await load(actor, "job_change", change_id)
        person = await roles.locked(actor, made["contact_id"])
        made = await load(actor, "job_change", change_id, for_update=True)
        if made["undone_at"] is not None:
            raise Conflict(_("This was taken back already."))
        kept = made["rows"]
        ended = [await _as_left(UUID(each["id"]), each["version"]) for each in kept["ended"]]
        for each, row in zip(kept["ended"], ended, strict=True):
            await update_row("affiliation", row["id"], {"valid_to": each["valid_to"] and date.fromisoformat(each["valid_to"]), "is_primary": False})
            if each["is_primary"]:
                await roles.stand_in_again([row["id"]], row["employer_id"])
        places = {row["employer_id"] for row in ended}
        if made["begun_id"]:
            places.add(await _take_back_new(actor, made["begun_id"], kept))
        await _reach_again(person, kept["person"])
        await _go_on(act, kept["enrolments"])
        if kept["task"] and await fetch_value("select version = 1 and done_at is null and dropped_at is null from task where id = $1", UUID(kept["task"])):
            await tasks.drop_task(actor, UUID(kept["task"]))
        await execute("update job_change set undone_at = now(), undone_by = $2 where id = $1", change_id, actor.account_id)
        for employer_id in sorted(places, key=str):
            act.record("contact", person["id"], employer_id=employer_id, after={"undone": change_id})
            act.event("employer_changed", employer_id=employer_id)
    return made


async def _as_left(affiliation_id: UUID, version: int) -> Record:
    row = await fetch_one("select f.*, e.name from affiliation f join employer e on e.id = f.employer_id where f.id = $1 for update of f", affiliation_id)
    if row is None or row["version"] != version:
        name = row["name"] if row is not None else _("the new employer")
        raise Conflict(_("Someone has changed the role at %(name)s since, so this cannot be taken back as one. Change the roles one by one.") % {"name": name})
    return row


async def _take_back_new(actor: Actor, begun_id: UUID, kept: Mapping[str, Any]) -> UUID:
    """The role that was begun goes; an employer that was made for it alone is archived. The employer's id."""
    row = await _as_left(begun_id, 1)
    employer_id: UUID = row["employer_id"]
    await execute("delete from affiliation where id = $1", begun_id)
    if row["is_primary"]:
        await roles.stand_in_again([UUID(each) for each in kept["displaced"]], employer_id)
    if kept.get("made_employer") == str(employer_id) and await fetch_value(
        "select not exists (select from affiliation where employer_id = $1) and not exists (select from activity where employer_id = $1) "
        "and not exists (select from engagement where employer_id = $1) and exists (select from employer where id = $1 and archived_at is null)", employer_id,
    ):  # fmt: skip
        await archive_employer(actor, employer_id)
    return employer_id


async def _reach_again(person: Mapping[str, Any], reached: Mapping[str, Any]) -> None:
    if any(person[name] != value for name, value in reached["after"].items()):
        raise Conflict(_("Someone has changed their email or phone since, so this cannot be taken back as one. Change the roles one by one."))
    await update_row("contact", person["id"], reached["before"])


async def _go_on(act: Act, stopped: list[dict[str, Any]]) -> None:
    """Sequences that ended for this reason and still have; not where the person is on another by now."""
    for each in stopped:
        again = await fetch_one(
            "update enrolment n set state = $2, reason = '', detail = '', ended_at = null, due_at = $3::text::timestamptz where id = $1 and state = 'stopped' "
            "and reason = 'gone' and not exists (select from enrolment o where o.contact_id = n.contact_id and o.board_id = n.board_id "
            "and o.state in ('active', 'paused')) returning sequence_id, board_id", UUID(each["id"]), each["state"], each["due_at"],
        )  # fmt: skip
        if again is not None:
            sequence = await fetch_one("select id, name from sequence where id = $1", again["sequence_id"])
            assert sequence is not None
            await following.let_go_on(act, sequence, again["board_id"])
            await execute("update mailing_recipient set state = 'queued' where id = any($1) and state = 'stopped'", [UUID(key) for key in each["queued"]])


async def last_change(actor: Actor, contact_id: UUID) -> Record | None:
    """The newest job change of the person that stands: the one that can be taken back."""
    return await fetch_one(Sql("select j.*, a.name as by from job_change j left join account a on a.id = j.made_by where j.contact_id = {} "
                               "and j.undone_at is null and {} order by j.made_at desc limit 1", contact_id, visible(actor, "job_change", "j")))  # fmt: skip
