"""One good try of every route that writes. The sweep of crash points reads it, and fails for a route without a line."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import crm_federal

from tests.incentives import official_form

PASSWORD = "correct horse battery staple"
DRAFT = Path(crm_federal.__file__).parent.joinpath("programs/us-bonding.yaml").read_bytes()
CSV = b"Employer,Address,City,State,Zip\nAcme Works,1 Main Street,Worcester,MA,01608\nZenith LLC,2 Elm Street,Boston,MA,02108\n"
FORM = official_form.made()


@dataclass(frozen=True)
class Try:
    """Who sends what to a route, after which other tries. `{name}` in a value is filled from the world."""

    who: str
    fields: dict[str, Any] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    files: dict[str, tuple[str, bytes, str]] | None = None
    json: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # what the address names, where it is not what the world holds
    mails: bool = False  # needs a mail server that is set up


def named(line, world):
    """What the address names in the place of what the world holds under that name."""
    return {name: value.format_map(vars(world)) for name, value in line.names.items()}


PLACE = {"kind": "municipality", "name": "Auburn", "valid_from": "2026-01-01", "source": "Called the town hall"}
SITE = {"line1": "9 Front Street", "city": "Worcester", "state": "MA", "zip": "01608"}
VISIT = {"on": "2026-11-20", "at": "14:05", "outcome": "agreed", "seen_safe": "yes", "notes": "Two slots", "next_step": "Send the plan", "next_due": "2026-12-01"}
PERSON = {"given_name": "Rosa", "family_name": "Lima", "email": "rosa@example.com"}

TRIES = {
    # visitors
    "POST /incentives": Try("nobody", {"state": "MA", "asked": "work_start,w2_job", "later": "", "f-work_start": "2026-12-01", "f-w2_job": "yes"}),
    # employers
    "POST /employers/new": Try("alice", {"name": "Gamma Tools LLC", "fein": "12-3456789", **SITE}),
    "POST /employers/{employer_id:uuid}/edit": Try("alice", {"name": "Erin's Bakery LLC", "version": "2", "status": "active"}),
    "POST /employers/{employer_id:uuid}/archive": Try("alice"),
    "POST /employers/change": Try("alice", {"change": "ownership", "ownership": "nonprofit", "chosen": "{employer_id}", "confirmed": "true"}),
    "POST /employers/changes/{employer_change_id:uuid}/undo": Try("alice"),
    "POST /employers/{employer_id:uuid}/restore": Try("alice", after=("POST /employers/{employer_id:uuid}/archive",)),
    "POST /employers/{employer_id:uuid}/fein": Try("bob"),
    "POST /employers/{employer_id:uuid}/sites/new": Try("alice", SITE),
    "POST /establishments/{establishment_id:uuid}/edit": Try("alice", {**SITE, "version": "1"}),
    "POST /establishments/{establishment_id:uuid}/board": Try("bob", {"board_id": "{board_id}", "reason": "They asked for it"}),
    "POST /establishments/{establishment_id:uuid}/board/by-address": Try(
        "bob", after=("POST /establishments/{establishment_id:uuid}/board",)),
    "POST /employers/{employer_id:uuid}/people/new": Try("alice", PERSON),
    "POST /affiliations/{affiliation_id:uuid}/edit": Try("alice", {**PERSON, "version": "1"}),
    "POST /contacts/{person_id:uuid}/roles/new": Try("alice", {"employer_id": "{employer_id}", "role": "Night baker", "valid_from": "2026-01-01"}),
    "POST /affiliations/{affiliation_id:uuid}/left": Try("alice", {"left_on": "2026-06-30", "new_name": "Hill Works", "new_city": "Worcester", "new_state": "MA", "role": "Cook"}),
    "POST /affiliations/{affiliation_id:uuid}/bring-back": Try("alice", after=("POST /affiliations/{affiliation_id:uuid}/left",)),
    "POST /job-changes/{job_change_id:uuid}/undo": Try("alice"),
    "POST /contacts/{person_id:uuid}/join/{other_id:uuid}": Try("alice", {"keep": "left", "given_name": "right"}),
    "POST /contacts/{person_id:uuid}/apart/{other_id:uuid}": Try("alice"),
    "POST /people-merges/{people_merge_id:uuid}/undo": Try("alice"),
    "POST /portal/employers/{employer_id:uuid}": Try("erin", {"name": "Erin's Bakery and Café", "version": "2"}),
    # the pipeline
    "POST /employers/{employer_id:uuid}/engage": Try("charlie", {"board_id": "{other_board_id}"}),
    "POST /engagements/{engagement_id:uuid}/move": Try("alice", {"stage_id": "{later_stage_id}"}),
    "POST /moves/{move_id:uuid}/undo": Try("alice", after=("POST /engagements/{engagement_id:uuid}/move",)),
    "POST /engagements/{engagement_id:uuid}/plan": Try("alice", {"next_step": "Visit", "next_step_due": "2026-12-01", "version": "2"}),
    "POST /employers/{employer_id:uuid}/claim": Try("alice", {"purpose": "Summer"}),
    "POST /employers/{employer_id:uuid}/release": Try(
        "alice", {"board_id": "{other_board_id}"}, after=("POST /employers/{employer_id:uuid}/claim",)),
    "POST /employers/{employer_id:uuid}/stops": Try("alice", {"reason": "Too many calls", "channel": "phone"}),
    "POST /stops/{stop_id:uuid}/lift": Try("alice"),
    "POST /affiliations/{affiliation_id:uuid}/consent": Try(
        "alice", {"given": "yes", "channel": "email", "purpose": "news", "how": "said", "words": "Yes, write to me"}),
    "POST /employers/{employer_id:uuid}/shares": Try("alice", {"board_id": "{other_board_id}", "purpose": "Joint visit", "until": "{soon}", "timeline": "true", "slots": "true"}),
    "POST /activities/{activity_id:uuid}/share": Try("alice", {"board_id": "{other_board_id}", "purpose": "Joint visit", "until": "{soon}"}),
    "POST /shared-parts/{part_id:uuid}/end": Try("alice"),
    "POST /shares/{share_id:uuid}/end": Try("alice"),
    "POST /views": Try("alice", {"list": "employers", "name": "Bakeries", "query": "sector=31-33", "with_colleagues": "true"}),
    "POST /views/{view_id:uuid}/edit": Try("alice", {"name": "Bakers", "board_id": "{other_board_id}"}),
    "POST /views/{view_id:uuid}/filters": Try("alice", {"query": "sector=44-45"}),
    "POST /views/{view_id:uuid}/put-away": Try("alice"),
    "POST /views/{view_id:uuid}/restore": Try("alice", after=("POST /views/{view_id:uuid}/put-away",)),
    "POST /views/{view_id:uuid}/start": Try("alice"),
    "POST /views/start/off": Try("alice", after=("POST /views/{view_id:uuid}/start",)),
    "POST /duplicates/sweep": Try("alice"),
    "POST /duplicates/policy": Try(
        "sam", {"staff": "queue", "api": "block", "list": "warn", "portal": "queue", "mail": "queue", "plugin": "block"}),
    "POST /duplicates/{pair_id:uuid}/merge": Try("alice", {"keep": "left", "name": "right"}),
    "POST /duplicates/{pair_id:uuid}/apart": Try("alice"),
    "POST /merges/{merge_id:uuid}/undo": Try("alice"),
    "POST /email-templates/new": Try("alice", {"name": "Visit", "subject_en": "A visit", "body_en": "Dear {{first_name}}"}),
    "POST /email-templates/{template_id:uuid}/edit": Try(
        "alice", {"name": "Hello", "subject_en": "Hello again", "body_en": "Dear {{first_name}}", "version": "1"}),
    "POST /email-templates/{template_id:uuid}/put-away": Try("alice"),
    "POST /email-templates/{template_id:uuid}/restore": Try("alice", after=("POST /email-templates/{template_id:uuid}/put-away",)),
    "POST /mailings/new": Try("alice", {"name": "Spring", "template_id": "{template_id}"}),
    "POST /mailings/{mailing_id:uuid}/start": Try("alice", mails=True),
    "POST /mailings/{mailing_id:uuid}/pause": Try("alice", mails=True, after=("POST /mailings/{mailing_id:uuid}/start",)),
    "POST /mailings/{mailing_id:uuid}/stop": Try("alice"),
    "POST /mailing-recipients/{recipient_id:uuid}/decide": Try("alice", {"decision": "leave"}),
    "POST /events/new": Try("alice", {"kind": "tour", "title_en": "Tour", "on": "2027-05-04", "begins": "09:00", "ends": "11:00", "place": "1 Dock Road"}),
    "POST /events/{event_id:uuid}/edit": Try(
        "alice", {"kind": "tour", "title_en": "Tours", "on": "2027-05-04", "begins": "09:00", "ends": "11:00", "place": "1 Dock Road", "version": "1"}),
    "POST /events/{event_id:uuid}/cancel": Try("alice", {"reason": "Snow"}),
    "POST /events/{event_id:uuid}/restore": Try("alice", after=("POST /events/{event_id:uuid}/cancel",)),
    "POST /events/{event_id:uuid}/close": Try("alice", after=("POST /event-guests/{guest_id:uuid}/came", "it is over")),
    "POST /events/{event_id:uuid}/open-again": Try(
        "alice", after=("POST /event-guests/{guest_id:uuid}/came", "it is over", "POST /events/{event_id:uuid}/close")),
    "POST /events/{event_id:uuid}/write": Try("alice", {"template_id": "{template_id}"}),
    "POST /events/{event_id:uuid}/walk-ins": Try("alice", {"given_name": "Wanda", "company": "Erin"}),
    "POST /events/invite": Try("alice", {"event_id": "{event_id}"}),
    "POST /events/{event_id:uuid}/uninvite/{at:int}": Try("alice"),
    "POST /employers/{employer_id:uuid}/invite": Try("alice", {"event_id": "{event_id}", "contact_id": "{guest_contact_id}"}),
    "POST /event-guests/{guest_id:uuid}/answer": Try("alice", {"answer": "yes", "people": "2"}),
    "POST /event-guests/{guest_id:uuid}/came": Try("alice"),
    "POST /event-guests/{guest_id:uuid}/not-here": Try("alice", after=("POST /event-guests/{guest_id:uuid}/came",)),
    "POST /event-guests/{guest_id:uuid}/remove": Try("alice", after=("POST /event-guests/{guest_id:uuid}/answer",)),
    "POST /event-guests/{guest_id:uuid}/restore": Try(
        "alice", after=("POST /event-guests/{guest_id:uuid}/answer", "POST /event-guests/{guest_id:uuid}/remove")),
    "POST /event-guests/{guest_id:uuid}/match": Try("alice", {"employer_id": "{employer_id}"}, names={"guest_id": "{stranger_id}"}),
    "POST /come/{code:str}": Try("nobody", {"given_name": "Nia", "family_name": "Cole", "company": "Boats", "email": "nia@boats.example.com"}),
    "POST /pledge-drives/new": Try(
        "bob", {"name_en": "Fall", "name_es": "Otoño", "first_day": "2026-09-01", "last_day": "2026-12-31", "goal": "25"}),
    "POST /pledge-drives/{drive_id:uuid}/edit": Try(
        "bob", {"name_en": "Summer", "name_es": "Verano", "first_day": "2026-11-01", "last_day": "2027-06-30", "goal": "60", "version": "1"}),
    "POST /pledge-drives/{drive_id:uuid}/put-away": Try("bob"),
    "POST /pledge-drives/{drive_id:uuid}/restore": Try("bob", after=("POST /pledge-drives/{drive_id:uuid}/put-away",)),
    "POST /employers/{employer_id:uuid}/pledges/new": Try("alice", {"drive_id": "{drive_id}", "kind": "job_shadow", "slots": "2"}),
    "POST /pledges/{pledge_id:uuid}/edit": Try("alice", {"drive_id": "{drive_id}", "kind": "internship", "slots": "4", "version": "1"}),
    "POST /pledges/{pledge_id:uuid}/incentives": Try("alice", {"asked": "farm_work", "later": "", "f-farm_work": "no"}),
    "POST /pledges/{pledge_id:uuid}/hires": Try("alice", {"label": "R.L.", "job_title": "Baker", "f-farm_work": "no"}),
    "POST /pledges/{pledge_id:uuid}/progress": Try("alice", {"step": "matched", "change": "2"}),
    "POST /pledge-progress/{entry_id:uuid}/undo": Try("alice"),
    "POST /pledge-progress/{entry_id:uuid}/redo": Try("alice", after=("POST /pledge-progress/{entry_id:uuid}/undo",)),
    "POST /pledges/{pledge_id:uuid}/withdraw": Try("alice", {"reason": "timing"}, after=("POST /pledge-progress/{entry_id:uuid}/undo",)),
    "POST /pledges/{pledge_id:uuid}/mistake": Try("alice", after=("POST /pledge-progress/{entry_id:uuid}/undo",)),
    "POST /pledges/{pledge_id:uuid}/restore": Try(
        "alice", after=("POST /pledge-progress/{entry_id:uuid}/undo", "POST /pledges/{pledge_id:uuid}/mistake")),
    "POST /emails/{email_id:uuid}/file": Try("alice", {"employer_id": "{employer_id}", "direction": "in"}),
    "POST /emails/{email_id:uuid}/aside": Try("alice", {"to": "quarantined"}),
    "POST /emails/{email_id:uuid}/back": Try("alice"),
    "POST /emails/{email_id:uuid}/again": Try("alice"),
    "POST /emails/{email_id:uuid}/seen": Try("alice"),
    "POST /emails/{email_id:uuid}/unseen": Try("alice", after=("POST /emails/{email_id:uuid}/seen",)),
    "POST /emails/{email_id:uuid}/shares": Try("alice", {"with_whom": "board", "purpose": "Joint visit", "until": "{soon}"}),
    "POST /email-shares/{email_share_id:uuid}/end": Try("alice"),
    "POST /account/dropbox": Try("alice"),
    "POST /address-marks/{address_mark_id:uuid}/clear": Try("alice"),
    "POST /address-marks/{address_mark_id:uuid}/restore": Try("alice", after=("POST /address-marks/{address_mark_id:uuid}/clear",)),
    "POST /mailings/{mailing_id:uuid}/sample": Try("alice"),
    "POST /sequences/new": Try("alice", {"name": "Summer", "then_sequence_id": "{sequence_id}"}),
    "POST /sequences/{sequence_id:uuid}/edit": Try("alice", {"name": "Spring visits", "version": "1"}),
    "POST /sequences/{sequence_id:uuid}/put-away": Try("alice", after=("POST /enrolments/{enrolment_id:uuid}/stop",)),
    "POST /sequences/{sequence_id:uuid}/restore": Try("alice", after=("POST /enrolments/{enrolment_id:uuid}/stop", "POST /sequences/{sequence_id:uuid}/put-away")),
    "POST /sequences/{sequence_id:uuid}/sample": Try("alice"),
    "POST /sequences/{sequence_id:uuid}/steps/new": Try(
        "alice", {"kind": "letter", "title": "Thanks", "wait_days": "3", "subject_en": "Thank you", "body_en": "Dear {{first_name}}"}),
    "POST /sequence-steps/{step_id:uuid}/edit": Try("alice", {"kind": "call", "title": "Call them soon", "wait_days": "1", "version": "1"}),
    "POST /sequence-steps/{step_id:uuid}/shift": Try("alice", {"way": "up"}),
    "POST /sequence-steps/{step_id:uuid}/put-away": Try("alice"),
    "POST /sequence-steps/{step_id:uuid}/restore": Try("alice", after=("POST /sequence-steps/{step_id:uuid}/put-away",)),
    "POST /sequences/{sequence_id:uuid}/hold": Try("alice"),
    "POST /sequences/{sequence_id:uuid}/release": Try("alice", after=("POST /sequences/{sequence_id:uuid}/hold",)),
    "POST /enrol": Try("alice", {"sequence_id": "{sequence_id}", "who": "all"}, mails=True),
    "POST /enrolment-batches/{batch_id:uuid}/start": Try("alice", mails=True),
    "POST /enrolment-batches/{batch_id:uuid}/undo": Try("alice"),
    "POST /employers/{employer_id:uuid}/sequence": Try("alice", {"sequence_id": "{sequence_id}", "contact_id": "{ben_id}"}, mails=True),
    "POST /enrolments/{enrolment_id:uuid}/pause": Try("alice"),
    "POST /enrolments/{enrolment_id:uuid}/go-on": Try("alice", mails=True, after=("POST /enrolments/{enrolment_id:uuid}/pause",)),
    "POST /enrolments/{enrolment_id:uuid}/stop": Try("alice"),
    "POST /pipeline/change": Try(
        "alice", {"change": "move", "stage_id": "{later_stage_id}", "chosen": "{engagement_id}", "confirmed": "true"}),
    "POST /pipeline/changes/{change_id:uuid}/undo": Try("alice"),
    "POST /pipelines": Try("bob", {"name_en": "Winter", "name_es": "Invierno"}),
    "POST /pipelines/{pipeline_id:uuid}/edit": Try("bob", {"name_en": "Winter", "name_es": "Invierno"}),
    "POST /pipelines/{pipeline_id:uuid}/put-away": Try("bob"),
    "POST /pipelines/{pipeline_id:uuid}/stages/new": Try("bob", {"name_en": "Asked", "name_es": "Consultado", "kind": "open", "position": "2"}),
    "POST /stages/{own_stage_id:uuid}/edit": Try("bob", {"name_en": "Resting", "name_es": "En pausa", "kind": "paused", "position": "3"}),
    "POST /stages/{own_stage_id:uuid}/put-away": Try("bob"),
    "POST /boards/{board_id:uuid}/pipelines/{state_pipeline_id:uuid}/own": Try("bob"),
    "POST /employers/{employer_id:uuid}/activities": Try(
        "alice", {"kind": "call", "summary": "Spoke with Rosa", "body": "See it, @Bob", "task_title": "Send the flyer"},
        files={"files": ("list.csv", CSV, "text/csv")}),
    "POST /activities/{activity_id:uuid}/remove": Try("alice"),
    "POST /activities/{activity_id:uuid}/restore": Try("alice", after=("POST /activities/{activity_id:uuid}/remove",)),
    "POST /activities/{activity_id:uuid}": Try("alice", {"kind": "visit", "summary": "Saw the kitchen", "version": "2"}, files={"files": ("list.csv", CSV, "text/csv")}),
    "POST /activity-changes/{activity_change_id:uuid}/undo": Try("alice"),
    "POST /attachments/{attachment_id:uuid}/remove": Try("alice"),
    "POST /attachments/{attachment_id:uuid}/restore": Try("alice", after=("POST /attachments/{attachment_id:uuid}/remove",)),
    "POST /fields/new": Try("sam", {"subject": "establishment", "kind": "date", "key": "last_check", "label_en": "Last check", "label_es": "Última revisión",
                                    "purpose_en": "So that no site is forgotten", "purpose_es": "Para no olvidar ningún sitio", "sensitivity": "staff", "portal": "hidden"}),
    "POST /fields/{field_id:uuid}": Try("sam", {"label_en": "Buses", "label_es": "Autobuses", "purpose_en": "So that students get there", "sensitivity": "record",
                                               "purpose_es": "Para llegar", "choices": "red | Red | Roja", "portal": "hidden", "version": "1"}),
    "POST /fields/{field_id:uuid}/shift": Try("sam", {"way": "down"}),
    "POST /fields/{field_id:uuid}/put-away": Try("sam"),
    "POST /fields/{field_id:uuid}/restore": Try("sam", after=("POST /fields/{field_id:uuid}/put-away",)),
    "POST /field-values/{value_id:uuid}/show": Try("bob"),
    "POST /service-codes/new": Try(
        "sam", {"code": "S-9", "name_en": "Tour", "name_es": "Recorrido", "citation": "Manual, p. 9", "first_day": "2026-07-01", "for_visit": "true"}),
    "POST /service-codes/{code_id:uuid}/edit": Try(
        "sam", {"name_en": "Tour", "name_es": "Recorrido", "citation": "Manual, p. 9", "first_day": "2026-07-01", "version": "1"}),
    "POST /engagement-levels/rules": Try(
        "sam", {"kind": "note", "level": "1", "first_day": "2026-07-01", "source": "Memo of July"}),
    "POST /engagement-levels/rules/{rule_id:uuid}/end": Try("sam", {"last_day": "2026-12-31"}),
    "POST /notes": Try("alice", {"chosen": "{employer_id}"}),
    "POST /notes/write": Try("alice", {"kind": "note", "summary": "Invited", "chosen": "{employer_id}"}),
    "POST /notes/{note_id:uuid}/undo": Try("alice"),
    "POST /mentions/{mention_id:uuid}/seen": Try("bob"),
    "POST /mentions/{mention_id:uuid}/again": Try("bob", after=("POST /mentions/{mention_id:uuid}/seen",)),
    "POST /employers/{employer_id:uuid}/tasks": Try("alice", {"title": "Send the flyer"}),
    "POST /reports/count": Try("alice"),
    "POST /reports/establishments": Try("sam", {"establishments": "400", "source": "A publication", "as_of": "2025-06-26"}),
    "POST /reports/paper": Try("alice", {"board_id": "{board_id}"}),
    "POST /reports/by-mail": Try("bob", {"account_id": "{account_id}", "board_id": "{board_id}", "rhythm": "monthly", "weekday": "monday", "day": "31", "language": "es"},
                                 after=("POST /reports/by-mail/{schedule_id:uuid}/stop",)),
    "POST /reports/by-mail/{schedule_id:uuid}/edit": Try("alice", {"rhythm": "quarterly", "weekday": "monday", "day": "3", "language": "es"}),
    "POST /reports/by-mail/{schedule_id:uuid}/pause": Try("alice"),
    "POST /reports/by-mail/{schedule_id:uuid}/resume": Try("alice", after=("POST /reports/by-mail/{schedule_id:uuid}/pause",)),
    "POST /reports/by-mail/{schedule_id:uuid}/stop": Try("alice"),
    "POST /visits/new": Try("alice", {"draft_id": "5d0c2f60-5b1e-4b53-9d35-0a4c3f9fb001", "employer_id": "{employer_id}", **VISIT, "task_id": "{task_id}", "task_done": "true"}),
    "POST /visits/{visit_id:uuid}/edit": Try("alice", {**VISIT, "version": "2"}),
    "POST /visits/proposals/{proposal_id:uuid}": Try("alice", {"version": "2", "notes": "mine"}),
    "POST /visits/sync": Try("alice", json={"payload": 1, "drafts": [
        {"draft_id": "5d0c2f60-5b1e-4b53-9d35-0a4c3f9fb002", "values": {"employer_id": "{employer_id}", **VISIT}}]}),
    "POST /tasks": Try("alice", {"title": "Order name tags", "due": "2026-12-01", "repeats": "weekly"}),
    "POST /tasks/{task_id:uuid}/edit": Try("alice", {"title": "Call back soon", "version": "1"}),
    "POST /tasks/{task_id:uuid}/drop": Try("alice"),
    "POST /tasks/{task_id:uuid}/restore": Try("alice", after=("POST /tasks/{task_id:uuid}/drop",)),
    "POST /tasks/reminders/calendar": Try("alice"),
    "POST /tasks/reminders/calendar/off": Try("alice", after=("POST /tasks/reminders/calendar",)),
    "POST /tasks/reminders/mail": Try("alice", {"digest": "off"}),
    "POST /tasks/{task_id:uuid}/done": Try("alice"),
    "POST /tasks/{task_id:uuid}/reopen": Try("alice", after=("POST /tasks/{task_id:uuid}/done",)),
    # boards
    "POST /boards/new": Try("sam", {"name": "West", "public_name": "West Workforce Board"}),
    "POST /boards/{board_id:uuid}/edit": Try("bob", {"name": "North", "public_name": "North Workforce Board", "version": "1"}),
    "POST /boards/{board_id:uuid}/regions/new": Try("bob", {"kind": "workforce", "name": "Central", "valid_from": "2026-01-01"}),
    "POST /boards/{board_id:uuid}/places/new": Try("bob", PLACE),
    "POST /territories/{territory_id:uuid}/end": Try("bob", {"valid_to": "2026-12-31"}),
    "POST /board-regions/{board_region_id:uuid}/end": Try("bob", {"valid_to": "2026-12-31"}),
    "POST /territories/{territory_id:uuid}/correct": Try("alice", {"board_id": "{board_id}", "source": "The town clerk"}),
    "POST /municipalities/{territory_id:uuid}/correct": Try(
        "bob", {"board_id": "{board_id}", "county": "Norfolk", "note": "It moved", "source": "The town clerk", "confirmed": "true"}),
    "POST /boards/{board_id:uuid}/partners/new": Try("bob", {"kind": "chamber", "name": "North Chamber"}),
    "POST /partners/{partner_id:uuid}/edit": Try("bob", {"kind": "school", "name": "North High School", "version": "1"}),
    "POST /partners/{partner_id:uuid}/close": Try("bob"),
    "POST /partners/{partner_id:uuid}/reopen": Try("bob", after=("POST /partners/{partner_id:uuid}/close",)),
    "POST /networks/{name:str}/adopt": Try("sam", names={"name": "ma-connecting-activities"}),
    # imports, estimates, work
    "POST /imports": Try("alice", files={"file": ("list.csv", CSV, "text/csv")}),
    "POST /imports/{import_id:uuid}/columns": Try("alice", {"column-0": "name", "update": "fill"}),
    "POST /imports/{import_id:uuid}/run": Try("alice", after=("POST /imports/{import_id:uuid}/columns", "work")),
    "POST /imports/{import_id:uuid}/revert": Try(
        "alice", after=("POST /imports/{import_id:uuid}/columns", "work", "POST /imports/{import_id:uuid}/run", "work")),
    "POST /employers/{employer_id:uuid}/hires/new": Try("alice", {"label": "R.L.", "starts_on": "2025-10-01"}),
    "POST /hires/{hire_id:uuid}/edit": Try("alice", {"label": "R.M.", "starts_on": "2025-10-02", "version": "2"}),
    "POST /hires/{hire_id:uuid}/put-away": Try("alice"),
    "POST /hires/{hire_id:uuid}/restore": Try("alice", after=("POST /hires/{hire_id:uuid}/put-away",)),
    "POST /hires/{hire_id:uuid}/answers": Try("alice", {"asked": "farm_work,birth_date", "f-farm_work": "no", "f-birth_date": "2001-02-03"}),
    "POST /hires/{hire_id:uuid}/sealed": Try("alice"),
    "POST /hires/{hire_id:uuid}/facts/{fact_key:str}": Try("alice", {"act": "save", "f-hourly_wage": "21"}),
    "POST /hires/{hire_id:uuid}/facts/{fact_key:str}/undo": Try("alice"),
    "POST /hires/{hire_id:uuid}/paper": Try("alice"),
    "POST /hires/{hire_id:uuid}/programs/{program_id:str}/case": Try("alice", names={"program_id": "us-bonding"}),
    "POST /employers/{employer_id:uuid}/claims": Try("alice", {"program": "ma-ratc", "year": "2025", "amount": "97000", "people": "20", "source": "Their accountant"}),
    "POST /claimed-elsewhere/{claimed_elsewhere_id:uuid}/remove": Try("alice"),
    "POST /claimed-elsewhere/{claimed_elsewhere_id:uuid}/restore": Try("alice", after=("POST /claimed-elsewhere/{claimed_elsewhere_id:uuid}/remove",)),
    "POST /cases/{case_id:uuid}/move": Try("alice", {"to": "certified", "amount": "2400", "version": "1"}),
    "POST /case-moves/{case_move_id:uuid}/undo": Try("alice"),
    "POST /cases/{case_id:uuid}/steps/{item:str}/done": Try("alice"),
    "POST /cases/{case_id:uuid}/steps/{item:str}/open": Try("alice"),
    "POST /cases/{case_id:uuid}/owner": Try("alice", {"owner_id": "{account_id}"}),
    "POST /cases/{case_id:uuid}/estimate": Try("alice"),
    "POST /cases/{case_id:uuid}/packet": Try("alice"),
    "POST /official-forms": Try("sam", {"which": "us-wotc:ETA Form 9061", "edition": "2026"}, files={"pdf": ("f9061.pdf", FORM, "application/pdf")}),
    "POST /official-forms/{blank_form_id:uuid}": Try("sam", {"version": "1", "source-0": "work_start", "how-0": "mdy", "part-0": "", "source-1": "wotc_group=A"}),
    "POST /official-forms/{blank_form_id:uuid}/take-out": Try("sam"),
    "POST /official-forms/{blank_form_id:uuid}/put-back": Try("sam", after=("POST /official-forms/{blank_form_id:uuid}/take-out",)),
    "POST /cases/{case_id:uuid}/forms/{blank_form_id:uuid}": Try("alice"),
    "POST /hires/{hire_id:uuid}/calendar": Try("alice"),
    "POST /employers/{employer_id:uuid}/incentives/paper": Try("alice", {"what": "year", "year": "2025"}),
    "POST /incentives/simulator": Try("ana", {"year": "", "against": ""}, files={"draft": ("draft.yaml", DRAFT, "text/yaml"), "hires": ("hires.csv", b"work_start\n2025-10-01\n", "text/csv")}),
    "POST /incentives/shadow": Try("sam", {"year": "2025"}, files={"draft": ("draft.yaml", DRAFT, "text/yaml")}),
    "POST /cases/{case_id:uuid}/evidence": Try("alice", {"note": "Form 8850", "signed": "true"}, files={"files": ("list.csv", CSV, "text/csv")}),
    "POST /case-files/{case_file_id:uuid}/remove": Try("alice"),
    "POST /case-files/{case_file_id:uuid}/restore": Try("alice", after=("POST /case-files/{case_file_id:uuid}/remove",)),
    "POST /hires/{hire_id:uuid}/links": Try("alice", {"days": "14"}),
    "POST /screening-links/{screening_link_id:uuid}/revoke": Try("alice"),
    "POST /hires/{hire_id:uuid}/learner-links": Try("alice", {"language": "es", "days": "14", "email": "ana@home.example.com"}, mails=True),
    "POST /learner-links/{learner_link_id:uuid}/revoke": Try("alice"),
    "POST /my-answers/{token:str}": Try("nobody", {"asked": "wotc_group", "later": "", "f-wotc_group": "A"}, names={"token": "{learner_secret}"}),
    "POST /my-answers/{token:str}/withdraw": Try("nobody", {"key": ""}, names={"token": "{learner_secret}"}, after=("POST /my-answers/{token:str}",)),
    "POST /hires/{hire_id:uuid}/share": Try("alice", after=("POST /hires/{hire_id:uuid}/unshare",)),
    "POST /hires/{hire_id:uuid}/unshare": Try("alice"),
    "POST /portal/hires/{hire_id:uuid}": Try("erin", {"asked": "first_year_hours", "later": "", "f-first_year_hours": "420"}),
    "POST /jobs/{job_id:uuid}/stop": Try("alice"),
    "POST /jobs/{job_id:uuid}/retry": Try("alice", after=("POST /jobs/{job_id:uuid}/stop",)),
    # the state office
    "POST /backups": Try("sam"),
    "POST /plugins/{name:str}/switch": Try("sam", {"enabled": "false"}),
    # people
    "POST /people/invite": Try("bob", {"email": "nora@example.org", "name": "Nora", "role": "board_staff", "board_id": "{board_id}", "language": "en"}),
    "POST /people/{account_id:uuid}/invite": Try("bob", after=("POST /people/invite",)),
    "POST /people/{account_id:uuid}/disable": Try("bob"),
    "POST /people/{account_id:uuid}/enable": Try("bob", after=("POST /people/{account_id:uuid}/disable",)),
    "POST /people/grants/{grant_id:uuid}/revoke": Try("bob"),
    "POST /account/preferences": Try("alice", {"name": "Alice B.", "language": "es", "density": "compact"}),
    "POST /account/density": Try("alice", {"density": "compact"}),
    "POST /account/password": Try("alice", {"password": PASSWORD}),
    "POST /account/codes/off": Try("alice"),
    "POST /account/passkeys/options": Try("alice"),
    "POST /account/sessions/{session_id:uuid}/close": Try("alice"),
    "POST /account/tokens": Try("alice", {"name": "Nightly report", "rights": "read", "expires_on": "{soon}"}),
    "POST /account/tokens/{token_id:uuid}/revoke": Try("alice", after=("POST /account/tokens",)),
    "POST /step-up": Try("alice", {"password": PASSWORD}, after=("POST /account/password",)),
    "POST /sign-in": Try("nobody", {"email": "alice@example.org", "password": PASSWORD}, after=("POST /account/password",)),
    "POST /sign-in/link": Try("nobody", {"email": "erin@example.org"}),
    "POST /sign-in/passkey/options": Try("nobody"),
    "POST /sign-out": Try("alice"),
    "POST /language": Try("alice", {"language": "es"}),
    # the API
    "POST /api/v1/employers": Try("alice", json={"name": "Delta Tools LLC"}, headers={"idempotency-key": "one"}),
    "PATCH /api/v1/employers/{employer_id:uuid}": Try("alice", json={"website": "https://erin.example.org"}, headers={"if-match": "*"}),
    "POST /api/v1/employers/{employer_id:uuid}/establishments": Try("alice", json=SITE),
    "POST /api/v1/employers/{employer_id:uuid}/contacts": Try("alice", json=PERSON),
    "POST /api/v1/contacts/{contact_id:uuid}/job-changes": Try("alice", json={"left_on": "2026-06-30", "role": "Cook", "employer_id": "{employer_id}"}),
    "POST /api/v1/job-changes/{job_change_id:uuid}/undo": Try("alice", json={}),
    "PATCH /api/v1/contacts/{contact_id:uuid}": Try("alice", json={"role": "Owner"}, headers={"if-match": "*"}),
    "POST /api/v1/employers/{employer_id:uuid}/engagements": Try("charlie", json={"board_id": "{other_board_id}"}),
    "PATCH /api/v1/engagements/{engagement_id:uuid}/stage": Try("alice", json={"stage_id": "{later_stage_id}"}, headers={"if-match": "*"}),
    "POST /api/v1/incentives/estimates": Try("alice", json={"facts": {"hourly_wage": "18"}}),
    "POST /api/v1/incentives/stacks": Try("alice", json={"hires": [{"name": "Ana", "hourly_wage": "18"}]}),
    "POST /api/v1/employers/{employer_id:uuid}/activities": Try("alice", json={"kind": "call", "summary": "Spoke with Rosa"}),
}  # fmt: skip

# Routes that need a secret from a mail, a second device or a key: tests/accounts tries them, with their own proofs.
ELSEWHERE = {
    "POST /account/codes", "POST /account/passkeys", "POST /account/passkeys/{passkey_id:uuid}/remove", "POST /sign-in/code",
    "POST /sign-in/link/{token:str}", "POST /sign-in/link-code", "POST /sign-in/first/{token:str}", "POST /sign-in/invitation/{token:str}",
    "POST /sign-in/invitation-code", "POST /sign-in/passkey", "POST /plugins/{name:str}/settings",
    "POST /unsubscribe/{token:str}", "POST /rsvp/{token:str}", "POST /report-mails/{token:str}",
    "POST /employers/new/ask",  # where not everyone sees every employer: tests/employers/test_matching.py
}  # fmt: skip
