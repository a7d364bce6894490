"""Rosa, who bakes at Erin's and is the one to call there."""

from types import SimpleNamespace

import pytest

from crm.contacts import actions
from crm.contacts.forms import ContactForm
from crm.database import fetch, transaction


async def roles_of(person):
    """Their roles, the oldest first, with what tells them apart."""
    async with transaction(read_only=True):
        return await fetch("select f.*, e.name from affiliation f join employer e on e.id = f.employer_id where contact_id = $1 order by f.created_at, f.id", person)


@pytest.fixture
async def rosa(people, employers):
    person, role = await actions.add_affiliation(people.alice, employers.erins, ContactForm(
        given_name="Rosa", family_name="Lima", email="rosa@erins.example.org", phone="508-555-0101", role="Baker", is_primary=True))  # fmt: skip
    return SimpleNamespace(id=person, role=role)
