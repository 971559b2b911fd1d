"""What logs and programs in containers need to know of a pod: itself, its machine, and what it mounts."""

from __future__ import annotations

import time
from dataclasses import dataclass

from controller.engine.container.logs import wall_of
from controller.engine.container.sources import ConfigSources, sources_of
from controller.engine.objects import Manifest, Node
from controller.engine.timeline import Timeline
from controller.queries.source import cluster_of, found
from controller.store import clocks, rows


@dataclass(frozen=True, slots=True)
class PodSeen:
    """A pod as it stands at a ``number`` of its cluster, and at the wall time ``now`` (Unix seconds).

    ``node`` is the machine it is bound to ({} without one), and ``reached`` whether that answers.
    """

    pod: Manifest
    node: Manifest
    reached: bool
    timeline: Timeline
    number: int
    now: float


def pod_seen(*, cluster: int, namespace: str, name: str) -> PodSeen:
    """Return a pod, its machine and its clock. Raises NotFound."""
    now = time.time()
    row = cluster_of(cluster)
    pod = found(cluster, "Pod", namespace, name).manifest
    machine = rows.find(cluster, ("Node", "", pod["spec"].get("nodeName") or ""))
    reached = machine is not None and not Node.read(machine.manifest, {}).down
    # What runs began no earlier than this; spans of the clock that were over by then do not matter.
    born = wall_of(pod["metadata"].get("creationTimestamp"))
    return PodSeen(
        pod=pod,
        node=machine.manifest if machine else {},
        reached=reached,
        timeline=clocks.timeline(row, born),
        number=row.number,
        now=now,
    )


def config_sources_of(*, cluster: int, pod: Manifest) -> ConfigSources:
    """Return the config maps and secrets that a pod names, of those that exist."""

    def find(kind: str, namespace: str, name: str) -> Manifest | None:
        stored = rows.find(cluster, (kind, namespace, name))
        return stored.manifest if stored else None

    return sources_of(pod, find)
