"""An estimate in sentences, for the page and for paper."""

from typing import Any

from crm.rulebook.amounts import Step
from crm.rulebook.estimates import Estimate
from crm.rulebook.library import Library
from crm.translation import _, language, long_day, money, number


def text(texts: dict[str, str]) -> str:
    """The text in the reader's language."""
    return texts.get(language()) or texts["en"]


def step_sentence(step: Step) -> tuple[str, str]:
    """What a step does, and its formula with the numbers."""
    n = {key: number(value) for key, value in step.numbers.items()}
    m = {key: money(value) for key, value in step.numbers.items()}
    told = {
        "tier": lambda: (
            _("The share by hours worked"),
            _("%(hours)s hours reach the tier from %(least)s hours: %(percent)s %%") % n
            if step.result else _("%(hours)s hours stay below the first tier of %(least)s hours: nothing") % n,
        ),
        "less": lambda: (_("Wages of periods paid by federal training money do not count"), f"{m['wages']} − {m['less']}"),
        "base": lambda: (_("Wages count up to the base"), _("the lesser of %(wages)s and %(base)s") % m),
        "first_year": lambda: (_("Credit for the first year"), f"{n['percent']} % × {m['wages']}"),
        "second_year": lambda: (_("Credit for the second year"), f"{n['percent']} % × {m['wages']}"),
        "limit": lambda: (_("Cut to the employer's tax that it is taken against"), f"{m['limit']} − {m['amount']}"),
        "percent": lambda: (_("Share of the wages"), f"{n['percent']} % × {m['wages']}"),
        "cap": lambda: (_("At most the cap"), _("the lesser of %(share)s and %(cap)s") % m),
    }  # fmt: skip
    return told[step.code]()


def step_result(step: Step) -> str:
    return f"{number(step.result * 100)} %" if step.code == "tier" else money(step.result)


def as_shown(estimate: Estimate, library: Library) -> dict[str, Any]:
    """Plain values for the page, the PDF and JSON: amounts are decimal strings, days ISO."""
    program = estimate.program
    return {
        "program": program.id, "title": text(program.name), "agency": program.agency, "law": program.law,
        "version": _version(estimate), "kind": program.kind,
        "status": estimate.status.state if estimate.status else "sunset",
        "status_sentence": text(estimate.status.says) if estimate.status else _("This program was not in force then."),
        "status_since": estimate.status.since.isoformat() if estimate.status else "",
        "status_citation": estimate.status.citation if estimate.status else "",
        "eligible": estimate.eligible,
        "amount": None if estimate.amount is None else str(estimate.amount),
        "potential_amount": None if estimate.potential_amount is None else str(estimate.potential_amount),
        "conditions": [
            {"id": o.condition.id, "state": o.state, "text": text(o.condition.sentence), "citation": o.condition.citation}
            for o in estimate.outcomes
        ],
        "missing": [text(library.facts[key].question) for key in estimate.missing],
        "missing_facts": list(estimate.missing),
        "deadlines": [{"what": text(d.deadline.sentence), "date": d.day.isoformat(), "citation": d.deadline.citation}
                      for d in estimate.deadlines],
        "warnings": _warnings(estimate),
        "trace": [_shown_step(step) for step in estimate.steps],
        "citations": [f"{r.title}{' (' + r.href + ')' if r.href else ''}" for r in program.references],
        "as_of": estimate.as_of.isoformat(),
    }  # fmt: skip


def _version(estimate: Estimate) -> str:
    days = [step.since for step in estimate.steps if step.since]
    return max(days).isoformat() if days else (estimate.status.since.isoformat() if estimate.status else "")


def _warnings(estimate: Estimate) -> list[str]:
    notes = [text(note) for note in estimate.program.notes]
    if estimate.needs_review:
        notes.insert(0, _("A part of this rule was not checked against its official text yet: it needs review."))
    return notes


def _shown_step(step: Step) -> dict[str, Any]:
    what, formula = step_sentence(step)
    since = _("in force since %(day)s") % {"day": long_day(step.since)} if step.since else ""
    return {"what": what, "formula": formula, "numbers": {}, "result": step_result(step),
            "citation": ", ".join(part for part in (step.citation, since) if part)}  # fmt: skip
