"""The verbs of the directory: add, change, archive. Two people's changes are merged by field."""

import json
from typing import Any
from uuid import UUID, uuid4

from crm.access import Actor, Permission, hidden_fields, load, may, may_work_for, require
from crm.actions import acting
from crm.addresses import address_key, tidy_address
from crm.boards import assigning
from crm.database import execute, fetch_one, fetch_value, update_row
from crm.employers.fein import fein_hash, seal_fein, tidy_fein
from crm.employers.forms import BoardChoice, EmployerForm, EstablishmentForm, NewEmployerForm
from crm.errors import Conflict, Denied, Invalid
from crm.industries import is_valid
from crm.names import match_key
from crm.phones import tidy_phone
from crm.translation import _
from crm.web_addresses import tidy_website

PLAIN = ("name", "dbas", "ownership", "employee_count", "naics", "website", "domain", "phone", "status", "note",
         "match_key")  # fmt: skip


class EditConflict(Conflict):
    """Both changed the same fields. `theirs` and `mine` hold both values, so that nothing is lost."""

    def __init__(self, theirs: dict[str, Any], mine: dict[str, Any]) -> None:
        super().__init__(_("Someone else changed the same fields meanwhile. Choose which to keep."))
        self.theirs = theirs
        self.mine = mine


def tidied(form: EmployerForm | NewEmployerForm) -> dict[str, Any]:
    """The form's values as they are stored. Raises `Invalid` naming the field."""
    site = tidy_website(form.website)
    naics = form.naics.strip()
    if naics and not is_valid(naics):
        message = _("'%(code)s' is no NAICS code of 2022. Write two to six digits, or search by word.") % {"code": naics}
        raise Invalid(message, fields={"naics": message})
    values: dict[str, Any] = {
        "name": form.name.strip(),
        "dbas": [line.strip() for line in form.dbas.splitlines() if line.strip()],
        "naics": naics, "website": site.url if form.website else "", "domain": site.domain,
        "phone": tidy_phone(form.phone).number if form.phone else "", "match_key": match_key(form.name),
    }  # fmt: skip
    if isinstance(form, EmployerForm):
        values |= {"ownership": form.ownership, "employee_count": form.employee_count, "status": form.status,
                   "note": form.note}  # fmt: skip
    return values


async def create_employer(actor: Actor, form: NewEmployerForm) -> UUID:
    """Add an employer and, where an address was given, its first establishment; the employer's id."""
    require(actor, Permission.EDIT_EMPLOYERS)
    values = tidied(form)
    employer_id = uuid4()
    async with acting(actor, "employer.created") as act:
        await execute(
            "insert into employer (id, name, dbas, naics, website, domain, phone, match_key, source, created_by) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, 'entered', $9)",
            employer_id, values["name"], values["dbas"], values["naics"], values["website"], values["domain"],
            values["phone"], values["match_key"], actor.account_id,
        )  # fmt: skip
        if digits := tidy_fein(form.fein):
            await _keep_fein(employer_id, digits)
            values["fein_last4"] = digits[-4:]
        if form.city:
            place = EstablishmentForm(line1=form.line1, city=form.city, state=form.state, zip=form.zip, is_primary=True)
            await _write_establishment(employer_id, None, place)
        act.record("employer", employer_id, employer_id=employer_id, board_id=actor.home_board, after=values)
        act.event("employer_created", employer_id=employer_id)
    return employer_id


async def change_employer(actor: Actor, employer_id: UUID, form: EmployerForm) -> list[str]:
    """Change what this person changed; the names of fields that another changed meanwhile and that were kept.

    Raises `EditConflict` when both changed one field to different values.
    """
    require(actor, Permission.EDIT_EMPLOYERS)
    values = tidied(form)
    async with acting(actor, "employer.changed") as act:
        now = await load(actor, "employer", employer_id, for_update=True)
        mine, kept = _merged(now, values, form)
        before = {key: now[key] for key in mine}
        await _change_fein(actor, employer_id, form, now, mine, before)
        if not mine:
            act.unchanged()
            return kept
        plain = {key: value for key, value in mine.items() if key in PLAIN}
        await update_row("employer", employer_id, plain)
        act.record("employer", employer_id, employer_id=employer_id, before=before, after=mine)
        act.event("employer_changed", employer_id=employer_id)
    return kept


def shown_before(text: str) -> dict[str, Any]:
    """What the form showed, as it sends it back. Raises `Invalid` where that is damaged."""
    try:
        base = json.loads(text or "{}")
    except ValueError:
        base = None
    if not isinstance(base, dict):
        raise Invalid(_("This form is damaged. Load the page again."))
    return base


def _merged(now: dict[str, Any], values: dict[str, Any], form: EmployerForm) -> tuple[dict[str, Any], list[str]]:
    """What I changed, and what others changed and I did not."""
    base = shown_before(form.base) or {key: now.get(key) for key in values}
    mine = {key: value for key, value in values.items() if key in now and value != base.get(key, now[key])}
    theirs = {key for key in base if key in now and now[key] != base[key]} if form.version != now["version"] else set()
    both = {key for key in theirs & mine.keys() if now[key] != mine[key] and key not in {"match_key", "domain"}}
    if both:
        raise EditConflict({key: now[key] for key in both}, {key: mine[key] for key in both})
    return {k: v for k, v in mine.items() if v != now[k]}, sorted(theirs - mine.keys() - {"match_key", "domain"})


async def _change_fein(
    actor: Actor, employer_id: UUID, form: EmployerForm, now: dict[str, Any], mine: dict[str, Any], before: dict[str, Any]
) -> None:
    """Keep a FEIN that this person typed. Raises `EditConflict` when another kept a different one meanwhile."""
    digits = tidy_fein(form.fein)
    if not digits or fein_hash(digits) == await fetch_value("select fein_hash from employer where id = $1", employer_id):
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


async def save_establishment(actor: Actor, employer_id: UUID, establishment_id: UUID | None, form: EstablishmentForm) -> UUID:
    """Add an establishment, or change one; its id. It falls into a board by its address."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "establishment.saved") as act:
        await load(actor, "employer", employer_id)
        before = None
        if establishment_id is not None:
            old = await load(actor, "establishment", establishment_id, for_update=True)
            if old["employer_id"] != employer_id:
                raise Invalid(_("This site belongs to another employer."))
            if old["version"] != form.version:
                raise Conflict(_("Someone else changed this site meanwhile. Load it again; what you typed is still here."))
            before = {key: old[key] for key in ("line1", "line2", "city", "state", "zip", "phone", "name", "capacity")}
        saved = await _write_establishment(employer_id, establishment_id, form)
        act.record("establishment", saved, employer_id=employer_id, before=before,
                   after={"line1": form.line1, "city": form.city, "state": form.state, "zip": form.zip})  # fmt: skip
        act.event("employer_changed", employer_id=employer_id)
    return saved


async def _write_establishment(employer_id: UUID, establishment_id: UUID | None, form: EstablishmentForm) -> UUID:
    address = tidy_address(form.line1, form.line2, form.city, form.state, form.zip).address
    first = not await fetch_value(
        "select exists (select from establishment where employer_id = $1 and archived_at is null and is_primary "
        "and id is distinct from $2)",
        employer_id, establishment_id,
    )  # fmt: skip
    primary = form.is_primary or first
    if primary:
        await execute(
            "update establishment set is_primary = false where employer_id = $1 and is_primary and id is distinct from $2",
            employer_id, establishment_id,
        )  # fmt: skip
    saved: UUID = establishment_id or uuid4()
    await execute(
        "insert into establishment (id, employer_id, name, line1, line2, city, state, zip, address_key, phone, capacity, "
        "access_note, is_primary) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
        "on conflict (id) do update set name = excluded.name, line1 = excluded.line1, line2 = excluded.line2, "
        "city = excluded.city, state = excluded.state, zip = excluded.zip, address_key = excluded.address_key, "
        "phone = excluded.phone, capacity = excluded.capacity, access_note = excluded.access_note, "
        "is_primary = excluded.is_primary, updated_at = now(), version = establishment.version + 1",
        saved, employer_id, form.name, *address, address_key(address), tidy_phone(form.phone).number if form.phone else "",
        form.capacity, form.access_note, primary,
    )  # fmt: skip
    await assigning.assign_boards([saved])
    await execute("select refresh_employers($1)", [employer_id])
    return saved


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
