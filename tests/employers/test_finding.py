"""The list finds by any word of the work, keeps its order page by page, and never counts for long."""

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.contacts import actions as contacts
from crm.contacts.forms import ContactForm
from crm.database import execute, fetch_value, transaction
from crm.employers import actions, searching
from crm.employers.forms import NewEmployerForm
from crm.employers.searching import Filters


async def add(name, *, city="Worcester", at="now()"):
    async with acting(SYSTEM, "employer.made") as act:
        made = await fetch_value(
            "insert into employer (name, match_key, city, updated_at) values ($1, lower($1), $2, "
            f"{at}) returning id", name, city)  # fmt: skip
        act.record("employer", made)
    return made


async def many(count):
    async with acting(SYSTEM, "employers.made") as act:
        await execute("insert into employer (name, match_key, city, updated_at) select 'Works ' || lpad(n::text, 5, '0'), 'works', "
                      "'Town ' || n % 7, now() - n * interval '1 second' from generate_series(1, $1) n", count)  # fmt: skip
        act.record("employers", None)


async def page(actor, **filters):
    async with transaction(read_only=True):
        return await searching.list_employers(actor, Filters(**filters))


async def names(actor, typed):
    return [row["name"] for row in (await page(actor, q=typed)).rows]


@pytest.mark.parametrize("typed", ["quabbin", "QUABBIN precision", "peña", "pena", "Workshop Nine", "barre", "luis", "luis ort"])
async def test_is_found_by_name_trade_name_town_and_contact(people, employers, typed):
    made = await actions.create_employer(people.alice, NewEmployerForm(
        name="Peña Quabbin Precision LLC", dbas="Workshop Nine", city="Barre", state="MA"))  # fmt: skip
    await contacts.add_contact(people.alice, made, ContactForm(given_name="Luis", family_name="Ortiz"))
    assert await names(people.alice, typed) == ["Peña Quabbin Precision LLC"]


async def test_a_slip_of_the_finger_still_finds(people, employers):
    await add("Quabbin Precision")
    assert await names(people.alice, "quabin precision") == ["Quabbin Precision"]


async def test_a_name_that_begins_so_stands_before_one_that_only_has_it(people, employers):
    await add("The Acorn House")
    await add("Acorn Works")
    assert await names(people.alice, "acorn") == ["Acorn Works", "The Acorn House"]


@pytest.mark.parametrize("typed", ["%", "_", "\\", "'", "100%"])
async def test_a_sign_of_the_search_is_taken_as_it_is_typed(people, employers, typed):
    await add("Quabbin Precision")
    assert "Quabbin Precision" not in await names(people.alice, typed)


async def test_a_partner_does_not_find_by_the_names_of_people(people, employers):
    made = await add("Quabbin Precision")
    await contacts.add_contact(people.alice, made, ContactForm(given_name="Luis", family_name="Ortiz"))
    assert await names(people.teresa, "ortiz") == []


@pytest.mark.parametrize("sort", ["name", "city", "recent"])
async def test_pages_have_each_employer_once_and_in_order(people, employers, sort):
    await many(230)
    seen, after = [], ""
    while True:
        found = await page(people.alice, sort=sort, after=after)
        seen += [dict(row) for row in found.rows]
        if not (after := found.after):
            break
    async with transaction(read_only=True):
        assert len({row["id"] for row in seen}) == len(seen) == await fetch_value("select count(*) from employer")
    keys = {"name": lambda r: r["name_folded"], "city": lambda r: (r["city_folded"], r["name_folded"]), "recent": lambda r: r["updated_at"]}
    assert seen == sorted(seen, key=keys[sort], reverse=sort == "recent")


async def test_employers_added_meanwhile_neither_repeat_nor_hide_others(people, employers):
    await many(120)
    first = await page(people.alice)
    await add("Aaa Before Everyone")
    await add("Works 00020 B")
    last_shown = first.rows[-1]["name"]
    await add(f"{last_shown} just after")
    seen, after = [row["name"] for row in first.rows], first.after
    while after:
        found = await page(people.alice, after=after)
        seen += [row["name"] for row in found.rows]
        after = found.after
    assert len(seen) == len(set(seen))
    assert {f"Works {n:05}" for n in range(1, 121)} <= set(seen)
    assert f"{last_shown} just after" in seen


@pytest.mark.parametrize(("count", "total"), [(300, 302), (1200, None)])
async def test_counts_exactly_to_a_thousand_and_then_says_more(people, employers, browse, count, total):
    await many(count)
    assert (await page(people.alice)).total == total
    text = (await browse(people.alice).get("/employers")).text
    assert ("302 employers" if total else "More than 1,000 employers") in text


async def test_a_damaged_address_is_refused_in_words(people, employers, browse):
    for query in ("after=%00", "after=eyJ4IjoxfQ==", "sort=size", "board=x", "sort=name&sort=city", "nothing=1"):
        answer = await browse(people.alice).get(f"/employers?{query}")
        assert answer.status_code == 422, query
        assert "Open the list from the start" in answer.text
