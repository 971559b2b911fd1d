"""What a cluster serves, read from the table of kinds.

Clients ask for a compact form too ("aggregated discovery") and all fall back to these documents.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from controller.apiserver import openapi, swagger
from controller.apiserver.call import Asked, Page, json_response
from controller.apiserver.unstored import UNSTORED, Unstored
from controller.engine.cluster.nodes import VERSION
from controller.engine.errors import MethodNotAllowed, PageNotFound
from controller.engine.kinds import GROUPS, ROUTES, Kind, Subresource

SERVED = tuple(dict.fromkeys((*GROUPS, *((group, version) for group, version, _plural in UNSTORED))))
"""All groups and versions; of two versions of a group, the preferred one comes first."""


def page(asked: Asked) -> HttpResponseBase:
    """Answer a path that names no objects. Raises PageNotFound, MethodNotAllowed."""
    answer = PAGES.get(asked.path[0] if asked.path else "")
    if answer is None:
        raise PageNotFound
    if asked.request.method not in ("GET", "HEAD"):
        raise MethodNotAllowed
    return answer(asked)


def _version(asked: Asked) -> HttpResponse:
    major, minor, _patch = VERSION.removeprefix("v").split(".")
    facts = {
        "major": major,
        "minor": minor,
        "gitVersion": VERSION,
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "",
        "goVersion": "",
        "compiler": "",
        "platform": "everynode/simulated",
    }
    return json_response(asked, facts)


def _core(asked: Asked) -> HttpResponse:
    if asked.path == ("api",):
        versions = {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        return json_response(asked, versions)
    return _resources(asked, "", asked.path[1])


def _groups(asked: Asked) -> HttpResponse:
    groups = {group: _group(group) for group, _version in SERVED if group}
    match asked.path[1:]:
        case ():
            listed = {"kind": "APIGroupList", "apiVersion": "v1", "groups": list(groups.values())}
            return json_response(asked, listed)
        case (name,) if name in groups:
            return json_response(asked, {"kind": "APIGroup", "apiVersion": "v1", **groups[name]})
        case (name, version):
            return _resources(asked, name, version)
    raise PageNotFound


def _group(name: str) -> dict[str, Any]:
    versions = [version for group, version in SERVED if group == name]
    shown = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": shown, "preferredVersion": shown[0]}


def _resources(asked: Asked, group: str, version: str) -> HttpResponse:
    if (group, version) not in SERVED:
        raise PageNotFound
    listed = {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group}/{version}" if group else version,
        "resources": resources(group, version),
    }
    return json_response(asked, listed)


def resources(group: str, version: str) -> list[dict[str, Any]]:
    """Return what a version of a group serves, as clients read it."""
    listed = []
    for (of, at, _plural), kind in ROUTES.items():
        if (of, at) == (group, version):
            listed.append(_resource(kind))
            listed += [_part(kind, one) for one in kind.subresources]
    listed += [_resource(one) for place, one in UNSTORED.items() if place[:2] == (group, version)]
    return sorted(listed, key=lambda one: str(one["name"]))


def _resource(kind: Kind | Unstored) -> dict[str, Any]:
    return {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.name,
        "verbs": list(kind.verbs),
        **({"shortNames": list(kind.short)} if kind.short else {}),
        **({"categories": list(kind.categories)} if kind.categories else {}),
    }


def _part(kind: Kind, part: Subresource) -> dict[str, Any]:
    return {
        "name": f"{kind.plural}/{part.name}",
        "singularName": "",
        "namespaced": kind.namespaced,
        **({"group": part.group} if part.group else {}),
        **({"version": part.version} if part.version else {}),
        "kind": part.kind or kind.name,
        "verbs": list(part.verbs),
    }


def _openapi(asked: Asked) -> HttpResponseBase:
    return swagger.page(asked) if asked.path[1:] == ("v2",) else openapi.page(asked)


def _well(asked: Asked) -> HttpResponse:
    if "verbose" not in asked.query:
        return HttpResponse("ok", content_type="text/plain")
    return HttpResponse(f"[+]ping ok\n{asked.path[0]} check passed\n", content_type="text/plain")


PAGES: dict[str, Page] = {
    "version": _version,
    "api": _core,
    "apis": _groups,
    "openapi": _openapi,
    "healthz": _well,
    "livez": _well,
    "readyz": _well,
}
"""What answers a path by its first segment, where it names no objects."""
