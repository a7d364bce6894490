"""Every route for every persona: who may, who must sign in, who is refused, and what is not theirs does not exist."""

import re

import pytest

from crm.app import create_routes
from crm.database import Login, fetch, transaction
from tests.access.expectations import EXPECTED, OPEN, PERSONAS, WRITES
from tests.access.world import address


def routes_of(program):
    """Every method and path that the router knows, but HEAD and OPTIONS that Litestar adds."""
    found = set()
    for route in create_routes(program).routes:
        for method in route.methods - {"HEAD", "OPTIONS"}:
            found.add(f"{method} {route.path_format if '{' not in route.path else route.path}")
    return found


async def test_every_route_has_an_expectation(program):
    assert routes_of(program) == set(EXPECTED) | set(WRITES)


@pytest.mark.parametrize("persona", PERSONAS)
async def test_pages_open_for_those_who_may_and_for_no_one_else(browse, people, world, persona):
    browser = browse(getattr(people, persona, None))
    wrong = []
    for route, allowed in EXPECTED.items():
        path = route.partition(" ")[2]
        if path in {"/static/{name:path}", "/metrics", "/agency-logo"}:
            continue
        answer = await browser.get(address(path, world), headers={"accept": "text/html"})
        gone = answer.status_code in {401, 403, 404, 422} or answer.headers.get("location", "").startswith("/sign-in?next=")
        if path == "/files/{file_id:uuid}" and persona in allowed:
            gone = "no longer in the store" not in answer.text
        if gone == (persona in allowed) or answer.status_code >= 500:
            wrong.append((route, answer.status_code))
    assert not wrong


@pytest.mark.parametrize("persona", PERSONAS)
async def test_no_write_passes_without_the_sessions_own_token(browse, people, world, persona):
    browser = browse(getattr(people, persona, None))
    other = browse(people.sam)
    foreign = re.search(r'form-token" content="(\w+)"', (await other.get("/help/keys")).text).group(1)
    for route in set(WRITES) - OPEN:
        method, _blank, path = route.partition(" ")
        url = address(path, world)
        refused = 401 if persona == "nobody" and path.startswith("/api/") else 403  # a program is asked for its token
        assert (await browser.request(method, url)).status_code == refused, route
        if persona != "sam":
            assert (await browser.request(method, url, data={"_token": foreign})).status_code == refused, route


@pytest.mark.parametrize("persona", ["charlie", "ana", "walter", "teresa", "erin", "frank", "nobody"])
async def test_writes_are_refused_to_those_who_may_not(browse, people, world, persona):
    browser = browse(getattr(people, persona, None))
    wrong = []
    for route, allowed in WRITES.items():
        if persona in allowed:
            continue
        method, _blank, path = route.partition(" ")
        token, url = await browser.token("/help/keys"), address(path, world)
        if path.startswith("/api/"):
            headers = {"x-csrf-token": token, "if-match": "*"}
            answer = await browser.request(method, url, json={"stage_id": str(world.stage_id)}, headers=headers)
        else:
            fields = {"_token": token, "stage_id": str(world.stage_id), "version": "1"}
            answer = await browser.request(method, url, data=fields)
        if answer.status_code not in {401, 403, 404} and not answer.headers.get("location", "").startswith("/sign-in"):
            wrong.append((route, answer.status_code))
    assert not wrong


async def test_each_refusal_is_on_record_with_the_name(browse, people):
    browser = browse(people.teresa)
    await browser.get("/pipeline")
    async with transaction(read_only=True):
        rows = await fetch("select actor_name, verb from audit_entry where outcome = 'denied'")
    assert [tuple(row) for row in rows] == [("Teresa", "GET /pipeline")]


async def test_a_get_changes_nothing(browse, people, world):
    """Every table but the record is as before; the record is only added to."""
    before = await _state()
    for who in (people.alice, people.erin):
        browser = browse(who)
        for route in EXPECTED:
            await browser.get(address(route.partition(" ")[2], world))
    assert await _state() == before


async def _state():
    """For every table but the record, its rows and the newest transaction that wrote one."""
    async with transaction(Login.OWNER, read_only=True):
        tables = [row["relname"] for row in await fetch(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace "
            "and relname not in ('audit_entry', 'audit_waiting')")]  # fmt: skip
        return {name: tuple((await fetch(f"select count(*), max(xmin::text::bigint) from {name}"))[0]) for name in sorted(tables)}
