"""A drive for next summer under way, one of last summer that is over, and a drive of the state's."""

import random
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from crm.database import execute, fetch, fetch_value

KINDS = ("internship", "internship", "summer_job", "summer_job", "job_shadow", "pre_apprenticeship", "co_op")
OPEN_TO = ("11th and 12th grade", "From age 16", "No experience needed", "")
ACCESS = ("One step at the door; the rest is level", "Quiet room available", "On the bus line", "")


async def make_pledges(chance: random.Random, boards: dict[str, UUID], people: dict[str, UUID], now: datetime) -> None:
    today, central, alice = now.date(), boards["Central"], people["alice@example.org"]
    hosts = await fetch(
        "select g.employer_id, s.id as site, (select f.contact_id from affiliation f where f.employer_id = g.employer_id order by f.is_primary desc, f.id "
        "limit 1) as person from engagement g join stage t on t.id = g.stage_id and t.code in ('pledged', 'onboarding', 'ready', 'hosting', 'renewing') "
        "join establishment s on s.employer_id = g.employer_id and s.is_primary where g.board_id = $1 order by g.employer_id limit 24", central,
    )  # fmt: skip
    season = today.year + (today.month > 4)
    last = await _drive(central, f"Summer {season - 1}", f"Verano {season - 1}", today - timedelta(days=400), today - timedelta(days=150), 30)
    coming = await _drive(central, f"Summer {season}", f"Verano {season}", today - timedelta(days=60), today + timedelta(days=120), 60)
    await _drive(None, f"Apprenticeship week {season}", f"Semana del aprendizaje {season}", today + timedelta(days=30), today + timedelta(days=60), 500)
    for number, host in enumerate(hosts):
        over = number % 3 == 0
        on = today - timedelta(days=chance.randint(160, 390) if over else chance.randint(0, 58))
        slots = chance.randint(1, 4)
        pledge = await _pledge(chance, last if over else coming, central, host, slots, on, alice, date(season - over, 7, 6))
        if over or chance.random() < 0.3:
            await _progress(chance, pledge, central, slots, on, alice, over=over, today=today)


async def _drive(board: UUID | None, name_en: str, name_es: str, first: date, last: date, goal: int) -> UUID:
    made: UUID = await fetch_value(
        "insert into pledge_drive (board_id, name_en, name_es, first_day, last_day, goal) values ($1, $2, $3, $4, $5, $6) returning id",
        board, name_en, name_es, first, last, goal,
    )  # fmt: skip
    return made


async def _pledge(
    chance: random.Random, drive: UUID, board: UUID, host: Any, slots: int, on: date, by: UUID, begins: date
) -> UUID:  # fmt: skip
    made: UUID = await fetch_value(
        "insert into pledge (drive_id, board_id, employer_id, establishment_id, contact_id, kind, slots, pay, payer, first_day, last_day, least_age, "
        "open_to, access_note, pledged_on, made_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) returning id",
        drive, board, host["employer_id"], host["site"], host["person"], chance.choice(KINDS), slots,
        chance.choice(("employer_pays", "employer_pays", "program_pays", "both_pay", "unsettled")), "", begins, begins + timedelta(days=40),
        chance.choice((None, 16, 16, 18)), chance.choice(OPEN_TO), chance.choice(ACCESS), on, by,
    )  # fmt: skip
    return made


async def _progress(chance: random.Random, pledge: UUID, board: UUID, slots: int, on: date, by: UUID, *, over: bool, today: date) -> None:
    left = chance.randint(1, slots)
    for step, days in (("matched", 20), ("started", 60), ("completed", 100)):
        day = min(on + timedelta(days=days), today)
        await execute("insert into pledge_progress (pledge_id, board_id, step, change, on_day, recorded_by) values ($1, $2, $3, $4, $5, $6)",
                      pledge, board, step, left, day, by)  # fmt: skip
        left -= chance.randint(0, 1)
        if not over or left < 1:
            return
