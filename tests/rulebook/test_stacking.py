"""Programs claimed together: the law's rules between them hold, no dollar counts twice, and the best plan is the best of all."""

from datetime import date
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.rulebook import stacking
from crm.rulebook.library import Library
from crm.rulebook.stacking import stack, unknown_of
from tests.rulebook.conftest import PARAMETER

TODAY = date(2026, 11, 23)
FACTS = """\
start: {kind: date, question: {en: "When?", es: "¿Cuándo?"}}
pay: {kind: money, question: {en: "Pay?", es: "¿Salario?"}}
paid_by_training: {kind: money, question: {en: "Paid by training?", es: "¿Pagado por capacitación?"}}
used_by_first: {kind: money, question: {en: "Used by the first?", es: "¿Usado por el primero?"}}
veteran: {kind: yes_no, question: {en: "Veteran?", es: "¿Veterano?"}}
"""
HEAD = """\
id: {name}
name: {{en: "{name}", es: "{name}"}}
jurisdiction: US
kind: {kind}
agency: The Agency
law: The Act
date_key: start
status:
  - {{since: 2020-01-01, state: active, says: {{en: In force., es: Vigente.}}, citation: The Act §1}}
conditions: {conditions}
amount:
{steps}
beside:
{beside}
reference:
  - {{title: The Act}}
"""


def written(name, steps, beside="", kind="credit", conditions="[]"):
    listed = "".join(f"  - {{step: {step}, is: '{formula}', what: {{en: W., es: W.}}, citation: c{more}}}\n" for step, formula, more in steps)
    return HEAD.format(name=name, kind=kind, conditions=conditions, steps=listed.rstrip("\n"), beside=beside.rstrip("\n") or "  []")


def relation(program, how, sets=""):
    return f"  - {{program: {program}, relation: {how}, says: {{en: R., es: R.}}, citation: The Act §9{sets}}}\n"


PROGRAMS = {
    # half of the wages of the time in training
    "training": written("training", [("trained", "law.trained", ", uses: pay"), ("paid", "law.half * least(trained, pay)", "")], kind="reimbursement"),
    # 40 % of 6,000, without wages that training pays
    "first": written("first", [("counted", "least(greatest(pay - paid_by_training, 0), law.base)", ", uses: pay"), ("credit", "law.share * counted", "")],
                     relation("training", "wages_excluded", ", sets: {paid_by_training: trained}")),
    # 20 % of 15,000, less what the first counted
    "second": written("second", [("counted", "greatest(least(pay, law.large) - used_by_first, 0)", ", uses: pay"), ("credit", "law.fifth * counted", "")],
                      relation("first", "same_wages_once", ", sets: {used_by_first: counted}")),
    "flat": written("flat", [("credit", "law.flat", "")], relation("second", "same_person_once")),
    "extra": written("extra", [("credit", "law.extra", "")], relation("first", "requires")),
    "apart": written("apart", [("credit", "law.extra", "")]),
    "veterans": written("veterans", [("credit", "law.extra", "")], conditions="[{id: v, fact: veteran, is: true, sentence: {en: V., es: V.}, citation: c}]"),
}  # fmt: skip
LAW = {"trained": "4000", "half": "0.50", "base": "6000", "share": "0.40", "large": "15000", "fifth": "0.20", "flat": "2500", "extra": "500"}


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rules")
    (folder / "programs").mkdir()
    (folder / "parameters").mkdir()
    (folder / "facts.yaml").write_text(FACTS, encoding="utf-8")
    for name, value in LAW.items():
        unit = "rate" if name in {"half", "share", "fifth"} else "USD"
        (folder / f"parameters/{name}.yaml").write_text(PARAMETER.format(description=name, unit=unit, values=f"  2020-01-01: {value}"), encoding="utf-8")
    for name, text in PROGRAMS.items():
        (folder / f"programs/{name}.yaml").write_text(text, encoding="utf-8")
    library = Library()
    library.add(folder)
    return library.programs


def told(pay, **more):
    return {"start": date(2025, 3, 3), "pay": Decimal(pay)} | more


def amounts(plan):
    return {claim.program.id: claim.amount for claim in plan.claims}


def only(programs, *names):
    return [programs[name] for name in names]


def test_wages_that_training_pays_do_not_count_for_the_credit(programs):
    found = stack(only(programs, "training", "first"), told(12000), TODAY)
    short = stack(only(programs, "training", "first"), told(5000), TODAY)

    assert amounts(found.best) == {"training": 2000, "first": 2400}  # 8,000 are left, more than the base
    assert amounts(short.best) == {"training": 2000, "first": 400}  # 1,000 are left
    [blocked] = short.best.blocked
    assert (blocked.program.id, blocked.by.id, blocked.relation.relation, blocked.lost) == ("first", "training", "wages_excluded", 1600)


def test_what_one_counted_the_other_does_not_count_again(programs):
    found = stack(only(programs, "first", "second"), told(10000), TODAY)

    assert amounts(found.best) == {"first": 2400, "second": 800}
    assert sum((claim.uses["pay"] for claim in found.best.claims), Decimal(0)) == 10000


def test_two_that_rule_each_other_out_are_never_claimed_together(programs):
    found = stack(only(programs, "second", "flat"), told(15000), TODAY)

    assert amounts(found.best) == {"second": 3000}
    assert [amounts(plan) for plan in found.next_best] == [{"flat": 2500}]
    assert [(each.program.id, each.by.id, each.lost) for each in found.best.blocked] == [("flat", "second", 2500)]


def test_one_that_needs_another_is_claimed_with_it_alone(programs):
    assert amounts(stack(only(programs, "extra"), told(10000), TODAY).best) == {}
    assert amounts(stack(only(programs, "extra", "first"), told(10000), TODAY).best) == {"first": 2400, "extra": 500}


def test_what_stands_to_no_other_is_always_claimed(programs):
    assert amounts(stack(only(programs, "apart", "second", "flat"), told(15000), TODAY).best)["apart"] == 500


def test_what_is_not_decided_stays_out_of_the_plan_and_is_asked(programs):
    found = stack(only(programs, "veterans", "apart"), told(1000), TODAY)

    assert amounts(found.best) == {"apart": 500}
    assert unknown_of(found, told(1000)) == ("veteran",)


def test_too_many_to_weigh_is_said(programs, monkeypatch):
    monkeypatch.setattr(stacking, "MOST_TOGETHER", 2)

    with pytest.raises(stacking.TooMany, match="at most 2 can be weighed"):
        stack(only(programs, "training", "first", "second"), told(10000), TODAY)


@given(pay=st.decimals(0, 30000, places=2), names=st.sets(st.sampled_from(sorted(set(PROGRAMS) - {"veterans"}))))
@settings(max_examples=60, deadline=None)
def test_no_plan_is_better_no_rule_is_broken_and_no_dollar_counts_twice(programs, pay, names):
    chosen = only(programs, *sorted(names))
    found = stack(chosen, told(pay), TODAY)

    for count in range(len(chosen) + 1):
        for some in combinations(chosen, count):
            smaller = stack(list(some), told(pay), TODAY).best
            assert smaller.total <= found.best.total
    for plan in (found.best, *found.next_best):
        claimed = set(amounts(plan))
        assert not {"second", "flat"} <= claimed
        assert "extra" not in claimed or "first" in claimed
        assert plan.total == sum(amounts(plan).values(), Decimal(0))
        used = [claim.uses.get("pay", Decimal(0)) for claim in plan.claims if claim.program.id in {"first", "second"}]
        assert sum(used, Decimal(0)) <= pay

