"""What comes in at the API, checked field by field: every mistake is told at once, beside the name of its field."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from litestar.dto import AbstractDTO
from litestar.typing import FieldDefinition
from msgspec import Struct

from crm.errors import Invalid, UserError
from crm.forms import clean
from crm.translation import _

S = TypeVar("S", bound=Struct)


class Unreadable(UserError):
    status = 400
    code = "unreadable"


def checked(kind: type[S], given: Mapping[str, Any], *, strict: bool = True) -> S:
    """The struct. Raises `Invalid` that names every field that is missing, unknown or wrong."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    problems = {str(name)[:100]: _("There is no such field here.") for name in list(given)[:200] if name not in fields}
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in given:
            if field.required:
                problems[name] = _("This field is needed.")
            continue
        try:
            values[field.name] = found = msgspec.convert(_cleaned(given[name]), field.type, strict=strict)
            if found is None and given[name] is not None:  # the word "null" in a query
                problems[name] = _("'%(value)s' is no value of this field.") % {"value": given[name]}
        except msgspec.ValidationError as problem:
            problems[name] = str(problem).replace("`", "'").replace(" - at '$", " - at '")
    if problems:
        raise Invalid(_("Some fields are not right; each is named under “fields”."), fields=problems)
    return kind(**values)


def _cleaned(value: Any) -> Any:
    return [clean(item) for item in value] if isinstance(value, list) else clean(value)


class Checked(AbstractDTO[Any]):
    """Reads the body of a request as the struct that the handler names, by `checked`."""

    kinds: dict[str, type[Struct]] = {}

    @classmethod
    def create_for_field_definition(cls, field_definition: FieldDefinition, handler_id: str, backend_cls: Any = None) -> None:
        cls.kinds[handler_id] = field_definition.annotation

    @classmethod
    def is_supported_model_type_field(cls, field_definition: FieldDefinition) -> bool:
        return isinstance(field_definition.annotation, type) and issubclass(field_definition.annotation, Struct)

    @classmethod
    def create_openapi_schema(cls, field_definition: FieldDefinition, handler_id: str, schema_creator: Any) -> Any:
        found = schema_creator.for_field_definition(field_definition)
        schema_creator.schema_registry.from_reference(found).schema.additional_properties = False
        return found

    def decode_bytes(self, value: bytes) -> Any:
        try:
            given = msgspec.json.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise Unreadable(_("The body is not JSON: %(problem)s") % {"problem": problem}) from problem
        if not isinstance(given, dict):
            raise Invalid(_("The body must be a JSON object."))
        return checked(self.kinds[str(self.asgi_connection.route_handler.handler_id)], given)

    def decode_builtins(self, value: dict[str, Any]) -> Any:
        raise Unreadable(_("Send JSON, with the header Content-Type: application/json."))
