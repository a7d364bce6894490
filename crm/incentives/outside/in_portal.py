"""Hires that a board shares with the employer, as its people see them in the portal, and what they answer.

Everything shown is worked out from what an employer knows anyway: whatever the person or the board alone can tell stays open here, and amounts lie
between their bounds. So nothing about the person can be read or reckoned from the page, whatever is known to the board. What was claimed before in the
employer's name counts as it does for staff.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm.access import SYSTEM, Actor, Permission, load, require, visible
from crm.actions import acting
from crm.database import Record, fetch, fetch_one
from crm.errors import NotFound
from crm.incentives import answering, hires, quick, screening, told
from crm.incentives.earlier_claims import earlier
from crm.incentives.screening import Screened
from crm.incentives.secrecy import employer_may_know
from crm.incentives.told import Known
from crm.rulebook.claimed import Earlier
from crm.rulebook.facts import Fact
from crm.sql import Sql
from crm.translation import _

SOURCE = "employer"
# as `told.HIRES`, without what the portal's login does not read
HIRES = ("select h.*, e.name as employer, e.state as employer_state, e.employee_count, e.updated_at as employer_updated_at, s.state as site_state, "
         "coalesce(nullif(s.name, ''), s.line1, s.city) as site from hire h join employer e on e.id = h.employer_id "
         "left join establishment s on s.id = h.establishment_id")  # fmt: skip


def theirs(fact: Fact) -> bool:
    """Whether the employer is who knows it."""
    return fact.known_by == "employer" and employer_may_know(fact)


class Shown(Struct, frozen=True):
    """A hire with what is known of it, what programs may bring, the open questions of the employer, the cases that were submitted, and what was claimed before."""

    hire: Record
    known: list[Known]
    found: Screened
    cases: list[Record]
    before: "list[ClaimedBefore]"


class ClaimedBefore(Struct, frozen=True):
    """Of a program (as shown) what its limits leave, in sentences with their citation, and what that counts: rows of claims elsewhere, and what
    went through the board by year: how many claims, and for how much; None where that is not known of all."""

    program: dict[str, Any]
    said: list[tuple[str, str]]
    told: list[Record]
    through_board: dict[int, tuple[int, Decimal | None]]


async def of_visitor(actor: Actor, most: int = 50) -> list[Record]:
    """Their hires, newest first."""
    return await fetch(Sql(f"{HIRES} where {{}} order by h.made_at desc limit {{}}", visible(actor, "hire", "h"), most))


async def shown(actor: Actor, hire_id: UUID, today: date) -> Shown:
    """Raises `NotFound` for a hire that is not theirs or not shared."""
    hire = await fetch_one(Sql(f"{HIRES} where h.id = {{}} and {{}}", hire_id, visible(actor, "hire", "h")))
    if hire is None:
        raise NotFound(_(hires.GONE))
    known = await _known(actor, hire)
    cases = await fetch(Sql("select c.id, c.program, c.state, c.state_since, c.estimated, c.certified, c.paid from incentive_case c "
                            "where c.hire_id = {} and {} order by c.state_since", hire_id, visible(actor, "incentive_case", "c")))  # fmt: skip
    before, elsewhere = await earlier.of_shared(actor, hire)
    found = screening.of_facts(told.place_of(hire), told.values_of(known), today, outside=True, before=before)
    claimed = {case["program"] for case in cases}
    found.places = {place: [each for each in listed if each["program"] not in claimed] for place, listed in found.places.items()}
    return Shown(hire, list(known.values()), quick.for_one(found, theirs), cases, [*_before(found, before, elsewhere)])


def _before(found: Screened, before: Earlier, elsewhere: Sequence[Record]) -> Iterator[ClaimedBefore]:
    for each in found.programs:
        said = [(left["said"], left["citation"]) for left in each["left"] if left["said"]]
        if said:
            own = [claim for claim in before.claims if claim.program == each["program"] and claim.case]
            by_year = {year: [claim.amount for claim in own if claim.year == year] for year in sorted({claim.year for claim in own}, reverse=True)}
            sums = {year: (len(amounts), None if None in amounts else sum(filter(None, amounts), Decimal(0))) for year, amounts in by_year.items()}
            yield ClaimedBefore(each, said, [row for row in elsewhere if row["program"] == each["program"]], sums)


async def _known(actor: Actor, hire: Mapping[str, Any]) -> dict[str, Known]:
    """What an employer knows anyway: by today's rules too, should they have become stricter since it was told."""
    rows = await fetch(Sql("select f.id, f.hire_id, f.key, f.value, null::bytea as value_sealed, f.source, f.told_at, '' as by from hire_fact f "
                           "where f.hire_id = {} and f.replaced_at is null and {} order by f.told_at, f.key", hire["id"], visible(actor, "hire_fact", "f")))  # fmt: skip
    known = told.put_together([hire], rows)[hire["id"]]
    return {key: each for key, each in known.items() if employer_may_know(each.fact)}


async def answer(actor: Actor, hire_id: UUID, given: Mapping[str, str]) -> dict[str, str]:
    """Keep what is right of it; what is wrong, by the key of its question.

    The program writes it for them, since the days of cases follow, which the portal's login does not reach. Who told it is on record.
    """
    require(actor, Permission.EDIT_IN_PORTAL)
    async with acting(SYSTEM, "hire.told_in_portal") as act:
        await load(actor, "hire", hire_id, for_update=True)
        return await answering.keep(act, await told.row(hire_id), given, source=SOURCE, theirs=theirs, by=actor.account_id,
                                    beside={"account": actor.account_id, "name": actor.name})  # fmt: skip
