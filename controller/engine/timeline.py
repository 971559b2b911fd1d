"""How cluster time went with wall time: people pause it, speed it up and step it, and logs bear both.

What a container printed at a moment of cluster time must keep its wall time for ever, whatever is done
to the clock afterwards; so each stretch in which nobody touched it is remembered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Span:
    """From ``wall`` (Unix seconds) on, cluster time goes from ``cluster`` at ``speed``; 0: it is paused."""

    wall: float
    cluster: float
    speed: float

    def at(self, wall: float) -> float:
        """Return the cluster time at a wall time."""
        return self.cluster + (wall - self.wall) * self.speed


@dataclass(frozen=True, slots=True)
class Timeline:
    """Spans, the oldest first, one at least. Each lasts until the next; the first held since ever."""

    spans: tuple[Span, ...]

    def cluster_at(self, wall: float) -> float:
        """Return the cluster time at a wall time."""
        held = self.spans[0]
        for span in self.spans:
            if span.wall <= wall:
                held = span
        return held.at(wall)

    def wall_at(self, cluster: float) -> float:
        """Return when the clock first showed ``cluster``, or passed it; infinity if it never does."""
        for span, after in pairwise(self.spans):
            if cluster <= span.at(after.wall):
                return self._within(span, cluster)
        last = self.spans[-1]
        if cluster > last.cluster and not last.speed:
            return math.inf
        return self._within(last, cluster)

    def _within(self, span: Span, cluster: float) -> float:
        # A step jumps: what lies between was all passed at once.
        if not span.speed or (cluster < span.cluster and span is not self.spans[0]):
            return span.wall
        return span.wall + (cluster - span.cluster) / span.speed
