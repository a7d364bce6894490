"""Four hires of the Central board: a claim that was paid, one on its way, one that begins next week, and one that its employer sees."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from crm import sessions
from crm.access import Actor
from crm.database import fetch, fetch_value, transaction
from crm.incentives import hires, installed
from crm.incentives.claims import cases, rules
from crm.incentives.forms import HireForm, MoveForm
from crm.incentives.outside import sharing

CREDIT = "us-wotc"
# all that the credit asks of someone whose family had TANF for a year; its law stood until the end of 2025 (IRC §51(c)(4))
TOLD = {
    "wotc_group": "A", "tanf_months": "12", "wotc_certificate": "no", "related_to_owner": "no", "majority_owner": "no", "worked_here_before": "no",
    "replaces_striker": "no", "half_pay_for_business": "yes", "leased_to_client": "no", "ojt_wages": "0", "tanf_supplement": "0", "farm_work": "no",
}  # fmt: skip
REASON = "Sent on paper before this desk was here."


async def make_hires(boards: Mapping[str, UUID], people: Mapping[str, UUID], portal: UUID, now: datetime) -> None:
    """`portal`: the employer whose owner signs in to the portal."""
    async with transaction(read_only=True):
        alice = await sessions.actor_of(people["alice@example.org"])
        rows = await fetch("select g.employer_id from engagement g join stage s on s.id = g.stage_id and s.code in ('hosting', 'ready') "
                           "where g.board_id = $1 order by g.employer_id limit 3", boards["Central"])  # fmt: skip
    if alice is None or len(rows) < 3:
        return
    first, second, third = (row["employer_id"] for row in rows)
    today = now.date()
    wages = {"first_year_hours": "1240", "first_year_wages": "23560", "hourly_wage": "19"}
    paid = await _hire(alice, first, "J.K.", "Line cook", date(2025, 6, 16), TOLD | wages | {"form_8850_sent": "2025-06-27"})
    await _claim(alice, paid, today, ("submitted", date(2025, 6, 27), None), ("certified", date(2025, 9, 4), Decimal(2400)), ("paid", date(2026, 4, 15), Decimal(2400)))
    sent = await _hire(alice, second, "R.L.", "Baker", date(2025, 10, 1), TOLD | wages | {"form_8850_sent": "2025-10-10"})
    await _claim(alice, sent, today, ("submitted", date(2025, 10, 10), None))
    await _hire(alice, third, "M.S.", "Machinist, trainee", today + timedelta(days=8), {"hourly_wage": "22.50", "wioa_participant": "yes"})
    shown = await _hire(alice, portal, "T.W.", "Front desk", today - timedelta(days=12), {"hourly_wage": "18.50"})
    await sharing.share(alice, shown)


async def _hire(by: Actor, employer_id: UUID, label: str, job: str, starts_on: date, told: Mapping[str, str]) -> UUID:
    hire_id = await hires.add(by, employer_id, HireForm(label=label, job_title=job, starts_on=starts_on, state="MA"))
    known = installed.library().facts
    await hires.tell(by, hire_id, {key: value for key, value in told.items() if key in known})
    return hire_id


async def _claim(by: Actor, hire_id: UUID, today: date, *moves: tuple[str, date, Decimal | None]) -> None:
    if CREDIT not in installed.library().programs:  # its plugin may be switched off
        return
    case_id, _new = await cases.open_case(by, hire_id, CREDIT, today)
    for step in list(rules.checklist(installed.library().programs[CREDIT]))[: 3 + len(moves)]:
        await cases.tick(by, case_id, step, done=True)
    for to, day, amount in moves:
        async with transaction(read_only=True):
            version = await fetch_value("select version from incentive_case where id = $1", case_id)
        form = MoveForm(to=to, on_day=day, amount=amount, version=version, all_the_same=True, reason=REASON if to == "submitted" else "")
        await cases.move(by, case_id, form, today)
