"""A fact is typed and may be unknown; a condition on it is met, not met or unknown."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crm.rulebook.conditions import applies, decide
from crm.rulebook.facts import UNKNOWN, Choice, Fact, FactError, parse, read_facts
from crm.rulebook.formulas import Around, facts_of
from crm.rulebook.library import VOCABULARY
from crm.rulebook.parameters import read_folder
from crm.translation import speaking
from tests.rulebook.conftest import FACTS, PROGRAM

PLUGINS = Path(__file__).parents[2] / "plugins"
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


def test_a_number_beyond_what_the_fact_can_be_names_the_bound_and_the_unit():
    hours = Fact("key", "number", TEXT, unit="hours", least=Decimal(1), most=Decimal(8784), whole=True)

    for told, says in (("9000", "at most 8784 hours. Check the unit."), ("0", "at least 1 hours"), ("2.5", "Write a whole number")):
        with pytest.raises(FactError, match=says.replace(".", r"\.")):
            parse(hours, told)
    assert parse(hours, "8784") == 8784


DAY = date(2025, 10, 1)
COMPARED = [
    ("fact: kin, is: true", True, False), ("fact: group, one_of: [A]", "A", "B"), ("fact: age, at_least: 27", Decimal(27), Decimal(26)),
    ("fact: age, at_most: 39", Decimal(39), Decimal(40)), ("fact: age, between: [16, 17]", Decimal(16), Decimal(18)),
    ("fact: age, between: [16, 17]", Decimal(17), Decimal(15)), ("fact: start, on_or_after: 2025-10-01", DAY, date(2025, 9, 30)),
    ("fact: start, on_or_before: 2025-10-01", DAY, date(2025, 10, 2)), ("fact: pay, at_least: law.cap", Decimal(1000), Decimal("999.99")),
    ("fact: pay, at_most: law.cap", Decimal(1000), Decimal("1000.01")), ("holds: 'kin'", True, False),
]  # fmt: skip


def condition(library, compared, more=""):
    """The condition as a program's file has it."""
    text = PROGRAM.replace("fact: age, at_least: 18", compared + more)
    return library({"programs/test.yaml": text}).programs["test"].conditions[0]


@pytest.mark.parametrize(("compared", "meets", "misses"), COMPARED)
def test_a_condition_is_met_at_its_edge_not_met_beyond_it_and_unknown_without_the_fact(library, compared, meets, misses):
    found = condition(library, compared)
    key = next(facts_of(found.test))

    def state(facts):
        return decide(found, Around(facts, DAY))

    assert [state({key: meets}), state({key: misses}), state({}), state({key: UNKNOWN})] == ["met", "not_met", "unknown", "unknown"]


@pytest.mark.parametrize("when", [", when: {group: [B]}", ", when: 'group == \"B\"'"])
@pytest.mark.parametrize(("facts", "answer"), [({"group": "B"}, True), ({"group": "A"}, False), ({}, None), ({"group": "B", "kin": False}, True)])
def test_a_condition_for_some_groups_is_asked_of_them_alone(library, when, facts, answer):
    assert applies(condition(library, "fact: age, at_most: 39", when), Around(facts, DAY)) is answer


def test_one_fact_that_rules_a_condition_out_is_enough(library):
    found = condition(library, "fact: age, at_most: 39", ", when: {group: [A], kin: [true]}")

    assert applies(found, Around({"kin": False}, DAY)) is False
    assert applies(found, Around({"kin": True}, DAY)) is None


BORN = """
born: {kind: date, question: {en: "Born?", es: "¿Nacido?"}}
years_old: {kind: number, derive: 'years(born, start)', question: {en: "How old?", es: "¿Qué edad?"}}
"""


@pytest.mark.parametrize(("born", "start", "years"), [
    (date(2008, 10, 2), DAY, 16), (date(2008, 10, 1), DAY, 17), (date(2008, 2, 29), date(2025, 2, 28), 16), (date(2008, 2, 29), date(2025, 3, 1), 17),
])  # fmt: skip
def test_an_age_follows_from_a_birthday_which_on_29_february_comes_a_day_later(library, born, start, years):
    assert library({"facts.yaml": FACTS + BORN}).completed({"born": born, "start": start})["years_old"] == years


def test_what_is_told_and_what_follows_must_agree(library):
    rules = library({"facts.yaml": FACTS + BORN})

    assert rules.completed({"years_old": Decimal(20)}) == {"years_old": 20}
    with pytest.raises(FactError, match="'20' contradicts the other answers, from which follows 17"):
        rules.completed({"born": date(2008, 10, 1), "start": DAY, "years_old": Decimal(20)})


@pytest.mark.parametrize(("kind", "told", "says"), [
    ("number", "-3", "'-3' no puede ser: debe ser cero o más."), ("number", "9000", "'9000' no puede ser: es como máximo 8784 horas. Revise la unidad."),
    ("money", "many", "'many' no es un número"), ("date", "soon", "'soon' no es un día"), ("yes_no", "maybe", "'maybe' no es ni sí ni no."),
])  # fmt: skip
def test_what_is_wrong_with_a_value_is_said_in_spanish_to_who_reads_spanish(kind, told, says):
    fact = Fact("key", kind, TEXT, unit="hours", **({"most": Decimal(8784)} if kind == "number" else {}))
    with speaking("es"), pytest.raises(FactError) as problem:
        parse(fact, told)
    assert says in str(problem.value)


def test_every_number_of_law_says_in_spanish_too_what_it_is():
    """That both languages are there the reader of files sees to; that one is no copy of the other, this."""
    numbers = [each for folder in PLUGINS.glob("*/crm_*/parameters") for each in read_folder(folder)]
    assert len(numbers) > 200
    assert [each.name for each in numbers if each.description["en"] == each.description["es"]] == []


def test_every_unit_that_a_plugin_asks_in_is_in_spanish():
    files = [*PLUGINS.glob("*/crm_*/facts.yaml"), VOCABULARY]
    with speaking("es"):
        same = {fact.unit for file in files for fact in read_facts(file).values() if fact.kind == "number" and fact.unit and fact.unit_in_words == fact.unit}
    assert same == set()
