"""Wild requests: whatever is asked, a client gets an answer or a Status, and nothing is half done."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.engine.kinds import KINDS
from tests.apiserver.asking import Asker, DoorClient
from tests.clusters import cluster, row_of, with_daemonset

pytestmark = pytest.mark.django_db

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


@pytest.fixture(name="asker")
def _asker() -> Asker:
    tried = cluster(nodes=1)
    with_daemonset(tried)
    return Asker(tried)


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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(wild)
def test_any_request_is_answered(asker: Asker, wild: dict[str, Any]) -> None:
    """Never an error of the server, never a page: a refusal is a Status, and wrote nothing."""
    before = row_of(asker.cluster).number
    asked = {**wild, "path": f"{asker.base}/{wild['path']}"}
    response: Any = DoorClient().generic(**asked)
    assert response.status_code < 500, (asked, response.content)
    if response.status_code >= 400:
        assert row_of(asker.cluster).number == before
        if wild["method"] != "HEAD":
            told = json.loads(response.content)
            assert (told["kind"], told["code"]) == ("Status", response.status_code)
            assert told["message"]
