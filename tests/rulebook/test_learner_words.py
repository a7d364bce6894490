"""What a learner is asked is said to them: "you", where staff and employers read "the person"."""

import re
from pathlib import Path

import pytest

from crm.rulebook.facts import read_facts
from crm.rulebook.learner_words import missing, to_learner
from crm.rulebook.library import VOCABULARY

FILES = [VOCABULARY, *sorted((Path(__file__).parents[2] / "plugins").glob("*/crm_*/facts.yaml"))]
ABOUT_SOMEONE_ELSE = {
    "en": re.compile(r"\b(the|each) (person|veteran|apprentice|youth|student|engineer|family|employer|new apprentice)\b", re.I),
    "es": re.compile(r"\b(la persona|cada persona|una persona|el veterano|el aprendiz|el joven|el estudiante|el ingeniero|la familia|el empleador)\b", re.I),
}
TO_THEM = {"en": re.compile(r"\byou(r|rs)?\b", re.I), "es": re.compile(r"\b(usted|sus?|le)\b", re.I)}
FACT = """\
odd:
  kind: choice
  known_by: learner
  question: {en: "Is the person odd?", es: "¿Es rara la persona?"}
  question_to_learner: {en: "Are you odd?", es: "¿Es usted una persona rara?"}
  hint: {en: "The person knows.", es: "La persona lo sabe."}
  hint_to_learner: {en: "You know.", es: "Usted lo sabe."}
  choices:
    - {value: A, text: {en: "The person is", es: "La persona lo es"}, text_to_learner: {en: "I am", es: "Lo soy"}}
    - {value: B, text: {en: "Neither", es: "Ninguno"}}
"""


@pytest.fixture
def facts(tmp_path):
    def written(text):
        (tmp_path / "facts.yaml").write_text(text)
        return tmp_path / "facts.yaml"

    return written


def asked_of_learners():
    return [to_learner(fact) for file in FILES for fact in read_facts(file).values() if fact.known_by == "learner"]


def test_a_learner_reads_the_second_words_and_the_first_where_there_are_none(facts):
    fact = read_facts(facts(FACT))["odd"]
    theirs = to_learner(fact)

    assert (fact.question["en"], theirs.question["en"]) == ("Is the person odd?", "Are you odd?")
    assert (theirs.hint["es"], [each.text["en"] for each in theirs.choices]) == ("Usted lo sabe.", ["I am", "Neither"])
    assert (theirs.key, theirs.kind, [each.value for each in theirs.choices]) == (fact.key, fact.kind, ["A", "B"])


@pytest.mark.parametrize("part", ["question", "hint"])
def test_what_is_not_said_to_them_is_named_with_its_line(facts, part):
    file = facts("".join(line for line in FACT.splitlines(keepends=True) if f"{part}_to_learner" not in line))

    assert [line.partition(": say its ")[::2] for line in missing(file)] == [
        (f"{file}:1: the learner is asked 'odd'", f'{part} to them too, as {part}_to_learner: {{en: "… you …", es: "… usted …"}}')
    ]


def test_only_what_learners_are_asked_needs_it(facts):
    plain = "".join(line for line in FACT.replace("known_by: learner", "known_by: board").splitlines(keepends=True) if "_to_learner:" not in line)

    assert list(missing(facts(plain + "    - {value: C, text: {en: C, es: C}}\n"))) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_nothing_that_comes_with_the_program_is_left_unsaid(file):
    assert list(missing(file)) == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_learner_reads_of_the_person(language):
    """Each question speaks to them, and no question, hint or choice of them as of someone else."""
    facts = asked_of_learners()
    texts = [words[language] for fact in facts for words in (fact.question, fact.hint, *(each.text for each in fact.choices)) if words]

    assert len(facts) > 30
    assert [text for text in texts if ABOUT_SOMEONE_ELSE[language].search(text)] == []
    assert [fact.question[language] for fact in facts if not TO_THEM[language].search(fact.question[language])] == []
