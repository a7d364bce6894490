"""Invented companies with worksites and contacts."""

import random
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from crm.addresses import Address, address_key
from crm.database import insert_many
from crm.demonstration.words import FAMILY, GIVEN, LINES, PLACES_IN_NAMES, ROLES, STREETS, SUFFIXES, TOWNS
from crm.names import match_key

_SPACE = UUID("6d6f6e73-7472-6174-696f-6e2063726d21")


async def make_companies(chance: random.Random, count: int, now: datetime) -> list[UUID]:
    """Employers with their worksites and contacts; the employers' ids."""
    employers, places, contacts, affiliations = [], [], [], []
    towns = [(board, town, zip_code) for board, listed in TOWNS.items() for town, zip_code in listed]
    names: set[str] = set()
    for number in range(count):
        employer_id = uuid5(_SPACE, f"employer {number}")
        name, line = _name(chance, names)
        # every board has its share; Central, where the demonstration looks, has more
        _board, town, zip_code = chance.choice([t for t in towns if t[0] == "Central"] if number % 5 == 0 else towns)
        since = now - timedelta(days=chance.randint(20, 900))
        employers.append(_employer(chance, employer_id, name, line, since))
        for site in range(1 if chance.random() < 0.8 else 2):
            places.append(_place(chance, employer_id, number, site, town, zip_code, since))
        for person in range(chance.choice((1, 1, 2, 2, 3))):
            contact, affiliation = _contact(chance, employer_id, number, person, since)
            contacts.append(contact)
            affiliations.append(affiliation)
    await _copy(employers, places, contacts, affiliations)
    return [row[0] for row in employers]


def _name(chance: random.Random, taken: set[str]) -> tuple[str, tuple[str, str, tuple[int, int], str]]:
    while True:
        line = chance.choice(LINES)
        first = chance.choice(PLACES_IN_NAMES) if chance.random() < 0.7 else f"{chance.choice(FAMILY)} & {chance.choice(FAMILY)}"
        name = f"{first} {line[0]} {chance.choice(SUFFIXES)}".strip()
        if name not in taken:
            taken.add(name)
            return name, line


def _employer(chance: random.Random, employer_id: UUID, name: str, line: tuple, since: datetime) -> tuple:  # type: ignore[type-arg]
    low, high = line[2]
    nonprofit = line[1][:3] in {"621", "712", "711"} and chance.random() < 0.6
    dbas = [f"{name.split(maxsplit=1)[0]} {line[0]}"] if chance.random() < 0.12 else []
    slug = "".join(c for c in name.lower() if c.isalnum())[:24]
    return (
        employer_id, name, dbas, match_key(name), "nonprofit" if nonprofit else "private", chance.randint(low, high),
        line[1], f"https://www.{slug}.example", f"{slug}.example", _phone(chance),
        chance.choice(("prospect", "active", "active", "active", "inactive")), "demonstration", since, since,
    )  # fmt: skip


def _place(
    chance: random.Random, employer_id: UUID, number: int, site: int, town: str, zip_code: str, since: datetime
) -> tuple:  # type: ignore[type-arg]
    line1 = f"{chance.randint(1, 980)} {chance.choice(STREETS)}"
    return (
        uuid5(_SPACE, f"place {number} {site}"), employer_id, "" if site == 0 else "Second site", line1, town, "MA",
        zip_code, address_key(Address(line1, "", town, "MA", zip_code)), site == 0, chance.choice((None, 1, 2, 3, 4, 6)), since, since,
    )  # fmt: skip


def _contact(chance: random.Random, employer_id: UUID, number: int, person: int, since: datetime) -> tuple[tuple, tuple]:  # type: ignore[type-arg]
    given, family = chance.choice(GIVEN), chance.choice(FAMILY)
    contact_id = uuid5(_SPACE, f"contact {number} {person}")
    email = f"{given}.{family}.{number}@example.com".lower().replace("'", "")
    email = email.translate(str.maketrans("áéíóúñ", "aeioun"))
    language = "es" if given in {"Tomás", "Sofía", "José", "Camila", "Luis", "Beatriz"} and chance.random() < 0.5 else "en"
    contact = (contact_id, given, family, email, _phone(chance), language, since, since)
    role = chance.choice(ROLES)
    affiliation = (
        uuid5(_SPACE, f"affiliation {number} {person}"), contact_id, employer_id, role, person == 0,
        role in {"Owner", "General manager"}, role == "Shop supervisor", since.date(),
    )  # fmt: skip
    return contact, affiliation


def _phone(chance: random.Random) -> str:
    # 555-01xx is kept free for fiction
    return f"+1{chance.choice((413, 508, 617, 774, 781, 978))}55501{chance.randint(0, 99):02d}"


async def _copy(employers: list, places: list, contacts: list, affiliations: list) -> None:  # type: ignore[type-arg]
    await insert_many(
        "employer",
        ("id", "name", "dbas", "match_key", "ownership", "employee_count", "naics", "website", "domain", "phone",
         "status", "source", "created_at", "updated_at"), employers)  # fmt: skip
    await insert_many(
        "establishment",
        ("id", "employer_id", "name", "line1", "city", "state", "zip", "address_key", "is_primary", "capacity",
         "created_at", "updated_at"), places)  # fmt: skip
    await insert_many(
        "contact", ("id", "given_name", "family_name", "email", "phone", "language", "created_at", "updated_at"), contacts
    )
    await insert_many(
        "affiliation",
        ("id", "contact_id", "employer_id", "role", "is_primary", "may_sign", "supervises_minors", "valid_from"),
        affiliations,
    )
