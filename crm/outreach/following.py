"""Follow those who are on a sequence: whether it ends for them, which step is next and when, and what comes after the last."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm.actions import Act
from crm.contacts.present import works
from crm.database import Record, execute, fetch, fetch_one, fetch_value
from crm.engagements import courtesy
from crm.engagements.courtesy import APPROACHES
from crm.engagements.courtesy_rules import Channel
from crm.mail import current_settings
from crm.outreach.rules import due_at
from crm.outreach.sequence_rules import BARS, CHANNELS, Since, why_stop
from crm.sql import Sql
from crm.translation import lazy_
from crm.worded import worded

# what was written down since, unless it happened long before: an old mail that is read in late stops nothing
_SINCE = "y.removed_at is null and y.created_at >= n.since and y.at >= n.since - interval '1 day'"
_OURS = "(y.contact_id = n.contact_id or y.employer_id = n.employer_id and (y.board_id = n.board_id or y.board_id is null))"
_OF_THEM = "(y.contact_id = n.contact_id or y.employer_id = n.employer_id)"


def _happened(whose: str, what: str) -> str:
    # by employer and by contact apart, so that each has its index
    return " or ".join(
        f"exists (select from activity y where y.{of} = n.{of} and {whose} and {what} and {_SINCE})" for of in ("employer_id", "contact_id")
    )


_REPLIED = _happened(_OURS, "y.kind = 'email' and y.direction = 'in'")
_MET = _happened(_OURS, "y.kind in ('meeting', 'visit')")
_OTHERS = _happened(_OF_THEM, f"y.board_id <> n.board_id and {APPROACHES}")
_FACTS = f"""
    select n.id, {_REPLIED} as replied, {_MET} as met,
        exists (select from stage_move m where m.engagement_id = n.engagement_id and m.at >= n.since and m.undone_at is null)
            or exists (select from engagement g where g.id = n.engagement_id and g.archived_at is not null) as moved,
        {_OTHERS} as others,
        exists (select from mailing_recipient r where r.enrolment_id = n.id and r.state = 'bounced' and r.sent_at >= n.since) as undeliverable,
        not exists (select from affiliation f join contact c on c.id = f.contact_id and c.archived_at is null
            join employer e on e.id = f.employer_id and e.archived_at is null where f.contact_id = n.contact_id
            and f.employer_id = n.employer_id and {{}}) as gone
    from enrolment n where n.id = any({{}})
"""


async def since(ids: list[UUID]) -> dict[UUID, Since]:
    """What happened since each was put on its sequence. One statement, however many they are."""
    return {row["id"]: Since(**{key: row[key] for key in Since.__struct_fields__}) for row in await fetch(Sql(_FACTS, works("f"), ids))}


def today(now: datetime) -> date:
    return now.astimezone(ZoneInfo(current_settings().time_zone)).date()


async def reason_to_stop(enrolment: Mapping[str, Any], kind: str, now: datetime) -> tuple[str, str]:
    """Why it ends for this person before a step of that kind: by a name of ours, and in words; empty while it goes on."""
    if reason := why_stop((await since([enrolment["id"]]))[enrolment["id"]]):
        return reason, ""
    return await barred(enrolment, kind, now)


async def barred(enrolment: Mapping[str, Any], kind: str, now: datetime) -> tuple[str, str]:
    """What courtesy has against a step; no one who wants no mail is called instead."""
    for each in dict.fromkeys((kind, "email")):
        channel: Channel = CHANNELS[each]  # type: ignore[assignment]
        found = await courtesy.findings(enrolment["board_id"], enrolment["employer_id"], enrolment["contact_id"], channel,
                                        budget=current_settings().contact_budget, today=today(now), many=True)  # fmt: skip
        against = [finding for finding in found if each == kind or finding.code in BARS]
        if against:
            reason = "opt_out" if any(finding.code in BARS for finding in against) else "others"
            return reason, " ".join(courtesy.sentence(finding) for finding in against)
    return "", ""


async def end(act: Act, enrolment: Mapping[str, Any], reason: str, detail: str = "") -> None:
    """It ends for this person: what waits of it is not sent."""
    await execute("update enrolment set state = 'stopped', reason = $2, detail = $3, due_at = null, ended_at = now() where id = $1",
                  enrolment["id"], reason, detail)  # fmt: skip
    await execute("update mailing_recipient set state = 'stopped' where enrolment_id = $1 and state = 'queued'", enrolment["id"])
    act.record("enrolment", enrolment["id"], board_id=enrolment["board_id"], employer_id=enrolment["employer_id"], verb="enrolment.stopped",
               before={"state": enrolment["state"]}, after={"state": "stopped", "reason": reason})  # fmt: skip


async def next_step(enrolment_id: UUID, sequence_id: UUID) -> Record | None:
    """The first, in their order of now, that this person has not had."""
    return await fetch_one(
        "select s.* from sequence_step s where s.sequence_id = $2 and s.archived_at is null "
        "and not exists (select from enrolment_step d where d.enrolment_id = $1 and d.step_id = s.id) order by s.position, s.id limit 1",
        enrolment_id, sequence_id,
    )  # fmt: skip


async def advance(act: Act, enrolment: Mapping[str, Any], now: datetime) -> None:
    """The next step gets its moment; after the last one they are done, or go on in the sequence that follows."""
    zone = current_settings().time_zone
    step = await next_step(enrolment["id"], enrolment["sequence_id"])
    if step is not None:
        await execute("update enrolment set due_at = $2 where id = $1", enrolment["id"], due_at(now, step["wait_days"], zone))
        return
    await execute("update enrolment set state = 'done', due_at = null, ended_at = now() where id = $1", enrolment["id"])
    act.record("enrolment", enrolment["id"], board_id=enrolment["board_id"], employer_id=enrolment["employer_id"], verb="enrolment.done",
               before={"state": enrolment["state"]}, after={"state": "done"})  # fmt: skip
    then = await fetch_one(
        "select t.id, t.name, (select s.wait_days from sequence_step s where s.sequence_id = t.id and s.archived_at is null "
        "order by s.position, s.id limit 1) as wait_days from sequence q join sequence t on t.id = q.then_sequence_id "
        "and t.archived_at is null where q.id = $1", enrolment["sequence_id"],
    )  # fmt: skip
    if then is None or then["wait_days"] is None:
        return
    gone_on = await fetch_value(
        "insert into enrolment (batch_id, sequence_id, board_id, employer_id, contact_id, engagement_id, state, due_at, made_by) "
        "select batch_id, $2, board_id, employer_id, contact_id, engagement_id, 'active', $3, made_by from enrolment where id = $1 "
        "on conflict do nothing returning id", enrolment["id"], then["id"], due_at(now, then["wait_days"], zone),
    )  # fmt: skip
    if gone_on is not None:
        act.record("enrolment", gone_on, board_id=enrolment["board_id"], employer_id=enrolment["employer_id"], verb="enrolment.started",
                   after={"sequence_id": then["id"]})  # fmt: skip
        await let_go_on(act, then, enrolment["board_id"])


async def let_go_on(act: Act, sequence: Mapping[str, Any], board_id: UUID, *, opening: datetime | None = None) -> None:
    """Add the work that does a board's steps of a sequence, after what is at it already."""
    line = f"sequence:{sequence['id']}:{board_id}"
    await act.enqueue("outreach.step", {"sequence_id": str(sequence["id"]), "board_id": str(board_id)}, line=line,
                      title=worded(lazy_("Sequence: %(name)s"), name=sequence["name"]), key=f"{line}:{opening:%Y%m%d%H%M}" if opening else None,
                      board_id=board_id, run_after=opening)  # fmt: skip
