"""A fact is typed and may be unknown; a condition on it is met, not met or unknown."""

from datetime import date
from decimal import Decimal

import pytest

from crm.rulebook.conditions import Condition, applies, decide
from crm.rulebook.facts import UNKNOWN, Choice, Fact, FactError, parse

TEXT = {"en": "?", "es": "?"}


def fact(kind):
    choices = (Choice("A", TEXT), Choice("B", TEXT)) if kind == "choice" else ()
    return Fact("key", kind, TEXT, choices=choices)


@pytest.mark.parametrize("kind", ["date", "money", "number", "yes_no", "choice"])
@pytest.mark.parametrize("nothing", [None, "", "unknown", UNKNOWN])
def test_nothing_is_unknown_and_never_no_or_zero(kind, nothing):
    assert parse(fact(kind), nothing) is UNKNOWN


@pytest.mark.parametrize(
    ("kind", "told", "value"),
    [
        ("date", "2025-10-01", date(2025, 10, 1)), ("money", "$1,200.50", Decimal("1200.50")), ("money", "0", Decimal(0)),
        ("number", "27", Decimal(27)), ("yes_no", "yes", True), ("yes_no", "no", False), ("yes_no", False, False),
        ("choice", "A", "A"),
    ],
)  # fmt: skip
def test_reads_a_value(kind, told, value):
    assert parse(fact(kind), told) == value


@pytest.mark.parametrize(
    ("kind", "told", "says"),
    [
        ("date", "10/1/2025", "'10/1/2025' is no day. Write it as 2025-10-01."), ("date", "2025-02-30", "no day"),
        ("money", "a lot", "'a lot' is no number. Write digits"), ("money", "1.005", "parts of a cent"),
        ("money", "-1", "zero or more"), ("number", "NaN", "cannot be"), ("number", "Infinity", "cannot be"),
        ("number", "1e40", "cannot be"), ("yes_no", "maybe", "neither yes nor no"),
        ("yes_no", [], "neither yes nor no"), ("choice", "C", "'C' is not one of: A, B."),
    ],
)  # fmt: skip
def test_refuses_what_a_fact_cannot_be(kind, told, says):
    with pytest.raises(FactError, match=says.replace("(", r"\(")) as problem:
        parse(fact(kind), told)
    assert problem.value.key == "key"


DAY = date(2025, 10, 1)
COMPARED = [
    ("is", True, True, False), ("one_of", ["A", "B"], "B", "C"), ("at_least", Decimal(27), Decimal(27), Decimal(26)),
    ("at_most", Decimal(39), Decimal(39), Decimal(40)), ("between", [Decimal(16), Decimal(17)], Decimal(16), Decimal(18)),
    ("between", [Decimal(16), Decimal(17)], Decimal(17), Decimal(15)),
    ("on_or_after", DAY, DAY, date(2025, 9, 30)), ("on_or_before", DAY, DAY, date(2025, 10, 2)),
]  # fmt: skip


@pytest.mark.parametrize(("operator", "wanted", "meets", "misses"), COMPARED)
def test_a_condition_is_met_at_its_edge_not_met_beyond_it_and_unknown_without_the_fact(operator, wanted, meets, misses):
    condition = Condition("id", "key", operator, wanted, TEXT, "The Act §1")

    assert decide(condition, {"key": meets}) == "met"
    assert decide(condition, {"key": misses}) == "not_met"
    assert decide(condition, {}) == "unknown"
    assert decide(condition, {"key": UNKNOWN}) == "unknown"


@pytest.mark.parametrize(
    ("facts", "answer"),
    [({"group": "D"}, True), ({"group": "A"}, False), ({}, None), ({"group": "D", "kin": False}, True)],
)
def test_a_condition_for_some_groups_is_asked_of_them_alone(facts, answer):
    condition = Condition("id", "age", "at_most", Decimal(39), TEXT, "The Act §1", when={"group": ("D", "G")})

    assert applies(condition, facts) is answer


def test_one_fact_that_rules_a_condition_out_is_enough():
    condition = Condition("id", "age", "at_most", Decimal(39), TEXT, "The Act", when={"group": ("D",), "kin": (True,)})

    assert applies(condition, {"kin": False}) is False
    assert applies(condition, {"kin": True}) is None
