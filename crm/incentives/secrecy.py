"""What of a screening may leave the board: no confidential fact, and not why a person belongs to a group. Plain functions."""

import re
from collections.abc import Mapping
from typing import Any

from crm.rulebook.facts import Fact
from crm.rulebook.formulas import Part, facts_of
from crm.rulebook.programs import Program

_NUMBER = re.compile(r"(?<![\d-])\d{3}[- .]?\d{2}[- .]?\d{4}(?![\d-])")  # a Social Security number, however it is written


def is_secret(fact: Fact) -> bool:
    """Whether its answers are sealed."""
    return fact.sensitivity == "confidential" or fact.known_by == "learner"


def employer_may_know(fact: Fact) -> bool:
    """Whether an employer knows it without knowing anything about the person that is theirs alone to tell."""
    return fact.sensitivity == "ordinary" and (fact.known_by in ("employer", "record") or (fact.known_by == "board" and fact.about != "person"))


def holds_number(text: str) -> bool:
    """Whether something stands in the text that looks like a Social Security number."""
    return _NUMBER.search(text) is not None


def for_others(shown: Mapping[str, Any], program: Program, facts: Mapping[str, Fact]) -> dict[str, Any]:
    """An estimate (as `wording.as_shown` gives it) for people outside the board: what rests on a secret fact is left out, and what that comes to is told as one."""
    secret = {key for key, fact in facts.items() if is_secret(fact)}

    def tells(*parts: Part | None) -> bool:
        return any(key in secret for part in parts if part is not None for key in facts_of(part))

    hidden = {each.id for each in program.conditions if tells(each.when, each.test)}
    states = [each["state"] for each in shown["conditions"] if each["id"] in hidden]
    steps = {each.name for each in program.steps if tells(each.when, each.formula)}
    return {
        **shown, "conditions": [each for each in shown["conditions"] if each["id"] not in hidden],
        "person": next((state for state in ("not_met", "unknown", "met") if state in states), ""),
        "trace": [each for each in shown["trace"] if each["step"] not in steps],
        "asked_apart": sum(key in secret for key in shown["missing"]), "asked_person": sum(facts[key].known_by == "learner" for key in shown["missing"]),
        "missing": [key for key in shown["missing"] if key not in secret],
        "questions": [question for key, question in zip(shown["missing"], shown["questions"], strict=True) if key not in secret],
    }  # fmt: skip
