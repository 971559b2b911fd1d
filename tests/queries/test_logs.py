"""Whose logs are read together."""

from __future__ import annotations

import pytest

from controller.engine.errors import BadRequest, NotFound
from controller.queries import logs
from controller.queries.logs import LogTargets, log_targets
from controller.queries.source import cluster_view
from controller.services import nodes
from tests.clusters import PERSON, cluster, settle, with_daemonset

pytestmark = pytest.mark.django_db


@pytest.fixture(name="tried")
def _tried() -> int:
    made = cluster(nodes=3)
    with_daemonset(made)
    return made


def targets(tried: int, kind: str = "DaemonSet", name: str = "nginx-ds", nodes: str = "") -> LogTargets:
    """Return whose logs these are."""
    with cluster_view(tried) as view:
        return log_targets(view, cluster=tried, kind=kind, namespace="default", name=name, nodes=nodes)


def test_a_set(tried: int) -> None:
    """Of a set all pods are read, by node, and the containers that they have."""
    found = targets(tried)
    assert [pod.node for pod in found.pods] == ["node-1", "node-2", "node-3"]
    assert (found.total, found.containers, found.container) == (3, ("nginx",), "nginx")


def test_a_pod(tried: int) -> None:
    """Of a pod its own are read."""
    name = targets(tried).pods[1].name
    assert [pod.node for pod in targets(tried, "Pod", name).pods] == ["node-2"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("node-1, node-3", ["node-1", "node-3"]),
        ("disk=ssd", ["node-2"]),
        ("disk", ["node-2"]),
        ("disk!=ssd", ["node-1", "node-3"]),
        ("node-9", []),
        ("node-9, node-3", ["node-3"]),
    ],
)
def test_on_nodes(tried: int, text: str, found: list[str]) -> None:
    """Nodes are chosen by their names or, if none of these is one, by a selector."""
    nodes.node_labels(cluster=tried, actor=PERSON, node="node-2", labels={"disk": "ssd"})
    settle(tried)
    assert [pod.node for pod in targets(tried, nodes=text).pods] == found


def test_names_of_no_node(tried: int) -> None:
    """Beside names of nodes they are told; alone they are a selector."""
    assert targets(tried, nodes="node-9, node-3, node-8").unknown == ("node-8", "node-9")
    assert targets(tried, nodes="node-9").unknown == ()


def test_too_many(tried: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many pods the first are read, and it is known how many there are."""
    monkeypatch.setattr(logs, "MOST_PODS", 2)
    found = targets(tried)
    assert ([pod.node for pod in found.pods], found.total) == (["node-1", "node-2"], 3)


def test_refusals(tried: int) -> None:
    """What is not there, and a selector that cannot be read."""
    with pytest.raises(NotFound):
        targets(tried, name="other")
    with pytest.raises(NotFound):
        targets(tried, "Pod", "other")
    with pytest.raises(BadRequest, match="unable to parse requirement"):
        targets(tried, nodes="a in (")
