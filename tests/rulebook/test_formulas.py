"""A formula of law gives the exact number, the range in which it lies while facts are unknown, and its sentence in numbers."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.incentives.wording import formula
from crm.rulebook.facts import UNKNOWN, Choice, Fact
from crm.rulebook.formula_reading import Known, read_formula
from crm.rulebook.formulas import Around, facts_of
from crm.rulebook.ranges import Options, Range
from tests.rulebook.conftest import PARAMETER

DAY = date(2025, 3, 3)
TEXT = {"en": "?", "es": "?"}
FACTS = {
    "wages": Fact("wages", "money", TEXT), "hours": Fact("hours", "number", TEXT), "year": Fact("year", "number", TEXT), "cost": Fact("cost", "money", TEXT),
    "group": Fact("group", "choice", TEXT, choices=(Choice("A", TEXT), Choice("B", TEXT))), "kin": Fact("kin", "yes_no", TEXT),
    "begun": Fact("begun", "date", TEXT), "ended": Fact("ended", "date", TEXT),
}  # fmt: skip
LAW = {
    "rate": ("rate", "0.50"), "cap": ("USD", "1000"), "hour": ("USD per hour", "1.25"), "gone": ("USD", "null"), "step": ("USD", "5000"),
    "base": ("USD by group", "{A: 6000, B: 3000}"), "years": ("USD by year", "{1: 2000, 2: 3000}"),
    "tiers": ("rate by hours", "[{from: 120, is: 0.25}, {from: 400, is: 0.40}]"), "listed": ("group", "[A]"),
}  # fmt: skip


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    from crm.rulebook.parameters import Parameters, read_folder

    folder = tmp_path_factory.mktemp("law")
    for name, (unit, value) in LAW.items():
        (folder / f"{name}.yaml").write_text(PARAMETER.format(description=name, unit=unit, values=f"  2020-01-01: {value}"), encoding="utf-8")
    return Known(FACTS, Parameters({each.name: each for each in read_folder(folder)}))


def exact(known, text, **facts):
    return read_formula(text, known).exact(Around(facts, DAY))


@pytest.mark.parametrize(("text", "facts", "value"), [
    ("least(law.rate * wages, law.cap)", {"wages": Decimal(1500)}, 750), ("least(law.rate * wages, law.cap)", {"wages": Decimal(9000)}, 1000),
    ("least(greatest(cost, law.cap), law.step)", {"cost": Decimal(400)}, 1000), ("least(greatest(cost, law.cap), law.step)", {"cost": Decimal(9000)}, 5000),
    ("law.hour * hours", {"hours": Decimal(250)}, Decimal("312.50")), ("law.base[group]", {"group": "B"}, 3000),
    ("law.years[year]", {"year": Decimal("2.0")}, 3000), ("law.years[year]", {"year": Decimal(3)}, 0),
    ("tier(law.tiers, hours)", {"hours": Decimal(119)}, 0), ("tier(law.tiers, hours)", {"hours": Decimal(120)}, Decimal("0.25")),
    ("tier(law.tiers, hours)", {"hours": Decimal(400)}, Decimal("0.40")), ("law.cap if kin else law.step", {"kin": True}, 1000),
    ("law.cap if kin else law.step", {"kin": False}, 5000), ("wages - cost", {"wages": Decimal(10), "cost": Decimal(4)}, 6),
    ("average(hours, year, 1)", {"hours": Decimal(6), "year": Decimal(2)}, 3), ("up(cost / law.step) * law.step", {"cost": Decimal(5001)}, 10000),
    ("down(cost / law.step)", {"cost": Decimal(9999)}, 1), ("law.gone * hours", {"hours": Decimal(3)}, 0), ("wages / cost", {"wages": Decimal(3), "cost": Decimal(0)}, 0),
    ("least(wages, law.gone) if exists(law.gone) else wages", {"wages": Decimal(7)}, 7),
    ("months(begun, ended)", {"begun": date(2025, 1, 31), "ended": date(2025, 2, 28)}, 0), ("months(begun, ended)", {"begun": date(2025, 1, 15), "ended": date(2026, 1, 15)}, 12),
    ("days(begun, ended)", {"begun": date(2024, 2, 28), "ended": date(2024, 3, 1)}, 2), ("days(begun, ended)", {"begun": date(2024, 3, 1), "ended": date(2024, 2, 1)}, 0),
    ("group in ('A',)", {"group": "A"}, True), ("group in law.listed", {"group": "B"}, False), ("not kin and hours > 1", {"kin": False, "hours": Decimal(2)}, True),
    ("begun < ended", {"begun": date(2024, 2, 1), "ended": date(2024, 3, 1)}, True),
])  # fmt: skip
def test_gives_what_the_law_says(known, text, facts, value):
    assert exact(known, text, **facts) == value


@pytest.mark.parametrize(("text", "facts", "within"), [
    ("least(law.rate * wages, law.cap)", {}, Range(Decimal(0), Decimal(1000))), ("law.base[group]", {}, Range(Decimal(3000), Decimal(6000))),
    ("tier(law.tiers, hours)", {}, Range(Decimal(0), Decimal("0.40"))), ("law.rate * wages * tier(law.tiers, hours)", {"hours": Decimal(5)}, Range(Decimal(0), Decimal(0))),
    ("law.cap if kin else law.step", {}, Range(Decimal(1000), Decimal(5000))), ("greatest(wages - cost, 0)", {"wages": Decimal(0)}, Range(Decimal(0), Decimal(0))),
    ("kin or hours >= 0", {}, Options(frozenset({True}))), ("kin and hours < 0", {}, Options(frozenset({False}))),
    ("group == 'A'", {}, Options(frozenset({True, False}))), ("begun < ended", {"begun": DAY}, Options(frozenset({True, False}))),
])  # fmt: skip
def test_says_between_what_it_lies_while_facts_are_unknown(known, text, facts, within):
    assert read_formula(text, known).within(Around(facts, DAY)) == within


FORMULAS = [
    "least(law.rate * wages, law.cap, cost)", "law.base[group] * tier(law.tiers, hours) + law.hour * hours", "greatest(wages - cost, 0) * law.rate",
    "law.cap if kin and hours >= year else law.years[year]", "up(wages / law.step) * law.step", "average(wages, cost) / (1 + hours)", "(wages + cost) * (hours - year)",
]  # fmt: skip
VALUES = {"wages": st.decimals(0, 20000, places=2), "cost": st.decimals(0, 20000, places=2), "hours": st.integers(0, 2000).map(Decimal),
          "year": st.integers(0, 5).map(Decimal), "group": st.sampled_from("AB"), "kin": st.booleans()}  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
@given(values=st.fixed_dictionaries(VALUES), hidden=st.sets(st.sampled_from(sorted(VALUES))))
@settings(max_examples=60, deadline=None)
def test_the_exact_number_always_lies_in_the_range_and_is_it_when_all_is_told(known, text, values, hidden):
    part = read_formula(text, known)
    told = Around({key: UNKNOWN if key in hidden else value for key, value in values.items()}, DAY)

    value, within = part.exact(Around(values, DAY)), part.within(told)

    assert within.low <= value <= within.high
    if not hidden & set(facts_of(part)):
        assert within == Range(value, value)


@pytest.mark.parametrize(("text", "facts", "said"), [
    ("law.rate * wages", {"wages": Decimal(1500)}, "50% × $1,500"), ("law.rate * (wages - cost)", {"wages": Decimal(9), "cost": Decimal(4)}, "50% × ($9 − $4)"),
    ("least(law.rate * wages, law.cap)", {"wages": Decimal(9000)}, "the least of 50% × $9,000 and $1,000"),
    ("tier(law.tiers, hours)", {"hours": Decimal(399)}, "399 reach the tier from 120: 25%"), ("tier(law.tiers, hours)", {"hours": Decimal(9)}, "9 stay below the first tier, 120"),
    ("law.cap if kin else law.step", {"kin": False}, "$5,000"), ("least(wages, cost)", {"wages": Decimal(1)}, ""),
])  # fmt: skip
def test_is_said_with_its_numbers(known, text, facts, said):
    assert formula(read_formula(text, known), Around(facts, DAY)) == said
