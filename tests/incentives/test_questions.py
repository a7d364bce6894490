"""How few questions it takes, of hires as they come: bounds that a change of the order or of the rules may lower, and not raise unseen."""

import pytest

from crm.incentives import changing
from crm.incentives.screening import ASKED_AT_ONCE, place_of
from crm.plugins import PluginManager
from crm.rulebook.estimates import estimate
from crm.rulebook.ordering import ordered
from crm.rulebook.screening import programs_for
from tests.incentives.typical_hires import HIRES, TODAY, answer

# By hire: questions until nothing can change any more, and until the first amount is certain (0 where none comes of it); then how many programs are open
# before the first answer, and after 4, 8 and 12.
BOUNDS = {
    "no group at all, Massachusetts": (12, 0, 14, 9, 5, 1),
    "no group at all, Washington": (8, 0, 11, 5, 1, 1),
    "veteran with SNAP, Massachusetts": (34, 25, 14, 11, 7, 4),
    "vocational rehabilitation, Massachusetts": (31, 27, 14, 10, 6, 3),
    "adult in training on the job, Massachusetts": (21, 21, 14, 9, 5, 2),
    "two years on TANF, Washington": (22, 22, 11, 6, 2, 2),
    "out of prison, Tennessee": (26, 13, 13, 9, 6, 2),
    "17 years, in summer, Tennessee": (27, 13, 13, 9, 5, 2),
    "intern of 16 years, Colorado": (15, 0, 16, 9, 5, 2),
    "intern on a farm, Colorado": (15, 0, 16, 9, 5, 2),
    "apprentice, West Virginia": (15, 15, 10, 5, 2, 1),
    "apprentice, Massachusetts": (18, 18, 14, 9, 6, 3),
    "veteran at a tax-exempt employer, Washington": (27, 19, 11, 7, 4, 3),
}  # fmt: skip
TOGETHER = 271  # questions of all of them; 378 where dates came first


@pytest.fixture(scope="module")
def rules():
    manager = PluginManager()
    manager.load()
    return manager.rules


def walked(rules, name, knows=lambda fact: True):
    """Answers page after page, a few questions each, until none is left; what was asked, and after how many answers how many programs were open."""
    state, special = HIRES[name]
    programs = programs_for(rules, [state])
    facts, asked, left, first = {"work_start": answer(rules.facts["work_start"], special)}, [], [], 0

    def look():
        found = [estimate(program, rules.completed(facts), TODAY) for program in programs]
        return [each for each in found if place_of(each) != "ended"]

    found = look()
    left.append(sum(each.eligible == "unknown" for each in found))
    while True:
        chances = {key: chance for key, chance in ordered(found, rules.facts).items() if key not in asked}
        if not chances:
            return asked, first, left, found
        for key in changing.soon(chances)[:ASKED_AT_ONCE]:
            asked.append(key)
            if knows(rules.facts[key]):
                facts[key] = answer(rules.facts[key], special)
            found = look()
            left.append(sum(each.eligible == "unknown" for each in found))
            if not first and any(each.eligible == "yes" and (each.amount or each.potential_amount) for each in found):
                first = len(asked)


@pytest.mark.parametrize("name", HIRES)
def test_no_more_questions_than_these(rules, name):
    asked, first, left, _found = walked(rules, name)

    after = [left[min(answers, len(left) - 1)] for answers in (0, 4, 8, 12)]
    assert all(have <= most for have, most in zip((len(asked), first, *after), BOUNDS[name], strict=True)), (len(asked), first, *after)


def test_what_all_of_them_come_to():
    assert sum(bounds[0] for bounds in BOUNDS.values()) == TOGETHER


@pytest.mark.parametrize("name", HIRES)
def test_nothing_is_open_once_all_that_is_asked_is_answered(rules, name):
    asked, _first, left, found = walked(rules, name)

    assert len(set(asked)) == len(asked)
    assert not any(each.missing for each in found)
    assert left[-1] == sum(each.status is None for each in found)  # of a day for which the law was not looked up, nothing is asked


@pytest.mark.parametrize("name", HIRES)
def test_a_program_that_is_decided_asks_nothing(rules, name):
    state, special = HIRES[name]
    facts = {"work_start": answer(rules.facts["work_start"], special)}
    for program in programs_for(rules, [state]):
        found = estimate(program, facts, TODAY)
        assert found.eligible == "unknown" or not found.missing


@pytest.mark.parametrize("unknown", ["learner", "board", "employer"])
def test_what_one_party_does_not_know_keeps_no_other_question_away(rules, unknown):
    """All that the others can tell is asked sooner or later, and what stays open waits for them alone."""
    for name in HIRES:
        _asked, _first, _left, found = walked(rules, name, lambda fact: fact.known_by != unknown)
        assert all(rules.facts[key].known_by == unknown for each in found for key in each.missing), name
