"""Load the demonstration into an empty database, the same each time: all in one action, then the hires as people record them."""

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crm.access import SYSTEM
from crm.accounts.actions import EMPLOYER_ROLES, Invitation, make_account
from crm.accounts.passwords import hash_password
from crm.actions import Act, acting
from crm.boards import assigning
from crm.boards.actions import adopt_network
from crm.database import execute, execute_many, fetch, fetch_value, transaction
from crm.demonstration import companies, employer_events, fields, hires, history, pledges
from crm.demonstration.people import PASSWORD, PERSONAS, Persona

if TYPE_CHECKING:
    from crm.program import Program

EMPLOYERS = 400


async def load_demonstration(program: "Program", *, employers: int = EMPLOYERS) -> bool:
    """True when it was loaded; False when the database already holds something."""
    async with transaction(read_only=True):
        if await fetch_value("select exists (select from account) or exists (select from employer)"):
            return False
    password_hash = await hash_password(PASSWORD)
    chance = random.Random(2026)
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    async with acting(SYSTEM, "demonstration.loaded") as act:
        for network in program.plugins.networks():
            await adopt_network(SYSTEM, network)
        boards = {row["name"]: row["id"] for row in await fetch("select id, name from board")}
        made = await companies.make_companies(chance, employers, now)
        await assigning.assign_all_boards()
        await execute("select refresh_employers(array(select id from employer))")
        people = await _people(act, boards, made, password_hash)
        await history.make_history(chance, boards, people, now)
        await pledges.make_pledges(chance, boards, people, now)
        await employer_events.make_events(chance, boards, people, now)
        await fields.make_fields()
        act.record("demonstration", None, after={"employers": employers, "boards": len(boards)})
    await hires.make_hires(boards, people, made[0], now)  # as people do it, move by move
    async with transaction():
        # so that the first pages are planned with what is there
        await execute("analyze")
    return True


async def _people(act: Act, boards: dict[str, UUID], made: list[UUID], password_hash: str) -> dict[str, UUID]:
    partner_id = await fetch_value(
        "insert into partner (board_id, kind, name, city) values ($1, 'school', $2, 'Southbridge') returning id",
        boards["Central"], "Southbridge Middle High School",
    )  # fmt: skip
    people = {}
    for persona in PERSONAS:
        account_id = await make_account(act, _invitation(persona, boards, partner_id, made), demonstration=True)
        people[persona.email] = account_id
    await execute_many(
        "update account set password_hash = $2 where id = $1", [(account, password_hash) for account in people.values()]
    )
    await _employers_people(people, made)
    return people


def _invitation(persona: Persona, boards: dict[str, UUID], partner_id: UUID, made: list[UUID]) -> Invitation:
    where: dict[str, Any] = {}
    if persona.role in EMPLOYER_ROLES:
        where["employer_id"] = made[0] if persona.email.startswith("erin") else made[1]
    elif persona.role == "partner":
        where["partner_id"] = partner_id
    elif persona.board:
        where["board_id"] = boards[persona.board]
    return Invitation(email=persona.email, name=persona.name, role=persona.role, **where)


async def _employers_people(people: dict[str, UUID], made: list[UUID]) -> None:
    """The portal's personas are contacts of their employers too."""
    for email, employer_id in (("erin@example.org", made[0]), ("frank@example.org", made[1])):
        name = next(p.name for p in PERSONAS if p.email == email).split()
        contact_id = await fetch_value(
            "insert into contact (given_name, family_name, email, account_id) values ($1, $2, $3, $4) returning id",
            name[0], name[1], email, people[email],
        )  # fmt: skip
        await execute(
            "insert into affiliation (contact_id, employer_id, role, may_sign, valid_from) values ($1, $2, $3, true, $4)",
            contact_id, employer_id, "Owner", (datetime.now(UTC) - timedelta(days=900)).date(),
        )  # fmt: skip
