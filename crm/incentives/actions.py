"""Keep what a screening says today and put it on paper."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from crm import sealing
from crm.access import Actor
from crm.actions import Act, acting
from crm.database import insert_many
from crm.errors import Invalid
from crm.incentives import hires, installed, screening, told
from crm.incentives.earlier_claims import earlier
from crm.rulebook.programs import Program
from crm.translation import _, lazy_
from crm.worded import worded


def program_of(program_id: str) -> Program:
    found = installed.library().programs.get(program_id)
    if found is None:
        raise Invalid(_("No program of that name is installed. Its plugin may be switched off."))
    return found


async def save_estimate(actor: Actor, hire_id: UUID, today: date) -> tuple[UUID, UUID]:
    """Keep the screening as it is today, sealed, and make its PDF in a job; the ids of both. No confidential answer is on the paper."""
    async with acting(actor, "estimate.made") as act:
        hire = await hires.own(actor, hire_id)
        known = await told.of(hire)
        found = screening.screened(hire, known, today, outside=True, before=await earlier.of(hire))
        content = {"facts": told.texts_of(known), "places": found.places, "stack": found.stack, "renewed": found.renewed}
        estimate_id = await keep(act, hire, today, content, _told(found))
        act.record("estimate", estimate_id, board_id=hire["board_id"], employer_id=hire["employer_id"], after={"hire": str(hire_id)})
        job_id = await act.enqueue(
            "incentives.render_estimate", {"estimate_id": str(estimate_id), "language": actor.language},
            title=worded(lazy_("PDF: %(program)s for %(employer)s"), program=worded(lazy_("Incentive estimate")), employer=hire["employer"]),
            key=f"estimate:{estimate_id}", board_id=hire["board_id"],
        )  # fmt: skip
    return estimate_id, job_id


async def keep(act: Act, hire: Mapping[str, Any], today: date, content: Mapping[str, Any], result: Mapping[str, Any]) -> UUID:
    """An estimate of a hire: the facts it rests on and what it shows sealed, in the open only what it comes to."""
    estimate_id = uuid4()
    values = {"id": estimate_id, "employer_id": hire["employer_id"], "hire_id": hire["id"], "establishment_id": hire["establishment_id"],
              "board_id": hire["board_id"], "as_of": today, "result": result, "created_by": act.actor.account_id,
              "content_sealed": sealing.seal(json.dumps(content), "estimate", "content", estimate_id)}  # fmt: skip
    await insert_many("estimate", tuple(values), [tuple(values.values())])
    act.event("estimate_made", estimate_id=estimate_id, employer_id=hire["employer_id"])
    return estimate_id


def _told(found: screening.Screened) -> dict[str, Any]:
    """What an estimate may say of itself in a list."""
    return {"programs": [{"program": each["program"], "amount": each["amount"]} for place in screening.PLACES[:3] for each in found.places[place]]}
