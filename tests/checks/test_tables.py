"""The Piccolo tables say what the database is."""

import pytest
from piccolo.table import TABLE_REGISTRY

from crm.access import sights
from crm.database import fetch, transaction
from crm.program import declare_sights

declare_sights()
TABLES = [table for table in TABLE_REGISTRY if table.__module__.startswith("crm.")]


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t._meta.tablename)
async def test_has_the_columns_of_the_database(database, table):
    async with transaction(read_only=True):
        rows = await fetch(
            "select column_name, is_nullable from information_schema.columns where table_name = $1", table._meta.tablename
        )
    actual = {row["column_name"]: row["is_nullable"] == "YES" for row in rows}
    declared = {column._meta.db_column_name: column._meta.null for column in table._meta.columns}
    assert declared == actual


async def test_no_key_cascades(database):
    async with transaction(read_only=True):
        rows = await fetch("select conname from pg_constraint where contype = 'f' and confdeltype <> 'r'")
    assert [row["conname"] for row in rows] == []


async def test_every_sight_names_a_table(database):
    async with transaction(read_only=True):
        known = {row["relname"] for row in await fetch("select relname from pg_class where relkind = 'r'")}
    assert set(sights()) <= known


async def test_staff_search_uses_its_index_under_the_policy(database):
    async with transaction() as opened:
        # an empty table would be read any way; what matters is that the trigram index can serve under the policy
        for way in ("seqscan", "indexscan"):
            await opened.connection.execute(f"set local enable_{way} = off")
        plan = await fetch("explain select id from employer where search_text like '%bakery%'")
    assert "employer_search" in " ".join(row[0] for row in plan)
