"""One kind of pod against all nodes: which of them passes, which is best, and why none will do.

Nodes that the scorer cannot tell apart but by their load stand in one *bucket*, a heap with the emptiest
on top. So to place the next pod of a kind costs as much as there are buckets, however many nodes there
are. Loads only grow while a snapshot lasts, so what does not fit any longer is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from controller.engine.cluster.scheduler import filters, scores
from controller.engine.cluster.scheduler.demand import Load
from controller.engine.cluster.scheduler.podinfo import PodInfo
from controller.engine.cluster.scheduler.snapshot import Snapshot
from controller.engine.cluster.scheduler.tallies import Mark
from controller.engine.cluster.scheduler.topology import Topology
from controller.engine.objects import Node, Pod


class Kind(NamedTuple):
    """What nodes of one bucket have in common: taints that put off, affinity that draws, and marks."""

    taints: int
    affinity: int
    marks: tuple[Mark, ...]


class Placement:
    """Pods of one ``PodInfo``, of which ``pod`` is one."""

    def __init__(self, info: PodInfo, pod: Pod, snapshot: Snapshot) -> None:
        self.info = info
        self.snapshot = snapshot
        self.topology = Topology(info, pod, snapshot)
        self._kinds: dict[str, Kind] = {}
        self._loads: dict[str, Load] = {}
        self._buckets: dict[Kind, list[tuple[int, str]]] = {}
        for name, node in snapshot.nodes.items():
            if not filters.refused(info, node) and filters.reaches_volumes(info, node):
                self._enter(name, node)
        for heap in self._buckets.values():
            heapify(heap)

    def _enter(self, name: str, node: Node) -> None:
        """Put a node at the end of its bucket, if there is room on it."""
        load = self.snapshot.load_of(name)
        if filters.lacking(self.info.demand, load, node):
            self._kinds.pop(name, None)
            return
        kind = Kind(
            scores.deterrents(self.info, node),
            scores.attraction(self.info, node),
            self.topology.marks(node),
        )
        self._kinds[name], self._loads[name] = kind, load
        self._buckets.setdefault(kind, []).append((-scores.emptiness(self.info.demand, load, node), name))

    def _again(self, name: str) -> None:
        """Put a node into the bucket in which it belongs now; where it was, it is found to be gone."""
        self._enter(name, self.snapshot.nodes[name])
        if name in self._kinds:
            heap = self._buckets[self._kinds[name]]
            heappush(heap, heap.pop())

    def _top(self, kind: Kind) -> str:
        """Return the emptiest node of a bucket, or "" if it has none left."""
        heap = self._buckets[kind]
        while heap:
            name = heap[0][1]
            if self._kinds.get(name) != kind:
                heappop(heap)
            elif self._loads[name] is self.snapshot.load_of(name):
                return name
            else:
                heappop(heap)
                self._again(name)
        return ""

    def best(self) -> str:
        """Return the node on which the next pod of this kind is best placed, or "" if there is none."""
        for name in self.topology.catch_up():
            if name in self._kinds:
                self._again(name)
        found = []
        for kind in list(self._buckets):
            name = self._top(kind)
            if not name:
                del self._buckets[kind]
            elif not self.topology.obstacle(kind.marks):
                found.append((kind, self._buckets[kind][0]))
        if not found:
            return ""
        totals = scores.totals([self._facts(kind, -entry[0]) for kind, entry in found])
        ranked = [(-total, entry[1]) for total, (_, entry) in zip(totals, found, strict=True)]
        return min(ranked)[1]

    def obstacles(self, name: str) -> list[str]:
        """Return why a pod of this kind cannot run on a node."""
        snapshot = self.snapshot
        return obstacles(self.info, snapshot.nodes[name], snapshot.load_of(name), self.topology)

    def survey(self) -> dict[str, list[str]]:
        """Return what stands in the way on each node, by its name."""
        return {name: self.obstacles(name) for name in self.snapshot.nodes}

    def _facts(self, kind: Kind, emptiness: int) -> scores.Facts:
        return scores.Facts(
            kind.taints,
            kind.affinity,
            self.topology.spread_score(kind.marks) if self.topology.spreading else None,
            self.topology.leaning_score(kind.marks),
            emptiness,
        )


def obstacles(
    info: PodInfo, node: Node, load: Load, topology: Topology | None, gone: Sequence[Pod] = ()
) -> list[str]:
    """Return why a pod cannot run on a node that bears ``load``, with some of its pods thought away."""
    if obstacle := filters.refused(info, node):
        return [obstacle]
    if lacking := filters.lacking(info.demand, load, node):
        return lacking
    if not filters.reaches_volumes(info, node):
        return [filters.VOLUMES if all(info.volumes) else filters.NO_VOLUME]
    obstacle = topology.obstacle(topology.marks(node), gone) if topology and topology.rules else ""
    return [obstacle] if obstacle else []
