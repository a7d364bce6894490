"""One field finds employers, people, tasks, views and pages: for each what is theirs to see, by the indexes, as one types."""

import html
import re

import pytest
import pytest_asyncio

from crm.contacts import actions as contacts
from crm.contacts.forms import ContactForm
from crm.database import transaction
from crm.engagements import tasks
from crm.engagements.forms import TaskForm
from crm.search.finding import find
from crm.views import actions as views
from crm.views.forms import NewViewForm


@pytest_asyncio.fixture
async def known(program, people, employers):
    await contacts.add_contact(people.alice, employers.erins, ContactForm(given_name="Ximena", family_name="Bakeron", role="Owner"))
    await tasks.add_task(people.alice, TaskForm(title="Visit the bakery"), employer_id=employers.erins)
    await views.keep(people.alice, NewViewForm(list="employers", name="Bakeries", query="sector=31-33"))


async def hits(actor, typed):
    async with transaction(read_only=True):
        return {group.kind: [hit.title for hit in group.hits] for group in await find(actor, typed)}


async def test_every_kind_is_found_by_a_part_of_its_words(known, people):
    assert await hits(people.alice, "baker") == {
        "employer": ["Erin's Bakery"], "call": ["Log a call: Erin's Bakery"], "person": ["Ximena Bakeron"],
        "task": ["Visit the bakery"], "view": ["Bakeries"]}  # fmt: skip


@pytest.mark.parametrize(("typed", "kind", "found"), [
    ("xi", "person", ["Ximena Bakeron"]), ("ba", "person", ["Ximena Bakeron"]), ("BÁK", "view", ["Bakeries"]), ("tod", "place", ["Today"]),
    ("shortcuts", "place", ["Keyboard shortcuts"]), ("bakkery", "employer", ["Erin's Bakery"]),
])  # fmt: skip
async def test_beginnings_accents_and_slips_of_the_hand_are_understood(known, people, typed, kind, found):
    assert (await hits(people.alice, typed))[kind] == found


async def test_each_finds_what_is_theirs(known, people):
    assert set(await hits(people.charlie, "baker")) == {"employer", "call", "person"}  # another board's task, a private view
    assert set(await hits(people.teresa, "baker")) == {"employer"}  # a partner sees no people
    assert set(await hits(people.ana, "baker")) == {"employer", "person"}  # an analyst logs no calls


async def test_pages_are_those_that_one_may_open(people):
    def pages(found):
        return set(found["place"])

    assert {"Today", "Duplicates"} <= pages(await hits(people.alice, "")) and "Record" not in pages(await hits(people.alice, ""))
    assert "Record" in pages(await hits(people.walter, "")) and "Today" not in pages(await hits(people.walter, ""))


async def test_every_page_that_is_offered_opens(browse, people):
    for who in (people.bob, people.sam, people.walter, people.teresa):
        async with transaction(read_only=True):
            [offered] = await find(who, "")
        browser = browse(who)
        assert {(hit.url, (await browser.get(hit.url)).status_code) for hit in offered.hits} == {(hit.url, 200) for hit in offered.hits}


async def test_without_a_script_it_is_a_page_with_links(known, browse, people, employers):
    page = (await browse(people.alice).get("/search?q=baker")).text
    assert f'<a href="/employers/{employers.erins}">Erin&#39;s Bakery</a>' in page and 'href="/employers?q=baker"' in page
    assert "Nothing fits" in (await browse(people.alice).get("/search?q=zzzzzz")).text


async def test_as_one_types_it_is_a_list_of_options_and_a_count_that_is_read_out(known, browse, people):
    answer = await browse(people.alice).get("/search?q=baker", headers={"hx-request": "true"})
    options = re.findall(r'role="option" id="([^"]+)"', answer.text)
    assert len(options) == len(set(options)) == 5 and "5 results" in html.unescape(answer.text)
    assert len(answer.content) < 4_000 and "<html" not in answer.text


async def test_a_view_that_is_found_opens_as_it_asks_now(known, browse, people):
    async with transaction(read_only=True):
        url = next(group for group in await find(people.alice, "bakeries") if group.kind == "view").hits[0].url
    assert (await browse(people.alice).get(url)).headers["location"].startswith("/employers?sector=31-33&saved=")
    assert (await browse(people.charlie).get(url)).status_code == 404
