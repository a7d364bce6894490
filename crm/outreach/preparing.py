"""Work out who gets a mailing: each person once, those whom courtesy or a missing field leaves out with the reason."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm.access import Actor
from crm.contacts.present import works
from crm.database import Record, copy_into, execute, fetch, fetch_one, fetch_value
from crm.engagements import courtesy, pipeline
from crm.engagements.courtesy_rules import Channel, check_approach
from crm.engagements.pipelines import pipeline as pipeline_of
from crm.mail import current_settings
from crm.outreach.audiences import audience_of, more_values
from crm.outreach.letters import words
from crm.outreach.rules import missing_fields
from crm.sql import TRUE, Sql
from crm.translation import _
from crm.work import Job, RunningJob

CHUNK = 2_000
PEOPLE = ("mailing_id", "board_id", "employer_id", "contact_id", "email", "language", "state", "reason")


async def prepare(job: RunningJob, *, mailing_id: str) -> dict[str, Any]:
    """Done twice it works it out anew: nothing leaves before someone starts it."""
    mailing = UUID(mailing_id)
    today = datetime.now(UTC).astimezone(ZoneInfo(current_settings().time_zone)).date()
    async with job.acting("mailing.prepared") as act:
        row = await fetch_one("select * from mailing where id = $1 and state = 'preparing' for update", mailing)
        if row is None:
            act.unchanged()
            return {"url": f"/mailings/{mailing}"}
        await execute("delete from mailing_recipient where mailing_id = $1", mailing)
        await execute("set local statement_timeout = '60s'")
        audience = audience_of(row)
        found = await (audience.people(row) if audience else shown_people(job.actor, row["board_id"], row["chosen"], today))
        more = {code: await more_values(row, code, "…") for code in ("en", "es")}
        for chunk in chunks(found):
            reasons = await against(row["board_id"], row["made_by"], chunk, lambda language: words(row, language), "email", today, more)
            # each person and address is found once, and what an attempt before this kept is gone
            await copy_into("mailing_recipient", PEOPLE, [
                (mailing, row["board_id"], each["employer_id"], each["contact_id"], each["email"].lower(), each["language"],
                 "left_out" if reason else "queued", reason) for each, reason in zip(chunk, reasons, strict=True)
            ])  # fmt: skip
        await execute("update mailing set state = 'draft' where id = $1", mailing)
        act.record("mailing", mailing, board_id=row["board_id"], after={"people": len(found)})
    return {"url": f"/mailings/{mailing}"}


def chunks(found: Sequence[Record]) -> Iterator[Sequence[Record]]:
    for start in range(0, len(found), CHUNK):
        yield found[start : start + CHUNK]


async def shown_people(actor: Actor, board_id: UUID, chosen: Mapping[str, Any], today: date, *, mailed: bool = True) -> list[Record]:
    """Those whom a pipeline's filters show, a row a person: someone at several employers is written to at the one where they are first of all."""
    way = await pipeline_of(board_id, chosen["pipeline"])
    filters = pipeline.Filters(**{name: chosen[name] for name in ("owner", "due", "waiting", "sector", "q")})
    stage = Sql("g.stage_id = {}", UUID(chosen["stage"])) if chosen.get("stage") else TRUE
    main = Sql("f.id = (select m.id from affiliation m join contact o on o.id = m.contact_id and o.archived_at is null and (o.email <> '' or not {}) "
               "where m.employer_id = e.id and {} "
               "order by m.is_primary desc, m.created_at, m.id limit 1)", mailed, works("m", today)) if chosen["who"] == "main" else TRUE  # fmt: skip
    return await fetch(
        Sql("select distinct on (coalesce(nullif(lower(c.email), ''), c.id::text)) c.id as contact_id, c.email, c.language, "
            "c.given_name as first_name, c.family_name as last_name, g.id as engagement_id, "
            "e.id as employer_id, e.name as employer, e.city from engagement g join employer e on e.id = g.employer_id "
            "join affiliation f on f.employer_id = e.id and {} "
            "join contact c on c.id = f.contact_id and c.archived_at is null and (c.email <> '' or not {}) "
            "where {} and {} and {} and e.archived_at is null "
            "order by coalesce(nullif(lower(c.email), ''), c.id::text), f.is_primary desc, e.name, e.id",
            works("f", today), mailed, pipeline.narrowed(actor, board_id, way["id"], filters, today), stage, main)  # fmt: skip
    )


async def against(
    board_id: UUID, account_id: UUID | None, found: Sequence[Record], texts: Callable[[str], Sequence[str]], channel: Channel, today: date,
    more: Mapping[str, Mapping[str, str]] | None = None,
) -> list[str]:  # fmt: skip
    """What stands against writing to each, in words; empty where nothing does. `texts` and `more` values by the language."""
    pairs = [(row["employer_id"], row["contact_id"]) for row in found]
    facts = await courtesy.facts_of(board_id, pairs, channel, many=True, budget=current_settings().contact_budget, today=today)
    ours = {
        "board": await fetch_value("select coalesce(nullif(public_name, ''), name) from board where id = $1", board_id),
        "sender": await fetch_value("select name from account where id = $1", account_id) or "",
    }
    names = ("first_name", "last_name", "employer", "city")
    told = []
    for row, pair in zip(found, pairs, strict=True):
        missing = missing_fields({name: row[name] for name in names} | ours | dict((more or {}).get(row["language"], {})), *texts(row["language"]))
        told.append(" ".join([*(courtesy.sentence(finding) for finding in check_approach(facts[pair])), *(empty_field(name) for name in missing)]))
    return told


def empty_field(name: str) -> str:
    return _("The field {%(field)s} is empty for this person.") % {"field": name}


async def left_out_now(board_id: UUID, recipient: Record, *, budget: int, today: date) -> str:
    """Why this person must not be written to any more, though they were to be when it was prepared."""
    found = await courtesy.findings(board_id, recipient["employer_id"], recipient["contact_id"], "email", budget=budget, today=today, many=True)
    return " ".join(courtesy.sentence(finding) for finding in found)


JOBS = [Job("outreach.prepare", prepare, attempts=3, timeout=300)]
