"""Files hang on what was logged: sealed, checked, and read only by those who read the activity."""

from datetime import date, timedelta

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute, fetch, fetch_value, transaction
from crm.engagements import attachments, sharing
from crm.engagements.forms import ShareForm

CSV = b"name,slots\nKitchen,2\n"


async def logged_with(browser, employer_id, *files, page="/sign-in", **fields):
    data = {"_token": await browser.token(page), "kind": "visit", "summary": "Saw the kitchen", **fields}
    return await browser.post(f"/employers/{employer_id}/activities", data=data, files=[("files", file) for file in files])


async def hanging():
    async with transaction(read_only=True):
        return await fetch("select h.id, h.activity_id, f.name, f.employer_id, f.board_id, f.id as file_id from activity_file h "
                           "join stored_file f on f.id = h.file_id order by f.name")  # fmt: skip


async def test_files_come_with_the_log_and_show_on_the_timeline(people, boards, employers, browse):
    alice = browse(people.alice)
    answer = await logged_with(alice, employers.erins, ("..\\plans/kitchen.csv", CSV, "text/csv"), ("two.csv", CSV, "text/csv"))
    assert answer.status_code == 303
    kept = await hanging()
    assert [(row["name"], row["employer_id"], row["board_id"]) for row in kept] == [("kitchen.csv", None, boards.north), ("two.csv", None, boards.north)]
    page = (await alice.get(f"/employers/{employers.erins}")).text
    assert f"/attachments/{kept[0]['id']}" in page
    got = await alice.get(f"/attachments/{kept[0]['id']}")
    assert (got.content, got.headers["content-disposition"]) == (CSV, 'attachment; filename="kitchen.csv"')


async def test_an_attachment_never_reaches_another_board_an_employer_or_a_partner(people, employers, browse):
    await logged_with(browse(people.alice), employers.erins, ("kitchen.csv", CSV, "text/csv"))
    kept = (await hanging())[0]
    for person in (people.charlie, people.teresa, people.erin, people.frank):
        browser = browse(person)
        assert (await browser.get(f"/attachments/{kept['id']}")).status_code in {403, 404}
        # nor by the way on which an employer gets the documents that are theirs
        assert (await browser.get(f"/files/{kept['file_id']}")).status_code == 404


async def test_who_reads_along_gets_the_files_until_that_ends(people, boards, employers, browse):
    await logged_with(browse(people.alice), employers.erins, ("kitchen.csv", CSV, "text/csv"))
    kept, charlie = (await hanging())[0], browse(people.charlie)
    until = date.today() + timedelta(days=7)
    wanted = ShareForm(board_id=boards.south, purpose="Joint visit", until=until, timeline=True)
    [share] = await sharing.share(people.alice, employers.erins, wanted, date.today())
    assert (await charlie.get(f"/attachments/{kept['id']}")).content == CSV
    await sharing.unshare(people.alice, share)
    assert (await charlie.get(f"/attachments/{kept['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("files", "said"),
    [([("run.exe", b"MZ", "x/x")], "kind that is not kept"), ([("plan.pdf", b"not a pdf", "application/pdf")], "not what its name says"),
     ([("empty.csv", b"", "text/csv")], "empty"), ([(f"{n}.csv", CSV, "text/csv") for n in range(6)], "5 files at most")],
)  # fmt: skip
async def test_what_is_not_kept_is_told_and_the_form_keeps_what_was_typed(people, employers, browse, files, said):
    answer = await logged_with(browse(people.alice), employers.erins, *files, body="a long story")
    assert answer.status_code == 422
    assert said in answer.text
    assert "a long story" in answer.text
    assert await hanging() == []


async def test_a_file_is_taken_off_and_comes_back(people, employers, browse):
    alice = browse(people.alice)
    await logged_with(alice, employers.erins, ("kitchen.csv", CSV, "text/csv"))
    kept = (await hanging())[0]
    await attachments.take_off(people.bob, kept["id"])
    assert (await alice.get(f"/attachments/{kept['id']}")).status_code == 404
    assert "kitchen.csv" not in (await alice.get(f"/employers/{employers.erins}")).text
    await attachments.take_off(people.alice, kept["id"], restore=True)
    assert (await alice.get(f"/attachments/{kept['id']}")).content == CSV


async def test_more_files_come_later_and_never_more_than_fit(people, employers, browse):
    alice = browse(people.alice)
    await logged_with(alice, employers.erins, *[(f"{n}.csv", CSV, "text/csv") for n in range(4)])
    activity = (await hanging())[0]["activity_id"]
    data = {"_token": await alice.token(), "kind": "visit", "summary": "Saw the kitchen", "version": "1"}
    fits = await alice.post(f"/activities/{activity}", data=data, files=[("files", ("4.csv", CSV, "text/csv"))])
    assert fits.status_code == 303
    full = await alice.post(f"/activities/{activity}", data=data, files=[("files", ("5.csv", CSV, "text/csv"))])
    assert full.status_code == 422
    assert len(await hanging()) == 5


async def test_a_file_of_what_was_taken_off_the_timeline_is_not_given_out(people, employers, browse):
    alice = browse(people.alice)
    await logged_with(alice, employers.erins, ("kitchen.csv", CSV, "text/csv"))
    kept = (await hanging())[0]
    async with acting(SYSTEM, "activity.removed") as act:
        await execute("update activity set removed_at = now() where id = $1", kept["activity_id"])
        act.record("activity", kept["activity_id"])
    assert (await alice.get(f"/attachments/{kept['id']}")).status_code == 404


async def test_no_row_is_left_where_the_log_is_refused(people, employers, browse):
    await logged_with(browse(people.alice), employers.erins, ("kitchen.csv", CSV, "text/csv"), contact_id="00000000-0000-0000-0000-000000000001")
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from stored_file where kind = 'attachment'") == 0
