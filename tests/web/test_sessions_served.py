"""Sessions on a real server: what a slow request does to one that has ended meanwhile, and what a planted cookie opens."""

import asyncio

import asyncpg
import httpx

from crm.database import Login, fetch_value, transaction


def browser(served, cookie=""):
    cookies = {"crm-session": cookie} if cookie else {}
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{served.port}", headers={"host": "crm.test"}, cookies=cookies, timeout=30)


async def submit(who, path, **fields):
    token = (await who.get("/account" if "crm-session" in who.cookies else "/sign-in")).text.partition('name="form-token" content="')[2]
    return await who.post(path, data={"_token": token.partition('"')[0], **fields})


async def held_up(database, table):
    """Until somebody waits for a lock on the table."""
    async with asyncio.timeout(20):
        while True:
            async with transaction(read_only=True):
                if await fetch_value("select exists (select from pg_stat_activity where wait_event_type = 'Lock' and query ilike $1)", f"%{table}%"):
                    return


async def test_a_slow_request_does_not_revive_a_session_that_was_ended(served, database, people):
    holder = await asyncpg.connect(database.addresses[Login.OWNER])
    async with browser(served, people.alice.session_secret) as slow, browser(served, people.alice.session_secret) as other:
        lock = holder.transaction()
        await lock.start()
        await holder.execute("select from account where id = $1 for update", people.alice.account_id)
        under_way = asyncio.create_task(submit(slow, "/account/preferences", name="Alice", language="es", density="comfortable"))
        await held_up(database, "account")
        assert (await submit(other, "/sign-out")).status_code == 303
        await lock.rollback()
        assert (await under_way).status_code == 303
        assert (await slow.get("/account")).headers["location"].startswith("/sign-in")
        assert (await other.get("/account")).headers["location"].startswith("/sign-in")
    await holder.close()
