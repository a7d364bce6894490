"""What changed in the law, and in answers by it, as plain values and in sentences."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from crm.incentives import installed
from crm.incentives.wording import text, value
from crm.rulebook.changes import Answer, Change, Changed
from crm.rulebook.differences import Difference
from crm.templating import label
from crm.translation import _, exact_day, lazy_, long_day, ngettext, number

WHENS = {"in_force": lazy_("in force since %(day)s"), "coming": lazy_("comes into force on %(day)s"), "for_days_past": lazy_("for days from %(day)s, known since %(known)s")}
KINDS = {
    "program": lazy_("the program %(name)s"), "status": lazy_("the status"), "condition": lazy_("the condition %(name)s"), "parameter": lazy_("the number of law %(name)s"),
    "step": lazy_("the step %(name)s"), "question": lazy_("the question %(name)s"), "deadline": lazy_("the deadline %(name)s"),
}  # fmt: skip


# tables and tiers of law, as `differences.plain` writes them
TIER = re.compile(r"from: ([\d.]+), is: ([\d.]+)")
ROW = re.compile(r"(\w[\w-]*): ([\d.]+)")

ASKED = {"asked": lazy_("asked"), "stated": lazy_("stated")}


def change_shown(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind, "name": change.name, "programs": list(change.programs), "day": change.day.isoformat(), "known_since": change.known.isoformat(),
        "when": change.when, "before": change.before, "after": change.after, "text": text(dict(change.says)), "citation": change.citation,
        "review_status": change.review_status, "differs": change.differs,
    }  # fmt: skip


def change_line(change: Change) -> str:
    when = _(WHENS[change.when]) % {"day": long_day(change.day), "known": long_day(change.known)}
    resting = f" [{', '.join(change.programs)}]" if change.kind == "parameter" else ""
    return f"{change.name}{resting}: {_arrow(*both(change))}, {when}. {text(dict(change.says))} ({change.citation})"


def both(change: Change) -> tuple[str, str]:
    """What stood before and what stands now: states and numbers, or, where those stayed, the sentence, the citation or how far it was checked."""
    if change.differs == "value":
        return (change.before, change.after) if change.kind == "parameter" else (_word(change.before), _word(change.after))
    if change.differs == "says":
        return text(dict(change.stood.says)), text(dict(change.says))
    if change.differs == "citation":
        return change.stood.citation, change.citation
    return _word(change.stood.review_status), _word(change.review_status)


def _word(code: str) -> str:
    return label(code) if code else ""


def answer_said(found: Answer | None, said: Callable[[Decimal], str] = str) -> str:
    """`said` writes an amount: as it is in files, or `money` on pages."""
    if found is None:
        return ""
    if found.eligible == "no":
        return _("no")
    if found.eligible == "unknown":
        return _("not known") if found.at_most is None else _("not known, at most %(amount)s") % {"amount": said(found.at_most)}
    if found.potential is None:
        return said(found.amount) if found.amount is not None else ""
    return _("%(amount)s (%(potential)s if it were in force)") % {"amount": said(found.amount) if found.amount is not None else "", "potential": said(found.potential)}


def kind_said(kind: str, name: str) -> str:
    return _(KINDS[kind]) % {"name": name}


def reason_said(each: Difference) -> tuple[str, str, str]:
    """What differs, how it was, and how it is."""
    if each.kind in {"status", "condition"}:
        before, after = _word(each.before), _word(each.after)
    else:
        before, after = (_(ASKED[part]) if part in ASKED else part for part in (each.before, each.after))
    return kind_said(each.kind, each.name), before, after


def reason_read(each: Difference) -> tuple[str, str, str]:
    """The same for a page: numbers and days as people read them."""
    what, before, after = reason_said(each)
    return what, as_read(before, each.counts), as_read(after, each.counts)


def as_read(found: str, counts: str) -> str:
    """A number, a day, a table or its tiers as people read them; nothing or a list as it stands."""
    try:
        if counts == "date":
            return exact_day(date.fromisoformat(found))
        if counts not in {"money", "rate", "number"}:
            return found
        if tiers := TIER.findall(found):
            return "; ".join(_("from %(start)s: %(gives)s") % {"start": number(Decimal(start)), "gives": value(Decimal(gives), counts)} for start, gives in tiers)
        if rows := ROW.findall(found):
            names = _choices(frozenset(name for name, _number in rows))
            return "; ".join(f"{names.get(name, name)}: {value(Decimal(held), counts)}" for name, held in rows)
        return value(Decimal(found), counts)
    except (InvalidOperation, ValueError):
        return found


def _choices(rows: frozenset[str]) -> dict[str, str]:
    """What the rows of a table are called: as the choices of the question by which they are told apart."""
    asked = ({choice.value: text(choice.text) for choice in fact.choices} for fact in installed.library().facts.values())
    return next((named for named in asked if rows <= named.keys()), {})


def answer_shown(found: Changed) -> dict[str, Any]:
    return {
        "case": found.case, "program": found.program.id, "title": text(found.program.name), "before": str(found.before or ""), "after": str(found.after or ""),
        "reasons": [{"kind": each.kind, "name": each.name, "before": each.before, "after": each.after, "text": text(dict(each.says)) if each.says else "",
                     "citation": each.citation} for each in found.differences],
    }  # fmt: skip


def answer_lines(found: Changed) -> Iterator[str]:
    yield f"{found.case}: {found.program.id}: {_arrow(answer_said(found.before), answer_said(found.after))}"
    yield from (f"  {_reason(each)}" for each in found.differences)


def _reason(each: Difference) -> str:
    what, before, after = reason_said(each)
    said = f" {text(dict(each.says))}" if each.says else ""
    return f"{what}: {_arrow(before, after)}.{said}" + (f" ({each.citation})" if each.citation else "")


def _arrow(before: str, after: str) -> str:
    return f"{before or _('none')} → {after or _('none')}"


def counted(answers: int, cases: int) -> str:
    said = ngettext("%(answers)s answer differs, in %(cases)s cases that were looked at.", "%(answers)s answers differ, in %(cases)s cases that were looked at.", answers)
    return said % {"answers": answers, "cases": cases}
