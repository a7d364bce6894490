"""Links work once, for the one who asked, and are burnt by no one who only looks."""

import asyncio
import re

import pytest

from crm import sessions
from crm.accounts.welcome import first_admin_link
from crm.database import execute, fetch_value, transaction
from crm.worker import Worker

PASSWORD = "correct horse battery staple"


async def mailed(program, template="magic_link"):
    """The newest mail's token and code, when the work that sends it is done."""
    await Worker(program.plugins.jobs()).run_until_idle()
    async with transaction(read_only=True):
        text = await fetch_value(
            "select text_body from mail_message where template = $1 order by created_at desc limit 1", template
        )
    found = re.search(r"/sign-in/(?:link|invitation)/([\w-]+)", text or "")
    return (found and found[1], (re.findall(r"\b\d{8}\b", text or "") or [None])[-1])


async def ask(browser, email="erin@example.org"):
    return await browser.submit("/sign-in/link", email=email)


async def test_a_link_signs_in_the_one_who_asked(client, program, people):
    await ask(client)
    token, _code = await mailed(program)
    assert (await client.get(f"/sign-in/link/{token}")).status_code == 200

    assert (await client.submit(f"/sign-in/link/{token}")).status_code == 303
    assert (await client.get("/account")).status_code == 200


async def test_looking_burns_nothing(client, browse, program, people):
    await ask(client)
    token, _code = await mailed(program)
    scanner = browse()
    for method in ("GET", "HEAD", "GET", "OPTIONS"):
        await scanner.request(method, f"/sign-in/link/{token}")
    assert (await client.submit(f"/sign-in/link/{token}")).status_code == 303


async def test_of_fifty_at_once_one_wins(client, program, people):
    await ask(client)
    token, _code = await mailed(program)
    form = {"_token": await client.token()}
    answers = await asyncio.gather(*(client.post(f"/sign-in/link/{token}", data=form) for _ in range(50)))
    assert sorted({answer.status_code for answer in answers} - {503}) == [303, 422]
    assert [answer.status_code for answer in answers].count(303) == 1
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from session where method = 'link'") == 1


async def test_refuses_another_browser_and_leaves_the_link_whole(client, browse, program, people):
    await ask(client)
    token, _code = await mailed(program)
    assert (await browse().submit(f"/sign-in/link/{token}")).status_code == 422
    assert (await client.submit(f"/sign-in/link/{token}")).status_code == 303


async def test_a_stranger_who_asks_does_not_end_the_owners_link(client, browse, program, people):
    await ask(client)
    token, _code = await mailed(program)
    stranger = browse(address="198.51.100.1")
    await ask(stranger)
    await mailed(program)
    assert (await client.submit(f"/sign-in/link/{token}")).status_code == 303


async def test_the_code_signs_in_on_another_device_once(client, browse, program, people):
    await ask(client)
    _token, code = await mailed(program)
    phone = browse()
    assert (await phone.submit("/sign-in/link-code", email="erin@example.org", code=code)).status_code == 303
    assert (await browse().submit("/sign-in/link-code", email="erin@example.org", code=code)).status_code == 422


async def test_five_wrong_codes_end_the_code(client, browse, program, people):
    await ask(client)
    _token, code = await mailed(program)
    for number in range(5):
        guesser = browse(address=f"198.51.{number}.1")
        await guesser.submit("/sign-in/link-code", email="erin@example.org", code="00000000")
    assert (await client.submit("/sign-in/link-code", email="erin@example.org", code=code)).status_code == 422


@pytest.mark.parametrize("change", ["used_at = now()", "revoked_at = now()", "expires_at = now()"])
async def test_refuses_a_link_that_is_used_revoked_or_old(client, program, people, change):
    await ask(client)
    token, _code = await mailed(program)
    async with transaction():
        await execute(f"update link_token set {change} where purpose = 'sign_in'")
    assert (await client.get(f"/sign-in/link/{token}")).status_code == 422
    assert (await client.submit(f"/sign-in/link/{token}")).status_code == 422


async def test_known_and_unknown_addresses_get_the_same_answer_at_the_same_cost(browse, program, people, statements):
    answers = []
    for email in ("erin@example.org", "eris@example.org", "alice@example.org"):
        browser = browse()
        browser.cookies.set("crm-visit", "one-visit")
        token = await browser.token()
        statements.clear()
        page = await browser.post("/sign-in/link", data={"_token": token, "email": email})
        sent = [query for query, _values in statements]
        async with transaction(read_only=True):
            jobs = await fetch_value("select count(*) from job")
        answers.append((page.status_code, page.text.replace(email, ""), jobs - len(answers), sent))
    assert answers[0] == answers[1] == answers[2]


async def test_staff_get_no_link_by_mail(client, program, people):
    await ask(client, "alice@example.org")
    assert await mailed(program) == (None, None)


async def test_one_network_cannot_flood_a_mailbox(browse, program, people):
    for _try in range(8):
        await ask(browse())
        await Worker(program.plugins.jobs()).run_until_idle()
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from mail_message where to_address = 'erin@example.org'") <= 3


async def test_a_disabled_persons_link_opens_nothing(client, browse, program, people):
    await ask(client)
    token, _code = await mailed(program)
    await browse(people.sam).submit(f"/people/{people.erin.account_id}/disable", page="/people")
    assert (await client.submit(f"/sign-in/link/{token}")).status_code == 422


async def test_the_first_admin_signs_in_by_the_printed_link_once(browse, program):
    path = (await first_admin_link(program.settings)).removeprefix("http://crm.test")
    fields = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
    first = browse()
    assert (await first.get(path)).status_code == 200
    assert (await first.submit(path, **fields)).status_code == 303
    assert (await first.get("/people")).status_code == 200
    assert (await browse().submit(path, **fields | {"email": "eve@example.org"})).status_code == 422


async def test_the_first_admins_link_ends_when_someone_has_an_account(browse, program, database, request):
    path = (await first_admin_link(program.settings)).removeprefix("http://crm.test")
    async with transaction():
        await execute("insert into account (email, name, kind) values ('sam@example.org', 'Sam', 'staff')")
    page = await browse().submit(path, email="eve@example.org", name="Eve", password=PASSWORD)
    assert page.status_code == 422


@pytest.mark.parametrize("fields", [{"email": "not-an-address"}, {"password": "too short"}, {"name": ""}])
async def test_the_first_admins_link_is_kept_when_the_form_is_wrong(browse, program, fields):
    path = (await first_admin_link(program.settings)).removeprefix("http://crm.test")
    right = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
    assert (await browse().submit(path, **right | fields)).status_code == 422
    assert (await browse().submit(path, **right)).status_code == 303


async def test_an_admin_made_on_the_command_line_keeps_their_address(browse, program, database):
    from crm.accounts.actions import create_admin

    link = await create_admin("ada@example.org", "Ada")
    path = f"/sign-in/first/{link.token}"
    assert "ada@example.org" in (await browse().get(path)).text
    assert (await browse().submit(path, email="ada@example.org", name="Ada", password=PASSWORD)).status_code == 303


async def test_someone_signed_in_can_open_a_link_of_any_kind(browse, program, people):
    async with transaction():
        link = await sessions.make_link("invitation", people.frank.account_id, sessions.INVITATION_LINK)
    assert (await browse(people.erin).get(f"/sign-in/invitation/{link.token}")).status_code == 200


async def test_no_token_is_in_the_record(client, program, people):
    await ask(client)
    token, code = await mailed(program)
    await client.submit(f"/sign-in/link/{token}")
    async with transaction(read_only=True):
        for secret in (token, code, client.cookies["crm-session"]):
            assert not await fetch_value("select exists (select from audit_entry e where e::text like $1)", f"%{secret}%")
            assert not await fetch_value("select exists (select from job e where e::text like $1)", f"%{secret}%")
