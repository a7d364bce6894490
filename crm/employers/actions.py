"""The verbs of the directory: add, change, archive. Two people's changes are merged by field."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from crm.access import Actor, Permission, hidden_fields, load, may, may_work_for, require
from crm.actions import acting
from crm.addresses import Address, address_key, tidy_address
from crm.boards import assigning
from crm.database import execute, fetch_one, fetch_value, update_row
from crm.employers.fein import fein_hash, fein_hashes, seal_fein, tidy_fein
from crm.employers.forms import BoardChoice, EmployerForm, EstablishmentForm, NewEmployerForm
from crm.employers.matching.admitting import admit, keep, queue_beside
from crm.employers.matching.keys import Facts, former_names, name_keys, typed
from crm.employers.matching.policy import Policy, Source
from crm.errors import Denied, Invalid
from crm.fields.own import asked_by
from crm.industries import is_valid
from crm.merging import EditConflict, shown_before
from crm.phones import tidy_phone
from crm.translation import _
from crm.web_addresses import tidy_website

PLAIN = ("name", "dbas", "former_names", "ownership", "employee_count", "naics", "website", "domain", "phone", "status", "note",
         "match_key", "other_keys")  # fmt: skip
DERIVED = frozenset({"match_key", "other_keys", "domain"})
_OTHER_MAIN = "employer_id = $1 and archived_at is null and is_primary and id <> $2"
ADDRESS = frozenset({"line1", "line2", "city", "state", "zip"})


def tidied(form: EmployerForm | NewEmployerForm) -> dict[str, Any]:
    """The form's values as they are stored. Raises `Invalid` naming the field."""
    site = tidy_website(form.website)
    naics = form.naics.strip()
    if naics and not is_valid(naics):
        message = _("'%(code)s' is no NAICS code of 2022. Write two to six digits, or search by word.") % {"code": naics}
        raise Invalid(message, fields={"naics": message})
    name, dbas = form.name.strip(), _lines(form.dbas)
    former = _lines(form.former_names) if isinstance(form, EmployerForm) else []
    key, others = name_keys(name, dbas, former)
    values: dict[str, Any] = {
        "name": name, "dbas": dbas, "match_key": key, "other_keys": others,
        "naics": naics, "website": site.url if form.website else "", "domain": site.domain,
        "phone": tidy_phone(form.phone).number if form.phone else "",
    }  # fmt: skip
    if isinstance(form, EmployerForm):
        values |= {"former_names": former, "ownership": form.ownership, "employee_count": form.employee_count, "status": form.status,
                   "note": form.note}  # fmt: skip
    return values


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


async def create_employer(actor: Actor, form: NewEmployerForm, *, source: Source = "staff", asked: Policy = "queue") -> UUID:
    """Add an employer and, where an address was given, its first establishment; the employer's id.

    Raises `LikelyDuplicate` where one like it is here and the policy of the way in (`source`), or a stricter one that the
    caller asks for, says so.
    """
    require(actor, Permission.EDIT_EMPLOYERS)
    values, facts = tidied(form), facts_of(form)
    employer_id = uuid4()
    reason = form.reason.strip() or _("Said to be another employer.") if form.anyway else ""
    async with acting(actor, "employer.created") as act:
        found = await admit(act, facts, source, reason=reason, asked=asked)
        await execute(
            "insert into employer (id, name, dbas, naics, website, domain, phone, match_key, other_keys, keyed, source, created_by) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, true, $10, $11)",
            employer_id, values["name"], values["dbas"], values["naics"], values["website"], values["domain"],
            values["phone"], values["match_key"], values["other_keys"], "entered" if source == "staff" else source, actor.account_id,
        )  # fmt: skip
        if digits := tidy_fein(form.fein):
            await _keep_fein(employer_id, digits)
            values["fein_last4"] = digits[-4:]
        if form.city:
            place = EstablishmentForm(line1=form.line1, city=form.city, state=form.state, zip=form.zip, is_primary=True)
            await _add_establishment(employer_id, tidied_site(place))
        own = await asked_by(actor, form, "employer")
        added = own.given(form)
        await own.keep(actor, employer_id, added)
        act.record("employer", employer_id, employer_id=employer_id, board_id=actor.home_board, after=values | own.recorded(own.filled(added)))
        await keep(act, employer_id, found, reason=reason)
        act.event("employer_created", employer_id=employer_id)
    return employer_id


async def add_employer(actor: Actor, form: NewEmployerForm, *, on_match: Policy = "queue") -> UUID:
    """For a plugin: as `create_employer`, by the state office's policy for plugins, or the stricter one of `on_match`."""
    return await create_employer(actor, form, source="plugin", asked=on_match)


def facts_of(form: NewEmployerForm) -> Facts:
    """What is compared with the directory."""
    address = Address(form.line1, "", form.city, form.state, form.zip)
    return typed(form.name, dbas=_lines(form.dbas), fein=form.fein, phone=form.phone, website=form.website, address=address)


async def change_employer(actor: Actor, employer_id: UUID, form: EmployerForm) -> list[str]:
    """Change what this person changed; the names of fields that another changed meanwhile and that were kept.

    Raises `EditConflict` when both changed one field to different values.
    """
    require(actor, Permission.EDIT_EMPLOYERS)
    values = tidied(form)
    async with acting(actor, "employer.changed") as act:
        now = await load(actor, "employer", employer_id, for_update=True)
        own = await asked_by(actor, form, "employer", employer_id)
        mine, kept, added = own.merged(now, values, form, derived=DERIVED)
        now |= own.shown
        before = {key: now[key] for key in mine}
        _keep_former_name(now, mine, before)
        await _change_fein(actor, employer_id, form, now, mine, before)
        if not mine:
            act.unchanged()
            return kept
        plain = {key: value for key, value in mine.items() if key in PLAIN}
        await update_row("employer", employer_id, plain)
        await own.keep(actor, employer_id, added)
        if "match_key" in plain or "other_keys" in plain:
            await queue_beside(act, employer_id)
        act.record("employer", employer_id, employer_id=employer_id, before=own.recorded(before), after=own.recorded(mine))
        act.event("employer_changed", employer_id=employer_id)
    return kept


def _keep_former_name(now: Mapping[str, Any], mine: dict[str, Any], before: dict[str, Any]) -> None:
    """A new name leaves the one before it among the former ones, under which the employer is matched still."""
    if "name" not in mine:
        return
    former = former_names(now["name"], mine["name"], mine.get("former_names", now["former_names"]))
    if former != now["former_names"]:
        mine["former_names"], before["former_names"] = former, now["former_names"]
    key, others = name_keys(mine["name"], mine.get("dbas", now["dbas"]), former)
    if others != now["other_keys"]:
        mine["other_keys"], before["other_keys"] = others, now["other_keys"]


async def _change_fein(
    actor: Actor, employer_id: UUID, form: EmployerForm, now: dict[str, Any], mine: dict[str, Any], before: dict[str, Any]
) -> None:
    """Keep a FEIN that this person typed. Raises `EditConflict` when another kept a different one meanwhile."""
    digits = tidy_fein(form.fein)
    if not digits or await fetch_value("select fein_hash from employer where id = $1", employer_id) in fein_hashes(digits):
        return
    shown = shown_before(form.base).get("fein_last4")
    if form.version != now["version"] and shown is not None and shown != now.get("fein_last4", shown):
        raise EditConflict({"fein": _("ends in %(digits)s") % {"digits": now["fein_last4"]}}, {"fein": form.fein})
    await _keep_fein(employer_id, digits)
    mine["fein_last4"], before["fein_last4"] = digits[-4:], now.get("fein_last4")


async def _keep_fein(employer_id: UUID, digits: str) -> None:
    await execute(
        "update employer set fein_sealed = $2, fein_hash = $3, fein_last4 = $4 where id = $1",
        employer_id, seal_fein(digits, employer_id), fein_hash(digits), digits[-4:],
    )  # fmt: skip


async def archive_employer(actor: Actor, employer_id: UUID, *, restore: bool = False) -> None:
    """Take an employer off the lists, or bring it back. Nothing is deleted."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "employer.restored" if restore else "employer.archived") as act:
        await load(actor, "employer", employer_id, for_update=True)
        await execute(
            "update employer set archived_at = case when $2 then null else now() end, updated_at = now(), "
            "version = version + 1 where id = $1",
            employer_id, restore,
        )  # fmt: skip
        act.record("employer", employer_id, employer_id=employer_id, after={"archived": not restore})
        act.event("employer_changed", employer_id=employer_id)


async def add_establishment(actor: Actor, employer_id: UUID, form: EstablishmentForm) -> UUID:
    """A new establishment of the employer; its id. It falls into a board by its address."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "establishment.saved") as act:
        await load(actor, "employer", employer_id)
        values = tidied_site(form)
        saved = await _add_establishment(employer_id, values)
        own = await asked_by(actor, form, "establishment")
        added = own.given(form)
        await own.keep(actor, saved, added)
        act.record("establishment", saved, employer_id=employer_id, after=values | own.recorded(own.filled(added)))
        act.event("employer_changed", employer_id=employer_id)
    return saved


async def change_establishment(actor: Actor, establishment_id: UUID, form: EstablishmentForm) -> list[str]:
    """Change what this person changed; the names of fields that another changed meanwhile and that were kept.

    Raises `EditConflict` when both changed one field, or both the address.
    """
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "establishment.saved") as act:
        now = await load(actor, "establishment", establishment_id, for_update=True)
        own = await asked_by(actor, form, "establishment", establishment_id)
        mine, kept, added = own.merged(now, tidied_site(form), form, together=ADDRESS)
        now |= own.shown
        if not mine:
            act.unchanged()
            return kept
        primary = await _main_site(now["employer_id"], establishment_id, wanted=mine.get("is_primary", now["is_primary"]))
        follows = {"is_primary": primary, "address_key": address_key(_address(dict(now) | mine))}
        await update_row("establishment", establishment_id, own.plain(mine) | follows)
        await own.keep(actor, establishment_id, added)
        await _follow(now["employer_id"], establishment_id)
        act.record("establishment", establishment_id, employer_id=now["employer_id"], before=own.recorded({key: now[key] for key in mine}),
                   after=own.recorded(mine))  # fmt: skip
        act.event("employer_changed", employer_id=now["employer_id"])
    return kept


def tidied_site(form: EstablishmentForm) -> dict[str, Any]:
    """The form's values as they are stored."""
    address = tidy_address(form.line1, form.line2, form.city, form.state, form.zip).address
    return {
        "name": form.name, "line1": address.line1, "line2": address.line2, "city": address.city, "state": address.state,
        "zip": address.zip, "phone": tidy_phone(form.phone).number if form.phone else "", "capacity": form.capacity,
        "access_note": form.access_note, "is_primary": form.is_primary,
    }  # fmt: skip


async def _add_establishment(employer_id: UUID, values: dict[str, Any]) -> UUID:
    saved = uuid4()
    primary = await _main_site(employer_id, saved, wanted=values["is_primary"])
    await execute(
        "insert into establishment (id, employer_id, name, line1, line2, city, state, zip, address_key, phone, capacity, "
        "access_note, is_primary) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        saved, employer_id, values["name"], *_address(values), address_key(_address(values)), values["phone"], values["capacity"],
        values["access_note"], primary,
    )  # fmt: skip
    await _follow(employer_id, saved)
    return saved


async def _main_site(employer_id: UUID, establishment_id: UUID, *, wanted: bool) -> bool:
    """Whether this is the employer's main site now: the first one is, and one that is wanted takes another's place."""
    others = await fetch_value(f"select count(*) from establishment where {_OTHER_MAIN}", employer_id, establishment_id)
    if others and wanted:
        await execute(f"update establishment set is_primary = false where {_OTHER_MAIN}", employer_id, establishment_id)
    return wanted or not others


def _address(values: Mapping[str, Any]) -> Address:
    return Address(values["line1"], values["line2"], values["city"], values["state"], values["zip"])


async def _follow(employer_id: UUID, establishment_id: UUID) -> None:
    """What follows from an establishment: its board, and what lists show of its employer."""
    await assigning.assign_boards([establishment_id])
    await execute("select refresh_employers($1)", [employer_id])


async def choose_board(actor: Actor, establishment_id: UUID, choice: BoardChoice) -> None:
    """Give an establishment to a board whatever its address says, with the reason."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "establishment.board_chosen") as act:
        old = await load(actor, "establishment", establishment_id, for_update=True)
        await load(actor, "board", choice.board_id)
        if not (may_work_for(actor, old["board_id"]) or may_work_for(actor, choice.board_id)):
            raise Denied(_("Only the two boards concerned, or the state office, decide this."))
        await execute(
            "update establishment set board_id = $2, board_territory_id = null, board_set_by = $3, board_set_reason = $4, "
            "updated_at = now(), version = version + 1 where id = $1",
            establishment_id, choice.board_id, actor.account_id, choice.reason,
        )  # fmt: skip
        await execute("select refresh_employers($1)", [old["employer_id"]])
        act.record("establishment", establishment_id, board_id=choice.board_id, employer_id=old["employer_id"],
                   before={"board_id": old["board_id"]}, after={"board_id": choice.board_id, "reason": choice.reason})  # fmt: skip


async def follow_address(actor: Actor, establishment_id: UUID) -> UUID:
    """Take back what staff chose: the address decides again which board it is; the employer's id."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "establishment.board_by_address") as act:
        old = await load(actor, "establishment", establishment_id, for_update=True)
        employer_id: UUID = old["employer_id"]
        if not may_work_for(actor, old["board_id"]):
            raise Denied(_("Only the two boards concerned, or the state office, decide this."))
        await execute(
            "update establishment set board_set_by = null, board_set_reason = '', updated_at = now(), version = version + 1 "
            "where id = $1",
            establishment_id,
        )
        await assigning.assign_boards([establishment_id])
        await execute("select refresh_employers($1)", [employer_id])
        act.record("establishment", establishment_id, employer_id=employer_id,
                   before={"board_id": old["board_id"], "reason": old["board_set_reason"]})  # fmt: skip
    return employer_id


async def shown_fein(actor: Actor, employer_id: UUID) -> str:
    """The whole FEIN, for those who may see it; the record keeps who looked."""
    from crm.audit import record_disclosure
    from crm.employers.fein import open_fein

    if not may(actor, Permission.SEE_FEIN) or "fein_sealed" in hidden_fields(actor, "employer"):
        raise Denied(_("Your role does not show whole FEINs."))
    row = await fetch_one("select fein_sealed from employer where id = $1", employer_id)
    if row is None or row["fein_sealed"] is None:
        return ""
    await record_disclosure(actor, "employer.fein_shown", subject_kind="employer", subject_id=employer_id)
    return open_fein(row["fein_sealed"], employer_id)
