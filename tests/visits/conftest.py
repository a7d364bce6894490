"""A phone that keeps drafts and sends them, and a look at what became of them."""

from datetime import date
from types import SimpleNamespace
from uuid import uuid4

import pytest

from crm.database import execute, fetch, fetch_one, transaction
from crm.visits import actions
from crm.visits.actions import Clock

TODAY = date(2026, 11, 23)
CLOCK = Clock("America/New_York", TODAY)
SEEN = {"on": "2026-11-20", "at": "14:05", "outcome": "agreed", "notes": "Two slots in spring"}


class Phone:
    """What visits.js does, without a screen."""

    def __init__(self, browser):
        self.browser, self.drafts = browser, {}

    def type(self, employer_id, draft_id=None, **values):
        draft_id = str(draft_id or uuid4())
        self.drafts[draft_id] = {"draft_id": draft_id, "values": {"employer_id": str(employer_id), **SEEN, **values}, "version": 0, "base": ""}
        return draft_id

    def change(self, draft_id, **values):
        self.drafts[draft_id]["values"] |= values

    async def send(self, *draft_ids, heard=True):
        """Send drafts; `heard` is whether the answer arrives."""
        token = (await self.browser.get("/visits/data")).json()["token"]
        body = {"payload": 1, "drafts": [self.drafts[each] for each in draft_ids]}
        answer = await self.browser.post("/visits/sync", json=body, headers={"x-csrf-token": token, "accept": "application/json"})
        assert answer.status_code == 200, answer.text
        taken = answer.json()["taken"]
        for each in taken:
            if heard and each["state"] == "saved":
                draft = self.drafts[each["draft_id"]]
                draft |= {"version": each["version"], "base": each["base"]}
                draft["values"] |= each["values"]
        return [SimpleNamespace(**each) for each in taken]


@pytest.fixture
def phone(browse):
    return lambda actor: Phone(browse(actor))


async def visits():
    async with transaction(read_only=True):
        return [await actions.shown(row["id"]) for row in await fetch("select id from visit order by made_at")]


async def lines(employer_id):
    async with transaction(read_only=True):
        return await fetch("select * from activity where employer_id = $1 and kind = 'visit' and removed_at is null", employer_id)


async def tasks(employer_id):
    async with transaction(read_only=True):
        return await fetch("select * from task where employer_id = $1 order by created_at", employer_id)


async def run(sql, *values):
    async with transaction():
        await execute(sql, *values)


async def one(sql, *values):
    async with transaction(read_only=True):
        return await fetch_one(sql, *values)
