"""The level of engagement of each employer: worked out from all boards' activities, kept beside it for the lists.

What people log, change and take off counts at once; what comes by other ways (a merge, mail) by an event or in the night.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm.access import SYSTEM, Actor, load, may_manage, visible
from crm.actions import Act, acting
from crm.database import Record, execute, fetch, fetch_value, transaction
from crm.engagements.forms import EndRuleForm, RuleForm
from crm.engagements.level_rules import EntryRule, Score, level_of, score, turns
from crm.errors import Denied, Invalid
from crm.mail import current_settings
from crm.sql import Sql
from crm.translation import _, lazy_
from crm.worded import worded
from crm.work import Job, RunningJob

BATCH = 2_000
SHOWN = 200
_EVERY_DAY = date(1900, 1, 1)  # stands for the days before the first turn


class Entry(Struct, frozen=True):
    """An activity that counts, and how much."""

    activity: Record
    level: int


class Explained(Struct, frozen=True):
    """How a level comes about: the entries that the reader may see, and what is left of other boards' and older ones."""

    score: Score | None
    entries: list[Entry]
    others: Score | None


async def rules() -> list[EntryRule]:
    return [EntryRule(kind=row["kind"], outcome=row["outcome"], level=row["level"], first_day=row["first_day"], last_day=row["last_day"])
            for row in await fetch("select * from engagement_rule")]  # fmt: skip


async def refresh(employer_ids: Sequence[UUID], zone: str) -> int:
    """Work these out anew inside the open action; how many changed. Done twice, it changes nothing the second time."""
    found = await scores(employer_ids, zone)
    values = [(each, s.level if (s := found.get(each)) else None, s.value if s else None) for each in sorted(set(employer_ids), key=str)]
    return await execute(
        "update employer e set engagement_level = v.level, engagement_score = v.score from unnest($1::uuid[], $2::integer[], $3::numeric[]) "
        "v (id, level, score) where e.id = v.id and (e.engagement_level, e.engagement_score) is distinct from (v.level, v.score)",
        [value[0] for value in values], [value[1] for value in values], [value[2] for value in values],
    )  # fmt: skip


async def scores(employer_ids: Sequence[UUID], zone: str) -> dict[UUID, Score]:
    """Of those who have entries. The database counts; what counts how much is for the rules to say."""
    known = await rules()
    days = turns(known)
    counts: dict[UUID, Counter[int]] = defaultdict(Counter)
    for row in await fetch(
        "select employer_id, kind, outcome, width_bucket((at at time zone $2)::date, $3::date[]) as part, count(*) as times from activity "
        "where employer_id = any($1) and removed_at is null and kind not in ('stage_move', 'document', 'import', 'system') group by 1, 2, 3, 4",
        list(employer_ids), zone, days or [_EVERY_DAY],
    ):  # fmt: skip
        day = days[row["part"] - 1] if days and row["part"] else _EVERY_DAY
        if (level := level_of(row["kind"], row["outcome"], day, known)) is not None:
            counts[row["employer_id"]][level] += row["times"]
    return {employer: found for employer, levels in counts.items() if (found := score(levels))}


def before(moment: datetime, zone: str, where: Sql) -> Sql:
    """The level of each employer (employer_id, level) out of the entries of an activity `y` before a moment: the same as `scores`, by the database."""
    return Sql(
        "select g.employer_id, round(sum(g.times * w.level)::numeric / sum(g.times))::integer as level from (select y.employer_id, y.kind, y.outcome, "
        "min((y.at at time zone {})::date) as day, count(*) as times from activity y where y.removed_at is null and y.at < {} "
        "and y.kind not in ('stage_move', 'document', 'import', 'system') and {} group by y.employer_id, y.kind, y.outcome, "
        # between two turns of the rules every day is alike
        "width_bucket((y.at at time zone {})::date, array(select date '1900-01-01' union select first_day from engagement_rule where first_day is not null "
        "union select last_day + 1 from engagement_rule where last_day is not null order by 1))) g cross join lateral "
        "(select case when bool_and(u.level is not null) then max(u.level) end as level from engagement_rule u where u.kind in ('', g.kind) "
        "and u.outcome in ('', g.outcome) and (u.first_day is null or u.first_day <= g.day) and (u.last_day is null or g.day <= u.last_day)) w "
        "where w.level is not null group by g.employer_id",
        zone, moment, where, zone,
    )  # fmt: skip


async def explained(actor: Actor, employer_id: UUID, zone: str) -> Explained:
    """What the level is made of. Of what other boards wrote, only how many entries and their sum."""
    known = await rules()
    rows = await fetch(
        Sql(
            "select y.id, y.kind, y.outcome, y.summary, y.at, (y.at at time zone {})::date as day, b.name as board from activity y "
            "left join board b on b.id = y.board_id where y.employer_id = {} and y.removed_at is null "
            f"and y.kind not in ('stage_move', 'document', 'import', 'system') and {{}} order by y.at desc, y.id desc limit {SHOWN}",
            zone, employer_id, visible(actor, "activity", "y"),
        )
    )  # fmt: skip
    entries = [Entry(row, level) for row in rows if (level := level_of(row["kind"], row["outcome"], row["day"], known)) is not None]
    whole = (await scores([employer_id], zone)).get(employer_id)
    shown = sum(entry.level for entry in entries)
    rest = Score(whole.entries - len(entries), whole.total - shown) if whole and whole.entries > len(entries) else None
    return Explained(whole, entries, rest)


async def spread(actor: Actor) -> dict[int | None, int]:
    """How many employers of the actor's boards' pipelines, or of all, stand at each level; None is not known."""
    boards = sorted(actor.board_ids, key=str)
    rows = await fetch(
        Sql(
            "select e.engagement_level as level, count(*) as employers from employer e where e.archived_at is null and {} and "
            "({} or exists (select from engagement g where g.employer_id = e.id and g.archived_at is null and g.board_id = any({}))) group by 1",
            visible(actor, "employer", "e"), not boards, boards,
        )
    )  # fmt: skip
    return {row["level"]: row["employers"] for row in rows}


async def add_rule(actor: Actor, form: RuleForm) -> UUID:
    """Another line of what counts how much; all levels are worked out anew."""
    require_state(actor)
    if not form.kind and not form.outcome:
        message = _("Choose a kind, or what came of it, or both.")
        raise Invalid(message, fields={"kind": message})
    async with acting(actor, "engagement_rule.added") as act:
        rule_id: UUID = await fetch_value(
            "insert into engagement_rule (kind, outcome, level, first_day, source, made_by) values ($1, $2, $3, $4, $5, $6) returning id",
            form.kind, form.outcome, int(form.level) or None, form.first_day, form.source, actor.account_id,
        )  # fmt: skip
        act.record("engagement_rule", rule_id, after={"kind": form.kind, "outcome": form.outcome, "level": form.level})
        await _again(act)
    return rule_id


async def end_rule(actor: Actor, rule_id: UUID, form: EndRuleForm) -> None:
    """A rule's last day; without one it goes on."""
    require_state(actor)
    async with acting(actor, "engagement_rule.ended" if form.last_day else "engagement_rule.reopened") as act:
        rule = await load(actor, "engagement_rule", rule_id, for_update=True)
        if form.last_day and rule["first_day"] and form.last_day < rule["first_day"]:
            message = _("The last day comes before the first.")
            raise Invalid(message, fields={"last_day": message})
        await execute("update engagement_rule set last_day = $2 where id = $1", rule_id, form.last_day)
        act.record("engagement_rule", rule_id, before={"last_day": rule["last_day"]}, after={"last_day": form.last_day})
        await _again(act)


async def _again(act: Act) -> None:
    await act.enqueue("engagements.levels", {}, title=worded(lazy_("Work out the levels of engagement")), line="engagements.levels")


def require_state(actor: Actor) -> None:
    if not may_manage(actor, None):
        raise Denied(_("The state office says what counts how much."))


async def after_merge(employer_ids: Sequence[str]) -> None:
    """What was two employers' is one's now, or the other way round."""
    async with acting(SYSTEM, "levels.worked_out") as act:
        await refresh([UUID(str(each)) for each in employer_ids], current_settings().time_zone)
        act.unchanged()


async def recompute(job: RunningJob) -> dict[str, Any]:
    """Every employer's level, a part at a time. Cut off, it starts again, and writes only what differs."""
    zone = current_settings().time_zone
    async with transaction(read_only=True):
        total = await fetch_value("select count(*) from employer")
    done, changed, last = 0, 0, UUID(int=0)
    while True:
        async with job.acting("levels.worked_out") as act:
            ids = [row["id"] for row in await fetch("select id from employer where id > $1 order by id limit $2", last, BATCH)]
            changed += await refresh(ids, zone) if ids else 0
            act.unchanged()  # worked out of what is on record
        if not ids:
            return {"changed": changed}
        done, last = done + len(ids), ids[-1]
        await job.progress(done, total)


JOBS = [Job("engagements.levels", recompute, attempts=3, timeout=1800)]
