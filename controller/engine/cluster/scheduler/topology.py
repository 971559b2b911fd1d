"""Where other pods stand: topology spread, and affinity and anti-affinity between pods.

Each rule looks at one tally. A node is seen by its marks, one for every rule; nodes with the same marks
are alike to all of them.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from controller.engine.cluster.scheduler import filters
from controller.engine.cluster.scheduler.podinfo import Constraint, PodInfo, PodTerm
from controller.engine.cluster.scheduler.snapshot import Snapshot
from controller.engine.cluster.scheduler.tallies import Mark, Tally
from controller.engine.objects import Node, Pod

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
DEFAULTS = ((HOST, 3), (ZONE, 5))
"""By which labels, and with which skew, Kubernetes spreads the pods of a workload that asks for nothing."""


class Rule(ABC):
    """One rule about other pods, for one kind of pod."""

    tally: Tally

    @abstractmethod
    def obstacle(self, mark: Mark, gone: int) -> str:
        """Return why a node of this mark will not do, or ""; ``gone`` counted pods are thought away there."""

    def add(self, pod: Pod, node: Node) -> Iterator[str]:
        """Count a pod that was bound; yield the nodes whose mark is another now."""
        return self.tally.add(pod, node)


class Spread(Rule):
    """A constraint with DoNotSchedule: only nodes that bear all its labels count."""

    def __init__(self, info: PodInfo, pod: Pod, constraint: Constraint, snapshot: Snapshot) -> None:
        self.constraint = constraint
        self.itself = int(constraint.term.matches(pod, snapshot.labels_of))
        keys = [each.term.key for each in info.constraints if each.hard]
        self.nodes = {
            name: node
            for name, node in snapshot.nodes.items()
            if all(key in node.labels for key in keys)
            and (not constraint.affinity or filters.is_wanted(info, node))
            and (not constraint.taints or filters.is_tolerated(info, node))
        }
        counts = _stands(constraint.term, snapshot)
        self.tally = Tally(constraint.term.key, self.nodes, counts, snapshot.pods())
        self.heights = Counter(self.tally.numbers[domain] for domain in self.tally.members)

    def obstacle(self, mark: Mark, gone: int) -> str:
        """Refuse a domain that would be too far above the lowest."""
        if mark is None:
            return filters.NO_DOMAIN
        number = self.tally.number(mark) - gone
        enough = len(self.tally.members) >= self.constraint.least
        lowest = min((number, *self.heights)) if enough else 0
        return filters.SPREAD if number + self.itself - lowest > self.constraint.skew else ""

    def add(self, pod: Pod, node: Node) -> Iterator[str]:
        """Count a pod that was bound to a node that counts, and keep how high the domains are."""
        if node.name not in self.nodes:
            return
        domain = node.labels[self.tally.key]
        before = self.tally.numbers[domain]
        yield from self.tally.add(pod, node)
        self.heights[before] -= 1
        self.heights[self.tally.numbers[domain]] += 1
        self.heights = +self.heights


class Near(Rule):
    """A required affinity: pods that all its terms mean must stand in the domain already."""

    def __init__(self, info: PodInfo, pod: Pod, term: PodTerm, snapshot: Snapshot) -> None:
        def meant(other: Pod) -> bool:
            return all(each.matches(other, snapshot.labels_of) for each in info.near)

        def counts(other: Pod) -> bool:
            return _is_there(other) and meant(other)

        self.tally = Tally(term.key, snapshot.nodes, counts, snapshot.pods())
        self.is_first = meant(pod)

    def obstacle(self, mark: Mark, gone: int) -> str:
        """Refuse a domain without them; the first of a group that wants to be together may go anywhere."""
        if mark is None:
            return filters.NEAR
        alone = self.is_first and not self.tally.numbers.total()
        return "" if alone or self.tally.number(mark) - gone > 0 else filters.NEAR


class Apart(Rule):
    """A required anti-affinity: the pod's own, or (``said`` otherwise) that of pods that stand."""

    def __init__(self, tally: Tally, said: str) -> None:
        self.tally = tally
        self.said = said

    def obstacle(self, mark: Mark, gone: int) -> str:
        """Refuse a domain in which one of them stands; a node without the label is in none."""
        return self.said if self.tally.number(mark) - gone > 0 and mark is not None else ""


class Leaning:
    """What a pod would rather have: ``weigh`` turns the number of pods of a domain into a score."""

    def __init__(self, tally: Tally, weigh: Callable[[int], float]) -> None:
        self.tally = tally
        self.weigh = weigh

    def score(self, mark: Mark) -> float:
        """Return what the domain of a mark is worth."""
        return 0.0 if mark is None else self.weigh(self.tally.number(mark))


class Topology:
    """All that one kind of pod asks of where other pods stand."""

    def __init__(self, info: PodInfo, pod: Pod, snapshot: Snapshot) -> None:
        self._snapshot, self._read = snapshot, len(snapshot.bound)
        self.rules: list[Rule] = [*_spreads(info, pod, snapshot), *between_pods(info, pod, snapshot)]
        self.spreading = list(_spreading(info, snapshot))
        self.leaning = [
            Leaning(Tally(term.key, snapshot.nodes, _meant(term, snapshot), snapshot.pods()), _times(weight))
            for weight, term in info.preferred_pods
        ]

        asked: list[Rule | Leaning] = [*self.rules, *self.spreading, *self.leaning]
        self._tallies = [each.tally for each in asked]

    def marks(self, node: Node) -> tuple[Mark, ...]:
        """Return how the rules see a node."""
        return tuple([tally.mark(node) for tally in self._tallies])

    def obstacle(self, marks: Sequence[Mark], gone: Sequence[Pod] = ()) -> str:
        """Return why a node of these marks will not do, or "", with some of its pods thought away."""
        for rule, mark in zip(self.rules, marks, strict=False):
            less = sum(map(rule.tally.counts, gone)) if gone else 0
            if obstacle := rule.obstacle(mark, less):
                return obstacle
        return ""

    def spread_score(self, marks: Sequence[Mark]) -> float:
        """Return how full the domains of a node are: less is better."""
        begin = len(self.rules)
        return sum(each.score(mark) for each, mark in zip(self.spreading, marks[begin:], strict=False))

    def leaning_score(self, marks: Sequence[Mark]) -> float:
        """Return how much the pod would like to be there for the sake of others."""
        begin = len(self.rules) + len(self.spreading)
        return sum(each.score(mark) for each, mark in zip(self.leaning, marks[begin:], strict=True))

    def catch_up(self) -> set[str]:
        """Count what was bound since; return the nodes whose marks are others now."""
        moved: set[str] = set()
        bound = self._snapshot.bound
        for pod in bound[self._read :]:
            node = self._snapshot.nodes[pod.node]
            for rule in self.rules:
                moved.update(rule.add(pod, node))
            for each in (*self.spreading, *self.leaning):
                moved.update(each.tally.add(pod, node))
        self._read = len(bound)
        return moved


def between_pods(info: PodInfo, pod: Pod, snapshot: Snapshot) -> Iterator[Rule]:
    """Yield the rules of affinity and anti-affinity between pods, in the order in which they speak."""
    for term in info.near:
        yield Near(info, pod, term, snapshot)
    for term in info.apart:
        counts = _meant(term, snapshot)
        yield Apart(Tally(term.key, snapshot.nodes, counts, snapshot.pods()), filters.APART)
    keys = {term.key for _, terms in snapshot.repelling.values() for term in terms}
    for key in sorted(keys):
        counts = repels(key, pod, snapshot)
        standing = [snapshot.pod(one) for one in snapshot.repelling]
        tally = Tally(key, snapshot.nodes, counts, standing)
        if tally.numbers:
            yield Apart(tally, filters.REPELLED)


def repels(key: str, pod: Pod, snapshot: Snapshot) -> Callable[[Pod], bool]:
    """Return which pods that stand keep ``pod`` out of their domains of a label."""

    def counts(other: Pod) -> bool:
        terms = snapshot.footprint_of(other).apart
        return any(term.key == key and term.matches(pod, snapshot.labels_of) for term in terms)

    return counts


def _is_there(pod: Pod) -> bool:
    return pod.bound and not pod.finished


def _meant(term: PodTerm, snapshot: Snapshot) -> Callable[[Pod], bool]:
    return lambda pod: _is_there(pod) and term.matches(pod, snapshot.labels_of)


def _stands(term: PodTerm, snapshot: Snapshot) -> Callable[[Pod], bool]:
    return lambda pod: not pod.terminating and _is_there(pod) and term.matches(pod, snapshot.labels_of)


def _times(weight: int) -> Callable[[int], float]:
    return lambda number: weight * number


def _spreads(info: PodInfo, pod: Pod, snapshot: Snapshot) -> Iterator[Rule]:
    for constraint in info.constraints:
        if constraint.hard:
            yield Spread(info, pod, constraint, snapshot)


def _spreading(info: PodInfo, snapshot: Snapshot) -> Iterator[Leaning]:
    """Yield what spreads the pod as far as it goes: its own wishes, or those of every workload."""
    for constraint in info.constraints:
        if not constraint.hard:
            counts = _stands(constraint.term, snapshot)
            tally = Tally(constraint.term.key, snapshot.nodes, counts, snapshot.pods())
            yield Leaning(tally, _fullness(tally, constraint.skew))
    if info.spread_with:
        for key, skew in DEFAULTS:
            tally = Tally(
                key, snapshot.nodes, _siblings(info.spread_with), snapshot.owned_by(info.spread_with)
            )
            yield Leaning(tally, _fullness(tally, skew))


def _siblings(owner: str) -> Callable[[Pod], bool]:
    return lambda pod: pod.owner == owner and not pod.terminating and _is_there(pod)


def _fullness(tally: Tally, skew: int) -> Callable[[int], float]:
    """Return the weight of a pod in a domain: the more domains, the more a difference counts."""
    weight = math.log(len(tally.members) + 2)
    return lambda number: number * weight + (skew - 1)
