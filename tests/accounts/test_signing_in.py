"""Signing in: one answer for all that fails, and no session but the one we opened."""

import pytest

from crm.accounts import passwords
from crm.database import execute, fetch_value, transaction

PASSWORD = "correct horse battery staple"


@pytest.fixture
async def alice(people):
    """Alice with a password."""
    async with transaction():
        await execute("update account set password_hash = $2 where id = $1", people.alice.account_id,
                      await passwords.hash_password(PASSWORD))  # fmt: skip
    return people.alice


async def sign_in(browser, email="alice@example.org", password=PASSWORD, **more):
    return await browser.submit("/sign-in", email=email, password=password, **more)


async def test_opens_the_staff_pages_with_the_right_password(client, alice):
    entered = await sign_in(client)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert (await client.get("/")).headers["location"] == "/employers"
    assert (await client.get("/account")).status_code == 200


async def test_leads_an_employers_person_to_the_portal(browse, people):
    assert (await browse(people.erin).get("/")).headers["location"] == "/portal"


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/invitation-code"])
async def test_pages_for_visitors_open(client, database, path):
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("who", ["alice", "teresa", "erin", "frank", "sam"])
async def test_everyone_sees_their_own_account(browse, people, who):
    page = await browse(getattr(people, who)).get("/account")
    assert page.status_code == 200
    assert f"{who}@example.org" in page.text


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "evil"])
async def test_goes_on_to_our_own_pages_alone(client, alice, onward):
    assert (await sign_in(client, next=onward)).headers["location"] == "/"


async def test_goes_on_to_the_page_that_was_asked_for(client, alice):
    assert (await sign_in(client, next="/employers?q=a&sort=name")).headers["location"] == "/employers?q=a&sort=name"


async def test_known_and_unknown_addresses_get_the_same_answer_at_the_same_cost(browse, alice, monkeypatch, statements):
    """Counted, not timed: the bytes, the hashes and the statements. A disabled person's address is as unknown as any."""
    async with transaction():
        await execute("update account set disabled_at = now() where email = 'bob@example.org'")
    hashes, answers = [], []
    real = passwords._verify
    monkeypatch.setattr(passwords, "_verify", lambda *given: hashes.append(1) or real(*given))
    for email in ("alice@example.org", "nobdy@example.org", "bobby@example.org", "bob@example.org"):
        browser = browse(address=f"203.0.113.{len(answers)}")
        browser.cookies.set("crm-visit", "one-visit")
        hashes.clear()
        token = await browser.token()
        statements.clear()
        page = await browser.post("/sign-in", data={"_token": token, "email": email, "password": "wrong wrong wrong wrong"})
        answers.append((page.status_code, page.text.replace(email, ""), len(hashes), [query for query, _values in statements]))
    assert answers[0] == answers[1] == answers[2] == answers[3]
    assert answers[0][0] == 422
    assert answers[0][2] == 1


async def test_a_password_that_differs_by_case_or_ending_opens_nothing(browse, alice):
    for number, wrong in enumerate((PASSWORD.upper(), PASSWORD[:-1], PASSWORD + "x")):
        assert (await sign_in(browse(address=f"198.51.{number}.1"), password=wrong)).status_code == 422


async def test_what_was_typed_stays_but_never_the_password(client, alice):
    page = await sign_in(client, password="wrong wrong wrong wrong")
    assert 'value="alice@example.org"' in page.text
    assert "wrong wrong" not in page.text


async def test_signing_out_ends_the_session_for_good(browse, client, alice):
    await sign_in(client)
    kept = client.cookies["crm-session"]
    await client.submit("/sign-out", page="/account")

    thief = browse()
    thief.cookies.set("crm-session", kept)
    assert (await thief.get("/account")).status_code == 303


async def test_a_planted_cookie_opens_nothing(client, browse, alice):
    client.cookies.set("crm-session", "chosen-by-a-stranger", domain="crm.test")
    await sign_in(client)

    stranger = browse()
    stranger.cookies.set("crm-session", "chosen-by-a-stranger")
    assert (await stranger.get("/account")).status_code == 303


async def test_a_disabled_persons_sessions_are_dead_at_once(browse, people):
    alice, sam = browse(people.alice), browse(people.sam)
    assert (await alice.get("/account")).status_code == 200

    await sam.submit(f"/people/{people.alice.account_id}/disable", page="/people")
    assert (await alice.get("/account")).status_code == 303

    await sam.submit(f"/people/{people.alice.account_id}/enable", page="/people")
    assert (await alice.get("/account")).status_code == 303


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
async def test_refuses_a_form_from_another_site(client, alice, headers):
    token = await client.token()
    fields = {"_token": token, "email": "alice@example.org", "password": PASSWORD}
    assert (await client.post("/sign-in", data=fields, headers=headers)).status_code == 403


async def test_refuses_a_form_with_another_sessions_token(browse, people):
    token = await browse(people.bob).token("/account")
    page = await browse(people.alice).post("/account/preferences", data={"_token": token, "language": "es"})
    assert page.status_code == 403


async def test_ten_thousand_misses_elsewhere_leave_the_owner_able_to_enter(browse, alice):
    await sign_in(browse(address="192.0.2.9"))  # a familiar place
    stranger = browse(address="203.0.113.66")
    for _try in range(6):
        refused = await sign_in(stranger, password="wrong wrong wrong wrong")
    assert refused.status_code == 429
    async with transaction():
        await execute("update sign_in_throttle set misses = 10000, next_try_at = now()")

    assert (await sign_in(browse(address="203.0.113.66"))).status_code == 429
    assert (await sign_in(browse(address="192.0.2.200"))).status_code == 303


async def test_a_try_while_one_must_wait_costs_no_hash(browse, alice, monkeypatch):
    stranger = browse()
    for _try in range(6):
        await sign_in(stranger, password="wrong wrong wrong wrong")
    monkeypatch.setattr(passwords, "_verify", lambda *given: pytest.fail("a hash was made"))
    assert (await sign_in(stranger)).status_code == 429


async def test_every_refusal_is_on_record_without_the_address(client, alice):
    await sign_in(client, password="wrong wrong wrong wrong")
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from audit_entry where verb = 'session.refused'") == 1
        assert not await fetch_value("select exists (select from audit_entry e where e::text ilike '%alice@%' and verb = 'session.refused')")
