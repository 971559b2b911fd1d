"""The document of OpenAPI 2: one for all groups, made from those of OpenAPI 3.

Clients ask for it in protobuf, in the message that the gnostic library made of it: what client-go calls
OpenAPISchema, and kubectl reads before version 1.27. All others get JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import orjson
from django.http import HttpResponse

from controller.apiserver import negotiation, openapi
from controller.apiserver.call import Asked, json_response
from controller.apiserver.wire import message
from controller.engine.kinds import GROUPS

PROTOBUF = "com.github.proto-openapi.spec.v2"
"""What the name of the media type has in it; some write @v1.0 after it, which is no media type."""
PROTOBUF_TYPE = f"application/{PROTOBUF}.v1.0+protobuf"
COMPONENTS, DEFINITIONS = "#/components/schemas/", "#/definitions/"
EXTENSION = "x-"

Json = dict[str, Any]


def page(asked: Asked) -> HttpResponse:
    """Answer ``/openapi/v2`` in the form that the client takes."""
    if PROTOBUF not in asked.accept:
        return json_response(asked, document())
    response = HttpResponse(content_type=PROTOBUF_TYPE)
    response.content = negotiation.packed(asked.request, encoded(), response)
    return response


@cache
def document() -> bytes:
    """Return the document as JSON."""
    return orjson.dumps(_swagger())


@cache
def encoded() -> bytes:
    """Return the document as a message of gnostic's openapi.v2.Document."""
    made = _swagger()
    sent = message("openapi.v2.Document")(
        swagger=made["swagger"],
        info=made["info"],
        paths={"path": _named(made["paths"], _path)},
        definitions={"additional_properties": _named(made["definitions"], _schema)},
    )
    return sent.SerializeToString(deterministic=True)


def _swagger() -> Json:
    """Return the document as a map."""
    made = openapi.described(GROUPS)
    return {
        "swagger": "2.0",
        "info": made["info"],
        "paths": {path: _item(item) for path, item in made["paths"].items()},
        "definitions": {name: _older(schema) for name, schema in made["components"]["schemas"].items()},
    }


def _older(schema: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a schema as OpenAPI 2 writes it: references beside what is said of them, one type each."""
    if isinstance(schema, list):
        return [_older(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _older(value) for key, value in schema.items() if key not in {"allOf", "oneOf"}}
    if "oneOf" in schema:
        made["type"] = "string"  # quantities, and numbers that may be a percentage
    for inner in schema.get("allOf", ()):
        made |= _older(inner)
    if "$ref" in made:
        made["$ref"] = str(made["$ref"]).replace(COMPONENTS, DEFINITIONS)
    return made


def _item(item: Json) -> Json:
    return {
        key: [_parameter(each) for each in value] if key == "parameters" else _operation(value)
        for key, value in item.items()
    }


def _operation(operation: Json) -> Json:
    made = {key: value for key, value in operation.items() if key != "requestBody"}
    made["parameters"] = [_parameter(each) for each in operation["parameters"]]
    if body := operation.get("requestBody"):
        content = body["content"]
        schema = _older(next(iter(content.values()))["schema"]) or {"type": "object"}  # a patch
        made["parameters"].append({"name": "body", "in": "body", "required": True, "schema": schema})
        made["consumes"] = list(content)
    return made


def _parameter(parameter: Json) -> Json:
    said = {key: value for key, value in parameter.items() if key != "schema"}
    return {**said, **parameter["schema"]}


def _named(content: Mapping[str, Any], shape: Callable[[Any], Json]) -> list[Json]:
    return [{"name": name, "value": shape(value)} for name, value in content.items()]


def _any(value: object) -> Json:
    """Return any JSON as gnostic keeps it: as YAML, which JSON is."""
    return {"yaml": orjson.dumps(value).decode()}


def _extensions(content: Json) -> list[Json]:
    return _named({name: value for name, value in content.items() if name.startswith(EXTENSION)}, _any)


SCHEMA: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "$ref": ("_ref", str),
    "format": ("format", str),
    "description": ("description", str),
    "required": ("required", list),
    "type": ("type", lambda kind: {"value": [kind]}),
    "enum": ("enum", lambda values: [_any(each) for each in values]),
    "items": ("items", lambda inner: {"schema": [_schema(inner)]}),
    "additionalProperties": ("additional_properties", lambda inner: {"schema": _schema(inner)}),
    "properties": ("properties", lambda inner: {"additional_properties": _named(inner, _schema)}),
}
"""What a schema may say: the field of the message that it becomes, and how."""


def _schema(schema: Json) -> Json:
    made: Json = {name: shape(schema[key]) for key, (name, shape) in SCHEMA.items() if key in schema}
    return {**made, "vendor_extension": _extensions(schema)}


def _path(item: Json) -> Json:
    made: Json = {
        method: {
            "operation_id": operation["operationId"],
            "consumes": operation.get("consumes", []),
            "parameters": [_sent(each) for each in operation["parameters"]],
            "responses": {"response_code": _named(operation["responses"], _answer)},
            "vendor_extension": _extensions(operation),
        }
        for method, operation in item.items()
        if method != "parameters"
    }
    return {**made, "parameters": [_sent(each) for each in item.get("parameters", ())]}


def _sent(parameter: Json) -> Json:
    if parameter["in"] == "body":
        return {"parameter": {"body_parameter": {**parameter, "schema": _schema(parameter["schema"])}}}
    place = f"{parameter['in']}_parameter_sub_schema"
    return {"parameter": {"non_body_parameter": {place: parameter}}}


def _answer(answer: Json) -> Json:
    return {"response": answer}
