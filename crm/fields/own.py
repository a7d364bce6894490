"""The added fields of one employer, worksite or person, with their values, as a form asks and keeps them."""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import msgspec
from msgspec import Meta, Struct

from crm import sealing
from crm.access import Actor
from crm.custom_fields import CHOSEN, WRITTEN
from crm.database import execute, fetch
from crm.errors import Invalid
from crm.field_values import Unfit, choice_name, marks, read, said, typed
from crm.fields.definitions import PREFIX, Defined, defined, in_force
from crm.merging import EditConflict, merge
from crm.sql import Sql
from crm.translation import _

REMOVE = "remove_"  # before the name of a sealed field: take away what is on file, which no form shows
_WITH_VALUES = {
    subject: f"select d.*, v.id as value_id, v.value, v.sealed from custom_field d left join custom_value v on v.field_id = d.id "
    f"and v.{subject}_id = {{}} and v.aside_at is null where d.subject = '{subject}' and {{}} order by d.position, d.key"
    for subject in ("employer", "establishment", "contact")
}  # fmt: skip
_CHANGE = {
    subject: f"update custom_value set value = $3, marks = $4, changed_at = now(), changed_by = $5 where {subject}_id = $1 and field_id = $2 and aside_at is null"
    for subject in _WITH_VALUES
}
_ADD = {
    subject: f"insert into custom_value (id, {subject}_id, field_id, value, marks, changed_by, sealed) values ($6, $1, $2, $3, $4, $5, $7)"
    for subject in _WITH_VALUES
}
_FORGET = {subject: f"delete from custom_value where {subject}_id = $1 and field_id = $2 and aside_at is null" for subject in _WITH_VALUES}
_HOLDS = Sql(" for share of d")


class Own(Struct, frozen=True):
    """The fields that the actor sees, and what is kept of each. Of a sealed one `now` holds a fingerprint, never the value."""

    subject: str
    fields: tuple[Defined, ...]
    now: dict[str, Any]

    def form(self, kind: type[Struct]) -> type[Struct]:
        """The form with the added fields, so that whatever reads forms reads them too."""
        if not self.fields:
            return kind
        added: list[Any] = [part for field in self.fields for part in _asked(field, self.now.get(field.name))]
        return msgspec.defstruct(kind.__name__, added, bases=(kind,), kw_only=True, forbid_unknown_fields=True)

    @property
    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """What can be chosen, and what was chosen already."""
        found = {}
        for field in self.fields:
            if field.kind in CHOSEN:
                kept = self.now.get(field.name) or ()
                offered = [(each.code, choice_name(each)) for each in field.choices if not each.retired or each.code in kept]
                # one that must be chosen is never chosen by standing first
                found[field.name] = [("", "—"), *offered] if field.required and field.kind == "choice" else offered
        return found

    @property
    def initial(self) -> dict[str, Any]:
        """What the form is filled with."""
        return {field.name: typed(field, None if field.is_sealed else self.now.get(field.name)) for field in self.fields}

    @property
    def shown(self) -> dict[str, Any]:
        """What the form shows, for merging two people's changes."""
        return {field.name: self.now.get(field.name) for field in self.fields}

    def given(self, form: Any) -> dict[str, Any]:
        """The values that a form brings, as they are kept; what it does not ask stays out. Raises `Invalid` naming each field."""
        found, problems = {}, {}
        for field in self.fields:
            asked = getattr(form, field.name, msgspec.UNSET)
            if asked is msgspec.UNSET or (field.is_sealed and asked in ("", None) and not getattr(form, REMOVE + field.name, False)):
                continue
            try:
                found[field.name] = read(field, asked, self.now.get(field.name))
            except Unfit as problem:
                problems[field.name] = str(problem)
        if problems:
            labels = {field.name: field.label for field in self.fields}
            raise Invalid(" ".join(f"{labels[name]}: {text}" for name, text in problems.items()), fields=problems)
        return found

    def merged(self, now: Mapping[str, Any], values: Mapping[str, Any], form: Any, **how: Any) -> tuple[dict[str, Any], list[str], dict[str, Any]]:
        """`crm.merging.merge` over a row and its added fields: what I changed of both, what others did and I did not, and what of mine is to `keep`.

        Raises `EditConflict` as that does, in words, and `Invalid`.
        """
        given = self.given(form)
        compared = {name: self._compared(name, value) for name, value in given.items()}
        try:
            mine, kept = merge({**now, **self.shown}, {**values, **compared}, form.base, stale=form.version != now["version"], **how)
        except EditConflict as conflict:
            raise self._worded(conflict) from None
        return mine, kept, {name: value for name, value in given.items() if name in mine}

    def _compared(self, name: str, value: Any) -> Any:
        """Of a sealed field its fingerprint."""
        return fingerprint(value) if value is not None and any(field.name == name and field.is_sealed for field in self.fields) else value

    def _worded(self, conflict: EditConflict) -> EditConflict:
        for field in self.fields:
            for side in (conflict.theirs, conflict.mine):
                if field.name in side:
                    side[field.name] = _("another value, kept encrypted") if field.is_sealed else said(field, side[field.name]) or "—"
        return conflict

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if value is not None}

    def recorded(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values as the record has them: of what is sealed or is to go one day only that it changed."""
        untold = {field.name for field in self.fields if field.is_untold}
        return {name: "•••" if name in untold and value is not None else value for name, value in values.items()}

    def plain(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What is the row's own, without the added fields."""
        names = {field.name for field in self.fields}
        return {name: value for name, value in values.items() if name not in names}

    def sent(self, kind: type[Struct], given: Mapping[str, Any], *, new: bool = False) -> tuple[Any, dict[str, Any]]:
        """The form with the fields that a program sends by their keys, and no others, and its values of them. Raises `Invalid`.

        `new`: of one to come, so that what must be filled in must be there.
        """
        known = {field.key: field for field in self.fields}
        problems = {f"fields.{key}": _("There is no field “%(key)s”. There are: %(known)s.") % {"key": key[:60], "known": ", ".join(known) or "—"}
                    for key in given if key not in known}  # fmt: skip
        empty = [key for key, field in known.items() if field.required and given.get(key) in ("", None, []) and (new or key in given)]
        problems |= {f"fields.{key}": _("Please fill this in.") for key in empty}
        if problems:
            raise Invalid(" ".join(problems.values()), fields=problems)
        values = {known[key].name: value for key, value in given.items()}
        values |= {REMOVE + known[key].name: True for key, value in given.items() if value in ("", None) and known[key].is_sealed}
        return msgspec.defstruct(kind.__name__, [(name, Any) for name in values], bases=(kind,), kw_only=True), values

    async def keep(self, actor: Actor, subject_id: UUID, values: Mapping[str, Any]) -> None:
        """Write values that `given` read. The row that they belong to is held, so that no two write at once."""
        for field in self.fields:
            if field.name in values:
                await _keep(actor, self.subject, subject_id, field, values[field.name])


def fingerprint(value: Any) -> str:
    """By which two sealed values can be told apart, and nothing else."""
    return sealing.keyed_hash(json.dumps(value), "custom_value.sealed").hex()[:16]


def opened(row: Mapping[str, Any]) -> Any:
    """The value of a sealed row."""
    return json.loads(sealing.open_sealed(row["sealed"], "custom_value", "sealed", row["value_id"]))


def _asked(field: Defined, now: Any) -> Iterable[tuple[Any, ...]]:
    """A field as part of a form's struct; beside a sealed one that is on file, the way to take it away."""
    most = field.longest or WRITTEN.get(field.kind, 300)
    # a long text is asked in a field of several lines, however short it must be
    kind: Any = Annotated[str, Meta(title=field.label, description=field.hint, max_length=max(most, 401) if field.kind == "long_text" else most)]
    default: Any = ""
    if field.kind == "yes_no":
        kind = Annotated[Literal["", "yes", "no"], Meta(title=field.label, description=field.hint)]
    if field.kind == "choices":
        kind, default = Annotated[list[str], Meta(title=field.label, description=field.hint)], msgspec.field(default_factory=list)
    on_file = field.is_sealed and now is not None
    yield (field.name, kind) if field.required and not on_file else (field.name, kind, default)
    if on_file and not field.required:
        yield REMOVE + field.name, Annotated[bool, Meta(title=_("Remove “%(label)s”, which is on file") % {"label": field.label})], False


async def own(actor: Actor, subject: str, subject_id: UUID | None = None, *, hold: bool = False) -> Own:
    """What the actor sees of the fields of one, or of one to come. `hold`: no field changes until this is committed."""
    rows = await fetch(Sql(_WITH_VALUES[subject] + "{}", subject_id, in_force(actor, "d"), _HOLDS if hold else Sql("")))
    kept = {}
    for row in rows:
        if row["value_id"] is not None:
            kept[PREFIX + row["key"]] = row["value"] if row["sealed"] is None else fingerprint(opened(row))
    return Own(subject, tuple(defined(row) for row in rows), kept)


async def in_portal(actor: Actor, employer_id: UUID) -> Own:
    """Those that the employer's own people change."""
    found = await own(actor, "employer", employer_id)
    return msgspec.structs.replace(found, fields=tuple(field for field in found.fields if field.portal == "edited"))


async def asked_by(actor: Actor, form: Any, subject: str, subject_id: UUID | None = None) -> Own:
    """The same for an action, where its form brings added fields; otherwise none, and no statement."""
    if any(name.startswith(PREFIX) for name in form.__struct_fields__):
        return await own(actor, subject, subject_id, hold=True)
    return Own(subject, (), {})


async def _keep(actor: Actor, subject: str, subject_id: UUID, field: Defined, value: Any) -> None:
    if value is None or field.is_sealed:
        await execute(_FORGET[subject], subject_id, field.id)
    if value is None:
        return
    value_id = uuid4()
    if field.is_sealed:
        hidden = sealing.seal(json.dumps(value), "custom_value", "sealed", value_id)
        await execute(_ADD[subject], subject_id, field.id, None, [], actor.account_id, value_id, hidden)
        return
    found = (json.dumps(value), marks(field.id, field, value), actor.account_id)
    if not await execute(_CHANGE[subject], subject_id, field.id, *found):
        await execute(_ADD[subject], subject_id, field.id, *found, value_id, None)
