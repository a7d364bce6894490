"""Whoever owns the database may write the whole chain anew; the heads that left it tell."""

import asyncio
import hashlib
import os

import pytest

from crm import audit
from crm.access import SYSTEM
from crm.actions import acting
from crm.audit import Entry
from crm.audit_heads import Head, Keeper, parse, read
from crm.database import DB, fetch, fetch_value, transaction
from crm.errors import Invalid


@pytest.fixture
def file(tmp_path):
    return tmp_path / "record-heads"


@pytest.fixture
def keeper(file):
    return Keeper(file)


async def seal_blocks(count, *, entries=2):
    for _block in range(count):
        async with acting(SYSTEM, "test.done") as act:
            for number in range(entries):
                act.record("test", None, after={"number": number})
        assert await audit.seal() == entries


async def forge(superuser, since):
    """Seal all blocks anew from one on, as who has changed it and knows how we do it would."""
    async with transaction(read_only=True):
        previous = await fetch_value("select hash from audit_block where number = $1", since - 1) or bytes(32)
        numbers = [row["number"] for row in await fetch("select number from audit_block where number >= $1 order by 1", since)]
        made = []
        for number in numbers:
            entries = await fetch(
                f"select {audit._COLUMNS} from audit_entry join audit_block_entry on entry_id = id where block_number = $1 order by id",
                number,
            )
            made.append((number, len(entries), entries[0]["id"], entries[-1]["id"], previous, audit.block_hash(number, previous, entries)))
            previous = made[-1][-1]
    for block in made:
        await superuser(
            "update audit_block set entry_count = $2, first_entry = $3, last_entry = $4, previous_hash = $5, hash = $6 "
            "where number = $1", *block,
        )  # fmt: skip


async def test_every_head_leaves_once_and_a_whole_record_verifies(database, keeper, file):
    await seal_blocks(3)
    assert [await keeper.keep(), await keeper.keep()] == [3, 0]
    await seal_blocks(1)
    assert await Keeper(file).keep() == 1
    assert [head.number for head in read(file)] == [1, 2, 3, 4]
    assert file.stat().st_mode & 0o777 == 0o600
    verdict = await audit.verify(read(file))
    assert (verdict.blocks, verdict.heads, verdict.problems) == (4, 4, [])


async def test_a_block_sealed_while_the_record_is_checked_is_no_problem(database, keeper, file):
    await seal_blocks(2)
    await keeper.keep()
    heads = read(file)
    started = next(heads)
    await seal_blocks(1)
    await keeper.keep()
    assert [started.number, *(head.number for head in heads)] == [1, 2]


CHANGES = {
    "a changed entry": "update audit_entry set actor_name = 'Someone' where id = 4",
    "a dropped entry": "delete from audit_block_entry where entry_id = 4; delete from audit_entry where id = 4",
    "an inserted entry": "insert into audit_entry (id, actor_kind, actor_name, verb) overriding system value "
    "values (90, 'system', '', 'x'); delete from audit_waiting; insert into audit_block_entry values (90, 2)",
    "an entry moved to another block": "update audit_block_entry set block_number = 2 where entry_id = 5",
}


@pytest.mark.parametrize("change", CHANGES)
async def test_names_the_block_that_was_changed(database, superuser, keeper, file, change):
    await seal_blocks(4)
    await keeper.keep()
    await superuser(CHANGES[change])
    verdict = await audit.verify(read(file))
    assert any("lock 2 " in problem for problem in verdict.problems), verdict


@pytest.mark.parametrize("change", CHANGES)
async def test_names_the_first_block_though_the_chain_was_sealed_anew(database, superuser, keeper, file, change):
    await seal_blocks(4)
    await keeper.keep()
    await superuser(CHANGES[change])
    await forge(superuser, 2)
    assert (await audit.verify()).problems == []  # the chain alone cannot tell
    assert (await audit.verify(read(file))).problems[0] == "Block 2 is not the one whose head was kept."


async def test_names_the_blocks_of_a_cut_tail(database, superuser, keeper, file):
    await seal_blocks(4)
    await keeper.keep()
    await superuser("delete from audit_block_entry where block_number > 2; delete from audit_block where number > 2; "
                    "delete from audit_entry where id > 4")  # fmt: skip
    assert (await audit.verify()).problems == []
    assert "Blocks 3 to 4 are not in the database any more" in (await audit.verify(read(file))).problems[0]
    assert await keeper.keep() == 0
    await seal_blocks(3)
    assert await keeper.keep() == 0, "what is kept does not grow onto another chain"
    verdict = await audit.verify(read(file))
    assert verdict.problems == [f"Block {n} is not the one whose head was kept." for n in (3, 4)]


async def test_names_what_was_emptied(database, superuser, keeper, file):
    await seal_blocks(2)
    await keeper.keep()
    await superuser("truncate audit_block_entry, audit_block, audit_entry")
    assert "Blocks 1 to 2 are not in the database any more" in (await audit.verify(read(file))).problems[0]


async def test_names_another_time_of_sealing(database, superuser, keeper, file):
    await seal_blocks(2)
    await keeper.keep()
    await superuser("update audit_block set sealed_at = sealed_at - interval '1 year' where number = 2")
    assert (await audit.verify(read(file))).problems[0].startswith("Block 2 was sealed at 2")


async def test_names_an_entry_that_was_slipped_past_the_sealer(database, superuser):
    await seal_blocks(1)
    await superuser("insert into audit_entry (actor_kind, actor_name, verb) values ('system', '', 'x'); delete from audit_waiting")
    assert await audit.seal() == 0
    assert "1 entries, from number 3 on, are in no block" in (await audit.verify()).problems[0]


async def test_a_mailed_head_is_enough(database, superuser):
    await seal_blocks(3)
    async with transaction(read_only=True):
        mailed = f"2:{(await fetch_value('select hash from audit_block where number = 2')).hex()}"
    assert (await audit.verify([parse(mailed)])).problems == []
    await superuser(CHANGES["a changed entry"])
    await forge(superuser, 2)
    assert (await audit.verify([parse(mailed)])).problems == ["Block 2 is not the one whose head was kept."]


@pytest.mark.parametrize("given", ["", "2", "2:abc", "x:" + "0" * 64, "2:" + "0" * 64 + "\n3"])
def test_refuses_what_is_no_head(given):
    with pytest.raises(Invalid, match="is no head"):
        parse(given)


@pytest.mark.parametrize("cut", [1, 10, 150])
async def test_what_a_crash_cut_off_is_written_again(database, keeper, file, cut):
    await seal_blocks(3)
    await keeper.keep()
    os.truncate(file, file.stat().st_size - cut)
    await seal_blocks(1)
    assert await keeper.keep() in {1, 2, 3}
    assert {head.number for head in read(file)} == {1, 2, 3, 4}
    assert (await audit.verify(read(file))).problems == []


async def test_keepers_in_one_file_keep_each_head_once(database, file):
    await seal_blocks(5)
    assert sum(await asyncio.gather(*(Keeper(file).keep() for _ in range(4)))) == 5
    assert [head.number for head in read(file)] == [1, 2, 3, 4, 5]


async def test_fifty_writers_at_once_do_not_wait_for_each_other_or_for_the_sealer(database):
    await DB.stop()
    await DB.start(database.addresses, size=60)
    written = asyncio.Barrier(50)

    async def write(number):
        async with transaction():
            await audit.write(SYSTEM, [Entry(verb="test.done", after={"number": number})])
            await written.wait()  # all fifty have written and none has committed

    await seal_blocks(1)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        async with transaction():
            await audit.write(SYSTEM, [Entry(verb="test.waits")])
        writers = [group.create_task(write(number)) for number in range(49)]
        while written.n_waiting < 49:
            await asyncio.sleep(0.001)
        assert await audit.seal() == 1, "open writers do not hold the sealer up"
        async with transaction():  # a sealer in the middle of its block
            assert await audit.seal() == 0
            await write(49)
        await asyncio.gather(*writers)
    while await audit.seal():
        pass
    verdict = await audit.verify()
    assert (verdict.entries, verdict.unsealed, verdict.problems) == (53, 0, [])


async def test_an_entry_that_commits_late_is_sealed_though_later_ones_are(database):
    written, go = asyncio.Event(), asyncio.Event()

    async def late():
        async with transaction():
            await audit.write(SYSTEM, [Entry(verb="test.late")])
            written.set()
            await go.wait()

    writer = asyncio.create_task(late())
    await written.wait()
    await seal_blocks(2)
    go.set()
    await writer
    assert await audit.seal() == 1
    verdict = await audit.verify()
    assert (verdict.entries, verdict.unsealed, verdict.problems) == (5, 0, [])


async def rows_read_to_seal(expected):
    rows_read = "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int from pg_stat_xact_user_tables where relname like 'audit%'"
    async with transaction():
        before = await fetch_value(rows_read)
        assert await audit.seal() == expected
        return await fetch_value(rows_read) - before


async def test_sealing_reads_what_waits_however_long_the_record_is(database, superuser):
    for longer in (0, 20_000):
        await superuser(
            "insert into audit_entry (actor_kind, actor_name, verb) select 'system', '', 'x' from generate_series(1, $1::int)", longer
        )
        while await audit.seal():
            pass
        await superuser("analyze audit_entry, audit_block, audit_block_entry, audit_waiting")
        async with acting(SYSTEM, "test.done") as act:
            act.record("test", None)
        assert await rows_read_to_seal(1) <= 50, "a table of few blocks is read whole"
        assert await rows_read_to_seal(0) <= 2


def test_a_head_in_a_line_is_the_head():
    head = Head(7, hashlib.sha256(b"").hexdigest(), "2026-11-24T03:00:00+00:00")
    assert head.line() == f"7 {head.hash} {head.sealed_at}\n"
