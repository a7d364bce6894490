"""The packet of a case: all that its claim needs, to be filled into the agencies' forms by hand. For the board alone, since it tells the sealed answers."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from crm import documents
from crm.access import Actor, load, visible
from crm.actions import acting, reading
from crm.audit import Entry
from crm.database import fetch, fetch_value
from crm.days import agency_day
from crm.incentives import hires, installed, screening, told
from crm.incentives.actions import program_of
from crm.incentives.claims import case_listing, case_papers, cases, rules
from crm.incentives.documents import PACKET
from crm.incentives.earlier_claims import earlier
from crm.incentives.secrecy import is_secret
from crm.incentives.told import Known
from crm.incentives.wording import counted, text
from crm.phones import display_phone
from crm.rulebook.facts import Fact
from crm.rulebook.programs import Form, Program
from crm.sql import Sql
from crm.states import state_name
from crm.templating import label
from crm.translation import _, lazy_, long_day, speaking
from crm.worded import worded
from crm.work import RunningJob

KEPT = "case_packet"  # the kind of its stored file, with the job that made it; no evidence is of this kind


async def ask_for(actor: Actor, case_id: UUID, today: date) -> UUID:
    """Make it in a job, whose id is given back. That the sealed answers are read is on record before they leave."""
    async with acting(actor, "case.packet_asked") as act:
        case = await cases.own(actor, case_id)
        program = program_of(case["program"])
        about = {"board_id": case["board_id"], "employer_id": case["employer_id"]}
        act.entries.append(Entry(verb="hire.secrets_read", outcome="disclosed", subject_kind="hire", subject_id=case["hire_id"], **about))
        act.record("incentive_case", case_id, **about)
        return await act.enqueue(
            "incentives.render_packet", {"case_id": str(case_id), "as_of": today.isoformat(), "language": actor.language},
            title=worded(lazy_("Claim packet: %(program)s"), program=program.name), board_id=case["board_id"],
        )  # fmt: skip


async def render_packet(job: RunningJob, *, case_id: str, as_of: str, language: str = "en") -> dict[str, Any]:
    """Runs twice without doubling: a job keeps one file."""
    day = date.fromisoformat(as_of)

    async def write() -> bytes:
        async with reading(job.actor):
            with speaking(language):
                content = await on_paper(job.actor, UUID(case_id), day)
        await job.progress(1, 3, _("Writing the document"))
        rendered = await documents.render(PACKET, content, language)
        await job.progress(2, 3, _("Storing it"))
        return rendered.bytes

    async with reading(job.actor):
        case = await cases.readable(job.actor, UUID(case_id))
    return await case_papers.made(job, UUID(case_id), KEPT, "case.packet_made", f"packet-{case['program']}-{as_of}.pdf", write)


async def on_paper(actor: Actor, case_id: UUID, day: date) -> dict[str, Any]:
    """What the packet says, in the language that is spoken. Raises `Denied` and `NotFound` as `cases.own` does."""
    case = await cases.readable(actor, case_id)
    program, hire = program_of(case["program"]), await hires.one(actor, case["hire_id"])
    known = await told.of(hire)
    sent = (await case_listing.sent_on(actor, hire["id"])).get(program.id, "9999")
    facts, shown = installed.library().completed(told.values_of(known)), screening.of_program(program, hire, known, day, before=await earlier.of(hire))
    return {
        "program": {"title": text(program.name), "agency": program.agency, "law": program.law}, "as_of": day.isoformat(),
        "about": await _about(actor, case, hire), "forms": by_form(program, known, shown["missing"]), "checklist": await _steps(actor, case_id, program),
        "deadlines": [{"date": due.isoformat(), "what": text(each.sentence), "counted": counted(each, facts), "citation": each.citation,
                       "in_time": sent <= due.isoformat(), "past": due < day}
                      for each in program.deadlines if (due := each.day(facts)) is not None],
        "against": [{"what": text(dict(each.says)) if each.says else "", "kind": label(f"against_{each.code}"), "citation": each.citation}
                    for each in (await cases.against_submitting(case, day, day) if case["state"] == "preparing" else ())],
        "evidence": await _evidence(actor, case_id), "estimate": shown, "status": label(shown["status"]),
        "conditions": [each | {"state": label(each["state"])} for each in shown["conditions"]], "trace": [each | {"review": _review(each["review_status"])} for each in shown["trace"]],
    }  # fmt: skip


async def _about(actor: Actor, case: Mapping[str, Any], hire: Mapping[str, Any]) -> list[dict[str, str]]:
    employer = await load(actor, "employer", case["employer_id"])
    site = await load(actor, "establishment", hire["establishment_id"]) if hire["establishment_id"] else None
    owner = await fetch_value("select name from account where id = $1", case["owner_id"])
    since = _("since %(day)s") % {"day": long_day(case["state_since"])}
    lines = (
        (_("Employer"), employer["name"]), (_("Phone"), display_phone((site and site["phone"]) or employer["phone"] or "")),
        (_("Worksite"), ", ".join(filter(None, (site[part] for part in ("name", "line1", "line2", "city", "state", "zip")))) if site else ""),
        (_("Hire"), hire["label"]), (_("Job"), hire["job_title"]), (_("First day of work"), long_day(hire["starts_on"]) if hire["starts_on"] else _("Not known")),
        (_("State where the work is done"), state_name(told.place_of(hire))), (_("Where it stands"), f"{label('case_' + case['state'])}, {since}"),
        (_("Who looks after it"), ", ".join(filter(None, (owner, hire["board"])))),
    )  # fmt: skip
    return [{"what": what, "answer": answer} for what, answer in lines if answer]


def by_form(program: Program, known: Mapping[str, Known], missing: Sequence[str]) -> list[dict[str, Any]]:
    """The agency's forms, each with what is told and what is still open of whom it asks about.

    Where two ask about the same, the second says so. What no form asks about stands last, without a title.
    """
    facts = installed.library().facts
    used = [key for each in program.facts if each in facts for key in (each, *re.findall(r"\w+", facts[each].derive))]
    asked = [facts[key] for key in dict.fromkeys([*used, *missing]) if key in known or key in missing]
    parts = {about: [_answered(fact, known.get(fact.key)) for fact in asked if is_secret(fact) is (about == "person")] for about in ("person", "work")}
    printed: dict[str, str] = {}
    found = [_form(each, parts, printed) for each in program.forms]
    rest = [line for about, lines in parts.items() if about not in printed for line in lines]
    return [*found, {"title": "", "says": "", "href": "", "review": "", "same_as": "", "person": False, "facts": rest}] if rest else found


def _answered(fact: Fact, found: Known | None) -> dict[str, str]:
    """The answer and where it comes from; both empty for what is to be written by hand."""
    source = ", ".join((label(f"from_{found.source}"), long_day(agency_day(found.told_at)))) if found else ""
    return {"question": text(fact.question), "answer": found.said if found else "", "source": source}


def _form(form: Form, parts: Mapping[str, list[dict[str, str]]], printed: dict[str, str]) -> dict[str, Any]:
    first = printed.setdefault(form.asks, form.title) if form.asks else ""
    own = form.asks and first == form.title
    return {"title": form.title, "says": text(form.says), "href": form.href, "review": _review(form.review_status), "same_as": "" if own else first,
            "person": bool(own) and form.asks == "person", "facts": parts[form.asks] if own else []}  # fmt: skip


async def _steps(actor: Actor, case_id: UUID, program: Program) -> list[dict[str, Any]]:
    ticked = {row["item"]: row for row in await fetch(Sql("select i.item, i.done_at, a.name as by from case_item i left join account a on a.id = i.done_by "
              "where i.case_id = {} and i.done_at is not null and {}", case_id, visible(actor, "case_item", "i")))}  # fmt: skip
    return [{"says": text(step.says), "citation": step.citation, "review": _review(step.review_status), "done": item in ticked,
             "by": ", ".join(filter(None, (long_day(agency_day(ticked[item]["done_at"])), ticked[item]["by"]))) if item in ticked else ""}
            for item, step in rules.checklist(program).items()]  # fmt: skip


async def _evidence(actor: Actor, case_id: UUID) -> list[dict[str, Any]]:
    rows = await fetch(Sql("select f.signed, f.note, f.added_at, s.name, a.name as by from case_file f join stored_file s on s.id = f.file_id and s.kind = {} "
                           "left join account a on a.id = f.added_by where f.case_id = {} and f.removed_at is null and {} order by f.added_at",
                           cases.KEPT, case_id, visible(actor, "case_file", "f")))  # fmt: skip
    return [{"name": row["name"], "note": row["note"], "signed": row["signed"], "added": ", ".join(filter(None, (long_day(agency_day(row["added_at"])), row["by"])))}
            for row in rows]  # fmt: skip


def _review(status: str) -> str:
    return label(status) if status in ("recalled", "second_hand") else ""
