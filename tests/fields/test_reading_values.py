"""A value is read the same at every door: what fits is kept in one form, what does not is named with what is allowed."""

from datetime import date
from decimal import Decimal

import pytest

from crm.custom_fields import Choice, CustomField
from crm.field_values import Unfit, cell, marks, read, said, typed
from crm.translation import speaking

CHOICES = (Choice("red", "Red line", "Línea roja"), Choice("blue", "Blue line", "Línea azul"), Choice("green", "Green line", "Línea verde", retired=True))


def field(kind, **more):
    return CustomField(subject="employer", key="x_of_theirs", kind=kind, label_en="X", label_es="X", purpose_en="Why", purpose_es="Por",
                       choices=CHOICES if kind in ("choice", "choices") else (), **more)  # fmt: skip


READ = [
    ("text", " Step-free ", "Step-free"), ("long_text", "one\ntwo", "one\ntwo"), ("number", "1,200", 1200), ("number", 12, 12), ("number", "-3", -3),
    ("decimal", "0.50", "0.5"), ("decimal", 2.5, "2.5"), ("decimal", "1200", "1200"), ("money", "$1,200.5", "1200.50"), ("money", "18", "18.00"),
    ("date", "2026-11-30", "2026-11-30"), ("date", "11/3/2026", "2026-11-03"), ("date", "2026-11-30 00:00:00", "2026-11-30"),
    ("yes_no", "Yes", True), ("yes_no", "no", False), ("yes_no", "sí", True), ("yes_no", False, False),
    ("choice", "red", "red"), ("choice", "Blue Line", "blue"), ("choice", "linea azul", "blue"),
    ("choices", ["blue", "red"], ["red", "blue"]), ("choices", "Red line; Línea azul", ["red", "blue"]), ("choices", "red, red", ["red"]),
    ("link", "example.org/bus", "https://example.org/bus"), ("email", "Ana@Example.ORG", "Ana@example.org"), ("phone", "(508) 555-0101", "+15085550101"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "kept"), READ)
def test_what_fits_is_kept_in_one_form(kind, given, kept):
    assert read(field(kind), given) == kept


@pytest.mark.parametrize("kind", ["text", "number", "money", "date", "yes_no", "choice", "choices", "link", "email", "phone"])
@pytest.mark.parametrize("given", [None, "", "  ", "\x00"])
def test_nothing_is_nothing(kind, given):
    assert read(field(kind), given) is None


UNFIT = [
    ("text", "a" * 201, {}, "This has 201 characters; at most 200 are kept."), ("text", "a\nb", {}, "one line"),
    ("long_text", "a" * 10_000, {}, "This has 10,000 characters; at most 5,000 are kept."), ("text", "abcdef", {"longest": 5}, "at most 5"),
    ("text", 3, {}, "“3” is no text"), ("number", "1.5", {}, "“1.5” is no whole number. Allowed: whole numbers."), ("number", "many", {}, "“many” is no number"),
    ("number", "11", {"highest": Decimal(10)}, "“11” is out of bounds. Allowed: 10 and less."),
    ("number", "0", {"lowest": Decimal(1), "highest": Decimal(10)}, "Allowed: 1 to 10."),
    *[(kind, bad, {}, "is no number") for kind in ("number", "decimal", "money") for bad in ("NaN", "Infinity", "-inf", "1E+999999", "1e5", "٣", float("nan"), float("inf"), True, "9" * 60)],
    ("decimal", "1.00001", {}, "more than 4 digits behind the point"), ("money", "1.005", {}, "more than 2 digits"), ("money", "9" * 14, {}, "out of bounds"),
    ("date", "soon", {}, "“soon” is no date. Write it as 2026-11-30"), ("date", "2026-02-30", {}, "no date"), ("date", "13/13/2026", {}, "no date"),
    ("date", "0001-01-01", {}, "out of bounds. Allowed: 1900-01-01 to 2199-12-31."), ("date", "9999-12-31", {}, "out of bounds"), ("date", 5, {}, "no date"),
    ("yes_no", "perhaps", {}, "“perhaps” is neither yes nor no"), ("yes_no", [], {}, None), ("choice", "pink", {}, "“pink” is none of the choices. Allowed: Red line, Blue line."),
    ("choice", "green", {}, "none of the choices"), ("choice", ["red"], {}, "none of the choices"), ("choices", ["red", "pink"], {}, "“pink”"), ("choices", {"a": 1}, {}, "none of the choices"),
    ("choices", 5, {}, "none of the choices"), ("link", "javascript:alert(1)", {}, "no web address"), ("link", "no", {}, "no web address"),
    ("email", "ana@", {}, "no mail address"), ("phone", "12", {}, "no phone number"), ("phone", 5085550101, {}, "no phone number"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "more", "told"), UNFIT)
def test_what_does_not_fit_is_told_with_what_is_allowed(kind, given, more, told):
    if told is None:
        assert read(field(kind, **more), given) is None
        return
    with pytest.raises(Unfit) as problem:
        read(field(kind, **more), given)
    assert told in str(problem.value)


def test_a_retired_choice_stays_where_it_was_chosen():
    assert read(field("choice"), "green", "green") == "green"
    assert read(field("choices"), ["green", "red"], ["green"]) == ["red", "green"]


def test_values_are_said_in_the_language_of_whoever_looks():
    assert [said(field(kind, **more), value) for kind, value, more in (
        ("yes_no", False, {}), ("choices", ["red", "blue"], {}), ("money", "1200.50", {}), ("decimal", "0.5", {"unit": "miles"}), ("phone", "+15085550101", {}),
        ("text", None, {}),
    )] == ["No", "Red line, Blue line", "$1,200.50", "0.5 miles", "(508) 555-0101", ""]  # fmt: skip
    with speaking("es"):
        assert said(field("choice"), "red") == "Línea roja" and said(field("yes_no"), True) == "Sí"


def test_files_get_numbers_and_days_as_such():
    assert [cell(field(kind), value) for kind, value in (("number", 3), ("money", "1.50"), ("date", "2026-11-30"), ("yes_no", True), ("choices", ["red"]), ("text", None))] == [
        3, Decimal("1.50"), date(2026, 11, 30), "Yes", "Red line", None]  # fmt: skip


def test_a_form_shows_what_it_read():
    for kind, given, kept in READ:
        shown = typed(field(kind), kept)
        assert read(field(kind), shown, kept) == kept, (kind, given)


def test_choices_and_yes_and_no_have_marks_by_which_lists_are_narrowed():
    assert marks("f", field("choices"), ["red", "blue"]) == ["f:red", "f:blue"]
    assert marks("f", field("yes_no"), False) == ["f:no"] and marks("f", field("text"), "red") == []
