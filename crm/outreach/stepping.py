"""Do the steps of a sequence that are due for a board: a mail leaves, a call or a visit becomes a task, a letter is written."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from crm.actions import Act
from crm.database import Record, execute, fetch_one, fetch_value
from crm.outreach import following
from crm.outreach.leaving import CLAIMED, Turn, clock, home, leave, new_token, turn_of
from crm.outreach.letters import Reader, hashed, reader, words
from crm.outreach.preparing import empty_field
from crm.outreach.rules import filled, missing_fields
from crm.outreach.sequence_rules import WITH_WORDS
from crm.smtp import Delivery
from crm.translation import _
from crm.work import Job, RunningJob

AGAIN = timedelta(minutes=15)  # until a mail is tried again, where the server said to come back later


class Steps:
    """The source of a board's part of a sequence."""

    def __init__(self, sequence_id: UUID, board_id: UUID) -> None:
        self.id, self.board = sequence_id, board_id
        self.url = f"/sequences/{sequence_id}"

    async def give_up(self, act: Act, reason: str) -> None:
        left = await execute(
            "update mailing_recipient r set state = 'uncertain', reason = $3 from enrolment n where n.id = r.enrolment_id "
            "and n.sequence_id = $1 and n.board_id = $2 and r.state = 'sending'", self.id, self.board, reason,
        )  # fmt: skip
        if left:
            act.record("sequence", self.id, board_id=self.board, after={"uncertain": left})

    async def turn(self, act: Act, now: datetime) -> Turn | None:
        """Why it might end is looked at in the transaction in which the step happens."""
        enrolment = await fetch_one(
            "select n.* from enrolment n where n.sequence_id = $1 and n.board_id = $2 and n.state = 'active' and n.due_at <= $3 "
            "and not exists (select from sequence_hold h where h.sequence_id = $1 and h.board_id = $2) "
            "order by n.due_at, n.id limit 1 for update skip locked", self.id, self.board, now,
        )  # fmt: skip
        if enrolment is None:
            return None
        waiting = await fetch_one("select * from mailing_recipient where enrolment_id = $1 and state = 'queued'", enrolment["id"])
        step = await fetch_one("select * from sequence_step where id = $1", waiting["step_id"]) if waiting \
            else await following.next_step(enrolment["id"], self.id)  # fmt: skip
        if step is None:
            await following.advance(act, enrolment, now)
            return Turn()
        reason, detail = await following.reason_to_stop(enrolment, step["kind"], now)
        who = await reader(self.board, enrolment["employer_id"], enrolment["contact_id"], enrolment["made_by"])
        person = await fetch_one("select lower(email) as email, language from contact where id = $1", enrolment["contact_id"])
        assert person is not None
        if not reason and (detail := _missing(step, person, who)):
            reason = "missing"
        if reason:
            await following.end(act, enrolment, reason, detail)
            return Turn()
        if step["kind"] == "email":
            return await self._mail(enrolment, step, person, waiting)
        await self._task(act, enrolment, step, person["language"], who, now)
        await following.advance(act, enrolment, now)
        return Turn()

    async def _mail(self, enrolment: Record, step: Record, person: Record, waiting: Record | None) -> Turn:
        token = new_token()
        recipient_id = waiting["id"] if waiting else await fetch_value(
            "insert into mailing_recipient (enrolment_id, step_id, board_id, employer_id, contact_id, email, language, state) "
            "values ($1, $2, $3, $4, $5, $6, $7, 'queued') returning id",
            enrolment["id"], step["id"], self.board, enrolment["employer_id"], enrolment["contact_id"], person["email"], person["language"],
        )  # fmt: skip
        if not waiting:
            await execute("insert into enrolment_step (enrolment_id, step_id) values ($1, $2)", enrolment["id"], step["id"])
        recipient = await fetch_one(f"update mailing_recipient set {CLAIMED} where id = $1 returning *", recipient_id, home(), hashed(token))
        assert recipient is not None
        await execute("update enrolment set due_at = null where id = $1", enrolment["id"])
        first = await fetch_value("select at from enrolment_step where enrolment_id = $1 and step_id = $2", enrolment["id"], step["id"])
        return await turn_of(recipient, step, token, writer=enrolment["made_by"], date=first)

    async def _task(self, act: Act, enrolment: Record, step: Record, language: str, who: Reader, now: datetime) -> None:
        """For whom the step names, else who looks after the employer, else who started it. A letter is also written."""
        letter = step["kind"] == "letter"
        title = _("Print and post: %(letter)s") % {"letter": step["title"]} if letter else step["title"]
        person = f"{who.values['first_name']} {who.values['last_name']}".strip()
        note = _("The letter (PDF) stands on the employer's timeline. For %(person)s.") if letter else _("For %(person)s.")
        task_id = await fetch_value(
            "insert into task (board_id, employer_id, engagement_id, title, note, due, assignee_id, created_by) "
            "values ($1, $2, $3, $4, $5, $6, coalesce($7::uuid, (select g.owner_id from engagement g join account a on a.id = g.owner_id "
            "and a.disabled_at is null where g.id = $3), $8), $8) returning id",
            self.board, enrolment["employer_id"], enrolment["engagement_id"], title, note % {"person": person}, following.today(now),
            step["assignee_id"], enrolment["made_by"],
        )  # fmt: skip
        done_id = await fetch_value(
            "insert into enrolment_step (enrolment_id, step_id, task_id, letter) values ($1, $2, $3, $4) returning id",
            enrolment["id"], step["id"], task_id, await _letter(enrolment, step, language, who, person, following.today(now)) if letter else None,
        )  # fmt: skip
        act.record("task", task_id, board_id=self.board, employer_id=enrolment["employer_id"], verb="task.added")
        if letter:
            await act.enqueue("outreach.letter", {"done_id": str(done_id)}, title=title, key=f"letter:{done_id}", board_id=self.board)

    async def settled(self, act: Act, recipient: Record, delivery: Delivery, now: datetime) -> None:
        """Sent, the next step gets its moment. What no one can know waits for a person."""
        enrolment = await fetch_one("select * from enrolment where id = $1 for update", recipient["enrolment_id"])
        if enrolment is None or enrolment["state"] not in ("active", "paused"):
            return
        if delivery.state == "sent":
            await following.advance(act, enrolment, now)
        elif delivery.state == "failed":
            await following.end(act, enrolment, "undeliverable", delivery.reason)
        elif delivery.state == "again":
            await execute("update enrolment set due_at = $2 where id = $1", enrolment["id"], now + AGAIN)

    async def go_on(self, act: Act, opening: datetime) -> None:
        sequence = await fetch_one(
            "select q.id, q.name, (select min(n.due_at) from enrolment n where n.sequence_id = q.id and n.board_id = $2 and n.state = 'active') "
            "as due from sequence q where q.id = $1 and not exists (select from sequence_hold where sequence_id = $1 and board_id = $2)",
            self.id, self.board,
        )  # fmt: skip
        if sequence is not None and sequence["due"] is not None:
            await following.let_go_on(act, sequence, self.board, opening=max(opening, sequence["due"]))
            act.record("sequence", self.id, board_id=self.board, after={"goes_on": max(opening, sequence["due"])})

    async def end(self, act: Act, now: datetime) -> None:
        """On the day of the next step the work comes back by itself."""
        await self.go_on(act, now)


async def _letter(enrolment: Record, step: Record, language: str, who: Reader, person: str, dated: date) -> dict[str, Any]:
    """What the paper says, filled now: what is changed later changes nothing that was written."""
    site = await fetch_one("select line1, line2, concat_ws(' ', nullif(concat_ws(', ', nullif(city, ''), nullif(state, '')), ''), nullif(zip, '')) as town "
                           "from establishment where employer_id = $1 and archived_at is null order by is_primary desc, id limit 1",
                           enrolment["employer_id"])  # fmt: skip
    subject, body = (filled(text, who.values) for text in words(step, language))
    return {
        "subject": subject, "body": body, "language": "es" if language == "es" and step["body_es"] else "en", "dated": dated.isoformat(),
        "to": [line for line in (person, who.values["employer"], *(site or ())) if line], "board": who.values["board"], "address": who.address,
    }  # fmt: skip


def _missing(step: Mapping[str, Any], person: Mapping[str, Any], who: Reader) -> str:
    """What a mail or a letter lacks for this person, in words."""
    if step["kind"] == "email" and not person["email"]:
        return _("There is no mail address.")
    if step["kind"] not in WITH_WORDS:
        return ""
    return " ".join(empty_field(name) for name in missing_fields(who.values, *words(step, person["language"])))


async def step(job: RunningJob, *, sequence_id: str, board_id: str, now: Callable[[], datetime] = clock) -> dict[str, Any]:
    return await leave(job, Steps(UUID(sequence_id), UUID(board_id)), now)


JOBS = [Job("outreach.step", step, attempts=20, timeout=36_000)]
