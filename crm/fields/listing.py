"""Added fields of employers in lists: columns to choose, what a list is narrowed to, and what one change sets for many."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crm.access import Actor
from crm.custom_fields import CHOSEN
from crm.field_values import cell, choice_name, said
from crm.fields.definitions import Defined, in_force
from crm.listings import Column
from crm.sql import Sql
from crm.translation import _


def columns(fields: Iterable[Defined]) -> list[Column]:
    """A column of each; of what is sealed there is none."""
    return [_column(field) for field in fields if not field.is_sealed]


def _column(field: Defined) -> Column:
    value = f"(select v.value from custom_value v where v.employer_id = e.id and v.field_id = '{field.id}' and v.aside_at is null) as {field.name}"

    def in_file(row: Mapping[str, Any], words: Any) -> Any:
        return cell(field, row[field.name])

    def on_page(row: Mapping[str, Any], words: Any) -> str:
        return said(field, row[field.name])

    return Column(field.name, field.label, in_file, needs=value, said=on_page)


def narrowing(fields: Iterable[Defined]) -> list[tuple[Defined, list[tuple[str, str]]]]:
    """The fields by which a list can be narrowed with an index, each with what can be asked: `key:code` and its words."""
    return [(field, _answers(field)) for field in fields if not field.is_sealed and field.kind in (*CHOSEN, "yes_no")]


def _answers(field: Defined) -> list[tuple[str, str]]:
    if field.kind == "yes_no":
        return [(f"{field.key}:yes", _("Yes")), (f"{field.key}:no", _("No"))]
    return [(f"{field.key}:{choice.code}", choice_name(choice)) for choice in field.choices]


def asked_in_words(fields: Iterable[Defined], asked: Sequence[str]) -> dict[str, str]:
    """What a list is narrowed to, as its chips say it; what is not there, or not the actor's to see, as it stands in the address."""
    known = {name: f"{field.label}: {words}" for field, answers in narrowing(fields) for name, words in answers}
    return {name: known.get(name, name) for name in asked}


def narrowed(actor: Actor, asked: str) -> Sql:
    """Those that have it. For a field that the actor does not see, no one has: not even that there is such a field can be found out."""
    key, _colon, code = asked.partition(":")
    return Sql(
        "e.id in (select v.employer_id from custom_value v where v.aside_at is null and cardinality(v.marks) > 0 and v.marks @> "
        "(select array[d.id || ':' || {}::text] from custom_field d where d.subject = 'employer' and d.key = {} and {}))",
        code, key, in_force(actor, "d"),
    )  # fmt: skip


def keys(values: Iterable[str]) -> tuple[str, ...]:
    """What was asked, each once, without the questions that were left open."""
    return tuple(dict.fromkeys(value for value in values if value))

