"""The published types, as clients read them for ``explain`` and to learn what the server can check.

The types come with their descriptions from openapi.json.gz (written by tools/schema.py), the paths
from the table of kinds. A document is made when it is first asked for and kept as bytes. This is OpenAPI
3; ``swagger`` makes the document of version 2 from it.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from controller.apiserver.call import Asked, json_response
from controller.engine.errors import PageNotFound
from controller.engine.kinds import GROUPS, ROUTES, Kind

TYPES = Path(__file__).with_name("openapi.json.gz")
METHODS = {"get": "get", "update": "put", "patch": "patch", "delete": "delete"}
COLLECTION = {"list": "get", "create": "post", "deletecollection": "delete"}
ASKED: dict[str, tuple[str, ...]] = {
    "list": ("labelSelector", "fieldSelector", "limit", "continue", "resourceVersion", "watch"),
    "create": ("dryRun", "fieldManager", "fieldValidation"),
    "update": ("dryRun", "fieldManager", "fieldValidation"),
    "patch": ("dryRun", "fieldManager", "fieldValidation", "force"),
    "delete": ("dryRun", "gracePeriodSeconds", "propagationPolicy"),
    "deletecollection": ("dryRun", "labelSelector", "fieldSelector"),
}
"""What each verb takes in its query."""
VERBS = {"get": "read", "update": "replace", "deletecollection": "deleteCollection"}
"""What operations call a verb, where it is another word."""


def page(asked: Asked) -> HttpResponseBase:
    """Answer a path below ``/openapi``. Raises PageNotFound."""
    match asked.path[1:]:
        case ("v3",):
            return _index(asked)
        case ("v3", "api", version):
            return _document(asked, "", version)
        case ("v3", "apis", group, version):
            return _document(asked, group, version)
    raise PageNotFound


def _index(asked: Asked) -> HttpResponse:
    base = asked.request.path.rstrip("/")
    paths = {}
    for group, version in GROUPS:
        place = f"apis/{group}/{version}" if group else f"api/{version}"
        mark = hashlib.sha256(document(group, version)).hexdigest()[:32]
        paths[place] = {"serverRelativeURL": f"{base}/{place}?hash={mark}"}
    return json_response(asked, {"paths": paths})


def _document(asked: Asked, group: str, version: str) -> HttpResponse:
    if (group, version) not in GROUPS:
        raise PageNotFound
    return json_response(asked, document(group, version))


@cache
def document(group: str, version: str) -> bytes:
    """Return the OpenAPI document of a version of a group, as JSON."""
    return orjson.dumps(described([(group, version)]))


def described(groups: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the OpenAPI document of some versions of groups."""
    published = orjson.loads(gzip.decompress(TYPES.read_bytes()))
    schemas, names = published["schemas"], set[str]()
    paths: dict[str, Any] = {}
    for (group, version, _plural), kind in ROUTES.items():
        if (group, version) in groups:
            name = _name_of(schemas, group, version, kind)
            names.add(name)
            paths |= dict(_paths(kind, group, version, name))
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": f"v{published['version']}"},
        "paths": paths,
        "components": {"schemas": _reachable(schemas, names)},
    }


def _name_of(schemas: dict[str, Any], group: str, version: str, kind: Kind) -> str:
    wanted = {"group": group, "version": version, "kind": kind.name}
    return next(
        name
        for name, schema in schemas.items()
        if wanted in schema.get("x-kubernetes-group-version-kind", ())
    )


def _reachable(schemas: dict[str, Any], names: set[str]) -> dict[str, Any]:
    waiting, found = list(names), {}
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = schemas[name]
            text = orjson.dumps(schemas[name]).decode()
            waiting += re.findall(r'"#/components/schemas/([^"]+)"', text)
    return dict(sorted(found.items()))


def _paths(kind: Kind, group: str, version: str, name: str) -> list[tuple[str, dict[str, Any]]]:
    base = f"/apis/{group}/{version}" if group else f"/api/{version}"
    place = f"{base}/namespaces/{{namespace}}/{kind.plural}" if kind.namespaced else f"{base}/{kind.plural}"
    about = {"group": group, "version": version, "kind": kind.name}
    made = [
        (place, _item(kind, COLLECTION, about, name, ["namespace"] if kind.namespaced else [])),
        (
            f"{place}/{{name}}",
            _item(kind, METHODS, about, name, ["namespace", "name"][not kind.namespaced :]),
        ),
    ]
    if kind.namespaced:
        made.append((f"{base}/{kind.plural}", _item(kind, {"list": "get"}, about, name, [])))
    return made


def _item(
    kind: Kind, methods: dict[str, str], about: dict[str, str], name: str, places: list[str]
) -> dict[str, Any]:
    where = [{"name": each, "in": "path", "required": True, "schema": {"type": "string"}} for each in places]
    item: dict[str, Any] = {"parameters": where} if where else {}
    for verb, method in methods.items():
        if verb in kind.verbs:
            everywhere = kind.namespaced and not places
            item[method] = _operation(verb, about, name, everywhere=everywhere)
    return item


def _operation_id(verb: str, about: dict[str, str], *, everywhere: bool) -> str:
    """Return a name that no other operation has, much as Kubernetes writes them: readAppsV1DaemonSet."""
    group = (about["group"] or "core").partition(".")[0].capitalize()
    name = f"{VERBS.get(verb, verb)}{group}{about['version'].capitalize()}{about['kind']}"
    return f"{name}ForAllNamespaces" if everywhere else name


def _operation(verb: str, about: dict[str, str], name: str, *, everywhere: bool) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{name}"}
    asked = [{"name": each, "in": "query", "schema": {"type": "string"}} for each in ASKED.get(verb, ())]
    made: dict[str, Any] = {
        "operationId": _operation_id(verb, about, everywhere=everywhere),
        "x-kubernetes-action": {"create": "post", "update": "put"}.get(verb, verb),
        "x-kubernetes-group-version-kind": about,
        "parameters": asked,
        "responses": {"200": {"description": "OK"}, "default": {"description": "a Status"}},
    }
    if verb in {"create", "update"}:
        made["requestBody"] = {"content": {"application/json": {"schema": reference}}, "required": True}
    if verb == "patch":
        kinds = ("json-patch+json", "merge-patch+json", "strategic-merge-patch+json", "apply-patch+yaml")
        made["requestBody"] = {"content": {f"application/{each}": {"schema": {}} for each in kinds}}
    return made
