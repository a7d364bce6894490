"""Codes from an app: each once, recovery codes once, and guessing them is slow even with the right password."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine

from crm.accounts import own, passwords
from crm.database import execute, fetch_value, transaction

PASSWORD = "correct horse battery staple"
NOW = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)


@pytest.fixture
async def alice(program, people):
    """Alice with a password and codes from an app; her secret and recovery codes. It is half a minute later."""
    async with transaction():
        await execute("update account set password_hash = $2 where id = $1", people.alice.account_id,
                      await passwords.hash_password(PASSWORD))  # fmt: skip
    secret = own.new_totp_secret()
    people.codes = await own.enable_totp(people.alice, secret, pyotp.TOTP(secret).now())
    people.app = pyotp.TOTP(secret)
    return people


def next_code(people):
    """A code that was not used yet: that of the next half minute is taken early."""
    return people.app.at(datetime.now(UTC) + timedelta(seconds=30))


async def sign_in(browser, **more):
    return await browser.submit("/sign-in", email="alice@example.org", password=PASSWORD, **more)


async def enter(browser, code):
    return await browser.submit("/sign-in/code", page="/sign-in/code", code=code)


async def test_asks_for_the_code_and_opens_nothing_before(client, alice):
    entered = await sign_in(client, next="/employers?q=a&b=c")
    assert entered.headers["location"] == "/sign-in/code?next=/employers%3Fq%3Da%26b%3Dc"
    assert (await client.get("/account")).status_code == 303


async def test_a_right_code_opens_and_changes_the_secret(client, browse, alice):
    await sign_in(client)
    before = client.cookies["crm-session"]
    assert (await enter(client, next_code(alice))).status_code == 303
    assert (await client.get("/account")).status_code == 200
    other = browse()
    other.cookies.set("crm-session", before)
    assert (await other.get("/account")).status_code == 303


async def test_refuses_a_code_that_was_used(client, browse, alice):
    code = next_code(alice)
    await sign_in(client)
    assert (await enter(client, code)).status_code == 303
    thief = browse(address="198.51.100.9")
    await sign_in(thief)
    assert (await enter(thief, code)).status_code == 422


async def test_refuses_the_code_that_switched_it_on(client, alice):
    await sign_in(client)
    async with transaction(read_only=True):
        step = await fetch_value("select totp_last_step from account where id = $1", alice.alice.account_id)
    assert (await enter(client, alice.app.generate_otp(step))).status_code == 422


async def test_a_recovery_code_works_once(client, browse, alice):
    await sign_in(client)
    assert (await enter(client, alice.codes[0].lower())).status_code == 303
    other = browse(address="198.51.100.9")
    await sign_in(other)
    assert (await enter(other, alice.codes[0])).status_code == 422


async def test_of_twenty_with_one_recovery_code_one_wins(browse, alice):
    browsers = [browse() for _ in range(20)]
    for browser in browsers:
        await sign_in(browser)
    tokens = [await browser.token("/sign-in/code") for browser in browsers]
    answers = await asyncio.gather(
        *(b.post("/sign-in/code", data={"_token": t, "code": alice.codes[1]}) for b, t in zip(browsers, tokens, strict=True))
    )
    assert [answer.status_code for answer in answers].count(303) == 1


async def test_the_right_password_does_not_give_more_guesses_at_the_code(browse, alice):
    answers = []
    for number in range(4):
        guesser = browse(address="198.51.100.66")
        answers.append((await sign_in(guesser)).status_code)
        if answers[-1] == 303:
            answers += [(await enter(guesser, f"00000{digit}")).status_code for digit in range(2 * number, 2 * number + 2)]
    assert 429 in answers


async def test_setting_codes_up_shows_the_picture_and_the_recovery_codes_once(browse, people):
    bob = browse(people.bob)
    page = (await bob.get("/account/codes")).text
    secret = re.search(r'name="secret" value="(\w+)"', page)[1]
    assert '<img src="data:image/svg+xml' in page
    wrong = await bob.submit("/account/codes", page="/account", secret=secret, code="000000")
    assert wrong.status_code == 422
    assert secret in wrong.text
    shown = await bob.submit("/account/codes", page="/account", secret=secret, code=pyotp.TOTP(secret).now())
    assert len(re.findall(r"[0-9A-F]{8}-[0-9A-F]{8}", shown.text)) == own.RECOVERY_CODES
    assert not re.search(r"[0-9A-F]{8}-[0-9A-F]{8}", (await bob.get("/account")).text)


async def test_an_employers_person_can_use_codes_too(browse, people):
    erin = browse(people.erin)
    secret = own.new_totp_secret()
    assert (await erin.submit("/account/codes", page="/account", secret=secret, code=pyotp.TOTP(secret).now())).status_code == 200
    assert (await erin.submit("/account/codes/off", page="/account")).status_code == 303


@pytest.mark.parametrize("path", ["/account/codes/off", "/account/password", "/account/passkeys/options", "/people/invite"])
async def test_risky_acts_ask_again_after_ten_minutes(browse, people, path):
    bob = browse(people.bob)
    async with transaction():
        await execute("update session set stepped_up_at = now() - interval '11 minutes'")
    assert (await bob.submit(path, page="/account", password=PASSWORD)).status_code == 403


async def test_confirming_takes_password_and_code_and_changes_the_secret(browse, alice):
    browser = browse(alice.alice)
    async with transaction():
        await execute("update session set stepped_up_at = null")
    assert (await browser.get("/account/codes")).headers["location"] == "/step-up?next=/account/codes"
    code = next_code(alice)
    wrong = await browser.submit("/step-up", page="/step-up", password=PASSWORD, code="000000")
    right = await browser.submit("/step-up", page="/step-up", password=PASSWORD, code=code, next="/account/codes")
    assert (wrong.status_code, right.status_code, right.headers["location"]) == (422, 303, "/account/codes")
    assert browser.cookies["crm-session"] != alice.alice.session_secret


async def test_the_code_of_another_time_is_refused(client, alice):
    await sign_in(client)
    with time_machine.travel(NOW, tick=True):
        old = alice.app.now()
    assert (await enter(client, old)).status_code == 422
