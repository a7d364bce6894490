"""An engagement moves along its own board's pipeline: who, when and why are kept, and each move can be taken back."""

from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio

from crm.contacts import actions as contacts
from crm.contacts.forms import ContactForm
from crm.database import fetch, fetch_one, fetch_value, transaction
from crm.engagements import actions, pipeline, pipelines
from crm.engagements.forms import NextStepForm, StageMoveForm
from crm.engagements.pipeline import Filters, NextCards
from crm.errors import Conflict, Denied, Invalid, NotFound

TODAY = date(2026, 11, 23)


@pytest_asyncio.fixture
async def engagement(people, employers, program):
    return await actions.start(people.alice, employers.erins)


async def stage(code):
    async with transaction(read_only=True):
        return await fetch_value("select s.id from stage s join pipeline p on p.id = s.pipeline_id where s.code = $1 "
                                 "and p.board_id is null and p.code = 'recruit'", code)  # fmt: skip


async def to(code, **more):
    return StageMoveForm(stage_id=await stage(code), **more)


async def now(engagement_id):
    async with transaction(read_only=True):
        return await fetch_one("select g.*, s.code from engagement g join stage s on s.id = g.stage_id where g.id = $1", engagement_id)


async def test_begins_as_identified_once_however_often_it_is_started(engagement, people, employers):
    assert (await now(engagement))["code"] == "identified"
    assert await actions.start(people.bob, employers.erins) == engagement


async def test_a_move_keeps_who_when_and_why(engagement, people):
    await actions.move(people.alice, engagement, await to("contacted", reason="They answered"))
    async with transaction(read_only=True):
        made = await fetch_one("select * from stage_move order by at desc limit 1")
    assert (made["moved_by"], made["reason"]) == (people.alice.account_id, "They answered")
    assert datetime.now(UTC) - made["at"] < timedelta(minutes=1)
    assert (made["from_stage_id"], made["to_stage_id"]) == (await stage("identified"), await stage("contacted"))


@pytest.mark.parametrize("code", ["declined", "paused", "lapsed"])
async def test_a_refusal_or_a_pause_needs_a_reason(engagement, people, code):
    with pytest.raises(Invalid, match="Say why"):
        await actions.move(people.alice, engagement, await to(code, reason="  "))
    await actions.move(people.alice, engagement, await to(code, reason="timing"))
    found = await now(engagement)
    assert (found["code"], found["reason"]) == (code, "timing")


async def test_is_ready_only_with_someone_to_reach(engagement, people, employers):
    with pytest.raises(Invalid, match="Add a contact first"):
        await actions.move(people.alice, engagement, await to("ready"))
    await contacts.add_contact(people.alice, employers.erins, ContactForm(given_name="Erin"))
    await actions.move(people.alice, engagement, await to("ready"))
    assert (await now(engagement))["code"] == "ready"


async def test_a_move_to_the_same_stage_changes_nothing(engagement, people):
    before = await now(engagement)
    moved = await actions.move(people.alice, engagement, await to("identified"))
    assert moved["move_id"] is None
    assert dict(await now(engagement)) == dict(before)


async def test_undo_puts_it_back_as_it_was(engagement, people):
    await actions.move(people.alice, engagement, await to("declined", reason="pay"))
    before = await now(engagement)
    moved = await actions.move(people.alice, engagement, await to("contacted"))
    await actions.undo_move(people.bob, moved["move_id"])
    after = await now(engagement)
    assert {key: after[key] for key in ("code", "reason", "stage_since")} == {key: before[key] for key in ("code", "reason", "stage_since")}


async def test_undo_is_refused_once_another_move_came_after(engagement, people):
    first = await actions.move(people.alice, engagement, await to("contacted"))
    await actions.move(people.bob, engagement, await to("met"))
    with pytest.raises(Conflict, match="moved this employer since"):
        await actions.undo_move(people.alice, first["move_id"])


async def test_an_undone_move_is_off_the_timeline_and_on_record(engagement, people, employers, browse):
    moved = await actions.move(people.alice, engagement, await to("contacted"))
    page = f"/employers/{employers.erins}/timeline"
    assert "Moved to Contacted" in (await browse(people.alice).get(page)).text
    await actions.undo_move(people.alice, moved["move_id"])
    assert "Moved to Contacted" not in (await browse(people.alice).get(page)).text
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from audit_entry where verb = 'engagement.move_undone'") == 1


async def test_a_move_from_a_page_that_is_out_of_date_is_refused_with_where_it_stands(engagement, people):
    await actions.move(people.bob, engagement, await to("contacted", version=1))
    with pytest.raises(Conflict, match="It stands at 'Contacted' now"):
        await actions.move(people.alice, engagement, await to("met", version=1))


async def test_staff_of_another_board_neither_see_nor_move_it(engagement, people):
    moved = await actions.move(people.alice, engagement, await to("contacted"))
    with pytest.raises(NotFound):
        await actions.move(people.charlie, engagement, await to("met"))
    with pytest.raises((Denied, NotFound)):
        await actions.undo_move(people.charlie, moved["move_id"])
    with pytest.raises(NotFound):
        await actions.plan(people.charlie, engagement, NextStepForm(next_step="Take over", version=2))
    assert (await now(engagement))["code"] == "contacted"


@pytest.mark.parametrize("who", ["ana", "walter", "teresa", "erin"])
async def test_those_who_only_look_do_not_move_it(engagement, people, who):
    with pytest.raises(Denied):
        await actions.move(getattr(people, who), engagement, await to("contacted"))


async def test_staff_of_one_board_start_nothing_on_another_boards_pipeline(people, employers, boards):
    with pytest.raises(Denied, match="own board's pipeline"):
        await actions.start(people.alice, employers.erins, boards.south)


async def test_no_colleague_of_another_board_looks_after_it(engagement, people, browse, employers):
    answer = await browse(people.alice).submit(f"/engagements/{engagement}/plan", next_step="Call", version="1", slots="0",
                                               owner_id=str(people.charlie.account_id))  # fmt: skip
    assert answer.status_code == 422
    assert (await now(engagement))["owner_id"] == people.alice.account_id


async def test_the_columns_have_every_stage_in_order_with_right_totals(people, employers, boards, program):
    mine = await actions.start(people.alice, employers.erins)
    other = await actions.start(people.alice, employers.franks)
    await actions.start(people.charlie, employers.erins)
    await actions.move(people.alice, other, await to("met"))
    async with transaction(read_only=True):
        columns = await pipeline.columns(people.alice, boards.north, await pipelines.stages(boards.north), Filters(), TODAY)
    assert [column.stage["code"] for column in columns] == [
        "identified", "contacted", "met", "interested", "pledged", "onboarding", "ready", "hosting", "renewing",
        "paused", "declined", "lapsed"]  # fmt: skip
    found = {column.stage["code"]: ([card["id"] for card in column.cards], column.total) for column in columns if column.total}
    assert found == {"identified": ([mine], 1), "met": ([other], 1)}


async def test_a_long_column_shows_its_total_and_gives_the_rest_without_repeats(people, boards, program):
    from crm.access import SYSTEM
    from crm.actions import acting
    from crm.database import execute

    async with acting(SYSTEM, "employers.made") as act:
        await execute("insert into employer (name, match_key) select 'Employer ' || n, 'employer ' || n from generate_series(1, 60) n")
        await execute(
            "insert into engagement (employer_id, board_id, pipeline_id, stage_id) "
            "select e.id, $1, s.pipeline_id, s.id from employer e, stage s where e.name like 'Employer %' and s.id = $2",
            boards.north, await stage("met"),
        )  # fmt: skip
        act.record("employers", None)
    async with transaction(read_only=True):
        columns = await pipeline.columns(people.alice, boards.north, await pipelines.stages(boards.north), Filters(), TODAY)
        column = next(c for c in columns if c.stage["code"] == "met")
        seen = [card["id"] for card in column.cards]
        page = column.cards
        while page:
            later = NextCards(before=page[-1]["stage_since"], before_id=page[-1]["id"])
            page = await pipeline.more_cards(people.alice, boards.north, column.stage, later, TODAY)
            seen += [card["id"] for card in page]
        everyone = {row["id"] for row in await fetch("select id from engagement")}
    assert column.total == 60
    assert len(seen) == 60
    assert set(seen) == everyone


async def test_the_board_page_shows_the_card_and_the_count(engagement, people, browse, boards):
    await actions.move(people.alice, engagement, await to("met"))
    text = (await browse(people.alice).get("/pipeline")).text
    column = text.partition(f'aria-labelledby="stage-{await stage("met")}"')[2].partition("</section>")[0]
    assert f'id="card-{engagement}"' in column
    assert "data-count>1<" in column
    assert "Move to" in column
    looks = (await browse(people.ana).get(f"/pipeline?board={boards.north}")).text
    assert f'id="card-{engagement}"' in looks
    assert f'action="/engagements/{engagement}/move"' not in looks
