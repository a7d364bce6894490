"""The API: the same rules as the pages, in JSON, for programs. Who gets in is `test_api_access.py`."""

import asyncio

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute
from tests.web.api import ROOT, count, is_problem


async def many_employers(number):
    async with acting(SYSTEM, "employer.made") as act:
        await execute("insert into employer (name, match_key) select 'Mill ' || lpad(i::text, 4, '0'), 'mill' || i "
                      "from generate_series(1, $1) i", number)  # fmt: skip
        act.record("employer", None)


# reading


async def test_lists_come_in_pages_that_miss_and_repeat_nothing(api, employers):
    await many_employers(120)
    program, seen, after = await api("alice"), [], ""
    while after is not None:
        page = (await program.get("/employers", params={"after": after} if after else {})).json()
        seen += [item["name"] for item in page["items"]]
        after = page["next"]
    assert len(seen) == 122
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("sort", ["name", "city", "recent"])
async def test_each_sort_goes_on_where_it_stopped(api, employers, sort):
    await many_employers(60)
    program = await api("alice")
    first = (await program.get("/employers", params={"sort": sort})).json()
    second = (await program.get("/employers", params={"sort": sort, "after": first["next"]})).json()
    ids = [item["id"] for item in first["items"] + second["items"]]
    assert len(ids) == len(set(ids)) == 62
    assert second["next"] is None


async def test_finds_by_words_and_narrows_as_the_page_does(api, employers, boards):
    program = await api("alice")
    assert [i["name"] for i in (await program.get("/employers", params={"q": "garage"})).json()["items"]] == ["Frank's Garage"]
    found = (await program.get("/employers", params={"board": str(boards.north)})).json()["items"]
    assert [i["name"] for i in found] == ["Erin's Bakery"]


async def test_tells_every_mistake_of_a_query_at_once(api):
    answer = await (await api("alice")).get("/employers?sort=bogus&board=x&colour=blue&after=%00")
    assert set(is_problem(answer, 422, "invalid")["fields"]) == {"sort", "board", "colour"}
    twice = await (await api("alice")).get("/employers?q=a&q=b")
    assert set(is_problem(twice, 422, "invalid")["fields"]) == {"q"}


@pytest.mark.parametrize(
    "path",
    ["/employers?after=zzz", "/employers?after=³", "/employers?q=a&after=³", "/boards?after=zzz", "/boards?after=WzFd", "/boards?after=é"],
)
async def test_refuses_a_cursor_that_is_not_ours(api, path):
    is_problem(await (await api("alice")).get(path), 422, "invalid")


async def test_what_a_role_does_not_see_is_absent(api, employers):
    whole = (await (await api("bob")).get(f"/employers/{employers.erins}")).json()
    part = (await (await api("teresa")).get(f"/employers/{employers.erins}")).json()
    assert set(whole) - set(part) == {"phone", "note", "fein_last4", "engagement_level", "engagement_score"}
    assert not {"fein_sealed", "fein_hash", "search_text"} & set(whole)


async def test_a_partner_sees_no_boards_pipeline_in_the_list(api, employers):
    await (await api("alice")).post(f"/employers/{employers.erins}/engagements", json={})
    rows = (await (await api("teresa")).get("/employers")).json()["items"]
    assert {row["engagement_id"] for row in rows} == {None}


async def test_what_is_not_there_is_a_404(api):
    program = await api("alice")
    nothing = "00000000-0000-0000-0000-000000000000"
    for path in (f"/employers/{nothing}", "/employers/x", f"/contacts/{nothing}", f"/boards/{nothing}/engagements", "/nowhere"):
        assert (await program.get(path)).status_code == 404, path


# writing


async def test_creates_an_employer_with_its_first_site(api):
    program = await api("alice")
    body = {"name": "Harbor Bakery", "dbas": ["The Harbor"], "city": "Worcester", "state": "MA", "line1": "12 Elm Street"}
    made = await program.post("/employers", json=body)
    assert made.status_code == 201
    sites = (await program.get(f"/employers/{made.json()['id']}/establishments")).json()["items"]
    assert [site["city"] for site in sites] == ["Worcester"]
    assert made.json()["dbas"] == ["The Harbor"]


async def test_tells_every_mistake_of_a_body_at_once(api):
    body = {"name": "X", "dbas": "no list", "city": 5, "colour": "blue"}
    answer = await (await api("alice")).post("/employers", json=body)
    assert set(is_problem(answer, 422, "invalid")["fields"]) == {"name", "dbas", "city", "colour"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"name": "\xed\xa0\x80"}', b"[" * 100_000])
async def test_any_bytes_are_a_clear_refusal(api, body):
    answer = await (await api("alice")).post("/employers", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_employer_that_is_here_already_is_a_conflict(api, employers):
    program = await api("alice")
    body = {"name": "Erin's Bakery", "city": "Worcester", "state": "MA"}
    told = is_problem(await program.post("/employers", json=body), 409, "conflict")
    assert str(employers.erins) in told["detail"]
    assert [(each["id"], each["score"] > 90, bool(each["reasons"])) for each in told["candidates"]] == [(str(employers.erins), True, True)]
    assert told["elsewhere"] is False
    assert (await program.post("/employers", json=body | {"anyway": True})).status_code == 201


async def test_changes_only_what_is_given(api, employers):
    program = await api("alice")
    before = (await program.get(f"/employers/{employers.erins}")).json()
    answer = await program.patch(f"/employers/{employers.erins}", json={"website": "erins.example.org"}, headers={"if-match": '"1"'})
    changed = {key for key, value in answer.json().items() if before[key] != value}
    assert changed == {"website", "updated_at", "version"}
    assert answer.headers["etag"] == '"2"'


async def test_of_two_changes_of_one_version_one_wins(api, employers):
    alice, bob = await api("alice"), await api("bob")
    headers = {"if-match": '"1"'}
    answers = await asyncio.gather(*(
        each.patch(f"/employers/{employers.erins}", json={"note": each.headers["authorization"][-5:]}, headers=headers)
        for each in (alice, bob)
    ))  # fmt: skip
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    is_problem(next(a for a in answers if a.status_code == 412), 412, "outdated")
    assert await count("select version from employer where id = $1", employers.erins) == 2


async def test_a_change_must_name_its_version(api, employers):
    is_problem(await (await api("alice")).patch(f"/employers/{employers.erins}", json={"note": "x"}), 428, "version_needed")


async def test_keeps_a_fein_and_never_sends_it_back(api, employers):
    program = await api("bob")
    answer = await program.patch(f"/employers/{employers.erins}", json={"fein": "12-3456789"}, headers={"if-match": "*"})
    assert answer.json()["fein_last4"] == "6789"
    assert "123456789" not in answer.text.replace("-", "")


async def test_sent_again_with_its_key_nothing_is_created_twice(api):
    program = await api("alice")
    headers = {"idempotency-key": "order-7"}
    answers = await asyncio.gather(*(
        program.post("/employers", json={"name": "Harbor Bakery", "anyway": True}, headers=headers) for _each in range(5)
    ))  # fmt: skip
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 4
    assert await count("select count(*) from employer where name = 'Harbor Bakery'") == 1


async def test_a_key_belongs_to_one_request_of_one_person(api):
    headers = {"idempotency-key": "order-7"}
    alice, bob = await api("alice"), await api("bob")
    await alice.post("/employers", json={"name": "Harbor Bakery"}, headers=headers)
    is_problem(await alice.post("/employers", json={"name": "Hill Bakery"}, headers=headers), 422, "invalid")
    assert (await bob.post("/employers", json={"name": "Hill Bakery"}, headers=headers)).status_code == 201


async def test_a_key_whose_request_failed_may_be_used_again(api):
    program, headers = await api("alice"), {"idempotency-key": "order-7"}
    is_problem(await program.post("/employers", json={"name": "Mill", "naics": "9999"}, headers=headers), 422, "invalid")
    assert (await program.post("/employers", json={"name": "Mill", "naics": "3118"}, headers=headers)).status_code == 201


async def test_keeps_people_at_an_employer(api, employers):
    program = await api("alice")
    made = await program.post(f"/employers/{employers.erins}/contacts", json={"given_name": "Ana", "email": "ana@harbor.example.org"})
    path = f"/contacts/{made.json()['id']}"
    changed = await program.patch(path, json={"role": "Owner"}, headers={"if-match": made.headers["etag"]})
    assert (changed.json()["given_name"], changed.json()["role"]) == ("Ana", "Owner")
    is_problem(await program.patch(path, json={"role": "X"}, headers={"if-match": made.headers["etag"]}), 412, "outdated")
    listed = (await program.get(f"/employers/{employers.erins}/contacts")).json()["items"]
    assert listed == [(await program.get(path)).json()]


async def test_a_contact_works_at_a_site_of_their_own_employer(api, employers):
    program = await api("alice")
    site = (await program.get(f"/employers/{employers.franks}/establishments")).json()["items"][0]["id"]
    body = {"given_name": "Ana", "establishment_id": site}
    answer = await program.post(f"/employers/{employers.erins}/contacts", json=body)
    assert set(is_problem(answer, 422, "invalid")["fields"]) == {"establishment_id"}


async def test_moves_an_engagement_as_the_board_does(api, employers, boards):
    program = await api("alice")
    stages = (await program.get(f"/boards/{boards.north}/stages")).json()["items"]
    made = await program.post(f"/employers/{employers.erins}/engagements", json={})
    path = f"/engagements/{made.json()['id']}"
    moved = await program.patch(f"{path}/stage", json={"stage_id": stages[1]["id"]}, headers={"if-match": made.headers["etag"]})
    assert moved.json()["stage_id"] == stages[1]["id"]
    declined = next(stage["id"] for stage in stages if stage["code"] == "declined")
    refused = await program.patch(f"{path}/stage", json={"stage_id": declined}, headers={"if-match": "*"})
    assert "reason" in is_problem(refused, 422, "invalid")["detail"]
    listed = (await program.get(f"/boards/{boards.north}/engagements", params={"stage": stages[1]["id"]})).json()["items"]
    assert [item["id"] for item in listed] == [made.json()["id"]]


async def test_no_other_board_moves_it(api, employers, boards):
    made = (await (await api("alice")).post(f"/employers/{employers.erins}/engagements", json={})).json()
    charlie = await api("charlie")
    answer = await charlie.patch(f"/engagements/{made['id']}/stage", json={"stage_id": made["stage_id"]}, headers={"if-match": "*"})
    is_problem(answer, 404, "not_found")


async def test_logs_what_was_done_on_ones_own_boards_timeline(api, employers):
    program = await api("alice")
    made = await program.post(f"/employers/{employers.erins}/activities", json={"kind": "call", "summary": "Asked about spring"})
    assert made.status_code == 201
    listed = (await program.get(f"/employers/{employers.erins}/activities")).json()["items"]
    assert listed == [made.json()]
    assert (await (await api("charlie")).get(f"/employers/{employers.erins}/activities")).json()["items"] == []


async def test_an_activity_is_with_someone_of_that_employer(api, employers):
    program = await api("alice")
    theirs = (await program.post(f"/employers/{employers.franks}/contacts", json={"given_name": "Frank"})).json()
    body = {"kind": "call", "summary": "Rang", "contact_id": theirs["person_id"]}
    answer = await program.post(f"/employers/{employers.erins}/activities", json=body)
    assert set(is_problem(answer, 422, "invalid")["fields"]) == {"contact_id"}


# what it says of itself


async def test_describes_every_address_with_its_problems_and_its_key(api):
    program = await api("alice")
    described = (await program.get("/schema/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for path, item in described["paths"].items():
        assert path.startswith(f"{ROOT}/")
        for operation in item.values():
            assert operation["summary"]
            assert operation["description"]
            assert operation["security"] == [{"token": []}]
            assert {"400", "401", "403", "404", "422", "429"} <= set(operation["responses"])
            for code, answer in operation["responses"].items():
                assert (code < "300") == ("application/json" in answer["content"])
                assert (code > "300") == ("application/problem+json" in answer["content"])


async def test_its_manual_names_every_address(browse, people, api):
    page = (await browse(people.alice).get(f"{ROOT}/docs")).text
    described = (await (await api("alice")).get("/schema/openapi.json")).json()
    for path, item in described["paths"].items():
        assert path in page
        for operation in item.values():
            assert f'id="{operation["operationId"]}"' in page
    assert "<script>" not in page
    assert "style=" not in page


async def test_its_manual_asks_a_visitor_to_sign_in(client):
    answer = await client.get(f"{ROOT}/docs", headers={"accept": "text/html"})
    assert answer.headers["location"] == f"/sign-in?next={ROOT}/docs"
