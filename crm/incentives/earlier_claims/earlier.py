"""What was claimed before, as a board knows it: its own cases that were submitted, certified or paid, and what it was told of claims elsewhere.

Cases of other boards are not seen and stay unknown. A case never counts against itself; of a hire's own case that was submitted, only what was submitted
before it counts. Who may see a hire may see what its board's cases use up: the employer in the portal too, for it is what was claimed in its name.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from crm.access import Actor, visible
from crm.database import Record, fetch
from crm.incentives import installed
from crm.incentives.earlier_claims.claimed_elsewhere import OF_ONE_EMPLOYER, limited
from crm.rulebook.claimed import Claimed, Earlier
from crm.rulebook.estimates import Estimate, Left
from crm.rulebook.facts import UNKNOWN
from crm.rulebook.programs import Program
from crm.rulebook.remaining import limits_left
from crm.sql import TRUE, Sql

COUNTED = ("submitted", "certified", "paid")  # what was denied, withdrawn or is only prepared uses up nothing


class Before(Struct, frozen=True):
    """A program and a year: the cases that count with their amounts, what was told, and what the limits of one employer leave."""

    program: Program
    year: int
    cases: list[tuple[Record, Decimal | None]]
    told: list[Record]
    left: list[Left]


async def of(hire: Mapping[str, Any]) -> Earlier:
    """What counts against a hire (a row of `told.HIRES`)."""
    return _against(hire["id"], await _cases(hire["employer_id"], hire["board_id"]), await _told(hire["employer_id"], hire["board_id"]))


async def of_next(employer_id: UUID, board_id: UUID) -> Earlier:
    """What counts against the next hire, of whom nothing is on record yet."""
    return _against(None, await _cases(employer_id, board_id), await _told(employer_id, board_id))


async def of_shared(actor: Actor, hire: Mapping[str, Any]) -> tuple[Earlier, list[Record]]:
    """The same as `of`, as the portal's login reads it, and what was told of claims elsewhere."""
    cases = await fetch("select * from portal_cases($1) where program = any($2)", hire["id"], [program.id for program in limited()])
    told = await fetch(Sql(
        "select t.program, t.year, t.amount, t.people, t.source, t.on_day from claimed_elsewhere t where t.employer_id = {} and t.board_id = {} "
        "and t.removed_at is null and t.program = any({}) and {} order by t.year desc, t.told_at",
        hire["employer_id"], hire["board_id"], [program.id for program in limited()], visible(actor, "claimed_elsewhere", "t"),
    ))  # fmt: skip
    return _against(hire["id"], cases, told), told


def _against(hire_id: UUID | None, cases: Sequence[Record], told: Sequence[Record]) -> Earlier:
    own = {row["program"]: row["sent_at"] for row in cases if row["hire_id"] == hire_id}
    others = [row for row in cases if row["hire_id"] != hire_id and (row["program"] not in own or row["sent_at"] < own[row["program"]])]
    return Earlier((*(claim for row in others for claim in _claims(row)), *(_as_claim(row) for row in told)), str(hire_id or ""))


async def of_employer(actor: Actor, employer_id: UUID, board_id: UUID, year: int | None = None) -> list[Before]:
    """What someone sees of all that a board knows, by program and year, the last first; of one year, also what limits that run over all years."""
    programs = installed.library().programs
    cases = await _cases(employer_id, board_id, visible(actor, "incentive_case", "c"))
    told = await _told(employer_id, board_id, visible(actor, "claimed_elsewhere", "t"))
    counted = [(row, claim) for row in cases for claim in _claims(row)]
    claims = [*(claim for _row, claim in counted), *(_as_claim(row) for row in told)]
    keys = sorted({(claim.year, claim.program) for claim in claims if year in (None, claim.year)}, key=lambda key: (-key[0], key[1]))
    return [
        Before(programs[name], of_year, [(row, claim.amount) for row, claim in counted if (claim.program, claim.year) == (name, of_year)],
               [row for row in told if (row["program"], row["year"]) == (name, of_year)],
               [left for left in limits_left(programs[name], of_year, claims) if left.limit is not None and left.limit.level in OF_ONE_EMPLOYER])
        for of_year, name in keys
    ]  # fmt: skip


async def _cases(employer_id: UUID, board_id: UUID, seen: Sql = TRUE) -> list[Record]:
    return await fetch(Sql(
        "select c.*, h.label, h.starts_on, (select max(m.made_at) from case_move m where m.case_id = c.id and m.to_state = 'submitted' "
        "and m.undone_at is null) as sent_at from incentive_case c join hire h on h.id = c.hire_id "
        "where c.employer_id = {} and c.board_id = {} and c.state = any({}) and c.program = any({}) and {} order by sent_at, c.id",
        employer_id, board_id, list(COUNTED), [program.id for program in limited()], seen,
    ))  # fmt: skip


async def _told(employer_id: UUID, board_id: UUID, seen: Sql = TRUE) -> list[Record]:
    return await fetch(Sql(
        "select t.*, a.name as by from claimed_elsewhere t left join account a on a.id = t.told_by where t.employer_id = {} and t.board_id = {} "
        "and t.removed_at is null and t.program = any({}) and {} order by t.year desc, t.told_at", employer_id, board_id, [program.id for program in limited()], seen,
    ))  # fmt: skip


def _as_claim(row: Mapping[str, Any]) -> Claimed:
    return Claimed(row["program"], row["year"], row["amount"], "", row["people"], row["source"])


def _claims(row: Mapping[str, Any]) -> list[Claimed]:
    """What a case uses up, year by year as it was estimated; where the amount is another since, all of it in the first year.

    Where the years are not known, it is that of the first day of work, or the one in which it was submitted.
    """
    amount = next((row[name] for name in ("paid", "certified", "estimated") if row[name] is not None), None)
    years = {int(year): None if share is None else Decimal(share) for year, share in (row["by_year"] or {}).items()}
    first = min(years, default=(row["starts_on"] or row["sent_at"] or row["state_since"]).year)
    together = sum((share for share in years.values() if share is not None), Decimal(0))
    parts: Mapping[int, Decimal | None] = years if years and None not in years.values() and amount == together else {first: amount}
    return [Claimed(row["program"], year, part, str(row["hire_id"]), case=str(row["id"])) for year, part in parts.items()]


# ── as a case and an estimate keep it ──


def years_of(found: Estimate, facts: Mapping[str, Any]) -> dict[str, str | None] | None:
    """What of an amount falls to which calendar year, null while it is not known; None while the day that selects the law is not."""
    key = facts.get(found.program.date_key, UNKNOWN)
    if key is UNKNOWN:
        return None
    worth = found.amount if found.potential_amount is None else found.potential_amount
    if worth is None:
        return {str(key.year): None}
    return {str(key.year + year - 1): str(share) for year, share in (found.by_year or {1: worth}).items()}


def kept(earlier: Earlier, program: Program) -> dict[str, Any]:
    """What counted in an estimate of a program, to be kept with it."""
    claims = [claim for claim in earlier.claims if claim.program == program.id]
    return {"already": msgspec.to_builtins(claims), "person": earlier.person}


def opened(content: Mapping[str, Any]) -> Earlier | None:
    """The same again; None of an estimate that was made before limits counted in it."""
    if "already" not in content:
        return None
    return Earlier(tuple(msgspec.convert(content["already"], list[Claimed], strict=False)), content["person"])
