"""A plan of many hires in sentences and plain values: what is claimed for whom, what that shuts out and by which rule, and what an hour costs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from crm.incentives.command_line.plan_files import PlanFile
from crm.incentives.wording import deadline_shown, text
from crm.rulebook.amounts import ZERO, rounded
from crm.rulebook.facts import UNKNOWN
from crm.rulebook.hiring import EMPLOYER, Chosen, Given, Hiring, Lost
from crm.rulebook.programs import Program
from crm.translation import _


def shown(found: Hiring, plan: PlanFile, programs: Mapping[str, Program]) -> dict[str, Any]:
    """Plain values: amounts are decimal strings, days ISO. `programs` name what was claimed before."""
    names = {EMPLOYER: _("The employer")} | {place: hire.name for place, hire in enumerate(plan.hires, start=1)}
    open_ones: dict[int, list[str]] = {}
    for entry, each in found.undecided:
        open_ones.setdefault(entry, []).append(each.program.id)
    return {
        "best": _chosen(found.best, plan, names),
        "already": [{"program": each.program, "title": text(programs[each.program].name), "year": each.year, "amount": None if each.amount is None else str(each.amount),
                     "person": each.person, "people": each.people, "source": each.source} for each in plan.already],
        "without": [
            {"program": program.id, "title": text(program.name), "total": str(plan_.total), "less": str(found.best.total - plan_.total)}
            for program, plan_ in found.without
        ],
        "undecided": [{"hire": names[entry], "programs": programs} for entry, programs in open_ones.items()],
        "questions": list(_questions(found)),
    }  # fmt: skip


def _questions(found: Hiring) -> Iterator[str]:
    """What undecided programs wait for, first what most entries wait for."""
    count: dict[str, int] = {}
    for _entry, each in found.undecided:
        for key in each.missing:
            count[key] = count.get(key, 0) + 1
    yield from sorted(count, key=lambda key: -count[key])


def _chosen(found: Chosen, plan: PlanFile, names: Mapping[int, str]) -> dict[str, Any]:
    by_entry: dict[int, list[Given]] = {}
    lost_by: dict[int, list[Lost]] = {}
    for given in found.given:
        by_entry.setdefault(given.entry, []).append(given)
    for lost in found.lost:
        lost_by.setdefault(lost.entry, []).append(lost)
    return {
        "total": str(found.total), "deductions": str(found.deductions), "at_most": str(found.at_most), "proved": found.proved,
        "hires": [_entry(entry, names[entry], by_entry.get(entry, []), lost_by.get(entry, []), plan) for entry in names],
        "deadlines": [{"hire": names[entry], **deadline_shown(due)} for entry, due in found.deadlines],
        "cost_per_hour": _cost_per_hour(found.total, [hire.facts for hire in plan.hires]),
    }  # fmt: skip


def _entry(entry: int, name: str, given: Sequence[Given], lost: Sequence[Lost], plan: PlanFile) -> dict[str, Any]:
    total = sum((each.amount for each in given if each.claim.program.kind != "deduction"), ZERO)
    return {
        "hire": name, "total": str(total),
        "claims": [{"program": each.claim.program.id, "title": text(each.claim.program.name), "amount": str(each.amount),
                    "before_limits": str(each.claim.amount), "uses": {key: str(used) for key, used in each.claim.uses.items()}} for each in given],
        "blocked": [{"program": each.program.id, "lost": str(each.amount), **_why(each)} for each in lost],
        "cost_per_hour": _cost_per_hour(total, [plan.hires[entry - 1].facts]) if entry != EMPLOYER else None,
    }  # fmt: skip


def _why(lost: Lost) -> dict[str, str]:
    if lost.limit is not None:
        return {"by": "", "rule": lost.limit.level, "text": text(lost.limit.what), "citation": lost.limit.citation}
    if lost.by is None or lost.relation is None:
        return {"by": "", "rule": "once_a_year", "text": _("For one person a program counts once a year."), "citation": ""}
    return {"by": lost.by.id, "rule": lost.relation.relation, "text": text(lost.relation.says), "citation": lost.relation.citation}


def _cost_per_hour(total: Decimal, facts: Iterable[Mapping[str, Any]]) -> dict[str, str] | None:
    """Wages of the first year for each hour of all these hires, without and with what comes in; None where one of them is not known."""
    hours = wages = ZERO
    for each in facts:
        worked, paid = each.get("first_year_hours", UNKNOWN), each.get("first_year_wages", UNKNOWN)
        if worked is UNKNOWN or paid is UNKNOWN:
            return None
        hours, wages = hours + worked, wages + paid
    return {"without": str(rounded(wages / hours)), "with": str(rounded((wages - total) / hours))} if hours else None


def lines(told: Mapping[str, Any], plan: PlanFile, questions: Mapping[str, str]) -> Iterator[str]:
    """The same for people. Hires of one entry that come out alike share a line."""
    best, entries = told["best"], told["best"]["hires"]
    groups: dict[tuple[str, str], list[str]] = {}
    for name, places in [(_("The employer"), (EMPLOYER,)), *((entry.name, entry.places) for entry in plan.entries)]:
        for place in places:
            for sentence in _sentences(entries[place]):
                groups.setdefault((name, sentence), []).append(name)
    for (name, sentence), same in groups.items():
        yield f"{name}{f' ({len(same)} ×)' if len(same) > 1 else ''}: {sentence}"
    for each in told["already"]:
        kept = {"amount": each["amount"] or _("not known"), "program": each["program"], "year": each["year"], "source": ", ".join(filter(None, (each["person"], each["source"])))}
        yield _("Claimed before, off the limits: %(amount)s of %(program)s in %(year)s") % kept + (f" ({kept['source']})" if kept["source"] else "")
        if each["amount"] is None or each["people"] is None:
            yield _("Until it is known how much that was, nothing is taken to be left under its limits.")
    yield _("In all: %(total)s") % {"total": best["total"]} + (f" + {best['deductions']} {_('to deduct')}" if best["deductions"] != "0.00" else "")
    yield _("No lawful plan brings more.") if best["proved"] else _("No lawful plan brings more than %(most)s.") % {"most": best["at_most"]}
    if cost := best["cost_per_hour"]:
        yield _("An hour costs %(without)s without and %(with)s with it.") % cost
    for each in told["without"]:
        yield _("Without %(program)s: %(total)s, %(less)s less.") % each
    for due in dict.fromkeys((each["date"], each["what"], each["citation"]) for each in best["deadlines"]):
        people = sum((each["date"], each["what"], each["citation"]) == due for each in best["deadlines"])
        yield f"{due[0]}{f' ({people} ×)' if people > 1 else ''}: {due[1]} ({due[2]})"
    for key in told["questions"]:
        yield _("Still to ask: %(question)s") % {"question": f"{key}: {questions[key]}"}


def _sentences(entry: Mapping[str, Any]) -> Iterator[str]:
    if entry["claims"]:
        yield ", ".join(f"{each['program']} {each['amount']}" for each in entry["claims"])
    for each in entry["blocked"]:
        yield _("%(lost)s of %(program)s is lost: %(text)s") % each + (f" ({each['citation']})" if each["citation"] else "")
