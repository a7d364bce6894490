"""The list of employers shows the columns that someone chose: of those that they may see, in rows as close as they like."""

import re

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute
from crm.employers import actions
from crm.employers.forms import EmployerForm
from crm.views import actions as views
from crm.views.forms import NewViewForm


def headings(page):
    return re.findall(r'<th scope="col">([^<]+)</th>', page.text)


async def test_the_usual_columns_stand_there_where_no_one_chose(browse, people):
    assert headings(await browse(people.alice).get("/employers")) == ["Employer", "Town", "Industry", "Employees", "Engagement level", "Our stage", "Next step"]


async def test_chosen_columns_stand_in_their_own_order_and_are_kept_with_a_view(browse, people, employers):
    await actions.change_employer(people.alice, employers.erins, EmployerForm(name="Erin's Bakery", phone="508-555-0100", note="Likes visits", version=1))
    alice = browse(people.alice)
    page = await alice.get("/employers?columns=note&columns=phone&columns=city")
    assert headings(page) == ["Employer", "Town", "Phone", "About them"]
    assert "(508) 555-0100" in page.text and "Likes visits" in page.text
    view = await views.keep(people.alice, NewViewForm(list="employers", name="Phones", query="columns=phone&columns=note"))
    opened = await alice.get(f"/employers?columns=phone&columns=note&saved={view}")
    assert headings(opened) == ["Employer", "Phone", "About them"] and "Save as a view" not in opened.text


async def test_a_column_that_is_hidden_from_a_role_is_neither_offered_nor_shown(browse, people, employers):
    await actions.change_employer(people.alice, employers.erins, EmployerForm(name="Erin's Bakery", phone="508-555-0100", note="Likes visits", version=1))
    page = await browse(people.teresa).get("/employers?columns=phone&columns=note&columns=stage&columns=zip")
    assert headings(page) == ["Employer", "ZIP code"]
    assert "555-0100" not in page.text and "Likes visits" not in page.text and 'value="phone"' not in page.text


async def test_pages_go_on_with_the_same_columns(browse, people, boards):
    async with acting(SYSTEM, "employers.made") as act:
        await execute("insert into employer (name, match_key, zip) select 'Works ' || lpad(n::text, 3, '0'), 'w', '01608' from generate_series(1, 60) n")
        act.record("employers", None)
    alice = browse(people.alice)
    first = await alice.get("/employers?columns=zip")
    following = re.search(r'href="(/employers[^"]*after=[^"]+)"', first.text).group(1).replace("&amp;", "&")
    page = await alice.get(following)
    assert headings(page) == ["Employer", "ZIP code"] and "Works 060" in page.text and "Works 001" not in page.text


async def test_how_close_the_rows_stand_is_remembered(browse, people):
    alice = browse(people.alice)
    await alice.get("/employers?sector=23")
    answer = await alice.post("/account/density", data={"_token": await alice.token(), "density": "compact"},
                              headers={"referer": "http://crm.test/employers?sector=23"})  # fmt: skip
    assert answer.headers["location"] == "/employers?sector=23"
    assert 'class="is-compact"' in (await alice.get("/employers")).text
