"""Mailings to the guests of an event: whom they reach, and what their words can name. The way out's secret opens the answer too."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, require
from crm.actions import acting
from crm.database import Record, fetch, fetch_one
from crm.employer_events import events
from crm.employer_events.forms import GuestMailingForm
from crm.employer_events.wording import title, when, where
from crm.errors import Conflict
from crm.mail import current_settings
from crm.outreach import mailings
from crm.outreach.audiences import Audience
from crm.sql import Sql
from crm.translation import _

_WHOM = {
    "not_written": Sql("g.answer = '' and not exists (select from mailing_recipient r join mailing m on m.id = r.mailing_id where m.event_id = g.event_id "
                       "and r.contact_id = g.contact_id and r.state in ('queued', 'sending', 'sent', 'uncertain'))"),
    "unanswered": Sql("g.answer in ('', 'maybe')"),
    "coming": Sql("g.answer = 'yes'"),
}  # fmt: skip


async def write(actor: Actor, event_id: UUID, form: GuestMailingForm) -> UUID:
    """A draft of a mailing to guests; it is looked at and started like any other. The mailing's id."""
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "mailing.made") as act:
        event = await events.own(actor, event_id)
        if event["cancelled_at"] is not None:
            raise Conflict(_("This event was cancelled."))
        return await mailings.keep(act, event["board_id"], event["title_en"], form.template_id, {"whom": form.whom}, event_id=event_id)


async def _people(mailing: Mapping[str, Any]) -> list[Record]:
    """Guests who are known people with an address, a row each."""
    return await fetch(
        Sql("select distinct on (lower(c.email)) c.id as contact_id, c.email, c.language, c.given_name as first_name, c.family_name as last_name, "
            "e.id as employer_id, e.name as employer, e.city from event_guest g join contact c on c.id = g.contact_id and c.archived_at is null "
            "and c.email <> '' join employer e on e.id = g.employer_id and e.archived_at is null where g.event_id = {} and g.removed_at is null and {} "
            "order by lower(c.email), e.name, e.id", mailing["event_id"], _WHOM[mailing["chosen"]["whom"]])  # fmt: skip
    )


async def _values(mailing: Mapping[str, Any], language: str, secret: str) -> dict[str, str]:
    event = await fetch_one("select * from employer_event where id = $1", mailing["event_id"])
    assert event is not None
    settings = current_settings()
    return {"event": title(event, language), "when": when(event, language, settings.time_zone), "where": where(event),
            "rsvp": f"{settings.url}/rsvp/{secret}"}  # fmt: skip


GUESTS = Audience("event_id", _people, _values)
