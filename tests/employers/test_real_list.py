"""A real list twice: 2,196 loans to employers in Montana (U.S. Small Business Administration, 2020), and again with small changes."""

import csv

import pytest

from crm.database import fetch, transaction
from crm.employers import merging
from tests.employers.test_importing import REAL, bring_in
from tests.employers.test_merging import dump, pairs, sweep

RENAMED = {2: "Better Business Systems, LLC", 5: "C.T.A. Architects Engineers Corp.", 14: "ADF International, LLC"}
MOVED = {3: ("500 Main Street", "BUTTE", "59701"), 6: ("1 Other Street", "", "")}  # to another town, and within the town
PHONE = {4: "(406) 555-0101"}


@pytest.fixture
def again(tmp_path):
    """The list as another office may have typed it."""
    if not REAL.exists():
        pytest.skip("the real list is not beside this checkout")
    with REAL.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    for number, row in enumerate(rows, start=2):
        row[1] = RENAMED.get(number, row[1])
        street, town, code = MOVED.get(number, ("", "", ""))
        row[2:6] = street or row[2], town or row[3], row[4], code or row[5]
        row.append(PHONE.get(number, ""))
    changed = tmp_path / "again.csv"
    with changed.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*head, "Phone"], *rows])
    return changed


async def alike():
    """The pairs of one name that wait in the queue."""
    return {pair["left_name"]: pair for pair in await pairs() if pair["state"] == "open" and "Same name" in pair["why"]}


async def merged(who, pair):
    return await merging.merge(who, pair["left_id"], pair["right_id"], {})


async def test_the_list_comes_twice_its_duplicates_are_found_merged_and_taken_apart_again(program, people, again):
    _first, totals = await bring_in(REAL)
    assert totals == {"rows": 2196, "created": 2195, "updated": 0, "unchanged": 0, "merged": 1, "rejected": 0, "worksites": 2195, "people": 0}
    async with transaction(read_only=True):
        [gtuit] = await fetch("select establishment_count as sites from employer where match_key = 'gtuit'")
    assert gtuit["sites"] == 1  # two rows of one door, whose street is written in two ways
    await sweep()
    assert set(await alike()) == {"Quicksilver LLC"}  # of two towns

    second, totals = await bring_in(again)
    assert totals == {"rows": 2196, "created": 1, "updated": 1, "unchanged": 2194, "merged": 0, "rejected": 0, "worksites": 1, "people": 0}
    async with transaction(read_only=True):
        changed = {row["row_number"]: row["after"] for row in await fetch(
            "select row_number, after from import_row where import_id = $1 and outcome in ('created', 'updated')", second)}  # fmt: skip
    assert changed.keys() == {3, 4} and changed[3]["city"] == "Butte" and changed[4] == {"phone": "+14065550101"}
    await sweep()
    found = await alike()
    assert set(found) == {"Quicksilver LLC", "Community Hospital of Anaconda"}

    before = await dump()
    one = await merged(people.alice, found["Quicksilver LLC"])
    between = await dump()
    other = await merged(people.alice, found["Community Hospital of Anaconda"])
    assert len({str(each) for each in (before, between, await dump())}) == 3
    async with transaction(read_only=True):
        kept = await fetch("select name, establishment_count as sites from employer where id in (select kept_id from employer_merge) order by name")
    assert [tuple(row) for row in kept] == [("Community Hospital of Anaconda", 2), ("Quicksilver LLC", 2)]

    assert await merging.undo(people.bob, other) == merging.Undone([], 0)
    assert await dump() == between
    assert await merging.undo(people.bob, one) == merging.Undone([], 0)
    assert await dump() == before
    assert (await sweep())["found"] == 0 and await alike() == {}  # what a person took apart is not asked again
