"""Change many rows at once: seen before it is done, done whole, and taken back as one."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from multidict import MultiDict, MultiMapping

from crm.access import Actor, load
from crm.actions import Act, acting
from crm.database import execute, fetch_value
from crm.errors import Conflict, Invalid, NotFound
from crm.forms import BoundForm, form_for
from crm.translation import _, ngettext

MOST = 500
CHOSEN = "chosen"  # the name of the boxes before the rows
CONFIRMED = "confirmed"


class Outcome(Struct, frozen=True):
    """What becomes of one row: why it stays as it is, or nothing when it changes."""

    row: Mapping[str, Any]
    name: str
    stays: list[str]
    now: str = ""


class Asked(Struct, frozen=True):
    """What a page asked for: which rows, whether it was seen before, and the form of the change."""

    chosen: list[UUID]
    confirmed: bool
    form: BoundForm


def picked(typed: MultiMapping[Any]) -> list[UUID]:
    """The rows whose boxes were ticked. Raises `Invalid`."""
    try:
        return [UUID(str(value)) for value in typed.getall(CHOSEN, [])]
    except ValueError as problem:
        raise Invalid(_("Choose the employers again: the page was damaged.")) from problem


def asked(typed: MultiMapping[Any], kind: type[Struct], *, apart: Sequence[str] = (), **options: Any) -> Asked:
    """Reads the boxes and the change; `apart`: names that are neither. Raises `Invalid`."""
    others = (CHOSEN, CONFIRMED, *apart)
    fields = MultiDict((name, value) for name, value in typed.items() if name not in others)
    form = form_for(kind, fields, **options)
    if not form.validate():
        raise Invalid(" ".join([*form.problems, *(text for texts in form.errors.values() for text in texts)]))
    return Asked(picked(typed), typed.get(CONFIRMED) == "true", form)


def check_count(chosen: Sequence[UUID]) -> list[UUID]:
    """Each once, in the order in which all lock them. Raises `Invalid` for none and for too many."""
    if not 0 < len(chosen) <= MOST:
        raise Invalid(_("Choose between 1 and %(most)s employers.") % {"most": MOST})
    return sorted(set(chosen))


def changing(outcomes: Sequence[Outcome]) -> list[Mapping[str, Any]]:
    """The rows that change. Raises `Invalid` where there is none."""
    found = [each.row for each in outcomes if not each.stays]
    if not found:
        raise Invalid(_("None of these can be changed so. Nothing was changed."))
    return found


async def keep(actor: Actor, kind: str, board_id: UUID | None, rows: Sequence[Mapping[str, Any]]) -> UUID:
    """What is needed to take it back: of each row its id, what was before and what is after."""
    change_id: UUID = await fetch_value(
        "insert into bulk_change (kind, board_id, rows, made_by) values ($1, $2, $3, $4) returning id", kind, board_id, list(rows), actor.account_id
    )
    return change_id


async def undo(
    actor: Actor, change_id: UUID, verb: str, kinds: Sequence[str], take_back: Callable[[Act, str, Mapping[str, Any]], Awaitable[bool]]
) -> tuple[int, int]:
    """Take a change back; how many, and how many stay because someone changed them since, as `take_back` says of each."""
    async with acting(actor, verb) as act:
        made = await load(actor, "bulk_change", change_id, for_update=True)
        if made["kind"] not in kinds:
            raise NotFound(_("This page does not exist, or it is not yours to see."))
        if made["undone_at"] is not None:
            raise Conflict(_("This was taken back already."))
        undone = sum([await take_back(act, made["kind"], row) for row in made["rows"]])
        await execute("update bulk_change set undone_at = now() where id = $1", change_id)
        if not undone:
            act.unchanged()
    return undone, len(made["rows"]) - undone


def changed_said(count: int) -> str:
    return ngettext("%(num)s employer changed.", "%(num)s employers changed.", count) % {"num": count}


def undone_said(undone: int, stayed: int) -> str:
    said = ngettext("%(num)s change was taken back.", "%(num)s changes were taken back.", undone) % {"num": undone}
    if stayed:
        said += " " + ngettext("%(num)s stays: someone changed it since.", "%(num)s stay: someone changed them since.", stayed) % {"num": stayed}
    return said
