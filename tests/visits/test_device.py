"""What a phone keeps: a frame with no one's data in it, files of this release, a few names for some days."""

import json

import msgspec
import pytest

from crm.templating import BUILT
from tests.visits.conftest import run


async def test_the_frame_that_is_kept_holds_no_ones_data(browse, people, employers):
    await run("insert into task (board_id, employer_id, title, assignee_id, due) values ($1, $2, 'Visit them', $3, current_date)",
              min(people.alice.board_ids), employers.erins, people.alice.account_id)  # fmt: skip
    page = (await browse(people.alice).get("/visits/shell")).text
    for secret in ("Alice", str(people.alice.account_id), "Erin", str(employers.erins), "Visit them"):
        assert secret not in page
    assert 'name="form-token" content=""' in page and 'name="_token" value=""' in page


async def test_who_is_signed_out_gets_no_frame(browse):
    answer = await browse().get("/visits/shell")
    assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


async def test_the_worker_names_files_that_are_there_and_stays_with_its_form(browse):
    answer = await browse().get("/visits/worker.js")
    assert answer.headers["service-worker-allowed"] == "/visits" and answer.headers["content-type"].startswith("text/javascript")
    release = json.loads(answer.text.partition("const RELEASE = ")[2].partition(";\n")[0])
    for name in release["files"]:
        assert (await browse().get(name)).status_code == 200, name
    assert not [name for name in release["files"] if name.startswith("http")]


@pytest.mark.parametrize("script", sorted(BUILT.glob("*.js")), ids=lambda file: file.name.partition(".")[0])
def test_scripts_import_each_other_by_the_names_that_are_served(script):
    for line in script.read_text(encoding="utf-8").splitlines():
        if line.startswith("import ") and ' from "./' in line:
            assert (BUILT / line.partition('"./')[2].partition('"')[0]).exists(), line


async def test_the_app_installs_with_its_own_start_and_reach(browse):
    told = (await browse().get("/visits/manifest.webmanifest")).json()
    assert (told["start_url"], told["scope"], told["display"]) == ("/visits", "/visits", "standalone")
    for icon in told["icons"]:
        assert (await browse().get(icon["src"])).headers["content-type"] == "image/png"


async def test_what_is_kept_are_names_and_towns(browse, people, employers):
    await run("update establishment set phone = '+15085550100', access_note = 'Ring twice' where employer_id = $1", employers.erins)
    told = (await browse(people.alice).get(f"/visits/data?names=true&employer={employers.erins}")).json()
    [kept] = told["employers"]
    assert kept == {"id": str(employers.erins), "name": "Erin's Bakery", "town": "Worcester",
                    "sites": [{"id": kept["sites"][0]["id"], "name": "1 Main Street, Worcester"}], "people": [], "tasks": []}  # fmt: skip


async def test_a_state_that_wants_nothing_kept_gets_an_ordinary_form(browse, people, employers, program):
    program.settings = msgspec.structs.replace(program.settings, visit_days=0)
    alice = browse(people.alice)
    told = (await alice.get(f"/visits/data?names=true&employer={employers.erins}")).json()
    assert "employers" not in told and told["days"] == 0
    page = (await alice.get("/visits")).text
    assert 'data-days="0"' in page and "Works without a connection" not in page


async def test_who_signs_out_leaves_nothing_but_what_waits_of_others(browse, people):
    for fields, cleared in (({}, '"cache", "storage"'), ({"keep": "drafts"}, '"cache"')):
        assert (await browse(people.alice).submit("/sign-out", page="/help/keys", **fields)).headers["clear-site-data"] == cleared
