"""What a slot that an employer pledged may bring, before anyone is found for it. What records know is not asked again; nothing is kept.

Who will be hired is open, so that what depends on the person shows between its bounds: people are chosen for the work, never for a credit.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm.access import Actor, load, may_work_for
from crm.database import Record
from crm.errors import NotFound
from crm.incentives import installed, quick
from crm.incentives.earlier_claims import earlier
from crm.incentives.forms import HireForm, SlotHireForm
from crm.incentives.hires import GONE
from crm.incentives.quick import Quick
from crm.pledges import listing
from crm.rulebook.claimed import Earlier
from crm.rulebook.facts import parse
from crm.translation import _


class Opportunity(Struct, frozen=True):
    """A pledge that stands (as `listing.one` reads it), the state whose law counts, what records know, by the keys of facts, and what was claimed before."""

    pledge: Record
    state: str
    recorded: dict[str, Any]
    before: Earlier


async def one(actor: Actor, pledge_id: UUID) -> Opportunity:
    """Raises `NotFound` for a pledge of another board, and for one that was withdrawn."""
    pledge = await listing.one(actor, pledge_id)
    if pledge is None or pledge["withdrawn_at"] or not may_work_for(actor, pledge["board_id"]):
        raise NotFound(_(GONE))
    employer = await load(actor, "employer", pledge["employer_id"])
    site = await load(actor, "establishment", pledge["establishment_id"]) if pledge["establishment_id"] else {}
    facts = installed.library().facts
    known = {"work_start": pledge["first_day"], "employee_count": employer.get("employee_count")}
    recorded = {key: parse(facts[key], value) for key, value in known.items() if value is not None}
    return Opportunity(pledge, str(site.get("state") or employer.get("state") or ""), recorded, await earlier.of_next(pledge["employer_id"], pledge["board_id"]))


def work_out(slot: Opportunity, typed: Mapping[str, str], put_off: Sequence[str], today: date) -> Quick:
    """Asked is what is known of the employer and the work; of no one in particular."""
    return quick.work_out(slot.state, typed, put_off, today, slot.recorded, slot.before)


def hire_of(slot: Opportunity, form: SlotHireForm) -> HireForm:
    """The hire for a slot: where and from when the employer promised it."""
    return HireForm(label=form.label, job_title=form.job_title, establishment_id=slot.pledge["establishment_id"], starts_on=slot.pledge["first_day"])
