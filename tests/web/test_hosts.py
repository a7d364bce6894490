"""Which names the program answers to. A person who opens this machine by its number is led to its name."""

import httpx
import msgspec
import pytest

from crm.app import create_app

PERSON = {"accept": "text/html,*/*", "sec-fetch-mode": "navigate"}


@pytest.fixture
async def served(program):
    """`served(url, address, path)`: an answer of the program that people use at `url`, asked for at `address`."""

    async def get(url, address, path="/sign-in", **headers):
        another = type(program)(msgspec.structs.replace(program.settings, url=url), program.addresses, program.plugins, None)
        transport = httpx.ASGITransport(app=create_app(another), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=address) as client:
            return await client.get(path, headers=headers)

    return get


@pytest.mark.parametrize("number", ["127.0.0.1", "[::1]"])
async def test_a_person_at_the_number_is_led_to_the_name(served, number):
    answer = await served("http://localhost:8000", f"http://{number}:8000", "/sign-in/link/a%2Fb?next=%2Fé", **PERSON)
    assert answer.status_code == 307
    assert answer.headers["location"] == "http://localhost:8000/sign-in/link/a%2Fb?next=%2F%C3%A9"


async def test_a_program_at_the_number_is_served(served):
    assert (await served("http://localhost:8000", "http://127.0.0.1:8000", "/health/live")).status_code == 200
    assert (await served("http://localhost:8000", "http://127.0.0.1:8000", accept="text/html")).status_code == 200


async def test_who_chose_the_number_keeps_it(served):
    assert (await served("http://127.0.0.1:8000", "http://127.0.0.1:8000", **PERSON)).status_code == 200


@pytest.mark.parametrize("address", ["http://evil.example", "http://localhost.evil.example:8000", "http://10.0.0.1:8000"])
async def test_refuses_other_names_in_words(served, address):
    answer = await served("http://localhost:8000", address, **PERSON)
    assert answer.status_code == 400 and "CRM_ALLOWED_HOSTS" in answer.text


@pytest.mark.parametrize("address", ["http://localhost", "http://127.0.0.1", "http://crm.test"])
async def test_behind_https_only_the_name_that_people_use(served, address):
    assert (await served("https://desk.example.gov", address, **PERSON)).status_code == 400
    assert (await served("https://desk.example.gov", "https://desk.example.gov", **PERSON)).status_code == 200
