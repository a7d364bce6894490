"""Proposed rules tried by the state office: over recorded hires or a file, sums alone, small groups hidden, a result once, and sealed answers kept from analysts."""

import csv
import html
import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import crm_federal
import crm_massachusetts
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute, fetch, fetch_one, fetch_value, transaction
from crm.errors import Denied
from crm.incentives import hires
from crm.incentives.forms import HireForm
from crm.incentives.simulator import trial_results, trials
from crm.incentives.simulator.simulation import Pool, Simulated, Simulation
from crm.incentives.simulator.small_groups import LEAST
from crm.rulebook.programs import Limit
from crm.worker import Worker
from tests.incentives.test_hires import WOTC

RATC = Path(crm_massachusetts.__file__).parent / "programs/ma-ratc.yaml"
TOLD = {"tax_year_begins": "2025-01-01", "apprentice_registered": "yes", "apprentice_occupation_listed": "yes", "apprentice_workplace_ma": "yes", "apprentice_days": "300", "apprentice_years_claimed": "0"}
WOTC_FILE = Path(crm_federal.__file__).parent / "programs/us-wotc.yaml"
SAYS = '    sentence: {en: "Only these.", es: "Solo estos."}\n    citation: A bill\n'
ONLY, BUT = (f"  - id: few\n    fact: tax_year_wages\n    {test}\n{SAYS}" for test in ("at_least: 9000", "at_most: 8999"))
FORM = {"year": "", "against": ""}


def draft(old="", new="", file=RATC):
    text = file.read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new).encode()


def number(name, old, new):
    """A number of law with another value, as the file that an analyst brings beside the program."""
    text = (RATC.parents[1] / f"parameters/{name.replace('.', '/')}.yaml").read_text(encoding="utf-8")
    assert old in text
    return f"{name}.yaml", text.replace(old, new).encode()


def lower():
    """The credit at half of its share."""
    return [draft(), number("ma_ratc.rate", "0.5", "0.25")]


def table(count, **more):
    out = io.StringIO()
    rows = [{"employer": f"E{place % 7}", "size": "1-9" if place % 2 else "10-49", "region": "Boston" if place else "Cape", "tax_year_wages": "8000", **TOLD, **more} for place in range(count)]
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def brought(field, name, body):
    """A program, or one with its numbers, as a form sends it."""
    program, *numbers = body if isinstance(body, list) else [body]
    return [(field, (each, content, "text/yaml")) for each, content in ((name, program), *numbers)]


@pytest.fixture
def tried(browse, program):
    """`tried(who, draft, …)` uploads it as a person does, lets the job run, and gives the page and its address; none where it was refused."""

    async def send(who, body, *, room="simulator", name="draft.yaml", hires=None, other=None, unescaped=False, **fields):
        files = [*brought("draft", name, body), *(brought("other", "other.yaml", other) if other else [])]
        files += [("hires", ("hires.csv", hires, "text/csv"))] if hires else []
        visitor, address = browse(who), f"/incentives/{room}"
        answer = await visitor.post(address, data={"_token": await visitor.token(address), **FORM, **fields}, files=files)
        if answer.status_code != 303:
            return html.unescape(answer.text), ""
        await Worker(program.plugins.jobs()).run_until_idle()
        where = answer.headers["location"]
        page = (await visitor.get(where)).text
        return page if unescaped else html.unescape(page), where

    return send


async def kept(where):
    async with transaction(read_only=True):
        return await fetch_one("select * from rule_trial where id = $1::uuid", where.rsplit("/", 1)[1])


async def recorded(people, employers, count, wages="8000"):
    """So many apprentices of Erin's who began in 2025."""
    for place in range(count):
        hire = await hires.add(people.alice, employers.erins, HireForm(label=f"H{place}", starts_on=date(2025, 3, 3), state="MA"))
        await hires.tell(people.alice, hire, TOLD | {"tax_year_wages": wages})


# ── over a file ──


async def test_a_draft_over_a_file_is_counted_to_the_cent_with_its_spread_and_its_versions(tried, people):
    page, where = await tried(people.ana, draft(), hires=table(40))
    assert "Draft A: $160,000 for 40 hires of 40." in page
    assert "$4,000" in page  # on average
    assert 'class="chart"' in page and "By size of the employer" in page and ">10-49<" in page
    found = await kept(where)
    assert found["result"]["programs"][0]["employers"] == 7
    assert set(found["result"]["versions"]) >= {"crm", "massachusetts"}
    assert (found["made_by"], found["finished_at"] is not None, found["reads_sealed"]) == (people.ana.account_id, True, False)


async def test_a_group_of_one_is_hidden_and_the_next_with_it(tried, people):
    page, where = await tried(people.ana, draft(), hires=table(40))
    assert (await kept(where))["result"]["programs"][0]["groups"]["region"] == [["Boston", None, None], ["Cape", None, None]]
    assert "too few to show" in page


async def test_two_drafts_stand_side_by_side_with_their_difference(tried, people):
    page, where = await tried(people.ana, draft(), hires=table(40), other=lower())
    assert "Draft B: $80,000 for 40 hires of 40." in page and "A less B" in page
    assert "A brings more than B for: 40 hires; less: 0; the same: 0." in page
    page, where = await tried(people.ana, lower(), hires=table(40), against="ma-ratc")
    assert [each["cost"] for each in (await kept(where))["result"]["programs"]] == ["80000.00", "160000.00"]


async def test_what_is_not_known_is_counted_by_its_question_and_never_guessed(tried, people):
    page, where = await tried(people.ana, draft(), hires=table(12, tax_year_wages=""))
    found = (await kept(where))["result"]["programs"][0]
    assert (found["reached"], found["unknown"], found["missing"]) == (0, 12, [["tax_year_wages", 12]])
    assert "What is not known" in page and "tax_year_wages" in page


async def test_a_row_that_does_not_fit_is_named_to_whoever_brought_the_file(tried, browse, people):
    page, where = await tried(people.ana, draft(), hires=table(12) + b"E1,1-9,Boston,-5,2025-01-01,yes,yes,yes,300,0\r\n")
    assert "1 row did not count" in page and "Line 14" in page and "tax_year_wages: '-5' cannot be" in page
    assert "cannot be" not in (await browse(people.sam).get(where)).text


async def test_the_table_is_downloaded_as_text_that_no_spreadsheet_runs(tried, browse, people):
    _page, where = await tried(people.ana, draft(), hires=table(40, sector="=1+1"))
    body = (await browse(people.ana).get(f"{where}/table.csv")).content.decode("utf-8-sig")
    assert "A,Total cost,,,160000.00" in body and "A,By sector,'=1+1,40,160000.00" in body


@pytest.mark.parametrize(("body", "more", "says"), [
    (draft("date_key:", "datekey:"), {}, "draft.yaml, line 9: unknown key 'datekey'. Did you mean 'date_key'?"),
    ([draft(), ("rates.yaml", b"values: 1")], {}, "rates.yaml: call it after the number of law that the program names, as ma_ratc.cap.yaml. It names: law.ma_ratc.cap,"),
    ([draft(), ("cap.yaml", b"values: 1")], {}, "cap.yaml, line 1: the key 'description' is missing"), ([draft(), ("x.yaml", draft())], {}, "Programs among yours: draft.yaml, x.yaml."),
    (b"id: [", {}, "draft.yaml, line 1: this is not YAML"), (b"\xff\xfe", {}, "draft.yaml: this file is not UTF-8 text"),
    (b"x" * 300_000, {}, "this file has 300 kB; a file of rules has 200 kB at most"), (draft(), {"name": "draft.exe"}, "rules are YAML files"),
    (draft(), {"hires": b"wages\n1\n"}, "hires.csv, line 1: the column 'wages' is no fact"), (draft(), {"hires": None}, "one of the two"),
    (draft(), {"hires": b"PK\x03\x04"}, "hires.csv"), (draft(), {"other": draft(), "against": "ma-ratc"}, "not with both"), (draft(), {"against": "none"}, "Or an installed program"),
])  # fmt: skip
async def test_what_does_not_fit_is_said_with_its_file_and_line_and_nothing_is_kept(tried, people, body, more, says):
    page, where = await tried(people.ana, body, **({"hires": table(12)} | more))
    assert where == "" and says in page, page[page.find("<main"):][:3000]
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from rule_trial") == 0


async def test_what_a_draft_says_is_text(tried, people):
    body = draft('en: "Massachusetts registered apprentice tax credit"', 'en: "<script>window.ran=1</script>"')
    page, _where = await tried(people.ana, body, hires=table(12), name="<img src=x onerror=ran>.yaml", unescaped=True)
    assert "&lt;script&gt;window.ran" in page and "&lt;img src=x" in page
    assert "<script>window.ran" not in page and "<img src=x" not in page


# ── over recorded hires ──


async def test_recorded_hires_of_a_year_are_tried_and_only_sums_are_told(tried, people, employers):
    await recorded(people, employers, 12)
    page, where = await tried(people.ana, draft(), year="2025")
    assert "Draft A: $48,000 for 12 hires of 12." in page
    assert "Erin" not in page.partition("<main")[2] and "North" in page


async def test_sums_that_would_tell_of_fewer_than_ten_are_held_back(tried, people, employers):
    await recorded(people, employers, 12)
    await recorded(people, employers, 1, wages="9000")
    page, where = await tried(people.ana, draft("conditions:", "conditions:\n" + ONLY), year="2025")
    assert "it reaches too few hires" in page and "$4,500" not in page
    assert (await kept(where))["result"]["programs"][0]["cost"] is None
    page, where = await tried(people.ana, draft("conditions:", "conditions:\n" + BUT), year="2025", against="ma-ratc")
    assert (await kept(where))["result"]["programs"][0]["cost"] is None  # it leaves out one


async def test_two_drafts_that_differ_for_one_person_are_not_compared(tried, people, employers):
    await recorded(people, employers, 12)
    await recorded(people, employers, 1, wages="9000")
    page, where = await tried(people.ana, draft(), year="2025", other=[draft(), number("ma_ratc.cap", "4800", "4400")])
    assert "The two drafts differ for fewer than ten hires" in page
    assert len((await kept(where))["result"]["programs"]) == 1


async def test_sealed_answers_count_for_those_alone_who_may_read_them(tried, people, hire):
    await hires.tell(people.alice, hire, WOTC)
    wotc = draft(file=WOTC_FILE)
    _page, where = await tried(people.ana, wotc, year="2025")
    mine = await kept(where)
    _page, where = await tried(people.sam, wotc, year="2025")
    theirs = await kept(where)
    assert (mine["reads_sealed"], theirs["reads_sealed"]) == (False, True)
    assert [key for key, _count in mine["result"]["programs"][0]["missing"]] == ["wotc_group"]
    assert theirs["result"]["programs"][0]["missing"] == []
    async with transaction(read_only=True):
        assert [row["subject_id"] for row in await fetch("select subject_id from audit_entry where verb = 'hire.secrets_read'")] == [theirs["id"]]


@given(st.lists(st.integers(0, 30), min_size=4, max_size=4), st.lists(st.integers(0, 30), min_size=1, max_size=4))
def test_no_outcome_of_fewer_than_ten_can_be_reckoned(counts, by_year):
    reached = counts[0]
    limit = Limit("all_employers_year", {"en": "All together"}, "A bill")
    pools = tuple(Pool(2020 + place, count, Decimal(1), Decimal(count), limit) for place, count in enumerate(by_year))
    each = Simulated(SimpleNamespace(id="x", name={"en": "X"}), (), *counts, 1, Decimal(reached), Decimal(reached), pools, (), {})
    shown = trial_results.told(Simulation(sum(counts), (), (each,)), recorded=True)["programs"][0]
    assert all(shown[name] is None or shown[name] == 0 or shown[name] >= LEAST for name in ("reached", "shut_out", "not_eligible", "unknown"))
    rest = sum(counts) - reached
    if 0 < rest < LEAST or 0 < reached < LEAST:
        assert (shown["reached"], shown["cost"], shown["employers"], shown["pools"]) == (None, None, None, [])
    hidden = [count for name, count in zip(("shut_out", "not_eligible", "unknown"), counts[1:], strict=True) if shown[name] is None]
    if shown["reached"] is not None and hidden:
        assert sum(hidden) >= LEAST


# ── once ──


async def test_a_job_that_runs_twice_leaves_one_result(tried, people, program):
    _page, where = await tried(people.ana, draft(), hires=table(12))
    before = await kept(where)
    async with acting(SYSTEM, "job.again") as act:
        await execute("update job set state = 'queued', attempt = 0, finished_at = null where id = $1", before["job_id"])
        act.record("job", before["job_id"])
    await Worker(program.plugins.jobs()).run_until_idle()
    assert await kept(where) == before


async def test_the_columns_of_a_csv_are_those_of_one_program_or_all(browse, people):
    ana, page = browse(people.ana), "/incentives/simulator/columns"
    every, own = (await ana.get(page)).text, (await ana.get(page, params={"program": "ma-ratc"})).text
    for key, in_own in (("apprentice_days", True), ("tax_year_begins", True), ("wotc_group", False)):
        assert f"<code>{key}</code>" in every and (f"<code>{key}</code>" in own) is in_own
    assert "<code>birth_date</code>" in (await ana.get(page, params={"program": "us-wotc"})).text  # from which an age follows
    assert (await ana.get(page, params={"program": "no-such"})).status_code == 422


async def test_what_does_not_fit_is_named_in_the_language_of_who_brought_it(tried, browse, people):
    await browse(people.ana).submit("/account/preferences", page="/account", name="Ana", language="es", density="comfortable")
    page, _where = await tried(people.ana, draft(), hires=table(12, apprentice_days="many"))
    assert "apprentice_days: 'many' no es un número" in page
    page, _where = await tried(people.ana, draft("date_key:", "datekey:"), hires=table(12))
    assert "draft.yaml, línea 9: clave desconocida 'datekey'. ¿Quiso decir 'date_key'? Se permite: agency," in page


async def test_it_is_the_state_offices(browse, people):
    for who, status in ((people.ana, 200), (people.sam, 200), (people.alice, 403), (people.walter, 403)):
        assert (await browse(who).get("/incentives/simulator")).status_code == status
    with pytest.raises(Denied):
        await trials.start(people.bob, trials.SIMULATION, [], year=2025)


# ── in the shadow of what is installed ──


async def test_each_changed_answer_is_listed_with_its_reason_and_its_case_before_a_person_switches(tried, people, case):
    page, _where = await tried(people.sam, draft("is: share * counted", "is: share * share * counted", WOTC_FILE), room="shadow", year="2025")
    assert "Nothing is switched here" in page
    assert "1 answer would change" not in page  # a count of one is told to no one
    assert f"/cases/{case}" in page and "R.L., Erin's Bakery" in page and "$2,400" in page and "$960" in page
    assert "as its case knows it" in page


async def test_analysts_see_counts_alone(tried, browse, people, employers, case):
    await recorded(people, employers, 12)
    body = lower()
    page, where = await tried(people.ana, body, room="shadow")
    assert "12 answers would change, of 13 hires that were looked at." not in page  # one stays, and would be told of so
    assert "For too few to show" in page and "Erin" not in page.partition("<main")[2]
    assert (await kept(where))["detail_sealed"] is None
    page, where = await tried(people.sam, body, room="shadow")
    assert "H3, Erin's Bakery" in page
    theirs = (await browse(people.ana).get(where)).text
    assert "H3" not in theirs and "Answers one by one are for those who may read" in theirs


async def test_a_program_that_is_not_installed_has_no_shadow(tried, people):
    page, where = await tried(people.ana, draft("id: ma-ratc", "id: ma-new"), room="shadow")
    assert where == "" and "no program 'ma-new' is installed" in page
