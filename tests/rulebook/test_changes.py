"""What of the law changed since a day, which answers with it, and what a new pack of rules would change: each with its reason and citation."""

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import crm_federal
import crm_massachusetts
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.rulebook import changes, revisions
from crm.rulebook.changes import since
from crm.rulebook.differences import between
from crm.rulebook.estimates import estimate
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.library import Library
from tests.rulebook import conftest
from tests.rulebook.conftest import PARAMETER, PROGRAM

TODAY = date(2026, 11, 23)
FACTS = {"start": date(2025, 3, 3), "age": Decimal(30), "pay": Decimal(5000)}


def cap(*lines):
    return {"parameters/cap.yaml": PARAMETER.format(description="Cap", unit="USD", values="\n".join(f"  {line}" for line in lines))}


def kinds(differences):
    return [(each.kind, each.name, each.before, each.after) for each in differences]


def test_a_value_that_came_into_force_since_is_listed_with_the_programs_that_rest_on_it(library):
    [change] = since(library(cap("2020-01-01: 1000", "2026-01-01: 1200")), date(2025, 6, 1), TODAY)

    assert (change.name, change.programs, change.day, change.when, change.before, change.after) == ("cap", ("test",), date(2026, 1, 1), "in_force", "1000", "1200")
    assert change.citation == "The Act §1"


def test_a_value_that_is_still_to_come_is_listed_as_coming(library):
    [change] = since(library(cap("2020-01-01: 1000", "2027-01-01: 1200")), date(2026, 6, 1), TODAY)

    assert (change.when, change.known) == ("coming", TODAY)


def test_law_made_for_days_that_had_passed_is_listed_by_the_day_on_which_it_was_known(library):
    found = library(cap("2020-01-01: 1000", "2025-01-01: {value: 1200, known_since: 2026-03-01}"))

    assert [(change.day, change.known, change.when) for change in since(found, date(2025, 6, 1), TODAY)] == [(date(2025, 1, 1), date(2026, 3, 1), "for_days_past")]
    assert since(found, date(2026, 3, 1), TODAY) == ()


def test_a_status_that_changed_is_listed(library):
    lapsed = PROGRAM.replace("conditions:", "  - {since: 2026-01-01, state: hiatus, says: {en: Lapsed., es: Caducada.}, citation: The Act §7}\nconditions:")
    [change] = since(library({"programs/test.yaml": lapsed}), date(2025, 12, 1), TODAY)

    assert (change.kind, change.name, change.before, change.after, change.citation) == ("status", "test", "active", "hiatus", "The Act §7")


def test_of_a_table_only_the_rows_that_differ_are_shown(library):
    table = cap("2020-01-01: {A: 1, B: 2}", "2026-01-01: {A: 1, B: 3}")
    program = PROGRAM.replace("least(share, law.cap)", "least(share, law.cap[group])")
    [change] = since(library(table | {"programs/test.yaml": program}), date(2025, 6, 1), TODAY)

    assert (change.before, change.after) == ("B: 2", "B: 3")


def test_an_old_answer_is_compared_with_what_was_known_then(library):
    found = library(cap("2020-01-01: 1000", "2025-01-01: {value: 1200, known_since: 2026-03-01}"))
    [answer] = changes.answers(found.programs.values(), "Ana", FACTS, date(2025, 6, 1), TODAY)

    assert (answer.case, str(answer.before), str(answer.after)) == ("Ana", "1000.00", "1200.00")
    assert kinds(answer.differences) == [("parameter", "cap", "1000", "1200"), ("step", "credit", "1000", "1200")]
    assert not list(changes.answers(found.programs.values(), "Ana", FACTS, date(2026, 3, 1), TODAY))


def test_an_answer_that_a_change_does_not_reach_is_not_listed(library):
    found = library(cap("2020-01-01: 1000", "2025-01-01: {value: 1200, known_since: 2026-03-01}"))

    assert not list(changes.answers(found.programs.values(), "Ana", FACTS | {"pay": Decimal(1500)}, date(2025, 6, 1), TODAY))  # half of it is below both caps


@pytest.fixture
def packs(write, tmp_path):
    """`packs(changed)` gives the rules as they are, and as they would be with these files in a folder of another name."""

    def made(files, *, whole=False):
        installed = tmp_path / "installed"
        old = write({})
        shutil.copytree(old, installed)
        pack = tmp_path / ("new/installed" if whole else "pack")
        if whole:
            shutil.copytree(installed, pack)
        for path, text in files.items():
            (pack / path).parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                (pack / path).unlink()
            else:
                (pack / path).write_text(text, encoding="utf-8")
        library = Library()
        library.add(installed)
        return library, revisions.revised([installed], revisions.package_of(pack))

    return made


def shadow(old, new, facts=FACTS, **more):
    return list(revisions.changed(old, new, "Ana", lambda _library: facts, TODAY, **more))


HIGH_AGE = PROGRAM.replace("at_least: 18", "at_least: 40")
LAPSED = PROGRAM.replace("state: active", "state: hiatus")
ASKING = PROGRAM.replace("law.rate * pay", "law.rate * pay if kin else 0")


@pytest.mark.parametrize(("files", "reasons"), [
    (cap("2020-01-01: 900"), {("parameter", "cap", "1000", "900"), ("step", "credit", "1000", "900")}),
    ({"programs/test.yaml": HIGH_AGE}, {("condition", "adult", "met", "not_met"), ("step", "share", "2500.00", ""), ("step", "credit", "1000", "")}),
    ({"programs/test.yaml": LAPSED}, {("status", "test", "active", "hiatus")}),
    ({"programs/test.yaml": ASKING}, {("step", "share", "2500.00", ""), ("step", "credit", "1000", ""), ("question", "kin", "", "asked")}),
])  # fmt: skip
def test_a_new_pack_of_changed_files_says_of_each_answer_what_differs(packs, files, reasons):
    [answer] = shadow(*packs(files))

    assert set(kinds(answer.differences)) == reasons
    assert all(each.citation for each in answer.differences if each.kind != "question")


def test_a_package_of_the_same_name_is_replaced_whole_so_that_what_it_leaves_out_is_gone(packs):
    old, new = packs({"programs/test.yaml": None, "programs/other.yaml": PROGRAM.replace("id: test", "id: other")}, whole=True)

    assert [(answer.program.id, str(answer.before or ""), str(answer.after or "")) for answer in shadow(old, new)] == [("test", "1000.00", ""), ("other", "", "1000.00")]


def test_what_does_not_change_an_answer_is_not_listed(packs):
    assert not shadow(*packs({"programs/test.yaml": PROGRAM.replace("Is 18.", "Is an adult.")}))


def test_a_pack_that_breaks_an_installed_rule_is_refused_with_its_file(packs):
    with pytest.raises(RuleFileError, match=r"programs/test.yaml, line 14"):
        packs(cap("2020-01-01: {A: 1}"))


def test_a_folder_without_rules_is_refused(tmp_path):
    with pytest.raises(RuleFileError, match="neither programs, nor parameters"):
        revisions.package_of(tmp_path)


def test_the_installed_rules_as_a_new_pack_change_nothing(real):
    """The federal pack in its own place, over its own cases."""
    from crm.testing.cases import cases, facts_of

    homes = [Path(package.__file__).parent for package in (crm_federal, crm_massachusetts)]
    new = revisions.revised(homes, homes[0])
    assert new.programs.keys() == real.programs.keys()
    for name, case in list(cases(homes[0].parent / "tests" / "cases"))[::7]:
        assert not list(revisions.changed(real, new, case["name"], lambda library, case=case: facts_of(library, case), TODAY, [name]))


@given(st.decimals(0, 9000, places=2), st.integers(0, 5000), st.integers(10, 40), st.dates(date(2019, 6, 1), date(2026, 6, 1)))
@settings(max_examples=60, deadline=None)
def test_an_answer_that_differs_has_a_reason_and_one_without_a_reason_does_not_differ(tmp_path_factory, pay, most, age, start):
    folder = tmp_path_factory.mktemp("pack")
    for path, text in {"facts.yaml": conftest.FACTS, "programs/test.yaml": PROGRAM, "parameters/rate.yaml": PARAMETER.format(description="S", unit="rate", values="  2020-01-01: 0.50"), **cap(f"2020-01-01: {most}")}.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    old = Library()
    old.add(folder)
    (folder / "parameters/cap.yaml").write_text(cap("2020-01-01: 1000")["parameters/cap.yaml"], encoding="utf-8")
    new = Library()
    new.add(folder)
    facts = {"start": start, "age": Decimal(age), "pay": pay}
    was, would = (estimate(library.programs["test"], facts, TODAY) for library in (old, new))

    assert bool(between(was, would)) == ((was.amount, was.eligible) != (would.amount, would.eligible))
