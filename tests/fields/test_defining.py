"""The state office sets up fields: each with its purpose, who sees it, and how long it is kept; none that cannot be, and nothing lost."""

import re
from decimal import Decimal

import pytest
from msgspec import structs

from crm.custom_fields import Choice, CustomField, problem_of
from crm.database import fetch, fetch_one, fetch_value, transaction
from crm.errors import Conflict, Denied, Invalid
from crm.fields import actions, definitions
from crm.fields.forms import FieldForm
from crm.fields.own import own
from crm.translation import speaking

FORM = {"subject": "employer", "kind": "number", "key": "open_places", "label_en": "Open places", "label_es": "Plazas", "purpose_en": "So that we plan",
        "purpose_es": "Para planear", "lowest": "0", "highest": "500", "sensitivity": "staff", "portal": "hidden"}  # fmt: skip


def changed(row, **more):
    given = {name: row[name] for name in actions.CHANGES} | {"choices": actions.lines(row["choices"]), "version": row["version"]}
    return FieldForm(**given | more)


async def row(field_id):
    async with transaction(read_only=True):
        return dict(await fetch_one("select * from custom_field where id = $1", field_id))


async def test_the_state_office_adds_one_and_sees_how_it_looks(browse, people):
    sam = browse(people.sam)
    assert "What it holds" in (await sam.get("/fields/new")).text
    assert "Lowest value" in (await sam.get("/fields/new?subject=employer&kind=number")).text
    answer = await sam.submit("/fields/new", **FORM)
    assert answer.status_code == 303
    page = (await sam.get(answer.headers["location"])).text
    assert "How it looks in forms" in page and "Why we ask: So that we plan. Staff alone see it." in page
    listed = (await sam.get("/fields")).text
    assert "Open places" in listed and "A whole number" in listed and "with the record" in listed
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from audit_entry where verb = 'field.added'") == 1


@pytest.mark.parametrize(("more", "told"), [
    ({"key": "Open places"}, "small letters, digits and underscores"), ({"key": "version"}, "reserved"), ({"key": "massachusetts_x"}, "those of the plugin"),
    ({"lowest": "9", "highest": "1"}, "above the highest"), ({"lowest": "NaN"}, ""), ({"highest": "Infinity"}, ""), ({"keep_months": "0"}, "“0” is no number of months"),
    ({"keep_months": "9999"}, "Write 1 to 600"), ({"purpose_es": ""}, ""), ({"kind": "color"}, ""), ({"subject": "learner"}, ""),
    ({"kind": "text", "lowest": "", "highest": "", "longest": "900"}, "Allowed: 1 to 200"), ({"kind": "text"}, "Only numbers and amounts have a lowest and highest value"),
    ({"kind": "choice", "lowest": "", "highest": ""}, "needs 1 to 60 choices"), ({"kind": "choice", "choices": "red, blue"}, "Write: code | English | Spanish"),
    ({"kind": "choice", "lowest": "", "highest": "", "choices": "red|R|R\nred|R|R"}, "“red” is there twice"), ({"portal": "shown"}, "cannot see it in the portal"),
    ({"label_en": "x" * 101}, ""), ({"nonsense": "1"}, "Unknown field"),
])  # fmt: skip
async def test_one_that_cannot_be_is_refused_and_the_form_keeps_what_was_typed(browse, people, more, told):
    answer = await browse(people.sam).submit("/fields/new", **FORM | more)
    assert answer.status_code == 422
    assert told in answer.text and "Para planear" in answer.text or "purpose_es" in more
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from custom_field") == 0


WHOLE = CustomField(subject="employer", key="places", kind="choice", label_en="Places", label_es="Plazas", purpose_en="To plan", purpose_es="Para planear",
                    choices=(Choice("red", "Red", "Rojo"),))  # fmt: skip


@pytest.mark.parametrize(("part", "more"), [
    ("key", {"key": "Open places"}), ("key", {"key": "version"}), ("subject", {"subject": "learner"}), ("kind", {"kind": "color"}), ("sensitivity", {"sensitivity": "all"}),
    ("portal", {"portal": "open"}), ("label_es", {"label_es": " "}), ("purpose_en", {"purpose_en": "x" * 301}), ("lowest", {"lowest": Decimal(1)}),
    ("highest", {"kind": "number", "choices": (), "highest": Decimal("NaN")}), ("lowest", {"kind": "number", "choices": (), "lowest": Decimal(9), "highest": Decimal(1)}),
    ("longest", {"longest": 5}), ("longest", {"kind": "text", "choices": (), "longest": 201}), ("keep_months", {"keep_months": 0}), ("choices", {"choices": ()}),
    ("choices", {"choices": (Choice("red", "R", "R"), Choice("red", "R", "R"))}), ("choices", {"choices": (Choice("Red", "R", "R"),)}),
    ("choices", {"choices": (Choice("red", "", "R"),)}), ("choices", {"kind": "text"}), ("portal", {"portal": "shown", "sensitivity": "staff"}),
    ("portal", {"portal": "shown", "subject": "contact"}),
])  # fmt: skip
def test_what_is_wrong_is_said_of_its_part_in_either_language(part, more):
    assert problem_of(WHOLE) is None
    wrong = structs.replace(WHOLE, **more)
    english = problem_of(wrong)
    assert english.part == part and part in CustomField.__struct_fields__
    with speaking("es"):
        spanish = problem_of(wrong)
    assert spanish.part == part and spanish.told != english.told


async def test_it_stands_beside_its_part_of_the_form_in_the_language_of_whoever_looks(browse, people, superuser):
    await superuser("update account set language = 'es' where name = 'Sam'")
    answer = await browse(people.sam).submit("/fields/new", **FORM | {"lowest": "9", "highest": "1"})
    assert re.search(r'id="lowest-error"[^>]*>El valor más bajo, 9, está por encima del más alto, 1.', answer.text)


async def test_a_key_is_there_once_even_when_its_field_is_put_away(make, people):
    field_id = await make("text", "entrance")
    await actions.put_away(people.sam, field_id)
    with pytest.raises(Invalid, match="There is a field with the key “entrance” already, perhaps put away"):
        await make("number", "entrance")
    await make("number", "entrance", subject="contact")


async def test_a_choice_in_use_is_retired_and_never_taken_away(make, people, employers):
    field_id = await make("choices", "lines")
    async with transaction():
        theirs = await own(people.sam, "employer", employers.erins)
        await theirs.keep(people.sam, employers.erins, {"x_lines": ["red", "blue"]})
    with pytest.raises(Invalid, match="“red” is chosen in 1 record. Put a minus before it"):
        await actions.change(people.sam, field_id, changed(await row(field_id), choices="blue | Blue | Azul"))
    await actions.change(people.sam, field_id, changed(await row(field_id), choices="-red | Red | Roja\nblue | Blue | Azul"))  # green had no one
    async with transaction(read_only=True):
        theirs = await own(people.sam, "employer", employers.erins)
    assert theirs.now == {"x_lines": ["red", "blue"]} and theirs.choices == {"x_lines": [("red", "Red"), ("blue", "Blue")]}


async def test_what_was_open_is_never_sealed_under_its_values_nor_the_other_way_round(make, people, employers):
    field_id = await make("text", "entrance")
    await actions.change(people.sam, field_id, changed(await row(field_id), sensitivity="sealed"))
    await actions.change(people.sam, field_id, changed(await row(field_id), sensitivity="record"))
    async with transaction():
        await (await own(people.sam, "employer", employers.erins)).keep(people.sam, employers.erins, {"x_entrance": "Back"})
    with pytest.raises(Invalid, match="There are values of this field. Put it away and add another"):
        await actions.change(people.sam, field_id, changed(await row(field_id), sensitivity="sealed"))
    await actions.change(people.sam, field_id, changed(await row(field_id), sensitivity="staff"))


async def test_two_who_change_one_field_do_not_undo_each_other(make, people):
    field_id = await make("text", "entrance")
    seen = await row(field_id)
    await actions.change(people.sam, field_id, changed(seen, label_en="Door"))
    with pytest.raises(Conflict):
        await actions.change(people.sam, field_id, changed(seen, label_en="Gate"))


async def test_one_put_away_is_gone_from_forms_and_comes_back_with_its_values(make, people, employers):
    field_id = await make("text", "entrance")
    async with transaction():
        await (await own(people.sam, "employer", employers.erins)).keep(people.sam, employers.erins, {"x_entrance": "Back"})
    await actions.put_away(people.sam, field_id)
    async with transaction(read_only=True):
        assert (await own(people.sam, "employer", employers.erins)).fields == ()
    await actions.put_away(people.sam, field_id, restore=True)
    async with transaction(read_only=True):
        assert (await own(people.sam, "employer", employers.erins)).now == {"x_entrance": "Back"}


async def test_the_state_office_says_in_which_order_they_stand(make, people):
    made = [await make("text", key) for key in ("first", "second", "third")]
    await actions.shift(people.sam, made[2], "up")
    await actions.shift(people.sam, made[0], "up")  # nowhere to go
    async with transaction(read_only=True):
        assert [each.key for each in await definitions.fields(people.sam)] == ["first", "third", "second"]


async def test_no_one_but_the_state_office_sets_fields_up(make, people):
    field_id = await make("text", "entrance")
    for who in (people.bob, people.alice, people.walter, people.teresa):
        with pytest.raises(Denied):
            await actions.put_away(who, field_id)
    async with transaction(read_only=True):
        assert len(await fetch("select from audit_entry where verb like 'field.%' and outcome = 'done'")) == 1
