"""Many employers are changed from their list: seen before it is done, done whole, on record, and taken back as one."""

import pytest

from crm.database import fetch, fetch_one, transaction
from crm.employers import actions, bulk
from crm.employers.forms import BulkEmployerForm, EmployerForm
from crm.errors import Conflict, Denied, Invalid, NotFound


async def kept(employer_id):
    async with transaction(read_only=True):
        return dict(await fetch_one("select status, ownership, naics, sector, archived_at from employer where id = $1", employer_id))


async def test_the_page_shows_what_would_become_of_each_and_then_does_it(browse, people, employers):
    await actions.change_employer(people.alice, employers.franks, EmployerForm(name="Frank's Garage", status="active", version=1))
    alice = browse(people.alice)
    fields = {"change": "status", "status": "active", "chosen": [str(employers.erins), str(employers.franks)], "filters": "sort=city"}
    seen = (await alice.submit("/employers/change", **fields)).text
    assert "1 employer changes" in seen and "Prospect" in seen and "It is so already." in seen
    assert (await kept(employers.erins))["status"] == "prospect"
    done = await alice.submit("/employers/change", **fields | {"confirmed": "true", "chosen": str(employers.erins)})
    assert done.headers["location"] == "/employers?sort=city"
    assert (await kept(employers.erins))["status"] == "active"
    assert "1 employer changed." in (await alice.get("/employers")).text


async def test_all_that_the_list_shows_can_be_meant(browse, people, employers):
    seen = await browse(people.alice).submit("/employers/change", change="status", status="closed", filters="q=bakery", all="true")
    assert "Erin&#39;s Bakery" in seen.text and "Frank&#39;s Garage" not in seen.text


@pytest.mark.parametrize(("form", "field", "value"), [
    (BulkEmployerForm(change="ownership", ownership="nonprofit"), "ownership", "nonprofit"),
    (BulkEmployerForm(change="naics", naics="236115"), "sector", "23"), (BulkEmployerForm(change="status", status="closed"), "status", "closed"),
])  # fmt: skip
async def test_a_change_is_taken_back_as_one(people, employers, form, field, value):
    before = [await kept(each) for each in (employers.erins, employers.franks)]
    change_id, count = await bulk.change(people.alice, [employers.erins, employers.franks], form)
    assert count == 2 and (await kept(employers.franks))[field] == value
    assert await bulk.undo(people.bob, change_id) == (2, 0)
    assert [await kept(each) for each in (employers.erins, employers.franks)] == before
    with pytest.raises(Conflict, match="taken back already"):
        await bulk.undo(people.alice, change_id)


async def test_many_leave_the_lists_and_come_back(browse, people, employers):
    change_id, _count = await bulk.change(people.alice, [employers.erins, employers.franks], BulkEmployerForm(change="archive"))
    assert "No employers yet" in (await browse(people.alice).get("/employers")).text
    await browse(people.alice).submit(f"/employers/changes/{change_id}/undo")
    assert "Erin&#39;s Bakery" in (await browse(people.alice).get("/employers")).text


async def test_what_was_changed_since_stays(people, employers):
    change_id, _count = await bulk.change(people.alice, [employers.erins, employers.franks], BulkEmployerForm(change="status", status="active"))
    await actions.change_employer(people.charlie, employers.franks, EmployerForm(name="Frank's Garage", status="closed", version=2))
    assert await bulk.undo(people.alice, change_id) == (1, 1)
    assert (await kept(employers.franks))["status"] == "closed"


async def test_each_change_and_its_way_back_are_on_record(people, employers):
    change_id, _count = await bulk.change(people.alice, [employers.erins], BulkEmployerForm(change="status", status="active"))
    await bulk.undo(people.alice, change_id)
    async with transaction(read_only=True):
        found = await fetch("select before, after from audit_entry where employer_id = $1 and verb like 'employer.change%' order by id", employers.erins)
    assert [tuple(row) for row in found] == [({"status": "prospect"}, {"status": "active"}), ({"status": "active"}, {"status": "prospect"})]


async def test_who_may_not_change_one_changes_none(people, boards, employers):
    form = BulkEmployerForm(change="status", status="active")
    with pytest.raises(Denied):
        await bulk.change(people.ana, [employers.erins], form)
    with pytest.raises(NotFound):
        await bulk.change(people.alice, [employers.erins, boards.north], form)
    change_id, _count = await bulk.change(people.alice, [employers.erins], form)
    with pytest.raises(NotFound):
        await bulk.undo(people.charlie, change_id)  # another board's


@pytest.mark.parametrize(("form", "said"), [
    (BulkEmployerForm(change="status"), "Choose what they are"), (BulkEmployerForm(change="naics", naics="99999"), "is no NAICS code"),
])  # fmt: skip
async def test_a_value_that_is_none_changes_nothing(people, employers, form, said):
    with pytest.raises(Invalid, match=said):
        await bulk.change(people.alice, [employers.erins], form)
    with pytest.raises(Invalid, match="Choose between 1 and"):
        await bulk.change(people.alice, [], BulkEmployerForm(change="archive"))
