"""Resources that are kept nowhere: metrics, kinds of which there are none, tokens that are not issued."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.apiserver.asking import Asker, DoorClient, names
from tests.clusters import cluster

pytestmark = pytest.mark.django_db
AUTOSCALING, METRICS = "/apis/autoscaling/v2", "/apis/metrics.k8s.io/v1beta1"
AUTOSCALERS = f"{AUTOSCALING}/namespaces/default/horizontalpodautoscalers"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
POD: dict[str, Any] = {
    "metadata": {"name": "eater", "labels": {"app": "eater"}},
    "spec": {
        "nodeName": "node-1",
        "containers": [
            {"name": "a", "image": "a:1", "resources": {"requests": {"cpu": "250m", "memory": "64Mi"}}},
            {"name": "b", "image": "b:1", "resources": {"limits": {"cpu": "1"}}},
        ],
    },
}


def post(asker: Asker, path: str, sent: Any, code: int) -> Any:
    """Return what a POST is answered."""
    response = DoorClient().post(asker.base + path, sent, content_type="application/json")
    assert response.status_code == code, response.content
    return json.loads(response.content)


@pytest.fixture(name="asker")
def _asker() -> Asker:
    return Asker(cluster(nodes=1))


def test_all_versions_of_a_group_are_named(asker: Asker) -> None:
    """Autoscaling is known in two, the newer is preferred."""
    group = asker.ask("/apis/autoscaling")
    assert [each["version"] for each in group["versions"]] == ["v2", "v1"]
    assert group["preferredVersion"]["version"] == "v2"


@pytest.mark.parametrize("path", [AUTOSCALERS, f"{AUTOSCALING}/horizontalpodautoscalers", DEFINITIONS])
def test_there_are_none_and_it_is_said_why(asker: Asker, path: str) -> None:
    """A kind that is not simulated is an empty list; who makes one is told the reason."""
    assert names(asker.ask(path)) == []
    assert asker.ask(f"{path}/web", code=404)["reason"] == "NotFound"
    made = {"metadata": {"name": "web"}}
    refused = DoorClient().post(asker.base + path, made, content_type="application/json")
    assert refused.status_code == 405
    assert "not simulated" in refused.json()["message"]
    assert refused.json()["message"] in refused["Warning"]
    asker.ask(f"{path}/web/status", code=404)


def test_a_definition_is_in_no_namespace(asker: Asker) -> None:
    """A path that does not fit its kind leads nowhere."""
    asker.ask("/apis/apiextensions.k8s.io/v1/namespaces/default/customresourcedefinitions", code=404)
    asker.ask("/apis/authentication.k8s.io/v1/selfsubjectreviews/mine", code=404)


def test_pods_use_what_they_ask_for(asker: Asker) -> None:
    """What kubectl top shows are the requests of pods that run, of each container and of a node together."""
    assert names(asker.ask(f"{METRICS}/pods")) == []
    post(asker, "/api/v1/namespaces/default/pods", POD, 201)
    status = {"status": {"phase": "Running"}}
    path = "/api/v1/namespaces/default/pods/eater/status"
    merge = "application/merge-patch+json"
    assert DoorClient().patch(asker.base + path, status, content_type=merge).status_code == 200

    (listed,) = asker.ask(f"{METRICS}/namespaces/default/pods", labelSelector="app=eater")["items"]
    one = asker.ask(f"{METRICS}/namespaces/default/pods/eater")
    assert (
        one["containers"]
        == listed["containers"]
        == [
            {"name": "a", "usage": {"cpu": "250m", "memory": "65536Ki"}},
            {"name": "b", "usage": {"cpu": "1000m", "memory": "0Ki"}},
        ]
    )
    node = asker.ask(f"{METRICS}/nodes/node-1")
    assert (node["kind"], node["usage"]) == ("NodeMetrics", {"cpu": "1250m", "memory": "65536Ki"})
    assert names(asker.ask(f"{METRICS}/nodes")) == ["node-1"]
    asker.ask(f"{METRICS}/nodes/nobody", code=404)
    post(asker, f"{METRICS}/nodes", {}, 405)
