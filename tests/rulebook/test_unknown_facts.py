"""What is not known is never guessed: any facts at all, of every real program and of one that has every part of a shape."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from crm.rulebook.comparisons import Comparison
from crm.rulebook.estimates import estimate
from crm.rulebook.facts import UNKNOWN
from crm.rulebook.formula_reading import Known, read_formula
from crm.rulebook.formulas import Around, Constant, facts_of
from crm.rulebook.formulas import told as told_fact
from tests.rulebook.conftest import PROGRAM

TODAY = date(2026, 11, 23)
PROGRAMS = ("us-wotc", "us-wotc-exempt", "ma-ratc", "every part")
MONEY = [Decimal(n) for n in ("0", "1.01", "119.99", "2999.99", "3000", "4799.99", "9600", "10000", "24000", "1000000")]
NUMBERS = [Decimal(n) for n in ("0", "1", "2", "16", "17", "18", "26", "27", "39", "40", "119", "120", "179", "180", "399", "400", "2000")]
EDGES = [date(2007, 1, 1), date(2007, 5, 26), date(2011, 11, 22), date(2016, 1, 1), date(2019, 1, 1), date(2026, 1, 1)]
DAYS = sorted({edge + timedelta(days=n) for edge in EDGES for n in (-1, 0)} | {date(2025, 3, 3)})[1:]  # before the first no law is stated
LATE = date(2030, 1, 1)  # past every last day for a request
quickly = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def program_of(library, name):
    """A real program; or WOTC with a tax that limits it and a condition that no other condition announces."""
    if name != "every part":
        return library.programs[name]
    wotc = library.programs["us-wotc"]
    known = Known(library.facts, library.parameters, {step.name: step.formula.kind for step in wotc.steps})
    most = Constant("number", Decimal(30))
    elsewhere = replace(wotc.conditions[1], id="elsewhere", fact="weeks_unemployed", when=read_formula("exempt_501c", known),
                        test=Comparison("yes_no", "<=", told_fact(library.facts["weeks_unemployed"]), most), limits=(most,))  # fmt: skip
    limited = replace(wotc.steps[-1], name="limited", formula=read_formula("least(credit, employer_ss_tax)", known))
    return replace(wotc, conditions=(*wotc.conditions, elsewhere), steps=(*wotc.steps, limited))


def asked_by(library, program):
    """Every fact that the program may ask."""
    return [library.facts[key] for key in program.facts]


def values_of(fact):
    if fact.kind == "choice":
        return st.sampled_from([choice.value for choice in fact.choices])
    if fact.kind == "money":
        return st.one_of(st.sampled_from(MONEY), st.decimals(1, 30000, places=2))
    return st.sampled_from({"date": DAYS, "number": NUMBERS, "yes_no": [True, False]}[fact.kind])


def told(draw, facts):
    """Values for all facts: now and then all conditions hold, so that the amount is reached."""
    values = {fact.key: draw(values_of(fact)) for fact in facts}
    if draw(st.booleans()):
        good = {"wotc_certificate": True, "related_to_owner": False, "majority_owner": False, "worked_here_before": False, "replaces_striker": False,
                "half_pay_for_business": True, "leased_to_client": False, "summer_window": True, "exempt_501c": True, "for_exempt_purpose": True,
                "form_8850_sent": values.get("work_start"), "apprentice_registered": True, "apprentice_occupation_listed": True,
                "apprentice_workplace_ma": True, "apprentice_days": Decimal(200), "apprentice_years_claimed": Decimal(0),
                "weeks_unemployed": Decimal(28)}  # fmt: skip
        values |= {key: value for key, value in good.items() if key in values}
    return values


def found(library, program, facts):
    return estimate(program, facts, TODAY)


def decided(answer):
    return (answer.eligible, answer.amount, answer.potential_amount) if answer.eligible != "unknown" else None


@pytest.mark.parametrize("name", PROGRAMS)
@given(data=st.data())
@quickly
def test_knowing_less_is_never_more_certain_and_learning_more_never_flips_an_answer(real, name, data):
    program = program_of(real, name)
    facts = asked_by(real, program)
    values = told(data.draw, facts)
    forgotten = data.draw(st.sets(st.sampled_from([fact.key for fact in facts])))

    less = found(real, program, {key: value for key, value in values.items() if key not in forgotten})
    more = found(real, program, values)

    assert decided(more) is not None, "all facts are known"
    assert decided(less) in (None, decided(more))
    states = {outcome.condition.id: outcome.state for outcome in more.outcomes}
    assert all(o.state in ("unknown", states[o.condition.id]) for o in less.outcomes if o.condition.id in states)


@pytest.mark.parametrize("name", PROGRAMS)
@given(data=st.data())
@quickly
def test_a_fact_given_as_unknown_is_a_fact_not_given(real, name, data):
    program = program_of(real, name)
    facts = asked_by(real, program)
    values = told(data.draw, facts)
    forgotten = data.draw(st.sets(st.sampled_from([fact.key for fact in facts])))

    left_out = {key: value for key, value in values.items() if key not in forgotten}
    assert decided(found(real, program, left_out | dict.fromkeys(forgotten, UNKNOWN))) == decided(found(real, program, left_out))


@pytest.mark.parametrize("name", PROGRAMS)
@given(data=st.data())
@quickly
def test_answering_what_is_asked_ends_in_a_decided_finding(real, name, data):
    program = program_of(real, name)
    values = told(data.draw, asked_by(real, program))

    known, asked = {}, []
    answer = found(real, program, known)
    while answer.missing:
        assert answer.eligible == "unknown"
        assert answer.amount is None
        assert answer.missing[0] not in asked, "nothing is asked twice"
        asked.append(answer.missing[0])
        known[answer.missing[0]] = values[answer.missing[0]]
        answer = found(real, program, known)

    assert decided(answer) == decided(found(real, program, values))


@pytest.mark.parametrize("name", PROGRAMS)
@given(data=st.data())
@quickly
def test_asks_nothing_that_can_no_longer_change_the_answer(real, name, data):
    program = program_of(real, name)
    facts = {fact.key: fact for fact in asked_by(real, program)}
    values = told(data.draw, list(facts.values()))
    kept = data.draw(st.sets(st.sampled_from(sorted(facts))))
    known = {key: value for key, value in values.items() if key in kept}
    answer = found(real, program, known)
    assume(answer.missing)
    question = data.draw(st.sampled_from(answer.missing))

    assert any(differs(real, program, facts, known, question, rest) for rest in fillings(program, facts, known)), (question, known)


def fillings(program, facts, known):
    """Ways to fill in the rest under which a credit comes out, if any can."""
    good = {"date": date(2025, 3, 3), "money": Decimal(2_000_000), "number": Decimal(500), "yes_no": True}
    base = {key: good.get(fact.kind) for key, fact in facts.items()}
    groups = [choice.value for choice in facts["wotc_group"].choices] if "wotc_group" in facts else [None]
    for group in groups:
        for certified in (True, False):
            rest = base | ({"wotc_group": group, "wotc_certificate": certified} if group else {})
            for condition in program.conditions:
                around = Around(rest, date(2025, 3, 3))
                if condition.fact not in {"", "wotc_group"} and (condition.when is None or condition.when.exact(around)):
                    rest |= {condition.fact: condition.limits[0].exact(around) if condition.limits else condition.test.right.value}
            rest |= {"ojt_wages": Decimal(0), "tanf_supplement": Decimal(0)}
            yield rest
            taken_off = sum((known.get(key, Decimal(0)) for key in ("ojt_wages", "tanf_supplement")), Decimal(3000))
            yield rest | {"first_year_wages": taken_off}  # so little that what is taken off shows
            yield rest | not_certified(program, rest)  # so that a certificate makes the difference
            yield rest | {"exempt_501c": False}
            yield rest | {"weeks_unemployed": Decimal(31)}  # fails 'elsewhere', where that applies
            yield rest | {key: False for key, fact in facts.items() if fact.kind == "yes_no" and key in open_together(program)}


def not_certified(program, rest):
    """Answers by which no group's own conditions hold."""
    own = {condition.fact: rest[condition.fact] for condition in program.conditions if condition.fact and condition.when and "wotc_certificate" in facts_of(condition.when)}
    return {key: not value if isinstance(value, bool) else "shorter" if isinstance(value, str) else Decimal(0) for key, value in own.items()}


def open_together(program):
    """What conditions on several facts ask: one of them is enough."""
    return {key for condition in program.conditions if not condition.fact for key in facts_of(condition.test)}


def differs(library, program, facts, known, question, rest):
    """Whether two answers to this one question lead to two results, the others filled in the same way."""
    choices = [choice.value for choice in facts[question].choices]
    tried = choices or {"date": [*DAYS, LATE], "money": [*MONEY, Decimal(5_000_000)], "number": NUMBERS, "yes_no": [True, False]}[facts[question].kind]
    told = rest | known
    if "form_8850_sent" in facts and "form_8850_sent" not in known:
        told["form_8850_sent"] = told["work_start"]  # in time, whenever work begins
    starts = [told["work_start"], told["form_8850_sent"]] if "form_8850_sent" in known and "work_start" not in known else [told.get("work_start")]
    return any(
        len({decided(found(library, program, told | ({"work_start": start} if start else {}) | {question: value})) for value in tried}) > 1 for start in starts
    )


@pytest.mark.parametrize("name", PROGRAMS)
@given(data=st.data())
@quickly
def test_the_steps_add_up_to_the_amount(real, name, data):
    program = program_of(real, name)
    answer = found(real, program, told(data.draw, asked_by(real, program)))

    if answer.eligible == "yes":
        amount = answer.amount if answer.potential_amount is None else answer.potential_amount
        assert sum((traced.adds for traced in answer.trace if traced.adds is not None), Decimal(0)) == amount
        assert sum(answer.by_year.values(), Decimal(0)) == amount
        assert amount == amount.quantize(Decimal("0.01"))
        assert all(traced.step.citation for traced in answer.trace)
    else:
        assert answer.amount == 0


@pytest.mark.parametrize(("name", "wages"), [("us-wotc", "first_year_wages"), ("us-wotc", "second_year_wages"),
                                             ("us-wotc-exempt", "first_year_wages"), ("ma-ratc", "tax_year_wages")])  # fmt: skip
@given(data=st.data())
@quickly
def test_more_qualified_wages_never_lower_the_credit(real, name, wages, data):
    program = program_of(real, name)
    values = told(data.draw, asked_by(real, program))
    more = values | {wages: values[wages] + data.draw(st.decimals(0, 20000, places=2))}

    first, second = found(real, program, values), found(real, program, more)

    assert (second.amount, second.potential_amount or 0) >= (first.amount, first.potential_amount or 0)


@given(data=st.data())
@quickly
def test_more_hours_never_lower_the_credit(real, data):
    program = program_of(real, "us-wotc")
    values = told(data.draw, asked_by(real, program))
    more = values | {"first_year_hours": values["first_year_hours"] + data.draw(st.integers(0, 500))}

    assert found(real, program, more).amount >= found(real, program, values).amount


def test_asks_first_for_the_day_that_selects_the_law_and_for_what_ends_it_on_any_day(real):
    answer = found(real, program_of(real, "us-wotc"), {})

    assert answer.missing == ("work_start", "wotc_group", "related_to_owner", "majority_owner", "worked_here_before", "replaces_striker",
                              "half_pay_for_business", "leased_to_client")  # fmt: skip
    assert answer.eligible == "unknown"


def test_without_a_day_a_cost_that_there_may_not_be_is_asked_for_but_no_other_number(real):
    assert found(real, real.programs["us-190"], {}).missing == ("tax_year_begins", "new_construction", "barrier_removal_cost")
    assert found(real, real.programs["us-190"], {"barrier_removal_cost": Decimal(0)}).eligible == "no"


@pytest.mark.parametrize("name", ["us-wotc", "us-190", "us-44", "us-bonding", "ma-vhtc", "ma-wtfp-express"])
def test_without_a_day_nothing_is_asked_of_which_no_answer_ends_the_program(real, name):
    program = real.programs[name]
    answer = found(real, program, {})
    for key in answer.missing[1:]:
        assert any(found(real, program, {key: value}).eligible == "no" for value, _chance in real.facts[key].likely), key


def test_promises_nothing_while_the_amount_can_still_be_nothing(real):
    met = {"work_start": date(2025, 3, 3), "form_8850_sent": date(2025, 3, 3), "wotc_group": "A", "wotc_certificate": True,
           "related_to_owner": False, "majority_owner": False, "worked_here_before": False, "replaces_striker": False,
           "half_pay_for_business": True, "leased_to_client": False}  # fmt: skip

    answer = found(real, program_of(real, "us-wotc"), met)

    assert answer.eligible == "unknown"
    assert answer.missing == ("first_year_hours", "first_year_wages", "ojt_wages", "tanf_supplement")


def test_an_exclusion_settles_the_answer_whatever_else_is_open(real):
    answer = found(real, program_of(real, "us-wotc"), {"related_to_owner": True})

    assert (answer.eligible, answer.amount, answer.missing) == ("no", Decimal("0.00"), ())


GROUPS = """conditions:
  - {id: a, when: {group: [A]}, fact: kin, is: true, sentence: {en: Kin., es: Pariente.}, citation: The Act §5}
  - {id: b, when: {group: [B]}, fact: pay, at_least: 10, sentence: {en: Pay., es: Salario.}, citation: The Act §6}
"""


@pytest.mark.parametrize(("kin", "answer"), [(False, ("no", ())), (True, ("unknown", ("group",)))])
def test_no_group_is_asked_for_when_each_is_out_for_a_reason_of_its_own(library, kin, answer):
    program = library({"programs/test.yaml": PROGRAM.replace("conditions:\n", GROUPS)}).programs["test"]

    found = estimate(program, {"start": date(2024, 1, 1), "age": Decimal(20), "kin": kin, "pay": Decimal(5)}, TODAY)

    assert (found.eligible, found.missing) == answer
