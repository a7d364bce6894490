"""One employer, one conversation: who leads it, how often it was begun, who wants no contact, who may read along."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, may_work_for, require, visible
from crm.actions import acting
from crm.contacts.present import works
from crm.database import Record, execute, fetch, fetch_one, fetch_value
from crm.days import agency_day
from crm.engagements import deriving, sharing
from crm.engagements.courtesy_rules import ApproachFacts, Channel, Claim, CourtesyFinding, Stop, check_approach
from crm.engagements.forms import ClaimForm, StopForm
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.labels import LABELS
from crm.sql import Sql
from crm.translation import _, day

APPROACHES = "y.removed_at is null and y.kind in ('call', 'email', 'visit', 'meeting', 'letter') and y.direction <> 'in'"


async def facts_of(
    board_id: UUID | None, pairs: Iterable[tuple[UUID, UUID | None]], channel: Channel, *, many: bool, budget: int, today: date,
) -> dict[tuple[UUID, UUID | None], ApproachFacts]:  # fmt: skip
    """For each employer and person (or none): what is known now. A few statements, however many there are."""
    wanted = list(pairs)
    employers, people = sorted({e for e, _c in wanted}, key=str), sorted({c for _e, c in wanted if c}, key=str)
    stops = await fetch(
        "select s.*, b.name as board from contact_stop s left join board b on b.id = s.board_id where s.lifted_at is null "
        "and (s.until is null or s.until >= $3) and (s.board_id is null or s.board_id = $4) "
        "and (s.employer_id = any($1) or s.contact_id = any($2))",
        employers, people, today, board_id,
    )  # fmt: skip
    claims = {
        row["employer_id"]: Claim(row["board"], row["by"] or "", agency_day(row["expires_at"]))
        for row in await fetch(
            "select c.employer_id, c.expires_at, b.name as board, a.name as by from outreach_claim c join board b on b.id = c.board_id "
            "left join account a on a.id = c.account_id where c.employer_id = any($1) and c.released_at is null "
            "and c.expires_at > now() and c.board_id is distinct from $2",
            employers, board_id,
        )  # fmt: skip
    }
    approaches = {
        row["employer_id"]: row
        for row in await fetch(
            "select f.employer_id, bool_or(f.board_id = $2) as known, count(*) filter (where f.board_id is distinct from $2 "
            f"and f.first >= $3) as others from (select y.employer_id, y.board_id, min(y.at) as first from activity y "
            f"where y.employer_id = any($1) and y.board_id is not null and {APPROACHES} and y.at > now() - interval '1 year' "
            "group by 1, 2) f group by 1",
            employers, board_id, today.replace(day=1),
        )  # fmt: skip
    }
    consents = {
        row["contact_id"]: row["given"]
        for row in await fetch(
            "select distinct on (contact_id) contact_id, given from consent where contact_id = any($1) and channel = $2 "
            "and purpose = 'outreach' order by contact_id, at desc, id desc",
            people, channel,
        )  # fmt: skip
    }
    bounced = {
        row["id"]: row["at"].date()
        for row in await fetch(
            "select c.id, min(m.at) as at from contact c join address_mark m on m.address = lower(c.email) and m.lasting and m.cleared_at is null "
            "where c.id = any($1) and c.email <> '' group by 1", people,
        )
    }  # fmt: skip
    return {
        (employer, person): ApproachFacts(
            channel=channel, many=many, claim=claims.get(employer), budget=budget, consent=consents.get(person),
            bounced=bounced.get(person),
            known=bool(row and row["known"]), others_first=row["others"] if row else 0,
            stops=tuple(_stop(stop) for stop in stops if stop["employer_id"] == employer or (person and stop["contact_id"] == person)),
        )
        for employer, person in wanted
        for row in [approaches.get(employer)]
    }  # fmt: skip


def _stop(row: Record) -> Stop:
    return Stop("person" if row["contact_id"] else "employer", row["channel"], row["board"] or "", row["reason"], row["until"])


async def findings(
    board_id: UUID | None, employer_id: UUID, contact_id: UUID | None, channel: Channel, *, budget: int, today: date, many: bool = False
) -> list[CourtesyFinding]:
    """What stands against getting in touch with one employer, or one person there."""
    pair = (employer_id, contact_id)
    return check_approach((await facts_of(board_id, [pair], channel, many=many, budget=budget, today=today))[pair])


def sentence(finding: CourtesyFinding) -> str:
    """What a finding says to a person."""
    values = {key: day(value) if isinstance(value, (date, datetime)) else value for key, value in finding.values.items()}
    channel = f" {_(LABELS[f'way_{way}'])}" if (way := values.get("channel")) else ""
    until = _(" until %(day)s") % {"day": values["until"]} if values.get("until") else ""
    told = {
        "person-stop": _("This person wants no contact%(by)s%(until)s: %(reason)s"),
        "employer-stop": _("This employer wants no contact%(by)s%(until)s: %(reason)s"),
        "refused": _("This person said no to contact%(by)s."),
        "bounced": _("Mail to this person's address comes back, since %(day)s. Ask for another one."),
        "no-consent": _("This person has not said yes to contact%(by)s."),
        "claimed": _("%(board)s leads the conversation until %(until_day)s (%(name)s). Talk to them first."),
        "budget": _("%(count)s other boards approached this employer for the first time this month; %(budget)s are enough."),
    }[finding.code]
    return told % {
        "day": values.get("day", ""), "by": channel, "until": until, "reason": values.get("reason", ""),
        "board": values.get("board", ""), "until_day": values.get("until", ""), "name": values.get("by") or _("no one by name"),
        "count": values.get("count", ""), "budget": values.get("budget", ""),
    }  # fmt: skip


# ── who leads ──


async def claim(actor: Actor, employer_id: UUID, form: ClaimForm, *, days: int) -> datetime:
    """Lead the conversation for some days; until when. One's own claim is prolonged. Raises `Conflict` while another board leads."""
    require(actor, Permission.WORK_PIPELINE)
    board_id = actor.home_board
    if board_id is None:
        raise Invalid(_("A board leads a conversation, and you work for none."))
    async with acting(actor, "employer.claimed") as act:
        await load(actor, "employer", employer_id, for_update=True)
        held = await _held(employer_id)
        if held is not None and held["board_id"] != board_id:
            raise Conflict(_("%(board)s leads the conversation until %(day)s.") % {"board": held["board"], "day": day(held["expires_at"])})
        await execute("update outreach_claim set released_at = now() where employer_id = $1 and released_at is null", employer_id)
        made = await fetch_one(
            "insert into outreach_claim (employer_id, board_id, account_id, purpose, expires_at) "
            "values ($1, $2, $3, $4, now() + make_interval(days => $5)) returning id, expires_at",
            employer_id, board_id, actor.account_id, form.purpose, days,
        )  # fmt: skip
        assert made is not None
        await deriving.ask_for(act, employer_id)
        act.record("outreach_claim", made["id"], board_id=board_id, employer_id=employer_id, after={"purpose": form.purpose})
        act.event("employer_claimed", employer_id=employer_id, board_id=board_id)
    until: datetime = made["expires_at"]
    return until


async def release(actor: Actor, employer_id: UUID, *, to_board: UUID | None = None, days: int = 0) -> None:
    """End the claim, or hand it to another board."""
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "employer.handed_on" if to_board else "employer.released") as act:
        await load(actor, "employer", employer_id, for_update=True)
        held = await _held(employer_id)
        if held is None:
            raise NotFound(_("No one leads this conversation now."))
        if not may_work_for(actor, held["board_id"]):
            raise Denied(_("Only the board that leads the conversation ends it or hands it on."))
        await execute("update outreach_claim set released_at = now() where id = $1", held["id"])
        if to_board is not None:
            await load(actor, "board", to_board)
            await execute(
                "insert into outreach_claim (employer_id, board_id, purpose, expires_at) values ($1, $2, $3, now() + make_interval(days => $4))",
                employer_id, to_board, held["purpose"], days,
            )  # fmt: skip
        await deriving.ask_for(act, employer_id)
        act.record("outreach_claim", held["id"], board_id=held["board_id"], employer_id=employer_id,
                   before={"board_id": held["board_id"]}, after={"board_id": to_board})  # fmt: skip


async def _held(employer_id: UUID) -> Record | None:
    return await fetch_one(
        "select c.*, b.name as board, a.name as by from outreach_claim c join board b on b.id = c.board_id "
        "left join account a on a.id = c.account_id where c.employer_id = $1 and c.released_at is null and c.expires_at > now()",
        employer_id,
    )


# ── who wants no contact ──


async def stop(actor: Actor, form: StopForm, *, employer_id: UUID | None = None, contact_id: UUID | None = None) -> UUID:
    """Keep a wish not to be contacted. It holds from the next call, mail and visit on, for every board or for one's own."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "contact.stopped") as act:
        if employer_id is not None:
            await load(actor, "employer", employer_id)
        if contact_id is not None:
            await load(actor, "contact", contact_id)
        stop_id: UUID = await fetch_value(
            "insert into contact_stop (contact_id, employer_id, channel, board_id, reason, until, made_by) "
            "values ($1, $2, $3, $4, $5, $6, $7) returning id",
            contact_id, employer_id, form.channel, actor.home_board if form.ours_alone else None, form.reason, form.until, actor.account_id,
        )  # fmt: skip
        act.record("contact_stop", stop_id, employer_id=employer_id, after={"channel": form.channel, "until": form.until})
        act.event("contact_stopped", contact_id=contact_id, employer_id=employer_id)
    return stop_id


async def lift(actor: Actor, stop_id: UUID) -> None:
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "contact.stop_lifted") as act:
        row = await load(actor, "contact_stop", stop_id, for_update=True)
        if row["lifted_at"] is not None:
            act.unchanged()
            return
        await execute("update contact_stop set lifted_at = now(), lifted_by = $2 where id = $1", stop_id, actor.account_id)
        act.record("contact_stop", stop_id, employer_id=row["employer_id"])


# ── all of it ──


async def standing(actor: Actor, employer_id: UUID, today: date) -> dict[str, Any]:
    """All that the page of one employer says about getting in touch."""
    stops = await fetch(
        Sql("select s.*, b.name as board, c.given_name, c.family_name, a.name as by from contact_stop s "
            "left join board b on b.id = s.board_id left join contact c on c.id = s.contact_id left join account a on a.id = s.made_by "
            "where s.lifted_at is null and (s.until is null or s.until >= {}) and (s.employer_id = {} or s.contact_id in "
            "(select f.contact_id from affiliation f where f.employer_id = {} and {})) and {} order by s.made_at desc limit 50",
            today, employer_id, employer_id, works("f", today), visible(actor, "contact_stop", "s"))  # fmt: skip
    )
    return {"claim": await _held(employer_id), "stops": stops, "shares": await sharing.standing(actor, employer_id, today)}
