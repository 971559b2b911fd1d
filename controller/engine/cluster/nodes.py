"""The life of a node: its kubelet's report, its loss after the grace period, and its cordon.

One call looks at one node and returns its next change, or None. The taints are those that
Kubernetes' node lifecycle controller keeps.
"""

from __future__ import annotations

from collections.abc import Iterable

from controller.engine.changes import Change, Verb
from controller.engine.cluster.podstatus import host_ip_of
from controller.engine.objects import Manifest, Moment, Node, Taint, Timers
from controller.engine.settings import Settings

NODE_CONTROLLER = "node-controller"
NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
CAPACITY = {"cpu": "4", "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi"}
VERSION = "v1.36.2"
REPORTED: dict[str, Manifest] = {
    kind: {"status": status, "reason": reason, "message": message}
    for kind, status, reason, message in (
        ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    )
}
SILENT: dict[str, Manifest] = {
    kind: {
        "status": "Unknown",
        "reason": "NodeStatusUnknown",
        "message": "Kubelet stopped posting node status.",
    }
    for kind in REPORTED
}
LOST = (Taint(UNREACHABLE, "", "NoSchedule"), Taint(UNREACHABLE, "", "NoExecute"))


def step(node: Node, now: Moment, settings: Settings) -> Change | None:
    """Return what becomes of the node now, if anything does."""
    if node.down and node.ready != "Unknown":
        lost = node.timers.get("lost")
        if lost is None:
            timers = {"lost": now.cluster + settings.node_grace}
            return _change(node.manifest, "its kubelet stopped answering", timers)
        if lost <= now.cluster:
            return _lose(node, now)
    if not node.down and (node.ready != "True" or "lost" in node.timers):
        back = with_taints(_report(node, now), _without(node.taints, NOT_READY, UNREACHABLE), node, now)
        return _change(back, "its kubelet reports Ready", {})
    return _cordon(node, now)


def _cordon(node: Node, now: Moment) -> Change | None:
    mark = Taint(UNSCHEDULABLE, "", "NoSchedule")
    if node.unschedulable == (mark in node.taints):
        return None
    taints = (*node.taints, mark) if node.unschedulable else _without(node.taints, UNSCHEDULABLE)
    reason = "it is cordoned" if node.unschedulable else "it is no longer cordoned"
    return _change(with_taints(node.manifest, taints, node, now), reason, node.timers)


def _lose(node: Node, now: Moment) -> Change:
    status = {
        **(node.manifest.get("status") or {}),
        "conditions": _conditions(node, now, "Unknown"),
    }
    taints = (*_without(node.taints, UNREACHABLE, NOT_READY), *LOST)
    lost = with_taints({**node.manifest, "status": status}, taints, node, now)
    return _change(lost, "it has not answered for the grace period", {})


def with_taints(manifest: Manifest, taints: Iterable[Taint], node: Node, now: Moment) -> Manifest:
    """Return the manifest with these taints; a NoExecute taint that is new bears its time."""
    kept = {
        (t["key"], t.get("value") or "", t["effect"]): t
        for t in (node.manifest.get("spec") or {}).get("taints") or ()
    }
    written = [kept.get((t.key, t.value, t.effect)) or _taint(t, now) for t in taints]
    spec = {key: value for key, value in (manifest.get("spec") or {}).items() if key != "taints"}
    return {**manifest, "spec": {**spec, "taints": written} if written else spec}


def _taint(taint: Taint, now: Moment) -> Manifest:
    raw: Manifest = {"key": taint.key, "effect": taint.effect}
    return {**raw, "timeAdded": now.stamp} if taint.effect == "NoExecute" else raw


def _without(taints: Iterable[Taint], *keys: str) -> tuple[Taint, ...]:
    return tuple(taint for taint in taints if taint.key not in keys)


def _report(node: Node, now: Moment) -> Manifest:
    """Write what a kubelet tells of its machine; capacity given at birth is kept."""
    before = node.manifest.get("status") or {}
    capacity = {**CAPACITY, **(before.get("capacity") or {})}
    status = {
        **before,
        "capacity": capacity,
        "allocatable": {**capacity, **(before.get("allocatable") or {})},
        "conditions": _conditions(node, now, "True"),
        "addresses": before.get("addresses") or addresses_of(node),
        "nodeInfo": before.get("nodeInfo") or _info(),
    }
    return {**node.manifest, "status": status}


def addresses_of(node: Node) -> list[Manifest]:
    """Return under which addresses a simulated machine is known."""
    internal = {"type": "InternalIP", "address": host_ip_of(node.uid)}
    return [internal, {"type": "Hostname", "address": node.name}]


def _info() -> Manifest:
    return {
        "kubeletVersion": VERSION,
        "kubeProxyVersion": VERSION,
        "operatingSystem": "linux",
        "architecture": "amd64",
        "osImage": "Everynode simulated machine",
        "kernelVersion": "simulated",
        "containerRuntimeVersion": "simulated://1",
        "machineID": "",
        "systemUUID": "",
        "bootID": "",
    }


def _conditions(node: Node, now: Moment, ready: str) -> list[Manifest]:
    before = {c["type"]: c for c in (node.manifest.get("status") or {}).get("conditions") or ()}
    told = SILENT if ready == "Unknown" else REPORTED
    return [_condition(before.get(kind) or {}, {"type": kind, **said}, now) for kind, said in told.items()]


def _condition(before: Manifest, said: Manifest, now: Moment) -> Manifest:
    since = before["lastTransitionTime"] if before.get("status") == said["status"] else now.stamp
    return {**said, "lastHeartbeatTime": now.stamp, "lastTransitionTime": since}


def _change(manifest: Manifest, reason: str, timers: Timers) -> Change:
    return Change(Verb.MODIFIED, "Node", manifest, NODE_CONTROLLER, reason, timers)
