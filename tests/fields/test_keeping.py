"""Values are kept as long as their field says, survive a merge and its undoing, and go with what an import takes back."""


import pytest

from crm.database import fetch, fetch_value, transaction
from crm.employers import merging
from crm.fields.own import own
from tests.fields.nights import night


async def keep(who, employer_id, **values):
    async with transaction():
        await (await own(who, "employer", employer_id)).keep(who, employer_id, values)


async def now(who, employer_id):
    async with transaction(read_only=True):
        return (await own(who, "employer", employer_id)).now


async def test_a_value_goes_so_many_months_after_its_last_change(people, employers, make, superuser):
    await make("text", "entrance", keep_months=6)
    await make("text", "badge")
    await keep(people.alice, employers.erins, x_entrance="Back", x_badge="Desk")
    await keep(people.alice, employers.franks, x_entrance="Side")
    await superuser("update custom_value set changed_at = now() - interval '7 months' where value in ('\"Back\"', '\"Desk\"')")
    assert await night() == {"gone": 1}
    assert await now(people.alice, employers.erins) == {"x_badge": "Desk"} and await now(people.alice, employers.franks) == {"x_entrance": "Side"}
    assert await night() == {"gone": 0}
    async with transaction(read_only=True):
        [entry] = await fetch("select subject_id, employer_id, before, after from audit_entry where verb = 'field.value_expired'")
    assert (entry["subject_id"], entry["employer_id"], entry["before"], entry["after"]) == (employers.erins, employers.erins, None, {"x_entrance": None})


async def test_what_is_to_go_one_day_is_never_part_of_the_record(browse, people, employers, make):
    await make("text", "entrance", keep_months=6)
    await browse(people.alice).submit(f"/employers/{employers.erins}/edit", name="Erin's Bakery", status="active", version="1", x_entrance="Tulips")
    assert await now(people.alice, employers.erins) == {"x_entrance": "Tulips"}
    async with transaction(read_only=True):
        assert "Tulips" not in str(await fetch("select before, after from audit_entry"))


@pytest.mark.parametrize(("take", "stands"), [({}, "Erin"), ({"x_entrance": "gone"}, "Frank")])
async def test_two_that_become_one_keep_a_value_of_each_field_and_undoing_brings_both_back(people, employers, make, take, stands):
    for key in ("entrance", "badge", "parking"):
        await make("text", key)
    await keep(people.alice, employers.erins, x_entrance="Erin", x_badge="Erin's")
    await keep(people.alice, employers.franks, x_entrance="Frank", x_parking="Frank's")
    merge = await merging.merge(people.alice, employers.erins, employers.franks, take)
    assert await now(people.alice, employers.erins) == {"x_entrance": stands, "x_badge": "Erin's", "x_parking": "Frank's"}
    assert await now(people.alice, employers.franks) == {}
    await merging.undo(people.bob, merge)
    assert await now(people.alice, employers.erins) == {"x_entrance": "Erin", "x_badge": "Erin's"}
    assert await now(people.alice, employers.franks) == {"x_entrance": "Frank", "x_parking": "Frank's"}


async def test_what_was_sealed_opens_after_a_merge(people, employers, make):
    await make("text", "account", sensitivity="sealed")
    await keep(people.bob, employers.franks, x_account="Tulip 77")
    before = await now(people.bob, employers.franks)
    await merging.merge(people.alice, employers.erins, employers.franks, {})
    assert await now(people.bob, employers.erins) == before


async def test_the_page_of_two_shows_what_may_be_seen_and_asks_where_they_differ(browse, people, employers, make):
    await make("choice", "lines")
    await make("text", "account", sensitivity="sealed")
    await keep(people.bob, employers.erins, x_lines="red", x_account="Tulip 77")
    await keep(people.bob, employers.franks, x_lines="blue", x_account="Rose 5")
    async with transaction():
        pair = await fetch_value("insert into duplicate_pair (left_id, right_id, score, why) values (least($1::uuid, $2), greatest($1::uuid, $2), 90, 'x') "
                                 "returning id", employers.erins, employers.franks)  # fmt: skip
        sides = await fetch("select left_id from duplicate_pair")
    alice = browse(people.alice)
    page = (await alice.get(f"/duplicates/{pair}")).text
    assert "Red line" in page and "Blue line" in page and "Account" not in page and "Tulip" not in page
    franks = "left" if sides[0]["left_id"] == employers.franks else "right"
    keep_side = "right" if franks == "left" else "left"
    await alice.submit(f"/duplicates/{pair}/merge", keep=keep_side, x_lines=franks, x_account=franks)
    assert (await now(people.alice, employers.erins))["x_lines"] == "blue"
    async with transaction(read_only=True):  # what she does not see, she does not choose
        assert await fetch_value("select count(*) from custom_value where employer_id = $1 and aside_at is not null", employers.erins) == 2
