"""What was claimed before counts on the pages of hires and cases: the board's own cases by themselves, claims elsewhere as they are told."""

from datetime import date
from decimal import Decimal

import pytest

from crm.database import fetch, fetch_one, fetch_value, transaction
from crm.errors import Denied, Invalid
from crm.incentives import hires, installed, overviews, screening, told
from crm.incentives.claims import cases, packets, rechecking
from crm.incentives.earlier_claims import claimed_elsewhere, earlier
from crm.incentives.forms import ClaimedForm, HireForm
from crm.rulebook.claimed import Claimed
from crm.translation import speaking
from tests.incentives.test_cases import codes, evidence, moved

TODAY = date(2025, 10, 6)
WELDER = {"tax_year_begins": "2025-01-01", "apprentice_registered": "yes", "apprentice_occupation_listed": "yes", "apprentice_workplace_ma": "yes",
          "apprentice_days": "300", "apprentice_years_claimed": "0", "tax_year_wages": "30000"}  # fmt: skip
RATC = "ma-ratc"  # $4,800 for one apprentice, $100,000 for one employer in a year


@pytest.fixture
async def welder(program, people, employers):
    """`await welder("R.L.")`: a hire of Erin's for whom RATC brings $4,800."""

    async def made(label="R.L.", who=people.alice):
        hire_id = await hires.add(who, employers.erins, HireForm(label=label, starts_on=date(2025, 3, 3)))
        await hires.tell(who, hire_id, WELDER)
        return hire_id

    return made


async def claimed(who, employer, amount, **more):
    fields = {"program": RATC, "year": 2025, "people": 20, "source": "Their accountant", **more}
    return await claimed_elsewhere.add(who, employer, ClaimedForm(amount=None if amount is None else Decimal(amount), **fields), TODAY)


async def shown(hire_id):
    async with transaction(read_only=True):
        hire = await told.row(hire_id)
        return screening.of_program(installed.library().programs[RATC], hire, await told.of(hire), TODAY, before=await earlier.of(hire))


async def submitted(who, hire_id):
    case_id, _new = await cases.open_case(who, hire_id, RATC, TODAY)
    await evidence(who, case_id)
    await moved(who, case_id, "submitted", all_the_same=True, reason="x")
    return case_id


# ── claims elsewhere ──


async def test_what_was_told_leaves_the_rest_with_its_reason(welder, people, employers):
    hire = await welder()
    before = await shown(hire)
    assert (before["amount"], before["limits_open"]) == ("4800.00", True)  # nothing is known of claims elsewhere, and it is said
    await claimed(people.alice, employers.erins, 97_000)
    after = await shown(hire)
    assert (after["amount"], after["before_limits"], after["limits_open"]) == ("3000.00", "4800.00", False)
    assert after["trace"][-2]["formula"] == "$100,000 − $97,000"


async def test_that_nothing_was_claimed_can_be_told(welder, people, employers):
    hire = await welder()
    await claimed(people.alice, employers.erins, 0, people=0)
    assert ((await shown(hire))["amount"], (await shown(hire))["limits_open"]) == ("4800.00", False)


async def test_an_amount_that_no_one_knows_is_not_guessed(welder, people, employers):
    hire = await welder()
    await claimed(people.alice, employers.erins, None)
    found = await shown(hire)
    assert (found["amount"], found["headline"]) == (None, "Up to $4,800")
    assert "is not known" in " ".join(found["warnings"])


async def test_it_is_taken_out_and_put_back_on_record(welder, people, employers):
    hire, one = await welder(), await claimed(people.alice, employers.erins, 100_000)
    assert (await shown(hire))["headline"] == "Nothing is left for this hire"
    assert await claimed_elsewhere.take_out(people.bob, one) == employers.erins
    assert (await shown(hire))["amount"] == "4800.00"
    await claimed_elsewhere.take_out(people.bob, one, restore=True)
    await claimed_elsewhere.take_out(people.bob, one, restore=True)  # and twice is once
    assert (await shown(hire))["used_up"]
    async with transaction(read_only=True):
        verbs = [row["verb"] for row in await fetch("select verb from audit_entry where subject_id = $1 order by id", one)]
        events = await fetch_value("select count(*) from event where name = 'claimed_elsewhere_told'")
    assert (verbs, events) == (["claimed_elsewhere.told", "claimed_elsewhere.removed", "claimed_elsewhere.restored"], 3)


@pytest.mark.parametrize(("wrong", "field"), [
    ({"program": "us-wotc"}, "program"), ({"amount": "-1"}, "amount"), ({"amount": "NaN"}, "amount"), ({"on_day": date(2025, 10, 7)}, "on_day"),
    ({"source": "Ana, 123-45-6789"}, "source"), ({"people": -1}, "people"),
])  # fmt: skip
async def test_what_does_not_fit_is_refused(program, people, employers, wrong, field):
    with pytest.raises(Invalid) as refused:
        await claimed(people.alice, employers.erins, wrong.pop("amount", "1"), **wrong)
    assert list(refused.value.fields) == [field]


async def test_another_board_neither_sees_nor_counts_it(welder, people, employers):
    one = await claimed(people.alice, employers.erins, 97_000)
    theirs = await welder("S.", people.charlie)
    assert ((await shown(theirs))["amount"], (await shown(theirs))["limits_open"]) == ("4800.00", True)
    with pytest.raises(Exception, match="not exist|another board"):
        await claimed_elsewhere.take_out(people.charlie, one)
    with pytest.raises(Denied):
        await claimed(people.erin, employers.erins, 1)


# ── the board's own cases ──


async def test_a_case_counts_from_the_day_it_is_submitted_with_what_was_paid_at_last(welder, people, employers):
    await claimed(people.alice, employers.erins, 93_000)  # 7,000 are left
    first, second = await welder("A."), await welder("B.")
    case_id, _new = await cases.open_case(people.alice, first, RATC, TODAY)
    assert (await shown(second))["amount"] == "4800.00"  # it is being prepared
    await evidence(people.alice, case_id)
    await moved(people.alice, case_id, "submitted", all_the_same=True, reason="x")
    assert (await shown(second))["amount"] == "2200.00"
    await moved(people.alice, case_id, "certified", amount=Decimal("3000"))
    assert (await shown(second))["amount"] == "4000.00"
    await moved(people.alice, case_id, "denied", reason="Not listed")
    assert (await shown(second))["amount"] == "4800.00"


async def test_a_case_never_counts_against_itself_and_the_later_one_gives_way(welder, people, employers):
    await claimed(people.alice, employers.erins, 93_000)
    first, second = await welder("A."), await welder("B.")
    one, other = await submitted(people.alice, first), await submitted(people.alice, second)
    assert [(await shown(hire))["amount"] for hire in (first, second)] == ["4800.00", "2200.00"]
    async with transaction(read_only=True):
        assert [await fetch_value("select estimated from incentive_case where id = $1", each) for each in (one, other)] == [Decimal("4800.00"), Decimal("2200.00")]


async def test_cases_alone_do_not_make_claims_elsewhere_known(welder, people):
    await submitted(people.alice, await welder("A."))
    found = await shown(await welder("B."))
    assert found["limits_open"] and found["left"][0]["used"] == "4800.00"


async def test_where_nothing_is_left_that_stands_against_submitting(welder, people, employers):
    hire = await welder()
    case_id, _new = await cases.open_case(people.alice, hire, RATC, TODAY)
    assert "limit_used_up" not in await codes(case_id)
    await claimed(people.alice, employers.erins, 100_000)
    assert "limit_used_up" in await codes(case_id)


async def test_what_is_claimed_later_is_no_change_of_the_law(welder, people, employers):
    await claimed(people.alice, employers.erins, 97_000)
    case_id, _new = await cases.open_case(people.alice, await welder(), RATC, TODAY)
    await claimed(people.alice, employers.erins, 1_000)
    async with transaction(read_only=True):
        row = await fetch_one("select program, estimate_id from incentive_case where id = $1", case_id)
        found = await rechecking.answer_now(row["program"], row["estimate_id"])
    assert not found.differs and found.now["amount"] == "3000.00"
    await cases.take_over(people.alice, case_id, TODAY)
    async with transaction(read_only=True):
        assert await fetch_value("select estimated from incentive_case where id = $1", case_id) == 2000


def test_an_estimate_keeps_what_had_been_claimed():
    claims = (Claimed(RATC, 2025, Decimal("1.50"), people=None, source="x"), Claimed(RATC, 2024, None, "p", case="c"), Claimed("other", 2025, None))
    program = installed.library().programs[RATC]
    assert earlier.opened(earlier.kept(earlier.Earlier(claims, "me"), program)) == earlier.Earlier(claims[:2], "me")
    assert earlier.opened({"facts": {}}) is None  # made before limits counted


# ── pages and papers say the same ──


async def test_pages_say_how_much_is_left_and_why(welder, people, employers, browse):
    hire = await welder()
    page = await browse(people.alice).get(f"/hires/{hire}")
    assert "What was claimed elsewhere is not known, and could leave less: " in page.text
    alice, claims = browse(people.alice), f"/employers/{employers.erins}/claims"
    answer = await alice.submit(claims, page=claims, program=RATC, year="2025", amount="97000", people="20", source="Their accountant")
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].partition("?")[0] == claims
    said = "One employer gets at most this in a calendar year. That is $100,000. Claimed before for 2025: $97,000. Left: $3,000."
    case_id, _new = await cases.open_case(people.alice, hire, RATC, TODAY)
    for address in (claims, f"/hires/{hire}", f"/hires/{hire}/programs/{RATC}", f"/cases/{case_id}"):
        text = (await alice.get(address)).text
        assert said in text, address
        assert "could leave less" not in text, address
    assert "Their accountant" in (await alice.get(claims)).text
    assert "Their accountant" not in (await browse(people.charlie).get(claims)).text
    assert (await alice.submit(claims, page=claims, program=RATC, year="2025", amount="lots", source="")).status_code == 422


async def test_papers_say_the_same_in_both_languages(welder, people, employers):
    hire = await welder()
    await claimed(people.alice, employers.erins, 97_000)
    case_id, _new = await cases.open_case(people.alice, hire, RATC, TODAY)
    async with transaction(read_only=True):
        for language, word in (("en", "Claimed before for 2025: $97,000"), ("es", "Reclamado antes por 2025: $97,000")):
            with speaking(language):
                packet = await packets.on_paper(people.alice, case_id, TODAY)
                year = await overviews.year_on_paper(people.alice, employers.erins, 2025, TODAY)
            assert packet["estimate"]["amount"] == "3000.00" and word in " ".join(each["said"] for each in packet["estimate"]["left"])
            assert packet["trace"][-1]["result"] == "$3,000"
            assert word in year["limits"][0]["said"] and year["limits"][0]["elsewhere"][0]["amount"] == "97000.00"
