"""Drafts of a device become visits: each once, whole, in a transaction of its own, with an answer that the device can keep."""

from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from multidict import MultiDict

from crm import merging
from crm.access import Actor
from crm.actions import reading
from crm.database import Record
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.forms import form_for
from crm.translation import _
from crm.visits import actions, around
from crm.visits.actions import FIELDS, Clock
from crm.visits.forms import PAYLOADS, Draft, Sync, VisitFields, VisitForm

State = Literal["saved", "differs", "choose", "look"]


class Taken(Struct, frozen=True, kw_only=True):
    """What became of a draft. `base`, `version` and `values` are what the device knows of the visit from now on."""

    draft_id: UUID
    state: State
    detail: str = ""
    fields: dict[str, str] = {}
    version: int = 0
    base: str = ""
    values: dict[str, str] = {}
    employer: dict[str, str] = {}
    link: str = ""


def read(body: bytes) -> Sync:
    """What a device sent. Raises `Invalid`; the device keeps its drafts then."""
    damaged = _("This device sent something that we could not read. Its visits stay on it. Load the page again.")
    try:
        sync = msgspec.json.decode(body, type=Sync)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Invalid(damaged) from problem
    if sync.payload not in PAYLOADS:
        raise Invalid(_("This device runs another version of the form. Its visits stay on it. Load the page again."))
    return sync


async def take(actor: Actor, draft: Draft, clock: Clock) -> Taken:
    """Log the draft, or save what it changes; where that cannot be, say why, and what to do."""
    try:
        async with reading(actor):
            known = await actions.drafted(actor, draft.draft_id)
            visit = await actions.shown(known) if known else None
            employer = await around.standing(actor, visit["employer_id"] if visit else _id(draft.values.get("employer_id", "")))
            if employer is None:
                return Taken(draft_id=draft.draft_id, state="choose", detail=_whom(draft))
            offered = await choices(actor, employer["id"], clock, visit)
            values = draft.values | {"employer_id": str(employer["id"]), "draft_id": str(draft.draft_id)}
            if len(offered["establishment_id"]) == 1:  # as every activity has it: where there is one worksite, it is that one
                values["establishment_id"] = values.get("establishment_id") or offered["establishment_id"][0][0]
            form = form_for(VisitForm, MultiDict(values), choices=offered)
        if form.validate():
            return await _saved(actor, form.struct(), draft, employer, clock)
    except (Invalid, NotFound, Denied, Conflict) as problem:
        return Taken(draft_id=draft.draft_id, state="look", detail=str(problem), fields=problem.fields)
    told = {name: " ".join(texts) for name, texts in form.errors.items()}
    return Taken(draft_id=draft.draft_id, state="look", detail=" ".join(form.problems) or _("Some fields need a look."), fields=told)


async def _saved(actor: Actor, form: VisitForm, draft: Draft, employer: Record, clock: Clock) -> Taken:
    visit_id, new = await actions.log_visit(actor, form, clock)
    said = {name: getattr(form, name) for name in FIELDS}
    proposal_id = None
    if not new:
        try:
            await actions.change_visit(actor, visit_id, VisitFields(**said), draft.version, draft.base, clock)
        except merging.EditConflict:
            proposal_id = await actions.propose(actor, visit_id, draft.draft_id, said, draft.base)
    async with reading(actor):
        visit = await actions.shown(visit_id)
        now = actions.values_of(visit, clock)
    if new and form.task_done and now["task_done"] is None:
        proposal_id = await actions.propose(actor, visit_id, draft.draft_id, said, merging.shown(now | {"task_done": False}))
    return Taken(
        draft_id=draft.draft_id, state="differs" if proposal_id else "saved", link=f"/visits/proposals/{proposal_id}" if proposal_id else "",
        version=actions.version_of(visit), base=merging.shown(now), values=typed(now),
        employer={"id": str(employer["id"]), "name": employer["name"], "town": employer["city"]},
    )  # fmt: skip


async def choices(actor: Actor, employer_id: UUID, clock: Clock, visit: Record | None = None) -> dict[str, list[tuple[str, str]]]:
    """The worksites and people to choose from; what the visit names can stay, also where it is gone from the employer."""
    [offered] = await around.carried(actor, [employer_id], clock.today) or [{"sites": [], "people": []}]
    found = {}
    for field, key in (("establishment_id", "sites"), ("contact_id", "people")):
        rows = [(each["id"], each["name"]) for each in offered[key]]
        if visit and visit[field] and str(visit[field]) not in dict(rows):
            rows.append((str(visit[field]), _("as it was")))
        found[field] = rows
    return found


def typed(now: dict[str, Any]) -> dict[str, str]:
    """The fields as a form holds them."""
    return {name: "" if value is None or value is False else "true" if value is True else str(value) for name, value in now.items()}


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _whom(draft: Draft) -> str:
    if draft.values.get("employer_id"):
        return _("This employer is not in the directory any more. Choose another one.")
    return _("Which employer is this?")
