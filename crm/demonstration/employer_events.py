"""A career fair to come with answers, one over with attendance, and a tour of another board's."""

import random
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm.database import execute, fetch, fetch_value
from crm.demonstration.history import HERE


async def make_events(chance: random.Random, boards: dict[str, UUID], people: dict[str, UUID], now: datetime) -> None:
    central, alice = boards["Central"], people["alice@example.org"]
    fair = await _event(central, alice, "career_fair", "Spring career fair", "Feria de empleo de primavera", "Union Station, 2 Washington Square, Worcester",
                        _day(now, 12, 9), 3, about_en="Meet students from eleven schools. Bring something that they can touch.",
                        about_es="Conozca a estudiantes de once escuelas. Traiga algo que puedan tocar.", capacity=40, sign_up=True)  # fmt: skip
    over = await _event(central, alice, "breakfast", "Employer breakfast", "Desayuno con empleadores", "1 Court Square, Worcester", _day(now, -20, 8), 2)
    await _event(boards["Boston"], people["charlie@example.org"], "tour", "Tour of a boatyard", "Visita a un astillero", "East Boston", _day(now, 9, 14), 2,
                 shown_to="boards")  # fmt: skip
    known = await fetch(
        "select distinct on (g.employer_id) g.employer_id, c.id, c.given_name, c.family_name, c.email, c.language from engagement g "
        "join affiliation f on f.employer_id = g.employer_id join contact c on c.id = f.contact_id where g.board_id = $1 and c.email <> '' "
        "order by g.employer_id, f.is_primary desc, f.id limit 36", central,
    )  # fmt: skip
    for number, person in enumerate(known[:24]):
        answer = chance.choices(("", "yes", "maybe", "no"), weights=(8, 9, 3, 4))[0]
        guest = await _guest(fair, central, person, answer, chance.choice((1, 1, 2)) if answer == "yes" else 1, alice)
        if number == 2:
            await execute("update event_guest set access_needs = 'A seat near the door' where id = $1", guest)
    for person in known[12:36]:
        guest = await _guest(over, central, person, chance.choices(("yes", "no", ""), weights=(6, 2, 2))[0], 1, alice)
        if chance.random() < 0.6:
            await execute("update event_guest set came_at = $2, came_by = $3 where id = $1 and answer <> 'no'", guest, _day(now, -20, 8), alice)
    await execute("insert into event_guest (event_id, board_id, given_name, family_name, company, email, source, answer, answered_at) "
                  "values ($1, $2, 'Imani', 'Brooks', 'Quaboag Boats', 'imani@boats.example', 'sign_up', 'yes', now())", fair, central)  # fmt: skip


def _day(now: datetime, days: int, hour: int) -> datetime:
    return (now + timedelta(days=days)).astimezone(HERE).replace(hour=hour, minute=0)


async def _event(
    board: UUID, by: UUID, kind: str, title_en: str, title_es: str, place: str, starts: datetime, hours: int, *, about_en: str = "", about_es: str = "",
    capacity: int | None = None, sign_up: bool = False, shown_to: str = "board",
) -> UUID:  # fmt: skip
    made: UUID = await fetch_value(
        "insert into employer_event (board_id, made_by, kind, title_en, title_es, place, starts_at, ends_at, about_en, about_es, capacity, sign_up, shown_to, "
        "sign_up_code) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id",
        board, by, kind, title_en, title_es, place, starts, starts + timedelta(hours=hours), about_en, about_es, capacity, sign_up, shown_to,
        secrets.token_urlsafe(12),
    )  # fmt: skip
    return made


async def _guest(event: UUID, board: UUID, person: Any, answer: str, people: int, by: UUID) -> UUID:
    made: UUID = await fetch_value(
        "insert into event_guest (event_id, board_id, employer_id, contact_id, given_name, family_name, email, language, source, answer, people, answered_at, "
        "made_by) values ($1, $2, $3, $4, $5, $6, $7, $8, 'invited', $9, $10, case when $9 <> '' then now() end, $11) returning id",
        event, board, person["employer_id"], person["id"], person["given_name"], person["family_name"], person["email"], person["language"], answer, people, by,
    )  # fmt: skip
    return made
