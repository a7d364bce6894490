"""What was claimed before, as the employer sees it in the portal: the same number as staff for the same facts, with its reason; and nothing beside it."""

import random
from datetime import date
from decimal import Decimal

import asyncpg
import pytest

from crm.database import Login, execute, fetch, fetch_value, transaction
from crm.incentives import hires, screening, told
from crm.incentives.claims import cases
from crm.incentives.earlier_claims import claimed_elsewhere, earlier
from crm.incentives.forms import HireForm
from crm.incentives.outside import in_portal, sharing
from tests.incentives.test_cases import moved, night
from tests.incentives.test_claimed_before import RATC, TODAY, WELDER, claimed, submitted, welder  # noqa: F401 - welder is a fixture

SAME = ("amount", "potential_amount", "at_least", "at_most", "before_limits", "headline", "left", "used_up", "limits_open")


async def by_staff(hire_id):
    async with transaction(read_only=True):
        hire = await told.row(hire_id)
        return screening.screened(hire, await told.of(hire), TODAY, before=await earlier.of(hire))


async def by_employer(who, hire_id):
    async with transaction(who.login, read_only=True, session_secret=who.session_secret):
        return await in_portal.shown(who, hire_id, TODAY)


def numbers(found, but=()):
    return {each["program"]: {name: each[name] for name in SAME} for each in found.programs if each["program"] not in but}


@pytest.mark.parametrize("seed", range(4))
async def test_the_employer_sees_what_staff_see_of_the_same_facts(welder, people, employers, boards, seed):  # noqa: F811
    """Whatever was told, taken out, submitted, certified or denied, here or by another board."""
    chance = random.Random(seed)
    seen = await welder("Seen")
    await sharing.share(people.alice, seen)
    others = [await welder(label) for label in ("A.", "B.")]
    one = None
    for _step in range(4):
        what = chance.choice(("told", "told", "taken out", "case", "case", "elsewhere"))
        if what == "told":
            one = await claimed(people.alice, employers.erins, chance.choice((None, 0, 40_000, 97_000, 100_000)), program=chance.choice((RATC, "ma-mlsc-intern")),
                                year=chance.choice((2024, 2025, 2025)), people=chance.choice((None, 0, 1, 2)))  # fmt: skip
        elif what == "taken out":
            if one:
                await claimed_elsewhere.take_out(people.alice, one)
        elif what == "elsewhere":
            await claimed(people.charlie, employers.erins, 50_000)
        elif others:
            case = await submitted(people.alice, others.pop())
            state, how = chance.choice((("certified", {"amount": Decimal("1234.50")}), ("denied", {"reason": "Not listed"}), (None, {})))
            if state:
                await moved(people.alice, case, state, **how)
        staff, portal = await by_staff(seen), await by_employer(people.erin, seen)
        assert numbers(staff) == numbers(portal.found)
        assert (staff.stack, staff.renewed) == (portal.found.stack, portal.found.renewed)


async def test_what_counts_is_said_with_its_source_and_its_day(welder, people, employers, browse):  # noqa: F811
    hire = await welder()
    await sharing.share(people.alice, hire)
    page = f"/portal/hires/{hire}"
    assert "What was claimed elsewhere is not known, and could leave less: " in (await browse(people.erin).get(page)).text
    await claimed(people.alice, employers.erins, 92_000)
    await submitted(people.alice, await welder("B."))
    text = (await browse(people.erin).get(page)).text
    for said in ("One employer gets at most this in a calendar year. That is $100,000. Claimed before for 2025: $96,800. Left: $3,200.",
                 "Their accountant", "As of October 6, 2025", "$92,000", "Through your board:", "$4,800", "1 claim"):  # fmt: skip
        assert said in text, said
    assert "could leave less" not in text and "B." not in text.partition("<main")[2].partition("Seen by")[0]


async def test_an_amount_that_no_one_knows_is_said_so(welder, people, employers, browse):  # noqa: F811
    hire = await welder()
    await sharing.share(people.alice, hire)
    await claimed(people.alice, employers.erins, None, people=None)
    text = (await browse(people.erin).get(f"/portal/hires/{hire}")).text
    assert "Up to $4,800" in text and "How much is not known" in text and "for how many is not known" in text


async def test_another_employer_and_raw_sql_reach_nothing_of_it(welder, people, employers):  # noqa: F811
    hire, other = await welder(), await welder("B.")
    await claimed(people.alice, employers.erins, 97_000)
    await submitted(people.alice, other)

    async def reached(who):
        async with transaction(Login.PORTAL, read_only=True, session_secret=who.session_secret):
            return [await fetch_value("select count(*) from claimed_elsewhere"), *[await fetch_value("select count(*) from portal_cases($1)", each) for each in (hire, other)]]

    assert await reached(people.erin) == [0, 0, 0]  # no hire is shared yet
    await sharing.share(people.alice, hire)
    assert await reached(people.erin) == [1, 1, 0] and await reached(people.frank) == [0, 0, 0]
    for attack in ("select told_by from claimed_elsewhere", "insert into claimed_elsewhere (employer_id, board_id, program, year, source, on_day) select employer_id, board_id, "
                   "'x', 2025, 'x', now() from hire", "update claimed_elsewhere set removed_at = now()", "select by_year from incentive_case"):  # fmt: skip
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction(Login.PORTAL, session_secret=people.erin.session_secret):
                await fetch(attack)


async def test_what_is_told_to_a_board_that_shares_nothing_stays_with_it(welder, people, employers):  # noqa: F811
    await sharing.share(people.alice, await welder())
    await claimed(people.charlie, employers.erins, 97_000)
    async with transaction(Login.PORTAL, read_only=True, session_secret=people.erin.session_secret):
        assert await fetch_value("select count(*) from claimed_elsewhere") == 0


async def test_the_year_of_a_case_stays_when_the_time_of_its_answers_is_over(program, people, employers):
    """The credit is of the tax year, whenever the work began."""
    first = await hires.add(people.alice, employers.erins, HireForm(label="A.", starts_on=date(2024, 11, 4)))
    await hires.tell(people.alice, first, WELDER)
    await submitted(people.alice, first)
    other = await hires.add(people.alice, employers.erins, HireForm(label="B.", starts_on=date(2025, 3, 3)))
    await hires.tell(people.alice, other, WELDER)
    async with transaction():
        await execute("update estimate set content_sealed = null")
    assert numbers(await by_staff(other))[RATC]["left"][0]["used"] == "4800.00"


async def test_an_older_case_gets_its_years_in_the_night(welder, people, program):  # noqa: F811
    case, _new = await cases.open_case(people.alice, await welder(), RATC, TODAY)
    async with transaction():
        await execute("update incentive_case set by_year = null")
    for _night in range(2):
        await night(program)
        async with transaction(read_only=True):
            assert await fetch_value("select by_year from incentive_case where id = $1", case) == {"2025": "4800.00"}
            assert await fetch_value("select count(*) from audit_entry where verb = 'case.years_kept'") == 1
