"""Days to keep of cases: each deadline of a case that is prepared is a task of whoever looks after it, counted by the rule file."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from crm.actions import Act
from crm.database import Record, execute, fetch
from crm.engagements import deriving
from crm.incentives import installed, told
from crm.incentives.claims import rules
from crm.incentives.wording import text
from crm.obligations import Obligation, Obligations
from crm.rulebook.facts import FactError
from crm.translation import lazy_

_PREPARED = "select id, hire_id, employer_id, board_id, owner_id, program, due from incentive_case where state = 'preparing' and "


class _Words:
    """Words of a rule file, said in the language of whoever reads the task."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def __str__(self) -> str:
        return text(self.texts)


async def falling_due(employers: Sequence[UUID], today: date) -> list[Obligation]:
    """What is still to be done of every case that is prepared for these employers."""
    cases = await fetch(f"{_PREPARED} employer_id = any($1) order by id", list(employers))
    facts = await _facts(case["hire_id"] for case in cases)
    programs = installed.library().programs
    return [
        Obligation(
            employer_id=case["employer_id"], key=f"{case['id']}:{deadline.id}", board_id=case["board_id"], assignee_id=case["owner_id"],
            title=lazy_("Incentive case: %(what)s"), values={"what": _Words(deadline.sentence), "program": _Words(programs[case["program"]].name)},
            why=lazy_("For %(program)s."), due=day, citation=deadline.citation,
        )
        for case in cases if case["program"] in programs
        for deadline in programs[case["program"]].deadlines if (day := deadline.day(facts[case["hire_id"]])) is not None
    ]  # fmt: skip


async def refresh(act: Act, hire_id: UUID) -> None:
    """Within an action that changed what is known of a hire: the days of its cases follow."""
    cases = await fetch(f"{_PREPARED} hire_id = $1", hire_id)
    if not cases:
        return
    facts, programs = (await _facts([hire_id]))[hire_id], installed.library().programs
    for case in cases:
        due = rules.next_due(programs[case["program"]].deadlines, facts) if case["program"] in programs else None
        await execute("update incentive_case set due = $2 where id = $1 and due is distinct from $2", case["id"], due)
    await deriving.ask_for(act, cases[0]["employer_id"])


async def _facts(hire_ids: Iterable[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """What is known of each hire; of one whose answers contradict each other, without what follows from them."""
    hires: list[Record] = await fetch(f"{told.HIRES} where h.id = any($1)", list(set(hire_ids)))
    found: dict[UUID, Mapping[str, Any]] = {}
    for hire_id, known in (await told.of_many(hires)).items():
        values = told.values_of(known)
        try:
            found[hire_id] = installed.library().completed(values)
        except FactError:
            found[hire_id] = values
    return found


KINDS = [Obligations("incentives.cases", falling_due)]
