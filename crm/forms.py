"""Forms: the msgspec struct is the only declaration; WTForms reads, checks and keeps what was typed.

`form = await form_for(ActivityForm, request)`; `form.validate()` finds every error at once; `form.struct()` is the
value. A field's label is its `Meta(title=…)`, its hint `Meta(description=…)`; both are translated when shown.
"""

import types
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

import msgspec
import wtforms
from msgspec import Meta
from multidict import MultiDict, MultiMapping
from wtforms import validators
from wtforms.fields.core import Field

from crm.errors import Invalid
from crm.translation import _, language, words

if TYPE_CHECKING:
    from litestar import Request  # only pages need it loaded

LONGEST_TEXT = 20_000
MOST_FIELDS = 1_000
TOKEN_FIELD = "_token"  # noqa: S105


def clean(text: Any) -> Any:
    """One cleaner for every text: NFC, no control characters but line breaks and tabs, no blanks around it."""
    if not isinstance(text, str):
        return text
    kept = "".join(c for c in unicodedata.normalize("NFC", text) if c in "\n\t" or unicodedata.category(c) != "Cc")
    return kept.strip()


class BoundForm:
    """A form with what was typed, its errors, and the struct it becomes."""

    def __init__(self, kind: type[msgspec.Struct], form: wtforms.Form, unknown: list[str]) -> None:
        self.kind = kind
        self.form = form
        self.problems: list[str] = [_("Unknown field: %(name)s") % {"name": name} for name in unknown]

    def __getitem__(self, name: str) -> Field:
        found: Field = self.form[name]
        return found

    def __iter__(self) -> Any:
        return iter(self.form)

    @property
    def errors(self) -> dict[str, list[str]]:
        return {name: list(messages) for name, messages in self.form.errors.items() if name}

    def validate(self) -> bool:
        return self.form.validate() and not self.problems

    def struct(self) -> Any:
        """The value. Call after `validate()`; what a field alone cannot see lands in `problems`."""
        given = {name: value for name, value in self.form.data.items() if not _is_absent(value)}
        return msgspec.convert(given, self.kind, strict=False)

    def saved(self, kept: list[str], plainly: str) -> str:
        """What is said after saving: also what another changed meanwhile, in the words of the form."""
        if not kept:
            return plainly
        fields = ", ".join(str(self[name].label.text) for name in kept if name in self.form)
        return _("Saved. Someone else changed %(fields)s meanwhile; that was kept too.") % {"fields": fields}

    def refuse(self, problem: Invalid) -> None:
        """Show what the action found wrong beside its field, or at the top."""
        for name, message in problem.fields.items():
            if name in self.form:
                self.form[name].errors = [*self.form[name].errors, message]
        if not any(name in self.form for name in problem.fields):
            self.problems.append(str(problem))


def _is_absent(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value == "")


def form_for(
    kind: type[msgspec.Struct], data: MultiMapping[Any] | None = None, *, initial: Any = None,
    choices: Mapping[str, Iterable[tuple[str, str]]] | None = None, prefix: str = "",
) -> BoundForm:  # fmt: skip
    """A form of the struct: empty, filled from `initial` (a struct or mapping), or with what was typed."""
    given = {name: tuple(pairs) for name, pairs in (choices or {}).items()}
    made = _class_of(kind, words(), tuple(given.items()))
    start = msgspec.structs.asdict(initial) if isinstance(initial, msgspec.Struct) else dict(initial or {})
    languages = [language(), "en"]
    form = made(_Typed(data) if data is not None else None, prefix=prefix, data=start, meta={"locales": languages})
    unknown = [name for name in (data or {}) if name not in form and name != TOKEN_FIELD]
    return BoundForm(kind, form, unknown[:5])


@lru_cache(maxsize=512)
def _class_of(kind: type[msgspec.Struct], _words: object, choices: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> type[wtforms.Form]:
    """The form's class; its labels are written in the words that it is made in."""
    given = dict(choices)
    return type(f"{kind.__name__}Form", (wtforms.Form,), {field.name: _field(field, given.get(field.name)) for field in msgspec.structs.fields(kind)})


async def read_form(
    kind: type[msgspec.Struct], request: "Request[Any, Any, Any]", *, beside: Collection[str] = (), **options: Any
) -> BoundForm:
    """The form with what the request brings; fields named in `beside`, such as files, are read apart.

    Raises `Invalid` for more fields than any form of ours has.
    """
    data = await request.form()
    if sum(1 for _item in data.multi_items()) > MOST_FIELDS:
        raise Invalid(_("This form has too many fields. Load the page again."))
    return form_for(kind, MultiDict((name, value) for name, value in data.multi_items() if name not in beside), **options)


class _Typed:
    """What WTForms wants of form data."""

    def __init__(self, data: MultiMapping[Any]) -> None:
        self._data: dict[str, list[Any]] = {}
        for name, value in data.items():
            self._data.setdefault(name, []).append(clean(value))

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def __iter__(self) -> Any:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def getlist(self, name: str) -> list[Any]:
        return self._data.get(name, [])


def _field(field: msgspec.structs.FieldInfo, choices: Iterable[tuple[str, str]] | None) -> Any:
    kind, meta = _unwrapped(field.type)
    optional = field.default is not msgspec.NODEFAULT or field.default_factory is not msgspec.NODEFAULT
    common: dict[str, Any] = {"label": _(meta.title or field.name.replace("_", " ").capitalize()),
                              "description": _(meta.description or "")}  # fmt: skip
    checks: list[Any] = [validators.Optional(strip_whitespace=True) if optional else validators.InputRequired(_("Please fill this in."))]
    checks += _checks(meta)
    if field.default is not msgspec.NODEFAULT and field.default is not None:
        common["default"] = field.default
    if choices is not None:
        if get_origin(kind) is list:
            return wtforms.SelectMultipleField(choices=list(choices), validators=checks, **common)
        rows = [("", "—"), *choices] if optional and kind is not list else list(choices)
        return wtforms.SelectField(choices=rows, validators=checks, validate_choice=True, **common)
    return _typed_field(kind, meta, checks, common, optional)


def _typed_field(kind: Any, meta: Meta, checks: list[Any], common: dict[str, Any], optional: bool) -> Any:
    if get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, Enum)):
        values = get_args(kind) if get_origin(kind) is Literal else [item.value for item in kind]
        rows = [(value, choice_label(value)) for value in values]
        return wtforms.SelectField(choices=rows, validators=checks, **common)
    if kind is bool:
        return wtforms.BooleanField(false_values=(False, "false", "", "0"), **common)
    makers: dict[Any, Callable[..., Any]] = {int: wtforms.IntegerField, Decimal: wtforms.DecimalField, date: wtforms.DateField}
    if kind in makers:
        return makers[kind](validators=checks, **common)
    if kind is UUID:
        return wtforms.StringField(validators=[*checks, validators.UUID(_("Choose one from the list."))], **common)
    long = (meta.max_length or 0) > 400
    checks.append(validators.Length(max=meta.max_length or LONGEST_TEXT))
    return (wtforms.TextAreaField if long else wtforms.StringField)(validators=checks, **common)


def _unwrapped(kind: Any) -> tuple[Any, Meta]:
    """The bare type and its Meta, without Annotated and `| None`."""
    meta = Meta()
    if get_origin(kind) is Annotated:
        kind, *marks = get_args(kind)
        meta = next((m for m in marks if isinstance(m, Meta)), meta)
    if get_origin(kind) in (Union, types.UnionType):
        kind = next(part for part in get_args(kind) if part is not type(None))
        kind, inner = _unwrapped(kind)
        meta = meta if meta.title else inner
    return kind, meta


def _checks(meta: Meta) -> list[Any]:
    checks: list[Any] = []
    if meta.min_length:
        message = _("Please fill this in.") if meta.min_length == 1 else _("At least %(count)s characters.") % {"count": meta.min_length}
        checks.append(validators.Length(min=meta.min_length, message=message))
    if meta.ge is not None or meta.le is not None:
        checks.append(validators.NumberRange(min=meta.ge, max=meta.le))
    if meta.pattern:
        checks.append(validators.Regexp(meta.pattern, message=_("This does not look right.")))
    return checks


def choice_label(value: str) -> str:
    """A choice as people read it; features add theirs to the catalogue under the value."""
    from crm.labels import LABELS

    return _(LABELS.get(value, value.replace("_", " ").capitalize())) if value else "—"
