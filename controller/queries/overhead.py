"""What the DaemonSets of a cluster ask of its nodes: their share of each, and what each set comes to.

Counted are pods that stand: bound, and not finished. What they ask for is what the scheduler counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from controller.engine.cluster.scheduler.filters import room_of
from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.objects import Pod
from controller.queries.room import Demands
from controller.store.views import ClusterView


@dataclass(frozen=True, slots=True)
class Amounts:
    """Thousandths of a cpu, bytes of memory, and pods."""

    cpu: int = 0
    memory: int = 0
    pods: int = 0

    def share(self, of: Amounts) -> tuple[float, float, float]:
        """Return the parts of the whole, 0 of nothing."""
        pairs = ((self.cpu, of.cpu), (self.memory, of.memory), (self.pods, of.pods))
        cpu, memory, pods = (part / whole if whole else 0.0 for part, whole in pairs)
        return cpu, memory, pods


@dataclass(frozen=True, slots=True)
class NodeOverhead:
    """What the sets ask of a node, of what it has for pods; ``sets`` have a pod there."""

    node: str
    asked: Amounts
    allocatable: Amounts
    sets: int


@dataclass(frozen=True, slots=True)
class SetOverhead:
    """What a set asks of all its nodes; ``each`` is what its dearest pod asks for."""

    namespace: str
    name: str
    asked: Amounts
    each: Amounts


@dataclass(frozen=True, slots=True)
class Overhead:
    """All nodes and all sets, by name, and what they come to together."""

    nodes: tuple[NodeOverhead, ...]
    sets: tuple[SetOverhead, ...]
    asked: Amounts
    allocatable: Amounts


def overhead(view: ClusterView) -> Overhead:
    """Return what the sets of a cluster ask of its nodes."""
    world = view.world
    sets = sorted(coverages(world).values(), key=lambda one: one.ds.key)
    demands = Demands(view, (pod for one in sets for pods in one.pods.values() for pod in pods))
    by_node: dict[str, list[int]] = {name: [0, 0, 0, 0] for name in world.nodes}
    found = []
    for one in sets:
        cpu = memory = count = most_cpu = most_memory = 0
        for name, pods in one.pods.items():
            node = by_node.get(name)
            standing = list(_standing(pods))
            if node is None or not standing:
                continue
            node[3] += 1
            for pod in standing:
                demand = demands.of(pod)
                node[0] += demand.cpu
                node[1] += demand.memory
                node[2] += 1
                cpu, memory, count = cpu + demand.cpu, memory + demand.memory, count + 1
                most_cpu, most_memory = max(most_cpu, demand.cpu), max(most_memory, demand.memory)
        asked, each = Amounts(cpu, memory, count), Amounts(most_cpu, most_memory, min(count, 1))
        found.append(SetOverhead(one.ds.namespace, one.ds.name, asked, each))
    nodes = tuple(
        NodeOverhead(name, Amounts(*by_node[name][:3]), _room(view, name), by_node[name][3])
        for name in sorted(world.nodes)
    )
    whole = _sum(one.allocatable for one in nodes)
    return Overhead(nodes, tuple(found), _sum(one.asked for one in nodes), whole)


def _standing(pods: Iterable[Pod]) -> Iterable[Pod]:
    return (pod for pod in pods if pod.bound and not pod.finished)


def _room(view: ClusterView, name: str) -> Amounts:
    room = room_of(view.world.nodes[name])
    return Amounts(room.cpu, room.memory, room.pods)


def _sum(many: Iterable[Amounts]) -> Amounts:
    cpu = memory = pods = 0
    for one in many:
        cpu, memory, pods = cpu + one.cpu, memory + one.memory, pods + one.pods
    return Amounts(cpu, memory, pods)
