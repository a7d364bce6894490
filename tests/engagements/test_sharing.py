"""What a board lets another see: all of its timeline, one entry, or single facts; for a purpose, until a day, taken back at will."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from crm.database import fetch, fetch_one, transaction
from crm.engagements import actions, activities, sharing, tasks
from crm.engagements.forms import ActivityForm, NextStepForm, ShareActivityForm, ShareForm, TaskForm
from crm.engagements.timeline import Filters, Subject, in_touch, timeline
from crm.errors import Denied, Invalid, NotFound

TODAY = date.today()


async def log(who, employer, summary="Said hello"):
    form = ActivityForm(kind="call", summary=summary, direction="out", on=TODAY)
    return await activities.log_activity(who, employer, form, zone="America/New_York", today=TODAY)


def all_of_it(board, until=TODAY):
    return ShareForm(board_id=board, purpose="Joint visit", until=until, timeline=True)


async def lines(who, employer):
    async with transaction(read_only=True):
        found, _after = await timeline(who, Subject("employer", employer), Filters(), "UTC")
        return [line["summary"] for line in found if line["activity_id"]]


async def test_a_board_reads_along_for_a_purpose_until_a_day_and_no_longer(people, employers, boards, program, superuser):
    await log(people.alice, employers.erins)
    await log(people.alice, employers.franks)
    [share] = await sharing.share(people.alice, employers.erins, all_of_it(boards.south), TODAY)
    assert await lines(people.charlie, employers.erins) == ["Said hello"]
    assert await lines(people.charlie, employers.franks) == []
    with pytest.raises(Denied):
        await sharing.unshare(people.charlie, share)
    await sharing.unshare(people.bob, share)
    assert await lines(people.charlie, employers.erins) == []
    await sharing.share(people.alice, employers.erins, all_of_it(boards.south), TODAY)
    await superuser("update shared_timeline set until = current_date - 2")
    assert await lines(people.charlie, employers.erins) == []


async def test_who_reads_along_changes_nothing(people, employers, boards, program):
    made = await log(people.alice, employers.erins)
    await sharing.share(people.alice, employers.erins, all_of_it(boards.south), TODAY)
    with pytest.raises(Denied):
        await activities.remove_activity(people.charlie, made, zone="UTC")


@pytest.mark.parametrize("until", [TODAY - timedelta(days=1), TODAY + timedelta(days=400)])
async def test_sharing_has_a_day_within_a_year_and_another_board(people, employers, boards, program, until):
    with pytest.raises(Invalid, match="within the next year"):
        await sharing.share(people.alice, employers.erins, all_of_it(boards.south, until), TODAY)
    with pytest.raises(Invalid, match="another board"):
        await sharing.share(people.alice, employers.erins, all_of_it(boards.north), TODAY)


# ── one entry ──


async def test_one_entry_is_read_and_no_other(people, employers, boards, program):
    shared, _kept = await log(people.alice, employers.erins, "Asked about summer"), await log(people.alice, employers.erins, "A quarrel")
    form = ShareActivityForm(board_id=boards.south, purpose="Joint visit", until=TODAY)
    part = await sharing.share_activity(people.alice, shared, form, TODAY)
    assert await lines(people.charlie, employers.erins) == ["Asked about summer"]
    with pytest.raises(Denied):
        await sharing.unshare_part(people.charlie, part)
    await sharing.unshare_part(people.bob, part)
    assert await lines(people.charlie, employers.erins) == []


async def test_an_entry_that_was_shared_with_one_is_not_ones_own_to_share(people, employers, boards, program):
    entry = await log(people.alice, employers.erins)
    form = ShareActivityForm(board_id=boards.north, purpose="Joint visit", until=TODAY)
    with pytest.raises(NotFound):
        await sharing.share_activity(people.charlie, entry, form, TODAY)
    await sharing.share_activity(people.alice, entry, ShareActivityForm(board_id=boards.south, purpose="Joint visit", until=TODAY), TODAY)
    with pytest.raises(Denied):
        await sharing.share_activity(people.charlie, entry, form, TODAY)


# ── single facts ──


@pytest.fixture
async def stands(people, employers, program):
    """Erin's employer with the north: a next step, five slots, Bob looks after them, one task."""
    engagement = await actions.start(people.bob, employers.erins)
    async with transaction(read_only=True):
        version = (await fetch_one("select version from engagement where id = $1", engagement))["version"]
    await actions.plan(people.bob, engagement, NextStepForm(next_step="Send the agreement", next_step_due=TODAY, slots=5,
                                                            owner_id=people.bob.account_id, version=version))  # fmt: skip
    await tasks.add_task(people.bob, TaskForm(title="Call back"), employer_id=employers.erins)


async def seen(who, employer, today=TODAY):
    async with transaction(read_only=True):
        [row] = await in_touch(who, employer, today)
    return {name: row[name] for name in ("next_step", "slots", "owner_name", "open_tasks")}


NOTHING = {"next_step": None, "slots": None, "owner_name": None, "open_tasks": None}


@pytest.mark.parametrize(("part", "shown"), [
    ("next_step", {"next_step": "Send the agreement"}), ("slots", {"slots": 5}), ("owner", {"owner_name": "Bob"}), ("tasks", {"open_tasks": 1}),
])  # fmt: skip
async def test_a_fact_is_seen_alone_until_its_day(part, shown, stands, people, employers, boards, program):
    assert await seen(people.charlie, employers.erins) == NOTHING
    form = ShareForm(board_id=boards.south, purpose="Joint visit", until=TODAY + timedelta(days=3), **{part: True})
    [made] = await sharing.share(people.alice, employers.erins, form, TODAY)
    assert await seen(people.charlie, employers.erins) == NOTHING | shown
    assert await lines(people.charlie, employers.erins) == []
    assert await seen(people.charlie, employers.erins, TODAY + timedelta(days=4)) == NOTHING
    await sharing.unshare_part(people.bob, made)
    assert await seen(people.charlie, employers.erins) == NOTHING


async def test_ones_own_board_and_the_state_see_all(stands, people, employers, program):
    everything = {"next_step": "Send the agreement", "slots": 5, "owner_name": "Bob", "open_tasks": 1}
    assert await seen(people.alice, employers.erins) == await seen(people.sam, employers.erins) == everything


async def test_a_share_of_nothing_is_refused(people, employers, boards, program):
    with pytest.raises(Invalid, match="Choose what they may see"):
        await sharing.share(people.alice, employers.erins, ShareForm(board_id=boards.south, purpose="Joint visit", until=TODAY), TODAY)


async def test_every_share_and_its_end_are_on_record(stands, people, employers, boards, program):
    form = ShareForm(board_id=boards.south, purpose="Joint visit", until=TODAY, timeline=True, slots=True)
    whole, part = await sharing.share(people.alice, employers.erins, form, TODAY)
    await sharing.unshare(people.alice, whole)
    await sharing.unshare_part(people.alice, part)
    async with transaction(read_only=True):
        kept = await fetch("select verb, subject_kind, subject_id from audit_entry where verb like 'timeline.%' order by at, id")
    assert [(row["verb"], row["subject_id"]) for row in kept] == [
        ("timeline.shared", whole), ("timeline.shared", part), ("timeline.share_ended", whole), ("timeline.share_ended", part)]  # fmt: skip


# ── the pages ──


async def test_by_the_pages(stands, people, employers, boards, browse):
    page, url = browse(people.alice), f"/employers/{employers.erins}"
    entry = await log(people.alice, employers.erins, "Asked about summer")
    fields = {"board_id": str(boards.south), "purpose": "Joint visit", "until": TODAY.isoformat()}
    assert (await page.submit(f"{url}/shares", **fields)).status_code == 422
    assert (await page.submit(f"{url}/shares", **fields, slots="true", tasks="true")).status_code == 303
    assert f"/activities/{entry}/share" in (await page.get(url)).text
    assert (await page.submit(f"/activities/{entry}/share", **fields)).status_code == 303

    told = (await page.get(f"{url}/courtesy")).text
    assert "slots, open tasks" in told and "Asked about summer" in told
    other = (await browse(people.charlie).get(url)).text
    assert "5 slots" in other and "Asked about summer" in other and "Send the agreement" not in other
    async with transaction(read_only=True):
        part: UUID = (await fetch_one("select id from shared_part where activity_id is null"))["id"]
    assert (await page.submit(f"/shared-parts/{part}/end")).status_code == 303
    assert "5 slots" not in (await browse(people.charlie).get(url)).text
