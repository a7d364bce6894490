"""Every form can become its struct: what a form asks is also what msgspec takes."""

import importlib
import pkgutil

import msgspec
import pytest

import crm

FORMS = [
    kind
    for module in pkgutil.walk_packages(crm.__path__, "crm.")
    if module.name.endswith("forms") and module.name != "crm.forms"
    for kind in vars(importlib.import_module(module.name)).values()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__module__ == module.name
]


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__qualname__)
def test_msgspec_can_read_it(kind):
    msgspec.json.schema(kind, schema_hook=lambda _kind: {})
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"no such field": 1}, kind, strict=False)
