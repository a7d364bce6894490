"""A file of rules with a slip in it: the message names the file, the line, what was found and what may stand there."""

import pytest

from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.library import Library
from tests.rulebook.conftest import FACTS, PARAMETER, PROGRAM

RATE, CAP, TEST, KEYS = "parameters/rate.yaml", "parameters/cap.yaml", "programs/test.yaml", "facts.yaml"


def parameter(values="  2020-01-01: 1000", unit="USD"):
    return PARAMETER.format(description="Cap", unit=unit, values=values)


def program(old, new):
    assert old in PROGRAM
    return PROGRAM.replace(old, new)


def facts(old, new):
    assert old in FACTS
    return FACTS.replace(old, new)


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\n"
CASES = [
    # YAML itself
    ("typo in a key", CAP, parameter().replace("unit:", "unti:"), 2, ["unknown key 'unti'", "Did you mean 'unit'?", "Allowed:"]),
    ("duplicate key", CAP, parameter() + "unit: USD\n", 7, ["stands twice", "Keep one"]),
    ("the same day twice", CAP, parameter("  2020-01-01: 1\n  2020-01-01: 2"), 5, ["stands twice"]),
    ("the same day in two spellings", CAP, parameter("  2020-01-01: 1\n  '2020-01-01': 2"), 5, ["2020-01-01 stands twice"]),
    ("tab", CAP, "description: x\nvalues:\n\t2020-01-01: 1\n", 3, ["not YAML", "not with tabs"]),
    ("unclosed bracket", TEST, PROGRAM + "notes: [\n", None, ["not YAML"]),
    ("two documents", CAP, parameter() + "---\nunit: USD\n", 7, ["another document"]),
    ("anchor", CAP, BOMB, 1, ["'a' is an anchor", "Write the value out"]),
    ("alias", CAP, "a: 1\nb: *a\n", 2, ["'a' is an anchor"]),
    ("tag", CAP, parameter("  2020-01-01: !!python/object/apply:os.system ['true']"), 4, ["is a tag", "plain text"]),
    ("deep nesting", CAP, "a: " + "[" * 5000, 1, ["nested more than 20 deep"]),
    ("too large", CAP, "a: " + "x" * 1_000_001, None, ["larger than a megabyte"]),
    ("not text", CAP, b"unit: \xff\xfe", None, ["not UTF-8"]),
    ("control character", CAP, "unit: \x00", None, ["not YAML"]),
    ("empty", CAP, "", 1, ["starts with keys"]),
    ("a list", CAP, "- 1\n", 1, ["starts with keys"]),
    # values of law
    ("infinity", CAP, parameter("  2020-01-01: .inf"), 4, ["'.inf' is no plain number", "as 4800 or 0.25"]),
    ("exponent", CAP, parameter("  2020-01-01: 1e3"), 4, ["'1e3' is no plain number"]),
    ("hexadecimal", CAP, parameter("  2020-01-01: 0x1F"), 4, ["no plain number"]),
    ("float for money", CAP, parameter("  2020-01-01: 1000.005"), 4, ["'1000.005'", "whole cents", "4800.50"]),
    ("negative money", CAP, parameter("  2020-01-01: -5"), 4, ["'-5' is no amount"]),
    ("money in quotes", CAP, parameter("  2020-01-01: '1000'"), 4, ["'1000' is no number", "without quotes"]),
    ("money with a comma", CAP, parameter("  2020-01-01: 1,000"), 4, ["'1,000' is no number"]),
    ("percent for a share", RATE, parameter("  2020-01-01: 50", "rate"), 4, ["'50' is no share from 0 to 1", "write 0.40"]),
    ("percent in a tier", RATE, parameter("  2020-01-01: [{hours: 120, rate: 25}]", "rate by hours"), 4, ["'25' is no share"]),
    ("no such day", CAP, parameter("  2020-02-30: 1"), 4, ["'2020-02-30' is no day", "2025-01-01"]),
    ("a day with a time", CAP, parameter("  2020-01-01T10:00:00: 1"), 4, ["is no day", "without a time"]),
    ("an American day", CAP, parameter("  1/1/2020: 1"), 4, ["'1/1/2020' is no day"]),
    ("values without days", CAP, parameter("  1000"), 3, ["a day for each value", "2024-09-01: 30"]),
    ("no unit", CAP, parameter(unit="''"), 2, ["'unit' is nothing", "write text"]),
    ("missing reference", CAP, parameter().split("reference")[0], 1, ["'reference' is missing"]),
    ("empty reference", CAP, parameter().split("reference")[0] + "reference: []\n", 5, ["at least one reference"]),
    ("reference as text", CAP, parameter().split("reference")[0] + "reference: The Act\n", 5, ["'reference' is a list", "dash"]),
    ("reference without title", CAP, parameter().replace("title: The Act §1", "href: 'https://example.org'"), 6, ["'title' is missing"]),
    ("reference to no https", CAP, parameter().replace("title: The Act §1", "title: A, href: 'javascript:x'"), 6, ["no https address"]),
    ("review status", CAP, parameter() + "review_status: checked\n", 7, ["'checked'", "Allowed: recalled, second_hand, verified"]),
    # facts
    ("kind of fact", KEYS, facts("kind: number", "kind: numbr"), 2, ["'numbr'", "Did you mean 'number'?"]),
    ("question in one language", KEYS, facts(', es: "¿Qué edad?"', ""), 2, ["text in each language", "Found: en"]),
    ("empty question", KEYS, facts('"¿Qué edad?"', '""'), 2, ["'es' is nothing"]),
    ("fact without body", KEYS, FACTS + "odd: number\n", 9, ["'odd' holds keys of its own"]),
    ("choice without choices", KEYS, FACTS + "odd: {kind: choice, question: {en: a, es: b}}\n", 9, ["choices go with kind 'choice'"]),
    ("choices of a number", KEYS, FACTS + "odd: {kind: number, question: {en: a, es: b}, choices: [{value: A, text: {en: a, es: b}}]}\n", 9, ["'number'", "choices go with"]),
    # programs
    ("unknown kind", TEST, program("kind: credit", "kind: credits"), 4, ["'credits'", "Did you mean 'credit'?", "grant"]),
    ("unknown state", TEST, program("state: active", "state: activ"), 9, ["'activ'", "Did you mean 'active'?", "hiatus"]),
    ("status without citation", TEST, program("Vigente.}, citation: The Act §1}", "Vigente.}}"), 9, ["'citation' is missing"]),
    ("two statuses on one day", TEST, program("conditions:", "  - {since: 2020-01-01, state: sunset, says: {en: E., es: F.}, citation: A}\nconditions:"), 10, ["'2020-01-01' stands twice"]),
    ("status no list", TEST, program("status:\n  - ", "status:\n    "), 8, ["'status' is a list"]),
    ("no status", TEST, program('status:\n  - {since: 2020-01-01, state: active, says: {en: In force., es: Vigente.}, citation: The Act §1}', "status: []"), 8, ["at least once"]),
    ("condition without citation", TEST, program("}, citation: The Act §2", "}"), 11, ["'citation' is missing"]),
    ("empty citation", TEST, program("citation: The Act §2", "citation: ''"), 11, ["'citation' is nothing"]),
    ("condition in one language", TEST, program(", es: Tiene 18.", ""), 11, ["text in each language"]),
    ("two comparisons", TEST, program("at_least: 18", "at_least: 18, at_most: 40"), 11, ["compares once", "Found: at_least and at_most"]),
    ("no comparison", TEST, program("at_least: 18, ", ""), 11, ["compares once", "Found: none"]),
    ("misspelt comparison", TEST, program("at_least", "atleast"), 11, ["unknown key 'atleast'", "Did you mean 'at_least'?"]),
    ("unknown fact", TEST, program("fact: age", "fact: aeg"), 11, ["'aeg' is declared in no facts.yaml", "Did you mean 'age'?"]),
    ("fact of another kind", TEST, program("fact: age", "fact: kin"), 11, ["of kind 'yes_no'", "number or money"]),
    ("number in quotes", TEST, program("at_least: 18", "at_least: '18'"), 11, ["compares 'age' (number) with '18'", "digits"]),
    ("words for a number", TEST, program("at_least: 18", "at_least: adult"), 11, ["with 'adult'"]),
    ("yes for true", TEST, program("fact: age, at_least: 18", "fact: kin, is: maybe"), 11, ["with 'maybe'"]),
    ("choice that is none", TEST, program("fact: age, at_least: 18", "fact: group, one_of: [A, C]"), 11, ["'C' is not one of: A, B"]),
    ("one_of without list", TEST, program("fact: age, at_least: 18", "fact: group, one_of: A"), 11, ["followed by a list"]),
    ("between turned round", TEST, program("at_least: 18", "between: [39, 18]"), 11, ["lesser to the greater", "39, 18"]),
    ("when of a choice that is none", TEST, program("at_least: 18", "at_least: 18, when: {group: [Z]}"), 11, ["'Z'"]),
    ("when of an unknown fact", TEST, program("at_least: 18", "at_least: 18, when: {grup: [A]}"), 11, ["'grup'", "Did you mean 'group'?"]),
    ("when no list", TEST, program("at_least: 18", "at_least: 18, when: {group: A}"), 11, ["'group' is a list of words"]),
    ("one id twice", TEST, program("amount:", "  - {id: adult, fact: kin, is: true, sentence: {en: A., es: B.}, citation: C}\namount:"), 12, ["'adult' stands twice"]),
    ("date key of another kind", TEST, program("date_key: start", "date_key: age"), 1, ["'age' is of kind 'number'", "date"]),
    ("unknown shape", TEST, program("percent_of_wages", "percent_of_wage"), 12, ["Did you mean 'percent_of_wages'?"]),
    ("no shape", TEST, program("shape: percent_of_wages, ", ""), 12, ["'shape' is missing"]),
    ("typo in the amount", TEST, program("wages: pay", "wage: pay"), 12, ["unknown key 'wage'", "Did you mean 'wages'?"]),
    ("amount without citation", TEST, program(", citation: The Act §3", ""), 12, ["'citation' is missing"]),
    ("amount of a fact of another kind", TEST, program("wages: pay", "wages: age"), 12, ["'age' is of kind 'number'", "money"]),
    ("unknown parameter", TEST, program("rate: rate", "rate: rates"), 12, ["no parameter 'rates'", "Did you mean 'rate'?", "parameters/rates.yaml"]),
    ("deadline after no date", TEST, PROGRAM + "deadlines:\n  - {id: form, after: pay, days: 28, sentence: {en: a, es: b}, citation: c}\n", 16, ["'pay' is of kind 'money'"]),
    ("deadline of no days", TEST, PROGRAM + "deadlines:\n  - {id: form, after: start, days: soon, sentence: {en: a, es: b}, citation: c}\n", 16, ["'soon' is no number of days"]),
    ("note in one language", TEST, PROGRAM + "notes:\n  - {en: Only}\n", 16, ["'es' is missing"]),
    ("missing file of a parameter", CAP, None, 12, ["no parameter 'cap'"]),
    ("program twice", "programs/twin.yaml", PROGRAM, None, ["a program 'test' already"]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "line", "says"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_names_the_place_what_was_found_and_what_may_stand_there(write, path, text, line, says):
    package = write({path: text})

    with pytest.raises(RuleFileError) as problem:
        Library().add(package)

    told = str(problem.value)
    assert problem.value.file.name == (path if text is not None else TEST).rsplit("/", 1)[-1]
    assert [part for part in says if part not in told] == [], told
    assert line is None or f"line {line}:" in told, told


def test_the_sound_files_are_read(library):
    assert list(library().programs) == ["test"]


def test_leaves_nothing_behind_of_files_that_cannot_be_read(write):
    library = Library()

    with pytest.raises(RuleFileError):
        library.add(write({TEST: program("fact: age", "fact: aeg")}))

    assert (library.facts, list(library.parameters), library.programs) == ({}, [], {})


def test_two_plugins_cannot_mean_two_things_by_one_fact(write, tmp_path_factory):
    library = Library()
    library.add(write())
    other = tmp_path_factory.mktemp("other")
    (other / "facts.yaml").write_text('age: {kind: date, question: {en: "Born?", es: "¿Nacido?"}}\n', encoding="utf-8")

    with pytest.raises(RuleFileError, match="there is another fact 'age' already"):
        library.add(other)
