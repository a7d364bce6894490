"""The verbs of a case: open it from an estimate, move it on, undo the last move, tick steps, keep evidence, take over what the law says now."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from crm import files, sealing
from crm.access import Actor, Permission, load, may_work_for, require, visible
from crm.actions import Act, acting
from crm.boards.colleagues import colleagues
from crm.database import Record, execute, fetch, fetch_one, fetch_value, insert_many
from crm.engagements import attachments, deriving
from crm.engagements.attachments import Upload
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.incentives import hires, installed, told
from crm.incentives.actions import keep, program_of
from crm.incentives.claims import rules
from crm.incentives.earlier_claims import earlier
from crm.incentives.forms import EvidenceForm, MoveForm
from crm.incentives.secrecy import holds_number
from crm.incentives.told import Known
from crm.incentives.wording import as_shown
from crm.rulebook.claimed import Earlier
from crm.rulebook.estimates import Estimate, estimate
from crm.rulebook.facts import UNKNOWN, FactError, parse
from crm.rulebook.programs import Program
from crm.rulebook.remaining import after, estimated
from crm.sql import Sql
from crm.translation import _

MOST_FILES = 30
LARGEST = 10_000_000  # dollars of one claim
KEPT = "case"  # the kind of a stored file that is evidence; papers that the program made hang on the case too, and prove nothing


async def open_case(actor: Actor, hire_id: UUID, program_id: str, today: date) -> tuple[UUID, bool]:
    """A case from the estimate as it is now, or the one that there is already; and whether it is new."""
    async with acting(actor, "case.opened") as act:
        hire = await hires.own(actor, hire_id)
        program = program_of(program_id)
        before = await fetch_value("select id from incentive_case where hire_id = $1 and program = $2 and state <> 'withdrawn'", hire_id, program_id)
        if before is not None:
            act.unchanged()
            return before, False
        known = await told.of(hire)
        facts = _facts_of(known)
        before = await earlier.of(hire)
        found = estimated(program, facts, today, earlier=before)
        estimate_id = await _keep_estimate(act, hire, known, before, found, today)
        case_id = uuid4()
        values = {"id": case_id, "hire_id": hire_id, "employer_id": hire["employer_id"], "board_id": hire["board_id"], "program": program_id,
                  "owner_id": actor.account_id, "estimate_id": estimate_id, "state_since": today, "estimated": _worth(found), "by_year": earlier.years_of(found, facts),
                  "due": rules.next_due(program.deadlines, facts), "made_by": actor.account_id}  # fmt: skip
        await insert_many("incentive_case", tuple(values), [tuple(values.values())])
        act.record("incentive_case", case_id, board_id=hire["board_id"], employer_id=hire["employer_id"], after={"program": program_id})
        act.event("case_opened", case_id=case_id, employer_id=hire["employer_id"])
        await deriving.ask_for(act, hire["employer_id"])
    return case_id, True


async def move(actor: Actor, case_id: UUID, form: MoveForm, today: date) -> UUID:
    """On to the next state; the move's id. Raises `Invalid` for what is missing, `Conflict` where someone moved it meanwhile."""
    async with acting(actor, "case.moved") as act:
        case = await own(actor, case_id)
        if case["version"] != form.version:
            raise Conflict(_("Someone changed this case meanwhile. Look at it again."))
        day = form.on_day or today
        against = await _checked(case, form, day, today)
        move_id: UUID = await fetch_value(
            "insert into case_move (case_id, board_id, from_state, to_state, on_day, amount, reason, against, made_by) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id",
            case_id, case["board_id"], case["state"], form.to, day, form.amount if form.to in rules.WITH_AMOUNT else None, form.reason, against, actor.account_id,
        )  # fmt: skip
        await _settle(act, case)
        act.record("incentive_case", case_id, board_id=case["board_id"], employer_id=case["employer_id"],
                   before={"state": case["state"]}, after={"state": form.to, "on": day, "against": against})  # fmt: skip
        act.event("case_moved", case_id=case_id, employer_id=case["employer_id"], move_id=move_id)
    return move_id


async def undo_move(actor: Actor, move_id: UUID) -> UUID:
    """The case stands where it stood before; its id. Only the last move can be undone."""
    async with acting(actor, "case.move_undone") as act:
        found = await load(actor, "case_move", move_id)
        case = await own(actor, found["case_id"])
        last = await fetch_value("select id from case_move where case_id = $1 and undone_at is null order by made_at desc limit 1", case["id"])
        if last != move_id:
            raise Conflict(_("Only the last move can be undone, and once. Undo what came after it first."))
        await execute("update case_move set undone_at = now(), undone_by = $2 where id = $1", move_id, actor.account_id)
        await _settle(act, case)
        act.record("incentive_case", case["id"], board_id=case["board_id"], employer_id=case["employer_id"],
                   before={"state": found["to_state"]}, after={"state": found["from_state"]})  # fmt: skip
    return UUID(str(case["id"]))


async def tick(actor: Actor, case_id: UUID, item: str, *, done: bool) -> None:
    """A step of the claim is done, or not after all."""
    async with acting(actor, "case.ticked") as act:
        case = await own(actor, case_id)
        if item not in rules.checklist(program_of(case["program"])):
            raise Invalid(_("The rule file has no such step any more. Load the page again."))
        await execute(
            "insert into case_item (case_id, board_id, item, done_at, done_by) values ($1, $2, $3, case when $4 then now() end, $5) "
            "on conflict (case_id, item) do update set done_at = excluded.done_at, done_by = excluded.done_by",
            case_id, case["board_id"], item, done, actor.account_id,
        )  # fmt: skip
        act.record("incentive_case", case_id, board_id=case["board_id"], employer_id=case["employer_id"], after={item: done})


async def hand_over(actor: Actor, case_id: UUID, owner_id: UUID) -> None:
    """Someone of the board looks after it, and has its deadlines as tasks."""
    async with acting(actor, "case.handed_over") as act:
        case = await own(actor, case_id)
        if str(owner_id) not in dict(await colleagues(case["board_id"])):
            raise Invalid(_("Choose someone of the board."))
        await execute("update incentive_case set owner_id = $2, updated_at = now(), version = version + 1 where id = $1", case_id, owner_id)
        act.record("incentive_case", case_id, board_id=case["board_id"], employer_id=case["employer_id"], before={"owner": case["owner_id"]}, after={"owner": owner_id})
        await deriving.ask_for(act, case["employer_id"])


async def attach(actor: Actor, case_id: UUID, form: EvidenceForm, uploads: Sequence[Upload]) -> None:
    """Evidence: the files, what they are, and whether they are signed. Raises `Invalid`."""
    if not uploads:
        raise Invalid(_("Choose a file."))
    if holds_number(form.note):
        raise Invalid(_("This looks like a Social Security number. It is never kept here: write initials."))
    require(actor, Permission.ESTIMATE)
    kept = await attachments.store(uploads)
    async with acting(actor, "case.evidence_added") as act:
        case = await own(actor, case_id)
        if (await _evidence(case_id))[0] + len(kept) > MOST_FILES:
            raise Invalid(_("A case keeps %(most)s files at most. Take some off first.") % {"most": MOST_FILES})
        for each in kept:
            file_id = await files.keep(each.stored, each.name, KEPT, board_id=case["board_id"], account_id=actor.account_id)
            await execute("insert into case_file (case_id, board_id, file_id, signed, note, added_by) values ($1, $2, $3, $4, $5, $6)",
                          case_id, case["board_id"], file_id, form.signed, form.note, actor.account_id)  # fmt: skip
            act.record("incentive_case", case_id, board_id=case["board_id"], employer_id=case["employer_id"], after={"file": file_id, "signed": form.signed})


async def take_off(actor: Actor, case_file_id: UUID, *, restore: bool = False) -> UUID:
    """A file off its case, or back on it; the case's id."""
    async with acting(actor, "case.evidence_restored" if restore else "case.evidence_removed") as act:
        found = await load(actor, "case_file", case_file_id)
        case = await own(actor, found["case_id"])
        await execute("update case_file set removed_at = case when $2 then null else now() end where id = $1", case_file_id, restore)
        act.record("incentive_case", case["id"], board_id=case["board_id"], employer_id=case["employer_id"], after={"file": found["file_id"]})
    return UUID(str(case["id"]))


async def take_over(actor: Actor, case_id: UUID, today: date) -> None:
    """The estimate of the case is what facts and law say now; the one before stays on file."""
    async with acting(actor, "case.estimated_anew") as act:
        case = await own(actor, case_id)
        hire = await told.row(case["hire_id"])
        known = await told.of(hire)
        before = await earlier.of(hire)
        facts = _facts_of(known)
        found = estimated(program_of(case["program"]), facts, today, earlier=before)
        estimate_id = await _keep_estimate(act, hire, known, before, found, today)
        await execute("update incentive_case set estimate_id = $2, estimated = $3, by_year = $4, law_changed_on = null, updated_at = now(), version = version + 1 where id = $1",
                      case_id, estimate_id, _worth(found), earlier.years_of(found, facts))  # fmt: skip
        await _settle(act, case)
        act.record("incentive_case", case_id, board_id=case["board_id"], employer_id=case["employer_id"], before={"estimated": case["estimated"]},
                   after={"estimated": _worth(found)})  # fmt: skip


async def own(actor: Actor, case_id: UUID) -> dict[str, Any]:
    """The case, held until the action ends. Raises `Denied` for another board's, and `NotFound`."""
    return await readable(actor, case_id, held=True)


async def readable(actor: Actor, case_id: UUID, *, held: bool = False) -> dict[str, Any]:
    """The same without holding it, for those who work on it and so read what is sealed."""
    require(actor, Permission.ESTIMATE)
    case = await load(actor, "incentive_case", case_id, for_update=held)
    if not may_work_for(actor, case["board_id"]):
        raise Denied(_("This case belongs to another board."))
    return case


async def against_submitting(case: Mapping[str, Any], on: date, today: date) -> tuple[rules.Finding, ...]:
    """What stands against submitting the case on that day."""
    if case["program"] not in installed.library().programs:
        return ()
    found = await _estimated(case["hire_id"], case["program"], today)
    count, signed = await _evidence(case["id"])
    return rules.preflight(found, installed.library().facts, on, files=count, signed=signed)


async def _evidence(case_id: UUID) -> tuple[int, int]:
    """How many files prove something, and how many of them are signed."""
    counts = await fetch_one("select count(*) as files, count(*) filter (where f.signed) as signed from case_file f join stored_file s on s.id = f.file_id "
                             "where f.case_id = $1 and f.removed_at is null and s.kind = $2", case_id, KEPT)  # fmt: skip
    assert counts is not None
    return counts["files"], counts["signed"]


async def kept_facts(estimate_id: UUID) -> tuple[dict[str, Any], Record] | None:
    """The facts that an estimate rests on, as they were known then, and its row; None once their time is over. What rules ask no more is left out."""
    row = await fetch_one("select id, as_of, result, content_sealed from estimate where id = $1", estimate_id)
    assert row is not None
    if row["content_sealed"] is None:
        return None
    texts = _content(row)["facts"]
    known, facts = installed.library().facts, {}
    for key, told_then in texts.items():
        try:
            facts[key] = parse(known[key], told_then) if key in known else UNKNOWN
        except FactError:
            continue
    return {key: value for key, value in facts.items() if value is not UNKNOWN}, row


async def kept_years(estimate_id: UUID, program_id: str) -> dict[str, str | None] | None:
    """What of a kept estimate falls to which calendar year, as `earlier.years_of` says it; None where its day or its program is not known."""
    row = await fetch_one("select id, as_of, content_sealed from estimate where id = $1", estimate_id)
    program = installed.library().programs.get(program_id)
    if row is None or row["content_sealed"] is None or program is None:
        return None
    content = _content(row)
    day = str(content.get("facts", {}).get(program.date_key, ""))
    if not day:
        return None
    shown = content.get("shown", {})
    worth = shown.get("potential_amount") or shown.get("amount")
    return {str(int(day[:4]) + int(year) - 1): share for year, share in (shown.get("by_year") or {1: worth}).items()}


def answer_from(row: Mapping[str, Any], program: Program, facts: Mapping[str, Any]) -> Estimate:
    """What the kept estimate of a program comes to with these facts by the law that is known now, and with what had been claimed before it then."""
    found, before = estimate(program, facts, row["as_of"]), earlier.opened(_content(row))
    return found if before is None else after(found, facts, before)


def _content(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sealing.open_sealed(row["content_sealed"], "estimate", "content", row["id"]))
    return found


async def _estimated(hire_id: UUID, program_id: str, today: date) -> Estimate:
    hire = await told.row(hire_id)
    return estimated(program_of(program_id), _facts_of(await told.of(hire)), today, earlier=await earlier.of(hire))


async def _known(hire_id: UUID) -> dict[str, Known]:
    return await told.of(await told.row(hire_id))


def _facts_of(known: Mapping[str, Known]) -> dict[str, Any]:
    return installed.library().completed(told.values_of(known))


async def _keep_estimate(act: Act, hire: Mapping[str, Any], known: Mapping[str, Known], before: Earlier, found: Estimate, today: date) -> UUID:
    content = {"facts": told.texts_of(known), "shown": as_shown(found, installed.library()), **earlier.kept(before, found.program)}
    return await keep(act, hire, today, content, {"program": found.program.id, "answer": rules.answer_of(found)})


def _worth(found: Estimate) -> Any:
    """What is hoped for: as the law stands, or what it would be were it renewed; nothing while it is not known."""
    return found.potential_amount if found.potential_amount is not None else found.amount


async def _checked(case: Mapping[str, Any], form: MoveForm, day: date, today: date) -> list[str]:
    """The codes of what is passed over. Raises `Invalid` for a move that is not one, a day to come, or what is missing."""
    wrong: dict[str, str] = {}
    if form.to not in rules.NEXT[case["state"]]:
        raise Conflict(_("This case cannot move there from where it stands now. Look at it again."))
    if day > today:
        wrong["on_day"] = _("This day is still to come.")
    if form.to in rules.REASONED and not form.reason:
        wrong["reason"] = _("Say why in a few words.")
    if form.to == "paid" and form.amount is None:
        wrong["amount"] = _("Say how much was paid.")
    if form.amount is not None and not (form.amount.is_finite() and 0 <= form.amount <= LARGEST):
        wrong["amount"] = _("This amount cannot be. Write dollars and cents, as 2400 or 2400.50.")
    if holds_number(form.reason):
        wrong["reason"] = _("This looks like a Social Security number. It is never kept here: write initials.")
    if wrong:
        raise Invalid(" ".join(wrong.values()), fields=wrong)
    if form.to != "submitted":
        return []
    found = await against_submitting(case, day, today)
    if found and not (form.all_the_same and form.reason):
        raise Invalid(_("Something stands against it. Mend it, or say why it is submitted all the same."))
    return list(dict.fromkeys(each.code for each in found))


async def _settle(act: Act, case: Mapping[str, Any]) -> None:
    """State, days and amounts follow from the moves that stand."""
    moves = await fetch("select to_state, on_day, amount from case_move where case_id = $1 and undone_at is null order by made_at", case["id"])
    state = moves[-1]["to_state"] if moves else "preparing"
    amounts = {name: next((each["amount"] for each in reversed(moves) if each["to_state"] == name), None) for name in rules.WITH_AMOUNT}
    program = installed.library().programs.get(case["program"])
    due = rules.next_due(program.deadlines, _facts_of(await _known(case["hire_id"]))) if program and state == "preparing" else None
    since = moves[-1]["on_day"] if moves else await fetch_value("select made_at::date from incentive_case where id = $1", case["id"])
    await execute(
        "update incentive_case set state = $2, state_since = $3, due = $4, certified = $5, paid = $6, updated_at = now(), version = version + 1 where id = $1",
        case["id"], state, since, due, amounts["certified"], amounts["paid"],
    )  # fmt: skip
    await deriving.ask_for(act, case["employer_id"])


async def fetched(actor: Actor, case_file_id: UUID) -> tuple[Record, Record]:
    """A file of a case and its stored file, for those who may see it. Raises `NotFound`."""
    found = await fetch_one(
        Sql("select f.*, c.employer_id from case_file f join incentive_case c on c.id = f.case_id where f.id = {} and f.removed_at is null and {}",
            case_file_id, visible(actor, "case_file", "f"))  # fmt: skip
    )
    if found is None:
        raise NotFound(_(hires.GONE))
    stored = await fetch_one("select name, media_type, storage_key from stored_file where id = $1", found["file_id"])
    assert stored is not None
    return found, stored
