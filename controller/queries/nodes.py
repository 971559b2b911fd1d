"""Nodes: their names, and one machine with its room, its pods and the verdict of every set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from controller.engine.cluster.scheduler.demand import Demand
from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.placement import Verdict, verdict
from controller.engine.errors import NotFound
from controller.engine.kinds import KINDS
from controller.engine.matching.quantities import bytes_of, cpu_milli
from controller.engine.objects import Manifest, Node, Taint
from controller.queries.causes import Causes, PairCause
from controller.queries.events import EventLine, events
from controller.queries.podlines import Condition, PodLine, conditions, pod_line
from controller.queries.pods import places_on
from controller.store.details import EventFilter
from controller.store.views import ClusterView

GONE_PHASES = ("Failed", "Succeeded")


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node. ``version`` is its resourceVersion, ``pods`` counts those bound for it."""

    name: str
    uid: str
    version: str
    ready: str
    unschedulable: bool
    down: bool
    labels: dict[str, str]
    taints: tuple[Taint, ...]
    created: str
    kubelet: str
    pods: int


@dataclass(frozen=True, slots=True)
class Room:
    """What a node has for pods and how much of it they ask for: thousandths of a cpu, bytes, pods."""

    cpu: int
    cpu_used: int
    memory: int
    memory_used: int
    pods: int
    pods_used: int


@dataclass(frozen=True, slots=True)
class NodeSet:
    """A set as seen from one node; ``cause`` is why it has no available pod there, None if it has."""

    id: str
    namespace: str
    name: str
    state: CellState
    verdict: Verdict
    cause: PairCause | None


@dataclass(frozen=True, slots=True)
class NodeDetail:
    """One node, with its pods and the sets by namespace and name."""

    node: NodeRow
    annotations: dict[str, str]
    conditions: tuple[Condition, ...]
    capacity: dict[str, str]
    allocatable: dict[str, str]
    info: dict[str, str]
    room: Room
    pods: tuple[PodLine, ...]
    sets: tuple[NodeSet, ...]
    events: tuple[EventLine, ...]
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class NodeCounts:
    """How many nodes there are, and how many of them are not ready."""

    nodes: int
    unready: int


def node_counts(view: ClusterView) -> NodeCounts:
    """Return how the nodes of a cluster are as a whole."""
    nodes = view.world.nodes.values()
    return NodeCounts(len(nodes), sum(node.down or node.ready != "True" for node in nodes))


def node_names(view: ClusterView) -> tuple[str, ...]:
    """Return the names of all nodes, in order."""
    return tuple(sorted(view.world.nodes))


def node(view: ClusterView, *, name: str) -> NodeDetail:
    """Return one node. Raises NotFound."""
    seen = view.world.nodes.get(name)
    if seen is None:
        raise NotFound(KINDS["Node"].resource, name)
    manifest, status = seen.manifest, seen.manifest.get("status") or {}
    manifests = list(view.pods(places_on(view, name)).values())
    return NodeDetail(
        node=node_row(seen, len(manifests)),
        annotations=manifest["metadata"].get("annotations") or {},
        conditions=conditions(status),
        capacity=status.get("capacity") or {},
        allocatable=status.get("allocatable") or {},
        info=status.get("nodeInfo") or {},
        room=_room(status, manifests),
        pods=tuple(pod_line(each) for each in manifests),
        sets=_sets(view, seen),
        events=events(view, EventFilter(uid=seen.uid)).items,
        manifest=manifest,
    )


def node_row(node: Node, pods: int) -> NodeRow:
    """Return the facts of a node."""
    meta, status = node.manifest["metadata"], node.manifest.get("status") or {}
    return NodeRow(
        name=node.name,
        uid=node.uid,
        version=meta.get("resourceVersion", ""),
        ready=node.ready,
        unschedulable=node.unschedulable,
        down=node.down,
        labels=node.labels,
        taints=node.taints,
        created=meta.get("creationTimestamp") or "",
        kubelet=(status.get("nodeInfo") or {}).get("kubeletVersion") or "",
        pods=pods,
    )


def _sets(view: ClusterView, node: Node) -> tuple[NodeSet, ...]:
    sets = sorted(coverages(view.world).values(), key=lambda each: each.ds.key)
    return tuple(
        NodeSet(
            id=each.ds.uid,
            namespace=each.ds.namespace,
            name=each.ds.name,
            state=view.cell(each.ds.uid, node.name),
            verdict=verdict(each.wants, node),
            cause=Causes(view, each).of(node.name),
        )
        for each in sets
    )


def _room(status: Manifest, pods: Iterable[Manifest]) -> Room:
    """Add up what the pods that are bound and not finished ask for, the way the scheduler does."""
    has = status.get("allocatable") or {}
    asked = [
        Demand.of(pod["spec"])
        for pod in pods
        if pod["spec"].get("nodeName") and (pod.get("status") or {}).get("phase") not in GONE_PHASES
    ]
    return Room(
        cpu=cpu_milli(has.get("cpu", 0)),
        cpu_used=sum(each.cpu for each in asked),
        memory=bytes_of(has.get("memory", 0)),
        memory_used=sum(each.memory for each in asked),
        pods=int(has.get("pods", 0)),
        pods_used=len(asked),
    )
