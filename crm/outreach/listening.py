"""End sequences as soon as something happens that ends them, without waiting for their next step."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import fetch, fetch_value
from crm.outreach import following
from crm.outreach.sequence_rules import why_stop


async def look(subject: Mapping[str, Any]) -> int:
    """At those whom an event concerns, by its `employer_id`, `contact_id` or `activity_id`; for how many it ended."""
    employer, contact, activity = (each and UUID(str(each)) for each in (subject.get(name) for name in ("employer_id", "contact_id", "activity_id")))
    ended = 0
    async with acting(SYSTEM, "enrolment.stopped") as act:
        act.unchanged()
        if activity is not None and contact is None:
            contact = await fetch_value("select contact_id from activity where id = $1", activity)
        concerned = await fetch(
            "select n.* from enrolment n where n.state in ('active', 'paused') and (n.employer_id = $1 or n.contact_id = $2) "
            "order by n.id for update", employer, contact,
        )  # fmt: skip
        happened = await following.since([row["id"] for row in concerned])
        for row in concerned:
            reason, detail = why_stop(happened[row["id"]]), ""
            step = None if reason else await following.next_step(row["id"], row["sequence_id"])
            if step is not None:
                reason, detail = await following.barred(row, step["kind"], datetime.now(UTC))
            if reason:
                await following.end(act, row, reason, detail)
                ended += 1
    return ended
