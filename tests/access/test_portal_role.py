"""The portal's login reads only its own employer, even with raw SQL."""

import asyncpg
import pytest

from crm.database import Login, execute, fetch, fetch_value, transaction

GUARDED = ("employer", "establishment", "contact", "affiliation", "stored_file", "pledge", "pledge_drive", "custom_field", "custom_value", "hire", "hire_fact", "incentive_case")


async def test_an_employer_reads_its_own_rows_alone(database, people, employers):
    async with transaction(Login.PORTAL, session_secret=people.erin.session_secret):
        assert await fetch_value("select array_agg(id) from employer") == [employers.erins]
        assert await fetch_value("select count(*) from establishment where employer_id <> $1", employers.erins) == 0


@pytest.mark.parametrize("table", GUARDED)
async def test_without_a_session_nothing_is_seen(database, people, employers, table):
    async with transaction(Login.PORTAL):
        assert await fetch_value(f"select count(id) from {table}") == 0


@pytest.mark.parametrize("guess", ["", "x", "00000000-0000-0000-0000-000000000000"])
async def test_a_guessed_secret_opens_nothing(database, people, employers, guess):
    async with transaction(Login.PORTAL, session_secret=guess):
        assert await fetch_value("select count(*) from employer") == 0


@pytest.mark.parametrize(
    "attack",
    [
        "set role crm_app", "set session authorization crm_owner", "select * from session", "select * from account",
        "select * from role_grant", "select * from audit_entry", "select * from engagement", "select * from activity", "select * from pledge_progress",
        "update pledge set slots = 9", "insert into pledge_drive default values",
        "copy employer to stdout", "delete from employer", "update employer set fein_last4 = '1'",
        "select * from job", "create table public.x (id int)", "alter table employer disable row level security",
    ],
)  # fmt: skip
async def test_raw_sql_gets_no_further(database, people, employers, attack):
    async with transaction(Login.PORTAL, session_secret=people.erin.session_secret):
        try:
            rows = await fetch(attack)
        except (asyncpg.PostgresError, asyncpg.InterfaceError):
            return
    assert rows == []


async def test_an_update_cannot_reach_or_give_away_a_row(database, people, employers):
    async with transaction(Login.PORTAL, session_secret=people.erin.session_secret):
        assert await execute("update employer set website = 'x' where id = $1", employers.franks) == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction(Login.PORTAL):
                await execute("update establishment set employer_id = $1", employers.franks)


async def test_a_setting_alone_does_not_move_the_session_to_another_employer(database, people, employers):
    async with transaction(Login.PORTAL, session_secret=people.erin.session_secret):
        await fetch("select set_config('crm.session', $1, true)", str(people.frank.session_id))
        assert await fetch_value("select count(*) from employer") == 0


async def test_every_table_the_portal_reaches_forces_its_policies(database):
    async with transaction(read_only=True):
        open_tables = await fetch(
            "select distinct c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm') "
            "and has_table_privilege('crm_portal', c.oid, 'select') "
            "and not (c.relrowsecurity and c.relforcerowsecurity)"
        )
    assert open_tables == []


async def test_a_revoked_right_is_gone_at_once(database, people, employers):
    async with transaction():
        await execute("update role_grant set revoked_at = now() where account_id = $1", people.erin.account_id)
    async with transaction(Login.PORTAL, session_secret=people.erin.session_secret):
        assert await fetch_value("select count(*) from employer") == 0
