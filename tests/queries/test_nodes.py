"""One node with its room, its pods and what every set makes of it."""

from __future__ import annotations

import pytest

from controller.engine.daemonset.cells import CellState
from controller.engine.errors import NotFound
from controller.engine.objects import Taint
from controller.queries.nodes import Room, node, node_names
from controller.services import nodes, objects
from tests.clusters import cluster, looked
from tests.stepping import by, rest, stepped_cluster

pytestmark = pytest.mark.django_db

HUNGRY = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: hungry}
spec:
  selector: {matchLabels: {app: hungry}}
  template:
    metadata: {labels: {app: hungry}}
    spec:
      nodeSelector: {food: plenty}
      containers:
      - {name: main, image: hungry, resources: {requests: {cpu: 500m, memory: 1Gi}}}
"""


def test_names() -> None:
    """The names of all nodes can be had in their order."""
    assert looked(node_names, cluster(nodes=3)) == ("node-1", "node-2", "node-3")


def test_one_node() -> None:
    """A node shows its facts, its conditions, its pods, and the verdict of every set."""
    tried = stepped_cluster(nodes=2)
    objects.manifests_create(**by(tried), text=HUNGRY)
    nodes.node_taints(**by(tried), node="node-1", taints=[Taint("held", "", "NoSchedule")])
    rest(tried)
    found = looked(node, tried, name="node-1")

    assert (found.node.name, found.node.ready, found.node.pods) == ("node-1", "True", 1)
    assert found.node.taints == (Taint("held", "", "NoSchedule"),)
    assert ("Ready", "True") in {(each.type, each.status) for each in found.conditions}
    assert [pod.owner for pod in found.pods] == ["DaemonSet/nginx-ds"]
    assert [(each.name, each.state, each.verdict.should_run) for each in found.sets] == [
        ("hungry", CellState.NONE, False),
        ("nginx-ds", CellState.MISSCHEDULED, False),
    ]
    assert [check.rule for check in found.sets[0].verdict.checks if check.passed is False] == [
        "nodeSelector",
        "taint",
    ]


def test_room() -> None:
    """What pods ask for is added up the way the scheduler does; a pod that has no place takes none."""
    tried = cluster()
    objects.manifests_create(**by(tried), text=HUNGRY)
    food = {"food": "plenty"}
    nodes.nodes_add(
        **by(tried), names=["large"], labels=food, capacity={"cpu": "2", "memory": "4Gi", "pods": "9"}
    )
    nodes.nodes_add(**by(tried), names=["small"], labels=food, capacity={"cpu": "100m"})
    rest(tried)
    gigabyte = 1024**3
    assert looked(node, tried, name="large").room == Room(2000, 500, 4 * gigabyte, gigabyte, 9, 1)
    small = looked(node, tried, name="small")
    assert (small.room.cpu, small.room.cpu_used, small.room.pods_used, small.node.pods) == (100, 0, 0, 1)


def test_an_unknown_node() -> None:
    """A node that is not there is refused in its name."""
    with pytest.raises(NotFound, match='nodes "lost" not found'):
        looked(node, cluster(), name="lost")
