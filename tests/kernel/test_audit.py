"""The record cannot be changed unseen."""

import asyncio

import asyncpg
import pytest

from crm import audit
from crm.access import SYSTEM
from crm.actions import acting
from crm.database import Login, execute, fetch, fetch_value, transaction


async def entries(count):
    for number in range(count):
        async with acting(SYSTEM, "test.done") as act:
            act.record("test", None, after={"number": number})


async def sealed(limit):
    """Seal a block. An open transaction anywhere on the server, such as another test's, makes the sealer wait."""
    while not (count := await audit.seal(limit=limit)):
        await asyncio.sleep(0.01)
    return count


async def test_an_action_without_a_record_does_not_commit(database):
    with pytest.raises(RuntimeError, match="without a record"):
        async with acting(SYSTEM, "board.made"):
            await execute("insert into board (code, name, public_name) values ('a', 'A', 'A')")
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from board") == 0


async def test_a_whole_chain_verifies(database):
    await entries(3)
    assert await sealed(limit=2) == 2
    assert await sealed(limit=2) == 1
    assert await audit.seal() == 0
    verdict = await audit.verify()
    assert (verdict.blocks, verdict.entries, verdict.unsealed, verdict.problems) == (2, 3, 0, [])


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        ("update audit_entry set after = '{\"number\": 9}' where id = (select min(id) from audit_entry)", "was changed"),
        ("delete from audit_block_entry where entry_id = (select min(entry_id) from audit_block_entry)", "were sealed"),
        ("update audit_block set previous_hash = 'x' where number = 2", "does not follow"),
    ],
)
async def test_a_change_names_the_block(database, superuser, tamper, told):
    await entries(4)
    while await sealed(limit=2) and (await audit.verify()).unsealed:
        pass
    await superuser(tamper)
    verdict = await audit.verify()
    assert any(told in problem for problem in verdict.problems), verdict


@pytest.mark.parametrize("login", [Login.APP, Login.RECORD, Login.PORTAL])
@pytest.mark.parametrize("attempt", ["update audit_entry set verb = 'x'", "delete from audit_entry"])
async def test_no_login_of_the_program_changes_the_record(database, login, attempt):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(login):
            await execute(attempt)


async def test_a_refusal_is_on_record_though_the_request_is_rolled_back(database, people):
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await audit.record_denial(people.charlie, "engagement.read")
            raise ZeroDivisionError
    async with transaction(read_only=True):
        rows = await fetch("select actor_name, outcome from audit_entry where outcome = 'denied'")
    assert [tuple(row) for row in rows] == [("Charlie", "denied")]
