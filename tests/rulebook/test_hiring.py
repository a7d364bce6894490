"""A plan of many hires: the employer's limits hold over all of them, no dollar and no place counts twice, and nothing lawful brings more."""

from datetime import date
from decimal import Decimal
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.rulebook.hiring import EMPLOYER, Hire, plan
from crm.rulebook.library import Library
from crm.rulebook.stacking import stack
from tests.rulebook.conftest import PARAMETER
from tests.rulebook.test_stacking import FACTS, relation, written

TODAY = date(2026, 11, 23)
ZERO = Decimal(0)


def limited(text, *limits):
    return text + "limits:\n" + "".join(f"  - {{{limit}, what: {{en: Cap., es: Tope.}}, citation: The Act §8}}\n" for limit in limits)


SHARE = [("counted", "least(pay, law.large)", ", uses: pay"), ("credit", "law.fifth * counted", "")]
PROGRAMS = {
    "share": written("share", SHARE),  # a fifth of the wages up to 15,000, without end
    "capped": limited(written("capped", [("credit", "least(pay, law.flat)", "")]), "level: employer_year, most: law.pot"),
    "headed": limited(written("headed", [("credit", "law.fifth * pay", "")], relation("flat", "same_person_once")), "level: employer_year, most_people: law.two"),
    "flat": written("flat", [("credit", "law.extra", "")]),
    "first": written("first", [("counted", "least(pay, law.base)", ", uses: pay"), ("credit", "law.share * counted", "")]),
    "second": limited(written("second", [("counted", "greatest(least(pay, law.large) - used_by_first, 0)", ", uses: pay"), ("credit", "law.half * counted", "")],
                              relation("first", "same_wages_once", ", sets: {used_by_first: counted}")), "level: employer_lifetime, most: law.lifetime"),
    "long": limited(written("long", [("now", "law.extra", ""), ("later", "law.flat", ", year: 2"), ("credit", "now + later", "")]), "level: employer_year, most: law.pot"),
    "whole": written("whole", [("credit", "law.pot", "")], relation("share", "same_person_once")).replace("date_key", "per: employer\ndate_key"),
    "bonus": written("bonus", [("credit", "law.extra", "")], relation("whole", "requires")),
}  # fmt: skip
LAW = {"fifth": "0.20", "share": "0.40", "half": "0.50", "large": "15000", "base": "6000", "flat": "2500", "extra": "500", "pot": "6000", "lifetime": "9000", "two": "2"}


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rules")
    (folder / "programs").mkdir()
    (folder / "parameters").mkdir()
    (folder / "facts.yaml").write_text(FACTS, encoding="utf-8")
    for name, value in LAW.items():
        unit = "people" if name == "two" else "rate" if name in {"half", "share", "fifth"} else "USD"
        (folder / f"parameters/{name}.yaml").write_text(PARAMETER.format(description=name, unit=unit, values=f"  2020-01-01: {value}"), encoding="utf-8")
    for name, text in PROGRAMS.items():
        (folder / f"programs/{name}.yaml").write_text(text, encoding="utf-8")
    library = Library()
    library.add(folder)
    return library.programs


def only(programs, *names):
    return [programs[name] for name in names]


def told(pay, start=date(2025, 3, 3)):
    return {"start": start, "pay": Decimal(pay)}


def hires(*pays, start=date(2025, 3, 3)):
    return [Hire(f"hire {place}", told(pay, start)) for place, pay in enumerate(pays, start=1)]


def amounts(chosen):
    return {(each.entry, each.claim.program.id): each.amount for each in chosen.given}


def test_one_hire_without_limits_is_planned_as_it_is_stacked(programs):
    some = only(programs, "share", "first", "second", "flat")

    assert plan(some, {}, hires(9000), TODAY).best.total == stack(some, told(9000), TODAY).best.total


def test_what_an_employer_gets_in_a_year_is_shared_by_all_hires(programs):
    found = plan(only(programs, "capped"), {}, hires(2500, 2500, 2500, 2500), TODAY).best

    assert (found.total, found.at_most, sorted(amounts(found).values())) == (6000, 6000, [1000, 2500, 2500])
    assert sorted((lost.amount, lost.limit.level) for lost in found.lost) == [(1500, "employer_year"), (2500, "employer_year")]


def test_each_year_has_its_own_limit(programs):
    both = [*hires(2500, 2500, 2500), *hires(2500, 2500, 2500, start=date(2026, 3, 3))]

    assert plan(only(programs, "capped"), {}, both, TODAY).best.total == 12000


def test_an_amount_over_two_years_counts_in_each_for_its_part(programs):
    """500 in the first year of each, 2,500 in the second: of four hires 2,000 in 2025, and of 10,000 in 2026 the 6,000 that the law gives."""
    assert plan(only(programs, "long"), {}, hires(1, 1, 1, 1), TODAY).best.total == 8000


def test_the_places_go_to_those_for_whom_they_bring_most_and_the_others_take_what_is_left(programs):
    found = plan(only(programs, "headed", "flat"), {}, hires(10000, 4000, 9000, 3000), TODAY).best

    assert amounts(found) == {(1, "headed"): 2000, (3, "headed"): 1800, (2, "flat"): 500, (4, "flat"): 500}
    [second] = [lost for lost in found.lost if (lost.entry, lost.program.id) == (2, "headed")]
    assert second.amount == 800
    assert (second.limit or second.relation) is not None


def test_a_limit_for_all_years_changes_what_is_best_for_each(programs):
    """Half of the wages would bring more for each; once 9,000 are used up, it brings no more than two fifths of the first 6,000 beside it."""
    found = plan(only(programs, "first", "second"), {}, hires(12000, 12000, 12000), TODAY).best

    assert found.proved
    assert found.total == 9000 + 3 * 2400
    assert sum(amount for (_entry, name), amount in amounts(found).items() if name == "second") == 9000


def test_a_person_in_two_entries_counts_once_a_year_for_a_program_and_is_one_head(programs):
    same = [Hire("spring", told(10000), "Ana"), Hire("autumn", told(9000, date(2025, 9, 1)), "Ana"), Hire("next", told(8000, date(2026, 3, 2)), "Ana")]
    found = plan(only(programs, "headed"), {}, [*same, *hires(5000, 4000)], TODAY).best

    assert amounts(found) == {(1, "headed"): 2000, (3, "headed"): 1600, (4, "headed"): 1000}


def test_a_program_of_the_whole_employer_is_claimed_once_and_never_beside_one_that_it_rules_out(programs):
    few, many = hires(10000), hires(15000, 15000, 15000)

    assert amounts(plan(only(programs, "whole", "share"), told(0), few, TODAY).best) == {(EMPLOYER, "whole"): 6000}
    assert amounts(plan(only(programs, "whole", "share"), told(0), many, TODAY).best) == {(place, "share"): 3000 for place in (1, 2, 3)}


def test_a_program_of_persons_that_needs_one_of_the_employer_is_claimed_with_it_alone(programs):
    assert plan(only(programs, "bonus"), told(0), hires(1), TODAY).best.total == 0
    assert plan(only(programs, "bonus", "whole"), told(0), hires(1, 1), TODAY).best.total == 7000


def test_the_next_best_leaves_one_program_out_and_is_the_best_without_it(programs):
    some = only(programs, "headed", "flat", "share")
    found = plan(some, {}, hires(10000, 4000), TODAY)

    for program, without in found.without:
        rest = [each for each in some if each is not program]
        assert without.total == plan(rest, {}, hires(10000, 4000), TODAY).best.total <= found.best.total
    assert [without.total for _program, without in found.without] == sorted((without.total for _program, without in found.without), reverse=True)


def test_each_claim_brings_its_deadlines_with_the_hire_that_has_to_keep_them(real):
    facts = {"work_start": date(2025, 3, 3), "wotc_group": "A", "first_year_hours": Decimal(900), "first_year_wages": Decimal(14000), "tanf_supplement": ZERO,
             "wotc_certificate": True, "related_to_owner": False, "majority_owner": False, "worked_here_before": False, "replaces_striker": False,
             "half_pay_for_business": True, "leased_to_client": False, "farm_work": False, "form_8850_sent": date(2025, 3, 3)}  # fmt: skip
    found = plan([real.programs["us-wotc"]], {}, [Hire("Ana", facts), Hire("Luis", facts | {"work_start": date(2025, 4, 7)})], date(2025, 6, 1)).best

    assert [(entry, due.day) for entry, due in found.deadlines] == [(1, date(2025, 3, 31)), (2, date(2025, 5, 5))]


PAYS = st.lists(st.decimals(0, 20000, places=2), min_size=1, max_size=4)
NAMES = st.sets(st.sampled_from(["share", "capped", "headed", "flat", "first", "second", "long"]), min_size=1, max_size=4)


@given(PAYS, NAMES)
@settings(max_examples=60, deadline=None)
def test_no_limit_is_passed_no_dollar_counts_twice_and_the_total_is_the_sum_of_its_parts(programs, pays, names):
    found = plan(only(programs, *sorted(names)), {}, hires(*pays), TODAY)

    for chosen in (found.best, *(each for _program, each in found.without)):
        given = amounts(chosen)
        assert chosen.total == sum(given.values(), ZERO)
        assert sum((amount for (_entry, name), amount in given.items() if name == "capped"), ZERO) <= 6000
        assert sum((amount for (_entry, name), amount in given.items() if name == "second"), ZERO) <= 9000
        assert sum(name == "headed" for _entry, name in given) <= 2
        for place, pay in enumerate(pays, start=1):
            assert not {(place, "headed"), (place, "flat")} <= given.keys()
            used = [each.claim.uses.get("pay", ZERO) for each in chosen.given if each.entry == place and each.claim.program.id in {"first", "second"}]
            assert sum(used, ZERO) <= pay


@given(PAYS, NAMES)
@settings(max_examples=40, deadline=None)
def test_trying_every_set_of_programs_for_every_hire_finds_nothing_better(programs, pays, names):
    some = only(programs, *sorted(names))
    found = plan(some, {}, hires(*pays), TODAY).best

    assert found.proved
    assert found.total == max(_worth(choice, pays, programs) for choice in product(_sets(names), repeat=len(pays)) if _lawful(choice))


def _sets(names):
    return [set(some) for count in range(len(names) + 1) for some in combinations(sorted(names), count) if not {"headed", "flat"} <= set(some)]


def _lawful(choice):
    return sum("headed" in some for some in choice) <= 2


def _worth(choice, pays, programs):
    """The same law, written out by hand."""
    cent = Decimal("0.01")
    one = {
        "share": lambda pay, _some: (Decimal("0.2") * min(pay, Decimal(15000))), "capped": lambda pay, _some: min(pay, Decimal(2500)),
        "headed": lambda pay, _some: Decimal("0.2") * pay, "flat": lambda _pay, _some: Decimal(500), "first": lambda pay, _some: Decimal("0.4") * min(pay, Decimal(6000)),
        "second": lambda pay, some: Decimal("0.5") * max(min(pay, Decimal(15000)) - (min(pay, Decimal(6000)) if "first" in some else ZERO), ZERO),
        "long": lambda _pay, _some: ZERO,
    }  # fmt: skip
    totals = {name: sum(((one[name](pay, some)).quantize(cent, "ROUND_HALF_UP") for some, pay in zip(choice, pays, strict=True) if name in some), ZERO) for name in one}
    longs = sum("long" in some for some in choice)
    return (totals["share"] + min(totals["capped"], Decimal(6000)) + totals["headed"] + totals["flat"] + totals["first"] + min(totals["second"], Decimal(9000))
            + min(Decimal(500) * longs, Decimal(6000)) + min(Decimal(2500) * longs, Decimal(6000)))  # fmt: skip
