"""What operators see: whether it lives, whether it can answer, counts, and a log that names no one."""

import asyncio
import re
import time

import httpx
import pytest

from crm.database import fetch_value, transaction

DOWN = "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"


@pytest.fixture
async def client(served):
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served.port}", headers={"host": "crm.test"}, timeout=30) as opened:
        yield opened


@pytest.fixture
async def visitor(server):
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", headers={"host": "crm.test"}, timeout=30) as opened:
        yield opened


@pytest.fixture
async def database_away(database, as_superuser):
    """The test's database takes no connection until it is called with False."""
    async def put(away):
        await as_superuser(f"alter database {database.name} allow_connections {'false' if away else 'true'}")
        if away:
            await as_superuser(DOWN.format(name=database.name))

    yield put
    await put(False)


async def until(client, path, status):
    deadline = time.monotonic() + 20
    while (answer := await client.get(path)).status_code != status:
        assert time.monotonic() < deadline, answer.text
        await asyncio.sleep(0.05)
    return answer


async def line_of(served, answer):
    """The line of a request, which is written when its answer has left."""
    deadline = time.monotonic() + 20
    while not (found := [line for line in served.log() if line.get("request") == answer.headers["x-request-id"]]):
        assert time.monotonic() < deadline, served.text()
        await asyncio.sleep(0.02)
    [line] = found
    return line


async def test_without_valkey_it_is_ready_and_says_so(visitor):
    ready = await visitor.get("/health/ready")
    assert (ready.status_code, ready.json()) == (200, {"database": "up", "valkey": "down"})
    assert (await visitor.get("/sign-in")).status_code == 200


async def test_without_a_database_it_lives_is_not_ready_and_comes_back_by_itself(client, database_away, served):
    await database_away(True)
    ready = await client.get("/health/ready")
    assert (ready.status_code, ready.json()["database"]) == (503, "down")
    assert (await client.get("/health/live")).status_code == 200

    page = await client.get("/sign-in", headers={"accept": "text/html"})
    assert page.status_code == 503 and page.headers["retry-after"] and "does not answer" in page.text and "<h1>" in page.text
    told = await client.get("/api/v1/employers")
    assert told.status_code == 503 and told.headers["content-type"].startswith("application/problem+json")

    await database_away(False)
    assert (await until(client, "/health/ready", 200)).json()["database"] == "up"
    assert (await client.get("/sign-in")).status_code == 200
    assert "Traceback" not in served.text()
    assert {line["problem"] for line in served.log() if line["event"] == "unavailable"} == {"ObjectNotInPrerequisiteStateError"}


async def test_health_tells_strangers_nothing_more(visitor):
    for path in ("/health/live", "/health/ready"):
        assert not re.search(r"\d+\.\d+|postgres|redis|/|@", (await visitor.get(path)).text)


async def test_counts_by_route_and_never_by_what_people_typed(visitor):
    await visitor.get("/employers/canary-path?name=canary-query")
    await visitor.get("/canary-nowhere")
    await visitor.get("/sign-in/link/canary-token")
    text = (await visitor.get("/metrics")).text
    assert 'crm_requests_total{method="GET",route="/sign-in/link/{token}",status="' in text
    assert "crm_request_seconds_bucket" in text and "canary" not in text


async def test_counts_are_for_this_machine_alone(visitor, browse):
    assert (await visitor.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})).status_code == 404
    assert (await browse().get("/metrics")).status_code == 404


async def test_made_up_methods_make_no_counts_of_their_own(browse, program):
    from prometheus_client import generate_latest

    for number in range(3):
        await browse().request(f"CANARY{number}", "/sign-in")
    assert b"CANARY" not in generate_latest()


async def test_a_line_for_each_request_with_its_number(visitor, server):
    answer = await visitor.get("/sign-in")
    line = await line_of(server, answer)
    assert line["event"] == "request" and line["level"] == "info" and line["timestamp"].endswith("Z")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/sign-in", 200) and line["ms"] > 0
    await visitor.get("/health/live")
    assert not [line for line in server.log() if line.get("route") == "/health/live"]


async def test_a_faults_number_is_in_the_log_with_its_cause(client, served, superuser):
    await superuser("alter table session rename to session_away")
    page = await client.get("/today", headers={"cookie": "crm-session=canary-cookie", "accept": "text/html"})
    await superuser("alter table session_away rename to session")

    number = page.headers["x-request-id"]
    assert page.status_code == 500 and number in page.text and "session" not in re.sub("<[^>]*>", "", page.text.partition("<main")[2])
    [line] = [line for line in served.log() if line["event"] == "request_failed"]
    assert line["request"] == number and "UndefinedTableError" in line["exception"]
    assert "canary" not in served.text()


async def test_the_log_names_no_one(client, served, superuser, people):
    page = (await client.get("/sign-in")).text
    token = page.partition('name="form-token" content="')[2].partition('"')[0]
    form = {"_token": token, "email": "canary@example.org", "password": "canary secret phrase", "next": "/canary"}
    assert (await client.post("/sign-in", data=form)).status_code == 422
    await client.post("/sign-in/link", data={"_token": token, "email": "canary@example.org"})
    for path in ("/sign-in/link/canary-link", "/employers?q=canary", "/canary", "/sign-in?next=/canary"):
        await client.get(path, headers={"referer": "http://crm.test/canary", "user-agent": "canary", "cookie": "crm-session=canary"})
    # a fault in which PostgreSQL names the values of the row
    await superuser("alter table account add constraint short check (name <> 'canary person')")
    cookie = {"cookie": f"crm-session={people.alice.session_secret}"}
    own = (await client.get("/account", headers=cookie)).text.partition('name="form-token" content="')[2].partition('"')[0]
    refused = await client.post("/account/preferences", headers=cookie,
                                data={"_token": own, "name": "canary person", "language": "en", "density": "comfortable"})  # fmt: skip
    assert refused.status_code == 500
    async with transaction(read_only=True):
        assert await fetch_value("select name from account where id = $1", people.alice.account_id) == "Alice"

    text = served.text()
    assert "CheckViolationError" in text
    assert not re.search("canary|Alice|alice@", text), re.search(".*(canary|Alice|alice@).*", text)[0][-600:]
    assert people.alice.session_secret not in text and token not in text
