"""Who gets in at the API: a program with a person's token has that person's rights, or fewer, and nothing else opens it."""

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute, fetch, transaction
from tests.web.api import ROOT, count, is_problem


async def test_refuses_a_request_without_a_token_and_says_how(client):
    answer = await client.get(f"{ROOT}/employers")
    is_problem(answer, 401, "sign_in")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("value", ["crm_" + "x" * 43, "nonsense", "crm_", "\u00e9".encode("latin-1").decode("latin-1")])
async def test_refuses_a_token_that_is_none(client, value):
    answer = await client.get(f"{ROOT}/employers", headers={"authorization": f"Bearer {value}".encode("latin-1")})
    is_problem(answer, 401, "sign_in")


@pytest.mark.parametrize("end", [
    "update api_token set revoked_at = now()", "update api_token set expires_at = now()", "update account set disabled_at = now()",
])  # fmt: skip
async def test_refuses_a_token_from_the_moment_it_ends(api, end):
    program = await api("alice")
    assert (await program.get("/employers")).status_code == 200
    async with acting(SYSTEM, "test.changed") as act:
        await execute(end)
        act.record("test", None)
    is_problem(await program.get("/employers"), 401, "sign_in")
    is_problem(await program.post("/employers", json={"name": "X Y"}), 401, "sign_in")


async def test_a_session_of_a_browser_is_no_token(browse, people):
    browser = browse()
    browser.headers["authorization"] = f"Bearer {people.alice.session_secret}"
    is_problem(await browser.get(f"{ROOT}/employers"), 401, "sign_in")


async def test_a_cookie_writes_only_with_the_form_token(browse, people):
    browser = browse(people.alice)
    assert (await browser.get(f"{ROOT}/employers")).status_code == 200
    is_problem(await browser.post(f"{ROOT}/employers", json={"name": "Harbor Bakery"}), 403, "denied")
    headers = {"x-csrf-token": await browser.token("/help/keys")}
    assert (await browser.post(f"{ROOT}/employers", json={"name": "Harbor Bakery"}, headers=headers)).status_code == 201


async def test_a_cookie_beside_a_token_counts_for_nothing(api, people):
    program = await api("teresa")
    program.cookies.set("crm-session", people.sam.session_secret, domain="crm.test", path="/")
    is_problem(await program.post("/employers", json={"name": "Harbor Bakery"}), 403, "denied")


async def test_a_token_opens_no_page(api):
    program = await api("sam")
    answer = await program.get("http://crm.test/employers", headers={"accept": "text/html"})
    assert answer.headers["location"].startswith("/sign-in")


async def test_a_reading_token_writes_nothing(api, employers):
    program = await api("alice", "read")
    is_problem(await program.post("/employers", json={"name": "Harbor Bakery"}), 403, "denied")
    change = await program.patch(f"/employers/{employers.erins}", json={"status": "active"}, headers={"if-match": "*"})
    is_problem(change, 403, "denied")
    async with transaction(read_only=True):
        denied = await fetch("select actor_kind, actor_name from audit_entry where outcome = 'denied'")
    assert [tuple(row) for row in denied] == [("token", "Alice (Sync)")] * 2


async def test_a_token_of_one_board_leaves_the_others_alone(api, people, boards, employers):
    north, south = await api("sam", "write", boards.north), await api("charlie")
    started = (await south.post(f"/employers/{employers.franks}/engagements", json={})).json()
    assert (await north.get(f"/boards/{boards.south}/engagements")).json()["items"] == []
    is_problem(await north.get(f"/engagements/{started['id']}"), 404, "not_found")
    refused = await north.post(f"/employers/{employers.franks}/engagements", json={"board_id": str(boards.south)})
    is_problem(refused, 403, "denied")


async def test_notes_when_a_token_was_last_used(api):
    program = await api("alice")
    await program.get("/employers")
    assert await count("select last_used_at is not null from api_token")


async def test_what_is_done_with_a_token_is_on_record_as_such(api, employers):
    program = await api("alice")
    await program.patch(f"/employers/{employers.erins}", json={"status": "active"}, headers={"if-match": "*"})
    async with transaction(read_only=True):
        entry = (await fetch("select * from audit_entry where verb = 'employer.changed'"))[0]
    assert (entry["actor_kind"], entry["actor_name"]) == ("token", "Alice (Sync)")


async def test_a_session_that_only_reads_stays_alive(browse, people):
    async with acting(SYSTEM, "test.changed") as act:
        await execute("update session set last_seen_at = now() - interval '29 minutes' where id = $1", people.alice.session_id)
        act.record("test", None)
    await browse(people.alice).get("/employers")
    assert await count("select last_seen_at > now() - interval '1 minute' from session where id = $1", people.alice.session_id)
