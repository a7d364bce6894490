"""Each night: for which cases does the law that is known now give the same facts another answer than when they were estimated?"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from crm.database import execute, fetch, transaction
from crm.incentives import installed
from crm.incentives.claims import cases, rules
from crm.incentives.wording import headline
from crm.mail import current_settings
from crm.rulebook.facts import FactError
from crm.work import RunningJob

PART = 200  # cases in one action


class Answer(Struct, frozen=True):
    """What the same facts come to: when the case was estimated, as plain values, and now, also in words."""

    then: dict[str, str]
    now: dict[str, str]
    said: str
    known_on: date

    @property
    def differs(self) -> bool:
        return self.then != self.now


async def answer_now(program_id: str, estimate_id: UUID) -> Answer | None:
    """None where the program is not installed, or its facts are kept no more or do not go together any more."""
    program = installed.library().programs.get(program_id)
    kept = await cases.kept_facts(estimate_id) if program else None
    if program is None or kept is None:
        return None
    facts, row = kept
    try:
        found = cases.answer_from(row, program, installed.library().completed(facts))
    except FactError:
        return None
    return Answer(row["result"]["answer"], rules.answer_of(found), headline(found), row["as_of"])


async def recheck(job: RunningJob, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> dict[str, Any]:
    """Marks the cases for which it does, and takes the mark off where it does no more. Run twice, the second finds nothing to do."""
    await _keep_years(job)
    today = now().astimezone(ZoneInfo(current_settings().time_zone)).date()
    looked, marked, after = 0, 0, UUID(int=0)
    while True:
        async with transaction(read_only=True):
            rows = await fetch("select id, program, estimate_id, board_id, employer_id, law_changed_on from incentive_case "
                               "where state not in ('paid', 'withdrawn') and id > $1 order by id limit $2", after, PART)  # fmt: skip
            answers = {row["id"]: await answer_now(row["program"], row["estimate_id"]) for row in rows}
        if not rows:
            return {"cases": looked, "marked": marked}
        async with job.acting("case.law_changed") as act:
            for row in rows:
                found = answers[row["id"]]
                if found is None or found.differs is (row["law_changed_on"] is not None):
                    continue
                await execute("update incentive_case set law_changed_on = $2 where id = $1", row["id"], today if found.differs else None)
                act.record("incentive_case", row["id"], board_id=row["board_id"], employer_id=row["employer_id"],
                           before=found.then if found.differs else None, after=found.now)  # fmt: skip
                marked += found.differs
            if not act.entries:
                act.unchanged()
        looked, after = looked + len(rows), rows[-1]["id"]
        await job.progress(looked)


async def _keep_years(job: RunningJob) -> None:
    """Of cases from before a case kept it: what of its amount falls to which year, from its estimate as long as that is kept."""
    after = UUID(int=0)
    while True:
        async with transaction(read_only=True):
            rows = await fetch("select c.id, c.board_id, c.employer_id, c.estimate_id, c.program from incentive_case c join estimate e on e.id = c.estimate_id "
                               "where c.by_year is null and e.content_sealed is not null and c.id > $1 order by c.id limit $2", after, PART)  # fmt: skip
            found = {row["id"]: years for row in rows if (years := await cases.kept_years(row["estimate_id"], row["program"])) is not None}
        if not rows:
            return
        async with job.acting("case.years_kept") as act:
            for row in rows:
                if row["id"] in found and await execute("update incentive_case set by_year = $2 where id = $1 and by_year is null", row["id"], found[row["id"]]):
                    act.record("incentive_case", row["id"], board_id=row["board_id"], employer_id=row["employer_id"], after={"by_year": found[row["id"]]})
            if not act.entries:
                act.unchanged()
        after = rows[-1]["id"]
