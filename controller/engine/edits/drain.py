"""Edits that begin and stop draining nodes; the evictions are a controller's, which goes on by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from controller.engine.disruption.drain import (
    DRAIN_ANNOTATION,
    DRAIN_STATUS_ANNOTATION,
    DrainOptions,
    Fate,
    fate_of,
)
from controller.engine.edits.draft import Draft
from controller.engine.edits.manifest_copies import with_annotation, with_spec
from controller.engine.edits.nodes import change_all, node_key, note_nodes
from controller.engine.errors import DrainRefused
from controller.engine.objects import DaemonSet, Manifest, Pod
from controller.engine.reasons import Reason

REFUSED = (Fate.UNMANAGED, Fate.LOCAL_DATA)
"""The fates of pods that a drain would lose although nobody agreed to it."""


@dataclass(frozen=True, slots=True)
class Drain:
    """Cordon nodes and let their pods be evicted, or do nothing.

    Raises NotFound, DrainRefused (pods that the options do not give away).
    """

    nodes: Sequence[str]
    options: DrainOptions

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        for name in self.nodes:
            draft.standing(*node_key(name))
        fates = list(self._fates(draft))
        lost = {why: [pod for pod, _node, fate in fates if fate is why] for why in REFUSED}
        if any(lost.values()):
            raise DrainRefused(lost[Fate.UNMANAGED], lost[Fate.LOCAL_DATA])
        going = Counter(node for _pod, node, fate in fates if fate is Fate.GOES)

        def drained(node: Manifest) -> Manifest:
            pods = going[node["metadata"]["name"]]
            text = replace(self.options, begun=draft.moment.stamp, pods=pods).text()
            return with_annotation(with_spec(without_drain(node), unschedulable=True), DRAIN_ANNOTATION, text)

        note_nodes(draft, "node_drain", change_all(draft, self.nodes, drained, Reason.DRAIN_BEGUN))

    def _fates(self, draft: Draft) -> Iterator[tuple[str, str, Fate]]:
        """Yield each pod that stands on the nodes, its node, and what a drain does with it."""

        def has_set(namespace: str, name: str) -> bool:
            return draft.find(DaemonSet.KIND, namespace, name) is not None

        for found in draft.objects.bound_to(set(self.nodes)):
            pod = Pod.read(found.manifest, found.timers)
            if pod.bound and not pod.terminating:
                yield f"{pod.namespace}/{pod.name}", pod.node, fate_of(pod, self.options, has_set)


@dataclass(frozen=True, slots=True)
class StopDrain:
    """Evict no further pods of nodes; they stay cordoned. Raises NotFound."""

    nodes: Sequence[str]

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        note_nodes(
            draft, "node_drain_stop", change_all(draft, self.nodes, without_drain, Reason.DRAIN_STOPPED)
        )


def without_drain(node: Manifest) -> Manifest:
    """Return a node that is not drained any more."""
    return with_annotation(with_annotation(node, DRAIN_ANNOTATION, ""), DRAIN_STATUS_ANNOTATION, "")
