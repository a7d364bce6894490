"""A person's API tokens: made once shown, listed, taken back; never more than their owner may do now."""

import re
from datetime import date, timedelta

import pytest

from crm import api_tokens
from crm.access import SYSTEM, ActorKind, Permission, Role, may, may_work_for
from crm.accounts import actions as accounts
from crm.accounts import tokens
from crm.accounts.forms import TokenForm
from crm.actions import acting
from crm.database import execute, fetch, fetch_one, transaction
from crm.errors import Invalid, NotFound

pytestmark = pytest.mark.usefixtures("program")


async def make(person, rights="read", board_id=None, days=30):
    form = TokenForm(name="Nightly report", rights=rights, board_id=board_id, expires_on=date.today() + timedelta(days=days))
    return await tokens.make_token(person, form, zone="America/New_York", today=date.today())


async def found(token):
    async with transaction(read_only=True):
        return await api_tokens.find(token)


async def changed(sql, *values):
    async with acting(SYSTEM, "test.changed") as act:
        await execute(sql, *values)
        act.record("test", None)


async def test_is_shown_once_and_kept_as_a_hash(browse, people):
    browser = browse(people.alice)
    fields = {"name": "Nightly report", "rights": "read", "expires_on": str(date.today() + timedelta(days=30))}
    answer = await browser.submit("/account/tokens", **fields, page="/account/tokens")
    token = re.search(r"<code>(crm_[\w-]{43})</code>", answer.text).group(1)
    listed = (await browser.get("/account/tokens")).text
    assert "Nightly report" in listed
    assert token not in listed
    assert token[-4:] in listed
    async with transaction(read_only=True):
        row = await fetch_one("select * from api_token")
        entries = await fetch("select verb, actor_name from audit_entry where subject_kind = 'api_token'")
    assert token.encode() not in bytes(row["secret_hash"])
    assert token not in str(dict(row))
    assert [tuple(entry) for entry in entries] == [("api_token.made", "Alice")]


async def test_asks_who_it_is_before_one_is_made(browse, people):
    async with acting(SYSTEM, "test.changed") as act:
        await execute("update session set stepped_up_at = null where account_id = $1", people.alice.account_id)
        act.record("test", None)
    browser = browse(people.alice)
    assert (await browser.get("/account/tokens")).headers["location"].startswith("/step-up")
    refused = await browser.submit("/account/tokens", page="/help/keys", name="x", rights="read")
    assert refused.status_code == 403


async def test_its_owner_hears_of_it_by_mail(people):
    await make(people.alice)
    async with transaction(read_only=True):
        letters = await fetch("select to_address, text_body from mail_message")
    assert [letter["to_address"] for letter in letters] == ["alice@example.org"]
    assert "An API token was made" in letters[0]["text_body"]


@pytest.mark.parametrize(("days", "said"), [(-1, "passed"), (400, "a year")])
async def test_refuses_a_last_day_that_makes_no_sense(people, days, said):
    with pytest.raises(Invalid, match=said):
        await make(people.alice, days=days)


async def test_acts_as_its_owner_and_says_so(people):
    actor = (await found(await make(people.alice))).actor
    assert actor.kind is ActorKind.TOKEN
    assert actor.name == "Alice (Nightly report)"
    assert actor.account_id == people.alice.account_id
    assert actor.board_ids == people.alice.board_ids


async def test_reads_only_unless_made_to_write(people):
    reader = (await found(await make(people.bob))).actor
    writer = (await found(await make(people.bob, "write"))).actor
    assert may(reader, Permission.SEE_PIPELINE)
    assert not may(reader, Permission.EDIT_EMPLOYERS)
    assert may(writer, Permission.EDIT_EMPLOYERS)


@pytest.mark.parametrize("permission", [Permission.MANAGE_PEOPLE, Permission.SEE_FEIN, Permission.SEE_AUDIT, Permission.IMPORT])
async def test_never_does_what_is_not_for_programs(people, permission):
    assert may(people.sam, permission)
    assert not may((await found(await make(people.sam, "write"))).actor, permission)


async def test_gives_no_right_that_its_owner_lacks(people):
    actor = (await found(await make(people.walter, "write"))).actor
    assert not may(actor, Permission.EDIT_EMPLOYERS)
    assert not may((await found(await make(people.teresa, "write"))).actor, Permission.SEE_CONTACTS)


async def test_of_one_board_reaches_that_board_alone(people, boards):
    actor = (await found(await make(people.sam, "write", boards.north))).actor
    assert may_work_for(actor, boards.north)
    assert not may_work_for(actor, boards.south)
    assert Role.STATE_ADMIN not in actor.roles


async def test_of_another_board_than_its_owners_reaches_none(people, boards):
    actor = (await found(await make(people.alice, "write", boards.south))).actor
    assert actor.board_ids == frozenset()


async def test_loses_what_its_owner_loses(people):
    token = await make(people.bob, "write")
    await changed("update role_grant set revoked_at = now() where account_id = $1", people.bob.account_id)
    actor = (await found(token)).actor
    assert not any(may(actor, each) for each in Permission)


@pytest.mark.parametrize("end", [
    "update api_token set expires_at = now()", "update api_token set revoked_at = now()", "update account set disabled_at = now()",
])  # fmt: skip
async def test_ends(people, end):
    token = await make(people.alice)
    assert await found(token)
    await changed(end)
    assert await found(token) is None


async def test_is_taken_back_by_its_owner_alone(people):
    token = await make(people.alice)
    token_id = (await found(token)).id
    with pytest.raises(NotFound):
        await tokens.revoke_token(people.sam, token_id)
    assert await found(token)
    await tokens.revoke_token(people.alice, token_id)
    assert await found(token) is None


async def test_there_are_only_so_many(people):
    for _each in range(tokens.MOST):
        await make(people.alice)
    with pytest.raises(Invalid, match="20 tokens"):
        await make(people.alice)


async def test_disabling_a_person_ends_their_tokens_for_good(people):
    token = await make(people.alice)
    await accounts.disable(people.sam, people.alice.account_id)
    assert await found(token) is None
