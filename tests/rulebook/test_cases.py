"""What a case of the law may say must come out: for one person, by step and year, and for an employer with people who differ."""

import pytest

from crm.testing import cases
from tests.rulebook.conftest import PARAMETER, PROGRAM

LIMIT = "limits:\n  - {level: employer_year, most: law.most, what: {en: At most., es: Hasta.}, citation: The Act §5}\nreference:"
SECOND = "  - {step: second, is: law.cap, year: 2, what: {en: Second., es: Segundo.}, citation: The Act §6}\n"
TOTAL = "  - {step: total, is: credit + second, what: {en: Total., es: Total.}, citation: The Act §6}\n"


def told(folder, case, given=""):
    (folder / "cases").mkdir(exist_ok=True)
    text = f"program: test\n{given}cases:\n  - name: the case\n    facts: {{start: '2024-03-01', age: '20', pay: '1000'}}\n{case}"
    (folder / "cases" / "test.yaml").write_text(text)
    [(program, found)] = cases.cases(folder / "cases")
    return program, found


@pytest.mark.parametrize(("total", "comes_out"), [("1700", True), ("1500", False)])
def test_people_of_one_employer_may_differ(write, library, tmp_path, total, comes_out):
    rules = library({"programs/test.yaml": PROGRAM.replace("reference:", LIMIT), "parameters/most.yaml": PARAMETER.format(description="Most", unit="USD", values="  2020-01-01: 1700")})
    others = "    people: 2\n    other_people:\n      - {people: 1, facts: {pay: '2000'}}\n"

    program, case = told(tmp_path, f"    amount: '500'\n    eligible: 'yes'\n{others}    employer_total: '{total}'\n")

    if comes_out:
        cases.check(rules, program, case)  # 500 + 500 + 1,000, cut to 1,700
    else:
        with pytest.raises(AssertionError, match="the employer's total is 1700"):
            cases.check(rules, program, case)


@pytest.mark.parametrize(("second", "comes_out"), [("1000", True), ("900", False)])
def test_an_amount_may_fall_to_several_years(library, tmp_path, second, comes_out):
    rules = library({"programs/test.yaml": PROGRAM.replace("reference:", SECOND + TOTAL + "reference:")})

    program, case = told(tmp_path, f"    amount: '1500'\n    eligible: 'yes'\n    by_year: {{1: '500', 2: '{second}'}}\n")

    if comes_out:
        cases.check(rules, program, case)
    else:
        with pytest.raises(AssertionError, match="by year it is 1: 500.00, 2: 1000.00"):
            cases.check(rules, program, case)


def test_what_is_given_holds_unless_a_case_says_otherwise(tmp_path):
    _program, case = told(tmp_path, "    amount: '500'\n    eligible: 'yes'\n", given="given: {pay: '9', kin: 'no'}\n")

    assert case["facts"] == {"start": "2024-03-01", "age": "20", "pay": "1000", "kin": "no"}


@pytest.mark.parametrize(("steps", "problem"), [("share: '500'", ""), ("share: '400'", "the step 'share' comes to 500"), ("part: '1'", "no step 'part'")])
def test_a_step_comes_to_what_the_case_says(library, tmp_path, steps, problem):
    program, case = told(tmp_path, f"    amount: '500'\n    eligible: 'yes'\n    steps: {{{steps}}}\n")

    if problem:
        with pytest.raises(AssertionError, match=problem):
            cases.check(library(), program, case)
    else:
        cases.check(library(), program, case)


LOWERS = "beside:\n  - {program: wages, relation: lowers_deduction, says: {en: Less., es: Menos.}, citation: The Act §7}\nreference:"


@pytest.mark.parametrize(("beside", "left"), [(LOWERS, "2500"), ("reference:", "3000")])
def test_an_amount_lowers_the_deduction_where_the_law_says_so(library, tmp_path, beside, left):
    rules = library({"programs/test.yaml": PROGRAM.replace("reference:", beside)})

    program, case = told(tmp_path, f"    amount: '500'\n    eligible: 'yes'\n    deduction: {{before: '3000', left: '{left}'}}\n")

    cases.check(rules, program, case)
