"""What the pods of other workloads take of each node: they are added up, not kept.

A cluster has several times as many of them as of daemon pods. For a what-if it is enough to know how much
room they take, which ports they hold, and how many are not ready.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import NamedTuple

import orjson

from controller.engine.cluster.scheduler.demand import NODE_LOAD, Demand
from controller.engine.objects import Key, Manifest, condition

RESIZING = "PodResize"
OVER = frozenset({"Succeeded", "Failed"})


MOST_DEMANDS = 10_000
"""How many different demands are remembered: pods of one template have theirs in common."""


class Share(NamedTuple):
    """What one pod takes of its node."""

    node: str
    demand: Demand
    ready: bool


class NodeLoads:
    """The pods of other workloads by their place, and which nodes' sums may be others since last told."""

    def __init__(self) -> None:
        self._shares: dict[str, Share] = {}
        self._on: dict[str, set[str]] = {}
        self._touched: set[str] = set()
        self._demands: dict[bytes, Demand] = {}

    def put(self, place: str, pod: Manifest) -> None:
        """Take a pod into account as it is now: one that is over, or has no node, takes nothing."""
        spec, status = pod["spec"], pod.get("status") or {}
        node = spec.get("nodeName") or ""
        if not node or status.get("phase") in OVER:
            self.drop(place)
            return
        share = Share(node, self._demand(pod), condition(pod, "Ready") == "True")
        before = self._shares.get(place)
        if before == share:
            return
        if before is not None and before.node != node:
            self.drop(place)
        self._shares[place] = share
        self._on.setdefault(node, set()).add(place)
        self._touched.add(node)

    def _demand(self, pod: Manifest) -> Demand:
        """Return what a pod takes: those that are worded the same have it in common."""
        spec, status = pod["spec"], pod.get("status") or {}
        words = [[_asked(one) for one in spec.get(part) or ()] for part in ("initContainers", "containers")]
        has = [
            [(one["name"], one.get("resources")) for one in status.get(part) or ()]
            for part in ("initContainerStatuses", "containerStatuses")
        ]
        resizing = [one for one in status.get("conditions") or () if one["type"].startswith(RESIZING)]
        key = orjson.dumps([words, spec.get("overhead"), spec.get("hostNetwork"), has, resizing])
        demand = self._demands.get(key)
        if demand is None:
            if len(self._demands) >= MOST_DEMANDS:
                self._demands.clear()
            demand = self._demands[key] = Demand.standing(pod)
        return demand

    def has(self, place: str) -> bool:
        """Whether a pod is known, and takes anything."""
        return place in self._shares

    def drop(self, place: str) -> None:
        """Forget a pod, if it is known."""
        if share := self._shares.pop(place, None):
            self._on[share.node].discard(place)
            self._touched.add(share.node)

    def keep_only(self, places: set[str]) -> None:
        """Forget all others: a list tells all that there are."""
        for place in self._shares.keys() - places:
            self.drop(place)

    def told(self) -> Iterator[tuple[Key, Manifest | None, str]]:
        """Yield the sums of nodes that were touched: key, manifest (None: nothing there), and a digest."""
        for node in sorted(self._touched):
            key, shares = (NODE_LOAD, "", node), self._on.get(node)
            if not shares:
                self._on.pop(node, None)
                yield key, None, ""
                continue
            manifest = _manifest(node, [(place, self._shares[place]) for place in sorted(shares)])
            yield key, manifest, blake2b(orjson.dumps(manifest), digest_size=16).hexdigest()
        self._touched.clear()

    def nodes(self) -> set[str]:
        """Return the nodes on which there is any."""
        return {node for node, places in self._on.items() if places}


def _asked(container: Manifest) -> list[Manifest | str | None]:
    """Return all of a container that ``Demand`` looks at."""
    return [
        container.get("name"),
        container.get("resources"),
        container.get("ports"),
        container.get("restartPolicy"),
    ]


def _manifest(node: str, shares: Iterable[tuple[str, Share]]) -> Manifest:
    """Return the sums of a node as an object; amounts as ``Demand`` counts them."""
    others: Counter[str] = Counter()
    cpu = memory = scored_cpu = scored_memory = pods = unready = 0
    ports = []
    for place, (_, demand, ready) in shares:
        pods, unready = pods + 1, unready + (not ready)
        cpu, memory = cpu + demand.cpu, memory + demand.memory
        scored_cpu, scored_memory = scored_cpu + demand.scored_cpu, scored_memory + demand.scored_memory
        others.update(dict(demand.others))
        ports += [[*port, place] for port in sorted(demand.ports)]
    return {
        "apiVersion": "everynode.dev/v1",
        "kind": NODE_LOAD,
        "metadata": {"name": node, "uid": f"load-{blake2b(node.encode(), digest_size=12).hexdigest()}"},
        "pods": pods,
        "notReady": unready,
        "cpu": cpu,
        "memory": memory,
        "scored": [scored_cpu, scored_memory],
        "others": dict(sorted(others.items())),
        "ports": ports,
    }
