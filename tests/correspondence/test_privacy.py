"""What a mail says is for those who took part: everyone else sees that it happened, by every door."""

from datetime import date, timedelta

import pytest

from crm.correspondence import deciding, ledger
from crm.correspondence.forms import SharedWithForm
from crm.database import fetch_value, transaction
from crm.errors import Denied, Invalid, NotFound
from tests.correspondence.conftest import ledger as rows
from tests.correspondence.conftest import letter

ERIN, ALICE = "Erin Reyes <erins@work.example.com>", "Alice <alice@example.org>"
SECRETS = ("Secret subject", "secret body", "secret-file.csv", "secret cell")
OTHERS = ("bob", "charlie", "sam", "ana", "walter")
TODAY = date.today()


@pytest.fixture
async def mail(desk, door, work):
    """Erin's mail to Alice with a file, and Alice's answer; the id of the first."""
    first = letter(ERIN, ALICE, subject="Secret subject", text="The secret body")
    first.add_attachment(b"name\nsecret cell\n", maintype="text", subtype="csv", filename="secret-file.csv")
    await door(first, desk.alice)
    await work()
    answer = letter(ALICE, ERIN, subject="Secret subject too", text="secret body too", message_id="<answer@x>", In_Reply_To="<one@work.example.com>", References="<one@work.example.com>")
    await door(answer, desk.alice)
    await work()
    return [row["id"] for row in await rows()]


async def doors(mail, employers):
    async with transaction(read_only=True):
        part = await fetch_value("select id from email_part")
        stored = await fetch_value("select file_id from email_part")
        original = await fetch_value("select file_id from email where id = $1", mail[0])
    return [f"/employers/{employers.erins}", f"/employers/{employers.erins}/timeline", f"/api/v1/employers/{employers.erins}/activities", "/emails",
            *(f"/emails/{each}" for each in mail), f"/emails/{mail[0]}/original", f"/email-parts/{part}", f"/files/{stored}", f"/files/{original}",
            "/today", "/employers?q=secret", "/jobs", "/audit", "/mail", "/emails?state=filed"]  # fmt: skip


async def met(browser, addresses):
    found = set()
    for address in addresses:
        text = (await browser.get(address)).text
        found |= {(secret, address.partition("?")[0].split("/")[1]) for secret in SECRETS if secret in text}
    return found


@pytest.mark.parametrize("who", OTHERS)
async def test_no_one_else_meets_a_word_of_it_by_any_door(mail, browse, people, employers, who):
    assert await met(browse(getattr(people, who)), await doors(mail, employers)) == set()


async def test_who_took_part_reads_it_on_the_timeline_on_its_page_and_by_the_api(mail, browse, people, employers):
    found = await met(browse(people.alice), await doors(mail, employers))
    assert {("Secret subject", "employers"), ("secret body", "employers"), ("secret body", "emails"), ("secret body", "api"), ("secret cell", "email-parts")} <= found
    assert ("secret cell", "files") not in found


async def test_the_board_sees_that_it_happened_who_and_when(mail, browse, people, employers):
    bob = browse(people.bob)
    page = (await bob.get(f"/employers/{employers.erins}")).text
    assert "Erin Reyes → alice@example.org" in page and "What it says is for those who took part." in page
    page = (await bob.get(f"/emails/{mail[0]}")).text
    assert "erins@work.example.com" in page and "Alice" in page and "One of them can let you read along." in page
    assert (await bob.get(f"/emails/{mail[0]}/original")).status_code == 404


async def test_another_board_sees_only_how_often(mail, browse, people, employers):
    charlie = browse(people.charlie)
    assert (await charlie.get(f"/emails/{mail[0]}")).status_code == 404
    assert "erins@work.example.com" not in (await charlie.get("/emails")).text


async def test_who_only_sees_that_it_happened_decides_nothing(mail, people, employers):
    for who in (people.bob, people.sam, people.charlie):
        for act in (deciding.bring_back, deciding.read_again, deciding.look_at):
            with pytest.raises((NotFound, Denied)):
                await act(who, mail[0])


async def test_what_leaves_is_on_record_before_it_leaves(mail, browse, people, superuser):
    alice = browse(people.alice)
    await superuser("revoke insert on audit_entry from crm_record")
    for address in (f"/emails/{mail[0]}/original",):
        answer = await alice.get(address)
        assert answer.status_code >= 500 and "secret" not in answer.text


# ── reading along ──


def along(whom, *, until=TODAY, purpose="Joint visit"):
    return SharedWithForm(with_whom=whom, purpose=purpose, until=until)


async def readable(actor, email_id):
    async with transaction(read_only=True):
        return await ledger.words(actor, email_id) is not None


async def test_a_colleague_reads_the_whole_conversation_until_the_day_and_no_one_else_does(mail, people, superuser):
    share = await deciding.share(people.alice, mail[0], along(str(people.bob.account_id)), TODAY)
    assert [await readable(people.bob, each) for each in mail] == [True, True]
    assert not await readable(people.sam, mail[0]) and not await readable(people.charlie, mail[0])
    await deciding.end_share(people.alice, share)
    assert not await readable(people.bob, mail[0])
    await deciding.share(people.alice, mail[0], along(str(people.bob.account_id), until=TODAY + timedelta(days=5)), TODAY)
    await superuser("update email_share set until = current_date - 2")
    assert not await readable(people.bob, mail[0])


async def test_the_whole_board_reads_along(mail, people):
    await deciding.share(people.alice, mail[0], along("board"), TODAY)
    assert await readable(people.bob, mail[1]) and not await readable(people.charlie, mail[1])


async def test_what_a_colleague_may_read_they_may_not_pass_on_or_decide(mail, people):
    await deciding.share(people.alice, mail[0], along("board"), TODAY)
    for act in (deciding.bring_back, deciding.read_again):
        with pytest.raises(Denied):
            await act(people.bob, mail[0])
    with pytest.raises(Denied):
        await deciding.share(people.bob, mail[0], along("board"), TODAY)
    with pytest.raises(NotFound):
        await deciding.share(people.charlie, mail[0], along("board"), TODAY)


async def test_it_is_shared_with_colleagues_for_a_reason_and_a_year_at_most(mail, people):
    for wrong in (along(str(people.charlie.account_id)), along(str(people.erin.account_id)), along("nonsense"), along("board", until=TODAY - timedelta(days=1)),
                  along("board", until=TODAY + timedelta(days=400))):  # fmt: skip
        with pytest.raises(Invalid):
            await deciding.share(people.alice, mail[0], wrong, TODAY)


async def test_a_shared_conversation_opens_no_mail_that_only_claims_to_belong_to_it(mail, desk, door, work, people):
    """A stranger who names its number, to another colleague, brings nothing into the sight of those who read along, nor theirs into his."""
    await deciding.share(people.alice, mail[0], along("board"), TODAY)
    await door(letter("stranger@else.example", "charlie@example.org", message_id="<s@x>", References="<one@work.example.com>", text="for Charlie"), desk.charlie)
    await work()
    last = (await rows())[-1]["id"]
    assert await readable(people.charlie, last) and not await readable(people.bob, last) and not await readable(people.charlie, mail[0])


async def test_the_page_lets_one_share_and_says_what_is_wrong(mail, browse, people):
    page, alice = f"/emails/{mail[0]}", browse(people.alice)
    answer = await alice.submit(f"{page}/shares", page=page, with_whom="board", purpose="x", until=str(TODAY))
    assert answer.status_code == 422 and "Please check what you entered" in answer.text
    assert (await alice.submit(f"{page}/shares", page=page, with_whom="board", purpose="Joint visit", until=str(TODAY))).status_code == 303
    assert "Joint visit" in (await browse(people.bob).get(page)).text


async def test_ones_own_address_is_shown_to_oneself_alone(desk, browse, people):
    for who in ("bob", "sam", "charlie"):
        page = (await browse(getattr(people, who)).get("/account/dropbox")).text
        assert desk.alice not in page
    alice = browse(people.alice)
    assert desk.alice in (await alice.get("/account/dropbox")).text
    await alice.submit("/account/dropbox", page="/account/dropbox")
    page = (await alice.get("/account/dropbox")).text
    assert desk.alice not in page and "log+" in page
