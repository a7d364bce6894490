"""Several pipelines, their views over the same filters, changes of many at once, and setting them up."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.contacts import actions as contacts
from crm.contacts.forms import ContactForm
from crm.database import execute, fetch, fetch_one, transaction
from crm.engagements import actions, bulk, designing, pipeline
from crm.engagements.forms import BulkChangeForm, NextStepForm, PipelineForm, StageForm, StageMoveForm
from crm.engagements.pipeline import Filters
from crm.engagements.pipelines import pipelines, stages
from crm.errors import Conflict, Denied, Invalid, NotFound

TODAY = date(2026, 11, 23)


@pytest.fixture
async def two(people, employers, program):
    """Erin's and Frank's employers on the north's pipeline."""
    return SimpleNamespace(erins=await actions.start(people.alice, employers.erins), franks=await actions.start(people.alice, employers.franks))


async def stage(board_id, code, pipeline="recruit"):
    async with transaction(read_only=True):
        return next(each for each in await stages(board_id, pipeline) if each["code"] == code)


async def move(who, engagement_id, target, reason=""):
    return await actions.move(who, engagement_id, StageMoveForm(stage_id=target["id"], reason=reason))


async def standing(engagement_id):
    async with transaction(read_only=True):
        return await fetch_one("select g.*, s.code from engagement g join stage s on s.id = g.stage_id where g.id = $1", engagement_id)


async def ways(board_id):
    async with transaction(read_only=True):
        return {each["code"]: each for each in await pipelines(board_id)}


async def test_an_employer_stands_on_several_pipelines_at_once(two, people, employers, boards):
    renewing = await actions.start(people.alice, employers.erins, pipeline="renew")

    assert (await standing(two.erins))["code"] == "identified"
    assert (await standing(renewing))["code"] == "due"
    with pytest.raises(Invalid, match="not one of this pipeline"):
        await move(people.alice, renewing, await stage(boards.north, "met"))
    with pytest.raises(NotFound, match="no such pipeline"):
        await actions.start(people.alice, employers.erins, pipeline="nowhere")


async def test_a_stage_is_entered_when_what_it_needs_is_on_file(people, employers, boards, program):
    renewing = await actions.start(people.alice, employers.erins, pipeline="renew")
    agreed = await stage(boards.north, "agreed", "renew")
    with pytest.raises(Invalid, match=r"Add a contact first.*how many slots"):
        await move(people.alice, renewing, agreed)

    await contacts.add_contact(people.alice, employers.erins, ContactForm(given_name="Erin"))
    await actions.plan(people.alice, renewing, NextStepForm(slots=2, version=1))
    await move(people.alice, renewing, agreed)
    assert (await standing(renewing))["code"] == "agreed"


# ── views ──


async def test_every_view_shows_the_same_employers(two, people, boards, browse):
    await move(people.alice, two.franks, await stage(boards.north, "met"))
    page = browse(people.alice)
    for filters, shown in (("", {"Erin", "Frank"}), ("&q=erin", {"Erin"}), ("&owner=none", set()), ("&due=overdue", set())):
        for view in ("board", "table"):
            text = (await page.get(f"/pipeline?view={view}{filters}")).text
            assert {name for name in ("Erin", "Frank") if f"{name}&#39;s" in text} == shown, (view, filters)


async def test_due_and_stay_are_filters(two, people, boards, superuser):
    await actions.plan(people.alice, two.erins, NextStepForm(next_step="Call", next_step_due=TODAY - timedelta(days=1),
                                                               owner_id=people.alice.account_id, version=1))  # fmt: skip
    await superuser("update stage set expected_days = 10 where code = 'identified'")
    await superuser(f"update engagement set stage_since = now() - interval '11 days' where id = '{two.franks}'")

    async def found(**filters):
        async with transaction(read_only=True):
            way = (await pipelines(boards.north))[0]["id"]
            rows = await pipeline.rows(people.alice, boards.north, way, Filters(**filters), TODAY, before=None)
        return {row["id"] for row in rows}

    assert await found(due="overdue") == await found(due="week") == {two.erins}
    assert await found(due="none") == await found(waiting="long") == {two.franks}
    assert await found(owner="me") == {two.erins, two.franks}
    assert await found(owner=str(people.bob.account_id)) == await found(owner="none") == await found(owner="who?") == set()


async def test_the_funnel_counts_who_came_how_far_also_those_who_then_declined(two, people, boards):
    for code in ("contacted", "met"):
        await move(people.alice, two.erins, await stage(boards.north, code))
    await move(people.alice, two.franks, await stage(boards.north, "contacted"))
    await move(people.alice, two.franks, await stage(boards.north, "declined"), "pay")

    async with transaction(read_only=True):
        levels = await pipeline.funnel(people.alice, boards.north, await stages(boards.north), Filters(), TODAY)
    found = {level.stage["code"]: (level.reached, level.now) for level in levels}
    assert [found[code] for code in ("identified", "contacted", "met", "interested")] == [(2, 0), (2, 0), (1, 1), (0, 0)]
    assert "declined" not in found


async def test_a_funnel_knows_no_move_that_was_taken_back(two, people, boards):
    moved = await move(people.alice, two.erins, await stage(boards.north, "met"))
    await actions.undo_move(people.alice, moved["move_id"])
    async with transaction(read_only=True):
        levels = await pipeline.funnel(people.alice, boards.north, await stages(boards.north), Filters(), TODAY)
    assert {level.stage["code"]: level.reached for level in levels}["met"] == 0


# ── many at once ──


async def test_a_change_of_many_is_seen_first_done_whole_and_taken_back_as_one(two, people, boards, employers):
    await contacts.add_contact(people.alice, employers.erins, ContactForm(given_name="Erin"))
    form = BulkChangeForm(change="move", stage_id=(await stage(boards.north, "ready"))["id"])
    before = [await standing(each) for each in (two.erins, two.franks)]

    async with transaction(read_only=True):
        outcomes = {each.row["id"]: each.stays for each in await bulk.preview(people.alice, [two.erins, two.franks], form)}
    assert outcomes == {two.erins: [], two.franks: ["Add a contact first: someone must be reachable."]}
    assert [await standing(each) for each in (two.erins, two.franks)] == before

    change_id, count = await bulk.change(people.alice, [two.erins, two.franks], form)
    assert (count, (await standing(two.erins))["code"], (await standing(two.franks))["code"]) == (1, "ready", "identified")
    assert await bulk.undo(people.bob, change_id) == (1, 0)
    kept = ("code", "reason", "stage_since", "owner_id")
    assert [[(await standing(each["id"]))[key] for key in kept] for each in before] == [[each[key] for key in kept] for each in before]
    with pytest.raises(Conflict, match="taken back already"):
        await bulk.undo(people.alice, change_id)


async def test_what_was_changed_since_stays_when_the_change_is_taken_back(two, people, boards):
    form = BulkChangeForm(change="move", stage_id=(await stage(boards.north, "contacted"))["id"])
    change_id, _count = await bulk.change(people.alice, [two.erins, two.franks], form)
    await move(people.alice, two.franks, await stage(boards.north, "met"))

    assert await bulk.undo(people.alice, change_id) == (1, 1)
    assert ((await standing(two.erins))["code"], (await standing(two.franks))["code"]) == ("identified", "met")


async def test_many_change_hands_and_back(two, people):
    form = BulkChangeForm(change="give", owner_id=people.bob.account_id)
    change_id, count = await bulk.change(people.alice, [two.erins, two.franks], form)
    assert count == 2
    assert (await standing(two.erins))["owner_id"] == people.bob.account_id
    await bulk.undo(people.alice, change_id)
    assert (await standing(two.erins))["owner_id"] == people.alice.account_id


async def test_no_one_changes_many_of_another_board(two, people, boards):
    form = BulkChangeForm(change="move", stage_id=(await stage(boards.north, "met"))["id"])
    with pytest.raises(NotFound):
        await bulk.change(people.charlie, [two.erins], form)
    with pytest.raises(Invalid, match="Choose between 1 and"):
        await bulk.change(people.alice, [], form)
    assert (await standing(two.erins))["code"] == "identified"


async def test_the_page_asks_before_it_changes_many(two, people, boards, browse):
    page = browse(people.alice)
    fields = {"change": "move", "stage_id": str((await stage(boards.north, "met"))["id"]), "chosen": [str(two.erins), str(two.franks)]}
    asked = await page.submit("/pipeline/change", **fields)
    assert "2 employers change" in asked.text
    assert (await standing(two.erins))["code"] == "identified"
    done = await page.submit("/pipeline/change", confirmed="true", **fields)
    assert done.headers["location"] == "/pipeline?view=table"
    assert (await standing(two.franks))["code"] == "met"
    assert "2 employers changed." in (await page.get("/pipeline?view=table")).text
    assert (await page.submit("/pipeline/change", change="move", chosen="nonsense")).status_code == 422


# ── setting them up ──

NAMES = {"name_en": "Summer jobs", "name_es": "Empleos de verano"}


async def test_a_manager_gives_the_board_a_pipeline_with_stages_of_its_own(people, boards, employers, program):
    made = await designing.add_pipeline(people.bob, boards.north, PipelineForm(**NAMES))
    await designing.add_stage(people.bob, made, StageForm(name_en="Asked", name_es="Consultado", kind="open", position=2, needs_email=True))

    assert "summer_jobs" in await ways(boards.north)
    assert "summer_jobs" not in await ways(boards.south)
    async with transaction(read_only=True):
        assert [each["code"] for each in await stages(boards.north, "summer_jobs")] == ["new", "asked", "done", "paused", "declined"]
    engaged = await actions.start(people.alice, employers.erins, pipeline="summer_jobs")
    with pytest.raises(Invalid, match="email address of a contact"):
        await move(people.alice, engaged, await stage(boards.north, "asked", "summer_jobs"))


async def test_the_states_pipelines_are_changed_by_the_state_alone(people, boards):
    recruit = (await ways(boards.north))["recruit"]["id"]
    with pytest.raises(Denied, match="state's"):
        await designing.rename_pipeline(people.bob, recruit, PipelineForm(**NAMES))
    with pytest.raises(Denied):
        await designing.add_pipeline(people.bob, boards.south, PipelineForm(**NAMES))
    with pytest.raises(Denied):
        await designing.add_pipeline(people.alice, boards.north, PipelineForm(**NAMES))
    await designing.rename_pipeline(people.sam, recruit, PipelineForm(**NAMES))
    assert (await ways(boards.south))["recruit"]["name_en"] == "Summer jobs"


async def test_a_board_makes_a_pipeline_its_own_and_its_employers_stand_as_before(two, people, boards, employers):
    moved = await move(people.alice, two.erins, await stage(boards.north, "met"))
    other = await actions.start(people.charlie, employers.erins)
    recruit = (await ways(boards.north))["recruit"]["id"]

    own = await designing.make_own(people.bob, recruit, boards.north)

    assert (await ways(boards.north))["recruit"]["id"] == own
    found = await standing(two.erins)
    assert (found["code"], found["pipeline_id"]) == ("met", own)
    assert (await standing(other))["pipeline_id"] == recruit == (await ways(boards.south))["recruit"]["id"]
    await actions.undo_move(people.alice, moved["move_id"])
    assert (await standing(two.erins))["code"] == "identified"
    with pytest.raises(Conflict, match="already"):
        await designing.make_own(people.bob, recruit, boards.north)


async def test_nothing_that_is_in_use_is_put_away(two, people, boards):
    own = await designing.make_own(people.bob, (await ways(boards.north))["recruit"]["id"], boards.north)
    first = await stage(boards.north, "identified")
    with pytest.raises(Conflict, match="2 employers stand in this stage"):
        await designing.put_away_stage(people.bob, first["id"])
    with pytest.raises(Conflict, match="2 employers stand on this pipeline"):
        await designing.put_away_pipeline(people.bob, own)
    await designing.put_away_stage(people.bob, (await stage(boards.north, "hosting"))["id"])
    async with transaction(read_only=True):
        assert "hosting" not in {each["code"] for each in await stages(boards.north)}


async def test_a_pipeline_keeps_an_open_stage(people, boards):
    made = await designing.add_pipeline(people.bob, boards.north, PipelineForm(**NAMES))
    async with transaction(read_only=True):
        listed = await stages(boards.north, "summer_jobs")
    for each in listed[1:]:
        await designing.put_away_stage(people.bob, each["id"])
    with pytest.raises(Conflict, match="needs an open stage"):
        await designing.put_away_stage(people.bob, listed[0]["id"])
    assert made in {each["id"] for each in (await ways(boards.north)).values()}


async def test_stages_stand_in_the_order_that_was_set(people, boards):
    made = await designing.add_pipeline(people.bob, boards.north, PipelineForm(**NAMES))
    last = await designing.add_stage(people.bob, made, StageForm(name_en="Last", name_es="Última", kind="open", position=50))
    await designing.change_stage(people.bob, last, StageForm(name_en="First", name_es="Primera", kind="open", position=1))
    async with transaction(read_only=True):
        found = await fetch("select code, name_en, position from stage where pipeline_id = $1 order by position", made)
    assert [(row["code"], row["position"]) for row in found] == [("last", 1), ("new", 2), ("done", 3), ("paused", 4), ("declined", 5)]
    assert found[0]["name_en"] == "First"


async def test_names_that_are_alike_get_codes_that_are_not(people, boards):
    for _time in range(2):
        await designing.add_pipeline(people.bob, boards.north, PipelineForm(**NAMES))
    with pytest.raises(Invalid, match="letters"):
        await designing.add_pipeline(people.bob, boards.north, PipelineForm(name_en="!!", name_es="!!"))
    assert {"summer_jobs", "summer_jobs_2"} <= set(await ways(boards.north))


async def test_the_pages_show_what_may_be_changed(people, boards, browse):
    mine = (await browse(people.bob).get("/pipelines")).text
    assert "Make it our own" in mine and "Add pipeline" in mine and "/stages/" not in mine
    state = (await browse(people.sam).get("/pipelines")).text
    assert "/stages/" in state and "Add stage" in state
    assert (await browse(people.alice).get("/pipelines")).status_code == 403
    recruit = (await ways(boards.north))["recruit"]["id"]
    page = browse(people.bob)
    made = await page.submit(f"/boards/{boards.north}/pipelines/{recruit}/own")
    assert made.status_code == 303
    own = await stage(boards.north, "met")
    saved = await page.submit(f"/stages/{own['id']}/edit", name_en="Seen", name_es="Visto", kind="open", position="3", needs_contact="true",
                              expected_days="14")  # fmt: skip
    assert saved.status_code == 303
    found = await stage(boards.north, "met")
    assert (found["name_en"], found["needs"], found["expected_days"]) == ("Seen", ["contact"], 14)
    wrong = await page.submit(f"/stages/{own['id']}/edit", name_en="", name_es="Visto", kind="open", position="0")
    assert (wrong.status_code, "Please fill this in" in wrong.text) == (422, True)


async def test_counts_of_the_board_are_of_what_the_filters_show(two, people, boards):
    async with acting(SYSTEM, "test.slots") as act:
        await execute("update engagement set slots = 3 where id = $1", two.erins)
        act.record("engagement", two.erins)
    async with transaction(read_only=True):
        way = await stages(boards.north)
        [every] = [c for c in await pipeline.columns(people.alice, boards.north, way, Filters(), TODAY) if c.total]
        [one] = [c for c in await pipeline.columns(people.alice, boards.north, way, Filters(q="frank"), TODAY) if c.total]
    assert [(column.total, column.slots, len(column.cards)) for column in (every, one)] == [(2, 3, 2), (1, 0, 1)]
