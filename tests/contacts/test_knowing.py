"""Someone who is at an employer already is named before they are added a second time."""

import pytest

from crm.contacts import actions
from crm.contacts.forms import NewContactForm
from crm.contacts.knowing import KnownThere
from crm.database import fetch_value, transaction

ROSA = {"given_name": "Rosa", "family_name": "Lima", "email": "rosa@erins.example", "phone": "508-555-0101"}


@pytest.fixture
async def rosa(people, employers):
    return await actions.add_contact(people.alice, employers.erins, NewContactForm(**ROSA))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"given_name": "R.", "email": "Rosa@erins.example"}, "same email"),
        ({"given_name": "Rosita", "family_name": "Lima", "phone": "(508) 555-0101"}, "same phone and a similar name"),
        ({"given_name": "Lima", "family_name": "Rosá"}, "similar name"),
    ],
    ids=["email", "phone", "name"],
)
async def test_who_is_there_already_is_named_with_the_reason(rosa, people, employers, typed, why):
    with pytest.raises(KnownThere, match=f"Rosa Lima .{why}"):
        await actions.add_contact(people.bob, employers.erins, NewContactForm(**typed))


async def test_the_same_phone_alone_or_another_employer_is_no_reason(rosa, people, employers):
    await actions.add_contact(people.bob, employers.erins, NewContactForm(given_name="Marcus", family_name="Webb", phone="508-555-0101"))
    again = await actions.add_contact(people.charlie, employers.franks, NewContactForm(**ROSA))
    assert again == rosa  # one person at two employers


async def test_on_the_page_it_is_asked_and_another_person_is_added_when_someone_says_so(rosa, people, employers, browse):
    page, typed = f"/employers/{employers.erins}/people/new", {"given_name": "Rosa", "family_name": "Lima"}
    alice = browse(people.alice)
    asked = await alice.submit(page, **typed)
    assert asked.status_code == 422 and "Is it one of these?" in asked.text and "similar name" in asked.text
    assert (await alice.submit(page, **typed, anyway="true")).status_code == 303
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from affiliation where employer_id = $1", employers.erins) == 2
