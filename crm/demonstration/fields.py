"""Fields of an invented state's own, with values of about half the worksites and employers."""

import random
from typing import Any
from uuid import UUID

from crm.access import SYSTEM
from crm.database import execute_many, fetch
from crm.field_values import marks
from crm.fields import actions
from crm.fields.definitions import defined
from crm.fields.forms import NewFieldForm

FIELDS = (
    NewFieldForm(
        subject="employer", kind="yes_no", key="tours_after_school", label_en="Tours after 3 p.m.", label_es="Visitas después de las 3 p. m.",
        purpose_en="So that classes can visit without missing lessons.", purpose_es="Para que los grupos visiten sin perder clases.", portal="edited",
    ),
    NewFieldForm(
        subject="establishment", kind="yes_no", key="transit_half_mile", label_en="Transit within a half mile",
        label_es="Transporte público a menos de media milla", purpose_en="So that students without a car get there.",
        purpose_es="Para que lleguen los estudiantes sin auto.",
    ),
    NewFieldForm(
        subject="establishment", kind="choices", key="languages", label_en="Languages spoken at the site", label_es="Idiomas que se hablan en el centro",
        purpose_en="So that students find someone who speaks theirs.", purpose_es="Para que los estudiantes encuentren a alguien que hable el suyo.",
        choices="english | English | Inglés\nspanish | Spanish | Español\nportuguese | Portuguese | Portugués\nhaitian | Haitian Creole | Criollo haitiano",
    ),
)  # fmt: skip
_ROWS = {"employer": "select id from employer order by id", "establishment": "select id from establishment order by id"}
_KEEP = {
    "employer": "insert into custom_value (field_id, employer_id, value, marks) values ($1, $2, $3, $4)",
    "establishment": "insert into custom_value (field_id, establishment_id, value, marks) values ($1, $2, $3, $4)",
}


async def make_fields() -> None:
    """Chance of its own, so that the rest of the demonstration stays as it is."""
    chance = random.Random(43)
    for form in FIELDS:
        field_id = await actions.add(SYSTEM, form)
        field = defined((await fetch("select * from custom_field where id = $1", field_id))[0])
        rows = [row["id"] for row in await fetch(_ROWS[form.subject])]
        await execute_many(_KEEP[form.subject], [_value(chance, field, row) for row in rows if chance.random() < 0.5])


def _value(chance: random.Random, field: Any, row: UUID) -> tuple[Any, ...]:
    if field.kind == "yes_no":
        value: Any = chance.random() < 0.6
        return field.id, row, "true" if value else "false", marks(field.id, field, value)
    more = [choice.code for choice in field.choices[1:] if chance.random() < 0.3]
    value = ["english", *more]
    return field.id, row, "[" + ", ".join(f'"{code}"' for code in value) + "]", marks(field.id, field, value)
