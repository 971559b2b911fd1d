"""Which of the nodes that fit is best: the default scorer's plugins with their weights.

Left out are those whose answer is chance or unknown here (images that a machine has, preferences of pods
that stand). Nodes with the same total are taken by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from controller.engine.cluster.scheduler.demand import Demand, Load
from controller.engine.cluster.scheduler.filters import room_of
from controller.engine.cluster.scheduler.podinfo import PodInfo
from controller.engine.matching.taints import covering
from controller.engine.objects import Node

BEST = 100
TAINTS, AFFINITY, SPREAD, LEANING = 3, 2, 2, 2
"""The weights of TaintToleration, NodeAffinity, PodTopologySpread and InterPodAffinity; the others' is 1."""


class Facts(NamedTuple):
    """What is known of a node: its plugins' raw values; ``spread`` None: nobody asks."""

    taints: int
    affinity: int
    spread: float | None
    leaning: float
    emptiness: int


def deterrents(info: PodInfo, node: Node) -> int:
    """Return how many PreferNoSchedule taints of the node the pod does not tolerate."""
    return sum(
        taint.effect == "PreferNoSchedule" and covering(taint, info.tolerations) is None
        for taint in node.taints
    )


def attraction(info: PodInfo, node: Node) -> int:
    """Return the weights of the preferred node terms that the node meets."""
    return sum(weight for weight, term in info.preferred if term.matches(node.labels, node.name))


def emptiness(demand: Demand, load: Load, node: Node) -> int:
    """Return how much is left of the node with the pod on it, and how evenly (each up to 100).

    Kubernetes: LeastAllocated, and BalancedAllocation for pods that ask for something.
    """
    room = room_of(node)
    if not room.cpu or not room.memory:
        return 0
    cpu = max(0, room.cpu - load.scored_cpu - demand.scored_cpu)
    memory = max(0, room.memory - load.scored_memory - demand.scored_memory)
    least = (cpu * BEST // room.cpu + memory * BEST // room.memory) // 2
    if not demand.cpu and not demand.memory:
        return least
    shares = (
        min(1.0, (load.cpu + demand.cpu) / room.cpu),
        min(1.0, (load.memory + demand.memory) / room.memory),
    )
    return least + int((1 - abs(shares[0] - shares[1]) / 2) * BEST)


def totals(nodes: Sequence[Facts]) -> list[int]:
    """Return the score of each node beside the others: plugins are measured by the best and the worst."""
    most_taints = max(each.taints for each in nodes)
    most_affinity = max(each.affinity for each in nodes)
    fullness = [each.spread for each in nodes if each.spread is not None]
    highest, lowest = max(fullness, default=0.0), min(fullness, default=0.0)
    liked, disliked = max(each.leaning for each in nodes), min(each.leaning for each in nodes)

    def total(each: Facts) -> int:
        taints = BEST - BEST * each.taints // most_taints if most_taints else BEST
        affinity = BEST * each.affinity // most_affinity if most_affinity else 0
        spread = 0
        if each.spread is not None:
            spread = int(BEST * (highest + lowest - each.spread) / highest) if highest else BEST
        leaning = int(BEST * (each.leaning - disliked) / (liked - disliked)) if liked > disliked else 0
        weighed = TAINTS * taints + AFFINITY * affinity + SPREAD * spread + LEANING * leaning
        return weighed + each.emptiness

    return [total(each) for each in nodes]
