"""A file of rules with a slip in it: the message names the file, the line, what was found and what may stand there."""

import re

import pytest

from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.library import Library
from crm.translation import speaking
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
    ("typo in a key", CAP, parameter().replace("unit:", "unti:"), 2, ["unknown key 'unti'", "Did you mean 'unit'?", "Allowed:", "For example 'unit: USD'"]),
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
    ("percent in a tier", RATE, parameter("  2020-01-01: [{from: 120, is: 25}]", "rate by hours"), 4, ["'25' is no share"]),
    ("no such day", CAP, parameter("  2020-02-30: 1"), 4, ["'2020-02-30' is no day", "2025-01-01"]),
    ("a day with a time", CAP, parameter("  2020-01-01T10:00:00: 1"), 4, ["is no day", "without a time"]),
    ("an American day", CAP, parameter("  1/1/2020: 1"), 4, ["'1/1/2020' is no day"]),
    ("values without days", CAP, parameter("  1000"), 3, ["a day for each value", "2024-09-01: 30"]),
    ("no unit", CAP, parameter(unit="''"), 2, ["'unit' is nothing", "write text"]),
    ("description in English alone", CAP, "description: The cap.\n" + parameter().split("\n", 1)[1], 1, ["'description' has a text in each language", "{en:"]),
    ("a unit that looks like money", CAP, parameter(unit="dollars"), 2, ["'unit' is 'dollars'", "Write 'USD' first"]),
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
    ("unknown sort of knower", KEYS, FACTS + "odd: {kind: number, known_by: them, question: {en: a, es: b}}\n", 9, ["'them'", "learner"]),
    ("words to a learner who is not asked", KEYS, FACTS + "odd: {kind: number, question: {en: a, es: b}, question_to_learner: {en: c, es: d}}\n", 9, ["goes with 'known_by: learner'", "'employer'"]),
    ("words to a learner in one language", KEYS, FACTS + "odd: {kind: number, known_by: learner, question: {en: a, es: b}, question_to_learner: {en: c}}\n", 9, ["text in each language", "Found: en"]),
    ("a hint for learners alone", KEYS, FACTS + "odd: {kind: number, known_by: learner, question: {en: a, es: b}, hint_to_learner: {en: c, es: d}}\n", 9, ["'hint_to_learner' stands without 'hint'"]),
    ("bounds turned round", KEYS, FACTS + "odd: {kind: number, least: 5, most: 2, question: {en: a, es: b}}\n", 9, ["'most' (2) is below 'least' (5)"]),
    ("usually of a day", KEYS, FACTS + "odd: {kind: date, usually: true, question: {en: a, es: b}}\n", 9, ["goes with a yes or no, or a number"]),
    ("bounds of a day", KEYS, FACTS + "odd: {kind: date, most: 2, question: {en: a, es: b}}\n", 9, ["goes with a number or money"]),
    ("formula of an unknown fact", KEYS, FACTS + "odd: {kind: number, derive: 'years(born, start)', question: {en: a, es: b}}\n", None, ["the fact 'odd'", "'born'"]),
    ("formula of another kind", KEYS, FACTS + "odd: {kind: money, derive: age, question: {en: a, es: b}}\n", None, ["'age' is a number", "an amount of money"]),
    # programs
    ("a state by its name", TEST, program("jurisdiction: US", "jurisdiction: Ohio"), 3, ["'jurisdiction' is 'Ohio'", "as OH"]),
    ("a state that is none", TEST, program("jurisdiction: US", "jurisdiction: QQ"), 3, ["two capital letters"]),
    ("unknown kind", TEST, program("kind: credit", "kind: credits"), 4, ["'credits'", "Did you mean 'credit'?", "grant"]),
    ("unknown state", TEST, program("state: active", "state: activ"), 9, ["'activ'", "Did you mean 'active'?", "hiatus"]),
    ("status without citation", TEST, program("Vigente.}, citation: The Act §1}", "Vigente.}}"), 9, ["'citation' is missing", "For example 'citation: "]),
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
    ("number in quotes", TEST, program("at_least: 18", "at_least: '18'"), 11, ["'age' (number) is compared with '18'", "digits"]),
    ("words for a number", TEST, program("at_least: 18", "at_least: adult"), 11, ["with 'adult'"]),
    ("yes for true", TEST, program("fact: age, at_least: 18", "fact: kin, is: maybe"), 11, ["with 'maybe'"]),
    ("choice that is none", TEST, program("fact: age, at_least: 18", "fact: group, one_of: [A, C]"), 11, ["'C' is not one of: A, B"]),
    ("one_of without list", TEST, program("fact: age, at_least: 18", "fact: group, one_of: A"), 11, ["followed by a list"]),
    ("between turned round", TEST, program("at_least: 18", "between: [39, 18]"), 11, ["lesser to the greater", "39, 18"]),
    ("when of a choice that is none", TEST, program("at_least: 18", "at_least: 18, when: {group: [Z]}"), 11, ["'Z'"]),
    ("when of an unknown fact", TEST, program("at_least: 18", "at_least: 18, when: {grup: [A]}"), 11, ["'grup'", "Did you mean 'group'?"]),
    ("when no list", TEST, program("at_least: 18", "at_least: 18, when: {group: A}"), 11, ["'group' is a list of words"]),
    ("one id twice", TEST, program("amount:", "  - {id: adult, fact: kin, is: true, sentence: {en: A., es: B.}, citation: C}\namount:"), 12, ["'adult' stands twice"]),
    ("date key of another kind", TEST, program("date_key: start", "date_key: age"), 7, ["'age' is of kind 'number'", "date"]),
    ("no step", TEST, PROGRAM.split("amount:")[0] + "amount: []\nreference:\n  - {title: The Act}\n", 12, ["at least one step", "- step: credit"]),
    ("amount no list", TEST, PROGRAM.split("amount:")[0] + "amount: law.rate * pay\nreference:\n  - {title: The Act}\n", 12, ["'amount' is a list"]),
    ("typo in a step", TEST, program("is: law.rate", "si: law.rate"), 13, ["unknown key 'si'", "Allowed: citation, is"]),
    ("step without citation", TEST, program(", citation: The Act §3", ""), 13, ["'citation' is missing"]),
    ("step called twice", TEST, program("step: credit", "step: share"), 14, ["cannot be called 'share'"]),
    ("step called like a fact", TEST, program("step: share", "step: pay"), 13, ["cannot be called 'pay'"]),
    ("unknown name in a formula", TEST, program("law.rate * pay", "law.rate * pya"), 13, ["no fact or earlier step 'pya'", "Did you mean 'pay'?"]),
    ("a later step in a formula", TEST, program("law.rate * pay", "law.rate * credit"), 13, ["no fact or earlier step 'credit'"]),
    ("unknown parameter", TEST, program("law.rate", "law.rates"), 13, ["no parameter 'rates'", "Did you mean 'rate'?", "parameters/rates.yaml"]),
    ("number of law in a formula", TEST, program("law.rate * pay", "0.5 * pay"), 13, ["0.5 is a number of law", "parameters/"]),
    ("money and hours mixed", TEST, program("law.rate * pay", "pay + age"), 13, ["a number and an amount of money together"]),
    ("money times money", TEST, program("law.rate * pay", "law.cap * pay"), 13, ["multiplies money by money"]),
    ("amount of no number", TEST, program("law.rate * pay", "kin"), 13, ["'kin' is something that holds or not"]),
    ("unknown function", TEST, program("least(", "min("), 14, ["no function 'min'", "least"]),
    ("one part of a least", TEST, program("least(share, law.cap)", "least(share)"), 14, ["has 1 parts", "least(a, b"]),
    ("open bracket", TEST, program("least(share, law.cap)", "least(share, law.cap"), 14, ["cannot be read", "brackets"]),
    ("program in a formula", TEST, program("law.rate * pay", '"__import__(chr(111)).system"'), 13, ["no number of law"]),
    ("lambda in a formula", TEST, program("law.rate * pay", '"(lambda: pay)()"'), 13, ["no function"]),
    ("power", TEST, program("law.rate * pay", '"pay ** pay"'), 13, ["use + - * and / alone"]),
    ("two comparisons in a row", TEST, program("fact: age, at_least: 18", "holds: 0 < age < 2"), 11, ["compares twice", "with 'and'"]),
    ("holds of no truth", TEST, program("fact: age, at_least: 18", "holds: age"), 11, ["'age' is a number", "holds or not"]),
    ("holds beside a comparison", TEST, program("at_least: 18", "at_least: 18, holds: kin"), 11, ["Found: at_least and holds"]),
    ("comparison of no fact", TEST, program("fact: age, ", ""), 11, ["'fact' is missing"]),
    ("limit of another kind", TEST, program("at_least: 18", "at_least: law.cap"), 11, ["'law.cap' is an amount of money", "a number"]),
    ("tiers in no order", RATE, parameter("  2020-01-01: [{from: 400, is: 0.4}, {from: 120, is: 0.25}]", "rate"), 4, ["in that order"]),
    ("tiers with other keys", RATE, parameter("  2020-01-01: [{above: 120, is: 0.25}]", "hours"), 4, ["{from: 120, is: 0.25}"]),
    ("a table and then a number", CAP, parameter("  2020-01-01: {A: 1}\n  2021-01-01: 2"), 5, ["here stands a number", "a table"]),
    ("a row of a number", TEST, program("least(share, law.cap)", "least(share, law.cap[group])"), 14, ["'cap' is a number, not a table"]),
    ("a row of no choice", TEST, program("law.rate * pay", '"law.table[group] * pay"'), 13, ["no parameter 'table'"]),
    ("known before its day", CAP, parameter("  2020-01-01: {value: 5, known_since: 2019-01-01}"), 4, ["became known on 2019-01-01", "write the value alone"]),
    ("limit of nothing", TEST, PROGRAM + "limits:\n  - {level: employer_year, what: {en: a, es: b}, citation: c}\n", 18, ["'most: law.…'"]),
    ("unknown level", TEST, PROGRAM + "limits:\n  - {level: employer, most: law.cap, what: {en: a, es: b}, citation: c}\n", 18, ["'employer'", "employer_year"]),
    ("unknown relation", TEST, PROGRAM + "beside:\n  - {program: other, relation: excludes, says: {en: a, es: b}, citation: c}\n", 18, ["'excludes'", "wages_excluded"]),
    ("deadline after no date", TEST, PROGRAM + "deadlines:\n  - {id: form, after: pay, days: 28, sentence: {en: a, es: b}, citation: c}\n", 18, ["'pay' is of kind 'money'"]),
    ("deadline of no days", TEST, PROGRAM + "deadlines:\n  - {id: form, after: start, days: soon, sentence: {en: a, es: b}, citation: c}\n", 18, ["'days' is 'soon'", "Write digits"]),
    ("deadline without its days", TEST, PROGRAM + "deadlines:\n  - {id: form, after: start, sentence: {en: a, es: b}, citation: c}\n", 18, ["'days: 28'", "'on: 03-31'"]),
    ("deadline before a day of the calendar", TEST, PROGRAM + "deadlines:\n  - {id: form, before: start, on: '03-31', sentence: {en: a, es: b}, citation: c}\n", 18, ["unknown key 'on'"]),
    ("deadline on no day of a year", TEST, PROGRAM + "deadlines:\n  - {id: form, after: start, on: '02-30', sentence: {en: a, es: b}, citation: c}\n", 18, ["'02-30' is no day of a year"]),
    ("note in one language", TEST, PROGRAM + "notes:\n  - {says: {en: Only}}\n", 18, ["text in each language"]),
    ("missing file of a parameter", CAP, None, 14, ["no parameter 'cap'"]),
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


@pytest.mark.parametrize(("path", "text"), [case[1:3] for case in CASES], ids=[case[0] for case in CASES])
def test_is_said_in_spanish_to_who_reads_spanish(write, path, text):
    """As on the page of the policy simulator; keys and examples stay what they are in the file."""
    package = write({path: text})

    with speaking("es"), pytest.raises(RuleFileError) as problem:
        Library().add(package)

    assert not re.search(r"\b(Write|Allowed|Did you mean|For example|Found|Keep|Give|stands?|here|missing|is no|is of kind|there is)\b", problem.value.problem)


def test_the_sound_files_are_read(library):
    assert list(library().programs) == ["test"]


def test_leaves_nothing_behind_of_files_that_cannot_be_read(write):
    library = Library()

    with pytest.raises(RuleFileError):
        library.add(write({TEST: program("fact: age", "fact: aeg")}))

    assert (library.facts, list(library.parameters), library.programs) == (Library().facts, [], {})


def test_two_plugins_cannot_mean_two_things_by_one_fact(write, tmp_path_factory):
    library = Library()
    library.add(write())
    other = tmp_path_factory.mktemp("other")
    (other / "facts.yaml").write_text('age: {kind: date, question: {en: "Born?", es: "¿Nacido?"}}\n', encoding="utf-8")

    with pytest.raises(RuleFileError, match="there is another fact 'age' already"):
        library.add(other)


def test_a_table_is_not_one_number_and_its_rows_are_choices(write):
    table = {"parameters/table.yaml": PARAMETER.format(description="By group", unit="rate", values="  2020-01-01: {A: 0.5, C: 0.2}")}

    for formula, says in (("law.table * pay", "'table' is a table, not one number"), ('"law.table[group] * pay"', "a row 'C', which is no choice of 'group'")):
        with pytest.raises(RuleFileError, match=says):
            Library().add(write(table | {TEST: program("law.rate * pay", formula)}))
