"""The gate's SQL answers as a plain reading of the rules does, for any person and every table."""

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.access import SYSTEM, Actor, ActorKind, Role, hidden_fields, sights, visible
from crm.actions import acting
from crm.database import execute, fetch, fetch_value, transaction
from crm.days import agency_today
from crm.sql import Sql

STATE = {Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR}
BOARD = {Role.BOARD_MANAGER, Role.BOARD_STAFF}
OWN = {Role.EMPLOYER_OWNER, Role.EMPLOYER_MEMBER}
STAFF = STATE | BOARD | {Role.PARTNER}


def any_of(actor, roles):
    return bool(actor.roles & roles)


def directory(actor, row):
    """The directory is shared by all who work for the state; an employer sees its own."""
    return any_of(actor, STAFF) or (any_of(actor, OWN) and row["employer"] in actor.employer_ids)


def people_too(actor, row):
    """People at employers are not for partners."""
    return any_of(actor, STAFF - {Role.PARTNER}) or (any_of(actor, OWN) and row["employer"] in actor.employer_ids)


def boards_own(actor, row):
    return any_of(actor, STATE) or (any_of(actor, BOARD) and row["board_id"] in actor.board_ids)


def reads_along(actor, row):
    """An activity, and what hangs on it, is its board's, and of those whom the board lets read along with this employer or this entry."""
    entry = row.get("activity_id") or row["id"]
    return boards_own(actor, row) or (
        any_of(actor, BOARD) and any((board, row["board_id"], row["employer"]) in row["shares"] or (board, entry) in row["entries"]
                                     for board in actor.board_ids))  # fmt: skip


def took_part(actor, row):
    """In a message: as a board that it came to, or as one that someone who took part lets read the conversation."""
    return bool(actor.board_ids & row["mail"]["boards"])


def words(actor, row):
    return (any_of(actor, BOARD | {Role.STATE_ADMIN}) and took_part(actor, row)) or (Role.STATE_ADMIN in actor.roles and row["mail"]["no_one"])


def one_of(*roles):
    return lambda actor, row: any_of(actor, set(roles))


def either_board(actor, row):
    """Who shares and who reads both know of it."""
    return any_of(actor, STATE) or (any_of(actor, BOARD) and bool({row["from_board_id"], row["to_board_id"]} & set(actor.board_ids)))


def in_field(actor, row):
    """By the sensitivity of the field; partners see no people's."""
    seen = {"record", "staff", "sealed"} if any_of(actor, {Role.STATE_ADMIN, Role.BOARD_MANAGER}) else {"record", "staff"}
    if any_of(actor, OWN) and row["portal"] != "hidden" and row["employer"] in actor.employer_ids | {None}:
        return True
    return any_of(actor, STATE | BOARD) and row["sensitivity"] in seen or any_of(actor, {Role.PARTNER}) and (row["sensitivity"], row["field_of"]) == ("record", "employer")


def of_hire(actor, row):
    return any_of(actor, {Role.STATE_ADMIN, Role.AUDITOR}) or (any_of(actor, BOARD) and row["board_id"] in actor.board_ids)


def shared(actor, row):
    """A hire that its board shares with the employer, and did not put away."""
    return any_of(actor, OWN) and row["employer"] in actor.employer_ids and row["hire_shared"]


# The reference, written apart from the code: who sees a row. `employer` and `account` are the row's, whatever its column.
RULES = {
    "employer": directory, "establishment": directory, "affiliation": people_too, "contact": people_too,
    "board": one_of(*STAFF), "region": one_of(*STAFF), "board_region": one_of(*STAFF), "territory": one_of(*STAFF),
    "partner": lambda actor, row: any_of(actor, STATE) or (any_of(actor, BOARD | {Role.PARTNER}) and row["board_id"] in actor.board_ids),
    "pipeline": one_of(*STAFF), "stage": one_of(*STAFF), "service_code": one_of(*STAFF), "engagement_rule": one_of(*STAFF),
    "blank_form": one_of(Role.STATE_ADMIN, Role.AUDITOR, *BOARD),
    "custom_field": in_field, "custom_value": in_field,
    "contact_stop": one_of(*STATE, *BOARD), "outreach_claim": one_of(*STATE, *BOARD), "consent": one_of(*STATE, *BOARD),
    "shared_timeline": either_board, "shared_part": either_board,
    "activity": reads_along, "activity_file": reads_along, "activity_change": reads_along,
    **dict.fromkeys(("contact_merge", "contact_apart", "job_change"), one_of(*STATE, *BOARD)),
    "employer_merge": one_of(*STATE, *BOARD), "duplicate_pair": one_of(*STATE, *BOARD),
    "mailing": boards_own, "mailing_recipient": boards_own,
    **dict.fromkeys(("email_template", "sequence", "sequence_step"),
                    lambda actor, row: any_of(actor, STATE) or (any_of(actor, BOARD) and row["board_id"] in {None, *actor.board_ids})),
    "sequence_hold": boards_own, "enrolment_batch": boards_own, "enrolment": boards_own,
    "pledge": lambda actor, row: boards_own(actor, row) or (any_of(actor, OWN) and row["employer"] in actor.employer_ids),
    "pledge_drive": lambda actor, row: any_of(actor, STATE) or (any_of(actor, BOARD) and row["board_id"] in {None, *actor.board_ids})
    or (any_of(actor, OWN) and row["employer"] in actor.employer_ids),
    "pledge_progress": boards_own, "event_guest": boards_own, "visit": boards_own, "visit_proposal": boards_own,
    "employer_event": lambda actor, row: boards_own(actor, row) or (any_of(actor, BOARD) and row["shown_to"] == "boards"),
    "engagement": boards_own, "task": boards_own, "bulk_change": boards_own,
    "report_figure": boards_own, "report_row": boards_own, "establishment_total": boards_own,
    "report_schedule": lambda actor, row: any_of(actor, {Role.STATE_ADMIN, Role.AUDITOR})
    or (any_of(actor, BOARD | {Role.STATE_ANALYST}) and row["account_id"] == actor.account_id)
    or (any_of(actor, {Role.BOARD_MANAGER}) and row["board_id"] in actor.managed_board_ids),
    "saved_view": lambda actor, row: any_of(actor, STAFF)
    and (row["account_id"] == actor.account_id or any_of(actor, STAFF - {Role.PARTNER}) and bool(set(row["board_ids"]) & set(actor.board_ids))),
    **dict.fromkeys(("estimate", "screening_link", "learner_link", "case_move", "case_item"), of_hire),
    "claimed_elsewhere": lambda actor, row: of_hire(actor, row) or (shared(actor, row) and row["removed_at"] is None),
    "hire": lambda actor, row: of_hire(actor, row) or shared(actor, row),
    "hire_fact": lambda actor, row: of_hire(actor, row) or (shared(actor, row) and row["employer_sees"]),
    "incentive_case": lambda actor, row: of_hire(actor, row) or (shared(actor, row) and row["state"] not in ("preparing", "withdrawn")),
    "rule_trial": one_of(Role.STATE_ADMIN, Role.STATE_ANALYST),
    "case_file": lambda actor, row: any_of(actor, {Role.STATE_ADMIN}) or (any_of(actor, BOARD) and row["board_id"] in actor.board_ids),
    "mailbox": one_of(*STATE, *BOARD), "address_mark": one_of(*STATE, *BOARD),
    "email": lambda actor, row: boards_own(actor, row) or (any_of(actor, BOARD) and took_part(actor, row)),
    "email_text": words, "email_part": words,
    "stored_file": lambda actor, row: any_of(actor, {Role.STATE_ADMIN} if row["kind"] == "case" else STATE) or (any_of(actor, BOARD) and row["board_id"] in actor.board_ids)
    or (any_of(actor, OWN) and row["employer"] in actor.employer_ids),
    "backup": one_of(Role.STATE_ADMIN, Role.AUDITOR),
}  # fmt: skip


@pytest_asyncio.fixture
async def rows(boards, employers, people):
    """A row of each kind for each board and each employer."""
    async with acting(SYSTEM, "rows.made") as act:
        for board, employer, person in ((boards.north, employers.erins, people.alice), (boards.south, employers.franks, people.charlie)):
            stage = (await fetch("select s.id, s.pipeline_id from stage s order by s.position limit 1"))[0]
            await execute("insert into engagement (employer_id, board_id, pipeline_id, stage_id) values ($1, $2, $3, $4)",
                          employer, board, stage["pipeline_id"], stage["id"])  # fmt: skip
            line = await fetch_value("insert into activity (employer_id, board_id, kind, summary) values ($1, $2, 'visit', 'x') returning id", employer, board)
            visit = await fetch_value("insert into visit (activity_id, board_id, account_id, draft_id, outcome) "
                                      "values ($1, $2, $3, gen_random_uuid(), 'open') returning id", line, board, person.account_id)  # fmt: skip
            await execute("insert into visit_proposal (visit_id, board_id, account_id, draft_id, proposed, base) "
                          "values ($1, $2, $3, gen_random_uuid(), '{}', '')", visit, board, person.account_id)  # fmt: skip
            for whose in (board, None) if board == boards.north else (board,):
                await execute("insert into report_figure (board_id, measure, value) values ($1, 'x', 1)", whose)
                await execute("insert into report_row (board_id, measure, row_id, employer_id, at) values ($1, 'x', $2, $2, now())", whose, employer)
                await execute("insert into report_schedule (account_id, board_id, rhythm, day, language) values ($1, $2, 'weekly', 1, 'en')", person.account_id, whose)
                await execute("insert into establishment_total (board_id, establishments, source, as_of) values ($1, 1, 'x', now())", whose)
            await execute("insert into task (employer_id, board_id, title) values ($1, $2, 'x')", employer, board)
            await execute("insert into estimate (employer_id, board_id, as_of, facts, result) values ($1, $2, now(), '{}', '{}')",
                          employer, board)  # fmt: skip
            for at, away in (("null", "null"), ("now()", "now()"), ("now()", "null")):
                hire = await fetch_value(f"insert into hire (employer_id, board_id, label, shared_at, archived_at) values ($1, $2, 'x', {at}, {away}) returning id",
                                         employer, board)  # fmt: skip
                for sees in (False, True):
                    await execute("insert into hire_fact (hire_id, board_id, key, value, source, employer_sees) values ($1, $2, $3, 'x', 'employer', $4)",
                                  hire, board, f"x{sees}", sees)  # fmt: skip
            await execute("insert into learner_link (hire_id, board_id, secret_hash, language, until) values ($1, $2, $3, 'en', now())", hire, board, hire.bytes)
            await execute("insert into screening_link (hire_id, board_id, secret_hash, language, until) values ($1, $2, $3, 'en', now())",
                          hire, board, hire.bytes)  # fmt: skip
            kept = await fetch_value("insert into estimate (employer_id, board_id, as_of) values ($1, $2, now()) returning id", employer, board)
            case = await fetch_value("insert into incentive_case (hire_id, employer_id, board_id, program, estimate_id, state_since) "
                                     "values ($1, $2, $3, 'x', $4, now()) returning id", hire, employer, board, kept)  # fmt: skip
            for whose, out in ((board, "null"), (board, "now()"), (boards.south, "null")):  # the south shares none of Erin's hires
                await execute("insert into claimed_elsewhere (employer_id, board_id, program, year, source, on_day, removed_at) "
                              f"values ($1, $2, 'x', 2025, 'x', now(), {out})", employer, whose)  # fmt: skip
            await execute("insert into rule_trial (kind, drafts) values ('shadow', '[]')")
            await execute("insert into incentive_case (hire_id, employer_id, board_id, program, estimate_id, state_since, state) "
                          "values ($1, $2, $3, 'y', $4, now(), 'submitted')", hire, employer, board, kept)  # fmt: skip
            await execute("insert into case_move (case_id, board_id, from_state, to_state, on_day) values ($1, $2, 'x', 'y', now())", case, board)
            await execute("insert into case_item (case_id, board_id, item) values ($1, $2, 'x')", case, board)
            await execute("insert into stored_file (storage_key, name, media_type, size, sha256, kind, employer_id, board_id) "
                          "values ($1, 'x', 'text/csv', 1, '\\x00', 'import', $2, $3), ($1 || '-', 'x', 'text/csv', 1, '\\x00', 'case', null, $3)",
                          str(employer), employer, board)  # fmt: skip
            await execute("insert into contact_stop (employer_id, reason) values ($1, 'x')", employer)
            await execute("insert into outreach_claim (employer_id, board_id, expires_at) values ($1, $2, now() + interval '1 day')", employer, board)
            contact = (await fetch("insert into contact (given_name, family_name) values ('A', 'B') returning id"))[0]["id"]
            await execute("insert into affiliation (contact_id, employer_id, valid_from) values ($1, $2, now())", contact, employer)
            await execute("insert into consent (contact_id, channel, purpose, given, how, words) values ($1, 'email', 'news', true, 'said', 'x')", contact)
            for shared in ([board], []):
                await execute("insert into saved_view (account_id, list, name, filters, board_ids) values ($1, 'tasks', 'x', '{}', $2)",
                              people.alice.account_id, shared)  # fmt: skip
            for whose in (board, None):
                await execute("insert into email_template (board_id, name, subject_en, body_en) values ($1, 'x', 'x', 'x')", whose)
                sequence = (await fetch("insert into sequence (board_id, name) values ($1, 'x') returning id", whose))[0]["id"]
                await execute("insert into sequence_step (sequence_id, board_id, position, kind, title) values ($1, $2, 1, 'call', 'x')", sequence, whose)
            await execute("insert into sequence_hold (sequence_id, board_id) values ($1, $2)", sequence, board)
            batch = (await fetch("insert into enrolment_batch (sequence_id, board_id) values ($1, $2) returning id", sequence, board))[0]["id"]
            await execute("insert into enrolment (batch_id, sequence_id, board_id, employer_id, contact_id, state) values ($1, $2, $3, $4, $5, 'active')",
                          batch, sequence, board, employer, contact)  # fmt: skip
            mailing = (await fetch("insert into mailing (board_id, name, subject_en, body_en, chosen) values ($1, 'x', 'x', 'x', '{}') returning id", board))[0]
            await execute("insert into mailing_recipient (mailing_id, board_id, employer_id, contact_id, email, language, state) "
                          "values ($1, $2, $3, $4, 'x@example.com', 'en', 'queued')", mailing["id"], board, employer, contact)  # fmt: skip
            for shown_to in ("board", "boards"):
                event = (await fetch("insert into employer_event (board_id, kind, title_en, starts_at, ends_at, shown_to, sign_up_code) values "
                                     "($1, 'tour', 'x', now(), now() + interval '1 hour', $2, gen_random_uuid()) returning id", board, shown_to))[0]["id"]
                await execute("insert into event_guest (event_id, board_id, employer_id, contact_id, source) values ($1, $2, $3, $4, 'invited')",
                              event, board, employer, contact)  # fmt: skip
            for whose in (board, None):
                drive = (await fetch("insert into pledge_drive (board_id, name_en, name_es, first_day, last_day, goal) "
                                     "values ($1, 'x', 'x', '2026-01-01', '2026-12-31', 9) returning id", whose))[0]["id"]
                pledge = (await fetch("insert into pledge (drive_id, board_id, employer_id, kind, slots, pay, pledged_on) "
                                      "values ($1, $2, $3, 'project', 2, 'unpaid', '2026-01-02') returning id", drive, board, employer))[0]["id"]
                await execute("insert into pledge_progress (pledge_id, board_id, step, change, on_day) values ($1, $2, 'matched', 1, '2026-01-03')", pledge, board)
        # the north lets the south read what it wrote of Erin's; once it did for Frank's, and once until a day that is past
        for employer, until, ended in ((employers.erins, "1 day", False), (employers.franks, "1 day", True), (employers.franks, "-1 day", False)):
            await execute(
                "insert into shared_timeline (employer_id, from_board_id, to_board_id, purpose, until, revoked_at) values "
                f"($1, $2, $3, 'x', '{agency_today()}'::date + interval '{until}', case when $4 then now() end)",
                employer, boards.north, boards.south, ended,
            )  # fmt: skip
        await execute("insert into activity (employer_id, board_id, kind, summary) values ($1, $2, 'note', 'x')", employers.franks, boards.north)
        # of what it wrote of Frank's it lets the south read one entry now; others it did once, or until a day that is past
        for until, ended in (("1 day", False), ("1 day", True), ("-1 day", False)):
            entry = await fetch("insert into activity (employer_id, board_id, kind, summary) values ($1, $2, 'note', 'x') returning id", employers.franks, boards.north)
            await execute(
                "insert into shared_part (employer_id, from_board_id, to_board_id, activity_id, purpose, until, revoked_at) values "
                f"($1, $2, $3, $4, 'x', '{agency_today()}'::date + interval '{until}', case when $5 then now() end)",
                employers.franks, boards.north, boards.south, entry[0]["id"], ended,
            )  # fmt: skip
        await execute("insert into activity_change (activity_id, before, after) select id, '{}', '{}' from activity")
        await execute("insert into activity_file (activity_id, file_id) select y.id, f.id from activity y join stored_file f on f.board_id = y.board_id "
                      "and f.employer_id = y.employer_id")  # fmt: skip
        await execute("insert into case_file (case_id, board_id, file_id) select c.id, c.board_id, f.id from incentive_case c "
                      "join stored_file f on f.board_id = c.board_id and f.employer_id = c.employer_id where c.program = 'x'")  # fmt: skip
        await mail_between(boards, people)
        for sensitivity in ("record", "staff", "sealed"):
            for subject, whose in (("employer", employers.erins), ("contact", contact)):
                made = (await fetch("insert into custom_field (subject, key, kind, label_en, label_es, purpose_en, purpose_es, sensitivity) "
                                    "values ($1, $2, 'text', 'x', 'x', 'x', 'x', $2) returning id", subject, sensitivity))[0]["id"]  # fmt: skip
                await execute(f"insert into custom_value (field_id, {subject}_id, value) values ($1, $2, '1')", made, whose)
        shown = (await fetch("insert into custom_field (subject, key, kind, label_en, label_es, purpose_en, purpose_es, portal) "
                             "values ('employer', 'shown', 'text', 'x', 'x', 'x', 'x', 'shown') returning id"))[0]["id"]
        for whose in (employers.erins, employers.franks):
            await execute("insert into custom_value (field_id, employer_id, value) values ($1, $2, '1')", shown, whose)
        await execute("insert into service_code (code, name_en, name_es, citation, first_day) values ('x', 'x', 'x', 'x', now())")
        await execute("insert into blank_form (program, title, file_id, fields) select 'x', 'x', min(id::text)::uuid, '[]' from stored_file")
        await execute("insert into backup (taken_at, file, size, row_count, file_count) values (now(), 'x', 1, 1, 1)")
        act.record("rows", None)
    return {"boards": [boards.north, boards.south], "employers": [employers.erins, employers.franks]}


async def mail_between(boards, people):
    """Of the north: to no one, to the board, in Alice's conversation that the south reads, that it read until yesterday, that it no longer reads."""
    box = (await fetch("insert into mailbox (kind, name) values ('imap', 'x') returning id"))[0]["id"]
    await execute("insert into address_mark (address, kind, lasting, reason) values ('x@example.com', 'bounce', true, 'x')")
    for thread, reader, until in (("", None, None), ("", boards.north, None), ("<a@x>", people.alice, "1 day"), ("<b@x>", people.alice, "-1 day"), ("<c@x>", people.bob, "1 day")):
        mail = (await fetch("insert into email (mailbox_id, sha256, size, received_at, thread, board_id) values ($1, sha256(gen_random_uuid()::text::bytea), 1, "
                            "now(), $2, $3) returning id", box, thread, boards.north if thread else None))[0]["id"]  # fmt: skip
        await execute("insert into email_text (id) values ($1)", mail)
        await execute("insert into email_part (email_id, position, name, media_type, size) values ($1, 0, 'x', 'x', 1)", mail)
        if thread:
            await execute("insert into email_reader (email_id, account_id, how) values ($1, $2, 'got')", mail, reader.account_id)
            await execute("insert into email_share (thread, board_id, purpose, until, made_by) values "
                          f"($1, $2, 'x', '{agency_today()}'::date + interval '{until}', $3)", thread, boards.south, people.alice.account_id)  # fmt: skip
        elif reader:
            await execute("insert into email_reader (email_id, board_id, how) values ($1, $2, 'got')", mail, reader)


EMAIL_OF = {"email": "t.id", "email_text": "t.id", "email_part": "t.email_id"}
EMPLOYER_OF = {
    "employer": "t.id", "contact": "(select f.employer_id from affiliation f where f.contact_id = t.id)",
    "pledge_drive": "(select p.employer_id from pledge p where p.drive_id = t.id)",
    **dict.fromkeys(("activity_file", "activity_change"), "(select y.employer_id from activity y where y.id = t.activity_id)"),
    "hire_fact": "(select h.employer_id from hire h where h.id = t.hire_id)",
}
HIRE_OF = {"hire": "t.id", "hire_fact": "t.hire_id", "incentive_case": "t.hire_id",
           "claimed_elsewhere": "any(array(select o.id from hire o where o.employer_id = t.employer_id and o.board_id = t.board_id))"}  # fmt: skip
FIELD_OF = {"custom_field": ("t.sensitivity", "t.subject", "t.portal"),
            "custom_value": tuple(f"(select d.{column} from custom_field d where d.id = t.field_id)" for column in ("sensitivity", "subject", "portal"))}  # fmt: skip
BOARD_OF = dict.fromkeys(("activity_file", "activity_change"), "(select y.board_id from activity y where y.id = t.activity_id)")


async def told_of(table, actor):
    """Every row with what the reference needs, and whether the gate shows it."""
    async with transaction(read_only=True):
        columns = {r["column_name"] for r in await fetch("select column_name from information_schema.columns where table_name = $1", table)}
        employer = EMPLOYER_OF.get(table, "t.employer_id" if "employer_id" in columns else "null::uuid")
        board = BOARD_OF.get(table, "t.board_id" if "board_id" in columns else "null::uuid")
        wanted = ("id", "activity_id", "from_board_id", "to_board_id", "account_id", "board_ids", "shown_to", "kind", "employer_sees", "state", "removed_at")
        more = "".join(f", t.{name}" for name in wanted if name in columns)
        sensitivity, subject, portal = FIELD_OF.get(table, ("null", "null", "null"))
        found = await fetch(Sql(f"select {sensitivity} as sensitivity, {subject} as field_of, {portal} as portal, {employer} as employer, {board} as board_id, coalesce({{}}, false) as shown{more}, "
                                f"{EMAIL_OF.get(table, 'null::uuid')} as email, exists (select from hire h where h.id = {HIRE_OF.get(table, 'null::uuid')} and h.shared_at is not null "
                                f"and h.archived_at is null) as hire_shared from {table} t",
                                visible(actor, table, "t")))  # fmt: skip
        shares = await fetch("select to_board_id, from_board_id, employer_id from shared_timeline where revoked_at is null and until >= $1", agency_today())
        entries = await fetch("select to_board_id, activity_id from shared_part where revoked_at is null and until >= $1", agency_today())
        took = await fetch("select email_id, account_id, board_id from email_reader")
        along = await fetch("select m.id, h.made_by, h.board_id from email_share h join email m on m.thread = h.thread where h.until >= $1", agency_today())
    return [dict(row) | {"shares": {tuple(share) for share in shares}, "entries": {tuple(each) for each in entries},
                         "mail": mail_of(row["email"], took, along)} for row in found]  # fmt: skip


def mail_of(email, took, along):
    """The boards that a message came to or that read along with someone who took part; whether it came to no one."""
    people = {each["account_id"] for each in took if each["email_id"] == email}
    boards = {each["board_id"] for each in took if each["email_id"] == email} | {each["board_id"] for each in along if each["id"] == email and each["made_by"] in people}
    return {"boards": boards, "no_one": email not in {each["email_id"] for each in took}}


def test_every_table_with_a_sight_has_its_rule_here_or_a_test_of_its_own():
    # these belong to a person or to the program: tests/accounts, tests/correspondence, tests/engagements and tests/access/test_matrix.py prove them
    elsewhere = {"account", "role_grant", "session", "passkey", "api_token", "job", "plugin_state", "mail_message", "audit_entry",
                 "import_batch", "calendar_feed", "activity_mention", "email_share", "dropbox"}  # fmt: skip
    assert set(sights()) - elsewhere == set(RULES)


@pytest.mark.parametrize("table", sorted(RULES))
async def test_the_gate_shows_what_the_rule_says(rows, table):
    drawn_actors = set(alone(rows))

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(actor=actors(rows))
    def drawn(actor):
        drawn_actors.add(actor)

    drawn()
    for actor in drawn_actors:
        for row in await told_of(table, actor):
            assert row["shown"] == RULES[table](actor, row), (table, sorted(actor.roles), dict(row))


def alone(rows):
    """Each role by itself, with no board or employer, with one, and with the other."""
    for role in Role:
        for board, employer in ((None, None), (0, 0), (1, 1), (0, 1)):
            yield Actor(kind=ActorKind.STAFF, name="x", roles=frozenset({role}),
                        board_ids=frozenset() if board is None else frozenset({rows["boards"][board]}),
                        employer_ids=frozenset() if employer is None else frozenset({rows["employers"][employer]}))  # fmt: skip


def actors(rows):
    return st.builds(
        Actor, kind=st.sampled_from([ActorKind.STAFF, ActorKind.EMPLOYER, ActorKind.PARTNER, ActorKind.TOKEN]), name=st.just("x"),
        roles=st.frozensets(st.sampled_from(list(Role)), max_size=3), board_ids=st.frozensets(st.sampled_from(rows["boards"])),
        employer_ids=st.frozensets(st.sampled_from(rows["employers"])),
    )  # fmt: skip


@given(roles=st.frozensets(st.sampled_from(list(Role)), max_size=3), more=st.sampled_from(list(Role)), table=st.sampled_from(sorted(RULES)))
def test_another_role_never_hides_a_field_that_was_shown(roles, more, table):
    fewer, wider = (Actor(kind=ActorKind.STAFF, name="x", roles=held) for held in (roles, roles | {more}))
    if any(role in sights()[table].scopes for role in roles):
        assert hidden_fields(wider, table) <= hidden_fields(fewer, table)
