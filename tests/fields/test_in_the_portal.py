"""Employers see and change in the portal what the state says they may, of their own employer alone, and the database holds to it again."""

from contextlib import suppress

import asyncpg
import pytest

from crm.database import Login, execute, fetch, fetch_value, transaction
from crm.fields.own import own
from tests.editing import EditForm


@pytest.fixture
async def fields(make, people, employers):
    await make("text", "entrance", portal="shown")
    await make("choices", "lines", portal="edited")
    await make("text", "inner")
    async with transaction():
        for whose in (employers.erins, employers.franks):
            await (await own(people.alice, "employer", whose)).keep(people.alice, whose, {"x_entrance": "Backdoor", "x_lines": ["red"], "x_inner": "Secretly"})


async def test_an_employer_sees_what_is_shown_and_changes_what_it_may(browse, people, employers, fields):
    erin = browse(people.erin)
    home = (await erin.get("/portal")).text
    assert "Backdoor" in home and "Red line" in home and "Secretly" not in home
    form = await EditForm(erin, f"/portal/employers/{employers.erins}").open()
    assert "x_lines" in form.text and "x_entrance" not in form.text and "Why we ask" in form.text
    assert (await form.save(x_lines=["blue"])).status_code == 303
    async with transaction(read_only=True):
        assert (await own(people.alice, "employer", employers.erins)).now == {"x_entrance": "Backdoor", "x_lines": ["blue"], "x_inner": "Secretly"}
        assert await fetch_value("select after from audit_entry where verb = 'employer.changed'") == {"x_lines": ["blue"]}


async def test_an_employer_and_its_board_change_different_fields_and_both_are_kept(browse, people, employers, fields):
    theirs = await EditForm(browse(people.erin), f"/portal/employers/{employers.erins}").open()
    await (await EditForm(browse(people.alice), f"/employers/{employers.erins}/edit").open()).save(phone="508-555-0101", x_entrance="Side")
    saved = await theirs.save(x_lines=["blue"], employee_count="7")
    assert saved.status_code == 303
    async with transaction(read_only=True):
        assert (await own(people.alice, "employer", employers.erins)).now == {"x_entrance": "Side", "x_lines": ["blue"], "x_inner": "Secretly"}
        assert dict((await fetch("select phone, employee_count from employer where id = $1", employers.erins))[0]) == {"phone": "+15085550101", "employee_count": 7}


async def test_where_both_change_one_field_the_employer_sees_both_values_and_chooses(browse, people, employers, fields):
    theirs = await EditForm(browse(people.erin), f"/portal/employers/{employers.erins}").open()
    await (await EditForm(browse(people.alice), f"/employers/{employers.erins}/edit").open()).save(x_lines=["red", "blue"], phone="508-555-0101")
    conflict = await theirs.save(x_lines=["blue"], phone="508-555-0199")
    assert conflict.status_code == 409 and "Lines: theirs “Red line, Blue line”" in conflict.text and "Phone: theirs “(508) 555-0101”" in conflict.text
    assert 'value="508-555-0199"' in conflict.text and "Secretly" not in conflict.text
    assert (await theirs.save(x_lines=["blue"])).status_code == 303
    async with transaction(read_only=True):
        assert (await own(people.alice, "employer", employers.erins)).now["x_lines"] == ["blue"]
        assert await fetch_value("select phone from employer where id = $1", employers.erins) == "+15085550199"


async def test_what_is_not_asked_cannot_be_sent(browse, people, employers, fields):
    form = await EditForm(browse(people.erin), f"/portal/employers/{employers.erins}").open()
    for name in ("x_entrance", "x_inner"):
        assert (await form.save(**{name: "mine"})).status_code == 422
    wrong = await form.save(x_lines=["pink"])
    assert wrong.status_code == 422


@pytest.mark.parametrize("attack", [
    "update custom_value set value = '1'", "delete from custom_value", "update custom_field set portal = 'edited'", "update custom_value set employer_id = $1",
    "insert into custom_value (field_id, employer_id, value) select id, $1, '1' from custom_field", "update custom_value set sealed = '1', value = null",
])  # fmt: skip
async def test_raw_sql_gets_no_further(people, employers, fields, attack):
    async with transaction(read_only=True):
        before = await fetch("select v.* from custom_value v join custom_field d on d.id = v.field_id where d.portal <> 'edited' or v.employer_id = $1 order by v.id", employers.franks)
    async with transaction(Login.PORTAL, session_secret=people.erin.session_secret):
        assert await fetch_value("select count(*) from custom_value") == 2
    with suppress(asyncpg.PostgresError):
        async with transaction(Login.PORTAL, session_secret=people.erin.session_secret):
            await execute(attack, *([employers.franks] if "$1" in attack else []))
    async with transaction(read_only=True):
        after = await fetch("select v.* from custom_value v join custom_field d on d.id = v.field_id where d.portal <> 'edited' or v.employer_id = $1 order by v.id", employers.franks)
    assert before == after
