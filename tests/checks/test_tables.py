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


async def test_what_refers_to_an_employer_a_worksite_or_a_person_is_found_by_an_index(database):
    """To take an import back deletes thousands of them, and each asks every table that refers to it."""
    async with transaction(read_only=True):
        slow = await fetch(
            "select c.conrelid::regclass::text || '.' || a.attname as column from pg_constraint c "
            "join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1] "
            "where c.contype = 'f' and c.confrelid in ('employer'::regclass, 'establishment'::regclass, 'contact'::regclass) "
            # what is left out of an index may only be nulls
            "and not exists (select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1] and (i.indpred is null "
            "or pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname)))"
        )  # fmt: skip
    assert [row["column"] for row in slow] == []


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
