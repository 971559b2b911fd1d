"""The life of a node: what its kubelet reports, and the taints that follow from it."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from controller.engine.changes import Change
from controller.engine.cluster.nodes import events_of, step
from controller.engine.objects import (
    CONDITIONS_ANNOTATION,
    DOWN_ANNOTATION,
    Manifest,
    Moment,
    Node,
    condition,
)
from controller.engine.settings import Settings
from tests.builders import node_manifest, taint_manifest

NOW = Moment(datetime(2026, 1, 2, tzinfo=UTC), 100.0)
DISK = "node.kubernetes.io/disk-pressure"
DOWN = {DOWN_ANNOTATION: "true"}


def pressed(*kinds: str) -> dict[str, str]:
    """Return the annotation by which a machine reports pressures."""
    return {CONDITIONS_ANNOTATION: ", ".join(kinds)}


def stepped(manifest: Manifest, **timers: float) -> Change:
    """Return the next change of a node, which has one."""
    change = step(Node.read(manifest, timers), NOW, Settings())
    assert change
    return change


def joined(**facts: Any) -> Manifest:
    """Return a node whose kubelet has reported, with facts added afterwards."""
    manifest = stepped(node_manifest(ready="", **facts)).manifest
    assert step(Node.read(manifest, {}), NOW, Settings()) is None
    return manifest


def patched(manifest: Manifest, **statuses: str) -> Manifest:
    """Return a node whose conditions somebody patched."""
    kept = [entry for entry in manifest["status"]["conditions"] if entry["type"] not in statuses]
    fresh = [{"type": kind, "status": status, "reason": "ByHand"} for kind, status in statuses.items()]
    return {**manifest, "status": {**manifest["status"], "conditions": [*kept, *fresh]}}


def annotated(manifest: Manifest, annotations: dict[str, str]) -> Manifest:
    """Return a node with exactly these annotations."""
    return {**manifest, "metadata": {**manifest["metadata"], "annotations": annotations}}


def tainted(manifest: Manifest, *marks: str) -> Manifest:
    """Return a node with exactly these taints."""
    return {**manifest, "spec": {**manifest["spec"], "taints": [taint_manifest(mark) for mark in marks]}}


def marks(manifest: Manifest) -> list[str]:
    """Return a node's taints without their common prefix."""
    return [str(each).removeprefix("node.kubernetes.io/") for each in Node.read(manifest, {}).taints]


def test_a_machine_that_joins_reports_what_it_is() -> None:
    """Conditions, addresses, and the labels that selectors of real charts ask for; others stay."""
    manifest = joined(labels={"disk": "ssd", "kubernetes.io/os": "windows"}, taints=[f"{DISK}:NoSchedule"])

    assert {c["type"]: c["status"] for c in manifest["status"]["conditions"]} == {
        "MemoryPressure": "False",
        "DiskPressure": "False",
        "PIDPressure": "False",
        "Ready": "True",
    }
    assert manifest["metadata"]["labels"] == {
        "disk": "ssd",
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "windows",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": "plain",
        "kubernetes.io/os": "windows",
    }
    assert manifest["status"]["nodeInfo"]["operatingSystem"] == "windows"
    assert marks(manifest) == []


def test_a_machine_has_ids_as_clients_want_them() -> None:
    """An empty one were left out by the next status that is written, and models of clients require it."""
    info = joined()["status"]["nodeInfo"]
    assert re.fullmatch(r"[0-9a-f]{32}", info["machineID"])
    assert uuid.UUID(info["systemUUID"]) != uuid.UUID(info["bootID"])


def test_a_label_that_somebody_takes_off_stays_off() -> None:
    """A kubelet writes its labels when it starts, not all the time."""
    manifest = joined()
    bare = {**manifest, "metadata": {**manifest["metadata"], "labels": {}}}

    assert step(Node.read(bare, {}), NOW, Settings()) is None


@pytest.mark.parametrize(
    ("conditions", "after"),
    [
        ({"MemoryPressure": "True"}, ["memory-pressure:NoSchedule"]),
        ({"DiskPressure": "True"}, ["disk-pressure:NoSchedule"]),
        ({"PIDPressure": "True"}, ["pid-pressure:NoSchedule"]),
        ({"NetworkUnavailable": "True"}, ["network-unavailable:NoSchedule"]),
        (
            {"DiskPressure": "True", "PIDPressure": "True"},
            ["disk-pressure:NoSchedule", "pid-pressure:NoSchedule"],
        ),
    ],
)
def test_a_condition_that_holds_has_its_taint(conditions: dict[str, str], after: list[str]) -> None:
    """Also one that somebody patched: nobody takes that back."""
    manifest = stepped(patched(joined(), **conditions)).manifest

    assert marks(manifest) == after
    assert all(taint["timeAdded"] == NOW.stamp for taint in manifest["spec"]["taints"])
    assert step(Node.read(manifest, {}), NOW, Settings()) is None
    assert marks(stepped({**manifest, "spec": {}}).manifest) == after


@pytest.mark.parametrize("status", ["Unknown", "False", "odd"])
def test_a_condition_that_does_not_hold_has_none(status: str) -> None:
    """Not even if it is Unknown, and however the taint came there."""
    manifest = tainted(
        patched(joined(), DiskPressure=status), f"{DISK}=by-hand:NoSchedule", "mine:NoSchedule"
    )

    assert marks(stepped(manifest).manifest) == ["mine:NoSchedule"]


@pytest.mark.parametrize(
    "key",
    ["disk-pressure", "memory-pressure", "pid-pressure", "network-unavailable", "unschedulable", "not-ready",
     "unreachable"],
)  # fmt: skip
def test_a_condition_taint_set_by_hand_goes(key: str) -> None:
    """It stands for what is not so."""
    assert marks(stepped(tainted(joined(), f"node.kubernetes.io/{key}:NoSchedule")).manifest) == []


def test_other_effects_of_the_keys_are_peoples_own() -> None:
    """Only NoSchedule stands for a condition; of readiness NoExecute does, too."""
    own = [f"{DISK}:NoExecute", f"{DISK}=by-hand:PreferNoSchedule"]
    manifest = tainted(joined(), *own)

    assert step(Node.read(manifest, {}), NOW, Settings()) is None
    assert marks(stepped(tainted(joined(), "node.kubernetes.io/not-ready:NoExecute")).manifest) == []


def test_a_taint_by_hand_stays_while_its_condition_holds() -> None:
    """With the value that somebody gave it."""
    manifest = tainted(patched(joined(), DiskPressure="True"), f"{DISK}=by-hand:NoSchedule")

    assert step(Node.read(manifest, {}), NOW, Settings()) is None


def test_a_cordon_is_a_taint() -> None:
    """It goes with the cordon."""
    manifest = joined()
    cordoned = stepped({**manifest, "spec": {"unschedulable": True}}).manifest

    assert marks(cordoned) == ["unschedulable:NoSchedule"]
    assert marks(stepped({**cordoned, "spec": {"taints": cordoned["spec"]["taints"]}}).manifest) == []


def test_an_annotation_makes_a_machine_report_a_pressure() -> None:
    """In the kubelet's words; without it the kubelet takes back what it said, and nothing else."""
    manifest = patched(joined(), MemoryPressure="True")
    under = stepped(annotated(manifest, pressed("DiskPressure", "Thirst"))).manifest

    assert condition(under, "DiskPressure") == "True"
    assert marks(under) == ["memory-pressure:NoSchedule", "disk-pressure:NoSchedule"]
    after = stepped(annotated(under, {})).manifest
    assert marks(after) == ["memory-pressure:NoSchedule"]
    assert condition(after, "MemoryPressure") == "True"


def test_a_kubelet_takes_over_a_pressure_that_was_patched() -> None:
    """Once it was made to report it, it can take it back."""
    patched_by_hand = annotated(patched(joined(), DiskPressure="True"), pressed("DiskPressure"))

    under = stepped(patched_by_hand).manifest
    assert step(Node.read(under, {}), NOW, Settings()) is None
    assert condition(stepped(annotated(under, {})).manifest, "DiskPressure") == "False"


def test_a_machine_can_join_under_pressure() -> None:
    """And on one that is down nothing is reported."""
    assert marks(stepped(node_manifest(ready="", annotations=pressed("PIDPressure"))).manifest) == [
        "pid-pressure:NoSchedule"
    ]
    down = annotated(joined(), {**DOWN, **pressed("PIDPressure")})
    assert "lost" in stepped(down).timers
    assert step(Node.read(down, {"lost": 140.0}), NOW, Settings()) is None


def test_a_silent_machine_is_lost_and_comes_back() -> None:
    """All that its kubelet reports is unknown meanwhile; what others wrote stays."""
    manifest = patched(joined(), DiskPressure="True", NetworkUnavailable="True")
    lost = stepped(annotated(manifest, DOWN), lost=100.0).manifest

    assert marks(lost) == [
        "network-unavailable:NoSchedule",
        "unreachable:NoSchedule",
        "unreachable:NoExecute",
    ]
    assert {c["type"]: c["status"] for c in lost["status"]["conditions"]} == {
        "MemoryPressure": "Unknown",
        "PIDPressure": "Unknown",
        "Ready": "Unknown",
        "DiskPressure": "Unknown",
        "NetworkUnavailable": "True",
    }
    back = stepped(annotated(lost, {})).manifest
    assert marks(back) == ["network-unavailable:NoSchedule"]
    assert condition(back, "DiskPressure") == "False"


def test_a_node_that_never_reported_sends_nobody_away() -> None:
    """It bears what it was born with, even if its machine is down."""
    born = node_manifest(ready="", annotations=DOWN, taints=["node.kubernetes.io/not-ready:NoSchedule"])

    waiting = stepped(born)
    assert marks(waiting.manifest) == ["not-ready:NoSchedule"]
    assert step(Node.read(born, {"lost": 140.0}), NOW, Settings()) is None


def test_events_tell_what_became_of_a_node() -> None:
    """Of readiness by whoever found it out; of pressures only when one comes or goes."""
    calm = joined()
    pressing = stepped(annotated(calm, pressed("DiskPressure"))).manifest
    lost = stepped(annotated(calm, DOWN), lost=100.0).manifest

    def told(before: Manifest, after: Manifest) -> list[tuple[str, str]]:
        return list(events_of(Node.read(before, {}), Node.read(after, {})))

    assert told(node_manifest(ready=""), calm) == [("kubelet", "NodeReady")]
    assert told(calm, pressing) == [("kubelet", "NodeHasDiskPressure")]
    assert told(pressing, calm) == [("kubelet", "NodeHasNoDiskPressure")]
    assert told(calm, lost) == [("node-controller", "NodeNotReady")]
