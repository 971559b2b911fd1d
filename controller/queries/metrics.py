"""What Prometheus is told of clusters: DaemonSets, nodes and daemon pods as their API shows them.

Read from the rows, whoever looks at the clusters or not. What manifests say is kept between two scrapes
in few words, and read anew only of the objects that changed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from sys import intern
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar

from django.conf import settings
from django.db.models import QuerySet

from controller import broker, heartbeat, models
from controller.engine.daemonset.status import Counts
from controller.engine.matching.quantities import quantity
from controller.engine.mirrored import seconds
from controller.engine.objects import DaemonSet, Manifest, Node
from controller.modes import Capability, Mode
from controller.store import clocks, rows

F = TypeVar("F")


class NodeFacts(NamedTuple):
    """A node. ``capacity`` and ``allocatable`` are in cores, bytes and pieces, by resource."""

    name: str
    created: float
    unschedulable: bool
    taints: tuple[tuple[str, str, str], ...]
    conditions: tuple[tuple[str, str], ...]
    capacity: tuple[tuple[str, float], ...]
    allocatable: tuple[tuple[str, float], ...]
    info: dict[str, str]
    address: str
    pod_range: str
    provider: str


class ContainerFacts(NamedTuple):
    """A container of a pod. ``waiting`` is why it waits, or ""."""

    name: str
    restarts: int
    waiting: str


class PodDetails(NamedTuple):
    """What only the manifest of a pod says: moments in Unix seconds."""

    created: float
    deleted: float | None
    address: str
    host: str
    host_network: bool
    priority_class: str
    containers: tuple[ContainerFacts, ...]


class PodFacts(NamedTuple):
    """A pod of a DaemonSet. ``ready`` is whether its condition Ready is True."""

    namespace: str
    name: str
    uid: str
    node: str
    owner: str
    phase: str
    ready: bool
    details: PodDetails


@dataclass(frozen=True, slots=True)
class SetFacts:
    """A DaemonSet as its status tells it."""

    namespace: str
    name: str
    created: float
    generation: int
    observed: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class MirrorFacts:
    """How a cluster is mirrored. ``age``: seconds since its API server was last heard of, None for never."""

    state: str
    age: float | None
    skew: float
    requests: int


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """A cluster. ``lag`` changes were seen by no pass, the next is ``overdue`` by so many wall seconds."""

    name: str
    mode: str
    number: int
    paused: bool
    lag: int
    overdue: float
    sets: tuple[SetFacts, ...]
    nodes: tuple[NodeFacts, ...]
    pods: tuple[PodFacts, ...]
    mirror: MirrorFacts | None


@dataclass(frozen=True, slots=True)
class Parts:
    """What stands beside the clusters. ``queue``: wakes that no worker has taken yet, None without Redis."""

    redis: bool
    worker: bool
    queue: int | None


class _Kept(Generic[F]):
    """What was read of the objects of a kind in a cluster, by uid, up to change ``number``."""

    def __init__(self, read: Callable[[Manifest], F]) -> None:
        self.number, self.read = 0, read
        self.facts: dict[str, F] = {}

    def update(self, standing: QuerySet[Any], number: int) -> dict[str, F]:
        """Read the manifests of rows that changed; return what is known of all that were ever there.

        ``number`` is the cluster's as it was read before anything else: what is newer is read again.
        """
        changed = standing.filter(version__gt=self.number).values_list("uid", "manifest")
        for uid, manifest in changed.iterator(chunk_size=rows.CHUNK):
            self.facts[uid] = self.read(manifest)
        self.number = number
        return self.facts

    def keep(self, uids: Iterable[str]) -> None:
        """Forget all others."""
        kept = set(uids)
        for uid in self.facts.keys() - kept:
            del self.facts[uid]


@dataclass
class _Memory:
    """What is kept between two scrapes of a cluster."""

    nodes: _Kept[NodeFacts] = field(default_factory=lambda: _Kept(_node))
    pods: _Kept[PodDetails] = field(default_factory=lambda: _Kept(_details))


_memory: dict[tuple[int, datetime], _Memory] = {}
"""By the id of a cluster and when it was made: an id may come again."""

_one_at_a_time = Lock()


def clusters_scraped() -> list[ClusterFacts]:
    """Return all clusters by name."""
    with _one_at_a_time:
        found = list(models.Cluster.objects.order_by("name"))
        for gone in _memory.keys() - {(row.pk, row.created) for row in found}:
            del _memory[gone]
        mirrors = {one.cluster_id: one for one in models.Mirror.objects.all()}
        return [_cluster(row, mirrors.get(row.pk)) for row in found]


def parts() -> Parts:
    """Return what stands beside the clusters."""
    beat = heartbeat.heard()
    queue = broker.attempt(
        lambda redis: int(redis.llen(f"{settings.REDIS_PREFIX}{settings.CELERY_TASK_DEFAULT_QUEUE}"))
    )
    return Parts(redis=beat is not None, worker=bool(beat), queue=queue)


def _cluster(row: models.Cluster, mirror: models.Mirror | None) -> ClusterFacts:
    memory, now = _memory.setdefault((row.pk, row.created), _Memory()), time.time()
    sets = {one.manifest["metadata"]["uid"]: one.manifest for one in rows.all_of(row.pk, DaemonSet.KIND)}
    reconciled = Capability.RECONCILE in Mode(row.mode).capabilities
    overdue = 0.0 if row.due is None or row.paused else (clocks.cluster_time(row, now) - row.due) / row.speed
    return ClusterFacts(
        name=row.name,
        mode=row.mode,
        number=row.number,
        paused=row.paused,
        lag=row.number - row.planned if reconciled else 0,
        overdue=max(0.0, overdue) if reconciled else 0.0,
        sets=tuple(_set(manifest) for manifest in sets.values()),
        nodes=_nodes(row, memory.nodes),
        pods=_pods(row, {uid: one["metadata"]["name"] for uid, one in sets.items()}, memory.pods),
        mirror=_mirror(mirror, now) if mirror else None,
    )


def _mirror(mirror: models.Mirror, now: float) -> MirrorFacts:
    age = None if mirror.last_seen is None else max(0.0, now - mirror.last_seen)
    return MirrorFacts(mirror.state, age, mirror.skew, mirror.requests)


def _set(manifest: Manifest) -> SetFacts:
    meta, status = manifest["metadata"], manifest.get("status") or {}
    return SetFacts(
        namespace=meta["namespace"],
        name=meta["name"],
        created=seconds(meta.get("creationTimestamp")) or 0.0,
        generation=meta.get("generation", 0),
        observed=status.get("observedGeneration", 0),
        counts=Counts.told_by(DaemonSet.read(manifest, {})),
    )


def _nodes(row: models.Cluster, kept: _Kept[NodeFacts]) -> tuple[NodeFacts, ...]:
    standing = models.Node.objects.filter(cluster=row)
    known = kept.update(standing, row.number)
    uids = list(standing.values_list("uid", flat=True))
    kept.keep(uids)
    return tuple(known[uid] for uid in uids if uid in known)


def _pods(row: models.Cluster, owners: dict[str, str], kept: _Kept[PodDetails]) -> tuple[PodFacts, ...]:
    """Return the pods that sets own; one that came since the manifests were read is there the next time."""
    standing = models.Pod.objects.filter(cluster=row, owner__in=list(owners))
    known = kept.update(standing, row.number)
    columns = standing.values_list("namespace", "name", "uid", "node", "owner", "phase", "ready")
    found = tuple(
        PodFacts(namespace, name, uid, node, owners[owner], phase, ready, known[uid])
        for namespace, name, uid, node, owner, phase, ready in columns.iterator(chunk_size=rows.CHUNK)
        if uid in known
    )
    kept.keep(pod.uid for pod in found)
    return found


def _node(manifest: Manifest) -> NodeFacts:
    meta, spec, status = manifest["metadata"], manifest.get("spec") or {}, manifest.get("status") or {}
    node = Node.read(manifest, {})
    conditions = status.get("conditions") or ()
    return NodeFacts(
        name=node.name,
        created=seconds(meta.get("creationTimestamp")) or 0.0,
        unschedulable=node.unschedulable,
        taints=tuple((taint.key, taint.value, taint.effect) for taint in node.taints),
        conditions=tuple((intern(one["type"]), intern(one["status"])) for one in conditions),
        capacity=_amounts(status.get("capacity")),
        allocatable=_amounts(status.get("allocatable")),
        info=status.get("nodeInfo") or {},
        address=node.address,
        pod_range=spec.get("podCIDR") or "",
        provider=spec.get("providerID") or "",
    )


def _amounts(resources: dict[str, str] | None) -> tuple[tuple[str, float], ...]:
    return tuple((intern(name), float(quantity(text))) for name, text in (resources or {}).items())


def _details(manifest: Manifest) -> PodDetails:
    meta, spec, status = manifest["metadata"], manifest["spec"], manifest.get("status") or {}
    told = {one["name"]: one for one in status.get("containerStatuses") or ()}
    return PodDetails(
        created=seconds(meta.get("creationTimestamp")) or 0.0,
        deleted=seconds(meta.get("deletionTimestamp")),
        address=status.get("podIP") or "",
        host=intern(status.get("hostIP") or ""),
        host_network=bool(spec.get("hostNetwork")),
        priority_class=intern(spec.get("priorityClassName") or ""),
        containers=tuple(_container(one["name"], told.get(one["name"]) or {}) for one in spec["containers"]),
    )


def _container(name: str, status: Manifest) -> ContainerFacts:
    waiting = (status.get("state") or {}).get("waiting") or {}
    return ContainerFacts(intern(name), status.get("restartCount", 0), intern(waiting.get("reason") or ""))
