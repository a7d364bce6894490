"""Send a mailing: those who wait in it, until no one is left or it is held."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm.actions import Act
from crm.database import Record, execute, fetch_one
from crm.mail import current_settings
from crm.outreach.audiences import more_values
from crm.outreach.leaving import CLAIMED, Turn, clock, home, leave, new_token, turn_of
from crm.outreach.letters import hashed
from crm.outreach.mailings import let_leave
from crm.outreach.preparing import left_out_now
from crm.smtp import Delivery
from crm.work import Job, RunningJob


class Mailing:
    """The source of a mailing's mails."""

    def __init__(self, mailing_id: UUID) -> None:
        self.id = mailing_id
        self.url = f"/mailings/{mailing_id}"

    async def give_up(self, act: Act, reason: str) -> None:
        left = await execute(
            "update mailing_recipient set state = 'uncertain', reason = $2 where mailing_id = $1 and state = 'sending'", self.id, reason
        )
        if left:
            act.record("mailing", self.id, after={"uncertain": left})

    async def turn(self, act: Act, now: datetime) -> Turn | None:
        row = await fetch_one("select * from mailing where id = $1 and state = 'sending'", self.id)
        token = new_token()
        recipient = row and await fetch_one(
            f"update mailing_recipient set {CLAIMED} where id = (select id from mailing_recipient where mailing_id = $1 "
            "and state = 'queued' order by tries, id limit 1 for update skip locked) returning *", self.id, home(), hashed(token),
        )  # fmt: skip
        if row is None or recipient is None:
            return None
        settings = current_settings()
        if reason := await left_out_now(row["board_id"], recipient, budget=settings.contact_budget, today=now.astimezone(ZoneInfo(settings.time_zone)).date()):
            await execute("update mailing_recipient set state = 'left_out', reason = $2 where id = $1", recipient["id"], reason)
            act.record("mailing_recipient", recipient["id"], board_id=row["board_id"], employer_id=recipient["employer_id"],
                       after={"state": "left_out"}, verb="mail.left_out")  # fmt: skip
            return Turn()
        more = await more_values(row, recipient["language"], token)
        return await turn_of(recipient, row, token, writer=row["made_by"], date=row["started_at"], more=more)

    async def settled(self, act: Act, recipient: Record, delivery: Delivery, now: datetime) -> None:
        """Nothing more follows."""

    async def go_on(self, act: Act, opening: datetime) -> None:
        row = await fetch_one("select id, name, board_id from mailing where id = $1 and state = 'sending'", self.id)
        if row is not None:
            await let_leave(act, row, opening=opening)
            act.record("mailing", self.id, board_id=row["board_id"], after={"goes_on": opening})

    async def end(self, act: Act, now: datetime) -> None:
        ended = await execute(
            "update mailing set state = 'done', ended_at = now() where id = $1 and state = 'sending' "
            "and not exists (select from mailing_recipient where mailing_id = $1 and state = 'queued')", self.id,
        )  # fmt: skip
        if ended:
            act.record("mailing", self.id, after={"state": "done"})


async def send(job: RunningJob, *, mailing_id: str, now: Callable[[], datetime] = clock) -> dict[str, Any]:
    return await leave(job, Mailing(UUID(mailing_id)), now)


JOBS = [Job("outreach.send", send, attempts=20, timeout=36_000)]
