"""What the tests of added fields use."""

import pytest

from crm import sealing
from crm.fields import actions
from crm.fields.forms import NewFieldForm

LINES = "red | Red line | Línea roja\nblue | Blue line | Línea azul\n-green | Green line | Línea verde"


@pytest.fixture(autouse=True)
def key():
    sealing.use_keys("0" * 64)


@pytest.fixture
def make(people):
    """`await make("number", "seats", highest=…)`: a field of employers, made by the state office."""

    async def made(kind, key, **more):
        given = {"subject": "employer", "label_en": key.title(), "label_es": f"{key} (es)", "purpose_en": "So that students get there",
                 "purpose_es": "Para que los estudiantes lleguen"} | more  # fmt: skip
        if kind in ("choice", "choices"):
            given.setdefault("choices", LINES)
        return await actions.add(people.sam, NewFieldForm(kind=kind, key=key, **given))

    return made
