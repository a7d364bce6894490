"""`kill -9` in the middle of an import and of a PDF: after the restart nothing is lost and nothing is doubled."""

import itertools
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from crm.testing.figures import note, soaking
from tests.faults.serving import Served

ROWS = 2000


@pytest.fixture(scope="module")
def served(walkable_folder):
    server = Served(walkable_folder)
    server.start()
    yield server
    server.stop()


def employers_file(mark):
    lines = "".join(f"{mark.title()} Works {number} LLC,{number} Main Street,Worcester,MA,01608\n" for number in range(ROWS))
    return f"Employer,Address,City,State,Zip\n{lines}".encode()


async def uploaded(served, mark):
    """A list that was uploaded and checked; its address, and the browser of who did."""
    alice = served.browser("alice@example.org")
    answer = alice.submit("/imports", page="/imports", files={"file": (f"{mark}.csv", employers_file(mark), "text/csv")})
    assert answer.status_code == 303, answer.text
    await served.until("select from import_batch where file_name = $1 and state = 'checked'", f"{mark}.csv")
    return answer.headers["location"], alice


async def pressed_import(served, mark):
    """The moment in which the import runs."""
    address, alice = await uploaded(served, mark)
    answer = alice.submit(f"{address}/run", page=address)
    assert answer.status_code == 303, answer.text
    await served.until("select from job where name = 'employers.run_import' and state = 'running'")


async def assert_whole(served, mark):
    """Each source row ended in one outcome, each employer is there once, each event was told once, the record holds."""
    batch = (await served.until("select * from import_batch where file_name = $1 and state = 'imported'", f"{mark}.csv"))[0]
    counts = (await served.look(
        "select count(*) as employers, count(distinct name) as names, (select count(*) from import_row where import_id = $2 "
        "and outcome is null) as open, (select count(*) from event where name = 'import_finished' "
        "and subject->>'import_id' = $2::text) as events, (select count(*) from audit_entry where verb = 'import.written' "
        "and subject_id = $2 and subject_kind = 'import') as entries from employer where name like $1 || ' Works %'",
        mark.title(), batch["id"],
    ))[0]  # fmt: skip
    assert json.loads(batch["totals"])["created"] == ROWS
    assert tuple(counts) == (ROWS, ROWS, 0, 1, 1)


async def test_an_import_that_is_cut_goes_on_and_writes_once(served):
    await pressed_import(served, "cut")
    time.sleep(random.Random(1).random() * 0.8)  # anywhere in its work
    served.kill()
    served.start()
    await assert_whole(served, "cut")


async def test_an_import_survives_the_loss_of_the_database_and_of_valkey_too(served):
    await pressed_import(served, "dark")
    time.sleep(random.Random(2).random() * 0.8)
    served.kill_everything()
    served.start()
    await assert_whole(served, "dark")


async def test_a_polite_stop_lets_the_import_finish_or_begin_again(served):
    await pressed_import(served, "stop")
    served.stop()
    served.start()
    await assert_whole(served, "stop")


WRITERS = 8
ROUNDS = 40 if soaking() else 1


def write_until_dead(served, cookies, page, sent, acknowledged):
    """Log one note after the other; keep those that the server said it has saved."""
    with httpx.Client(base_url=served.address, cookies=cookies, timeout=10, headers={"origin": served.address}) as browser:
        token = browser.get(page).text.partition('name="form-token" content="')[2].partition('"')[0]
        while True:
            summary = f"note {next(sent)}"
            try:
                answer = browser.post(f"{page}/activities", data={"_token": token, "kind": "note", "summary": summary})
            except httpx.HTTPError:
                return
            if answer.status_code == 303:
                acknowledged.append(summary)


async def test_what_was_acknowledged_is_there_after_everything_was_killed(served):
    employer = (await served.look("select employer_id from engagement limit 1"))[0]["employer_id"]
    page, sent, acknowledged = f"/employers/{employer}", itertools.count(), []
    alice = served.browser("alice@example.org")
    for number in range(ROUNDS):
        enough = len(acknowledged) + 50
        with ThreadPoolExecutor(WRITERS) as writers:
            for _writer in range(WRITERS):
                writers.submit(write_until_dead, served, alice.cookies, page, sent, acknowledged)
            while len(acknowledged) < enough:
                time.sleep(0.01)
            time.sleep(random.Random(number).random() * 0.3)
            served.kill_everything()
        served.start()
        found = [row["summary"] for row in await served.look("select summary from activity where summary like 'note %'")]
        assert set(acknowledged) <= set(found), sorted(set(acknowledged) - set(found))
        assert len(found) == len(set(found)), "nothing is doubled"
    note("kills of everything under eight writers", ROUNDS)
    note("acknowledged writes", len(acknowledged))
    note("acknowledged writes lost", 0)


async def test_a_document_that_is_cut_is_made_once(served):
    alice = served.browser("alice@example.org")
    employer = (await served.look("select employer_id from engagement limit 1"))[0]["employer_id"]
    page = f"/employers/{employer}/hires/new"
    hire = alice.submit(page, page=page, label="R.L.", starts_on="2025-10-01").headers["location"]
    answer = alice.submit(f"{hire}/paper", page=hire)
    assert "/jobs/" in answer.headers["location"]
    await served.until("select from job where name = 'incentives.render_estimate' and state = 'running'")

    served.kill()
    served.start()

    await served.until("select from job where name = 'incentives.render_estimate' and state = 'done'")
    made = (await served.look(
        "select (select count(*) from stored_file where kind like 'estimate:%') as files, "
        "(select count(*) from activity where kind = 'document') as lines, "
        "(select count(*) from audit_entry where verb = 'estimate.printed') as entries"
    ))[0]  # fmt: skip
    assert tuple(made) == (1, 1, 1)
    assert not list((served.data / "files").rglob("*.part"))


async def test_the_record_still_holds(served):
    import os
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-m", "crm.cli", "audit", "verify"], capture_output=True, text=True, check=False,
                          env={**os.environ, "CRM_DATA": str(served.data)})  # fmt: skip
    assert "The record is whole." in done.stdout, done.stdout + done.stderr
