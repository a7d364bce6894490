"""The level of engagement comes out of dated activities, is explained entry by entry, and is never typed in."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.database import execute, fetch_one, fetch_value, transaction
from crm.employers import merging, searching
from crm.engagements import activities, levels
from crm.engagements.forms import ActivityForm, EndRuleForm, RuleForm
from crm.engagements.level_rules import EntryRule, Score, level_of, score, turns
from crm.errors import Denied, Invalid

TODAY = date(2026, 11, 23)
ZONE = "America/New_York"
JULY = date(2026, 7, 1)


# ── the rule ──


def test_the_score_is_the_sum_of_the_levels_over_the_number_of_entries():
    found = score({1: 2, 2: 1, 5: 2})
    assert found == Score(entries=5, total=14)
    assert (found.value, found.level) == (Decimal("2.80"), 3)


def test_without_an_entry_the_level_is_not_known():
    assert score({}) is None


@pytest.mark.parametrize(("counts", "level"), [({1: 1, 2: 1}, 2), ({2: 1, 3: 1}, 3), ({1: 2, 2: 1}, 1), ({5: 3}, 5), ({4: 1, 5: 1}, 5)])
def test_halves_round_up(counts, level):
    assert score(counts).level == level


@given(st.dictionaries(st.integers(1, 5), st.integers(1, 10_000), min_size=1))
def test_the_level_lies_between_the_lowest_and_the_highest_entry(counts):
    assert min(counts) <= score(counts).level <= max(counts)


RULES = [
    EntryRule(kind="visit", level=2), EntryRule(outcome="supported", level=5), EntryRule(outcome="no_answer", level=None),
    EntryRule(kind="event", level=2, last_day=date(2026, 6, 30)), EntryRule(kind="event", level=3, first_day=JULY),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "outcome", "day", "level"),
    [("visit", "", JULY, 2), ("visit", "supported", JULY, 5), ("visit", "no_answer", JULY, None), ("note", "", JULY, None),
     ("event", "", date(2026, 6, 30), 2), ("event", "", JULY, 3)],
)  # fmt: skip
def test_the_highest_rule_of_the_day_counts_and_what_does_not_count_wins(kind, outcome, day, level):
    assert level_of(kind, outcome, day, RULES) == level


def test_rules_turn_on_their_first_day_and_after_their_last():
    assert turns(RULES) == [JULY]
    assert turns([EntryRule(level=1, first_day=date(2026, 1, 1), last_day=date(2026, 1, 31))]) == [date(2026, 1, 1), date(2026, 2, 1)]


# ── as people work ──


async def log(actor, employer_id, kind="visit", **fields):
    form = ActivityForm(**{"kind": kind, "summary": "Saw them", "on": TODAY, **fields})
    return await activities.log_activity(actor, employer_id, form, zone=ZONE, today=TODAY)


async def level(employer_id):
    async with transaction(read_only=True):
        return tuple(await fetch_one("select engagement_level, engagement_score from employer where id = $1", employer_id))


async def test_what_is_logged_changed_and_taken_off_counts_at_once(people, employers):
    assert await level(employers.erins) == (None, None)
    await log(people.alice, employers.erins, "call")
    made = await log(people.alice, employers.erins, "event", outcome="supported")
    assert await level(employers.erins) == (3, Decimal("3.00"))
    form = ActivityForm(kind="event", summary="Saw them", on=TODAY)
    changed = await activities.change_activity(people.alice, made, form, 1, zone=ZONE, today=TODAY)
    assert await level(employers.erins) == (2, Decimal("1.50"))
    await activities.undo_change(people.alice, changed, zone=ZONE)
    assert await level(employers.erins) == (3, Decimal("3.00"))
    await activities.remove_activity(people.alice, made, zone=ZONE)
    assert await level(employers.erins) == (1, Decimal("1.00"))


async def test_a_note_and_a_call_that_reached_no_one_are_no_entries(people, employers):
    await log(people.alice, employers.erins, "note")
    await log(people.alice, employers.erins, "call", outcome="no_answer")
    assert await level(employers.erins) == (None, None)


async def test_it_counts_for_all_boards_and_shows_of_others_only_the_sum(people, employers, browse):
    await log(people.alice, employers.erins, "call", summary="A word of ours")
    await log(people.charlie, employers.erins, "visit", outcome="gave_feedback", summary="A word of the south")
    assert await level(employers.erins) == (3, Decimal("2.50"))
    page = (await browse(people.alice).get(f"/employers/{employers.erins}/level")).text
    assert "2 entries, together 5: 5 ÷ 2 = 2.50." in page
    assert "A word of ours" in page
    assert "1 more entry: of other boards, or older than these" in page
    assert "A word of the south" not in page


async def test_without_an_entry_the_page_says_that_it_is_not_known(people, employers, browse):
    assert "Not known" in (await browse(people.alice).get(f"/employers/{employers.erins}/level")).text


async def test_the_list_is_narrowed_by_it_for_those_who_see_it(people, employers, browse):
    await log(people.alice, employers.erins, "call", outcome="supported")
    alice = (await browse(people.alice).get("/employers?level=5")).text
    assert "Erin&#39;s Bakery" in alice
    assert "Frank&#39;s Garage" not in alice
    partner = (await browse(people.teresa).get("/employers?level=5")).text
    assert "Erin&#39;s Bakery" not in partner
    async with transaction(read_only=True):
        rows = (await searching.list_employers(people.teresa, searching.Filters())).rows
    assert {row["engagement_level"] for row in rows} == {None}


async def test_only_the_state_says_what_counts_and_all_is_worked_out_anew(people, employers, program):
    await log(people.alice, employers.erins, "note")
    form = RuleForm(kind="note", level="4", first_day=date(2026, 1, 1), source="Memo of 2 January 2026")
    with pytest.raises(Denied):
        await levels.add_rule(people.bob, form)
    rule = await levels.add_rule(people.sam, form)
    await run_jobs(program)
    assert await level(employers.erins) == (4, Decimal("4.00"))
    await levels.end_rule(people.sam, rule, EndRuleForm(last_day=date(2026, 6, 30)))
    await run_jobs(program)
    assert await level(employers.erins) == (None, None)
    await levels.end_rule(people.sam, rule, EndRuleForm())
    await run_jobs(program)
    assert await level(employers.erins) == (4, Decimal("4.00"))


async def run_jobs(program):
    worker = program.worker()
    async with transaction(read_only=True):
        waiting = await fetch_value("select count(*) from job where state = 'queued' and name = 'engagements.levels'")
    assert waiting == 1
    await worker.run_until_idle()


async def test_a_rule_says_what_it_is_about(people):
    with pytest.raises(Invalid, match="Choose a kind"):
        await levels.add_rule(people.sam, RuleForm(level="1", first_day=JULY, source="Memo"))


async def test_worked_out_twice_it_is_the_same(people, employers):
    await log(people.alice, employers.erins, "visit")
    async with transaction():
        await execute("update employer set engagement_level = 5, engagement_score = 5 where id = $1", employers.erins)
        assert await levels.refresh([employers.erins, employers.franks], ZONE) == 1
        assert await levels.refresh([employers.erins, employers.franks], ZONE) == 0
    assert await level(employers.erins) == (2, Decimal("2.00"))


async def test_a_merge_brings_the_entries_together_and_apart(people, employers, program):
    await log(people.alice, employers.erins, "call")
    await log(people.alice, employers.franks, "visit", outcome="supported")
    merge = await merging.merge(people.alice, employers.erins, employers.franks, {})
    await program.worker().run_until_idle()
    assert await level(employers.erins) == (3, Decimal("3.00"))
    await merging.undo(people.alice, merge)
    await program.worker().run_until_idle()
    assert await level(employers.erins) == (1, Decimal("1.00"))
    assert await level(employers.franks) == (5, Decimal("5.00"))


async def test_the_page_of_levels_counts_where_employers_stand(people, employers, browse):
    await log(people.alice, employers.erins, "call", outcome="supported")
    page = (await browse(people.sam).get("/engagement-levels")).text
    assert "100% of the 1 employers with a level stand at level 5" in page
    assert "proposal of this program" in page
