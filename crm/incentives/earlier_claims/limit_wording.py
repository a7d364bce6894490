"""What limits above one person's amount leave of an estimate, in sentences: how much there is, how much was claimed before, and what is not known of it."""

from collections.abc import Iterator
from typing import Any

from crm.incentives.wording import text, value
from crm.rulebook.amounts import ZERO
from crm.rulebook.estimates import Estimate, Left
from crm.rulebook.ranges import WITHOUT_END, Range
from crm.translation import _

OF_ALL = ("all_employers_year",)  # what all employers claimed together no one here knows


def _tells(each: Left) -> bool:
    """Whether it has something to say. Of what all employers get together, it is known that it is used up, never how much is left."""
    return bool(each.cut or ((each.used or each.more) and each.limit is not None and each.limit.level not in OF_ALL))


def used_up(found: Estimate) -> bool:
    """Whether nothing is left of what it would bring."""
    return found.eligible == "no" and any(each.cut for each in found.left)


def shown(found: Estimate) -> list[dict[str, Any]]:
    """Each limit that matters as plain values; `most`, `used` and `left` are null while they are not known. `said` and `note` are sentences."""
    return [
        {"level": each.limit.level if each.limit else "person_year", "year": each.year, "people": each.people, "most": _plain(each.most), "used": None if each.more else str(each.used),
         "left": _plain(each.left), "cut": str(each.cut), "told": each.told, "citation": each.limit.citation if each.limit else "",
         "said": left_said(each) if _tells(each) else "", "note": _note(each, found)}
        for each in found.left
    ]  # fmt: skip


def steps(found: Estimate) -> list[dict[str, Any]]:
    """The same as the last steps of the trace, which then adds up to what is left; nothing where the amount is not known before them."""
    if found.before_limits is None:
        return []
    listed = [_step(each) for each in found.left if _tells(each)]
    after = found.amount if found.potential_amount is None else found.potential_amount
    less = "" if after is None else str(after - found.before_limits)
    result = value(after, "money") if after is not None else _upto(Range(ZERO, found.at_most or ZERO), people=False)
    what = _("Of %(amount)s there is left") % {"amount": value(found.before_limits, "money")}
    return [*listed, _as_step("left", what, "", result, less or None, "")]


def notes(found: Estimate) -> list[str]:
    """What is to be known beside the amount: limits that cut what is not known yet, and what is not known of them."""
    unseen = [left_said(each) for each in found.left if found.before_limits is None and each.cut]
    return [*unseen, *(note for each in found.left if (note := _note(each, found)))]


def left_said(each: Left) -> str:
    return " ".join(_said(each))


def _step(each: Left) -> dict[str, Any]:
    if each.limit is None:
        return _as_step("limit:person_year", _once(each), "", value(ZERO, "money"), None, "")
    less = {(False, False): _("Less what was claimed before"), (True, False): _("Less those who counted before"),
            (False, True): _("Less what was claimed before for %(year)s"), (True, True): _("Less those who counted before for %(year)s")}  # fmt: skip
    what = f"{text(each.limit.what)} {less[each.people, each.year is not None] % {'year': each.year}}"
    formula = "" if each.more or not each.most.known else f"{_number(each.most.low, each)} − {_number(each.used, each)}"
    return _as_step(f"limit:{each.limit.level}", what, formula, _upto(each.left, people=each.people), None, each.limit.citation, each.limit.review_status)


def _as_step(name: str, what: str, formula: str, result: str, adds: str | None, citation: str, review: str = "verified") -> dict[str, Any]:
    return {"step": name, "what": what, "formula": formula, "numbers": {}, "result": result, "adds": adds, "year": None, "review_status": review, "citation": citation}


def _said(each: Left) -> Iterator[str]:
    if each.limit is None:
        yield _once(each)
        return
    yield text(each.limit.what)
    most, used = _upto(each.most, people=each.people), _number(each.used, each)
    used = _("%(amount)s and more that is not known") % {"amount": used} if each.more else used
    if each.people:
        yield _("How many count: %(amount)s.") % {"amount": most}
        yield (_("Counted before for %(year)s: %(amount)s.") if each.year else _("Counted before: %(amount)s.")) % {"year": each.year, "amount": used}
        yield _("Places left: %(amount)s.") % {"amount": _upto(each.left, people=True)}
        return
    yield _("That is %(amount)s.") % {"amount": most}
    yield (_("Claimed before for %(year)s: %(amount)s.") if each.year else _("Claimed before: %(amount)s.")) % {"year": each.year, "amount": used}
    yield _("Left: %(amount)s.") % {"amount": _upto(each.left, people=False)}


def _once(each: Left) -> str:
    return " ".join((_("For one person a program counts once a year."), _("For this person it was claimed before for %(year)s.") % {"year": each.year}))


def _note(each: Left, found: Estimate) -> str:
    """What is not known of the limit, where it can change the answer."""
    if each.limit is None or found.eligible == "no":
        return ""
    said = {"limit": text(each.limit.what), "year": each.year, "amount": _number(each.used, each)}
    if each.more:
        return (_("%(limit)s Not all that was claimed before for %(year)s is known, so what is left is not known either.") if each.year
                else _("%(limit)s Not all that was claimed before is known, so what is left is not known either.")) % said  # fmt: skip
    if each.told or each.limit.level in OF_ALL:
        return ""
    unknown = (_("%(limit)s What was claimed elsewhere for %(year)s is not known and is not taken off.") if each.year
               else _("%(limit)s What was claimed elsewhere is not known and is not taken off.")) % said  # fmt: skip
    return " ".join(filter(None, (unknown, _room(each, found))))


def _room(each: Left, found: Estimate) -> str:
    """From where on that would leave less."""
    if not each.left.known:
        return ""
    if each.people:
        return _("It would leave no place once these many more counted: %(amount)s.") % {"amount": _number(each.left.low, each)}
    if found.at_most is None or each.left.low <= found.at_most:
        return _("Any such claim leaves less than the amount here.")
    return _("The amount here would be less only if that was more than %(amount)s.") % {"amount": value(each.left.low - found.at_most, "money")}


def _number(found: Any, each: Left) -> str:
    return value(found, "number" if each.people else "money")


def _upto(found: Range, *, people: bool) -> str:
    kind = "number" if people else "money"
    if found.known:
        return value(found.low, kind)
    if found.high == WITHOUT_END:
        return _("not known")
    if not found.low:
        return _("at most %(amount)s") % {"amount": value(found.high, kind)}
    return _("%(least)s to %(most)s") % {"least": value(found.low, kind), "most": value(found.high, kind)}


def _plain(found: Range) -> str | None:
    return str(found.low) if found.known else None
