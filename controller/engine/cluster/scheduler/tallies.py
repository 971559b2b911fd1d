"""How many pods of a kind stand in each domain: in each zone, or on each host.

A *mark* is what a tally knows of a node. Where a domain is about a node, it is the number of pods there:
then nodes with as many are alike, and one that gets another pod is no longer. Where domains are few it is
the domain itself, and its number is looked up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from controller.engine.objects import Node, Pod

Mark = int | str | None
"""The number of pods, or the domain, or None for a node without the label."""

FEW = 64
"""Up to so many domains a node is marked by its domain."""


class Tally:
    """Pods that ``counts`` accepts, by the value that the label ``key`` has on their nodes."""

    def __init__(
        self, key: str, nodes: Mapping[str, Node], counts: Callable[[Pod], bool], pods: Iterable[Pod]
    ) -> None:
        self.key = key
        self.counts = counts
        self.numbers: Counter[str] = Counter()
        self.members: dict[str, list[str]] = {}
        for name, node in nodes.items():
            if (domain := node.labels.get(key)) is not None:
                self.members.setdefault(domain, []).append(name)
        self.fine = len(self.members) > FEW
        for pod in pods:
            node_ = nodes.get(pod.node)
            domain = node_.labels.get(key) if node_ else None
            if domain is not None and counts(pod):
                self.numbers[domain] += 1

    def mark(self, node: Node) -> Mark:
        """Return what the tally knows of a node."""
        domain = node.labels.get(self.key)
        return self.numbers[domain] if self.fine and domain is not None else domain

    def number(self, mark: Mark) -> int:
        """Return how many pods stand in the domain of a mark."""
        return self.numbers[mark] if isinstance(mark, str) else mark or 0

    def add(self, pod: Pod, node: Node) -> Iterator[str]:
        """Count a pod that was bound; yield the nodes whose mark is another now."""
        domain = node.labels.get(self.key)
        if domain is None or not self.counts(pod):
            return
        self.numbers[domain] += 1
        if self.fine:
            yield from self.members[domain]
