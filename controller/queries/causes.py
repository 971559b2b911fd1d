"""Why the nodes of a set have no available pod of it, as values that nodes share.

Of a whole set at once, from what a view keeps in memory. What one node has to say in full, its
containers' words and who holds what it lacks, is ``explain``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.placement import Check, Traits, nameless, traits_of, verdict
from controller.engine.objects import Node
from controller.queries.rollouts import Cause, Why, look_at, speaker_of
from controller.queries.room import Lacks
from controller.queries.source import set_in
from controller.store.views import ClusterView

IMAGE_ERRORS = frozenset({"ErrImagePull", "ImagePullBackOff"})
"""A kubelet takes turns with the two while one image cannot be pulled."""


@dataclass(frozen=True, slots=True)
class PairCause:
    """Why a node has no available pod of a set, or should have none. Nodes with equal ones share it.

    Either the ``check`` that keeps pods away, without the node's name, or ``why``, without seconds; then
    ``lacks`` names what a pod that is not scheduled does not find there, as far as that is known.
    """

    check: Check | None = None
    why: Why | None = None
    lacks: tuple[str, ...] = ()


class Causes:
    """The causes of one set, each found when it is asked for."""

    def __init__(self, view: ClusterView, coverage: Coverage) -> None:
        self.view, self.coverage, self.nodes = view, coverage, view.world.nodes
        self.look = look_at(view, coverage)
        self.unavailable = frozenset(self.look.unavailable)
        self._traits = traits_of(coverage.wants)
        self._checks: dict[Traits, Check | None] = {}
        self._known: dict[tuple[Cause, str, tuple[str, ...]], PairCause] = {}

    def of(self, name: str) -> PairCause | None:
        """Return the cause of a node, or None if a pod should run there and one is available."""
        node, pair = self.nodes.get(name), self.coverage.pairs.get(name)
        if node is None or pair is None:
            return None
        if self.view.cell(self.coverage.ds.uid, name) is CellState.DOWN:
            return PairCause(why=Why(Cause.NODE_DOWN))
        if not pair.should_run:
            return PairCause(check=self._check(node))
        if name not in self.unavailable:
            return None
        why = self.look.why(pair, speaker_of(pair))
        reason = "ImagePullBackOff" if why.reason in IMAGE_ERRORS else why.reason
        key = why.cause, reason, self._lacks.on(name) if name in self._lacks else ()
        if key not in self._known:  # there may be thousands of nodes, and few causes
            self._known[key] = PairCause(why=Why(why.cause, reason), lacks=key[2])
        return self._known[key]

    def _check(self, node: Node) -> Check | None:
        traits = self._traits(node)
        if traits not in self._checks:
            failing = verdict(self.coverage.wants, node).first_failing
            self._checks[traits] = nameless(failing) if failing else None
        return self._checks[traits]

    @cached_property
    def _lacks(self) -> Lacks:
        """Return what the pods lack that no node has taken yet."""
        pairs = (self.coverage.pairs[name] for name in self.look.unavailable)
        speaking = ((speaker_of(pair), self.nodes.get(pair.node)) for pair in pairs)
        return Lacks(self.view, ((pod, node) for pod, node in speaking if pod and node and not pod.bound))

    def sharing(self, cause: PairCause) -> list[str]:
        """Return the nodes with a cause, in the order of their names."""
        return sorted(name for name in self._like(cause) if self.of(name) == cause)

    def _like(self, cause: PairCause) -> Iterator[str]:
        """Yield the nodes that may have a cause."""
        if cause.check:
            yield from (name for name, pair in self.coverage.pairs.items() if not pair.should_run)
        elif cause.why and cause.why.cause is Cause.NODE_DOWN:
            yield from self.nodes
        else:
            yield from self.unavailable

    def every(self) -> dict[str, PairCause]:
        """Return the cause of each node that has one."""
        found = ((name, self.of(name)) for name in self.nodes)
        return {name: cause for name, cause in found if cause}

    def tally(self) -> Counter[PairCause]:
        """Return on how many nodes each cause is found."""
        return Counter(self.every().values())


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Why a set targets none of so many ``nodes``: labels that it selects by and that none bears.

    ``cause`` is what keeps pods from most of the nodes.
    """

    nodes: int
    unmatched: tuple[tuple[str, str], ...]
    cause: PairCause | None


def nowhere(view: ClusterView, *, namespace: str, name: str) -> Nowhere | None:
    """Return why a set targets no node, or None if it targets one. Raises NotFound."""
    causes = Causes(view, set_in(view, namespace, name))
    wants, nodes = causes.coverage.wants, view.world.nodes.values()
    if causes.coverage.desired or causes.coverage.ds.deleting:
        return None
    unmatched = tuple(
        (key, value)
        for key, value in wants.selector
        if not any(node.labels.get(key) == value for node in nodes)
    )
    most = causes.tally().most_common(1)
    return Nowhere(len(nodes), unmatched, most[0][0] if most else None)
