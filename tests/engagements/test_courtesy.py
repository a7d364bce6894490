"""One employer, one conversation: stops hold for everyone, one board leads, first approaches are few."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.access import SYSTEM
from crm.actions import acting
from crm.contacts import actions as contacts
from crm.contacts import consent
from crm.contacts.forms import ConsentForm, ContactForm
from crm.database import fetch, fetch_value, transaction
from crm.engagements import activities, courtesy
from crm.engagements.courtesy_rules import ApproachFacts, Claim, Stop, check_approach
from crm.engagements.forms import ActivityForm, ClaimForm, StopForm
from crm.errors import Conflict, Denied, NotFound

TODAY = date.today()


@pytest.fixture
async def erin(people, employers, program):
    """A person at Erin's employer."""
    return await contacts.add_contact(people.alice, employers.erins, ContactForm(given_name="Erin", email="erin@erins.example.org"))


async def found(board, employer, person=None, channel="phone", *, many=False):
    async with transaction(read_only=True):
        return [(f.code, f.stops) for f in await courtesy.findings(board, employer, person, channel, budget=2, today=TODAY, many=many)]


async def log(who, employer, *, direction="out", kind="call", days=0):
    form = ActivityForm(kind=kind, summary="Said hello", direction=direction, on=TODAY - timedelta(days=days))
    return await activities.log_activity(who, employer, form, zone="America/New_York", today=TODAY)


# ── the rule ──


@given(stops=st.lists(st.builds(Stop, whose=st.sampled_from(["person", "employer"]), channel=st.sampled_from(["", "email", "phone"]),
                                board=st.just(""), reason=st.just("x"), until=st.none()), max_size=3).map(tuple),
       channel=st.sampled_from(["email", "phone", "text", "letter", "visit"]), many=st.booleans(), consent=st.sampled_from([None, True, False]),
       known=st.booleans(), others=st.integers(0, 4), claimed=st.booleans())  # fmt: skip
def test_a_mailing_goes_to_no_one_whom_a_person_would_be_warned_of(stops, channel, many, consent, known, others, claimed):
    facts = ApproachFacts(channel=channel, many=many, stops=stops, consent=consent, known=known, others_first=others,
                          claim=Claim("South", "Charlie", TODAY) if claimed else None)  # fmt: skip
    codes = check_approach(facts)
    if many:
        assert all(finding.stops for finding in codes)
    if consent is False or any(stop.channel in ("", channel) for stop in stops):
        assert any(finding.stops for finding in codes)
    if known and not claimed and not stops and consent is True:
        assert codes == []


def test_a_text_message_needs_a_yes_and_the_others_honour_a_no():
    for channel, said, codes in (("text", None, ["no-consent"]), ("text", True, []), ("email", None, []), ("email", False, ["refused"])):
        assert [finding.code for finding in check_approach(ApproachFacts(channel=channel, consent=said))] == codes


# ── stops ──


async def test_a_stop_holds_for_every_board_by_its_way_until_its_day(people, employers, boards, erin):
    await courtesy.stop(people.alice, StopForm(reason="Too many calls", channel="phone"), contact_id=erin)
    assert await found(boards.south, employers.erins, erin) == [("person-stop", True)]
    assert await found(boards.south, employers.erins, erin, "email") == []
    assert await found(boards.south, employers.erins) == []
    await courtesy.stop(people.alice, StopForm(reason="Moving", until=TODAY - timedelta(days=1)), employer_id=employers.erins)
    assert await found(boards.south, employers.erins) == []
    await courtesy.stop(people.alice, StopForm(reason="Moving", until=TODAY), employer_id=employers.erins)
    assert await found(boards.south, employers.erins) == [("employer-stop", True)]


async def test_a_stop_for_one_board_is_no_other_boards(people, employers, boards, erin):
    stop = await courtesy.stop(people.alice, StopForm(reason="Not from you", ours_alone=True), employer_id=employers.erins)
    assert (await found(boards.north, employers.erins), await found(boards.south, employers.erins)) == ([("employer-stop", True)], [])
    await courtesy.lift(people.alice, stop)
    assert await found(boards.north, employers.erins) == []


# ── consent ──


async def test_the_newest_word_counts_and_none_is_lost(people, employers, boards, erin, superuser):
    for said in ("yes", "no", "yes", "no"):
        await consent.record(people.alice, erin, ConsentForm(given=said, channel="email", how="said", words=f"She said {said}"))
    assert await found(boards.north, employers.erins, erin, "email") == [("refused", True)]
    async with transaction(read_only=True):
        lines = (await consent.ledger([erin]))[erin]
    assert [line["words"] for line in lines] == ["She said no", "She said yes", "She said no", "She said yes"]
    async with transaction() as opened:
        with pytest.raises(Exception, match="permission denied"):
            await opened.connection.execute("update consent set given = true")


# ── who leads ──


async def test_one_board_leads_others_are_warned_and_their_mailings_stopped(people, employers, boards, program):
    await courtesy.claim(people.alice, employers.erins, ClaimForm(purpose="Summer"), days=14)
    assert await found(boards.north, employers.erins) == []
    assert await found(boards.south, employers.erins) == [("claimed", False)]
    assert await found(boards.south, employers.erins, many=True) == [("claimed", True)]
    with pytest.raises(Conflict, match="North leads the conversation"):
        await courtesy.claim(people.charlie, employers.erins, ClaimForm(), days=14)
    with pytest.raises(Denied):
        await courtesy.release(people.charlie, employers.erins)


async def test_a_lead_ends_by_itself_is_prolonged_let_go_or_handed_on(people, employers, boards, superuser, program):
    await courtesy.claim(people.alice, employers.erins, ClaimForm(purpose="Summer"), days=1)
    until = await courtesy.claim(people.bob, employers.erins, ClaimForm(purpose="Summer"), days=14)
    assert until > datetime.now(UTC) + timedelta(days=13)
    await courtesy.release(people.bob, employers.erins, to_board=boards.south, days=14)
    assert await found(boards.north, employers.erins) == [("claimed", False)]
    await superuser("update outreach_claim set expires_at = now() - interval '1 second'")
    assert await found(boards.north, employers.erins) == []
    await courtesy.claim(people.alice, employers.erins, ClaimForm(), days=14)
    await courtesy.release(people.alice, employers.erins)
    with pytest.raises(NotFound, match="No one leads"):
        await courtesy.release(people.alice, employers.erins)
    async with transaction(read_only=True):
        verbs = [row["verb"] for row in await fetch("select verb from audit_entry where verb like 'employer.%' and subject_kind = 'outreach_claim' order by id")]
    assert verbs == ["employer.claimed", "employer.claimed", "employer.handed_on", "employer.claimed", "employer.released"]


async def test_two_boards_that_claim_at_once_do_not_both_lead(people, employers, boards, program):
    import asyncio

    tried = await asyncio.gather(*(courtesy.claim(who, employers.erins, ClaimForm(), days=14) for who in (people.alice, people.charlie) * 4),
                                 return_exceptions=True)  # fmt: skip
    assert {type(each) for each in tried} == {datetime, Conflict}
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from outreach_claim where released_at is null") == 1


# ── the month's budget ──


@pytest.fixture
async def third(people, program):
    """A third board."""
    async with acting(SYSTEM, "board.made") as act:
        made = await fetch_value("insert into board (code, name, public_name) values ('west', 'West', 'West') returning id")
        act.record("board", made)
    return made


async def test_two_first_approaches_a_month_are_enough(people, employers, boards, third):
    await log(people.alice, employers.erins)
    assert await found(third, employers.erins, many=True) == []
    await log(people.charlie, employers.erins)
    assert await found(third, employers.erins, many=True) == [("budget", True)]
    assert await found(third, employers.erins) == [("budget", False)]
    assert await found(boards.north, employers.erins, many=True) == []  # it is known there


async def test_what_they_began_what_was_long_ago_and_what_came_before_this_month_is_no_first_approach(people, employers, boards, third):
    await log(people.alice, employers.erins, direction="in")
    await log(people.charlie, employers.erins, kind="note")
    assert await found(third, employers.erins, many=True) == []
    await log(people.alice, employers.erins, days=TODAY.day)
    await log(people.charlie, employers.erins, days=TODAY.day)
    await log(people.charlie, employers.erins)
    assert await found(third, employers.erins, many=True) == []


async def test_an_activity_that_was_removed_does_not_count(people, employers, third):
    made = [await log(who, employers.erins) for who in (people.alice, people.charlie)]
    await activities.remove_activity(people.alice, made[0], zone="UTC")
    assert await found(third, employers.erins, many=True) == []


# ── reading along ──


# ── the page ──


async def test_the_page_keeps_all_of_it_and_the_employers_page_says_it_short(people, employers, boards, browse, erin):
    page = browse(people.alice)
    url = f"/employers/{employers.erins}"
    async with transaction(read_only=True):
        affiliation = await fetch_value("select id from affiliation where contact_id = $1", erin)
    for path, fields in (
        (f"{url}/claim", {"purpose": "Summer"}), (f"{url}/stops", {"contact_id": str(erin), "channel": "phone", "reason": "Shifts until four"}),
        (f"/affiliations/{affiliation}/consent", {"given": "yes", "channel": "text", "purpose": "outreach", "how": "said", "words": "Text me any time"}),
        (f"{url}/shares", {"board_id": str(boards.south), "purpose": "Joint visit", "until": (TODAY + timedelta(days=9)).isoformat(), "timeline": "true"}),
    ):  # fmt: skip
        assert (await page.submit(path, **fields)).status_code == 303, path
    shown = (await page.get(f"{url}/courtesy")).text
    assert [text in shown for text in ("Summer", "Shifts until four", "Text me any time", "Joint visit")] == [True] * 4
    brief = await browse(people.charlie).get(f"{url}/courtesy?brief=true", headers={"hx-request": "true"})
    assert "North leads the conversation" in brief.text and "<html" not in brief.text
    wrong = await page.submit(f"{url}/stops", reason="")
    assert (wrong.status_code, "Please fill this in" in wrong.text) == (422, True)
    other = await page.submit(f"{url}/stops", contact_id=str(people.sam.account_id), reason="x")
    assert other.status_code == 422

