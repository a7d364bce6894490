"""Programs read the fields, and read and write values under their keys; what is wrong is named with what was found and what is allowed."""

import pytest
import pytest_asyncio

from crm.database import fetch_value, transaction
from crm.fields.own import own


@pytest_asyncio.fixture
async def api(browse, people):
    """`await api("patch", path, {…}, who=…)`: as the pages' own session does, with its form token."""

    async def ask(method, path, body=None, who=people.alice):
        browser = browse(who)
        headers = {"x-csrf-token": await browser.token("/help/keys"), "if-match": "*"}
        return await browser.request(method.upper(), f"/api/v1{path}", json=body, headers=headers)

    return ask


async def test_the_fields_are_listed_for_those_who_see_them(api, people, make):
    await make("choice", "lines")
    await make("text", "account", sensitivity="sealed")
    found = (await api("get", "/fields")).json()["items"]
    assert [(each["key"], each["kind"], each["purpose_en"], each["choices"][0]["code"]) for each in found] == [("lines", "choice", "So that students get there", "red")]
    assert [each["key"] for each in (await api("get", "/fields", who=people.bob)).json()["items"]] == ["lines", "account"]


async def test_values_are_written_and_read_by_their_keys(api, people, employers, make):
    for kind, key in (("choices", "lines"), ("number", "seats"), ("yes_no", "parking"), ("money", "wage"), ("date", "seen_on")):
        await make(kind, key)
    values = {"lines": ["red"], "seats": 4, "parking": False, "wage": "18.50", "seen_on": "2026-11-03"}
    made = await api("post", "/employers", {"name": "Acme LLC", "fields": values})
    assert made.status_code == 201 and made.json()["fields"] == values
    path = f"/employers/{made.json()['id']}"
    changed = await api("patch", path, {"fields": {"seats": 5, "parking": None}})
    assert changed.json()["fields"] == {"lines": ["red"], "seats": 5, "wage": "18.50", "seen_on": "2026-11-03"}
    assert (await api("patch", path, {"phone": "508-555-0101"})).json()["fields"] == changed.json()["fields"]
    assert (await api("get", path)).json()["fields"] == changed.json()["fields"]


async def test_worksites_and_people_have_theirs(api, people, employers, make):
    await make("text", "entrance", subject="establishment")
    await make("text", "shift", subject="contact")
    site = await api("post", f"/employers/{employers.erins}/establishments", {"city": "Auburn", "state": "MA", "fields": {"entrance": "Back"}})
    assert site.json()["fields"] == {"entrance": "Back"}
    assert {"entrance": "Back"} in [each["fields"] for each in (await api("get", f"/employers/{employers.erins}/establishments")).json()["items"]]
    person = (await api("post", f"/employers/{employers.erins}/contacts", {"given_name": "Rosa", "fields": {"shift": "Night"}})).json()
    assert person["fields"] == {"shift": "Night"}
    assert (await api("patch", f"/contacts/{person['id']}", {"fields": {"shift": "Day"}})).json()["fields"] == {"shift": "Day"}
    assert [each["fields"] for each in (await api("get", f"/employers/{employers.erins}/contacts")).json()["items"]] == [{"shift": "Day"}]


@pytest.mark.parametrize(("fields", "name", "told"), [
    ({"pink": 1}, "fields.pink", "There is no field “pink”. There are: seats, lines."), ({"seats": "many"}, "fields.seats", "“many” is no number"),
    ({"seats": 1.5}, "fields.seats", "no whole number"), ({"seats": [1]}, "fields.seats", "no number"), ({"seats": {"a": 1}}, "fields.seats", "no number"),
    ({"lines": "pink"}, "fields.lines", "“pink” is none of the choices. Allowed: Red line, Blue line."), ({"lines": True}, "fields.lines", "none of the choices"),
    ({"x" * 500: 1}, None, "There is no field"),
])  # fmt: skip
async def test_what_is_wrong_is_named_with_what_was_found_and_what_is_allowed(api, people, employers, make, fields, name, told):
    await make("number", "seats")
    await make("choice", "lines")
    answer = await api("patch", f"/employers/{employers.erins}", {"fields": fields})
    assert answer.status_code == 422
    assert told in (answer.json()["fields"][name] if name else answer.text)
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from custom_value") == 0


async def test_what_must_be_there_must_be_sent_with_a_new_one_alone(api, people, employers, make):
    await make("text", "entrance", required=True)
    assert (await api("post", "/employers", {"name": "Acme LLC"})).json()["fields"] == {"fields.entrance": "Please fill this in."}
    assert (await api("patch", f"/employers/{employers.erins}", {"phone": "508-555-0101"})).status_code == 200
    assert (await api("patch", f"/employers/{employers.erins}", {"fields": {"entrance": None}})).status_code == 422


async def test_what_is_sealed_goes_in_for_managers_and_never_out(api, people, employers, make):
    await make("text", "account", sensitivity="sealed")
    path = f"/employers/{employers.erins}"
    assert (await api("patch", path, {"fields": {"account": "Tulip 77"}}, who=people.alice)).status_code == 422
    answer = await api("patch", path, {"fields": {"account": "Tulip 77"}}, who=people.bob)
    assert answer.status_code == 200 and "Tulip" not in answer.text and "Tulip" not in (await api("get", path, who=people.bob)).text
    async with transaction(read_only=True):
        assert len((await own(people.bob, "employer", employers.erins)).now) == 1
    await api("patch", path, {"fields": {"account": None}}, who=people.bob)
    async with transaction(read_only=True):
        assert (await own(people.bob, "employer", employers.erins)).now == {}


async def test_a_list_is_narrowed_and_sorted_by_fields_as_on_the_page(api, people, employers, make):
    await make("choice", "lines")
    await make("number", "seats")
    for name, line, seats in (("Acme LLC", "red", 4), ("Bolt LLC", "blue", 9), ("Crate LLC", "red", 7)):
        await api("post", "/employers", {"name": name, "fields": {"lines": line, "seats": seats}})

    found = (await api("get", "/employers?added=lines:red&sort=-x_seats")).json()["items"]

    assert [(each["name"], each["fields"]["seats"]) for each in found] == [("Crate LLC", 7), ("Acme LLC", 4)]


@pytest.mark.parametrize(("query", "name", "told"), [
    ("added=lines:pink", "added", "“lines:pink” is none of the choices. Allowed: lines:blue, lines:green, lines:red."),
    ("added=lines:red,account:x", "added", "“account:x” is none"), ("sort=x_lots", "sort", "Allowed: city, name, recent, x_lines."),
])  # fmt: skip
async def test_a_field_that_is_not_there_or_not_theirs_narrows_and_sorts_no_list(api, people, make, query, name, told):
    await make("choice", "lines")
    await make("choice", "account", sensitivity="sealed")
    answer = await api("get", f"/employers?{query}")
    assert answer.status_code == 422 and told in answer.json()["fields"][name]
