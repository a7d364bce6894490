"""What is left for one hire of what an employer may get: an estimate under the limits above one person's amount, less what was claimed before.

Where it is not known how much was claimed, the amount lies between bounds. Nothing is guessed: that no one said what was claimed stays in sight (`Left.told`).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

import msgspec

from crm.rulebook.amounts import ZERO
from crm.rulebook.claimed import Claimed, Earlier, Used, used
from crm.rulebook.estimates import Estimate, Left, estimate
from crm.rulebook.facts import UNKNOWN
from crm.rulebook.formulas import laws_of
from crm.rulebook.limits import day_in, shares, within
from crm.rulebook.programs import Limit, Program
from crm.rulebook.ranges import NOTHING, WITHOUT_END, Range, exactly, hull

CENT = Decimal("0.01")
Shares = dict[int, Range]  # where the amount of each calendar year lies


def estimated(program: Program, facts: Mapping[str, Any], as_of: date, known: date | None = None, *, earlier: Earlier = Earlier()) -> Estimate:  # noqa: B008 - it cannot be changed
    """As `estimate`, with what the limits leave."""
    return after(estimate(program, facts, as_of, known), facts, earlier)


def after(found: Estimate, facts: Mapping[str, Any], earlier: Earlier) -> Estimate:
    """The same answer under the program's limits. One of which nothing is left is no."""
    key, program = facts.get(found.program.date_key, UNKNOWN), found.program
    if found.eligible == "no" or found.status is None or key is UNKNOWN or not (program.limits or earlier.claims):
        return found
    whole = _by_year(found, key.year)
    claims = [each for each in earlier.claims if each.program == program.id]
    listed, left = _once(whole, claims, earlier.person)
    for limit in program.limits:
        for years in _groups(limit, left, earlier.person):
            under = [each for each in claims if shares(limit.level, each.year, each.person) == shares(limit.level, years[0], earlier.person)]
            for people in (False, True):
                top = _top(found, limit, people, years, key, facts)
                if top is not None and not (people and limit.level == "person_lifetime"):
                    one, left = _cut(limit, people, top, years, left, under, earlier.person)
                    listed.append(one)
    return _answer(found, key.year, whole, left, tuple(listed))


def limits_left(program: Program, year: int, claims: Sequence[Claimed]) -> tuple[Left, ...]:
    """The program's limits by the law of a year, and what these claims leave of them, whoever is to be claimed for next."""
    listed = []
    for limit in program.limits:
        under = [each for each in claims if each.program == program.id and shares(limit.level, each.year, "") == shares(limit.level, year, "")]
        for people, part in ((False, limit.most), (True, limit.most_people)):
            top = within(program, part, date(year, 1, 1), dict)
            if top is not None and limit.level != "person_lifetime":
                listed.append(_cut(limit, people, top, [year], {year: NOTHING}, under, "")[0])
    return tuple(listed)


def _by_year(found: Estimate, first: int) -> Shares:
    """Where the amount of each year lies; all of a known one falls to the first where the years do not make it up."""
    value = found.amount if found.potential_amount is None else found.potential_amount
    if value is None:
        most = WITHOUT_END if found.at_most is None else found.at_most
        return {first + year - 1: Range(ZERO, most) for year in sorted({step.year for step in found.program.steps})}
    parts = found.by_year if sum(found.by_year.values()) == value else {1: value}
    return {first + year - 1: exactly(part) for year, part in sorted(parts.items())}


def _once(whole: Shares, claims: Sequence[Claimed], person: str) -> tuple[list[Left], Shares]:
    """What the program gave this person in a year it does not give again."""
    given = {each.year for each in claims if person and each.person == person} & whole.keys()
    listed = [Left(None, year, False, whole[year], ZERO, False, NOTHING, ZERO if whole[year].high == WITHOUT_END else whole[year].high, True) for year in sorted(given)]
    return listed, {year: NOTHING if year in given else part for year, part in whole.items()}


def _groups(limit: Limit, parts: Shares, person: str) -> Iterator[list[int]]:
    """The years that share a limit."""
    by_key: dict[int | str, list[int]] = {}
    for year in parts:
        by_key.setdefault(shares(limit.level, year, person), []).append(year)
    yield from by_key.values()


def _top(found: Estimate, limit: Limit, people: bool, years: Sequence[int], key: date, facts: Mapping[str, Any]) -> Range | None:
    """The most that the limit allows by the law of these years; None where the law has no number."""
    part = limit.most_people if people else limit.most
    tops = [within(found.program, part, day_in(year, key), lambda: facts, found.known) for year in years]
    stand = [top for top in tops if top is not None]
    return hull(stand) if stand else None


def _cut(limit: Limit, people: bool, top: Range, years: Sequence[int], parts: Shares, under: Sequence[Claimed], person: str) -> tuple[Left, Shares]:
    """The limit, and what it leaves of these years. Who counts already takes no second place."""
    before = used(under, under[0].program, lambda each: True) if under else Used(ZERO, False, frozenset(), 0, False)
    taken, more = (Decimal(before.people), before.more_people) if people else (before.money, before.more_money)
    room = Range(ZERO if more else max(top.low - taken, ZERO), max(top.high - taken, ZERO))
    if not people:
        kept = dict(zip(years, _filled(room, [parts[year] for year in years]), strict=True))
    elif person and person in before.persons:
        kept = {year: parts[year] for year in years}
    else:
        kept = {year: NOTHING if room.high < 1 else Range(ZERO, parts[year].high) if room.low < 1 else parts[year] for year in years}
    lost = sum((parts[year].high - kept[year].high for year in years if parts[year].high != WITHOUT_END), ZERO)
    year = years[0] if shares(limit.level, years[0], "") == years[0] else None
    told = any(not each.case for each in under)
    return Left(limit, year, people, top, taken, more, room, lost, told), {**parts, **kept}


def _filled(room: Range, parts: Sequence[Range]) -> Iterator[Range]:
    """What is left goes to the first year first."""
    low, high = (each if each == WITHOUT_END else each.quantize(CENT, ROUND_DOWN) for each in (room.low, room.high))
    for part in parts:
        kept = Range(min(part.low, low), min(part.high, high))
        yield kept
        low, high = low - kept.low, high if high == WITHOUT_END else high - kept.high


def _answer(found: Estimate, first: int, whole: Shares, left: Shares, listed: tuple[Left, ...]) -> Estimate:
    if left == whole:
        return msgspec.structs.replace(found, left=listed)
    before = found.amount if found.potential_amount is None else found.potential_amount
    low, high = sum((part.low for part in left.values()), ZERO), sum((part.high for part in left.values()), ZERO)
    high = high if found.at_most is None else min(high, found.at_most)
    review = found.needs_review or any(each.cut and _unreviewed(found, each) for each in listed)
    found = msgspec.structs.replace(found, left=listed, before_limits=before, needs_review=review, at_least=ZERO, at_most=None if high == WITHOUT_END else high)
    if not high:
        return msgspec.structs.replace(found, eligible="no", amount=ZERO, potential_amount=None, by_year={}, missing=(), deadlines=())
    if before is None:
        return found
    if low != high:  # what was claimed is not known
        return msgspec.structs.replace(found, amount=None if found.potential_amount is None else ZERO, potential_amount=None, by_year={})
    years = {year - first + 1: part.low for year, part in left.items() if part.low}
    if found.potential_amount is not None:
        return msgspec.structs.replace(found, potential_amount=low, by_year=years)
    return msgspec.structs.replace(found, amount=low, at_least=low, by_year=years)


def _unreviewed(found: Estimate, each: Left) -> bool:
    if each.limit is None:
        return False
    laws = [law for part in (each.limit.most, each.limit.most_people) if part is not None for law in laws_of(part)]
    return any(status != "verified" for status in (each.limit.review_status, *(law.review_on(found.law_of, found.known) for law in laws)))
