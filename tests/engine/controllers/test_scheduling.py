"""Where pods are bound, what they wait for, and what makes room for them."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.changes import Verb
from controller.engine.cluster.scheduler.demand import NODE_LOAD
from controller.engine.objects import Manifest
from tests.engine.bare import add_pod
from tests.engine.play import Play, set_manifest

CRAMPED = (
    "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't satisfy plugin(s) [NodeAffinity]. "
    "no new claims to deallocate, preemption: "
    "0/2 nodes are available: 2 Preemption is not helpful for scheduling."
)


def test_a_pod_that_fits_nowhere_waits_for_any_node() -> None:
    """A pod that is not pinned is tried again when any node changes."""
    play = Play("a")
    add_pod(play, nodeSelector={"disk": "ssd"})
    play.settle()
    assert play.pods("") != []
    play.add_node("b", labels={"disk": "ssd"})
    play.settle()
    assert play.pod("b").ready


def test_a_waiting_pod_that_goes_leaves_the_others_waiting() -> None:
    """Who is deleted is no longer tried; the others still are."""
    play = Play("a")
    for name in ("one", "other"):
        add_pod(play, name, nodeSelector={"disk": "ssd"})
    play.settle()
    play.delete_pod(play.pods()[0])
    play.label("a", disk="ssd")
    play.settle()
    assert [(pod.name, pod.node) for pod in play.pods()] == [("other", "a")]


def test_a_pod_that_somebody_else_binds_is_left_to_its_kubelet() -> None:
    """The scheduler does not bind it again, and one whose node is not there goes after a while."""
    play = Play("a")
    add_pod(play)
    add_pod(play, "lost", nodeName="nowhere")
    pod = play.world.pods[("Pod", "default", "bare")]
    play.edit("Pod", {**pod.manifest, "spec": {**pod.manifest["spec"], "nodeName": "a"}})
    play.settle()
    assert play.pod("a").ready
    assert play.events("Scheduled") == []
    assert [pod.name for pod in play.pods("nowhere")] == ["lost"]
    play.wait(61)
    assert play.pods("nowhere") == []


def test_an_unbound_pod_that_is_going_is_not_scheduled() -> None:
    """A finalizer may keep it for a while."""
    play = Play("a")
    add_pod(play, meta={"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["example.com/hold"]})
    play.settle()
    assert not play.pods()[0].bound


def test_a_template_that_names_a_node_binds_its_pod_at_birth() -> None:
    """No scheduler is asked, and the kubelet takes the pod as it comes."""
    play = Play("a", "b")
    play.add_set(set_manifest(pod={"nodeName": "b"}))
    play.settle()
    assert play.pod("b").ready
    assert play.events("Scheduled") == []


def test_resources_and_host_ports_leave_a_pod_pending_until_there_is_room() -> None:
    """The scheduler says why in Kubernetes' words and binds the pod once its node changes."""
    play = Play("n1")
    play.add_node("small", capacity={"cpu": "500m"}, allocatable={"cpu": "500m"})
    hungry = play.add_set(
        set_manifest(
            "hungry",
            pod={"containers": [{"name": "m", "image": "h:1", "resources": {"requests": {"cpu": "1"}}}]},
        )
    )
    play.settle()
    assert not play.pod("small").bound
    assert play.status(hungry) == {
        "desired": 2,
        "current": 2,
        "ready": 1,
        "available": 1,
        "updated": 2,
        "misscheduled": 0,
    }
    assert play.events("FailedScheduling") == [CRAMPED]

    node = play.node("small")
    roomy = {**node.manifest["status"], "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}}
    play.edit("Node", {**node.manifest, "status": roomy})
    play.settle()
    assert play.pod("small").ready


def test_a_host_port_is_given_free_by_the_set_that_held_it() -> None:
    """The second set's pods wait for the port and start when the first set is gone."""
    play = Play("a")
    port = {"containers": [{"name": "m", "image": "a:1", "ports": [{"containerPort": 80, "hostPort": 8080}]}]}
    first = play.add_set(set_manifest("first", pod=port))
    second = play.add_set(set_manifest("second", pod=port))
    play.settle()
    assert play.status(second)["ready"] == 0

    play.mark_set(first, Verb.DELETED)
    play.settle()
    assert play.status(second)["ready"] == 1


def sums(**facts: Any) -> Manifest:
    """Return what other workloads take of node a."""
    meta = {"name": "a", "uid": "load-a"}
    nothing = {"pods": 0, "notReady": 0, "cpu": 0, "memory": 0, "scored": [0, 0], "others": {}, "ports": []}
    return {"apiVersion": "everynode.dev/v1", "kind": NODE_LOAD, "metadata": meta, **nothing, **facts}


@pytest.mark.parametrize(
    "taken",
    [
        {"cpu": 4_000},
        {"memory": 1 << 40},
        {"pods": 110},
        {"others": {"gpu": 1}},
        {"ports": [["0.0.0.0", "TCP", 80, "default/other"]]},  # noqa: S104 - Kubernetes' word for every address
    ],
)
def test_what_is_only_added_up_takes_room(taken: Manifest) -> None:
    """What pods take that are not kept counts; when they go, who waited is tried again."""
    play = Play()
    play.add_node("a", allocatable={"cpu": "4", "memory": "8Gi", "pods": "110", "gpu": "1"})
    play.edit(NODE_LOAD, sums(**taken), Verb.ADDED)
    wanted = {"requests": {"cpu": "1", "memory": "1Gi", "gpu": "1"}}
    port = {"containerPort": 80, "hostPort": 80, "protocol": "TCP"}
    add_pod(play, containers=[{"name": "main", "image": "bare:1", "resources": wanted, "ports": [port]}])
    play.settle()
    assert not play.pods()[0].bound
    assert play.differences() == []
    play.edit(NODE_LOAD, sums(cpu=1_000, pods=3))
    play.settle()
    assert play.pod("a").ready
    assert play.differences() == []
