"""The demonstration's personas and how to sign in as each."""

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from crm.access import Role
from crm.database import fetch, transaction

if TYPE_CHECKING:
    from crm.program import Program

PASSWORD = "lantern harbor maple forty"  # public on purpose: demonstration people never exist in production


class Persona(Struct, frozen=True):
    email: str
    name: str
    role: Role
    board: str = ""
    note: str = ""


PERSONAS = (
    Persona("admin@example.org", "Sam Okafor", Role.STATE_ADMIN, note="state office: everything"),
    Persona("manager@example.org", "Denise Amaral", Role.BOARD_MANAGER, "Central", "manager, Central"),
    Persona("alice@example.org", "Alice Boateng", Role.BOARD_STAFF, "Central", "career specialist, Central"),
    Persona("bob@example.org", "Bob Lindqvist", Role.BOARD_STAFF, "Central", "business services, Central"),
    Persona("charlie@example.org", "Charlie Vega", Role.BOARD_STAFF, "Boston", "career specialist, Boston"),
    Persona("analyst@example.org", "Ingrid Sousa", Role.STATE_ANALYST, note="state analyst: reads"),
    Persona("auditor@example.org", "Walter Finch", Role.AUDITOR, note="auditor: reads the record"),
    Persona("partner@example.org", "Teresa Nowak", Role.PARTNER, "Central", "Southbridge high school, partner"),
    Persona("erin@example.org", "Erin Callahan", Role.EMPLOYER_OWNER, note="employer's owner: the portal"),
    Persona("frank@example.org", "Frank Oduya", Role.EMPLOYER_MEMBER, note="another employer's HR: the portal"),
)


async def sign_ins(program: "Program") -> list[str]:
    """Lines for the terminal: who is there and the password; nothing where there is no demonstration."""
    async with transaction(read_only=True):
        rows: list[Any] = await fetch("select email from account where demonstration and disabled_at is null")
    there = {str(row["email"]) for row in rows}
    if not there:
        return []
    lines = [f"Demonstration people, all with the password: {PASSWORD}"]
    return lines + [f"  {p.email:22} {p.name}, {p.note}" for p in PERSONAS if p.email in there]
