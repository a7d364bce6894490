"""Who is named in what was logged sees it on their day, and only who may read it can be named."""

from datetime import UTC, date, datetime

import pytest

from crm.database import fetch, transaction
from crm.engagements import activities, digest, mentions
from crm.engagements.forms import LogForm
from crm.engagements.rules import mentioned
from crm.errors import Invalid, NotFound

TODAY = date(2026, 11, 23)
PEOPLE = {1: "Ana Peña", 2: "Ana María Ruiz", 3: "Bob Stone", 4: "Bo Li"}


@pytest.mark.parametrize(
    ("text", "found"),
    [("ask @Bob Stone", {3}), ("@bob, please", {3}), ("@BOB", {3}), ("@Bo and @bob", {3, 4}), ("@ana", set()), ("@Ana Pena.", {1}),
     ("@Ana María Ruiz", {2}), ("mail bob@example.org", set()), ("@Bobby", set()), ("no one", set()), ("@", set()), ("@Ana Peñaranda", set())],
)  # fmt: skip
def test_a_name_after_an_at_sign_is_found_where_it_is_clear_whose(text, found):
    assert mentioned(text, PEOPLE) == found


async def log(actor, employer_id, **fields):
    form = LogForm(**{"kind": "call", "summary": "Rang", **fields})
    return await activities.log_activity(actor, employer_id, form, zone="UTC", today=TODAY)


async def waiting(actor):
    async with transaction(read_only=True):
        return [row["summary"] for row in await mentions.waiting(actor)]


async def test_a_colleague_is_told_on_their_day_and_puts_it_away(people, employers, browse):
    await log(people.alice, employers.erins, body="Please call back, @Bob")
    bob = browse(people.bob)
    page = (await bob.get("/today")).text
    assert "Mentioned you" in page
    assert "Please call back, @Bob" in page
    assert await waiting(people.alice) == []
    async with transaction(read_only=True):
        mention = (await mentions.waiting(people.bob))[0]["id"]
    assert (await bob.submit(f"/mentions/{mention}/seen")).status_code == 303
    assert "Mentioned you" not in (await bob.get("/today")).text
    assert (await bob.submit(f"/mentions/{mention}/again")).status_code == 303
    assert await waiting(people.bob) == ["Rang"]


async def test_one_chosen_from_the_list_is_told_once_though_named_too(people, employers):
    await log(people.alice, employers.erins, body="@Bob", mention_id=people.bob.account_id)
    assert await waiting(people.bob) == ["Rang"]


async def test_a_mention_never_leaves_the_board(people, employers, browse):
    await log(people.alice, employers.erins, body="@Charlie, keep this to yourself")
    assert await waiting(people.charlie) == []
    with pytest.raises(Invalid, match="does not read"):
        await log(people.alice, employers.erins, mention_id=people.charlie.account_id)
    assert "keep this to yourself" not in (await browse(people.charlie).get("/today")).text


async def test_who_leaves_the_board_is_shown_nothing_any_more(people, employers, browse, superuser):
    await log(people.bob, employers.erins, body="@Alice")
    assert await waiting(people.alice) == ["Rang"]
    await superuser(f"update role_grant set revoked_at = now() where account_id = '{people.alice.account_id}'")
    assert "Rang" not in (await browse(people.alice).get("/today")).text


async def test_what_is_taken_off_the_timeline_waits_for_no_one(people, employers):
    made = await log(people.alice, employers.erins, body="@Bob")
    await activities.remove_activity(people.alice, made, zone="UTC")
    assert await waiting(people.bob) == []


async def test_another_persons_mention_is_not_mine_to_put_away(people, employers):
    await log(people.alice, employers.erins, body="@Bob")
    async with transaction(read_only=True):
        mention = (await mentions.waiting(people.bob))[0]["id"]
    with pytest.raises(NotFound):
        await mentions.put_away(people.alice, mention)


async def test_the_morning_mail_says_that_someone_was_named_and_not_what(people, employers, program):
    await log(people.alice, employers.erins, body="A private word, @Bob")
    await digest.send(None, now=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC))
    async with transaction(read_only=True):
        mails = await fetch("select text_body from mail_message where account_id = $1", people.bob.account_id)
    assert "Mentioned you: 1" in mails[0]["text_body"]
    assert "private word" not in mails[0]["text_body"]
