"""People and employers who become one keep a value of each added field, chosen where they differ; undoing brings both back. Worksites keep theirs."""

import pytest

from crm.contacts import actions as contacts
from crm.contacts import merging as people_merging
from crm.contacts.forms import ContactForm
from crm.database import execute, fetch, fetch_value, transaction
from crm.employers import merging
from crm.fields.own import own
from crm.joining import Undone


@pytest.fixture
async def two(people, employers):
    """Rosa at Erin's and Rose at Frank's, who are one person."""
    rosa, _role = await contacts.add_affiliation(people.alice, employers.erins, ContactForm(given_name="Rosa", family_name="Lima"))
    rose, _role = await contacts.add_affiliation(people.alice, employers.franks, ContactForm(given_name="Rose", family_name="Lima"))
    return rosa, rose


async def keep(who, subject, subject_id, **values):
    async with transaction():
        await (await own(who, subject, subject_id)).keep(who, subject_id, values)


async def now(who, subject, subject_id):
    async with transaction(read_only=True):
        return (await own(who, subject, subject_id)).now


@pytest.mark.parametrize(("take", "stands"), [({}, "red"), ({"x_shift": "kept"}, "red"), ({"x_shift": "gone"}, "blue")])
async def test_two_people_keep_a_value_of_each_field_and_undoing_brings_both_back(people, make, two, take, stands):
    rosa, rose = two
    await make("choice", "shift", subject="contact")
    for key in ("badge", "locker"):
        await make("text", key, subject="contact")
    await keep(people.alice, "contact", rosa, x_shift="red", x_badge="Rosa's")
    await keep(people.alice, "contact", rose, x_shift="blue", x_locker="Rose's")
    merge = await people_merging.merge(people.alice, rosa, rose, take)
    assert await now(people.alice, "contact", rosa) == {"x_shift": stands, "x_badge": "Rosa's", "x_locker": "Rose's"}
    assert await now(people.alice, "contact", rose) == {}
    assert await people_merging.undo(people.bob, merge) == Undone([], 0)
    assert await now(people.alice, "contact", rosa) == {"x_shift": "red", "x_badge": "Rosa's"}
    assert await now(people.alice, "contact", rose) == {"x_shift": "blue", "x_locker": "Rose's"}


async def test_what_someone_gave_since_keeps_its_place(people, make, two):
    rosa, rose = two
    await make("text", "badge", subject="contact")
    await keep(people.alice, "contact", rosa, x_badge="Rosa's")
    await keep(people.alice, "contact", rose, x_badge="Rose's")
    merge = await people_merging.merge(people.alice, rosa, rose, {})
    await keep(people.alice, "contact", rosa, x_badge="New")
    await people_merging.undo(people.alice, merge)
    assert (await now(people.alice, "contact", rosa), await now(people.alice, "contact", rose)) == ({"x_badge": "New"}, {"x_badge": "Rose's"})


async def test_what_is_sealed_of_two_people_opens_after_they_are_one_and_is_no_one_elses_to_choose(people, make, two):
    rosa, rose = two
    await make("text", "account", subject="contact", sensitivity="sealed")
    await keep(people.bob, "contact", rose, x_account="Tulip 77")
    before = await now(people.bob, "contact", rose)
    merge = await people_merging.merge(people.alice, rosa, rose, {})
    assert await now(people.bob, "contact", rosa) == before
    await people_merging.undo(people.alice, merge)
    assert (await now(people.bob, "contact", rosa), await now(people.bob, "contact", rose)) == ({}, before)


async def test_the_page_of_two_people_shows_both_values_and_asks_which_is_right(browse, people, make, two):
    rosa, rose = two
    await make("choice", "shift", subject="contact")
    await make("text", "account", subject="contact", sensitivity="sealed")
    await keep(people.bob, "contact", rosa, x_shift="red", x_account="Tulip 77")
    await keep(people.bob, "contact", rose, x_shift="blue", x_account="Rose 5")
    alice, address = browse(people.alice), f"/contacts/{rosa}/join/{rose}"
    page = (await alice.get(address)).text
    assert "Red line" in page and "Blue line" in page and 'name="x_shift" value="right"' in page and "Account" not in page
    before = await now(people.bob, "contact", rosa)
    await alice.submit(address, keep="left", x_shift="right", x_account="right")
    assert (await now(people.alice, "contact", rosa)) == {"x_shift": "blue"}
    assert (await now(people.bob, "contact", rosa))["x_account"] == before["x_account"]  # what she does not see, she does not choose


async def test_worksites_take_theirs_along_when_their_employers_become_one_and_back_when_they_are_two_again(people, employers, make):
    await make("text", "entrance", subject="establishment")
    async with transaction():
        sites = {each["employer_id"]: each["id"] for each in await fetch("select id, employer_id from establishment")}
        other = await fetch_value("insert into establishment (employer_id, city, state) values ($1, 'Auburn', 'MA') returning id", employers.franks)
    values = {sites[employers.erins]: "Front", sites[employers.franks]: "Back", other: "Ramp"}
    for site, entrance in values.items():
        await keep(people.alice, "establishment", site, x_entrance=entrance)
    merge = await merging.merge(people.alice, employers.erins, employers.franks, {})
    for site, entrance in values.items():
        assert await now(people.alice, "establishment", site) == {"x_entrance": entrance}
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from establishment where employer_id = $1", employers.erins) == 3
    await keep(people.alice, "establishment", other, x_entrance="Stairs")  # changed since: theirs
    await merging.undo(people.alice, merge)
    assert await now(people.alice, "establishment", other) == {"x_entrance": "Stairs"} and await now(people.alice, "establishment", sites[employers.franks]) == {"x_entrance": "Back"}
    async with transaction(read_only=True):
        assert await fetch_value("select employer_id from establishment where id = $1", other) == employers.franks


async def test_what_waits_is_in_no_list_no_file_and_no_filter(browse, people, make, two):
    rosa, rose = two
    await make("choice", "shift", subject="contact")
    await keep(people.alice, "contact", rosa, x_shift="red")
    await keep(people.alice, "contact", rose, x_shift="blue")
    await people_merging.merge(people.alice, rosa, rose, {})
    page = (await browse(people.alice).get("/employers?columns=contact.x_shift")).text.partition("<table")[2]
    assert "Red line" in page and "Blue line" not in page
    assert "Erin&#39;s" not in (await browse(people.alice).get("/employers?added=contact.shift:blue")).text.partition("<main")[2]
    async with transaction():
        assert await execute("select from custom_value where aside_at is not null") == 1
