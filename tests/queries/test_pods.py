"""Pods: lists by node, owner and text, and one pod with what ails it."""

from __future__ import annotations

import pytest

from controller.engine.errors import NotFound
from controller.queries.podlines import pod_line
from controller.queries.pods import PodFilter, pod, pods
from controller.queries.steps import first_unpassed
from controller.services import nodes, objects
from controller.services import pods as services
from controller.services.objects import object_delete
from tests.builders import pod_manifest
from tests.clusters import demo_text, looked, standing
from tests.clusters import pods as pods_by_node
from tests.stepping import SET, Place, by, rest, step, stepped_cluster

pytestmark = pytest.mark.django_db


def place(tried: int, node: str) -> Place:
    """Return the place of the pod on a node."""
    row = pods_by_node(tried)[node]
    return {"namespace": row.namespace, "name": row.name}


def test_lists() -> None:
    """Pods are found by node, by owner, by a text in name or node, and by not being ready."""
    tried = stepped_cluster()
    uid = standing(tried, "DaemonSet", **SET)["metadata"]["uid"]
    services.pod_behaviour(**by(tried), **place(tried, "node-3"), behaviour="never-ready")
    step(tried)

    assert [line.node for line in looked(pods, tried, PodFilter(text="node-"), owner=uid).items] != []
    assert looked(pods, tried, owner=uid).total == 3
    assert [line.node for line in looked(pods, tried, PodFilter(text=" ODE-1")).items] == ["node-1"]
    assert [line.node for line in looked(pods, tried, PodFilter(unready=True)).items] == ["node-3"]
    assert looked(pods, tried, owner="somebody else").items == ()
    assert looked(pods, tried, size=2).pages == 2


def test_a_running_pod() -> None:
    """A pod that is well says so in kubectl's words."""
    tried = stepped_cluster()
    found = looked(pod, tried, **place(tried, "node-1"))
    line = found.pod
    assert (line.status, line.ready, line.containers, line.restarts, line.owner) == (
        "Running",
        1,
        1,
        0,
        "DaemonSet/nginx-ds",
    )
    assert [(each.name, each.image, each.state, each.ready) for each in found.containers] == [
        ("nginx", "nginx:1.7.9", "running", True)
    ]
    assert ("Ready", "True") in {(each.type, each.status) for each in found.conditions}
    assert found.address
    assert (line.why, first_unpassed(found.steps)) == ("", None)
    assert "Scheduled" in {event.reason for event in found.events}


@pytest.mark.parametrize(
    ("behaviour", "status", "state"),
    [
        ("crash-loop", "CrashLoopBackOff", "waiting"),
        ("image-pull-error", "ImagePullBackOff", "waiting"),
    ],
)
def test_trouble(behaviour: str, status: str, state: str) -> None:
    """A pod in trouble bears the word that kubectl would show, and its container says why."""
    tried = stepped_cluster(nodes=1)
    here = place(tried, "node-1")
    services.pod_behaviour(**by(tried), **here, behaviour=behaviour)
    seen = set()
    for _ in range(4):
        step(tried)
        found = looked(pod, tried, **here)
        seen.add((found.pod.status, found.containers[0].state))
        assert found.pod.behaviour == behaviour
    assert (status, state) in seen


@pytest.mark.parametrize(
    ("reason", "phase", "status"),
    [("Error", "Failed", "Error"), ("Completed", "Succeeded", "Completed"), ("", "Failed", "ExitCode:1")],
)
def test_ended(reason: str, phase: str, status: str) -> None:
    """A pod whose container has ended says how, as kubectl does."""
    ended = {"name": "main", "state": {"terminated": {"exitCode": 1, "reason": reason}}}
    manifest = {**pod_manifest("over"), "status": {"phase": phase, "containerStatuses": [ended]}}
    assert pod_line(manifest).status == status


def test_restarts_are_those_of_all_containers() -> None:
    """As in kubectl's table: their sum."""
    told = [
        {"name": "main", "restartCount": 2, "state": {}},
        {"name": "side", "restartCount": 1, "state": {}},
    ]
    manifest = {**pod_manifest("pair"), "status": {"phase": "Running", "containerStatuses": told}}
    assert pod_line(manifest).restarts == 3


def test_restarts() -> None:
    """Restarts are counted, and how a container ended before is told."""
    tried = stepped_cluster(nodes=1)
    services.pod_behaviour(**by(tried), **place(tried, "node-1"), behaviour="crash-loop")
    step(tried, times=8)
    found = looked(pod, tried, **place(tried, "node-1"))
    assert found.pod.restarts == found.containers[0].restarts > 1
    assert found.containers[0].last == "Error (1)"


def test_a_pod_that_waits() -> None:
    """Why a pod has no node yet is said in the scheduler's words; it is about to go where it is pinned."""
    tried = stepped_cluster(nodes=1)
    nodes.nodes_add(**by(tried), names=["small"], capacity={"pods": "0"})
    rest(tried)
    found = looked(pod, tried, **place(tried, "small"))
    assert (found.pod.node, found.pod.bound, found.pod.status) == ("small", False, "Pending")
    assert "1 Too many pods" in found.pod.why
    assert [one.resource for one in found.lacking] == ["pods"]
    assert [each.state for each in found.containers] == [""]


def test_a_pod_that_stops() -> None:
    """A pod that is on its way out is Terminating whatever else it is."""
    tried = stepped_cluster(nodes=1)
    here = place(tried, "node-1")
    services.pod_delete(**by(tried), **here)
    assert looked(pod, tried, **here).pod.status == "Terminating"


def test_an_unknown_pod() -> None:
    """A pod that is not there is refused in its name."""
    tried = stepped_cluster(nodes=1)
    with pytest.raises(NotFound, match='pods "lost" not found'):
        looked(pod, tried, namespace="default", name="lost")


def test_orphans_and_order() -> None:
    """Pods that no controller owns are found, those of a namespace, and the order is as one likes."""
    tried = stepped_cluster()
    object_delete(**by(tried), kind="DaemonSet", **SET, propagation="Orphan")
    rest(tried)
    found = looked(pods, tried, PodFilter(orphans=True, sort="-node"))
    assert [line.node for line in found.items] == ["node-3", "node-2", "node-1"]
    assert looked(pods, tried, PodFilter(orphans=True, namespace="kube-system")).total == 0
    assert looked(pods, tried, PodFilter(unplaced=True)).total == 0
    assert looked(pods, tried, PodFilter(sort="nonsense")).total == 3
    objects.manifests_create(**by(tried), text=demo_text("nginx-ds"))
    rest(tried)
    assert looked(pods, tried, PodFilter(orphans=True)).total == 0
