"""No one meets what is not theirs: secrets planted on every side, every address tried by every person, every link followed."""

import html
import re
from types import SimpleNamespace

import pytest_asyncio

from crm import files, sealing
from crm.access import SYSTEM
from crm.actions import acting
from crm.app import create_routes
from crm.database import execute, fetch, fetch_value, transaction
from crm.employers.fein import fein_hash, seal_fein

STATE = {"sam", "ana", "walter"}
NORTH, SOUTH = {"alice", "bob"}, {"charlie"}
MOST = 1000  # pages a person; more would mean that the crawl runs in a circle

# What was planted, and who may meet it.
MAY_MEET = {
    "canary-north-call": STATE | NORTH, "canary-south-call": STATE | SOUTH,
    "canary-north-step": STATE | NORTH, "canary-south-step": STATE | SOUTH,
    "canary-north-task": STATE | NORTH, "canary-south-task": STATE | SOUTH,
    "canary-north-anyones": STATE | NORTH, "canary-south-anyones": STATE | SOUTH,
    "canary-north-visit": STATE | NORTH, "canary-south-visit": STATE | SOUTH,
    "canary-north-mailing": {"sam"} | NORTH, "canary-south-mailing": {"sam"} | SOUTH,
    "canary-north-sequence": {"sam"} | NORTH, "canary-south-sequence": {"sam"} | SOUTH,
    "canary-north-words": {"sam"} | NORTH, "canary-south-words": {"sam"} | SOUTH,
    "canary-north-pledge": STATE | NORTH, "canary-south-pledge": STATE | SOUTH,
    "canary-north-offer": STATE | NORTH, "canary-south-offer": STATE | SOUTH,
    "canary-north-event": STATE | NORTH, "canary-south-event": STATE | SOUTH,
    "canary-north-shown": STATE | NORTH | SOUTH, "canary-south-shown": STATE | NORTH | SOUTH,
    "canary-north-guest": STATE | NORTH, "canary-south-guest": STATE | SOUTH,
    "canary-north-needs": NORTH, "canary-south-needs": SOUTH,
    "canary-north-drive": STATE | NORTH | {"erin"}, "canary-south-drive": STATE | SOUTH | {"frank"},
    "canary-north-view": NORTH, "canary-south-view": SOUTH, "canary-alices-view": {"alice"}, "canary-charlies-view": {"charlie"},
    "canary-north-post": {"alice"}, "canary-south-post": {"charlie"}, "canary-north-paper": {"alice"}, "canary-south-paper": {"charlie"},
    "canary-north-sender": STATE | NORTH, "canary-south-sender": STATE | SOUTH, "canary-orphan-post": {"sam"},
    "canary-north-reason": STATE | NORTH, "canary-south-reason": STATE | SOUTH,
    "canary-erins-remark": STATE | NORTH | SOUTH, "canary-franks-remark": STATE | NORTH | SOUTH,
    "canary-erins-person": STATE | NORTH | SOUTH | {"erin"}, "canary-franks-person": STATE | NORTH | SOUTH | {"frank"},
    "canary-erins-site": STATE | NORTH | SOUTH | {"erin", "teresa"}, "canary-franks-site": STATE | NORTH | SOUTH | {"frank", "teresa"},
    "canary-north-list": {"alice", "sam"}, "canary-south-list": {"charlie", "sam"},
    # a whole tax number is never in a page that is merely opened
    "987654321": set(), "98-7654321": set(),
}  # fmt: skip


@pytest_asyncio.fixture
async def planted(program, boards, employers, people):
    """Something on each side that the other must not meet."""
    sealing.use_keys("0" * 64)
    async with acting(SYSTEM, "canaries.planted") as act:
        stage = (await fetch("select s.id, s.pipeline_id from stage s order by s.position limit 1"))[0]
        for side, board, employer, person in (
            ("north", boards.north, employers.erins, people.alice), ("south", boards.south, employers.franks, people.charlie)
        ):  # fmt: skip
            whose = "erins" if side == "north" else "franks"
            await execute(
                "insert into engagement (employer_id, board_id, pipeline_id, stage_id, owner_id, next_step, reason) "
                "values ($1, $2, $3, $4, $5, $6, $7)",
                employer, board, stage["pipeline_id"], stage["id"], person.account_id, f"canary-{side}-step", f"canary-{side}-reason",
            )  # fmt: skip
            await execute("insert into activity (employer_id, board_id, kind, summary, body, logged_by) values ($1, $2, 'call', $3, $3, $4)",
                          employer, board, f"canary-{side}-call", person.account_id)  # fmt: skip
            await plant_mail(side, board, employer, person)
            line = await fetch_value("insert into activity (employer_id, board_id, kind, summary, logged_by) values ($1, $2, 'visit', $3, $4) returning id",
                                     employer, board, f"canary-{side}-visit", person.account_id)  # fmt: skip
            visit = await fetch_value("insert into visit (activity_id, board_id, account_id, draft_id, outcome, notes) "
                                      "values ($1, $2, $3, gen_random_uuid(), 'open', $4) returning id", line, board, person.account_id, f"canary-{side}-visit")
            await execute("insert into visit_proposal (visit_id, board_id, account_id, draft_id, proposed, base) values ($1, $2, $3, gen_random_uuid(), $4, '')",
                          visit, board, person.account_id, {"on": "2026-11-23", "at": "10:00", "outcome": "fine", "notes": f"canary-{side}-visit"})  # fmt: skip
            await execute("insert into task (employer_id, board_id, title, assignee_id) values ($1, $2, $3, $4)",
                          employer, board, f"canary-{side}-task", person.account_id)  # fmt: skip
            await execute("insert into task (employer_id, board_id, title) values ($1, $2, $3)", employer, board, f"canary-{side}-anyones")
            await execute("insert into email_template (board_id, name, subject_en, body_en) values ($1, $2, 'x', 'x')", board, f"canary-{side}-words")
            await execute("insert into saved_view (account_id, list, name, filters, board_ids) values ($1, 'employers', $2, '{}', $3), "
                          "($1, 'tasks', $4, '{}', '{}')", person.account_id, f"canary-{side}-view", [board],
                          f"canary-{'alices' if side == 'north' else 'charlies'}-view")  # fmt: skip
            await execute("insert into sequence (board_id, name) values ($1, $2)", board, f"canary-{side}-sequence")
            await execute("insert into mailing (board_id, name, subject_en, body_en, chosen, state) values ($1, $2, 'x', 'x', '{}', 'done')",
                          board, f"canary-{side}-mailing")  # fmt: skip
            for shown_to, mark in (("board", "event"), ("boards", "shown")):
                event = (await fetch("insert into employer_event (board_id, kind, title_en, place, starts_at, ends_at, shown_to, sign_up_code) values ($1, 'tour', "
                                     "$2, 'x', now() + interval '1 day', now() + interval '2 days', $3, $2) returning id", board, f"canary-{side}-{mark}", shown_to))[0]["id"]  # fmt: skip
                await execute("insert into event_guest (event_id, board_id, given_name, source, answer, access_needs) values ($1, $2, $3, 'walk_in', 'yes', $4)",
                              event, board, f"canary-{side}-guest", f"canary-{side}-needs")  # fmt: skip
            drive = (await fetch("insert into pledge_drive (board_id, name_en, name_es, first_day, last_day, goal) "
                                 "values ($1, $2, $2, '2026-01-01', '2026-12-31', 9) returning id", board, f"canary-{side}-drive"))[0]["id"]  # fmt: skip
            await execute("insert into pledge (drive_id, board_id, employer_id, kind, slots, pay, note, open_to, pledged_on) "
                          "values ($1, $2, $3, 'project', 2, 'unpaid', $4, $5, '2026-01-02')",
                          drive, board, employer, f"canary-{side}-pledge", f"canary-{side}-offer")  # fmt: skip
            await execute(
                "update employer set note = $2, fein_sealed = $3, fein_hash = $4, fein_last4 = '4321' where id = $1",
                employer, f"canary-{whose}-remark", seal_fein("987654321", employer), fein_hash("987654321" + side),
            )  # fmt: skip
            contact = (await fetch("insert into contact (given_name, family_name) values ($1, 'X') returning id",
                                   f"canary-{whose}-person"))[0]["id"]  # fmt: skip
            await execute("insert into affiliation (contact_id, employer_id, valid_from) values ($1, $2, now() - interval '2 days')", contact, employer)
            await execute("update establishment set line1 = $2 where employer_id = $1", employer, f"canary-{whose}-site")
            await execute("insert into import_batch (board_id, account_id, file_name) values ($1, $2, $3)",
                          board, person.account_id, f"canary-{side}-list")  # fmt: skip
        await plant_mail("orphan", None, None, None)
        act.record("canaries", None)
        await execute("select refresh_employers(array(select id from employer))")
    return SimpleNamespace(addresses=await every_address(program))


async def plant_mail(side, board, employer, person):
    """A message that one person got, with a file, on the timeline; or one that came to no one."""
    box = (await fetch("insert into mailbox (kind, name) values ('imap', $1) returning id", side))[0]["id"]
    body = await files.put(f"Subject: canary-{side}-post\r\n\r\nx".encode(), "eml")
    mail = (await fetch("insert into email (mailbox_id, sha256, size, received_at, state, direction, board_id, sender, file_id, thread) "
                        "values ($1, '', 1, now(), $2, 'in', $3, $4, $5, '<t@x>') returning id", box, "filed" if person else "waiting", board,
                        f"canary-{side}-sender", await files.keep(body, "x.eml", "email")))[0]["id"]  # fmt: skip
    await execute("insert into email_text (id, subject, body) values ($1, $2, $2)", mail, f"canary-{side}-post")
    if person is not None:
        paper = await files.put(f"canary-{side}-paper".encode(), "csv")
        await execute("insert into email_part (email_id, position, name, media_type, size, file_id) values ($1, 0, $2, 'text/csv', 1, $3)",
                      mail, f"canary-{side}-paper.csv", await files.keep(paper, f"canary-{side}-paper.csv", "email"))  # fmt: skip
        await execute("insert into email_reader (email_id, account_id, how) values ($1, $2, 'got')", mail, person.account_id)
        line = (await fetch("insert into activity (employer_id, board_id, kind, direction, summary) values ($1, $2, 'email', 'in', 'x') returning id",
                            employer, board))[0]["id"]  # fmt: skip
        await execute("insert into email_filing (email_id, activity_id) values ($1, $2)", mail, line)


async def every_address(program):
    """Every GET of the router, with every id that there is in each of its places."""
    async with transaction(read_only=True):
        tables = [r["relname"] for r in await fetch("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")]
        ids = {}
        for table in tables:
            if await fetch("select from information_schema.columns where table_name = $1 and column_name = 'id' and data_type = 'uuid'", table):
                ids[table] = [str(row["id"]) for row in await fetch(f'select id from "{table}" limit 20')]
    names = {"file": "stored_file", "import": "import_batch", "move": "stage_move", "grant": "role_grant", "token": "api_token", "drive": "pledge_drive",
             "entry": "pledge_progress", "view": "saved_view", "event": "employer_event", "guest": "event_guest", "proposal": "visit_proposal"}  # fmt: skip
    found = []
    for route in create_routes(program).routes:
        if "GET" not in route.methods:
            continue
        addresses = [re.sub(r"\{program_id:str\}", "us-wotc", re.sub(r"\{name:str\}", "massachusetts", route.path))]
        for place in re.findall(r"\{(\w+)_id:uuid\}", route.path):
            table = names.get(place, place)
            addresses = [a.replace(f"{{{place}_id:uuid}}", each) for a in addresses for each in ids.get(table, [])]
        found += [address for address in addresses if "{" not in address]
    return sorted(found)


async def crawl(browser, addresses):
    """Everything that a person gets to read: addresses that are guessed, and all that these lead to."""
    waiting, seen, read = list(addresses), set(), []
    while waiting and len(seen) < MOST:
        address = waiting.pop(0)
        if address in seen or address.startswith(("/sign-out", "/static")):
            continue
        seen.add(address)
        answer = await browser.get(address)
        read.append((address, answer.text))
        if answer.status_code == 200 and "text/html" in answer.headers["content-type"]:
            links = re.findall(r'(?:href|hx-get|action)="(/[^"#]*)', answer.text)
            waiting += [html.unescape(link) for link in links]
    assert len(seen) < MOST
    return read


PEOPLE = ("alice", "bob", "charlie", "sam", "ana", "walter", "teresa", "erin", "frank", "nobody")


async def test_no_one_meets_what_is_not_theirs(planted, browse, people):
    met = {canary: set() for canary in MAY_MEET}
    where = {}
    for name in PEOPLE:
        browser = browse(getattr(people, name, None))
        for address, text in await crawl(browser, planted.addresses):
            for canary in MAY_MEET:
                if canary in text:
                    met[canary].add(name)
                    where.setdefault((canary, name), address)
    astray = {(canary, name): where[canary, name] for canary, names in met.items() for name in names - MAY_MEET[canary]}
    assert astray == {}
    # the crawl reached what it should: else it would prove nothing
    assert {canary: MAY_MEET[canary] - names for canary, names in met.items() if MAY_MEET[canary] - names} == {}
