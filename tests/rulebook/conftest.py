"""Rules written on the spot, and the programs of the two plugins that state real law."""

from pathlib import Path

import crm_federal
import crm_massachusetts
import pytest

from crm.rulebook.library import Library

PARAMETER = """\
description: {{en: "{description}", es: "{description}"}}
unit: {unit}
values:
{values}
reference:
  - {{title: The Act §1}}
"""
FACTS = """\
start: {kind: date, question: {en: "When?", es: "¿Cuándo?"}}
age: {kind: number, question: {en: "How old?", es: "¿Qué edad?"}}
kin: {kind: yes_no, question: {en: "Kin?", es: "¿Pariente?"}}
group:
  kind: choice
  question: {en: "Group?", es: "¿Grupo?"}
  choices: [{value: A, text: {en: A, es: A}}, {value: B, text: {en: B, es: B}}]
pay: {kind: money, question: {en: "Pay?", es: "¿Salario?"}}
"""
PROGRAM = """\
id: test
name: {en: Test, es: Prueba}
jurisdiction: US
kind: credit
agency: The Agency
law: The Act
date_key: start
status:
  - {since: 2020-01-01, state: active, says: {en: In force., es: Vigente.}, citation: The Act §1}
conditions:
  - {id: adult, fact: age, at_least: 18, sentence: {en: Is 18., es: Tiene 18.}, citation: The Act §2}
amount:
  - {step: share, is: law.rate * pay, what: {en: A share., es: Una parte.}, citation: The Act §3}
  - {step: credit, is: 'least(share, law.cap)', what: {en: At most the cap., es: Hasta el tope.}, citation: The Act §4}
reference:
  - {title: The Act}
"""


@pytest.fixture(scope="session")
def real():
    """The rules of the federal and the Massachusetts plugin."""
    library = Library()
    for package in (crm_federal, crm_massachusetts):
        library.add(Path(package.__file__).parent)
    return library


@pytest.fixture
def write(tmp_path):
    """`write({path: text})` gives a folder with whole rules, these files in place of the sound ones; None leaves one out."""

    def written(files=None):
        sound = {
            "facts.yaml": FACTS,
            "programs/test.yaml": PROGRAM,
            "parameters/rate.yaml": PARAMETER.format(description="Share", unit="rate", values="  2020-01-01: 0.50"),
            "parameters/cap.yaml": PARAMETER.format(description="Cap", unit="USD", values="  2020-01-01: 1000"),
        }
        for path, text in (sound | (files or {})).items():
            if text is not None:
                (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / path).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return written


@pytest.fixture
def library(write):
    """`library({path: text})` reads the rules that `write` puts down."""

    def read(files=None):
        found = Library()
        found.add(write(files))
        return found

    return read
