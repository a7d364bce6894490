"""Added fields in lists of employers: columns to choose, and what a list is narrowed to. Those of worksites and people are told of the employer whose they are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crm.access import Actor, Permission, may, visible
from crm.contacts.present import works
from crm.custom_fields import CHOSEN
from crm.field_values import cell, choice_name, said
from crm.fields.definitions import Defined, in_force
from crm.fields.importing import name_of, title_of
from crm.listings import Column
from crm.sql import Sql
from crm.translation import _

MOST_SAID = 5  # different values of worksites or people that a page says; a file says all


def columns(actor: Actor, fields: Iterable[Defined]) -> list[Column]:
    """A column of each; of what is sealed there is none."""
    return [_own(field) if field.subject == "employer" else _rolled_up(actor, field) for field in fields if not field.is_sealed]


def _own(field: Defined) -> Column:
    return value_column(field, "employer", "e.id")


def value_column(field: Defined, subject: str, of_id: str) -> Column:
    """The value of a row of the subject, by an expression for its id."""
    value = f"(select v.value from custom_value v where v.{subject}_id = {of_id} and v.field_id = '{field.id}' and v.aside_at is null) as {field.name}"

    def in_file(row: Mapping[str, Any], words: Any) -> Any:
        return cell(field, row[field.name])

    def on_page(row: Mapping[str, Any], words: Any) -> str:
        return said(field, row[field.name])

    return Column(name_of(field), title_of(field), in_file, needs=value, said=on_page)


def _theirs(actor: Actor, subject: str) -> Sql:
    """The worksites (`o`) of employers, or the people who work there today, with the added values `v` of each."""
    if subject == "establishment":
        return Sql("establishment o join custom_value v on v.establishment_id = o.id where o.archived_at is null and {}", visible(actor, "establishment", "o"))
    return Sql(
        "affiliation o join contact c on c.id = o.contact_id join custom_value v on v.contact_id = c.id where c.archived_at is null and {} and {} and {}",
        works("o"), visible(actor, "affiliation", "o"), visible(actor, "contact", "c"),
    )  # fmt: skip


def _rolled_up(actor: Actor, field: Defined) -> Column:
    """What their worksites or people have, each value once."""
    name = f"{field.subject}_{field.name}"
    value = Sql(f"(select jsonb_agg(v.value order by o.is_primary desc, o.created_at, o.id) from {{}} and o.employer_id = e.id and v.field_id = '{field.id}' "
                f"and v.aside_at is null) as {name}", _theirs(actor, field.subject))  # fmt: skip

    def different(row: Mapping[str, Any]) -> dict[str, Any]:
        return {said(field, value): value for value in row[name] or ()}

    def in_file(row: Mapping[str, Any], words: Any) -> Any:
        found = different(row)
        return cell(field, next(iter(found.values()))) if len(found) == 1 else "; ".join(found)

    def on_page(row: Mapping[str, Any], words: Any) -> str:
        found = list(different(row))
        more = [_("%(count)s more") % {"count": len(found) - MOST_SAID}] if len(found) > MOST_SAID else []
        return "; ".join([*found[:MOST_SAID], *more])

    permission = Permission.SEE_CONTACTS if field.subject == "contact" else Permission.SEE_DIRECTORY
    return Column(name_of(field), title_of(field), in_file, needs=value, said=on_page, permission=permission)


def narrowing(actor: Actor, fields: Iterable[Defined]) -> list[tuple[Defined, str, list[tuple[str, str]]]]:
    """The fields by which a list can be narrowed with an index, each with its title and with what can be asked: `key:code` and its words."""
    return [
        (field, title_of(field), _answers(field)) for field in fields
        if not field.is_sealed and field.kind in (*CHOSEN, "yes_no") and (field.subject != "contact" or may(actor, Permission.SEE_CONTACTS))
    ]  # fmt: skip


def answers(actor: Actor, fields: Iterable[Defined]) -> set[str]:
    """All that a list can be narrowed to, as `key:code`."""
    return {name for _field, _title, found in narrowing(actor, fields) for name, _words in found}


def _answers(field: Defined) -> list[tuple[str, str]]:
    key = field.key if field.subject == "employer" else f"{field.subject}.{field.key}"
    if field.kind == "yes_no":
        return [(f"{key}:yes", _("Yes")), (f"{key}:no", _("No"))]
    return [(f"{key}:{choice.code}", choice_name(choice)) for choice in field.choices]


def asked_in_words(actor: Actor, fields: Iterable[Defined], asked: Sequence[str]) -> dict[str, str]:
    """What a list is narrowed to, as its chips say it; what is not there, or not the actor's to see, as it stands in the address."""
    known = {name: f"{title}: {words}" for _field, title, answers in narrowing(actor, fields) for name, words in answers}
    return {name: known.get(name, name) for name in asked}


def narrowed(actor: Actor, asked: str) -> Sql:
    """Those that have it. For a field that the actor does not see, no one has: not even that there is such a field can be found out."""
    name, _colon, code = asked.partition(":")
    subject, dot, key = name.partition(".")
    if not dot or subject not in ("establishment", "contact"):
        subject, key = "employer", name
    marked = Sql(
        "v.aside_at is null and cardinality(v.marks) > 0 and v.marks @> "
        f"(select array[d.id || ':' || {{}}::text] from custom_field d where d.subject = '{subject}' and d.key = {{}} and {{}})",
        code, key, in_force(actor, "d"),
    )  # fmt: skip
    if subject == "employer":
        return Sql("e.id in (select v.employer_id from custom_value v where {})", marked)
    return Sql("e.id in (select o.employer_id from {} and {})", _theirs(actor, subject), marked)


def keys(values: Iterable[str]) -> tuple[str, ...]:
    """What was asked, each once, without the questions that were left open."""
    return tuple(dict.fromkeys(value for value in values if value))
