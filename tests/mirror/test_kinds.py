"""What is kept of the objects of a real cluster, who wrote them, and the sums of what is not kept."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest
from controller.mirror.kinds import ORDER, actor_of, is_daemons, trimmed
from controller.mirror.nodeloads import NodeLoads


def managed(*entries: tuple[str, str], **meta: Any) -> Manifest:
    """Return an object that these managers wrote at these times."""
    fields = [{"manager": manager, "time": time} for manager, time in entries]
    return {"metadata": {"name": "a", "managedFields": fields, **meta}, "spec": {}}


def test_secrets_are_never_read() -> None:
    """The kinds that are read hold no secrets."""
    assert {kind.name for kind in ORDER}.isdisjoint({"Secret", "ConfigMap", "ServiceAccount"})


def test_who_wrote() -> None:
    """The newest of the field managers wrote; of a deletion, or without any, it is not known."""
    early, late = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
    assert actor_of(managed(("kubectl-edit", late), ("kubelet", early))) == "kubectl-edit"
    assert actor_of(managed(("kubelet", early), deletionTimestamp=late)) == "api-server"
    assert actor_of(managed()) == "api-server"


def test_nodes_are_kept_without_heartbeats() -> None:
    """Images and heartbeats of nodes are left out, and so is who manages which field."""
    ready = {"type": "Ready", "status": "True", "lastHeartbeatTime": "1", "lastTransitionTime": "2"}
    node = managed(("kubelet", "1")) | {"status": {"images": [1], "conditions": [ready], "phase": "a"}}
    kept = trimmed(KINDS["Node"], node)
    assert kept["metadata"] == {"name": "a"}
    assert kept["status"] == {
        "phase": "a",
        "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2"}],
    }
    assert (kept["kind"], kept["apiVersion"]) == ("Node", "v1")


@pytest.mark.parametrize(
    ("facts", "last"),
    [
        ({"lastTimestamp": "2026-01-01T00:00:01Z"}, "2026-01-01T00:00:01Z"),
        ({"lastTimestamp": None, "eventTime": "2026-01-01T00:00:02.123456Z"}, "2026-01-01T00:00:02Z"),
        (
            {"eventTime": "1", "series": {"lastObservedTime": "2026-01-01T00:00:03.000001Z"}},
            "2026-01-01T00:00:03Z",
        ),
        ({"metadata": {"name": "a", "creationTimestamp": "2026-01-01T00:00:04Z"}}, "2026-01-01T00:00:04Z"),
    ],
)
def test_events_of_both_forms(facts: Manifest, last: str) -> None:
    """When an event was last seen stands in one place, whichever API wrote it."""
    assert trimmed(KINDS["Event"], {"metadata": {"name": "a"}, **facts})["lastTimestamp"] == last


def test_whose_it_is() -> None:
    """Only a DaemonSet that controls an object counts."""
    owner = {"kind": "DaemonSet", "controller": True}
    assert is_daemons({"metadata": {"ownerReferences": [owner]}})
    assert not is_daemons({"metadata": {"ownerReferences": [{**owner, "kind": "ReplicaSet"}]}})
    assert not is_daemons({"metadata": {"ownerReferences": [{**owner, "controller": False}]}})
    assert not is_daemons({"metadata": {}})


# ------------------------------------------------------------------------------------- sums
def pod(
    node: str = "n1", cpu: str = "100m", phase: str = "Running", port: int = 0, ready: str = "True"
) -> Manifest:
    """Return a pod of another workload."""
    container: Manifest = {"name": "a", "resources": {"requests": {"cpu": cpu, "memory": "1Mi", "gpu": "1"}}}
    if port:
        container["ports"] = [{"containerPort": port, "hostPort": port, "protocol": "TCP"}]
    conditions = [{"type": "Ready", "status": ready}]
    return {
        "metadata": {"name": "x"},
        "spec": {"nodeName": node, "containers": [container]},
        "status": {"phase": phase, "conditions": conditions},
    }


def told(loads: NodeLoads) -> dict[str, Manifest | None]:
    """Return the sums that are told now, by node."""
    return {key[2]: manifest for key, manifest, _ in loads.told()}


def test_sums() -> None:
    """Requests, pods, ports and those not ready are added up by node; nobody is told twice."""
    loads = NodeLoads()
    loads.put("a/one", pod(port=80))
    loads.put("a/two", pod(cpu="1", ready="False"))
    loads.put("a/three", pod("n2"))
    loads.put("a/over", pod(phase="Succeeded"))
    loads.put("a/nowhere", pod(""))
    first = told(loads)
    assert set(first) == {"n1", "n2"}
    sums = first["n1"]
    assert sums
    assert (sums["pods"], sums["notReady"], sums["cpu"], sums["memory"]) == (2, 1, 1100, 2 << 20)
    assert sums["others"] == {"gpu": 2}
    assert [each[1:] for each in sums["ports"]] == [["TCP", 80, "a/one"]]

    loads.put("a/one", pod(port=80))
    assert told(loads) == {}


def test_they_follow() -> None:
    """Pods that go, end, move or become a daemon's are taken off again, and a node without any is told."""
    loads = NodeLoads()
    for name in ("one", "two", "three"):
        loads.put(f"a/{name}", pod())
    told(loads)
    loads.put("a/one", pod(phase="Failed"))
    loads.put("a/two", pod("n2"))
    moved = told(loads)
    assert [sums["pods"] for sums in moved.values() if sums] == [1, 1]
    loads.keep_only({"a/two"})
    assert told(loads) == {"n1": None}
    assert loads.nodes() == {"n2"}


def test_digests_tell_whether_sums_are_the_same() -> None:
    """Two processes that count the same pods tell the same digest."""
    one, other = NodeLoads(), NodeLoads()
    for loads, names in ((one, "ab"), (other, "ba")):
        for name in names:
            loads.put(f"x/{name}", pod())
    assert [digest for *_, digest in one.told()] == [digest for *_, digest in other.told()]
