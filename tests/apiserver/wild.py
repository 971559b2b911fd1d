"""Strategies that make wild requests: what no client would send, and what is nearly right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from controller.engine.kinds import KINDS, Kind
from tests.apiserver.whole import WHOLE

WORDS = [
    *(kind.plural for kind in KINDS.values()),
    "deployments",
    "namespaces",
    "default",
    "node-1",
    "nginx-ds",
]
PARTS = ["status", "log", "exec", "eviction", "binding", "scale", "%00", "..", "a b", "Ä", "x" * 300]
segment = st.sampled_from([*WORDS, *PARTS]) | st.text(max_size=8)
place = st.sampled_from(
    [
        "api/v1",
        "apis/apps/v1",
        "apis/events.k8s.io/v1",
        "apis/coordination.k8s.io/v1",
        "apis",
        "api",
        "openapi/v3",
    ]
)
path = st.builds(lambda at, rest: "/".join([at, *rest]), place, st.lists(segment, max_size=6))
sound = st.builds(
    lambda kind, spaced, name, part: "/".join(
        [
            f"apis/{kind.group}/v1" if kind.group else "api/v1",
            *(["namespaces", "default"] if spaced else []),
            kind.plural,
            *name,
            *part,
        ]
    ),
    st.sampled_from(list(KINDS.values())),
    st.booleans(),
    st.sampled_from([[], ["nginx-ds"], ["node-1"], ["default"]]),
    st.sampled_from([[], [], [], ["status"], ["log"], ["eviction"], ["binding"]]),
)
values = st.sampled_from(
    ["", "0", "1", "true", "-1", "All", "Strict", "abc", "a=b", "a in (b)", "!", "metadata.name=x"]
)
query = st.dictionaries(
    st.sampled_from(
        [
            "limit",
            "continue",
            "labelSelector",
            "fieldSelector",
            "resourceVersion",
            "resourceVersionMatch",
            "dryRun",
            "fieldManager",
            "fieldValidation",
            "force",
            "propagationPolicy",
            "gracePeriodSeconds",
            "includeObject",
            "container",
            "tailLines",
            "sinceSeconds",
            "sinceTime",
            "limitBytes",
        ]
    ),
    values | st.text(max_size=12),
    max_size=3,
)
media = st.sampled_from(
    [
        "application/json",
        "application/yaml",
        "application/vnd.kubernetes.protobuf",
        "application/json-patch+json",
        "application/merge-patch+json",
        "application/strategic-merge-patch+json",
        "application/apply-patch+yaml",
        "text/plain",
        "",
        ";;",
    ]
)
scalar = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
keys = st.sampled_from(
    [
        "apiVersion",
        "kind",
        "metadata",
        "name",
        "spec",
        "status",
        "labels",
        "template",
        "containers",
        "op",
        "path",
    ]
)
anything = st.recursive(
    scalar,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(keys | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
manifest = st.builds(
    lambda kind, name, more: {
        "apiVersion": kind.api_version,
        "kind": kind.name,
        "metadata": {"name": name, "namespace": "default"},
        **more,
    },
    st.sampled_from(list(KINDS.values())),
    st.sampled_from(["nginx-ds", "node-1", "x", "-"]),
    st.dictionaries(keys, anything, max_size=3),
)
body = st.binary(max_size=40) | (anything | manifest).map(lambda value: json.dumps(value).encode())
method = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "X"])
accept = st.sampled_from(
    ["", "*/*", "application/json", "text/html", "application/json;as=Table;v=v1;g=meta.k8s.io"]
)

wild = st.fixed_dictionaries(
    {
        "method": method,
        "path": path | sound,
        "query_params": query,
        "content_type": media,
        "headers": st.fixed_dictionaries({"Accept": accept}),
        "data": body,
    }
)
"""Paths, queries, content types and bodies of all sorts."""

ODD: list[Any] = [
    *("", "-", "\x00", "\ud800", "a" * 300, "Ä", "a/b/c", "../x", "0", "-1", "1e999999999", "0.1n", "Always"),
    *("2026-02-30T00:00:00Z", "9999-12-31T23:59:59Z", "0000-00-00T00:00:00Z", "25%", "101%", "{{", "$(A)"),
    *(0, -1, 1.0, 2**31, 2**63, 10**40, 1e308, float("nan"), float("inf"), True, None, [], {}, [None], [[]]),
    *({"": ""}, {"a": None}, [{}, {}], {"a": {"a": {"a": {"a": {}}}}}, [1, "1"]),
]
odd = st.sampled_from(ODD).map(deepcopy) | anything
names = st.sampled_from(["near", "other", "node-1", "default"])
Spot = tuple[str | int, ...]


def spots(value: Any, at: Spot = ()) -> Iterator[Spot]:
    """Return the way to every value inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*at, key)
        yield from spots(each, (*at, key))


@st.composite
def twisted(draw: st.DrawFn, whole: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest in which up to three values are odd, gone, doubled, or beside an unknown one."""
    made = deepcopy(whole)
    for _ in range(draw(st.integers(0, 3))):
        found = list(spots(made))
        if not found:
            break
        *way, last = draw(st.sampled_from(found))
        place: Any = made
        for key in way:
            place = place[key]
        match draw(st.sampled_from(["odd", "odd", "odd", "gone", "doubled", "beside"])):
            case "odd":
                place[last] = draw(odd)
            case "gone":
                del place[last]
            case "doubled" if isinstance(last, int):
                place.append(deepcopy(place[last]))
            case _ if isinstance(place, dict):
                place[draw(keys)] = draw(odd)
    return made


@st.composite
def steps_of(draw: st.DrawFn, whole: dict[str, Any]) -> list[Any]:
    """Return a JSON patch for a manifest."""
    ways = [
        "/".join(["", *(str(key).replace("~", "~0").replace("/", "~1") for key in way)])
        for way in spots(whole)
    ]
    way = st.sampled_from([*ways, "", "/", "/spec/-", "/metadata/labels/x"])
    step = st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test", "x"]), "path": way},
        optional={"value": odd, "from": way},
    )
    return draw(st.lists(step, max_size=4))


def address(kind: Kind, *rest: str) -> str:
    """Return the path of a kind, or of an object or a part of it."""
    place = f"apis/{kind.group}/v1" if kind.group else "api/v1"
    space = "namespaces/default/" if kind.namespaced else ""
    return "/".join([f"{place}/{space}{kind.plural}", *rest])


options = st.fixed_dictionaries(
    {},
    optional={
        "propagationPolicy": st.sampled_from(["Foreground", "Background", "Orphan", "x", 1]),
        "gracePeriodSeconds": st.sampled_from([0, 1, -1, "0", 10**30, None]),
        "preconditions": st.sampled_from([{}, {"uid": "x"}, {"resourceVersion": "1"}, [], None]),
        "dryRun": st.sampled_from([[], ["All"], ["x"], "All"]),
        "orphanDependents": st.sampled_from([True, False, 1]),
    },
)
PATCHES = ["merge-patch+json", "strategic-merge-patch+json", "json-patch+json", "apply-patch+yaml"]


@st.composite
def nearly_right(draw: st.DrawFn) -> dict[str, Any]:
    """Return a write that some client could have meant."""
    kind = draw(st.sampled_from(list(KINDS.values())))
    parts = [each.name for each in kind.subresources]
    name, part = draw(names), draw(st.sampled_from(["", "", "", "status", *parts]))
    some = {"spec": {"a": 1}, "data": {"a": "1"}}
    whole = {"apiVersion": kind.api_version, "kind": kind.name, **deepcopy(WHOLE.get(kind.name, some))}
    whole["metadata"] = {"name": name, **whole.get("metadata", {})}
    path, content, at = address(kind, name, *filter(None, [part])), "application/json", draw(query)
    method = draw(st.sampled_from(["POST", "POST", "PUT", "PATCH", "PATCH", "DELETE", "evict", "bind"]))
    sent: Any = draw(twisted(whole))
    match method:
        case "POST":
            path = address(kind)
        case "PATCH":
            patch = draw(st.sampled_from(PATCHES))
            content = f"application/{patch}"
            if patch == "json-patch+json":
                sent = draw(steps_of(whole))
            elif patch == "apply-patch+yaml":
                at = {"fieldManager": "wild", **at}
        case "DELETE":
            path, sent = address(kind, *draw(st.sampled_from([[name], [name], []]))), draw(options)
        case "evict" | "bind":
            path = address(KINDS["Pod"], name, "eviction" if method == "evict" else "binding")
            aim = {"kind": "Node", "name": "node-1"} if method == "bind" else None
            told = {"metadata": {"name": name}, "target": aim, "deleteOptions": draw(options)}
            sent, method = draw(twisted(told)), "POST"
    return {
        "method": method,
        "path": path,
        "query_params": at,
        "content_type": content,
        "headers": {"Accept": draw(accept)},
        "data": json.dumps(sent).encode(),
    }
