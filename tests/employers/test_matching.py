"""One service says who may be who, for every way in: the same keys, the same score, what the state office wants done."""

import asyncio
import csv
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import access, sdk
from crm.access import SYSTEM
from crm.actions import acting
from crm.addresses import Address
from crm.database import Login, execute, fetch, fetch_one, fetch_value, transaction
from crm.employers import actions
from crm.employers.forms import EmployerForm, NewEmployerForm
from crm.employers.importing import actions as importing
from crm.employers.matching import candidates as asked
from crm.employers.matching import policy
from crm.employers.matching.admitting import LikelyDuplicate
from crm.employers.matching.candidates import candidates
from crm.employers.matching.keys import Facts, former_names, name_keys, typed
from crm.employers.matching.scoring import LIKELY, likeness
from crm.engagements.asking import ask_elsewhere
from crm.errors import Denied, NotFound
from crm.names import match_key
from crm.sql import Sql
from tests.employers.test_merging import sweep

WORCESTER = Address("1 Main Street", "", "Worcester", "MA", "01608")
WORCESTER_TOO = Address("1 MAIN ST", "Suite 4", "Worcester", "MA", "01608-1111")
LIST = Path(__file__).parents[3] / "shared" / "data" / "sba_ppp_montana_150k_plus.csv"


def new(name, **fields):
    return NewEmployerForm(**{"name": name, "city": "Worcester", "state": "MA", **fields})


async def found(actor, form):
    async with transaction(read_only=True):
        return await candidates(actor, actions.facts_of(form))


async def stored(employer_id):
    async with transaction(read_only=True):
        return await fetch_one("select * from employer where id = $1", employer_id)


async def pairs():
    async with transaction(read_only=True):
        return await fetch("select * from duplicate_pair order by score desc")


# ── keys ──

names = st.lists(st.sampled_from(["acme", "harbor", "café", "joes", "tool", "works", "of", "north", "12", "bros", "mfg"]), min_size=1, max_size=4).map(" ".join)
forms = st.sampled_from(["", " LLC", ", Inc.", " Co", " Corporation", " L.L.C.", " Limited Liability Company"])


@given(names, forms, forms)
def test_a_legal_form_capitals_and_accents_make_no_other_name(name, first, second):
    assert match_key(f"{name}{first}") == match_key(f"{name.upper().replace('É', 'E')}{second}")


@given(names)
def test_a_key_of_a_key_is_the_same_key(name):
    assert match_key(match_key(name)) == match_key(name)


@given(names, st.lists(names, max_size=4), st.lists(names, max_size=4))
def test_other_names_are_kept_once_and_never_beside_the_same_legal_name(name, dbas, former):
    legal, others = name_keys(name, dbas, former)
    assert len(set(others)) == len(others)
    assert legal not in others and "" not in others


@given(names, names, st.sampled_from(["", "a.example"]), st.sampled_from(["", "b.example"]))
def test_a_score_is_the_same_from_both_sides(first, second, ours, theirs):
    left, right = Facts((match_key(first),), domain=ours), Facts((match_key(second),), domain=theirs)
    assert likeness(left, right) == likeness(right, left) or likeness(left, right).score == likeness(right, left).score
    assert 0 <= likeness(left, right).score <= 100


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ({"name": "ABC Holdings LLC", "dbas": ["Joe's Diner"]}, {"name": "Joes Diner"}, "other's name"),
        ({"name": "Acme Tools", "fein": "12-3456789"}, {"name": "Quabbin Precision", "fein": "12-3456789"}, "same FEIN"),
        ({"name": "Acme Tool", "phone": "508-555-0101"}, {"name": "Acme Tools Inc", "phone": "(508) 555-0101 ext 3"}, "same phone"),
        ({"name": "Acme Tool", "address": WORCESTER}, {"name": "Acme Tools Inc", "address": WORCESTER_TOO}, "same address"),
        ({"name": "Beta Foods", "website": "www.beta.example"}, {"name": "Beta Food Company", "email": "ana@beta.example"}, "same website"),
    ],
    ids=["trade name", "FEIN", "phone", "door", "website and mail address"],
)  # fmt: skip
def test_each_kind_of_key_says_why(first, second, why):
    alike = likeness(typed(**first), typed(**second))
    assert alike.score >= LIKELY and why in alike.why


def test_two_feins_are_two_employers_whatever_they_share():
    assert likeness(typed("Acme", fein="12-3456789"), typed("Acme", fein="98-7654321")).score == 0


def test_a_free_mail_provider_tells_no_one_apart():
    assert typed("Acme", email="acme@gmail.com").domain == ""


def test_a_new_name_leaves_the_old_one_among_the_former_and_another_spelling_leaves_none():
    assert former_names("Acme Tools LLC", "Zenith Tools", []) == ["Acme Tools LLC"]
    assert former_names("Acme Tools LLC", "ACME TOOLS, Inc.", []) == []
    assert former_names("Zenith Tools", "Acme Tools", ["Acme Tools LLC"]) == ["Zenith Tools"]


@pytest.mark.skipif(not LIST.exists(), reason="the list of the Small Business Administration is not here")
def test_real_names_keep_their_keys_when_they_are_written_otherwise():
    with LIST.open(encoding="utf-8-sig") as source:
        real = [row["BusinessName"] for row, _n in zip(csv.DictReader(source), range(2000), strict=False) if row["BusinessName"].strip()]
    assert len(real) > 1000
    for name in real:
        assert likeness(typed(name), typed(name.lower())).score >= 98, name


# ── kept on write ──


async def test_trade_and_former_names_are_kept_and_found_by(people, employers):
    made = await actions.create_employer(people.alice, new("ABC Holdings LLC", dbas="Joe's Diner"))
    form = EmployerForm(name="Zenith Holdings", dbas="Joe's Diner", version=1)
    await actions.change_employer(people.alice, made, form)
    kept = await stored(made)
    assert (kept["former_names"], kept["other_keys"], kept["keyed"]) == (["ABC Holdings LLC"], ["joes diner", "abc holdings"], True)
    for name in ("Joes Diner", "A.B.C. Holdings Inc", "Zenith Holdings Co"):
        assert [each.employer["id"] for each in (await found(people.alice, new(name))).candidates] == [made], name


async def test_an_owner_who_renames_leaves_the_former_name(people, employers, browse):
    page = f"/portal/employers/{employers.erins}"
    assert (await browse(people.erin).submit(page, page=page, name="Sunrise Bread", version="1")).status_code == 303
    kept = await stored(employers.erins)
    assert (kept["former_names"], kept["match_key"], kept["other_keys"]) == (["Erin's Bakery"], "sunrise bread", ["erins bakery"])


async def test_a_list_brings_trade_and_former_names(people, employers, tmp_path):
    sheet = tmp_path / "list.csv"
    sheet.write_text("Company,City,State\nABC Holdings LLC dba Joe's Diner fka Old Mill Inc,Lynn,MA\n", encoding="utf-8")
    import_id = await importing.start(SYSTEM, sheet, "list.csv")
    await importing.check(SYSTEM, import_id, sheet)
    await importing.apply(SYSTEM, import_id)
    async with transaction(read_only=True):
        row = await fetch_one("select * from employer where match_key = 'abc holdings'")
    assert (row["dbas"], row["former_names"], row["other_keys"]) == (["Joe's Diner"], ["Old Mill Inc"], ["joes diner", "old mill"])


async def test_what_is_written_without_keys_gets_them(people, employers):
    async with acting(SYSTEM, "test.written") as act:
        await execute("update employer set dbas = array['Daily Bread'] where id = $1", employers.erins)
        act.record("employer", employers.erins)
    assert (await stored(employers.erins))["keyed"] is False
    await sweep()
    kept = await stored(employers.erins)
    assert (kept["keyed"], kept["other_keys"], kept["match_key"]) == (True, ["daily bread"], "erins bakery")


# ── every way in ──


async def test_two_people_who_add_one_employer_at_once_add_one(people, employers):
    tried = await asyncio.gather(
        *(actions.create_employer(who, new("Quabbin Tools LLC")) for who in (people.alice, people.bob, people.charlie)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in tried) == ["LikelyDuplicate", "LikelyDuplicate", "UUID"]


async def test_the_policy_of_each_way_in_decides(people, employers):
    same = new("Erin's Bakery Inc")
    with pytest.raises(LikelyDuplicate, match="is here already.*Say that this is another"):
        await actions.create_employer(people.alice, same)
    with pytest.raises(LikelyDuplicate, match="lets no one"):
        await sdk.add_employer(people.alice, msgspec.structs.replace(same, anyway=True, reason="A program says so"))
    made = await actions.create_employer(people.alice, same, source="mail")
    [pair] = await pairs()
    assert {pair["left_id"], pair["right_id"]} == {made, employers.erins}
    assert (pair["state"], bool(pair["why"])) == ("open", True)


async def test_whoever_says_why_it_is_another_is_not_asked_again(people, employers):
    made = await actions.create_employer(people.alice, new("Erin's Bakery", anyway=True, reason="A cousin in Lynn"))
    [pair] = await pairs()
    assert (pair["state"], pair["decided_by"]) == ("apart", people.alice.account_id)
    async with transaction(Login.OWNER):
        assert "A cousin in Lynn" in str(await fetch_value("select after from audit_entry where verb = 'duplicate.apart' and subject_id = $1", made))


async def test_a_caller_may_ask_for_something_stricter_and_never_for_something_laxer(people, employers):
    same = new("Erin's Bakery")
    with pytest.raises(LikelyDuplicate, match="lets no one"):
        await actions.create_employer(people.alice, same, source="mail", asked="block")
    with pytest.raises(LikelyDuplicate):
        await actions.create_employer(people.alice, same, source="api", asked="queue")


@pytest.mark.parametrize(("wanted", "outcome", "told"), [("queue", "created", ""), ("warn", "created", "Erin's Bakery"), ("block", "rejected", "Erin's Bakery")])
async def test_a_list_is_taken_in_noted_or_refused_as_the_state_office_says(people, employers, program, tmp_path, wanted, outcome, told):
    await set_policy(people.sam, list=wanted)
    sheet = tmp_path / "list.csv"
    sheet.write_text("Company,City,State,Zip\nErin Bakery,Worcester,MA,01608\nQuabbin Tools,Lynn,MA,01901\n", encoding="utf-8")
    import_id = await importing.start(people.sam, sheet, "list.csv")
    await importing.check(people.sam, import_id, sheet)
    async with transaction(read_only=True):
        first, second = await fetch("select outcome, reason, notes from import_row where import_id = $1 order by row_number", import_id)
    assert (first["outcome"], second["outcome"]) == (outcome, "created")
    assert (told in f"{first['reason']} {first['notes']}", second["notes"]) == (True, [])
    await importing.apply(people.sam, import_id)
    await program.worker().run_until_idle()
    assert len(await pairs()) == (0 if wanted == "block" else 1)


async def test_the_state_office_says_what_is_done_on_a_page_and_others_only_read_it(people, browse):
    sam = browse(people.sam)
    assert "Ask whoever adds them" in (await sam.get("/duplicates/policy")).text
    choices = {"staff": "block", "api": "warn", "list": "queue", "portal": "queue", "mail": "queue", "plugin": "block"}
    assert (await sam.submit("/duplicates/policy", **choices)).status_code == 303
    async with transaction(read_only=True):
        assert await policy.policies() == choices
    with pytest.raises(Denied):
        await set_policy(people.alice, staff="queue")


async def set_policy(actor, **wanted):
    await policy.set_policies(actor, wanted)


# ── whom one may not see ──


@pytest.fixture
def closed(monkeypatch, employers):
    """Staff see Erin's alone."""
    sight = access.sights()["employer"]

    def erins(_actor, alias):
        return Sql(f"{alias}.id = {{}}", employers.erins)

    monkeypatch.setitem(access._sights, "employer", msgspec.structs.replace(sight, scopes=dict.fromkeys(sight.scopes, erins)))


async def test_of_one_whom_you_may_not_see_you_hear_only_that_there_is_one(closed, people, employers, browse):
    alice, form = browse(people.alice), {"name": "Franks Garages", "city": "Worcester", "state": "MA"}
    refused = await alice.submit("/employers/new", **form)
    assert refused.status_code == 422 and "A match exists in another board: ask." in refused.text
    assert str(employers.franks) not in refused.text and "Frank's" not in refused.text and "Frank&#39;s" not in refused.text
    assert "%:" not in refused.text and "South" not in refused.text


async def test_to_ask_reaches_the_board_that_has_it_and_keeps_what_was_typed(closed, people, employers, boards, browse):
    alice, form = browse(people.alice), {"name": "Franks Garages", "city": "Worcester", "state": "MA"}
    for _time in range(2):
        asked = await alice.submit("/employers/new/ask", page="/employers/new", **form)
        assert asked.status_code == 200 and "Asked." in asked.text and 'value="Franks Garages"' in asked.text
    async with transaction(read_only=True):
        [task] = await fetch("select * from task where employer_id = $1", employers.franks)
    assert (task["board_id"], task["done_at"]) == (boards.south, None)
    assert "alice@example.org" in task["note"] and "Franks Garages" in task["note"]
    with pytest.raises(NotFound):
        await ask_elsewhere(people.alice, new("Quabbin Precision"))


# ── plans ──


async def test_each_kind_of_key_is_looked_up_in_an_index(people, employers):
    async with acting(SYSTEM, "test.many") as act:
        await execute("insert into employer (name, match_key, zip, phone, domain) select 'Works ' || md5(n::text), 'works ' || md5(n::text), "
                      "lpad((n % 900)::text, 5, '0'), '+1508555' || lpad((n % 9000)::text, 4, '0'), md5(n::text) || '.example' from generate_series(1, 4000) n")  # fmt: skip
        await execute("insert into establishment (employer_id, line1, city, state, zip, address_key) select id, '1', 'Lynn', 'MA', zip, md5(name) from employer")
        act.record("employer", None)
    async with transaction(Login.OWNER):
        await fetch("analyze")
    read = []

    async def explained(query):
        text, values = query.render()
        read.extend(row[0] for row in await fetch("explain " + text, *values))
        return []

    facts = typed("Quabbin Tools", dbas=["Quabbin"], fein="12-3456789", phone="508-555-0101", website="quabbin.example", address=WORCESTER)
    async with transaction(read_only=True):
        await execute("set local enable_seqscan = off")  # a small table would be read any way; what matters is that an index can serve
        fetched, asked.fetch = asked.fetch, explained
        try:
            await candidates(people.alice, facts)
        finally:
            asked.fetch = fetched
    assert read and [line for line in read if "Seq Scan on employer" in line or "Seq Scan on establishment" in line] == []
