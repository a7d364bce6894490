"""How a fact is put to the learner whom it is about: where staff read "the person", they read "you"."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from crm.rulebook import reading
from crm.rulebook.facts import Choice, Fact, read_facts


def to_learner(fact: Fact) -> Fact:
    """The same fact in the words that are meant for the learner; what has none is said as to everyone."""
    choices = tuple(Choice(each.value, each.text_to_learner or each.text) for each in fact.choices)
    return msgspec.structs.replace(fact, question=fact.question_to_learner or fact.question, hint=fact.hint_to_learner or fact.hint, choices=choices)


def missing(file: Path) -> Iterator[str]:
    """Of the facts in a file that learners are asked, those whose question or hint has no words for them: with file and line.

    Choices are not asked for, since most name things and speak of no one.
    """
    found = reading.read(file)
    for key, fact in read_facts(file).items():
        for part, said in (("question", fact.question_to_learner), ("hint", fact.hint_to_learner)):
            if fact.known_by == "learner" and part in found[key] and not said:
                yield f"{file}:{reading.line_of(found, key)}: the learner is asked '{key}': say its {part} to them too, as {part}_to_learner: {{en: \"… you …\", es: \"… usted …\"}}"
