"""The life of a node: it joins, its kubelet reports, it is lost after the grace period, it is cordoned.

One call looks at one node and returns its next change, or None.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from controller.engine.changes import Change, Verb
from controller.engine.cluster import nodeconditions
from controller.engine.cluster.nodetaints import with_condition_taints
from controller.engine.cluster.podstatus import host_ip_of
from controller.engine.objects import Manifest, Moment, Node, Timers, condition
from controller.engine.reasons import Reason
from controller.engine.settings import Settings

KUBELET = "kubelet"
NODE_CONTROLLER = "node-controller"
CAPACITY = {"cpu": "4", "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi"}
VERSION = "v1.36.2"
ARCH, HOSTNAME, OS = "kubernetes.io/arch", "kubernetes.io/hostname", "kubernetes.io/os"


def step(node: Node, now: Moment, settings: Settings) -> Change | None:
    """Return what becomes of the node now, if anything does."""
    if node.down and node.ready != nodeconditions.UNKNOWN:
        lost = node.timers.get("lost")
        if lost is None:
            timers = {"lost": now.cluster + settings.node_grace}
            return _change(node.manifest, Reason.KUBELET_STOPPED, timers)
        if lost <= now.cluster:
            lost_node = with_condition_taints(nodeconditions.unheard(node, now), now)
            return _change(lost_node, Reason.NODE_LOST, {})
    if not node.down and (node.ready != "True" or "lost" in node.timers):
        return _change(with_condition_taints(_joined(node, now), now), Reason.KUBELET_READY, {})
    return _follow(node, now)


def _follow(node: Node, now: Moment) -> Change | None:
    """Let the kubelet report what is new, and the taints follow the conditions and the cordon."""
    told = node.manifest if node.down else nodeconditions.reported(node, now)
    after = with_condition_taints(told, now)
    if after is node.manifest:
        return None
    reason = Reason.TAINTS_FOLLOW if told is node.manifest else Reason.KUBELET_REPORTS
    return _change(after, reason, node.timers)


def _joined(node: Node, now: Moment) -> Manifest:
    """Write what a kubelet tells of its machine when it starts; capacity given at birth is kept."""
    told = nodeconditions.reported(node, now, joins=True)
    before = told["status"]
    labels = {**standard_labels(node.name, node.labels), **node.labels}
    capacity = {**CAPACITY, **(before.get("capacity") or {})}
    status = {
        **before,
        "capacity": capacity,
        "allocatable": {**capacity, **(before.get("allocatable") or {})},
        "addresses": before.get("addresses") or addresses_of(node),
        "nodeInfo": before.get("nodeInfo") or _info(node.uid, labels),
    }
    return {**told, "metadata": {**told["metadata"], "labels": labels}, "status": status}


def standard_labels(name: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the labels that a kubelet gives its node when it joins.

    A simulated machine is of the system and architecture that its node was labelled with.
    """
    architecture, system = given.get(ARCH) or "amd64", given.get(OS) or "linux"
    return {
        "beta.kubernetes.io/arch": architecture,
        "beta.kubernetes.io/os": system,
        ARCH: architecture,
        HOSTNAME: name,
        OS: system,
    }


def addresses_of(node: Node) -> list[Manifest]:
    """Return under which addresses a simulated machine is known."""
    internal = {"type": "InternalIP", "address": host_ip_of(node.uid)}
    return [internal, {"type": "Hostname", "address": node.name}]


def with_address(manifest: Manifest, address: str) -> Manifest:
    """Return a node whose machine is at another address."""
    known = [each for each in manifest["status"]["addresses"] if each["type"] != "InternalIP"]
    addresses = [{"type": "InternalIP", "address": address}, *known]
    return {**manifest, "status": {**manifest["status"], "addresses": addresses}}


def _info(uid: str, labels: Mapping[str, str]) -> Manifest:
    """Return what a machine tells of itself. Clients want its ids to be there, and not empty."""
    machine, boot = (hashlib.sha256(f"{of} {uid}".encode()).hexdigest()[:32] for of in ("machine", "boot"))
    return {
        "kubeletVersion": VERSION,
        "kubeProxyVersion": VERSION,
        "operatingSystem": labels[OS],
        "architecture": labels[ARCH],
        "osImage": "Everynode simulated machine",
        "kernelVersion": "simulated",
        "containerRuntimeVersion": "simulated://1",
        "machineID": machine,
        "systemUUID": dashed(machine),
        "bootID": dashed(boot),
    }


def dashed(digits: str) -> str:
    """Return 32 hexadecimal digits as a UUID is written."""
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _change(manifest: Manifest, reason: Reason, timers: Timers) -> Change:
    return Change(Verb.MODIFIED, "Node", manifest, NODE_CONTROLLER, reason, timers)


# -- what is said of it ----------------------------------------------------------------------------

WORDS = {
    ("MemoryPressure", "True"): "NodeHasInsufficientMemory",
    ("MemoryPressure", "False"): "NodeHasSufficientMemory",
    ("DiskPressure", "True"): "NodeHasDiskPressure",
    ("DiskPressure", "False"): "NodeHasNoDiskPressure",
    ("PIDPressure", "True"): "NodeHasInsufficientPID",
    ("PIDPressure", "False"): "NodeHasSufficientPID",
}


def events_of(before: Node, after: Node) -> Iterator[tuple[str, str]]:
    """Yield source and reason of the events about a node whose conditions became others."""
    if before.ready != after.ready:
        yield (KUBELET, "NodeReady") if after.ready == "True" else (NODE_CONTROLLER, "NodeNotReady")
    for (kind, status), reason in WORDS.items():
        was = condition(before.manifest, kind)
        if was and was != status and condition(after.manifest, kind) == status:
            yield KUBELET, reason
