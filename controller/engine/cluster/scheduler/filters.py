"""The filters that look at one node: who may go there, and for whom there is room.

They stand in Kubernetes' order; the first that fails speaks for a node. Of what it lacks a node names
everything.
"""

from __future__ import annotations

from collections.abc import Callable

from controller.engine.cluster.scheduler.demand import Demand, Load, Port
from controller.engine.cluster.scheduler.podinfo import PodInfo
from controller.engine.matching.affinity import any_term_matches
from controller.engine.matching.quantities import bytes_of, cpu_milli
from controller.engine.matching.taints import covering, untolerated
from controller.engine.objects import Manifest, Node, Taint
from controller.engine.remembered import remembered
from controller.engine.values import Code, value

UNSCHEDULABLE = "node(s) were unschedulable"
TAINTS = "node(s) had untolerated taint(s)"
AFFINITY = "node(s) didn't match Pod's node affinity/selector"
PINNED = "node(s) didn't satisfy plugin(s) [NodeAffinity]"
PORTS = "node(s) didn't have free ports for the requested pod ports"
VOLUMES = "node(s) didn't match PersistentVolume's node affinity"
NO_VOLUME = "node(s) didn't find available persistent volumes to bind"
SPREAD = "node(s) didn't match pod topology spread constraints"
NO_DOMAIN = "node(s) didn't match pod topology spread constraints (missing required label)"
NEAR = "node(s) didn't match pod affinity rules"
APART = "node(s) didn't match pod anti-affinity rules"
REPELLED = "node(s) didn't satisfy existing pods anti-affinity rules"
TOO_MANY = "Too many pods"

HOPELESS = frozenset({UNSCHEDULABLE, TAINTS, AFFINITY, PINNED, VOLUMES, NO_VOLUME, NO_DOMAIN, NEAR})
"""What no eviction mends."""

CORDON = Taint("node.kubernetes.io/unschedulable", "", "NoSchedule")


class Cause(Code):
    """What kind of change may let a pod fit that fits nowhere."""

    CORDON = "cordon"
    TAINTS = "taints"
    LABELS = "labels"
    ROOM = "room"
    VOLUMES = "volumes"
    SPREAD = "spread"
    NEAR = "near"
    APART = "apart"


CAUSES: dict[str, Cause] = {
    UNSCHEDULABLE: Cause.CORDON,
    TAINTS: Cause.TAINTS,
    AFFINITY: Cause.LABELS,
    PINNED: Cause.LABELS,
    VOLUMES: Cause.LABELS,
    NO_VOLUME: Cause.VOLUMES,
    SPREAD: Cause.SPREAD,
    NO_DOMAIN: Cause.LABELS,
    NEAR: Cause.NEAR,
    APART: Cause.APART,
    REPELLED: Cause.APART,
}
"""By obstacle; whatever is not here is a lack of room."""


def cause_of(obstacle: str) -> Cause:
    """Return which kind of change would help against an obstacle."""
    return CAUSES.get(obstacle, Cause.ROOM)


def _is_open(info: PodInfo, node: Node) -> bool:
    return not node.unschedulable or covering(CORDON, info.tolerations) is not None


def is_tolerated(info: PodInfo, node: Node) -> bool:
    """Whether the pod tolerates the node's taints."""
    return not node.taints or not untolerated(node.taints, info.tolerations)


def is_wanted(info: PodInfo, node: Node) -> bool:
    """Whether the pod's nodeSelector and required node affinity match the node."""
    for key, text in info.selector:
        if node.labels.get(key) != text:
            return False
    return info.required is None or any_term_matches(info.required, node.labels, node.name)


FILTERS: tuple[tuple[str, Callable[[PodInfo, Node], bool]], ...] = (
    (UNSCHEDULABLE, _is_open),
    (TAINTS, is_tolerated),
    (AFFINITY, is_wanted),
)
"""What does not depend on who runs there already."""


def refused(info: PodInfo, node: Node) -> str:
    """Return why the pod may not go to the node, whoever runs there; "" if it may."""
    for obstacle, passes in FILTERS:
        if not passes(info, node):
            return obstacle
    return ""


@value(frozen=True, slots=True)
class Room:
    """What a node has to give."""

    pods: int
    cpu: int
    memory: int
    others: dict[str, int]


def room_of(node: Node) -> Room:
    """Return what a node has to give; one that has not reported yet gives nothing but places."""
    return _room((node.manifest.get("status") or {}).get("allocatable") or NOTHING)


NOTHING: Manifest = {}


@remembered
def _room(allocatable: Manifest) -> Room:
    others = {name: bytes_of(text) for name, text in allocatable.items() if name not in {"cpu", "pods"}}
    memory = others.pop("memory", 0)
    return Room(int(allocatable.get("pods", 110)), cpu_milli(allocatable.get("cpu", 0)), memory, others)


def lacking(demand: Demand, load: Load, node: Node) -> list[str]:
    """Return what is missing on the node for one more pod: its ports, or all resources that do not reach."""
    if demand.ports and any(ports_clash(port, held) for port in demand.ports for held in load.ports):
        return [PORTS]
    room = room_of(node)
    missing = [TOO_MANY] if load.pods + 1 > room.pods else []
    if demand.cpu and demand.cpu + load.cpu > room.cpu:
        missing.append("Insufficient cpu")
    if demand.memory and demand.memory + load.memory > room.memory:
        missing.append("Insufficient memory")
    if demand.others:
        held = dict(load.others)
        missing += (
            f"Insufficient {name}"
            for name, amount in demand.others
            if amount + held.get(name, 0) > room.others.get(name, 0)
        )
    return missing


EMPTY = Load()


def ports_clash(wanted: Port, held: Port) -> bool:
    """Whether two pods that ask for these ports of a machine cannot both be there."""
    everywhere = {"0.0.0.0", ""}  # noqa: S104 -- Kubernetes' word for every address
    same = wanted[0] == held[0] or wanted[0] in everywhere or held[0] in everywhere
    return same and wanted[1:] == held[1:]


def reaches_volumes(info: PodInfo, node: Node) -> bool:
    """Whether the volumes of the pod can be had on the node."""
    return not info.volumes or all(any_term_matches(terms, node.labels, node.name) for terms in info.volumes)
