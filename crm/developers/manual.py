"""The API's manual out of its own description, so that it cannot say anything else."""

import json
from typing import Any

from msgspec import Struct

Schema = dict[str, Any]
METHODS = ("get", "post", "patch")
# what an example shows where a format says more than a type
_SAMPLES = {"uuid": "0f8fad5b-d9cb-469f-a165-70867728950e", "date": "2026-12-01", "date-time": "2026-12-01T15:04:05Z"}
_NAMED = {"name": "Harbor Bakery", "given_name": "Ana", "family_name": "Silva", "city": "Worcester", "state": "MA",
          "email": "ana@harbor.example.org", "summary": "Asked about spring", "line1": "12 Elm Street"}  # fmt: skip


class Field(Struct, frozen=True):
    """A parameter, or a field of a body."""

    name: str
    where: str
    kind: str
    needed: bool
    text: str


class Operation(Struct, frozen=True):
    """One address with one method."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    parameters: list[Field]
    body: list[Field]
    body_text: str
    answers: list[tuple[str, str]]
    answer: list[Field]
    answer_text: str
    example: str


def operations(description: Schema, url: str) -> dict[str, list[Operation]]:
    """The operations by their tag, each with an example for the server at `url`."""
    found: dict[str, list[Operation]] = {}
    for path, item in description["paths"].items():
        for method in METHODS:
            if method in item:
                found.setdefault(item[method]["tags"][0], []).append(_operation(description, url, path, method, item[method]))
    return found


def _operation(description: Schema, url: str, path: str, method: str, item: Schema) -> Operation:
    sent = _content(description, item.get("requestBody", {}))
    given = next((_content(description, answer) for code, answer in item["responses"].items() if code.startswith("2")), {})
    parameters = [
        Field(each["name"], each["in"], kind_of(description, each.get("schema", {})), bool(each.get("required")),
              each.get("description", ""))
        for each in item.get("parameters", [])
    ]  # fmt: skip
    return Operation(
        id=item["operationId"], method=method.upper(), path=path, summary=item["summary"], text=item.get("description", ""),
        parameters=parameters, body=_fields(description, sent), body_text=sent.get("description", ""),
        answers=[(code, answer.get("description", "")) for code, answer in sorted(item["responses"].items())],
        answer=_fields(description, given), answer_text=given.get("description", ""),
        example=_example(description, url, path, method, sent, parameters),
    )  # fmt: skip


def _content(description: Schema, holder: Schema) -> Schema:
    content = holder.get("content", {})
    return _resolved(description, content["application/json"].get("schema", {})) if "application/json" in content else {}


def _resolved(description: Schema, schema: Schema) -> Schema:
    if "$ref" in schema:
        found: Schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _fields(description: Schema, schema: Schema) -> list[Field]:
    """The fields of a body. Those of a list are the fields of what it lists."""
    properties = schema.get("properties", {})
    if set(properties) == {"items", "next"}:
        return _fields(description, _resolved(description, properties["items"].get("items", {})))
    needed = set(schema.get("required", []))
    return [
        Field(name, "", kind_of(description, each), name in needed, _resolved(description, each).get("description", ""))
        for name, each in properties.items()
    ]


def kind_of(description: Schema, schema: Schema) -> str:
    """A type in a few words: "text, at most 200 characters"."""
    schema = _resolved(description, schema)
    parts = schema.get("oneOf") or schema.get("anyOf")
    if parts:
        return " or ".join(dict.fromkeys(kind_of(description, part) for part in parts))
    if "enum" in schema:
        return "one of " + ", ".join(json.dumps(value) for value in schema["enum"])
    types = schema.get("type", "object")
    return " or ".join(_kind(description, schema, str(each)) for each in (types if isinstance(types, list) else [types]))


def _kind(description: Schema, schema: Schema, kind: str) -> str:
    if kind == "array":
        return "list of " + kind_of(description, schema.get("items", {}))
    said = {"string": schema.get("format", "text"), "integer": "whole number", "boolean": "true or false"}.get(kind, kind)
    limits = [
        text.format(schema[name])
        for name, text in (("minLength", "at least {} characters"), ("maxLength", "at most {} characters"),
                           ("minimum", "from {}"), ("maximum", "to {}"))
        if name in schema and kind in {"string", "integer"} and schema[name]
    ]  # fmt: skip
    return ", ".join([str(said), *limits])


def _example(description: Schema, url: str, path: str, method: str, sent: Schema, parameters: list[Field]) -> str:
    lines = [f"curl {url}{path.replace('{', '$').replace('}', '')}"]
    if method != "get":
        lines.append(f"--request {method.upper()}")
    lines.append('--header "Authorization: Bearer $CRM_TOKEN"')
    headers = {field.name for field in parameters if field.where == "header"}
    if "If-Match" in headers:
        lines.append("--header 'If-Match: \"1\"'")
    if "Idempotency-Key" in headers:
        lines.append('--header "Idempotency-Key: $(uuidgen)"')
    if sent:
        lines.append(f"--json '{json.dumps(_sample(description, sent))}'")
    return " \\\n  ".join(lines)


def _sample(description: Schema, schema: Schema) -> dict[str, Any]:
    """What is needed; where nothing is, the first field."""
    properties: dict[str, Schema] = schema.get("properties", {})
    names = list(schema.get("required", [])) or list(properties)[:1]
    return {name: _value(name, _resolved(description, properties[name])) for name in names}


def _value(name: str, schema: Schema) -> Any:
    if "enum" in schema:
        return next((value for value in schema["enum"] if value), "")
    parts = schema.get("oneOf") or schema.get("anyOf")
    if parts:
        return _value(name, parts[0])
    return _SAMPLES.get(schema.get("format", ""), _NAMED.get(name, "…"))
