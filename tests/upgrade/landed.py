"""A database as an older version left it: some of the migrations, and rows in every table, made from the schema itself."""

import asyncio
import json
import re
import subprocess
from contextlib import asynccontextmanager
from types import SimpleNamespace

from crm import migrations
from crm.backups.database_tools import environment, tool
from crm.database import DB, Login, execute, fetch, fetch_value, transaction

ALL = migrations.migrations_of(migrations.CORE)
EACH = 2  # rows put into every table
# What one server says and another does not, or says anew each time.
NOISE = re.compile(r"^(--.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog\.set_config.*|CREATE (EXTENSION|SCHEMA) .*|)$")

TABLES = """
    select c.oid, relname as name, relfilenode as file from pg_class c
    where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'migration' order by relname
"""
COLUMNS = """
    select a.attname as name, format_type(a.atttypid, null) as type,
        (select conf.relname || '.' || pa.attname from pg_constraint k join pg_class conf on conf.oid = k.confrelid
            join pg_attribute pa on pa.attrelid = k.confrelid and pa.attnum = k.confkey[array_position(k.conkey, a.attnum)]
            where k.conrelid = a.attrelid and k.contype = 'f' and a.attnum = any(k.conkey)
            order by cardinality(k.conkey) limit 1) as refers,
        (select string_agg(pg_get_constraintdef(k.oid), ' ') from pg_constraint k
            where k.conrelid = a.attrelid and k.contype = 'c' and k.conkey = array[a.attnum]) as checked
    from pg_attribute a where attrelid = $1 and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''
        and (attnotnull and not atthasdef or a.atttypid <> 'uuid'::regtype)
"""
# where rows have to fit each other
_FIRST, _LAST = (f"(select {which}(id::text)::uuid from employer)" for which in ("min", "max"))
BY_HAND = {
    "contact_stop": {"employer_id": _FIRST}, "employer_merge": {"kept_id": _FIRST, "gone_id": _LAST},
    "contact_merge": {"kept_id": "(select min(id::text)::uuid from contact)", "gone_id": "(select max(id::text)::uuid from contact)"},
    "contact_apart": {"left_id": "(select min(id::text)::uuid from contact)", "right_id": "(select max(id::text)::uuid from contact)"},
    "pledge": {"withdrawn_at": "null"}, "report_schedule": {"day": "1"}, "employer_event": {"ends_at": "'2026-01-01 13:00Z'", "capacity": "99"}, "duplicate_pair": {"left_id": _FIRST, "right_id": _LAST},
    **dict.fromkeys(("email_share", "email_reader"), {"account_id": "(select min(id::text)::uuid from account)"}),
    "mailing_recipient": {"mailing_id": "(select min(id::text)::uuid from mailing)"},
    "custom_value": {"employer_id": _FIRST, "sealed": "null"}, "hire": {"state": "'MA'"}, "claimed_elsewhere": {"year": "2025"}, "hire_fact": {"value_sealed": "null"},
    **dict.fromkeys(("shared_timeline", "shared_part"),
                    {"from_board_id": "(select min(id::text)::uuid from board)", "to_board_id": "(select max(id::text)::uuid from board)"}),
}  # fmt: skip
ALONE = {"duplicate_pair", "contact_apart"}  # of two employers, or two people, there is one pair
# keys of several columns, which are taken from one row of the parent
TOGETHER = """
    select k.confrelid::regclass::text as parent,
        array(select attname::text from unnest(k.conkey) with ordinality c (n, place) join pg_attribute a on a.attrelid = k.conrelid and a.attnum = c.n order by place) as columns,
        array(select attname::text from unnest(k.confkey) with ordinality c (n, place) join pg_attribute a on a.attrelid = k.confrelid and a.attnum = c.n order by place) as refers
    from pg_constraint k where k.conrelid = $1 and k.contype = 'f' and cardinality(k.conkey) > 1
"""
VALUES = {
    "uuid": "md5('{n}')::uuid", "bytea": "decode(md5('{n}'), 'hex')", "jsonb": "'{{\"n\": {n}}}'", "text[]": "array['{n}', 'ñ']", "bytea[]": "array[decode(md5('{n}'), 'hex')]",
    "uuid[]": "array[md5('{n}')::uuid]", "boolean": "false", "date": "'2026-01-01'", "timestamp with time zone": "'2026-01-01 12:00Z'",
    "text": "'ñ {n}'", "citext": "'ñ{n}@example.org'", "integer": "{n}", "bigint": "{n}", "numeric": "{n}",
}  # fmt: skip


@asynccontextmanager
async def owning(url):
    await DB.start({Login.OWNER: url}, size=2)
    try:
        yield
    finally:
        await DB.stop()


async def migrate(url):
    async with owning(url):
        return await migrations.migrate([migrations.CORE])


async def fill():
    """Put rows into every table that has none. Raises when a table cannot be filled: then say here how."""
    waiting = await fetch(TABLES)
    while waiting:
        left = [table for table in waiting if not await _fill(table)]
        if len(left) == len(waiting):
            raise AssertionError(f"No rows were made for {[table['name'] for table in left]}.")
        waiting = left


async def _fill(table):
    if await fetch_value(f"select exists (select from {table['name']})"):
        return True
    if table["name"] in BY_HAND and not await fetch_value("select exists (select from employer)"):
        return False
    columns = await fetch(COLUMNS, table["oid"])
    for n in range(1, 1 + (1 if table["name"] in ALONE else EACH)):
        values = {}
        for column in columns:
            if column["refers"]:
                parent, key = column["refers"].split(".")
                found = await fetch(f"select {key}::text as key from {parent} order by 1 limit {EACH}")
                if not found:
                    return False
                values[column["name"]] = f"'{found[(n - 1) % len(found)]['key']}'"
            else:
                values[column["name"]] = _value(column, n)
        for together in await fetch(TOGETHER, table["oid"]):
            parent = await fetch(f"select {', '.join(f'{key}::text' for key in together['refers'])} from {together['parent']} order by 1 limit 1")
            if not parent:
                return False
            values |= {name: f"'{value}'" for name, value in zip(together["columns"], parent[0].values(), strict=True)}
        values |= BY_HAND.get(table["name"], {})
        await execute(f"insert into {table['name']} ({', '.join(values)}) values ({', '.join(values.values())}) on conflict do nothing")
    return True


def _value(column, n):
    allowed = re.findall(r"(?<!<> )'([^']*)'::text", column["checked"] or "")
    return f"'{allowed[0]}'" if allowed else VALUES[column["type"]].format(n=n)


async def tables():
    """By name: its rows, each value as JSON, and the file on disk, which is another one after a rewrite."""
    return {
        table["name"]: SimpleNamespace(
            rows=[
                {column: json.dumps(value) for column, value in json.loads(row[0]).items()}
                for row in await fetch(f"select to_jsonb(t)::text from {table['name']} t")
            ],
            file=table["file"],
        )
        for table in await fetch(TABLES)
    }


async def look(url):
    async with owning(url), transaction(Login.OWNER, read_only=True):
        return await tables()


def dumped(url, *options):
    command = [tool("pg_dump"), "--no-owner", "--no-comments", "--enable-row-security", *options]
    text = subprocess.run(command, env=environment(url), check=True, capture_output=True, text=True).stdout
    return "\n".join(line for line in text.splitlines() if not NOISE.match(line)) + "\n"


def schema(url):
    return dumped(url, "--schema-only")


def landed(url, upto):
    """Make it the database of a version whose last migration is the `upto`-th, with rows in it; what it then holds."""

    async def make():
        async with owning(url):
            await migrations._waiting([migrations.CORE])
            for migration in ALL[:upto]:
                await migrations._run(migration)
            async with transaction(Login.OWNER):
                await fill()
                return await tables()

    return asyncio.run(make())
