"""Two rows that are one employer: found, compared, made one, and made two again as if nothing had been."""

import asyncio
from datetime import date
from types import SimpleNamespace
from uuid import uuid4

import pytest

from crm.access import SYSTEM
from crm.actions import acting
from crm.contacts import actions as contacts
from crm.contacts.forms import ContactForm
from crm.database import execute, fetch, fetch_one, fetch_value, transaction
from crm.employer_events import guests
from crm.employers import actions, merging, sweeping
from crm.employers.forms import NewEmployerForm
from crm.engagements import actions as engagements
from crm.engagements import activities, courtesy, tasks
from crm.engagements.forms import ActivityForm, ClaimForm, StopForm, TaskForm
from crm.errors import Conflict, Invalid
from crm.pledges import actions as pledges
from crm.pledges.forms import PledgeForm
from crm.work import RunningJob

TODAY = date(2026, 11, 23)
# what every change leaves behind, and what is derived
NOISE = {"version", "updated_at"}


async def employer(who, name, **fields):
    form = NewEmployerForm(name=name, line1="1 Main Street", city="Worcester", state="MA", zip="01608", **fields)
    made = await actions.create_employer(who, form, source="mail")  # what is alike goes into the queue
    person = await contacts.add_contact(who, made, ContactForm(given_name="Ana", email=f"{made}@work.example.com", is_primary=True))
    await engagements.start(who, made)
    await activities.log_activity(who, made, ActivityForm(kind="call", summary=f"Called {name}", contact_id=person), zone="UTC", today=TODAY)
    await tasks.add_task(who, TaskForm(title=f"Visit {name}"), employer_id=made)
    await courtesy.claim(who, made, ClaimForm(), days=14)
    await courtesy.stop(who, StopForm(reason="x", channel="text"), employer_id=made)
    async with transaction():
        drive = await fetch_value("insert into pledge_drive (name_en, name_es, first_day, last_day, goal) values ('x', 'x', now(), now(), 9) returning id")
        event = await fetch_value("insert into employer_event (board_id, kind, title_en, starts_at, ends_at, sign_up_code) values ($1, 'tour', 'x', now(), "
                                  "now() + interval '1 hour', gen_random_uuid()) returning id", who.home_board)  # fmt: skip
    await guests.invite(who, event, made, person)
    await pledges.add(who, made, PledgeForm(drive_id=drive, kind="project", slots=2), today=TODAY)
    return made


@pytest.fixture
async def two(people, boards, program):
    return SimpleNamespace(
        bakery=await employer(people.alice, "Harborview Bakery LLC", website="harborview.example"),
        baker=await employer(people.alice, "Harbor View Bakery", fein="12-3456789", phone="508-555-0101"),
    )


async def dump():
    """All that belongs to employers, without what every change leaves behind."""
    async with transaction(read_only=True):
        return {
            table: sorted(
                [{key: value for key, value in dict(row).items() if key not in NOISE} for row in await fetch(f"select t.* from {table} t")],
                key=lambda row: str(row["id"]),
            )
            for table in ("employer", *merging.MOVES)
        }


async def row(employer_id):
    async with transaction(read_only=True):
        return dict(await fetch_one("select * from employer where id = $1", employer_id))


async def test_everything_moves_to_the_one_that_stays(two, people):
    before = await dump()
    await merging.merge(people.alice, two.bakery, two.baker, {})
    after = await dump()
    for table in merging.MOVES:
        assert {each["id"] for each in before[table]} == {each["id"] for each in after[table]}, table
        assert two.baker not in {each["employer_id"] for each in after[table]}, table
    kept, gone = await row(two.bakery), await row(two.baker)
    assert (kept["name"], kept["dbas"], kept["website"], kept["phone"], kept["fein_last4"], kept["establishment_count"]) == (
        "Harborview Bakery LLC", ["Harbor View Bakery"], "https://harborview.example", "+15085550101", "6789", 2)  # fmt: skip
    assert gone["merged_into"] == two.bakery and gone["archived_at"]
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from engagement where archived_at is null") == 1
        assert await fetch_value("select count(*) from establishment where is_primary and employer_id = $1", two.bakery) == 1


@pytest.mark.parametrize("take", [{}, {"name": "gone", "website": "gone"}, {"phone": "kept"}], ids=["nothing chosen", "theirs", "ours"])
async def test_undo_leaves_it_as_it_was_before(two, people, take):
    before = await dump()
    merge = await merging.merge(people.alice, two.bakery, two.baker, take)
    assert await dump() != before
    assert await merging.undo(people.bob, merge) == merging.Undone([], 0)
    assert await dump() == before
    with pytest.raises(Conflict, match="undone already"):
        await merging.undo(people.alice, merge)


async def test_what_was_changed_since_stays_and_is_told(two, people, superuser):
    merge = await merging.merge(people.alice, two.bakery, two.baker, {})
    await superuser(f"update employer set phone = '+15085550199' where id = '{two.bakery}'")
    third = await employer(people.alice, "Another Place")
    async with acting(SYSTEM, "test.moved") as act:
        await execute("update task set employer_id = $1 where title = 'Visit Harbor View Bakery'", third)
        act.record("task", None)
    assert await merging.undo(people.alice, merge) == merging.Undone(["phone"], 1)
    assert (await row(two.bakery))["phone"] == "+15085550199"
    assert (await row(two.baker))["phone"] == "+15085550101"


async def test_two_feins_are_two_employers(two, people, superuser):
    other = await employer(people.alice, "Harborview Bakeries", fein="98-7654321")
    with pytest.raises(Conflict, match="FEINs differ"):
        await merging.merge(people.alice, two.baker, other, {})
    assert (await row(other))["merged_into"] is None
    with pytest.raises(Invalid):
        await merging.merge(people.alice, other, other, {})


async def test_two_merges_of_one_pair_at_once_make_one(two, people):
    tried = await asyncio.gather(
        merging.merge(people.alice, two.bakery, two.baker, {}), merging.merge(people.bob, two.baker, two.bakery, {}), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in tried) == ["Conflict", "UUID"]


async def test_an_old_link_leads_to_the_one_that_stays(two, people, browse):
    await merging.merge(people.alice, two.bakery, two.baker, {})
    page = browse(people.alice)
    answer = await page.get(f"/employers/{two.baker}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/employers/{two.bakery}")
    assert "Harbor View Bakery was merged into this employer." in (await page.get(f"/employers/{two.bakery}")).text


async def test_every_table_with_an_employers_rows_is_moved(database):
    """Those that name an employer without belonging to one: itself, and what was decided about two."""
    async with transaction(read_only=True):
        found = await fetch("select distinct conrelid::regclass::text as name from pg_constraint where contype = 'f' and confrelid = 'employer'::regclass")
    assert {each["name"] for each in found} - {"employer", "employer_merge", "duplicate_pair"} == set(merging.MOVES) - {"stored_file"}


# ── the sweep ──


async def sweep():
    async with acting(SYSTEM, "test.job") as act:
        job = await fetch_value("insert into job (id, name, title, arguments, actor_kind, state, attempt, lease_until) values "
                                "($1, 'employers.sweep', 'x', '{}', 'system', 'running', 1, now() + interval '1 minute') returning id", uuid4())  # fmt: skip
        act.record("job", job)
    return await sweeping.sweep(RunningJob(job, "employers.sweep", 1, SYSTEM))


async def pairs():
    async with transaction(read_only=True):
        return await fetch("select d.*, l.name as left_name, r.name as right_name from duplicate_pair d join employer l on l.id = d.left_id "
                           "join employer r on r.id = d.right_id order by d.score desc")  # fmt: skip


async def listed(*rows):
    """Employers by name and more, as an import leaves them."""
    async with acting(SYSTEM, "test.listed") as act:
        for name, fields in rows:
            values = {"name": name, "match_key": sweeping_key(name), **fields}
            await execute(f"insert into employer ({', '.join(values)}) values ({', '.join(f'${n}' for n in range(1, len(values) + 1))})", *values.values())
        act.record("employers", None)


def sweeping_key(name):
    from crm.names import match_key

    return match_key(name)


async def test_the_sweep_finds_likely_ones_with_the_reason_and_only_these(database, program):
    await listed(
        ("Acme Tools LLC", {"city": "Lynn", "state": "MA"}), ("ACME TOOLS, INC.", {"city": "Lynn", "state": "MA"}),
        ("Beta Foods", {"domain": "beta.example"}), ("Beta Food Company", {"domain": "beta.example"}),
        ("Gamma", {"phone": "+15085550101"}), ("Delta", {"phone": "+15085550101"}),
        ("Zeta Gardnes", {"zip": "01901"}), ("Zeta Gardens", {"zip": "01901"}), ("Zeta Works", {"zip": "01901"}),
        ("Store 12", {"city": "Lynn"}), ("Store 14", {"city": "Lynn"}),
    )  # fmt: skip
    assert await sweep() == {"found": 3, "url": "/duplicates"}
    found = await pairs()
    named = {frozenset({each["left_name"], each["right_name"]}): each["why"] for each in found}
    assert set(named) == {frozenset({"Acme Tools LLC", "ACME TOOLS, INC."}), frozenset({"Beta Foods", "Beta Food Company"}),
                          frozenset({"Zeta Gardnes", "Zeta Gardens"})}  # fmt: skip
    assert "Same name apart from capitals" in found[0]["why"]
    assert "same website" in named[frozenset({"Beta Foods", "Beta Food Company"})]


async def test_what_was_decided_is_not_asked_again(database, program, people):
    await listed(("Acme Tools LLC", {}), ("Acme Tools Inc", {}))
    await sweep()
    [pair] = await pairs()
    await merging.say_apart(people.alice, pair["id"])
    assert (await sweep())["found"] == 0
    assert (await pairs())[0]["state"] == "apart"


async def test_a_sweep_that_was_cut_off_goes_on_and_finds_the_same(database, program, monkeypatch):
    await listed(*((f"Acme {number} {kind}", {}) for number in range(20) for kind in ("LLC", "Inc")))
    monkeypatch.setattr(sweeping, "PART", 7)
    keep, parts = sweeping.pair, []

    async def dying(found):
        parts.append(len(found))
        if len(parts) == 3:
            raise RuntimeError("cut off")
        return await keep(found)

    monkeypatch.setattr(sweeping, "pair", dying)
    with pytest.raises(RuntimeError):
        await sweep()
    assert 0 < len(await pairs()) < 20
    await sweep()
    assert len(await pairs()) == 20


async def test_a_specialist_compares_merges_and_undoes_on_the_pages(people, program, browse, two):
    await sweep()
    [pair] = await pairs()
    page = browse(people.alice)
    assert "Harborview Bakery LLC" in (await page.get("/duplicates")).text
    shown = (await page.get(f"/duplicates/{pair['id']}")).text
    assert "Are these one?" in shown and "(508) 555-0101" in shown
    assert (await page.submit(f"/duplicates/{pair['id']}/merge")).status_code == 422
    keep = "left" if pair["left_id"] == two.bakery else "right"
    done = await page.submit(f"/duplicates/{pair['id']}/merge", keep=keep, name=keep)
    assert done.headers["location"] == f"/employers/{two.bakery}"
    async with transaction(read_only=True):
        merge = await fetch_value("select id from employer_merge")
    assert "Merged lately" in (await page.get("/duplicates")).text
    await page.submit(f"/merges/{merge}/undo")
    assert (await page.get(f"/employers/{two.baker}")).status_code == 200
    assert (await row(two.baker))["merged_into"] is None
