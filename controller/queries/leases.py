"""The leases by which kubelets say that they live: one a node, made up when somebody asks.

Real ones are renewed every ten seconds. Stored, they would fill the log with nothing.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from controller import models
from controller.engine.errors import NotFound
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest, Node, Timers
from controller.engine.timeline import Timeline
from controller.queries.source import cluster_of
from controller.store import clocks, rows

NAMESPACE = "kube-node-lease"
SECONDS, RENEWED = 40, 10.0
"""How long a lease is good for, and after how many seconds of cluster time it is renewed."""


def node_lease(*, cluster: int, name: str) -> Manifest:
    """Return the lease of a node. Raises NotFound."""
    row = cluster_of(cluster)
    stored = rows.find(cluster, ("Node", "", name))
    if stored is None:
        raise NotFound(KINDS["Lease"].resource, name)
    return _lease(row, stored.manifest, stored.timers, time.time())


def node_leases(*, cluster: int) -> Iterator[Manifest]:
    """Yield the leases of all nodes, by their names. Raises NotFound for the cluster."""
    row, now = cluster_of(cluster), time.time()
    nodes = models.Node.objects.filter(cluster=row).order_by("name").values_list("manifest", "timers")
    for manifest, timers in nodes.iterator():
        yield _lease(row, manifest, timers, now)


def _lease(row: models.Cluster, manifest: Manifest, timers: Timers, now: float) -> Manifest:
    node, meta = Node.read(manifest, timers), manifest["metadata"]
    born = datetime.fromisoformat(meta["creationTimestamp"]).timestamp()
    renewed = datetime.fromtimestamp(max(born, _renewed(row, node, now)), UTC)
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "name": node.name,
            "namespace": NAMESPACE,
            "uid": str(uuid.uuid5(uuid.NAMESPACE_OID, f"lease/{node.uid}")),
            "creationTimestamp": meta["creationTimestamp"],
            "resourceVersion": meta["resourceVersion"],
            "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": node.name, "uid": node.uid}],
        },
        "spec": {
            "holderIdentity": node.name,
            "leaseDurationSeconds": SECONDS,
            "renewTime": renewed.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        },
    }


def _renewed(row: models.Cluster, node: Node, now: float) -> float:
    """Return the wall time at which a node's kubelet renewed its lease last."""
    if node.ready == "Unknown":
        return _lost(node) - row.node_grace
    timeline: Timeline = clocks.timeline(row, now - 2 * SECONDS)
    heard = min(timeline.cluster_at(now), node.timers.get("lost", float("inf")) - row.node_grace)
    return min(now, timeline.wall_at(heard - heard % RENEWED))


def _lost(node: Node) -> float:
    ready = next(entry for entry in node.manifest["status"]["conditions"] if entry.get("type") == "Ready")
    since = ready["lastTransitionTime"] or node.manifest["metadata"]["creationTimestamp"]
    return datetime.fromisoformat(since).timestamp()
