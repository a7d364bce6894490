"""An estimate in sentences, for the page and for paper."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crm.rulebook.amounts import Traced, rounded
from crm.rulebook.conditions import Outcome
from crm.rulebook.deadlines import Deadline
from crm.rulebook.estimates import Due, Estimate
from crm.rulebook.facts import UNKNOWN, Fact
from crm.rulebook.formulas import Around, Constant, Missing, Part
from crm.rulebook.library import Library
from crm.rulebook.programs import Program
from crm.rulebook.stacking import Plan, Stacked, unknown_of
from crm.translation import _, exact_day, language, long_day, money, ngettext, number, percent

FAR_END = Decimal(100_000)  # up to more than this says no more than nothing


def text(texts: dict[str, str]) -> str:
    """The text in the reader's language."""
    return texts.get(language()) or texts["en"]


def value(found: Any, kind: str) -> str:
    """A number as people read it: money in dollars, a rate in percent."""
    if kind == "rate":
        return percent(found)
    return money(found) if kind == "money" else number(found)


def told(fact: Fact, found: Any) -> str:
    """An answer as people read it; empty while it is not known."""
    from crm.templating import label

    if found is UNKNOWN:
        return ""
    if fact.kind == "choice":
        return next((text(choice.text) for choice in fact.choices if choice.value == found), str(found))
    if fact.kind == "yes_no":
        return label("yes" if found else "no")
    return exact_day(found) if fact.kind == "date" else value(found, fact.kind)


def wanted(fact: Fact) -> str:
    """How an answer is written, said where one is not right."""
    if fact.kind == "date":
        return _("This is no day that can be. Choose one in the calendar.")
    if fact.kind in ("yes_no", "choice"):
        return _("Choose one of the answers.")
    least = number(fact.least or 0)
    if fact.most is not None:
        words = _("Write a whole number from %(least)s to %(most)s.") if fact.whole else _("Write a number from %(least)s to %(most)s.")
        return words % {"least": least, "most": number(fact.most)}
    return (_("Write a whole number, %(least)s or more.") if fact.whole else _("Write a number, %(least)s or more, with at most two decimals.")) % {"least": least}


class Spoken:
    """How formulas are said; see `crm.rulebook.formulas.Speech`."""

    def value(self, found: Any, kind: str) -> str:
        return value(found, kind)

    def pick(self, which: str, parts: list[str]) -> str:
        begin = _("the least of %(parts)s") if which == "least" else _("the greatest of %(parts)s")
        return begin % {"parts": self._listed(parts)}

    def _listed(self, parts: list[str]) -> str:
        return _("%(these)s and %(last)s") % {"these": ", ".join(parts[:-1]), "last": parts[-1]}

    def tier(self, quantity: str, start: str | None, share: str) -> str:
        if start is None:
            return _("there is no tier on this day")
        told = {"quantity": quantity, "start": start, "share": share}
        return _("%(quantity)s reach the tier from %(start)s: %(share)s") % told if share else _("%(quantity)s stay below the first tier, %(start)s") % told

    def whole(self, direction: str, part: str) -> str:
        return (_("%(part)s, rounded down") if direction == "down" else _("%(part)s, rounded up")) % {"part": part}


SPOKEN = Spoken()


def formula(part: Part | None, around: Around) -> str:
    """A formula with its numbers; empty where it is one number alone, or does not rest on all of itself."""
    if part is None:
        return ""
    try:
        return part.said(around, SPOKEN)
    except (Missing, KeyError):
        return ""


def as_shown(estimate: Estimate, library: Library) -> dict[str, Any]:
    """Plain values for the page, the PDF and JSON: amounts are decimal strings, days ISO."""
    from crm.incentives.earlier_claims import limit_wording

    program, status = estimate.program, estimate.status
    return {
        "program": program.id, "title": text(program.name), "agency": program.agency, "law": program.law,
        "version": _version(estimate), "kind": program.kind,
        "status": status.state if status else "unknown" if program.earlier == "unknown" else "sunset",
        "status_sentence": text(status.says) if status else _before(program),
        "status_since": status.since.isoformat() if status else "", "status_citation": status.citation if status else "",
        "eligible": estimate.eligible, "amount": _amount(estimate.amount), "potential_amount": _amount(estimate.potential_amount),
        "at_least": _amount(estimate.at_least), "at_most": _amount(estimate.at_most),
        "by_year": {str(year): str(share) for year, share in sorted(estimate.by_year.items())},
        "conditions": [_condition(outcome, library) for outcome in estimate.outcomes],
        "missing": list(estimate.missing), "questions": [text(library.facts[key].question) for key in estimate.missing],
        "deadlines": [deadline_shown(due) for due in estimate.deadlines], "warnings": [*_warnings(estimate), *limit_wording.notes(estimate)],
        "beside": [{"program": each.program, "relation": each.relation, "text": text(each.says), "citation": each.citation} for each in program.beside],
        "limits": [{"level": each.level, "text": text(each.what), "citation": each.citation} for each in program.limits],
        "before_limits": _amount(estimate.before_limits), "left": limit_wording.shown(estimate), "used_up": limit_wording.used_up(estimate),
        "trace": [*(_step(traced) for traced in estimate.trace), *limit_wording.steps(estimate)],
        "citations": [f"{each.title}{' (' + each.href + ')' if each.href else ''}" for each in program.references],
        "as_of": estimate.as_of.isoformat(), "known_as_of": estimate.known.isoformat() if estimate.known else "",
    }  # fmt: skip


def headline(found: Estimate) -> str:
    """What a program brings, in a few words: a number, or between which it lies, or that it brings nothing."""
    if found.eligible == "no":
        return _("Nothing is left for this hire") if any(each.cut for each in found.left) else _("Nothing for this hire")
    if found.potential_amount is not None and found.status is not None:
        hope = {"proposed": _("%(amount)s if the bill passes"), "capped": _("%(amount)s if there is money again")}
        return hope.get(found.status.state, _("%(amount)s if the law is renewed")) % {"amount": money(found.potential_amount)}
    if found.amount is not None:
        return money(found.amount)
    if found.at_most is None or found.at_most > FAR_END:
        return _("%(amount)s or more") % {"amount": money(found.at_least)} if found.at_least else _("Not known yet")
    if not found.at_least:
        return _("Up to %(amount)s") % {"amount": money(found.at_most)}
    return _("Between %(least)s and %(most)s") % {"least": money(found.at_least), "most": money(found.at_most)}


def _before(program: Program) -> str:
    if program.earlier == "unknown":
        return _("The rule before %(day)s is not stated here. Ask the agency.") % {"day": long_day(program.statuses[0].since)}
    return _("This program was not in force then.")


def stack_shown(found: Stacked, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Plans as plain values: what is claimed together, what that leaves out and why, and what an hour costs without and with it."""
    return {
        "best": _plan(found.best, facts), "next_best": [_plan(plan, facts) for plan in found.next_best], "weighed": found.weighed,
        "undecided": [each.program.id for each in found.undecided], "questions": list(unknown_of(found, facts)),
    }  # fmt: skip


def _plan(plan: Plan, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "total": str(plan.total), "deductions": str(plan.deductions),
        "claims": [{"program": claim.program.id, "title": text(claim.program.name), "amount": str(claim.amount),
                    "uses": {key: str(used) for key, used in claim.uses.items()}} for claim in plan.claims],
        "blocked": [{"program": each.program.id, "by": each.by.id, "relation": each.relation.relation, "text": text(each.relation.says),
                     "citation": each.relation.citation, "lost": str(each.lost)} for each in plan.blocked],
        "deadlines": [deadline_shown(due) for due in plan.deadlines], "cost_per_hour": _cost_per_hour(plan.total, facts),
    }  # fmt: skip


def _cost_per_hour(total: Decimal, facts: Mapping[str, Any]) -> dict[str, str] | None:
    """Wages of the first year for each hour, without and with what comes in; None where they are not known."""
    hours, wages = facts.get("first_year_hours", UNKNOWN), facts.get("first_year_wages", UNKNOWN)
    if hours is UNKNOWN or wages is UNKNOWN or not hours:
        return None
    return {"without": str(rounded(wages / hours)), "with": str(rounded((wages - total) / hours))}


def _amount(found: Decimal | None) -> str | None:
    return None if found is None else str(found)


def _condition(outcome: Outcome, library: Library) -> dict[str, Any]:
    condition = outcome.condition
    fact = library.facts.get(condition.fact)
    limits = [value(part.value, part.kind) for part in condition.limits if isinstance(part, Constant) and part.kind in {"number", "money"}]
    return {
        "id": condition.id, "state": outcome.state, "text": text(condition.sentence), "citation": condition.citation,
        "found": told(fact, outcome.found) if fact and fact.sensitivity != "confidential" else "", "limits": limits,
    }  # fmt: skip


def deadline_shown(due: Due) -> dict[str, str]:
    return {"what": text(due.deadline.sentence), "date": due.day.isoformat(), "opens": due.opens.isoformat() if due.opens else "",
            "citation": due.deadline.citation}  # fmt: skip


def counted(deadline: Deadline, facts: Mapping[str, Any]) -> str:
    """How a day to keep follows from the day of its fact, which must be known."""
    start = long_day(facts[deadline.after])
    if deadline.on is not None:
        if not deadline.years:
            return _("In the year of %(day)s") % {"day": start}
        return ngettext("%(num)s year after the year of %(day)s", "%(num)s years after the year of %(day)s", deadline.years) % {"num": deadline.years, "day": start}
    if not deadline.days:
        return _("%(day)s itself") % {"day": start}
    days = abs(deadline.days)
    if deadline.days > 0:
        return ngettext("%(num)s calendar day after %(day)s", "%(num)s calendar days after %(day)s", days) % {"num": days, "day": start}
    return ngettext("%(num)s calendar day before %(day)s", "%(num)s calendar days before %(day)s", days) % {"num": days, "day": start}


def _version(estimate: Estimate) -> str:
    days = [traced.since for traced in estimate.trace if traced.since]
    return max(days).isoformat() if days else (estimate.status.since.isoformat() if estimate.status else "")


def _warnings(estimate: Estimate) -> list[str]:
    notes = [text(note.says) for note in estimate.program.notes]
    if estimate.needs_review:
        notes.insert(0, _("A part of this rule was not checked against its official text yet: it needs review."))
    return notes


def _step(traced: Traced) -> dict[str, Any]:
    since = _("in force since %(day)s") % {"day": long_day(traced.since)} if traced.since else ""
    step = traced.step
    return {"step": step.name, "what": text(step.what), "formula": formula(traced.formula, traced.around), "numbers": {},
            "result": value(traced.result, step.formula.kind), "adds": _amount(traced.adds), "year": step.year, "review_status": traced.review_status,
            "citation": ", ".join(part for part in (step.citation, since) if part)}  # fmt: skip
