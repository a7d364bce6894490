"""Who lets whom in: managers their own board's people, the state office everyone."""

import re

import pytest

from crm.database import execute, fetch, fetch_value, transaction

PASSWORD = "correct horse battery staple"


async def invite(browser, **fields):
    given = {"email": "nora@example.org", "name": "Nora", "role": "board_staff", "language": "en"}
    return await browser.submit("/people/invite", page="/people", **given | fields)


async def newest_mail(to):
    async with transaction(read_only=True):
        return await fetch_value(
            "select template || ' ' || text_body from mail_message where to_address = $1 order by created_at desc limit 1", to
        ) or ""


async def test_a_manager_invites_to_their_board_and_the_person_signs_in(browse, people, boards):
    assert (await invite(browse(people.bob), board_id=boards.north)).status_code == 303
    link = re.search(r"http://crm\.test(/sign-in/invitation/\S+)", await newest_mail("nora@example.org"))[1]
    nora = browse()
    for _look in range(3):
        assert (await nora.get(link)).status_code == 200
    assert (await nora.submit(link, password="too short")).status_code == 422
    assert (await nora.submit(link, password=PASSWORD)).status_code == 303
    assert (await nora.submit(link, password=PASSWORD + " again")).status_code == 422
    assert (await nora.submit("/sign-in", email="nora@example.org", password=PASSWORD)).status_code == 303
    assert (await nora.get("/employers")).status_code == 200


async def test_the_code_in_the_mail_does_the_same(browse, people, boards):
    await invite(browse(people.bob), board_id=boards.north)
    code = re.search(r"\b\d{8}\b", await newest_mail("nora@example.org"))[0]
    fields = {"email": "nora@example.org", "password": PASSWORD}
    assert (await browse().submit("/sign-in/invitation-code", code="00000000", **fields)).status_code == 422
    assert (await browse().submit("/sign-in/invitation-code", code=code, **fields)).status_code == 303
    assert (await browse().submit("/sign-in/invitation-code", code=code, **fields)).status_code == 422


@pytest.mark.parametrize("role", ["state_admin", "state_analyst", "auditor"])
async def test_a_manager_grants_no_role_of_the_state(browse, people, role):
    assert (await invite(browse(people.bob), role=role)).status_code == 422
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from account where email = 'nora@example.org'") == 0


async def test_a_manager_grants_no_role_of_another_board(browse, people, boards):
    assert (await invite(browse(people.bob), board_id=boards.south)).status_code == 422


@pytest.mark.parametrize("fields", [{"role": "board_staff"}, {"role": "partner"}, {"email": "nobody"}, {"name": ""}, {"extra": "1"}])
async def test_what_is_missing_is_said_and_what_was_typed_stays(browse, people, boards, fields):
    page = await invite(browse(people.sam), **{"board_id": "" if "role" in fields else boards.north} | fields)
    assert page.status_code == 422
    assert "Please check what you entered" in page.text
    assert fields.get("email", "nora@example.org") in page.text


async def test_inviting_a_known_person_adds_the_role_and_keeps_their_password(browse, people, boards):
    await invite(browse(people.sam), email="Alice@example.org", board_id=boards.south)
    mail = await newest_mail("alice@example.org")
    assert mail.startswith("security_notice")
    assert "/sign-in/invitation/" not in mail
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from role_grant where account_id = $1", people.alice.account_id) == 2


async def test_a_new_link_ends_the_old_sessions_and_the_old_link(browse, people):
    alice, sam = browse(people.alice), browse(people.sam)
    await sam.submit(f"/people/{people.alice.account_id}/invite", page="/people")
    first = re.search(r"crm\.test(/sign-in/invitation/\S+)", await newest_mail("alice@example.org"))[1]
    await sam.submit(f"/people/{people.alice.account_id}/invite", page="/people")
    second = re.search(r"crm\.test(/sign-in/invitation/\S+)", await newest_mail("alice@example.org"))[1]
    assert (await browse().submit(first, password=PASSWORD)).status_code == 422
    assert (await alice.get("/account")).status_code == 200
    assert (await browse().submit(second, password=PASSWORD)).status_code == 303
    assert (await alice.get("/account")).status_code == 303


async def test_a_new_link_lets_in_one_whom_strangers_locked_out(browse, people):
    async with transaction():
        await execute("insert into sign_in_throttle (key, misses) select $1, 10000", _everywhere("alice@example.org"))
    fields = {"email": "alice@example.org", "password": PASSWORD}
    assert (await browse().submit("/sign-in", **fields)).status_code == 429
    await browse(people.sam).submit(f"/people/{people.alice.account_id}/invite", page="/people")
    link = re.search(r"crm\.test(/sign-in/invitation/\S+)", await newest_mail("alice@example.org"))[1]
    await browse().submit(link, password=PASSWORD)
    assert (await browse().submit("/sign-in", **fields)).status_code == 303


def _everywhere(email):
    from crm.accounts.throttling import _key

    return _key(email, "everywhere")


@pytest.mark.parametrize("act", ["disable", "enable", "invite"])
@pytest.mark.parametrize("who", ["charlie", "sam", "frank"])
async def test_a_manager_cannot_touch_other_peoples_people(browse, people, who, act):
    them = getattr(people, who).account_id
    assert (await browse(people.bob).submit(f"/people/{them}/{act}", page="/people")).status_code == 404
    async with transaction(read_only=True):
        assert await fetch_value("select disabled_at is null from account where id = $1", them)


async def test_one_with_a_role_of_the_state_is_not_a_managers(browse, people, boards):
    await invite(browse(people.sam), email="alice@example.org", role="state_admin")
    assert (await browse(people.bob).submit(f"/people/{people.alice.account_id}/disable", page="/people")).status_code == 404


async def test_managers_see_their_own_people_alone(browse, people):
    page = (await browse(people.bob).get("/people")).text
    assert "alice@example.org" in page
    assert "teresa@example.org" in page  # of the board's partner
    assert "erin@example.org" in page  # of an employer in the board's area
    assert "charlie@example.org" not in page
    assert "sam@example.org" not in page


async def test_a_role_taken_back_ends_with_the_next_request(browse, people):
    alice = browse(people.alice)
    async with transaction(read_only=True):
        grant = await fetch_value("select id from role_grant where account_id = $1", people.alice.account_id)
    assert (await alice.get("/employers")).status_code == 200
    assert (await browse(people.bob).submit(f"/people/grants/{grant}/revoke", page="/people")).status_code == 303
    assert (await alice.get("/employers")).status_code == 403


async def test_no_one_disables_or_demotes_themselves(browse, people):
    sam = browse(people.sam)
    async with transaction(read_only=True):
        grant = await fetch_value("select id from role_grant where account_id = $1", people.sam.account_id)
    assert (await sam.submit(f"/people/{people.sam.account_id}/disable", page="/people")).status_code == 409
    assert (await sam.submit(f"/people/grants/{grant}/revoke", page="/people")).status_code == 409


async def test_a_name_with_an_apostrophe_is_written_as_it_is(browse, people, boards):
    await invite(browse(people.bob), name="Nora O'Brien", board_id=boards.north)
    assert "Hello Nora O'Brien," in await newest_mail("nora@example.org")


async def test_ones_own_name_language_and_password(browse, people):
    erin, elsewhere = browse(people.erin), browse(people.erin)
    fields = {"name": "Erin Baker", "language": "es", "density": "compact"}
    assert (await erin.submit("/account/preferences", page="/account", **fields)).status_code == 303
    assert 'lang="es"' in (await erin.get("/account")).text
    assert (await erin.submit("/account/password", page="/account", password="erin erin erin erin")).status_code == 422
    assert (await erin.submit("/account/password", page="/account", password=PASSWORD)).status_code == 303
    assert (await elsewhere.get("/account")).status_code == 200  # the same session
    assert (await newest_mail("erin@example.org")).startswith("security_notice")
    async with transaction(read_only=True):
        record = [tuple(row) for row in await fetch("select verb from audit_entry where subject_id = $1", people.erin.account_id)]
    assert ("account.password_changed",) in record


async def test_ones_own_sessions_end_when_told_and_no_one_elses(browse, people):
    alice = browse(people.alice)
    async with transaction(read_only=True):
        bobs = await fetch_value("select id from session where account_id = $1", people.bob.account_id)
    assert (await alice.submit(f"/account/sessions/{bobs}/close", page="/account")).status_code == 404
    assert (await browse(people.bob).get("/account")).status_code == 200
    assert (await alice.submit(f"/account/sessions/{people.alice.session_id}/close", page="/account")).status_code == 303
    assert (await alice.get("/account")).status_code == 303


async def test_a_visitor_chooses_the_language(client, database):
    assert (await client.submit("/language", language="es", next="/sign-in")).headers["location"] == "/sign-in"
    assert 'lang="es"' in (await client.get("/sign-in")).text
