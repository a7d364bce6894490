"""What leaves the program is on record before it leaves: who, what, and of whom."""

from datetime import date

import pytest

from crm import files
from crm.access import SYSTEM
from crm.actions import acting
from crm.database import fetch, fetch_value, transaction
from crm.engagements import activities, attachments
from crm.engagements.forms import ActivityForm
from crm.pledges import drives
from crm.pledges.forms import DriveForm


async def disclosed():
    async with transaction(read_only=True):
        return [tuple(row) for row in await fetch(
            "select actor_name, verb, subject_id from audit_entry where outcome = 'disclosed' order by id")]  # fmt: skip


@pytest.fixture
async def file(program, boards, employers, people):
    stored = await files.put(b"name\nAcme\n", "csv")
    async with acting(SYSTEM, "file.made") as act:
        file_id = await files.keep(stored, "list.csv", "import", employer_id=employers.erins, board_id=boards.north)
        act.record("file", file_id)
    return file_id


async def test_a_file_that_is_downloaded(browse, people, file):
    assert (await browse(people.alice).get(f"/files/{file}")).status_code == 200
    assert await disclosed() == [("Alice", "file.downloaded", file)]


async def test_sealed_answers_that_are_read(browse, people, world):
    assert (await browse(people.alice).submit(f"/hires/{world.hire_id}/sealed", page=f"/hires/{world.hire_id}")).status_code == 200
    assert await disclosed() == [("Alice", "hire.secrets_read", world.hire_id)]


async def test_the_sums_of_a_draft_that_are_downloaded(browse, people, world):
    assert (await browse(people.ana).get(f"/incentives/simulator/{world.trial_id}/table.csv")).status_code == 200
    assert await disclosed() == [("Ana", "rules.trial_exported", world.trial_id)]


async def test_evidence_of_a_case_that_is_downloaded(browse, people, world):
    assert (await browse(people.alice).get(f"/case-files/{world.case_file_id}")).status_code == 200
    assert [each[:2] for each in await disclosed()] == [("Alice", "file.downloaded")]


async def test_a_message_and_a_file_of_it_that_are_downloaded(browse, people, world):
    alice = browse(people.alice)
    for path in (f"/emails/{world.email_id}/original", f"/email-parts/{world.email_part_id}"):
        assert (await alice.get(path)).status_code == 200
    assert await disclosed() == [("Alice", "email.downloaded", world.email_id)] * 2


async def test_a_file_that_is_not_theirs_leaves_a_refusal_and_no_disclosure(browse, people, file):
    assert (await browse(people.charlie).get(f"/files/{file}")).status_code == 404
    assert await disclosed() == []


async def test_a_file_that_hangs_on_an_activity(browse, people, employers):
    form = ActivityForm(kind="visit", summary="Saw the kitchen")
    await activities.log_activity(people.alice, employers.erins, form, zone="UTC", today=date(2026, 11, 23),
                                  uploads=[attachments.Upload("list.csv", b"name\nAcme\n")])  # fmt: skip
    async with transaction(read_only=True):
        hanging, stored = (await fetch("select id, file_id from activity_file"))[0]
    assert (await browse(people.charlie).get(f"/attachments/{hanging}")).status_code == 404
    assert (await browse(people.alice).get(f"/attachments/{hanging}")).status_code == 200
    assert await disclosed() == [("Alice", "file.downloaded", stored)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_the_services_of_a_time(browse, people, kind):
    assert (await browse(people.ana).get(f"/services/report.{kind}")).status_code == 200
    assert [row[:2] for row in await disclosed()] == [("Ana", "services.exported")]


async def test_a_fein_that_is_shown(browse, people, employers):
    page, bob = f"/employers/{employers.erins}", browse(people.bob)
    await bob.submit(f"{page}/edit", page=page, name="Erin's Bakery", fein="12-3456789", version="1")
    assert "12-3456789" in (await bob.submit(f"{page}/fein", page=page)).text
    assert await disclosed() == [("Bob", "employer.fein_shown", employers.erins)]


async def test_the_record_itself(browse, people):
    assert (await browse(people.walter).get("/audit")).status_code == 200
    assert [row[:2] for row in await disclosed()] == [("Walter", "audit.read")]


async def test_the_rejected_rows_of_an_import(browse, people, boards, file):
    async with acting(SYSTEM, "import.made") as act:
        batch = await fetch_value(
            "insert into import_batch (board_id, account_id, file_name, headers, file_id) values ($1, $2, 'list.csv', '{name}', $3) "
            "returning id", boards.north, people.alice.account_id, file)  # fmt: skip
        act.record("import", batch)
    assert (await browse(people.alice).get(f"/imports/{batch}/rejects.csv")).status_code == 200
    assert await disclosed() == [("Alice", "import.rejects_exported", batch)]


async def test_the_pledges_of_a_drive(browse, people, program):
    drive = await drives.add(people.bob, DriveForm(name_en="x", name_es="x", first_day=date(2027, 1, 1), last_day=date(2027, 2, 1), goal=5))
    assert (await browse(people.alice).get(f"/pledge-drives/{drive}/pledges.csv")).status_code == 200
    assert await disclosed() == [("Alice", "pledges.exported", drive)]


async def test_names_that_a_phone_keeps(browse, people, employers):
    alice = browse(people.alice)
    assert (await alice.get("/visits/data")).json().keys() == {"account", "token", "days", "unsettled"}
    assert await disclosed() == []
    kept = (await alice.get(f"/visits/data?names=true&employer={employers.erins}")).json()["employers"]
    assert [(each["name"], each["town"]) for each in kept] == [("Erin's Bakery", "Worcester")]
    assert await disclosed() == [("Alice", "visits.names_kept", None)]


async def test_nothing_leaves_when_it_cannot_be_recorded(browse, people, file, superuser):
    await superuser("revoke insert on audit_entry from crm_record")
    answer = await browse(people.alice).get(f"/files/{file}")
    assert answer.status_code >= 500
    assert b"Acme" not in answer.content


async def test_a_list_that_is_exported(browse, people, employers):
    assert (await browse(people.alice).get("/exports/employers")).status_code == 200
    assert [row[:2] for row in await disclosed()] == [("Alice", "list.exported")]
