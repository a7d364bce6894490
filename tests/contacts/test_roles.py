"""One person in several roles, each with its days: now, before, and still to come."""

from datetime import date, timedelta

import pytest

from crm.contacts import actions, present, roles
from crm.contacts.forms import ContactForm, RoleForm
from crm.database import fetch, fetch_value, transaction
from crm.errors import Invalid
from crm.search.finding import find
from tests.contacts.conftest import roles_of

TODAY = date.today()
DAY = timedelta(days=1)


async def test_someone_works_at_two_employers_and_in_two_roles_at_one(rosa, people, employers):
    await roles.add_role(people.alice, rosa.id, employers.franks, RoleForm(role="Bookkeeper"))
    await roles.add_role(people.alice, rosa.id, employers.erins, RoleForm(role="Trainer", supervises_minors=True))
    assert [(role["name"], role["role"]) for role in await roles_of(rosa.id)] == [
        ("Erin's Bakery", "Baker"), ("Frank's Garage", "Bookkeeper"), ("Erin's Bakery", "Trainer")]
    async with transaction(read_only=True):
        assert await present.choices(people.alice, employers.erins) == [(str(rosa.id), "Rosa Lima")]  # once, in whatever roles


async def test_the_same_role_at_another_worksite_or_over_other_days_is_another(rosa, people, employers):
    async with transaction(read_only=True):
        site = await fetch_value("select id from establishment where employer_id = $1", employers.erins)
    await roles.add_role(people.alice, rosa.id, employers.erins, RoleForm(role="Baker", establishment_id=site))
    await roles.add_role(people.alice, rosa.id, employers.franks, RoleForm(role="Cook", valid_from=date(2019, 1, 1), valid_to=date(2019, 6, 30)))
    await roles.add_role(people.alice, rosa.id, employers.franks, RoleForm(role="Cook", valid_from=date(2019, 7, 1)))
    assert len(await roles_of(rosa.id)) == 4


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (RoleForm(role=" BAKER "), "have this role there already, with no days given"),
        (RoleForm(role="Baker", valid_from=date(2030, 1, 1)), "have this role there already"),
        (RoleForm(role="Cook", valid_from=date(2026, 1, 2), valid_to=date(2026, 1, 1)), "left before they came"),
    ],
    ids=["the same", "later, while the first has no end", "ends before it begins"],
)
async def test_days_that_cannot_be_are_refused_with_a_sentence(rosa, people, employers, form, words):
    form.role = form.role.strip()
    with pytest.raises(Invalid, match=words):
        await roles.add_role(people.alice, rosa.id, employers.erins, form)
    assert len(await roles_of(rosa.id)) == 1


async def test_a_change_of_one_role_into_another_is_refused_and_a_change_of_anything_else_is_not(rosa, people, employers):
    trainer = await roles.add_role(people.alice, rosa.id, employers.erins, RoleForm(role="Trainer"))
    typed = {"given_name": "Rosa", "family_name": "Lima", "email": "rosa@erins.example.org", "phone": "508-555-0101", "version": 2}
    with pytest.raises(Invalid, match="have this role there already"):
        await actions.change_contact(people.alice, trainer, ContactForm(**typed, role="Baker"))
    await actions.change_contact(people.alice, trainer, ContactForm(**typed, role="Trainer", note="Mornings"))


async def test_a_role_that_was_ended_by_mistake_is_brought_back(rosa, people, employers, browse):
    page = browse(people.alice)
    await page.submit(f"/affiliations/{rosa.role}/left", left_on="2026-01-31")
    assert "At no employer now" in (await page.get(f"/contacts/{rosa.id}")).text
    answer = await page.submit(f"/affiliations/{rosa.role}/bring-back")
    assert answer.headers["location"] == f"/contacts/{rosa.id}"
    assert [role["valid_to"] for role in await roles_of(rosa.id)] == [None]


async def test_one_that_another_took_the_place_of_is_not_brought_back(rosa, people, employers):
    async with transaction():
        await fetch("update affiliation set valid_to = '2020-12-31' where id = $1 returning id", rosa.role)
    await roles.add_role(people.alice, rosa.id, employers.erins, RoleForm(role="Baker", valid_from=date(2024, 1, 1)))
    with pytest.raises(Invalid, match="since Jan 1, 2024"):
        await roles.bring_back(people.alice, rosa.role)


# ── who is there today ──


@pytest.mark.parametrize(
    ("begins", "ends", "there"),
    [(None, None, True), (None, TODAY, True), (None, TODAY + DAY, True), (None, TODAY - DAY, False), (TODAY, None, True), (TODAY + DAY, None, False)],
    ids=["no days", "last day", "still to end", "left", "first day", "still to begin"],
)
async def test_everything_goes_by_the_day(rosa, people, employers, program, begins, ends, there):
    async with transaction():
        await fetch("update affiliation set valid_from = $2, valid_to = $3 where id = $1 returning id", rosa.role, begins, ends)
    async with transaction(read_only=True):
        today = present.agency_today()
        [row] = await roles_of_now(rosa.id)
        assert present.is_current(row, TODAY) == there
        if today != TODAY:
            return  # between two midnights
        assert bool(await present.people_at(people.alice, employers.erins)) == there
        assert len(await present.people_at(people.alice, employers.erins, past=True)) == 1
        assert await present.is_at(rosa.id, employers.erins) == there
        found = {group.kind for group in await find(people.alice, "rosa lim")}
        assert ("person" in found) == there


async def roles_of_now(person):
    return await fetch("select * from affiliation where contact_id = $1", person)


async def test_the_day_is_the_agencys(rosa, people, employers, monkeypatch):
    monkeypatch.setattr(present, "agency_today", lambda: date(2026, 6, 30))
    async with transaction():
        await fetch("update affiliation set valid_to = '2026-06-30' where id = $1 returning id", rosa.role)
    async with transaction(read_only=True):
        assert await present.is_at(rosa.id, employers.erins)
        monkeypatch.setattr(present, "agency_today", lambda: date(2026, 7, 1))
        assert not await present.is_at(rosa.id, employers.erins)


async def test_one_adds_a_role_on_the_page(rosa, people, employers, browse):
    page = browse(people.alice)
    url = f"/contacts/{rosa.id}/roles/new"
    assert f"{url}?employer={employers.franks}" in (await page.get(url, params={"q": "frank"})).text
    assert "also works at Frank&#39;s Garage" in (await page.get(f"{url}?employer={employers.franks}")).text
    refused = await page.submit(url, employer_id=str(employers.erins), role="Baker")
    assert refused.status_code == 422
    assert "have this role there already" in refused.text
    assert (await page.submit(url, employer_id=str(employers.franks), role="Bookkeeper", valid_from="2026-01-01")).headers["location"] == f"/contacts/{rosa.id}"
    shown = (await page.get(f"/contacts/{rosa.id}")).text
    assert "Bookkeeper" in shown and "Baker" in shown
