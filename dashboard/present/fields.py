"""What ``kubectl explain`` says of the fields of a kind, as an editor completes and explains them."""

from __future__ import annotations

import gzip
from functools import cache
from typing import Any

import orjson

from controller.apiserver.openapi import TYPES
from controller.engine import schema
from controller.engine.kinds import KINDS

Types = dict[str, Any]
PREFIXES = "[]{}"


@cache
def kinds() -> bytes:
    """Return the kinds that can be written, as JSON: ``[{"kind", "apiVersion", "namespaced"}]``."""
    rows = [
        {"kind": kind.name, "apiVersion": kind.api_version, "namespaced": kind.namespaced}
        for kind in sorted(KINDS.values(), key=lambda one: one.name)
        if "create" in kind.verbs
    ]
    return orjson.dumps(rows)


@cache
def fields(kind: str) -> bytes:
    """Return the types that an object of a kind is made of, as JSON.

    ``{name: {"about": text, "fields": {name: {"type", "about", "enum", "required"}}}}``, a type written as in
    ``controller.engine.schema``; ``enum`` and ``required`` only where they say something. Raises KeyError.
    """
    published = _published()
    waiting, found = [KINDS[kind].name], Types()
    while waiting:
        name = waiting.pop()
        if name in found or not (known := schema.fields_of(name)):
            continue
        about = published.get(name, {})
        told = about.get("properties", {})
        found[name] = {
            "about": about.get("description", ""),
            "fields": {
                field: _field(one, told.get(field, {}).get("description", "")) for field, one in known.items()
            },
        }
        waiting += [one.type.lstrip(PREFIXES) for one in known.values()]
    return orjson.dumps(found)


def _field(field: schema.Field, about: str) -> Types:
    made: Types = {"type": field.type, "about": about}
    if field.enum:
        made["enum"] = field.enum
    if field.required:
        made["required"] = True
    return made


def _published() -> Types:
    schemas = orjson.loads(gzip.decompress(TYPES.read_bytes()))["schemas"]
    return {schema.named(name): one for name, one in schemas.items()}
