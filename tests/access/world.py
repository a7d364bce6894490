"""One of everything, to fill the addresses of routes with."""

import re
from datetime import date, timedelta
from types import SimpleNamespace
from uuid import UUID

from crm import files, sealing
from crm.access import SYSTEM
from crm.actions import acting
from crm.contacts import actions as contacts
from crm.contacts import merging as people_merging
from crm.contacts import moving
from crm.contacts.forms import ContactForm, JobChangeForm
from crm.database import execute, fetch, fetch_value, transaction
from crm.employer_events import events, guests
from crm.employer_events.forms import EventForm
from crm.employers import bulk as employing
from crm.employers import merging
from crm.employers.forms import BulkEmployerForm
from crm.engagements import actions as engagements
from crm.engagements import activities, attachments, bulk, courtesy, designing, noting, services, sharing, tasks
from crm.engagements.forms import (
    ActivityForm,
    BulkChangeForm,
    LogForm,
    NewServiceForm,
    NoteForm,
    PipelineForm,
    ShareForm,
    StopForm,
    TaskForm,
)
from crm.engagements.pipeline import Filters
from crm.fields import actions as fields
from crm.fields.forms import NewFieldForm
from crm.fields.own import own
from crm.incentives import hires
from crm.incentives.claims import rules
from crm.incentives.forms import AskForm, HireForm
from crm.incentives.outside import learner, links
from crm.incentives.outside import sharing as hire_sharing
from crm.outreach import mailings, sequences, templates
from crm.outreach.forms import MailingForm, SequenceForm, StepForm, TemplateForm
from crm.pledges import actions as pledges
from crm.pledges import drives
from crm.pledges.forms import DriveForm, PledgeForm, ProgressForm
from crm.reporting import schedules
from crm.reporting.forms import ScheduleForm
from crm.views import actions as views
from crm.views.forms import NewViewForm
from crm.visits import actions as visits
from crm.visits.forms import VisitForm
from tests.incentives import official_form

FIRST_STEP = rules.mark({"en": "On or before the job offer, have the applicant information and page 1 of Form 8850 filled in and signed."})
CLOCK = visits.Clock("America/New_York", date(2026, 11, 23))


async def made_by(people, boards, employers):
    """One of everything in the north, made by Alice; Erin's employer."""
    engagement = await engagements.start(people.alice, employers.erins)
    form = LogForm(kind="call", summary="Asked about spring", mention_id=people.bob.account_id)
    hanging = [attachments.Upload("list.csv", b"name\nAcme\n")]
    activity = await activities.log_activity(people.alice, employers.erins, form, zone="UTC", today=date(2026, 11, 23), uploads=hanging)
    said = ActivityForm(kind="call", summary="Asked about summer")
    changed = await activities.change_activity(people.alice, activity, said, 1, zone="UTC", today=date(2026, 11, 23))
    task = await tasks.add_task(people.alice, TaskForm(title="Call back"), employer_id=employers.erins)
    way = await designing.add_pipeline(people.bob, boards.north, PipelineForm(name_en="Summer", name_es="Verano"))
    change, _count = await bulk.change(people.alice, [engagement], BulkChangeForm(change="give", owner_id=people.bob.account_id))
    employer_change, _count = await employing.change(people.alice, [employers.erins], BulkEmployerForm(change="status", status="active"))
    stop = await courtesy.stop(people.alice, StopForm(reason="Asked us", channel="text"), employer_id=employers.erins)
    today = date.today()
    share, part = await sharing.share(
        people.alice, employers.erins, ShareForm(board_id=boards.south, purpose="Joint visit", until=today, timeline=True, slots=True), today)  # fmt: skip
    for ended in await sharing.share(
        people.alice, employers.erins, ShareForm(board_id=boards.south, purpose="An earlier one", until=today, timeline=True), today
    ):  # fmt: skip
        await sharing.unshare(people.alice, ended)
    words = await templates.add(people.alice, TemplateForm(name="Hello", subject_en="Hello", body_en="Hello {first_name}"))
    mailing = await mailings.make(people.alice, MailingForm(name="Hello", template_id=words), Filters())
    drive = await drives.add(people.bob, DriveForm(
        name_en="Summer", name_es="Verano", first_day=date(2026, 11, 1), last_day=date(2027, 6, 30), goal=40))
    pledge = await pledges.add(
        people.alice, employers.erins, PledgeForm(drive_id=drive, kind="internship", slots=3, first_day=date(2027, 7, 1)), today=date(2026, 11, 23))
    entry = await pledges.count(people.alice, pledge, ProgressForm(step="matched", change=1), today=date(2026, 11, 23))
    view = await views.keep(people.alice, NewViewForm(list="employers", name="Builders", query="sector=23"))
    event = await events.add(people.alice, EventForm(
        kind="tour", title_en="Tour", on=today + timedelta(days=9), begins="09:00", ends="11:00", place="1 Dock Road", capacity=2, sign_up=True), zone="UTC")
    guest_contact = await contacts.add_contact(people.alice, employers.erins, ContactForm(given_name="Gil", email="gil@work.example.com"))
    mover, role = await contacts.add_affiliation(people.alice, employers.erins, ContactForm(given_name="Mona", email="mona@work.example.com"))
    job_change = (await moving.change_job(people.alice, role, JobChangeForm(left_on=today, employer_id=employers.franks, role="Cook"), today=today)).id
    twin_people = [await contacts.add_contact(people.alice, employers.erins, ContactForm(given_name=name)) for name in ("Olga", "Ulrich", "Xenia")]
    people_merge = await people_merging.merge(people.alice, twin_people[1], twin_people[2], {})
    guest = await guests.invite(people.alice, event, employers.erins, guest_contact)
    visit, _new = await visits.log_visit(
        people.alice, VisitForm(draft_id=UUID(int=9), employer_id=employers.erins, on=date(2026, 11, 23), at="10:30", outcome="open", notes="Said they may"),
        CLOCK)  # fmt: skip
    async with transaction(read_only=True):
        now = visits.values_of(await visits.shown(visit), CLOCK)
    proposal = await visits.propose(people.alice, visit, UUID(int=9), now | {"notes": "Said they will"}, "")
    sequence = await sequences.add(people.alice, SequenceForm(name="Visits"))
    await sequences.add_step(people.alice, sequence, StepForm(kind="email", title="Write", subject_en="Hello", body_en="Hello {first_name}"))
    step = await sequences.add_step(people.alice, sequence, StepForm(kind="call", title="Call", wait_days=2))
    schedule = await schedules.add(people.alice, ScheduleForm(board_id=boards.north, rhythm="weekly"), date(2026, 11, 23))
    hire = await hires.add(people.alice, employers.erins, HireForm(label="R.L.", starts_on=date(2025, 10, 1)))
    await hires.tell(people.alice, hire, {"hourly_wage": "18", "birth_date": "2001-02-03"})
    await links.make(people.alice, hire, 14, today)
    learner_secret = await learner.ask(people.alice, hire, AskForm(), today)
    await hire_sharing.share(people.alice, hire)
    proof = await files.put(b"name\nAcme\n", "csv")
    listed = await files.put(b"name\nAcme\n", "csv")
    official = await files.put(official_form.made(), "pdf")
    async with acting(SYSTEM, "world.made") as act:
        territory = await fetch_value(
            "insert into territory (board_id, kind, name, place_key, state, valid_from) "
            "values ($1, 'municipality', 'Worcester', 'worcester', 'MA', '2020-01-01') returning id", boards.north)  # fmt: skip
        region = await fetch_value("insert into region (kind, code, name, state) values ('planning', 'c', 'Central', 'MA') returning id")
        board_region = await fetch_value(
            "insert into board_region (board_id, region_id, valid_from) values ($1, $2, '2020-01-01') returning id",
            boards.north, region)  # fmt: skip
        file = await fetch_value(
            "insert into stored_file (storage_key, name, media_type, size, sha256, kind, employer_id, board_id) "
            "values ('pdf/none.pdf', 'x.pdf', 'application/pdf', 1, '', 'estimate', $1, $2) returning id",
            employers.erins, boards.north)  # fmt: skip
        contact = await fetch_value("insert into contact (given_name) values ('Ana') returning id")
        affiliation = await fetch_value(
            "insert into affiliation (contact_id, employer_id) values ($1, $2) returning id", contact, employers.erins)  # fmt: skip
        await execute("update mailing set state = 'draft' where id = $1", mailing)
        await execute("insert into report_figure (board_id, measure, value) values ($1, 'unplaced', 0)", boards.north)
        # the case is of a program that only its plugin knows, so it is made as rows
        estimate = await fetch_value("insert into estimate (employer_id, hire_id, board_id, as_of, result, content_sealed, id) "
                                     "values ($1, $2, $3, now(), $4, $5, $6) returning id", employers.erins, hire, boards.north,
                                     {"program": "us-wotc", "answer": {}}, sealing.seal('{"facts": {}}', "estimate", "content", UUID(int=5)), UUID(int=5))
        case = await fetch_value("insert into incentive_case (hire_id, employer_id, board_id, program, owner_id, estimate_id, state, state_since) "
                                 "values ($1, $2, $3, 'us-wotc', $4, $5, 'submitted', now()) returning id",
                                 hire, employers.erins, boards.north, people.alice.account_id, estimate)  # fmt: skip
        claimed_elsewhere = await fetch_value("insert into claimed_elsewhere (employer_id, board_id, program, year, amount, people, source, on_day) "
                                              "values ($1, $2, 'ma-ratc', 2025, 97000, 20, 'x', now()) returning id", employers.erins, boards.north)  # fmt: skip
        case_move = await fetch_value("insert into case_move (case_id, board_id, from_state, to_state, on_day) "
                                      "values ($1, $2, 'preparing', 'submitted', now()) returning id", case, boards.north)  # fmt: skip
        case_file = await fetch_value("insert into case_file (case_id, board_id, file_id) values ($1, $2, $3) returning id",
                                      case, boards.north, await files.keep(proof, "x.csv", "case", board_id=boards.north))  # fmt: skip
        drafted = {"name": "draft.yaml", "text": "id: x", "numbers": [], "sha256": "0", "program": "x", "title": {"en": "X"}, "jurisdiction": "US"}
        program = {"program": "x", "title": {"en": "X"}, "missing": [], "pools": [], "groups": dict.fromkeys(("size", "region", "sector", "learner_group"), []),
                   **dict.fromkeys(("reached", "employers", "cost", "before_limits", "average", "shut_out", "not_eligible", "unknown"))}
        results = {"simulation": {"rows": 1, "found_wrong": 0, "findings": [], "programs": [program], "versions": {}, "group": ""},
                   "shadow": {"looked": 1, "unread": 0, "changed": None, "same": None, "reasons": [], "day": "2026-11-23", "versions": {}}}
        trial, shadow = [await fetch_value("insert into rule_trial (kind, drafts, year, result, finished_at, made_by) values ($1, $2, 2025, $3, now(), $4) returning id",
                                           kind, [drafted], result, people.ana.account_id) for kind, result in results.items()]  # fmt: skip
        blank_form = await fetch_value("insert into blank_form (program, title, file_id, fields, mapping) values ('us-wotc', 'IRS Form 8850', $1, $2, $3) returning id",
                                       await files.keep(official, "f8850.pdf", "blank_form"), [{"name": "starts", "kind": "text"}, {"name": "group_a", "kind": "box", "on": "Yes"}],
                                       [{"field": "starts", "on": "", "source": "work_start"}])  # fmt: skip
        code = await fetch_value("select sign_up_code from employer_event where id = $1", event)
        stranger = await fetch_value("insert into event_guest (event_id, board_id, given_name, company, email, source) "
                                     "values ($1, $2, 'Stray', 'Erin', 'stray@example.com', 'sign_up') returning id", event, boards.north)
        await execute("update board set address = '1 Court Square, Worcester, MA 01608' where id = $1", boards.north)
        pair = await fetch_value(
            "insert into duplicate_pair (left_id, right_id, score, why) values (least($1::uuid, $2), greatest($1::uuid, $2), 90, 'alike') returning id",
            employers.erins, employers.franks)  # fmt: skip
        twins = [await fetch_value("insert into employer (name, match_key) values ($1, $1) returning id", name) for name in ("twin", "twins")]
        second = await fetch_value("insert into contact (given_name) values ('Ben') returning id")
        recipient, _queued = [await fetch_value(
            "insert into mailing_recipient (mailing_id, board_id, employer_id, contact_id, email, language, state) "
            "values ($1, $2, $3, $4, $5, 'en', $6) returning id",
            mailing, boards.north, employers.erins, person, f"{state}@example.com", state)
            for person, state in ((contact, "uncertain"), (second, "queued"))]  # fmt: skip
        await execute("update contact set email = 'ben@example.com' where id = $1", second)
        await execute("insert into affiliation (contact_id, employer_id) values ($1, $2)", second, employers.erins)
        put_on = await fetch_value("insert into enrolment_batch (sequence_id, board_id, state, made_by) values ($1, $2, 'draft', $3) returning id",
                                   sequence, boards.north, people.alice.account_id)  # fmt: skip
        _taken, enrolment = [await fetch_value(
            "insert into enrolment (batch_id, sequence_id, board_id, employer_id, contact_id, state, due_at, made_by) "
            "values ($1, $2, $3, $4, $5, $6, now() + interval '1 day', $7) returning id",
            put_on, sequence, boards.north, employers.erins, person, state, people.alice.account_id)
            for person, state in ((second, "listed"), (contact, "active"))]  # fmt: skip
        batch = await fetch_value(
            "insert into import_batch (board_id, account_id, file_name, headers, file_id) values ($1, $2, 'x.csv', '{name}', $3) "
            "returning id", boards.north, people.alice.account_id, await files.keep(listed, "x.csv", "import", board_id=boards.north))  # fmt: skip
        act.record("world", None)
    mail = await one_mail(people, employers, activity)
    merge = await merging.merge(people.alice, *twins, {})
    listed_code = await services.add_code(people.sam, NewServiceForm(
        code="S-1", name_en="Tour", name_es="Recorrido", citation="Manual, p. 1", first_day=date(2026, 7, 1)))  # fmt: skip
    why = {"purpose_en": "So that students get there", "purpose_es": "Para que los estudiantes lleguen"}
    asked = await fields.add(people.sam, NewFieldForm(
        subject="employer", kind="choices", key="bus_lines", label_en="Bus lines", label_es="Autobuses", choices="red | Red | Roja\nblue | Blue | Azul", **why))
    secret = await fields.add(people.sam, NewFieldForm(
        subject="employer", kind="text", key="gate_code", label_en="Gate code", label_es="Clave", sensitivity="sealed", **why))
    async with acting(people.sam, "world.made") as act:
        theirs = await own(people.sam, "employer", employers.erins)
        await theirs.keep(people.sam, employers.erins, {"x_bus_lines": ["red"], "x_gate_code": "4711"})
        sealed_value = await fetch_value("select id from custom_value where field_id = $1", secret)
        act.record("world", None)
    note, _count = await noting.write(people.alice, [employers.erins], NoteForm(kind="note", summary="Invited"), zone="UTC", today=date(2026, 11, 23))
    async with acting(people.alice, "job.made") as act:
        job = await act.enqueue("noop", {}, title="noop")
        act.record("job", job)
    async with transaction(read_only=True):
        screening_link = await fetch_value("select id from screening_link")
        learner_link = await fetch_value("select id from learner_link")
        site = await fetch_value("select id from establishment where employer_id = $1", employers.erins)
        recruit = await fetch_value("select id from pipeline where board_id is null and code = 'recruit'")
        stage = (await fetch("select id from stage where pipeline_id = $1 order by position limit 1", recruit))[0]["id"]
        own_stage = await fetch_value("select id from stage where pipeline_id = $1 and kind = 'paused'", way)
        move = await fetch_value("select id from stage_move limit 1")
        rule = await fetch_value("select id from engagement_rule where kind = 'visit'")
        attachment, mention = [await fetch_value(f"select id from {table} where activity_id = $1", activity) for table in ("activity_file", "activity_mention")]
    return SimpleNamespace(
        **mail,
        employer_id=employers.erins,
        establishment_id=site,
        affiliation_id=affiliation,
        contact_id=affiliation,
        token_id=UUID(int=1),
        board_id=boards.north,
        pipeline_id=way,
        own_stage_id=own_stage,
        state_pipeline_id=recruit,
        change_id=change,
        stop_id=stop,
        share_id=share,
        part_id=part,
        mailing_id=mailing,
        view_id=view,
        employer_change_id=employer_change,
        list_name="employers",
        pair_id=pair,
        merge_id=merge,
        template_id=words,
        recipient_id=recipient,
        sequence_id=sequence,
        step_id=step,
        batch_id=put_on,
        enrolment_id=enrolment,
        ben_id=second,
        drive_id=drive,
        pledge_id=pledge,
        entry_id=entry,
        event_id=event,
        guest_id=guest,
        guest_contact_id=guest_contact,
        stranger_id=stranger,
        code=code,
        at=1,
        stage_id=stage,
        territory_id=territory,
        import_id=batch,
        file_id=file,
        blank_form_id=blank_form,
        job_id=job,
        engagement_id=engagement,
        board_region_id=board_region,
        partner_id=people.teresa.partner_id,
        activity_id=activity,
        task_id=task,
        move_id=move,
        program_id="us-wotc",
        name="massachusetts",
        token="x" * 43,
        hire_id=hire, fact_key="hourly_wage", screening_link_id=screening_link, learner_link_id=learner_link, learner_secret=learner_secret, case_id=case, case_move_id=case_move, claimed_elsewhere_id=claimed_elsewhere, case_file_id=case_file, trial_id=trial, shadow_id=shadow,
        item=FIRST_STEP,
        code_id=listed_code, field_id=asked, value_id=sealed_value,
        rule_id=rule,
        note_id=note,
        attachment_id=attachment,
        mention_id=mention,
        activity_change_id=changed,
        person_id=contact, other_id=twin_people[0], job_change_id=job_change, people_merge_id=people_merge,
        account_id=people.alice.account_id,
        passkey_id=UUID(int=1),
        grant_id=UUID(int=1),
        session_id=UUID(int=1),
        schedule_id=schedule, rest="nowhere/at/all", visit_id=visit, proposal_id=proposal,
    )  # fmt: skip


async def one_mail(people, employers, activity):
    """Alice's with Erin, with a file and a share; and a mark."""
    body = await files.put(b"From: erin@example.com\r\nTo: alice@example.org\r\nMessage-ID: <w@x>\r\n\r\nHello\r\n", "eml")
    listed = await files.put(b"name\nAcme\n", "csv")
    async with acting(SYSTEM, "mail.made") as act:
        box = await fetch_value("insert into mailbox (kind, name) values ('door', 'dropbox') returning id")
        email = await fetch_value(
            "insert into email (mailbox_id, sha256, size, file_id, received_at, state, reason, direction, board_id, sender, thread) "
            "values ($1, $2, 1, $3, now(), 'filed', 'from_known', 'in', (select board_id from activity where id = $4), 'erin@example.com', '<w@x>') returning id",
            box, body.sha256, await files.keep(body, "w.eml", "email"), activity)  # fmt: skip
        await execute("insert into email_text (id, subject, body) values ($1, 'Hello', 'Hello')", email)
        part = await fetch_value("insert into email_part (email_id, position, name, media_type, size, file_id) values ($1, 0, 'list.csv', 'text/csv', 1, $2) "
                                 "returning id", email, await files.keep(listed, "list.csv", "email"))  # fmt: skip
        await execute("insert into email_reader (email_id, account_id, how) values ($1, $2, 'got')", email, people.alice.account_id)
        share = await fetch_value("insert into email_share (thread, account_id, purpose, until, made_by) values ('<w@x>', $1, 'x', current_date + 9, $2) returning id",
                                  people.walter.account_id, people.alice.account_id)  # fmt: skip
        mark = await fetch_value("insert into address_mark (address, kind, lasting, reason) values ('gone@example.com', 'bounce', true, '550') returning id")
        line = await fetch_value("insert into activity (employer_id, board_id, kind, direction, summary) select employer_id, board_id, 'email', 'in', 'Erin' "
                                 "from activity where id = $1 returning id", activity)  # fmt: skip
        await execute("insert into email_filing (email_id, activity_id) values ($1, $2)", email, line)
        act.record("email", email)
    return {"email_id": email, "email_part_id": part, "email_share_id": share, "address_mark_id": mark}


def address(path, world):
    path = path.replace("/schema/{path:str}", "/schema/nothing")
    filled = re.sub(r"\{(\w+):\w+\}", lambda m: str(getattr(world, m.group(1))), path)
    more = {"/reports/rows": "?measure=overdue", "/pipeline/": f"?before=2030-01-01T00:00:00Z&before_id={UUID(int=0)}"}
    return filled + next((query for start, query in more.items() if path.startswith(start)), "")
