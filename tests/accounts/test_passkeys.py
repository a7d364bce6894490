"""A passkey opens its own person's account, here, once for each challenge, and only when it knew its person."""

import hashlib
import json
import os
import struct

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

from crm.database import execute, fetch, fetch_value, transaction

HERE = "http://crm.test"
JSON = {"accept": "application/json", "content-type": "application/json"}
PRESENT, VERIFIED, ATTESTED = 1, 4, 64


class Device:
    """An authenticator in twenty lines: it does what it is told, also what no honest one would."""

    def __init__(self, credential_id=None):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = credential_id or os.urandom(32)
        self.uses = 0

    def create(self, options, *, origin=HERE, site="crm.test", flags=PRESENT | VERIFIED):
        point = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        held = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + public
        data = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(site, flags | ATTESTED) + held})
        client = self._client("webauthn.create", options, origin)
        return self._answer(clientDataJSON=client, attestationObject=data)

    def get(self, options, *, origin=HERE, site="crm.test", flags=PRESENT | VERIFIED):
        self.uses += 1
        client = self._client("webauthn.get", options, origin)
        data = self._data(site, flags)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)

    def _data(self, site, flags):
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + struct.pack(">I", self.uses)

    def _client(self, kind, options, origin):
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": origin}).encode()

    def _answer(self, **parts):
        name = bytes_to_base64url(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {},
                "response": {key: bytes_to_base64url(value) for key, value in parts.items()}}  # fmt: skip


@pytest.fixture
def ask():
    """`ask(browser, address, body)`: as passkeys.js does it."""

    async def post(browser, address, body=None):
        token = {"x-csrf-token": await browser.token("/sign-in")}
        return await browser.post(address, content=json.dumps(body or {}), headers=JSON | token)

    return post


@pytest.fixture
def register(ask):
    async def run(browser, device, **wrong):
        options = await ask(browser, "/account/passkeys/options")
        assert options.status_code == 201, options.text
        return await ask(browser, "/account/passkeys?name=Phone", device.create(options.json(), **wrong))

    return run


@pytest.fixture
def enter(ask):
    async def run(browser, device, **wrong):
        options = await ask(browser, "/sign-in/passkey/options")
        return await ask(browser, "/sign-in/passkey", device.get(options.json(), **wrong))

    return run


@pytest.fixture
async def alices(browse, people, register):
    """Alice's device, registered."""
    device = Device()
    assert (await register(browse(people.alice), device)).status_code == 201
    return device


async def name_of(browser):
    page = await browser.get("/account")
    return page.text.partition("<h1>")[2].partition("</h1>")[0] if page.status_code == 200 else None


async def test_lets_its_person_in_and_tells_them_by_mail(client, alices, enter):
    entered = await enter(client, alices)

    assert entered.status_code == 201, entered.text
    assert await name_of(client) == "Alice"
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from mail_message where to_address = 'alice@example.org'") == 1


@pytest.mark.parametrize(
    "wrong",
    [{"origin": "http://crm.test.evil.example"}, {"origin": "https://crm.test"}, {"site": "evil.example"}, {"flags": PRESENT}, {"flags": VERIFIED}],
    ids=["another origin", "another scheme", "another site", "person not verified", "person not there"],
)  # fmt: skip
async def test_refuses_what_was_signed_otherwise(browse, people, client, alices, register, enter, wrong):
    entered = await enter(client, alices, **wrong)
    assert entered.status_code == 422 and await name_of(client) is None

    added = await register(browse(people.bob), Device(), **wrong)
    assert added.status_code == 422
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from passkey where account_id = $1", people.bob.account_id) == 0


async def test_an_answer_works_once(client, browse, alices, ask, enter):
    options = (await ask(client, "/sign-in/passkey/options")).json()
    answer = alices.get(options)
    assert (await ask(client, "/sign-in/passkey", answer)).status_code == 201

    again = await ask(browse(), "/sign-in/passkey", answer)
    assert again.status_code == 422


async def test_refuses_a_copy_that_counts_backwards(client, browse, alices, enter):
    alices.uses = 5
    assert (await enter(client, alices)).status_code == 201
    alices.uses = 2
    assert (await enter(browse(), alices)).status_code == 422


async def test_another_key_with_the_same_name_opens_nothing(client, alices, enter):
    assert (await enter(client, Device(alices.credential_id))).status_code == 422


async def test_no_one_takes_over_the_name_of_another_persons_passkey(browse, people, client, alices, register, enter):
    taken = await register(browse(people.bob), Device(alices.credential_id))
    assert taken.status_code == 422

    assert (await enter(client, alices)).status_code == 201
    assert await name_of(client) == "Alice"


async def test_a_challenge_made_for_one_person_registers_nothing_for_another(browse, people, ask):
    alice, bob = browse(people.alice), browse(people.bob)
    options = (await ask(alice, "/account/passkeys/options")).json()

    assert (await ask(bob, "/account/passkeys", Device().create(options))).status_code == 422
    async with transaction(read_only=True):
        assert await fetch("select 1 from passkey") == []


async def test_only_its_owner_removes_it_and_then_it_opens_nothing(browse, people, client, alices, ask, enter):
    async with transaction(read_only=True):
        passkey_id = await fetch_value("select id from passkey")
    assert (await ask(browse(people.bob), f"/account/passkeys/{passkey_id}/remove")).status_code == 404
    assert (await enter(client, alices)).status_code == 201

    removed = await browse(people.alice).submit(f"/account/passkeys/{passkey_id}/remove", page="/account")
    assert removed.status_code == 303
    assert (await enter(browse(), alices)).status_code == 422


async def test_a_disabled_person_is_not_let_in(people, client, alices, enter):
    async with transaction():
        await execute("update account set disabled_at = now() where id = $1", people.alice.account_id)
    assert (await enter(client, alices)).status_code == 422


@pytest.mark.parametrize("body", ["", "null", "[]", "{}", '"x"', '{"response": {"clientDataJSON": 1}}', '{"id": 1, "response": 2}',
                                  '{"id": "é", "response": {"clientDataJSON": "bnVsbA"}}', "\x00", "[" * 100_000])  # fmt: skip
async def test_garbage_is_refused_in_words(browse, people, body):
    for browser, address in ((browse(), "/sign-in/passkey"), (browse(people.alice), "/account/passkeys")):
        token = {"x-csrf-token": await browser.token("/sign-in")}
        answer = await browser.post(address, content=body, headers=JSON | token)
        assert answer.status_code in {400, 422} and answer.json()["detail"]
