"""Every route for every persona: who may, who must sign in, who is refused, and what is not theirs does not exist."""

import re
from types import SimpleNamespace
from uuid import UUID

import pytest
import pytest_asyncio

from crm import files
from crm.access import SYSTEM
from crm.actions import acting
from crm.app import create_routes
from crm.database import Login, fetch, fetch_value, transaction
from crm.engagements import actions as engagements
from crm.engagements import activities
from crm.engagements.forms import ActivityForm, TaskForm

PERSONAS = ("alice", "bob", "charlie", "sam", "ana", "walter", "teresa", "erin", "frank", "nobody")
STAFF = {"alice", "bob", "charlie", "sam"}
READERS = STAFF | {"ana", "walter"}
EVERYONE = set(PERSONAS)
SIGNED_IN = EVERYONE - {"nobody"}
EMPLOYERS = {"erin", "frank"}
NORTH = {"alice", "bob", "sam"}

# Who gets in: the expectation for each route. A route that is not here fails the test.
# Those who do not get in are refused (403), sent to sign in, or told that it does not exist (404).
EXPECTED = {
    "GET /": EVERYONE, "GET /help/keys": EVERYONE, "GET /{rest:path}": set(),
    "GET /health/live": EVERYONE, "GET /health/ready": EVERYONE, "GET /metrics": EVERYONE, "GET /agency.css": EVERYONE,
    "GET /agency-logo": EVERYONE, "GET /static/{name:path}": EVERYONE,
    "GET /employers": READERS | {"teresa"}, "GET /employers/suggest": READERS | {"teresa"}, "GET /employers/new": STAFF,
    "GET /employers/new/hints": STAFF, "GET /employers/{employer_id:uuid}": READERS | {"teresa"},
    "GET /employers/{employer_id:uuid}/edit": STAFF, "GET /employers/{employer_id:uuid}/sites/new": STAFF,
    "GET /establishments/{establishment_id:uuid}/edit": STAFF, "GET /establishments/{establishment_id:uuid}/board": STAFF,
    "GET /employers/{employer_id:uuid}/people/new": STAFF, "GET /affiliations/{affiliation_id:uuid}/edit": STAFF,
    "GET /employers/{employer_id:uuid}/timeline": READERS, "GET /today": STAFF, "GET /pipeline": READERS,
    "GET /pipeline/{board_id:uuid}/{stage_id:uuid}": READERS, "GET /engagements/{engagement_id:uuid}/move": NORTH,
    "GET /boards": READERS | {"teresa"}, "GET /boards/{board_id:uuid}": READERS | {"teresa"},
    "GET /boards/new": {"sam"}, "GET /municipalities": {"sam", "bob"}, "GET /territories/{territory_id:uuid}/correct": STAFF,
    "GET /boards/{board_id:uuid}/edit": {"sam", "bob"}, "GET /boards/{board_id:uuid}/area": {"sam", "bob"},
    "GET /boards/{board_id:uuid}/regions/new": {"sam", "bob"}, "GET /boards/{board_id:uuid}/places/new": {"sam", "bob"},
    "GET /territories/{territory_id:uuid}/end": {"sam", "bob"}, "GET /board-regions/{board_region_id:uuid}/end": {"sam", "bob"},
    "GET /boards/{board_id:uuid}/partners": READERS | {"teresa"}, "GET /boards/{board_id:uuid}/partners/new": {"sam", "bob"},
    "GET /partners/{partner_id:uuid}/edit": {"sam", "bob"},
    "GET /imports": STAFF, "GET /imports/{import_id:uuid}": {"alice", "sam"},
    "GET /imports/{import_id:uuid}/rejects.csv": {"alice", "sam"},
    "GET /employers/{employer_id:uuid}/incentives/{program_id:str}": STAFF | {"ana"},
    "GET /files/{file_id:uuid}": {"alice", "bob", "sam", "walter", "ana", "erin"},
    "GET /jobs": SIGNED_IN - EMPLOYERS, "GET /jobs/{job_id:uuid}": {"alice", "sam", "walter"},
    "GET /settings": {"sam", "walter"}, "GET /plugins": {"sam", "walter"}, "GET /plugins/{name:str}": {"sam", "walter"},
    "GET /backups": {"sam", "walter"}, "GET /mail": {"sam"}, "GET /audit": {"sam", "walter"}, "GET /people": {"sam", "bob"}, "GET /people/invite": {"sam", "bob"},
    "GET /account": SIGNED_IN, "GET /account/codes": SIGNED_IN, "GET /step-up": SIGNED_IN,
    "GET /portal": EMPLOYERS, "GET /portal/employers/{employer_id:uuid}": {"erin"},
    "GET /sign-in": EVERYONE, "GET /sign-in/link-code": EVERYONE, "GET /sign-in/code": EVERYONE, "GET /sign-in/invitation-code": EVERYONE,
    "GET /sign-in/link/{token:str}": set(), "GET /sign-in/first/{token:str}": set(),
    "GET /sign-in/invitation/{token:str}": set(), "GET /api/v1/schema": SIGNED_IN, "GET /api/v1/schema/openapi.json": SIGNED_IN,
    "GET /api/v1/schema/{path:str}": set(), "GET /api/v1/docs": SIGNED_IN,
    "GET /account/tokens": READERS | {"teresa"},
    "GET /api/v1/employers": READERS | {"teresa"}, "GET /api/v1/employers/{employer_id:uuid}": READERS | {"teresa"},
    "GET /api/v1/employers/{employer_id:uuid}/establishments": READERS | {"teresa"},
    "GET /api/v1/employers/{employer_id:uuid}/contacts": READERS, "GET /api/v1/contacts/{contact_id:uuid}": READERS,
    "GET /api/v1/boards": READERS | {"teresa"}, "GET /api/v1/boards/{board_id:uuid}": READERS | {"teresa"},
    "GET /api/v1/boards/{board_id:uuid}/stages": READERS, "GET /api/v1/boards/{board_id:uuid}/engagements": READERS,
    "GET /api/v1/engagements/{engagement_id:uuid}": READERS - {"charlie"},
    "GET /api/v1/employers/{employer_id:uuid}/activities": READERS,
}  # fmt: skip
# Writes need the session's form token; without it everyone is refused. These say who passes with it.
WRITES = {
    "POST /employers/new": STAFF, "POST /employers/{employer_id:uuid}/edit": STAFF,
    "POST /employers/{employer_id:uuid}/archive": STAFF, "POST /employers/{employer_id:uuid}/restore": STAFF,
    "POST /employers/{employer_id:uuid}/fein": {"sam", "bob"}, "POST /employers/{employer_id:uuid}/sites/new": STAFF,
    "POST /establishments/{establishment_id:uuid}/edit": STAFF, "POST /establishments/{establishment_id:uuid}/board": STAFF,
    "POST /employers/{employer_id:uuid}/people/new": STAFF, "POST /affiliations/{affiliation_id:uuid}/edit": STAFF,
    "POST /employers/{employer_id:uuid}/engage": STAFF - {"sam"}, "POST /engagements/{engagement_id:uuid}/move": NORTH,
    "POST /moves/{move_id:uuid}/undo": NORTH, "POST /engagements/{engagement_id:uuid}/plan": NORTH,
    "POST /employers/{employer_id:uuid}/activities": STAFF, "POST /activities/{activity_id:uuid}/remove": NORTH,
    "POST /activities/{activity_id:uuid}/restore": NORTH, "POST /employers/{employer_id:uuid}/tasks": STAFF,
    "POST /tasks/{task_id:uuid}/done": NORTH, "POST /tasks/{task_id:uuid}/reopen": NORTH,
    "POST /establishments/{establishment_id:uuid}/board/by-address": NORTH,
    "POST /boards/{board_id:uuid}/edit": {"sam", "bob"}, "POST /boards/{board_id:uuid}/regions/new": {"sam", "bob"},
    "POST /boards/{board_id:uuid}/places/new": {"sam", "bob"}, "POST /territories/{territory_id:uuid}/end": {"sam", "bob"},
    "POST /board-regions/{board_region_id:uuid}/end": {"sam", "bob"},
    "POST /boards/{board_id:uuid}/partners/new": {"sam", "bob"}, "POST /partners/{partner_id:uuid}/edit": {"sam", "bob"},
    "POST /partners/{partner_id:uuid}/close": {"sam", "bob"}, "POST /partners/{partner_id:uuid}/reopen": {"sam", "bob"},
    "POST /municipalities/{territory_id:uuid}/correct": {"sam", "bob"},
    "POST /territories/{territory_id:uuid}/correct": STAFF, "POST /imports": STAFF,
    "POST /imports/{import_id:uuid}/columns": {"alice", "sam"}, "POST /imports/{import_id:uuid}/run": {"alice", "sam"},
    "POST /imports/{import_id:uuid}/revert": {"alice", "sam"},
    "POST /employers/{employer_id:uuid}/incentives/{program_id:str}": STAFF | {"ana"},
    "POST /jobs/{job_id:uuid}/stop": {"alice", "sam"}, "POST /jobs/{job_id:uuid}/retry": {"alice", "sam"},
    "POST /backups": {"sam"}, "POST /boards/new": {"sam"}, "POST /networks/{name:str}/adopt": {"sam"}, "POST /plugins/{name:str}/switch": {"sam"}, "POST /plugins/{name:str}/settings": {"sam"},
    "POST /people/{account_id:uuid}/invite": {"sam", "bob"}, "POST /people/grants/{grant_id:uuid}/revoke": {"sam", "bob"},
    "POST /people/invite": {"sam", "bob"}, "POST /people/{account_id:uuid}/disable": {"sam", "bob"},
    "POST /people/{account_id:uuid}/enable": {"sam", "bob"}, "POST /portal/employers/{employer_id:uuid}": {"erin"},
    "POST /account/preferences": SIGNED_IN, "POST /account/password": SIGNED_IN, "POST /account/codes": SIGNED_IN,
    "POST /account/codes/off": SIGNED_IN, "POST /account/passkeys/options": SIGNED_IN, "POST /account/passkeys": SIGNED_IN,
    "POST /account/passkeys/{passkey_id:uuid}/remove": SIGNED_IN, "POST /account/sessions/{session_id:uuid}/close": SIGNED_IN,
    "POST /step-up": SIGNED_IN, "POST /sign-in": EVERYONE, "POST /sign-in/code": EVERYONE, "POST /sign-in/link": EVERYONE,
    "POST /sign-in/link/{token:str}": EVERYONE, "POST /sign-in/link-code": EVERYONE, "POST /sign-in/first/{token:str}": EVERYONE,
    "POST /sign-in/invitation/{token:str}": EVERYONE, "POST /sign-in/invitation-code": EVERYONE,
    "POST /sign-in/passkey/options": EVERYONE, "POST /sign-in/passkey": EVERYONE, "POST /sign-out": EVERYONE,
    "POST /language": EVERYONE,
    "POST /account/tokens": READERS | {"teresa"}, "POST /account/tokens/{token_id:uuid}/revoke": READERS | {"teresa"},
    "POST /api/v1/employers": STAFF, "PATCH /api/v1/employers/{employer_id:uuid}": STAFF,
    "POST /api/v1/employers/{employer_id:uuid}/establishments": STAFF, "POST /api/v1/employers/{employer_id:uuid}/contacts": STAFF,
    "PATCH /api/v1/contacts/{contact_id:uuid}": STAFF, "POST /api/v1/employers/{employer_id:uuid}/engagements": STAFF - {"sam"},
    "PATCH /api/v1/engagements/{engagement_id:uuid}/stage": NORTH, "POST /api/v1/employers/{employer_id:uuid}/activities": STAFF,
}  # fmt: skip


def routes_of(program):
    """Every method and path that the router knows, but HEAD and OPTIONS that Litestar adds."""
    found = set()
    for route in create_routes(program).routes:
        for method in route.methods - {"HEAD", "OPTIONS"}:
            found.add(f"{method} {route.path_format if '{' not in route.path else route.path}")
    return found


async def test_every_route_has_an_expectation(program):
    assert routes_of(program) == set(EXPECTED) | set(WRITES)


@pytest_asyncio.fixture
async def world(program, people, boards, employers):
    """One of everything in the north, made by Alice; Erin's employer."""
    engagement = await engagements.start(people.alice, employers.erins)
    form = ActivityForm(kind="call", summary="Asked about spring")
    from datetime import date

    activity = await activities.log_activity(people.alice, employers.erins, form, zone="UTC", today=date(2026, 11, 23))
    task = await activities.add_task(people.alice, TaskForm(title="Call back"), employer_id=employers.erins)
    listed = await files.put(b"name\nAcme\n", "csv")
    async with acting(SYSTEM, "world.made") as act:
        territory = await fetch_value(
            "insert into territory (board_id, kind, name, place_key, state, valid_from) "
            "values ($1, 'municipality', 'Worcester', 'worcester', 'MA', '2020-01-01') returning id", boards.north)  # fmt: skip
        region = await fetch_value("insert into region (kind, code, name, state) values ('planning', 'c', 'Central', 'MA') returning id")
        board_region = await fetch_value(
            "insert into board_region (board_id, region_id, valid_from) values ($1, $2, '2020-01-01') returning id",
            boards.north, region)  # fmt: skip
        file = await fetch_value(
            "insert into stored_file (storage_key, name, media_type, size, sha256, kind, employer_id, board_id) "
            "values ('pdf/none.pdf', 'x.pdf', 'application/pdf', 1, '', 'estimate', $1, $2) returning id",
            employers.erins, boards.north)  # fmt: skip
        contact = await fetch_value("insert into contact (given_name) values ('Ana') returning id")
        affiliation = await fetch_value(
            "insert into affiliation (contact_id, employer_id) values ($1, $2) returning id", contact, employers.erins)  # fmt: skip
        batch = await fetch_value(
            "insert into import_batch (board_id, account_id, file_name, headers, file_id) values ($1, $2, 'x.csv', '{name}', $3) "
            "returning id", boards.north, people.alice.account_id, await files.keep(listed, "x.csv", "import", board_id=boards.north))  # fmt: skip
        act.record("world", None)
    async with acting(people.alice, "job.made") as act:
        job = await act.enqueue("noop", {}, title="noop")
        act.record("job", job)
    async with transaction(read_only=True):
        site = await fetch_value("select id from establishment where employer_id = $1", employers.erins)
        stage = (await fetch("select id from stage order by position limit 1"))[0]["id"]
        move = await fetch_value("select id from stage_move limit 1")
    return SimpleNamespace(
        employer_id=employers.erins, establishment_id=site, affiliation_id=affiliation, contact_id=affiliation, token_id=UUID(int=1), board_id=boards.north,
        stage_id=stage, territory_id=territory, import_id=batch, file_id=file, job_id=job, engagement_id=engagement,
        board_region_id=board_region, partner_id=people.teresa.partner_id, activity_id=activity, task_id=task, move_id=move, program_id="us-wotc", name="massachusetts", token="x" * 43,
        account_id=people.alice.account_id, passkey_id=UUID(int=1), grant_id=UUID(int=1), session_id=UUID(int=1), rest="nowhere/at/all",
    )  # fmt: skip


def address(path, world):
    path = path.replace("/schema/{path:str}", "/schema/nothing")
    filled = re.sub(r"\{(\w+):\w+\}", lambda m: str(getattr(world, m.group(1))), path)
    more = {"/pipeline/": f"?before=2030-01-01T00:00:00Z&before_id={UUID(int=0)}"}
    return filled + next((query for start, query in more.items() if path.startswith(start)), "")


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
    for route in WRITES:
        method, _blank, path = route.partition(" ")
        url = address(path, world)
        assert (await browser.request(method, url)).status_code == 403, route
        if persona != "sam":
            assert (await browser.request(method, url, data={"_token": foreign})).status_code == 403, route


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
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'audit_entry'")]  # fmt: skip
        return {name: tuple((await fetch(f"select count(*), max(xmin::text::bigint) from {name}"))[0]) for name in sorted(tables)}
