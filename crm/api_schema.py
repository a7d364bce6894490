"""The API's description (OpenAPI 3.1): what Litestar does not find out by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar.openapi.spec import Components, Operation, Parameter, Schema, SecurityScheme
from msgspec import Struct

DESCRIPTION = """
What the pages show and do, for programs: the same rights, the same rules, the same record.

Send a token with every request: `Authorization: Bearer crm_…`. A person makes one under *My account, API tokens*.
Lists come in pages: `{"items": […], "next": "…"}`; give `next` as `after` to get the page that follows.
What you may not see is absent. A change names the version it is for (`If-Match`), a problem is
`application/problem+json`, and a creation may be sent again with the same `Idempotency-Key`.
""".strip()
COMPONENTS = Components(
    security_schemes={
        "token": SecurityScheme(type="http", scheme="bearer", bearer_format="crm_…",
                                description="A person's own API token."),
    }  # fmt: skip
)
_SPELLING = {"minLength": "min_length", "maxLength": "max_length", "anyOf": "any_of"}


def with_parameters(query: type[Struct] | None, headers: Mapping[str, str]) -> type[Operation]:
    """An operation that also takes the fields of `query`, and these headers."""
    more = [*(_query_parameters(query) if query else []), *(_header(name, text) for name, text in headers.items())]

    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*(self.parameters or []), *more]

    return Described


def _header(name: str, text: str) -> Parameter:
    return Parameter(name=name, param_in="header", description=text, required=name == "If-Match", schema=Schema(type="string"))  # type: ignore[arg-type]


def _query_parameters(kind: type[Struct]) -> list[Parameter]:
    found = []
    for field in msgspec.structs.fields(kind):
        known = msgspec.json.schema(field.type)
        text = known.pop("description", None)
        found.append(Parameter(name=field.encode_name, param_in="query", description=text, required=field.required,
                               schema=_schema(known)))  # fmt: skip
    return found


def _schema(known: dict[str, Any]) -> Schema:
    if "anyOf" in known:
        # a filter that is not given is not sent: null is no value of it
        known = next(each for each in known["anyOf"] if each.get("type") != "null")
    return Schema(**{_SPELLING.get(name, name): value for name, value in known.items()})
