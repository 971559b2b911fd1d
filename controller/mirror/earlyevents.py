"""Events that are told before the pod that they are about: kinds are followed each by itself.

They are kept until it is told whose pod it is. Those of pods that are long gone are told by nobody: so the
oldest are let go.
"""

from __future__ import annotations

from collections import OrderedDict

from controller.engine.objects import Key
from controller.mirror.ledger import Seen

MOST = 2_000
"""Of how many pods events are kept."""


class EarlyEvents:
    """The events of each such pod, by the pod's namespace/name."""

    def __init__(self) -> None:
        self._by_pod: OrderedDict[str, dict[Key, Seen]] = OrderedDict()

    def put(self, pod: str, event: Seen) -> None:
        """Keep an event, in the place of what was told of the same before."""
        self._by_pod.setdefault(pod, {})[event.key] = event
        if len(self._by_pod) > MOST:
            self._by_pod.popitem(last=False)

    def take(self, pod: str) -> list[Seen]:
        """Return the events of a pod that is told now; they are kept no longer."""
        return list(self._by_pod.pop(pod, {}).values())

    def drop(self, pod: str, event: Key) -> None:
        """Let an event go that is over."""
        self._by_pod.get(pod, {}).pop(event, None)
