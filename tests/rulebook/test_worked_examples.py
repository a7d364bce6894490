"""Each worked example of the law's note is a case of its program, and those of an agency are marked official. That the cases come out is tried beside each plugin.

The note lies outside the repository; where it is not, nothing is compared.
"""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from crm.testing.cases import cases

ROOT = Path(__file__).parents[2]
NOTE = ROOT.parent / "shared/facts/incentives.md"
NAMED_OTHERWISE = {"76": ["co-agriculture-internship"]}
TOLD_OTHERWISE = {  # what the example gives, and the case tells in the words of its program
    "32": "by periods, in plugins/federal/tests/test_together.py", "35": "7,500 of 9,000 paid by training money leave 1,500",
    "38": "the wages before the credit is taken off", "57": "people at the limit, who cost more than it", "62": "wages that bring 4,800 each",
}  # fmt: skip
COMPUTED = {"93": {Decimal(5500)}, "103": {Decimal(0)}}  # in an official example what its note says was derived: a sum with the mentor, an edge of a tier
DOLLARS = re.compile(r"\$(\d[\d,]*(?:\.\d+)?)")
OUTCOMES = ("amount", "potential", "by_year", "steps", "deduction", "employer_total")
TOLD = ("facts", "people", "other_people", "deduction")


def examples():
    """Number, programs, inputs, expected, kind: the rows of section J."""
    text = NOTE.read_text(encoding="utf-8").partition("## J. Worked examples")[2].partition("\n## ")[0] if NOTE.exists() else ""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if re.match(r"\| \d+ \|", line)]


def dollars(text):
    return {Decimal(found.replace(",", "")) for found in DOLLARS.findall(text)}


def numbers(told):
    """Every number in a case's part, however deep."""
    if isinstance(told, dict | list):
        return {number for part in (told.values() if isinstance(told, dict) else told) for number in numbers(part)}
    return {Decimal(str(told))} if re.fullmatch(r"\d+(\.\d+)?", str(told)) else set()


@pytest.fixture(scope="module")
def told():
    found = {}
    for folder in ROOT.glob("plugins/*/tests/cases"):
        for program, case in cases(folder):
            found.setdefault(program, []).append(case)
    return found


@pytest.mark.skipif(not NOTE.exists(), reason="the note of the law is not here")
def test_the_note_has_its_114_examples():
    assert [number for number, *_rest in examples()] == [str(number) for number in range(1, 115)]


@pytest.mark.parametrize(("number", "program", "given", "expected", "kind"), examples())
def test_a_worked_example_is_a_case(told, number, program, given, expected, kind):
    own = [case for name in NAMED_OTHERWISE.get(number, re.findall(r"[a-z]{2}-[a-z0-9-]+", program)) for case in told[name]]
    wanted = dollars(re.sub(r"\((?:from|person cap)[^)]*\)", "", expected).partition("; one hour adds")[0])
    at_hour = re.compile(r"\$[\d.]+/h|at \$\d\d(\.\d+)?\b(?!,)")  # wages of an hour: the case tells the sum

    came_out = {number: [case for case in own if number in numbers([case.get(part) for part in OUTCOMES])] for number in wanted}
    if number != "32":
        assert sorted(amount for amount, found in came_out.items() if not found) == [], expected
    if number not in TOLD_OTHERWISE:
        inputs = dollars(at_hour.sub("", given))
        assert inputs <= numbers([[case.get(part) for part in TOLD] for case in own]), given
    if "official" in kind:
        unmarked = {amount for amount, found in came_out.items() if not any(case["kind"] == "official" and case["citation"] for case in found)}
        assert sorted(unmarked - COMPUTED.get(number, set())) == [], kind
